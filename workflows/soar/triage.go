package soar

import "time"

// TriageInput starts or continues the Triage workflow of a sender.
type TriageInput struct {
	Key string `json:"key"`
	// FirstNumber is the number of the first case, above those of an earlier
	// run of the same id; 0 is 1.
	FirstNumber int         `json:"first_number,omitempty"`
	State       TriageState `json:"state"`
}

// TriageState is what a sender's Triage workflow carries over continue-as-new.
type TriageState struct {
	// Case is the newest case; its number is 0 before the first sighting.
	Case Case `json:"case"`
	// Entry is the learned suppression, if one stands.
	Entry *Entry `json:"entry,omitempty"`
	// Answers are the answers given, by sighting id, newest last, at most MaxAnswers.
	Answers []Answered `json:"answers,omitempty"`
	// Messages are short hashes of messages cases were opened for, by case number, newest last.
	Messages []SeenMessage `json:"messages,omitempty"`
	// Clicks are decisions taken, by click id, at most MaxAnswers.
	Clicks []Clicked `json:"clicks,omitempty"`
	// Pending are cases that were decided, or that a newer case took the place
	// of, and whose outcome is not carried out yet. Each is a copy: what comes
	// after it cannot change it.
	Pending []Pending `json:"pending,omitempty"`
	// Deferred counts what was ever pending; it numbers Pending.
	Deferred int `json:"deferred,omitempty"`
	// Stale says that the newest case's card no longer shows the case; the next run draws it.
	Stale bool `json:"stale,omitempty"`
	// CardProblem is why the newest case has no card; a later sighting tries again.
	CardProblem string `json:"card_problem,omitempty"`
	// CardRetryAt is when a card that could not be posted or drawn is tried again, zero
	// for never; CardTries counts how often it failed in a row.
	CardRetryAt time.Time `json:"card_retry_at,omitzero"`
	CardTries   int       `json:"card_tries,omitempty"`
	// Distrusted are rules that an analyst said hid this sender wrongly, newest last.
	Distrusted []Wrong `json:"distrusted,omitempty"`
	// Streak are approvals on a constant path and envelope, from which a rule is proposed.
	Streak *Streak `json:"streak,omitempty"`
	// LastSeen is the newest sighting or decision; it ends an idle memory.
	LastSeen time.Time `json:"last_seen,omitzero"`
}

// Pending is a case whose outcome is not carried out yet.
type Pending struct {
	Seq  int  `json:"seq"`
	Case Case `json:"case"`
	// Retry names the targets that alone are tried, where they failed before.
	Retry []string `json:"retry,omitempty"`
}

// Answered is one answered sighting.
type Answered struct {
	ID string `json:"id"`
	// Run is the run that was answered.
	Run  string `json:"run,omitempty"`
	Seen Seen   `json:"seen"`
}

// SeenMessage is a message that a case was opened for.
type SeenMessage struct {
	Hash   string `json:"hash"`
	Number int    `json:"number"`
}

// Clicked is a decision that was taken, by its click.
type Clicked struct {
	Click   string  `json:"click"`
	Decided Decided `json:"decided"`
}

// Bounds of a sender's memory, so that a continue-as-new input stays far under
// Temporal's 2 MB payload limit.
const (
	MaxAnswers      = 200
	MaxSeenMessages = 2000
	MaxEarlier      = 20
	MaxProblems     = 20
	MaxMerged       = 60
)

// MemoryKept is how long a sender's memory outlives its last sighting.
const MemoryKept = 400 * 24 * time.Hour

// TriageMemo is what listings show of a case without a query. Number lets a
// later run of the same id go on counting.
type TriageMemo struct {
	State    CaseState `json:"state"`
	Number   int       `json:"number"`
	Until    string    `json:"until,omitempty"`
	Sender   string    `json:"sender,omitempty"`
	Severity Severity  `json:"severity,omitempty"`
	Headline string    `json:"headline,omitempty"`
	Phish    int       `json:"phish,omitempty"`
	Spam     int       `json:"spam,omitempty"`
	// Sent and Usual are mails of a burst.
	Sent  int `json:"sent,omitempty"`
	Usual int `json:"usual,omitempty"`
	// Deadline is an open case's, as RFC 3339; of one that is snoozed, as it will be then.
	Deadline string `json:"deadline,omitempty"`
	// Snoozed is until when the clock of an open case stands, as RFC 3339.
	Snoozed string `json:"snoozed_until,omitempty"`
	// By is who approved what is remembered.
	By string `json:"by,omitempty"`
}

// Visibility queries of the cases that stand, and of those that ended by force. A case that
// nothing was heard of for long, or that continued as new, is among neither.
const (
	ofTriage      = "WorkflowType = '" + TriageWorkflow + "' AND ExecutionStatus "
	StandingCases = ofTriage + "= 'Running'"
	EndedCases    = ofTriage + "IN ('Terminated', 'TimedOut', 'Failed', 'Canceled')"
)

// MemoKey is the memo field that holds a TriageMemo.
const MemoKey = "case"

// TriageResult ends a Triage workflow that nothing was heard of for long.
type TriageResult struct {
	Number int       `json:"number"`
	State  CaseState `json:"state"`
}

// MessageHash shortens a NetworkMessageId for a sender's memory.
func MessageHash(networkMessageID string) string { return shortHash(FoldASCII(networkMessageID), 12) }
