package soar

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Workflow types, task queues and id forms. They are wire formats: an id or a
// name that has been in use never changes.
const (
	// HuntWorkflow runs one hunt over one window.
	HuntWorkflow = "Hunt"
	// TriageWorkflow is a sender's case and memory.
	TriageWorkflow = "Triage"
	// CoverageWorkflow keeps which windows of a hunt were hunted.
	CoverageWorkflow = "Coverage"

	// TaskQueue serves workflows and every activity but the queries.
	TaskQueue = "harrier"
	// QueryTaskQueue serves Log Analytics queries alone, so that the service's
	// limit of five concurrent queries is kept per worker.
	QueryTaskQueue = "harrier-queries"
)

// ScheduleID is the id of the Temporal Schedule of a hunt.
func ScheduleID(slug string) string { return "hunt-" + slug }

// Hunt is a hunting query with the settings it runs under. Query is the file's
// text, unchanged.
type Hunt struct {
	ID string `json:"id"`
	// Aliases are the ids of other files with the same query.
	Aliases     []string     `json:"aliases,omitempty"`
	Slug        string       `json:"slug"`
	Name        string       `json:"name"`
	Description string       `json:"description,omitempty"`
	Tactics     []string     `json:"tactics,omitempty"`
	Techniques  []string     `json:"techniques,omitempty"`
	Query       string       `json:"query"`
	File        string       `json:"file,omitempty"`
	Settings    HuntSettings `json:"settings"`
}

// QueryHash names a query text in coverage and audit: the first 12 hex digits of
// its SHA-256.
func (h Hunt) QueryHash() string { return shortHash(h.Query, 12) }

// HuntSettings are Harrier's own settings of a hunt, kept apart from the public
// hunting file.
type HuntSettings struct {
	Schedule Schedule `json:"schedule" yaml:"schedule"`
	// Subject is the table cut to the window; the other tables see the look-back.
	Subject string `json:"subject" yaml:"subject"`
	// WindowBy says who cuts the window.
	WindowBy WindowBy `json:"window_by" yaml:"window_by"`
	// Overlap is how far before the window a row that arrives late is still taken;
	// only with ByTimeGenerated.
	Overlap Duration `json:"overlap,omitempty" yaml:"overlap"`
	// Lookback is how far before the window joined tables are read.
	Lookback Duration `json:"lookback" yaml:"lookback"`
	// FirstWindow bounds the window of a hunt that has no coverage yet.
	FirstWindow Duration `json:"first_window" yaml:"first_window"`
	// MaxWindow bounds what one query hunts: a longer window, after an outage or
	// in a backfill, is cut into pieces.
	MaxWindow Duration `json:"max_window" yaml:"max_window"`
	// Lag is the settling time left before a window ends, for late rows.
	Lag Duration `json:"lag" yaml:"lag"`
	// Hold is how long a submission without its mail row stays open.
	Hold Duration `json:"hold" yaml:"hold"`
	// Columns name the result columns by what they mean.
	Columns Columns `json:"columns" yaml:"columns"`
	// Scope is the scope of every row of a hunt whose result has no scope column.
	Scope Scope `json:"scope,omitempty" yaml:"scope"`
	// Top ends judging once so many unsuppressed findings are found; 0 judges all.
	Top int `json:"top" yaml:"top"`
	// Cards is how many findings of a run get a card of their own; the rest are
	// listed in the run's summary.
	Cards int `json:"cards" yaml:"cards"`
	// Quiet posts no summary of a complete run that brought nothing new, for hunts
	// that run many times a day.
	Quiet bool `json:"quiet,omitempty" yaml:"quiet"`
	// QueryTop is the cut inside the query itself, 0 for none. A result as long
	// as this may hide senders, and the summary says so.
	QueryTop int `json:"query_top" yaml:"query_top"`
	// Workspaces are the workspaces that a run covers one by one, by their names in
	// the configuration; none is the default workspace.
	Workspaces []string `json:"workspaces,omitempty" yaml:"workspaces"`
	// Shim are the tables of which the query reads Timestamp, which Log Analytics
	// does not have: TimeGenerated stands for it there, and every run says so. The
	// loader finds them in the query.
	Shim []string `json:"shim,omitempty" yaml:"-"`
	// Parameters are the names the query expects to be defined in front of it:
	// AcceptedDomains, LookalikeDomains.
	Parameters []string `json:"parameters,omitempty" yaml:"parameters"`
}

