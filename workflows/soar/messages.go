package soar

import "time"

// The inputs and outputs of activities. They are wire formats: fields are added,
// never removed or renamed.

// Loaded is a hunt with the run's policy, as configured when the run starts.
type Loaded struct {
	Hunt   Hunt         `json:"hunt"`
	Policy TriagePolicy `json:"policy"`
}

// TriagePolicy is where cards go and how long people have.
type TriagePolicy struct {
	Channel           string                `json:"channel"`
	OperationsChannel string                `json:"operations_channel"`
	Deadlines         map[Severity]Duration `json:"deadlines"`
	// SenderDeadlines override by lower-case sender address.
	SenderDeadlines map[string]Duration `json:"sender_deadlines,omitempty"`
	// Case is what every case of the run is told.
	Case CasePolicy `json:"case,omitzero"`
	// GapNotice is how old a gap in coverage may grow before the operations channel is told.
	GapNotice Duration `json:"gap_notice,omitempty"`
}

// DeadlineFor is how long a person has for a finding's case. A sender's own
// deadline holds for its intra-org mail alone, since anybody can forge its
// address from outside, and only where it is the shorter one.
func (p TriagePolicy) DeadlineFor(f Finding, s Severity) Duration {
	deadline := p.Deadlines[s]
	own, ok := p.SenderDeadlines[FoldASCII(f.Sender())]
	if ok && f.Candidate.Scope == ScopeIntraOrg && own < deadline {
		return own
	}
	return deadline
}

// HuntRun names a hunt and a window for the query activities.
type HuntRun struct {
	Hunt   Hunt   `json:"hunt"`
	Window Window `json:"window"`
	RunID  string `json:"run_id"`
	// Workspace is a workspace's name in the configuration; empty is the default one.
	Workspace string `json:"workspace,omitempty"`
}

// SourceHealth says whether the tables a hunt reads can be trusted.
type SourceHealth struct {
	Healthy bool `json:"healthy"`
	// Problems name table and column and say what to do; empty when healthy.
	Problems []string `json:"problems,omitempty"`
	// Newest is the newest row by table.
	Newest map[string]time.Time `json:"newest,omitempty"`
	// Submissions and WithObjectID count the look-back's submissions.
	Submissions  int `json:"submissions"`
	WithObjectID int `json:"with_object_id"`
	// Notes say what a reader has to know of a healthy source, such as a shim.
	Notes []string   `json:"notes,omitempty"`
	Stats QueryStats `json:"stats,omitzero"`
}

// MaxSenders is how many senders one run returns at the most; a longer result
// is cut there and the summary says so.
const MaxSenders = 500

// HuntRows is what a hunting query returned, read into candidates.
type HuntRows struct {
	Candidates []Candidate `json:"candidates"`
	// Rows counts the rows the service returned.
	Rows int `json:"rows"`
	// Partial is the service's error when it returned only a part.
	Partial string `json:"partial,omitempty"`
	// LimitFull says that rows over MaxSenders were left out.
	LimitFull bool `json:"limit_full,omitempty"`
	// Millis is the query's wall time.
	Millis int64      `json:"millis"`
	Stats  QueryStats `json:"stats,omitzero"`
}

// EvidenceRequest asks for the reported messages of a run's candidates.
type EvidenceRequest struct {
	Run        HuntRun     `json:"run"`
	Candidates []Candidate `json:"candidates"`
}

// EvidenceSet answers an EvidenceRequest, one Evidence a candidate, in order.
type EvidenceSet struct {
	Evidence []Evidence `json:"evidence"`
	Partial  string     `json:"partial,omitempty"`
	Stats    QueryStats `json:"stats,omitzero"`
}

// ExposureRequest asks who can be hurt by each group of messages.
type ExposureRequest struct {
	Run HuntRun `json:"run"`
	// Messages are NetworkMessageIds, one group a finding.
	Messages [][]string `json:"messages"`
}

// ExposureSet answers an ExposureRequest, in order.
type ExposureSet struct {
	Exposure []Exposure `json:"exposure"`
	Partial  string     `json:"partial,omitempty"`
	Stats    QueryStats `json:"stats,omitzero"`
}

// PastRequest asks for each sender's own past.
type PastRequest struct {
	Run     HuntRun      `json:"run"`
	Senders []PastSender `json:"senders"`
}

// PastSender names one sender's past: its mail before the first reported one.
type PastSender struct {
	Address   string      `json:"address"`
	AddressIs AddressKind `json:"address_is"`
	// Scope limits the past to mail of the same kind: a forgery from outside
	// must not borrow the past of the mailbox it forges, nor spoil it.
	Scope Scope `json:"scope"`
	// Before is the first reported mail; mail from then on is not past.
	Before time.Time `json:"before"`
	// Mail are messages that the hunt found in the mail itself, reported or not: whom
	// they reached first is asked for like that of reported ones.
	Mail []string `json:"mail,omitempty"`
	// Excluded are times in which a case of the sender was open or was escalated; their
	// days are no past.
	Excluded []Window `json:"excluded,omitempty"`
}

