package workflows

// Changes to running workflows stand here as named constants: what changed,
// when, and when the old branch may go. What a case does anew is asked for by
// CasePolicy.Version instead.

// versionCaseDays: since v0.2.0 a hunt leaves the days of open and escalated cases out
// of a sender's past. Hunts end within hours: the old branch may go with the release
// after the next.
const versionCaseDays = "case-days"

// versionSweep: since v0.3.0 a Watch reads ended cases one by one and carries how far it
// came to the next. Watches end within the hour: the old branch may go with the release
// after the next.
const versionSweep = "sweep"

// historyLimit is how many events a long-lived workflow gathers before it
// continues as new, far under Temporal's 51,200.
const historyLimit = 1000
