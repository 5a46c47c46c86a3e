// Package activities declares every activity once: its wire name, its input and
// its output. Workflows run them and the worker registers them by these
// constants, so types are checked at compile time without an import between the
// two. Wire names are in histories: they never change.
package activities

import (
	"context"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harrier/workflows/soar"
)

// Activity is the wire name of an activity that takes In and returns Out.
type Activity[In, Out any] string

// Run runs the activity under the options of ctx and waits for its result.
func (a Activity[In, Out]) Run(ctx workflow.Context, in In) (Out, error) {
	var out Out
	err := workflow.ExecuteActivity(ctx, string(a), in).Get(ctx, &out)
	return out, err
}

// Register makes f the implementation of the activity on a worker.
func (a Activity[In, Out]) Register(r worker.ActivityRegistry, f func(context.Context, In) (Out, error)) {
	r.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: string(a)})
}

// Hunting.
const (
	// LoadHunt resolves a hunt by id, id prefix or slug, with the policy of the run.
	LoadHunt Activity[soar.HuntInput, soar.Loaded] = "LoadHunt"
	// CheckSource says whether the tables a hunt reads can be trusted.
	CheckSource Activity[soar.HuntRun, soar.SourceHealth] = "CheckSource"
	// QueryHunt runs the hunting query over the window.
	QueryHunt Activity[soar.HuntRun, soar.HuntRows] = "QueryHunt"
	// QueryEvidence reads the reported messages behind all candidates in one query.
	QueryEvidence Activity[soar.EvidenceRequest, soar.EvidenceSet] = "QueryEvidence"
	// QueryExposure reads recipients, what is still in inboxes, and clicks, in one query.
	QueryExposure Activity[soar.ExposureRequest, soar.ExposureSet] = "QueryExposure"
	// QueryPast reads each sender's own past, in one query.
	QueryPast Activity[soar.PastRequest, soar.PastSet] = "QueryPast"
)

// Judging.
const (
	// LookUpSenders reads at most ten senders' profiles from the directory.
	LookUpSenders Activity[soar.ProfilesRequest, soar.Profiles] = "LookUpSenders"
	// Judge lays rules and guards over findings.
	Judge Activity[soar.JudgeRequest, soar.Judgements] = "Judge"
)

// Cases and coverage: activities that call workflows.
const (
	// SeeCase tells a sender's case what a hunt found.
	SeeCase Activity[soar.SeeRequest, soar.Seen] = "SeeCase"
	// CaseDays reads when each sender's cases were open or escalated.
	CaseDays Activity[soar.CaseDaysRequest, soar.CaseDays] = "CaseDays"
	// ListUnreviewed lists the cases whose LOW deadline passed without a decision.
	ListUnreviewed Activity[soar.None, soar.Unreviewed] = "ListUnreviewed"
	// ReadCoverage reads which windows of a hunt were hunted.
	ReadCoverage Activity[soar.CoverageRequest, soar.CoverageFound] = "ReadCoverage"
	// StartCoverage starts the coverage of a hunt that has none running.
	StartCoverage Activity[soar.CoverageStart, soar.None] = "StartCoverage"
	// CoverWindow records a hunted window.
	CoverWindow Activity[soar.CoverRequest, soar.CoverageState] = "CoverWindow"
)

// Slack.
const (
	// PostCard posts a case's card once, looking for an earlier post before a repeat.
	PostCard Activity[soar.CaseRequest, soar.Card] = "PostCard"
	// UpdateCard edits a case's card in place.
	UpdateCard Activity[soar.CaseRequest, soar.None] = "UpdateCard"
	// PostReply posts a note in the thread of a case's card.
	PostReply Activity[soar.CaseRequest, soar.None] = "PostReply"
	// PostEscalation posts an escalated case to the escalation channel.
	PostEscalation Activity[soar.CaseRequest, soar.Card] = "PostEscalation"
	// PostSummary posts what a run found, hid and lists.
	PostSummary Activity[soar.Summary, soar.Card] = "PostSummary"
	// PostNotice posts to the operations channel, once a key.
	PostNotice Activity[soar.Notice, soar.None] = "PostNotice"
	// PostDigest posts what a day hid, held and left unreviewed, once a window.
	PostDigest Activity[soar.Digest, soar.Card] = "PostDigest"
)

// Watching over hunts, cases and suppressions.
const (
	// LoadWatch reads what there is to watch over, from the configuration.
	LoadWatch Activity[soar.None, soar.Watched] = "LoadWatch"
	// GatherDigest sums up the runs and cases of a window.
	GatherDigest Activity[soar.DigestRequest, soar.Digest] = "GatherDigest"
	// ListOrphans lists cases whose workflow ended while their card still had buttons.
	ListOrphans Activity[soar.OrphansRequest, soar.Orphans] = "ListOrphans"
	// ReadOrphan reads such a case, unless another run has it now.
	ReadOrphan Activity[soar.Ended, soar.Orphan] = "ReadOrphan"
	// PauseSchedule pauses a hunt's schedule, ResumeSchedule resumes one that Harrier paused.
	PauseSchedule  Activity[soar.PauseInput, soar.None]    = "PauseSchedule"
	ResumeSchedule Activity[soar.PauseInput, soar.Resumed] = "ResumeSchedule"
)

// Outcomes.
const (
	// OpenIncident opens the Sentinel incident of an escalated case; a repeat is the same incident.
	OpenIncident Activity[soar.CaseRequest, soar.Incident] = "OpenIncident"
	// NoteDefender comments on the Defender incident that names a case's messages, where there is one.
	NoteDefender Activity[soar.CaseRequest, soar.Incident] = "NoteDefender"
	// PageOnCall pages the person on call for an escalated case, once a case.
	PageOnCall Activity[soar.CaseRequest, soar.None] = "PageOnCall"
	// RecordRun writes one audit record a finding, once a run.
	RecordRun Activity[soar.RunRecord, soar.None] = "RecordRun"
	// RecordDecision writes the audit record of a decision.
	RecordDecision Activity[soar.CaseRequest, soar.None] = "RecordDecision"
)