// PastSet answers a PastRequest, in order, with deliveries in the window and
// the recipients a reported message was the first to reach.
type PastSet struct {
	Past []Past `json:"past"`
	// Delivered are each sender's mails in the window, recipients counted one by one.
	Delivered []int `json:"delivered"`
	// NewRecipients counts, by NetworkMessageId, recipients the sender had never written to.
	NewRecipients map[string]int `json:"new_recipients,omitempty"`
	Partial       string         `json:"partial,omitempty"`
	Stats         QueryStats     `json:"stats,omitzero"`
}

// ProfilesRequest asks for at most ten senders' profiles: one $batch.
type ProfilesRequest struct {
	Senders []SenderRef `json:"senders"`
}

// Profiles answers a ProfilesRequest, in order. A sender that could not be
// looked up is KindUnknown with the reason.
type Profiles struct {
	Profiles []SenderProfile `json:"profiles"`
	// Problem is set when every look-up failed for one reason, for the operations channel.
	Problem string `json:"problem,omitempty"`
}

// JudgeRequest asks for judgements of findings that are complete.
type JudgeRequest struct {
	Findings []Finding `json:"findings"`
	// Now is the run's time, for expiry of rules.
	Now time.Time `json:"now"`
	// Trial is the text of a suppression file on trial, laid over before the rules in force.
	Trial string `json:"trial,omitempty"`
}

// Judgements answers a JudgeRequest, in order.
type Judgements struct {
	Judgements []Judgement `json:"judgements"`
}

// SeeRequest sends a sighting to the sender's case.
type SeeRequest struct {
	CaseID string `json:"case_id"`
	Key    string `json:"key"`
	See    See    `json:"see"`
}

// CoverRequest records a window of a hunt.
type CoverRequest struct {
	Slug  string `json:"slug"`
	Cover Cover  `json:"cover"`
}

// CoverageRequest reads what is covered of a hunt.
type CoverageRequest struct {
	Slug string `json:"slug"`
}

// CoverageStart starts the coverage of a hunt, with what a closed run knew.
type CoverageStart struct {
	Slug  string        `json:"slug"`
	State CoverageState `json:"state"`
}

// CoverageFound is what a hunt's Coverage workflow answered.
type CoverageFound struct {
	// Found is false when the hunt has no running Coverage workflow; a step of
	// its own starts one then, from State.
	Found bool          `json:"found"`
	State CoverageState `json:"state"`
}

// Summary is what a run tells its channel: totals, and the cases it lists
// instead of posting a card for each.
type Summary struct {
	Result   HuntResult   `json:"result"`
	HuntName string       `json:"hunt_name"`
	Channel  string       `json:"channel"`
	Listed   []ListedCase `json:"listed,omitempty"`
	// Unreviewed are cases whose LOW deadline passed and that nobody decided yet.
	Unreviewed []ListedCase `json:"unreviewed,omitempty"`
	// Hidden counts suppressed findings by rule or entry.
	Hidden map[string]int `json:"hidden,omitempty"`
	// QueryTop is the query's own cut when it was full, 0 otherwise.
	QueryTop int `json:"query_top,omitempty"`
}

// ListedCase is a case in a summary.
type ListedCase struct {
	Ref      CaseRef  `json:"ref"`
	Severity Severity `json:"severity"`
	Headline string   `json:"headline"`
	Sender   string   `json:"sender"`
	Phish    int      `json:"phish"`
	Spam     int      `json:"spam"`
	// Sent and Usual are mails of a burst.
	Sent   int     `json:"sent,omitempty"`
	Usual  int     `json:"usual,omitempty"`
	Guards []Guard `json:"guards,omitempty"`
	// State and Deadline are set where cases are listed in different states.
	State    CaseState `json:"state,omitempty"`
	Deadline time.Time `json:"deadline,omitzero"`
	// Snoozed is until when the case's clock stands; Deadline is then as it will be.
	Snoozed time.Time `json:"snoozed_until,omitzero"`
}

// Unreviewed are the cases that nobody decided before their LOW deadline.
type Unreviewed struct {
	Cases []ListedCase `json:"cases,omitempty"`
}

// Notice is a message for the operations channel. The same key is posted once.
type Notice struct {
	Key     string `json:"key"`
	Channel string `json:"channel"`
	Text    string `json:"text"`
}

// CaseRequest carries a case to Slack, incidents and audit.
type CaseRequest struct {
	Case Case `json:"case"`
	// Note is a line for the card's thread, where one is posted.
	Note string `json:"note,omitempty"`
	// Mention calls the on-call group in the note.
	Mention bool `json:"mention,omitempty"`
	// Again says that an earlier activity may have made this post already.
	Again bool `json:"again,omitempty"`
}

// RunRecord is what audit writes of a run: one record a finding.
type RunRecord struct {
	Result HuntResult `json:"result"`
}

// Types of activities' errors by which a case's workflow decides what to do: they are the
// Slack adapter's.
const (
	// ErrTypeMessageGone is a message that no edit and no answer reaches any more.
	ErrTypeMessageGone = "SlackMessageGone"
	// ErrTypeChannelUnusable is a channel that takes nothing: archived, gone, not joined.
	ErrTypeChannelUnusable = "SlackChannelUnusable"
)

// None is the output of an activity that returns nothing.
type None struct{}
