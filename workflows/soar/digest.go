package soar

import "time"

// DigestWorkflow says once a day what was hidden; WatchWorkflow looks every hour
// after what nobody else looks after; PauseWorkflow pauses a hunt's schedule and
// resumes it.
const (
	DigestWorkflow = "Digest"
	WatchWorkflow  = "Watch"
	PauseWorkflow  = "Pause"
)

// Schedule ids of the workflows that are not hunts.
const (
	DigestScheduleID = "harrier-digest"
	WatchScheduleID  = "harrier-watch"
)

// PauseID is the id of the workflow that pauses a hunt.
func PauseID(slug string) string { return "pause-" + slug }

// PauseInput pauses a hunt's schedule until a time; a zero time is until somebody resumes it.
type PauseInput struct {
	Slug   string    `json:"slug"`
	Until  time.Time `json:"until,omitzero"`
	By     Actor     `json:"by"`
	Reason string    `json:"reason,omitempty"`
	// Channel is told when the hunt resumes.
	Channel string `json:"channel,omitempty"`
}

// PauseNote is the note of a schedule that Harrier paused; a schedule with another
// note was paused by an operator and is left alone.
func (p PauseInput) PauseNote() string {
	until := "until resumed"
	if !p.Until.IsZero() {
		until = "until " + p.Until.UTC().Format(time.RFC3339)
	}
	return "paused by " + p.By.Label() + " through Harrier " + until
}

// DigestInput starts a Digest; a zero window is the 24 hours before the start.
type DigestInput struct {
	Window Window `json:"window,omitzero"`
}

// Digest is what one day hid, held and left unreviewed.
type Digest struct {
	Window  Window `json:"window"`
	Channel string `json:"channel"`
	// Runs counts the hunts' runs of the day; NotRun are those that could not run or ran in part.
	Runs   int      `json:"runs"`
	NotRun []string `json:"not_run,omitempty"`
	Hidden []Hidden `json:"hidden,omitempty"`
	// Held are findings that a rule matched and guards held.
	Held       []HeldBy     `json:"held,omitempty"`
	Open       []ListedCase `json:"open,omitempty"`
	Unreviewed []ListedCase `json:"unreviewed,omitempty"`
	// Sample are suppressed findings drawn at random, new recipients and links first.
	Sample   []Sampled  `json:"sample,omitempty"`
	Expiring []Expiring `json:"expiring,omitempty"`
}

// Hidden counts what a rule or a learned entry hid.
type Hidden struct {
	Rule     string `json:"rule"`
	Findings int    `json:"findings"`
	Reports  int    `json:"reports"`
}

// HeldBy counts findings that looked like a rule and were held by guards.
type HeldBy struct {
	Rule     string  `json:"rule"`
	Guards   []Guard `json:"guards"`
	Findings int     `json:"findings"`
}

// Sampled is a suppressed finding in a digest; its button says that hiding it was wrong.
type Sampled struct {
	Hunt    string `json:"hunt"` // slug
	Window  Window `json:"window"`
	CaseID  string `json:"case_id"`
	Sender  string `json:"sender"`
	Rule    string `json:"rule"`
	Subject string `json:"subject,omitempty"`
	Reports int    `json:"reports"`
	// NewRecipients and URLHosts are why it was drawn.
	NewRecipients int      `json:"new_recipients,omitempty"`
	URLHosts      []string `json:"url_hosts,omitempty"`
}

// Expiring is a rule or a learned entry that ends within ExpiryNotice.
type Expiring struct {
	// Rule is a rule's id, or empty for a learned entry, which Case names.
	Rule string `json:"rule,omitempty"`
	// Case is the case whose approval is remembered, empty for a rule.
	Case   CaseRef   `json:"case,omitzero"`
	Sender string    `json:"sender,omitempty"`
	Owner  string    `json:"owner,omitempty"`
	Until  time.Time `json:"until"`
	// Hits and Held are findings of the last 30 days that it hid and that guards held.
	Hits int `json:"hits"`
	Held int `json:"held"`
}

// ExpiryNotice is how long before its end a rule or an entry is announced.
const ExpiryNotice = 3 * 24 * time.Hour

// Watched is what there is to watch over, as configured.
type Watched struct {
	Policy TriagePolicy `json:"policy"`
	// DigestChannel is where the digest goes.
	DigestChannel string        `json:"digest_channel"`
	Hunts         []WatchedHunt `json:"hunts"`
	Expiring      []Expiring    `json:"expiring,omitempty"`
}

// WatchedHunt is a hunt that runs on a schedule.
type WatchedHunt struct {
	Slug       string   `json:"slug"`
	Name       string   `json:"name"`
	Workspaces []string `json:"workspaces,omitempty"`
	// Every is the longest time between two runs that the schedule asks for.
	Every Duration `json:"every"`
	Lag   Duration `json:"lag"`
}

// WatchResult is what a Watch saw.
type WatchResult struct {
	// Gaps are the gaps that were told, by coverage.
	Gaps    map[string][]Window `json:"gaps,omitempty"`
	Orphans int                 `json:"orphans"`
	// Sweep is where the next Watch goes on with the cards of ended cases.
	Sweep Sweep `json:"sweep,omitzero"`
	// Problems are what could not be looked after this time.
	Problems []string `json:"problems,omitempty"`
}

// DigestRequest asks for a digest; Expiring are the rules that end soon.
type DigestRequest struct {
	Window   Window     `json:"window"`
	Channel  string     `json:"channel"`
	Expiring []Expiring `json:"expiring,omitempty"`
}

// Sweep is how far the cards of ended cases were looked after, carried from one Watch
// to the next.
type Sweep struct {
	// Until is the time before which every case that ended was looked at.
	Until time.Time `json:"until,omitzero"`
	// Again are those before it whose card could not be edited.
	Again []Ended `json:"again,omitempty"`
	// Done are the runs after it that were looked at all the same.
	Done []string `json:"done,omitempty"`
}

// OrphansRequest asks for a page of the cases that ended since a time.
type OrphansRequest struct {
	Since time.Time `json:"since,omitzero"`
	// Page is the page before's Next; empty asks for the first.
	Page []byte `json:"page,omitempty"`
}

// Orphans are a page of cases that ended by force while they could still be decided.
type Orphans struct {
	// Cases were filled up to v0.2.0.
	Cases []Case  `json:"cases,omitempty"`
	Ended []Ended `json:"ended,omitempty"`
	// Until is the time up to which the server lists what has ended; a worker of before
	// v0.3.0 leaves it out.
	Until time.Time `json:"until,omitzero"`
	// Next names the next page; empty is the end.
	Next []byte `json:"next,omitempty"`
}

// Ended is a run of a case that ended by force.
type Ended struct {
	ID    string    `json:"id"`
	RunID string    `json:"run_id"`
	At    time.Time `json:"at"`
}

// Orphan is what a case was when its run ended. One that no card has to be edited for
// has none.
type Orphan struct {
	Case *Case `json:"case,omitempty"`
}

// Resumed says whether a schedule was resumed; Why says why it was left alone.
type Resumed struct {
	Resumed bool   `json:"resumed"`
	Why     string `json:"why,omitempty"`
}