// WorkspaceNames are the workspaces of a run, the default one as the empty name.
func (s HuntSettings) WorkspaceNames() []string {
	if len(s.Workspaces) == 0 {
		return []string{""}
	}
	return s.Workspaces
}

// Schedule says when a hunt runs: by Cron in TimeZone, or every Interval. With
// neither a hunt runs on demand only.
type Schedule struct {
	Cron     string   `json:"cron,omitempty" yaml:"cron"`
	Interval Duration `json:"interval,omitempty" yaml:"interval"`
	TimeZone string   `json:"time_zone,omitempty" yaml:"time_zone"`
	Jitter   Duration `json:"jitter,omitempty" yaml:"jitter"`
	CatchUp  Duration `json:"catch_up,omitempty" yaml:"catch_up"`
	// OverlapPolicy is what becomes of a run that is due while the one before it still runs.
	OverlapPolicy OverlapPolicy `json:"overlap_policy,omitempty" yaml:"overlap_policy"`
	Paused        bool          `json:"paused,omitempty" yaml:"paused"`
}

// Columns name the columns of a hunt's result. Sender is required; the others
// may be empty, and what they would say is then taken from the evidence.
type Columns struct {
	Sender string `json:"sender" yaml:"sender"`
	// SenderIs says which address the sender column holds: there is no default.
	SenderIs    AddressKind `json:"sender_is" yaml:"sender_is"`
	Count       string      `json:"count,omitempty" yaml:"count"`
	Scope       string      `json:"scope,omitempty" yaml:"scope"`
	Phish       string      `json:"phish,omitempty" yaml:"phish"`
	Spam        string      `json:"spam,omitempty" yaml:"spam"`
	Reporters   string      `json:"reporters,omitempty" yaml:"reporters"`
	Simulations string      `json:"simulations,omitempty" yaml:"simulations"`
	Messages    string      `json:"messages,omitempty" yaml:"messages"`
	Envelope    string      `json:"envelope,omitempty" yaml:"envelope"`
	// Sent is the number of the sender's mails in the window.
	Sent string `json:"sent,omitempty" yaml:"sent"`
	// Usual is how many mails are usual for the sender in such a window.
	Usual     string `json:"usual,omitempty" yaml:"usual"`
	ObjectIDs string `json:"object_ids,omitempty" yaml:"object_ids"`
}

// AddressKind says which of a mail's two sender addresses is meant.
type AddressKind string

const (
	// P1 is the envelope sender, SenderMailFromAddress.
	P1 AddressKind = "p1"
	// P2 is the visible From, SenderFromAddress.
	P2 AddressKind = "p2"
)

// Validate refuses anything but p1 and p2.
func (k AddressKind) Validate() error { return oneOf("sender_is", k, P1, P2) }

// WindowBy says how a hunt's window is cut.
type WindowBy string

const (
	// ByIngestion cuts the subject table by ingestion_time() in a prelude.
	ByIngestion WindowBy = "ingestion"
	// ByTimeGenerated cuts the subject table by TimeGenerated. A row that arrives
	// later than the settling lag counts in the window in which it arrived, as long
	// as it is not older than Overlap; every row counts in one window only.
	ByTimeGenerated WindowBy = "time_generated"
	// ByQuery leaves the cut to the query, which reads {{StartTimeISO}} and
	// {{EndTimeISO}}.
	ByQuery WindowBy = "query"
)

// Validate refuses an unknown way of cutting.
func (w WindowBy) Validate() error {
	return oneOf("window_by", w, ByIngestion, ByTimeGenerated, ByQuery)
}

