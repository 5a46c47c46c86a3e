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

// versionPolicy: since v0.3.0 a case does what CasePolicy.Version 2 asks for. The policy is
// the hunt's, and during an upgrade a worker of the older release may take a case's task
// without knowing that version: only what a worker that knew it began goes on by it. The
// old branch may go when no worker of v0.2.0 runs any more.
const versionPolicy = "policy-2"

// historyLimit is how many events a long-lived workflow gathers before it
// continues as new, far under Temporal's 51,200.
const historyLimit = 1000
