package workflows

// Changes to running workflows stand here as named constants: what changed,
// when, and when the old branch may go. There is none yet.

// historyLimit is how many events a long-lived workflow gathers before it
// continues as new, far under Temporal's 51,200.
const historyLimit = 1000