// HuntInput starts a Hunt workflow. Everything but Hunt is optional, and an
// unknown field is an error that names the known ones. Fields are never removed.
type HuntInput struct {
	// Hunt is a hunt's id, a prefix of its id, or its slug.
	Hunt string `json:"hunt"`
	// Window overrides the window that coverage would give.
	Window *Window `json:"window,omitempty"`
	// Top overrides the hunt's own top; 0 keeps it.
	Top int `json:"top,omitempty"`
	// DryRun judges and reports, but opens no case, posts nothing and covers nothing.
	DryRun bool `json:"dry_run,omitempty"`
	// Trial is the text of a suppression file whose rules are laid over the findings
	// before the rules in force; only a dry run takes one.
	Trial string `json:"trial,omitempty"`
	// Wrong says that a rule hid a sender wrongly: the run opens the sender's case,
	// and the rule hides the sender no more.
	Wrong *Wrong `json:"wrong,omitempty"`
}

// Wrong is an analyst's word that a rule should not have hidden a sender.
type Wrong struct {
	// CaseID is the id of the sender's Triage workflow.
	CaseID string    `json:"case_id"`
	Rule   string    `json:"rule"`
	By     Actor     `json:"by"`
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
}

// UnmarshalJSON reads the input strictly.
func (in *HuntInput) UnmarshalJSON(data []byte) error {
	type plain HuntInput
	var p plain
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return fmt.Errorf("read hunt input: %w; it takes one JSON object with the fields hunt (required), window {from,to}, top, dry_run, trial, wrong", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("read hunt input: more than one JSON value; give one object")
	}
	*in = HuntInput(p)
	return in.Validate()
}

// Validate says what is wrong with the input and what to write instead.
func (in HuntInput) Validate() error {
	if strings.TrimSpace(in.Hunt) == "" {
		return errors.New(`read hunt input: "hunt" is missing; name a hunt by its id, a prefix of its id, or its slug`)
	}
	if in.Top < 0 {
		return fmt.Errorf("read hunt input: top is %d; give 0 (judge all) or more", in.Top)
	}
	if in.Trial != "" && !in.DryRun {
		return errors.New("read hunt input: trial goes with dry_run: a rule that is tried hides nothing")
	}
	if w := in.Wrong; w != nil && (w.CaseID == "" || w.Rule == "" || w.By.ID == "" || in.Window == nil || in.DryRun) {
		return errors.New("read hunt input: wrong needs case_id, rule, by and the window of the run that hid the sender, and no dry_run")
	}
	if in.Window != nil {
		return in.Window.Validate()
	}
	return nil
}

// HuntResult is what a Hunt workflow returns.
type HuntResult struct {
	Hunt     string         `json:"hunt"`
	Slug     string         `json:"slug"`
	RunID    string         `json:"run_id"`
	Window   Window         `json:"window"`
	Coverage CoverageStatus `json:"coverage"`
	// Reason says why the run is not complete.
	Reason string `json:"reason,omitempty"`
	// Pieces are the parts of the window, where it was cut.
	Pieces []Piece `json:"pieces,omitempty"`
	// Workspaces are the runs in each workspace, where the hunt names several.
	Workspaces []WorkspaceResult `json:"workspaces,omitempty"`
	// Notes say what a reader has to know though nothing is missing.
	Notes    []string        `json:"notes,omitempty"`
	DryRun   bool            `json:"dry_run,omitempty"`
	Started  time.Time       `json:"started"`
	Finished time.Time       `json:"finished"`
	Totals   RunTotals       `json:"totals"`
	Senders  []SenderOutcome `json:"senders"`
}

// WorkspaceResult is how a run covered one workspace.
type WorkspaceResult struct {
	Workspace string         `json:"workspace"`
	Window    Window         `json:"window"`
	Coverage  CoverageStatus `json:"coverage"`
	Reason    string         `json:"reason,omitempty"`
}

// Progress answers the query "progress" of a running hunt.
type Progress struct {
	Window Window `json:"window"`
	// Done are the pieces hunted so far; Left is what is still to do.
	Done    []Piece  `json:"done,omitempty"`
	Left    int      `json:"left"`
	Hunted  Duration `json:"hunted"`
	Senders int      `json:"senders"`
	Step    string   `json:"step"`
}

