package soar

import "time"

// ChangeKind is what somebody does to a case beside deciding it.
type ChangeKind string

const (
	// ChangeUndo takes an approval back, for CasePolicy.UndoFor after it.
	ChangeUndo ChangeKind = "undo"
	// ChangeReopen opens a closed case again; a new deadline begins.
	ChangeReopen ChangeKind = "reopen"
	// ChangeSnooze stops the clock of an open case for Change.For.
	ChangeSnooze ChangeKind = "snooze"
	// ChangeWake ends a snooze.
	ChangeWake ChangeKind = "wake"
	// ChangeConfirm is a second person's yes to a proposed approval.
	ChangeConfirm ChangeKind = "confirm"
	// ChangeDecline is an approver's no to a proposed approval.
	ChangeDecline ChangeKind = "decline"
	// ChangeRetry carries the targets of an escalation out again that failed.
	ChangeRetry ChangeKind = "retry"
	// ChangeLapse stands in a case's log where what hid the sender has ended; nobody
	// asks for it.
	ChangeLapse ChangeKind = "lapse"
	// ChangeForget and ChangeExtend stand in the log where somebody ended what hid the
	// sender, or let it last longer.
	ChangeForget ChangeKind = "forget"
	ChangeExtend ChangeKind = "extend"
	// ChangeDistrust stands in the log where somebody said that the sender was hidden wrongly.
	ChangeDistrust ChangeKind = "distrust"
)

// Validate refuses an unknown change.
func (k ChangeKind) Validate() error {
	return oneOf("change", k, ChangeUndo, ChangeReopen, ChangeSnooze, ChangeWake, ChangeConfirm, ChangeDecline, ChangeRetry)
}

// Change is the update by which somebody changes a case beside deciding it.
type Change struct {
	Case CaseRef    `json:"case"`
	Kind ChangeKind `json:"kind"`
	By   Actor      `json:"by"`
	// Approvers is the list in force at the click, read on the server's side.
	Approvers Approvers `json:"approvers"`
	Reason    string    `json:"reason,omitempty"`
	// For is how long a snooze lasts, at most Case.SnoozeLeft.
	For Duration `json:"for,omitempty"`
	// Click is the stable id of the click; the same click is applied once.
	Click string    `json:"click"`
	At    time.Time `json:"at"`
}

// MaxSnooze is how long a case that is not HIGH may be snoozed in all.
const MaxSnooze = 24 * time.Hour

// MaxLog bounds a case's log.
const MaxLog = 30

// Snooze is a stopped clock: at Until, or when it is ended, the deadline moves on
// by as long as it lasted.
type Snooze struct {
	By    Actor     `json:"by"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	// Left is how much working time the case had left when its clock stopped; 0 on a case
	// that was snoozed before v0.3.0.
	Left Duration `json:"left,omitempty"`
}

// LogEntry is what somebody did to a case.
type LogEntry struct {
	Kind   ChangeKind `json:"kind"`
	By     string     `json:"by"`
	At     time.Time  `json:"at"`
	Reason string     `json:"reason,omitempty"`
}
