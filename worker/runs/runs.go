// Package runs reads from Temporal what hunts did, how far they got, and which
// cases stand, for the command line and for Slack. It changes nothing.
package runs

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"harrier/workflows/soar"
)

// Reader reads runs, coverage and cases.
type Reader struct {
	Client client.Client
	// Converter is the client's data converter; nil is the SDK's default.
	Converter converter.DataConverter
}

// Kind says who started a run.
type Kind string

const (
	// Scheduled runs were started by the hunt's schedule.
	Scheduled Kind = "scheduled"
	// ByHand and BySlack runs were started by a person.
	ByHand  Kind = "by hand"
	BySlack Kind = "by Slack"
	// Backfill runs filled a past range.
	Backfill Kind = "backfill"
)

// Run is one run of a hunt.
type Run struct {
	ID    string
	RunID string
	Kind  Kind
	// Running says that it has not ended; Failed that it ended without a result.
	Running, Failed bool
	Started, Closed time.Time
	Result          soar.HuntResult
}

// String is the run in words: "2026-11-25T06:00:02Z complete", with what is odd of it.
func (r Run) String() string {
	switch {
	case r.ID == "":
		return "never"
	case r.Running:
		return "running since " + r.Started.Format(time.RFC3339)
	case r.Failed:
		return r.Closed.Format(time.RFC3339) + " failed"
	}
	return r.Closed.Format(time.RFC3339) + " " + string(r.Result.Coverage)
}

// restOfID is what follows hunt-<slug>- in the id of a run: a time for those of the
// schedule. It keeps the runs of hunt-a-b from being taken for those of hunt-a.
var restOfID = regexp.MustCompile(`^(by-hand-|by-slack-|backfill-|)\d{4}`)

func kindOf(id, slug string) (kind Kind, own bool) {
	rest, ok := strings.CutPrefix(id, soar.ScheduleID(slug)+"-")
	m := restOfID.FindStringSubmatch(rest)
	if !ok || m == nil {
		return "", false
	}
	return map[string]Kind{"": Scheduled, "by-hand-": ByHand, "by-slack-": BySlack, "backfill-": Backfill}[m[1]], true
}

// A list is read page by page; maxResults bounds the runs whose result is read to
// find one.
const (
	page       = 500
	maxResults = 25
)

// Last is the newest run of a hunt that hunted a window and whose findings count: no
// dry run, no backfill, none with a top of its own, none that could not run or had
// nothing to do. A run by hand with a window of its own counts. ok is false when there
// is none.
func (r Reader) Last(ctx context.Context, slug string) (run Run, ok bool, err error) {
	run, err = r.newest(ctx, soar.Hunt{Slug: slug}, " AND ExecutionStatus = 'Completed'", func(found Run) (bool, error) {
		if found.Kind == Backfill || !counts(found) {
			return false, nil
		}
		in, err := r.input(ctx, found)
		if errors.Is(err, errNoInput) {
			return false, nil
		}
		return err == nil && in.Top == 0, err
	})
	if err != nil {
		return Run{}, false, fmt.Errorf("read the last run of %s: %w", slug, err)
	}
	return run, run.ID != "", nil
}

func counts(r Run) bool {
	w := r.Result.Window
	return !r.Failed && !r.Result.DryRun && r.Result.Coverage != soar.CoverageNotRun && w.From.Before(w.To)
}

// Newest is the run of a hunt that is under way, else the one that ended last, dry
// runs left out. Its ID is empty when the hunt never ran.
func (r Reader) Newest(ctx context.Context, hunt soar.Hunt) (Run, error) {
	newest, err := r.newest(ctx, hunt, "", func(found Run) (bool, error) { return !found.Result.DryRun, nil })
	if err != nil {
		return Run{}, fmt.Errorf("read the newest run of %s: %w", hunt.Slug, err)
	}
	return newest, nil
}

// newest is the newest run of a hunt that is taken, among those that its ids name and
// those that were started under other ids.
func (r Reader) newest(ctx context.Context, hunt soar.Hunt, only string, takes func(Run) (bool, error)) (Run, error) {
	named, err := r.named(ctx, hunt.Slug, only, takes)
	if err != nil || named.Running {
		return named, err
	}
	other, err := r.unnamed(ctx, hunt, only, named.Closed, takes)
	if other.ID == "" {
		return named, err
	}
	return other, err
}

func (r Reader) named(ctx context.Context, slug, only string, takes func(Run) (bool, error)) (found Run, err error) {
	results := 0
	query := fmt.Sprintf("WorkflowType = '%s' AND WorkflowId STARTS_WITH '%s-'", soar.HuntWorkflow, soar.ScheduleID(slug))
	listing := r.each(ctx, query+only, func(info *workflow.WorkflowExecutionInfo) bool {
		kind, own := kindOf(info.GetExecution().GetWorkflowId(), slug)
		if !own {
			return true
		}
		run, taken := r.run(ctx, info, kind), false
		if kind != Backfill {
			results++
		}
		if taken, err = takes(run); taken {
			found = run
		}
		return err == nil && !taken && results < maxResults
	})
	return found, errors.Join(listing, err)
}

// run reads one run of the list.
func (r Reader) run(ctx context.Context, info *workflow.WorkflowExecutionInfo, kind Kind) Run {
	id := info.GetExecution().GetWorkflowId()
	run := Run{ID: id, RunID: info.GetExecution().GetRunId(), Kind: kind, Started: info.GetStartTime().AsTime()}
	if info.GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
		run.Running = true
		return run
	}
	run.Closed = info.GetCloseTime().AsTime()
	if info.GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_COMPLETED || r.Client.GetWorkflow(ctx, id, run.RunID).Get(ctx, &run.Result) != nil {
		run.Failed = true
	}
	return run
}

// each calls f with what a query lists, what ended last first, until f says false.
func (r Reader) each(ctx context.Context, query string, f func(*workflow.WorkflowExecutionInfo) (more bool)) error {
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: page}
	for {
		list, err := r.Client.ListWorkflow(ctx, request)
		if err != nil {
			return err
		}
		for _, info := range list.GetExecutions() {
			if !f(info) {
				return nil
			}
		}
		if len(list.GetNextPageToken()) == 0 {
			return nil
		}
		request.NextPageToken = list.GetNextPageToken()
	}
}

// Coverage is what was hunted of a hunt in one workspace, the default one without a
// name. A hunt that never ran has none, and that is no error.
func (r Reader) Coverage(ctx context.Context, slug, workspace string) (soar.CoverageState, error) {
	var state soar.CoverageState
	name := soar.CoverageSlug(slug, workspace)
	value, err := r.Client.QueryWorkflow(ctx, soar.CoverageID(name), "", soar.CoverageQuery)
	if _, none := errors.AsType[*serviceerror.NotFound](err); none {
		return state, nil
	}
	if err != nil {
		return state, fmt.Errorf("read coverage of %s: %w; a worker has to run to answer", name, err)
	}
	if err := value.Get(&state); err != nil {
		return state, fmt.Errorf("read coverage of %s: %w", name, err)
	}
	return state, nil
}