// ProgressQuery is the name of the query.
const ProgressQuery = "progress"

// Conclude sums the pieces up: complete when all are, not run when none ran.
func (r HuntResult) Conclude(pieces []Piece) HuntResult {
	counts := map[CoverageStatus]int{}
	reasons := ""
	for _, p := range pieces {
		counts[p.Coverage]++
		reason := p.Reason
		if reason != "" && len(pieces) > 1 && !p.Window.IsZero() {
			reason = p.Window.String() + " " + string(p.Coverage) + ": " + reason
		}
		if reason != "" && p.Workspace != "" {
			reason = "workspace " + p.Workspace + ": " + reason
		}
		reasons = JoinReasons(reasons, reason)
	}
	r.Reason = JoinReasons(reasons, r.Reason)
	switch len(pieces) {
	case counts[CoverageComplete]:
		r.Coverage = CoverageComplete
	case counts[CoverageNotRun]:
		r.Coverage = CoverageNotRun
	default:
		r.Coverage = CoveragePartial
	}
	if len(pieces) > 1 {
		r.Pieces = pieces
	}
	return r
}

// RunTotals counts one run.
type RunTotals struct {
	Findings   int `json:"findings"`
	Suppressed int `json:"suppressed"`
	Triage     int `json:"triage"`
	Opened     int `json:"opened"`
	Joined     int `json:"joined"`
	BelowCut   int `json:"below_cut"`
	// QueryTopFull says that the query's own cut was full: senders may be missing.
	QueryTopFull bool `json:"query_top_full,omitempty"`
	// LimitFull says that Harrier's own limit of senders a run was reached.
	LimitFull bool `json:"limit_full,omitempty"`
	// Queries is what the run's queries cost.
	Queries QueryStats `json:"queries,omitzero"`
}

// QueryStats is what queries cost the workspace, as the service reports it.
type QueryStats struct {
	Queries int `json:"queries"`
	// CPUMillis is the service's processor time, Millis its execution time.
	CPUMillis int64 `json:"cpu_millis"`
	Millis    int64 `json:"millis"`
	// Scanned counts rows read, Rows the rows returned.
	Scanned int64 `json:"scanned"`
	Rows    int64 `json:"rows"`
}

// Add sums two costs.
func (s QueryStats) Add(o QueryStats) QueryStats {
	return QueryStats{s.Queries + o.Queries, s.CPUMillis + o.CPUMillis, s.Millis + o.Millis, s.Scanned + o.Scanned, s.Rows + o.Rows}
}

// SenderOutcome is one finding of a run as the result reports it.
type SenderOutcome struct {
	Sender   string      `json:"sender"`
	Scope    Scope       `json:"scope"`
	Rank     int         `json:"rank"`
	Counts   Counts      `json:"counts"`
	Verdict  Verdict     `json:"verdict"`
	Severity Severity    `json:"severity,omitempty"`
	Rule     string      `json:"rule,omitempty"`
	Guards   []Guard     `json:"guards,omitempty"`
	Reason   string      `json:"reason"`
	Trace    []RuleTrace `json:"trace,omitempty"`
	// CaseID is the id of the sender's case, whether there is one or not.
	CaseID    string `json:"case_id,omitempty"`
	Workspace string `json:"workspace,omitempty"`
	Subject   string `json:"subject,omitempty"`
	// NewRecipients and URLHosts weigh what a digest samples.
	NewRecipients int       `json:"new_recipients,omitempty"`
	URLHosts      []string  `json:"url_hosts,omitempty"`
	Case          string    `json:"case,omitempty"`
	Answer        SeeAnswer `json:"answer,omitempty"`
	Messages      []string  `json:"messages,omitempty"`
}

func shortHash(s string, digits int) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])[:digits]
}

func oneOf[T ~string](field string, got T, known ...T) error {
	names := make([]string, len(known))
	for i, k := range known {
		if got == k {
			return nil
		}
		names[i] = string(k)
	}
	return fmt.Errorf("%s is %q; write one of %s", field, string(got), strings.Join(names, ", "))
}
