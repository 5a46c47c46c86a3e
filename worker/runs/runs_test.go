package runs_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harrier/worker/runs"
	"harrier/worker/sandbox/devserver"
	"harrier/workflows"
	"harrier/workflows/soar"
)

var day = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

// server is a Temporal with the real Coverage workflow, and Hunt and Triage workflows
// that return and show what their input says.
func server(t *testing.T) client.Client {
	t.Helper()
	s, err := devserver.Start(t.Context(), devserver.Options{Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	c, err := client.Dial(client.Options{HostPort: s.Address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	w := worker.New(c, soar.TaskQueue, worker.Options{})
	w.RegisterWorkflowWithOptions(workflows.Coverage, workflow.RegisterOptions{Name: soar.CoverageWorkflow})
	w.RegisterWorkflowWithOptions(hunted, workflow.RegisterOptions{Name: soar.HuntWorkflow})
	w.RegisterWorkflowWithOptions(standing, workflow.RegisterOptions{Name: soar.TriageWorkflow})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return c
}

// asked is the input of a hunt, and the result that it is to have.
type asked struct {
	soar.HuntResult
	Top int `json:"top,omitempty"`
	// Waits says that the run does not end.
	Waits bool `json:"waits,omitempty"`
}

func hunted(ctx workflow.Context, in asked) (soar.HuntResult, error) {
	r := in.HuntResult
	if in.Waits {
		return r, workflow.Await(ctx, func() bool { return false })
	}
	if r.Slug == "" {
		return r, temporal.NewNonRetryableApplicationError("no such hunt", "UnknownHunt", nil)
	}
	return r, nil
}

// standing is a case that waits, with its memo.
func standing(ctx workflow.Context, m soar.TriageMemo) error {
	if err := workflow.UpsertMemo(ctx, map[string]any{soar.MemoKey: m}); err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return false })
}

// end starts a run and waits for its end, and until the list shows it.
func end(t *testing.T, c client.Client, id string, r soar.HuntResult) {
	t.Helper()
	endAsked(t, c, id, asked{HuntResult: r})
}

func endAsked(t *testing.T, c client.Client, id string, in asked) {
	t.Helper()
	r := in.HuntResult
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: soar.TaskQueue}, soar.HuntWorkflow, in)
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Get(t.Context(), nil); (err != nil) != (r.Slug == "") {
		t.Fatalf("run %s ended with %v", id, err)
	}
	want(t, func() bool {
		newest, err := runs.Reader{Client: c}.Newest(t.Context(), hunt(slugOf(r)))
		return err == nil && (newest.ID == id || r.DryRun)
	})
}

func slugOf(r soar.HuntResult) string {
	if r.Slug == "" {
		return "a"
	}
	return r.Slug
}

// want waits until something holds; the list of workflows lags behind a moment.
func want(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("it never held")
		}
	}
}

func result(slug string, from int, status soar.CoverageStatus) soar.HuntResult {
	return soar.HuntResult{Slug: slug, Window: soar.NewWindow(day.AddDate(0, 0, from), day.AddDate(0, 0, from+1)), Coverage: status}
}

func TestTheLastRunIsTheNewestThatCounts(t *testing.T) {
	c := server(t)
	r := runs.Reader{Client: c}
	if _, ok, err := r.Last(t.Context(), "a"); ok || err != nil {
		t.Errorf("a hunt that never ran has a last run: %v, %v", ok, err)
	}
	if newest, err := r.Newest(t.Context(), hunt("a")); err != nil || newest.String() != "never" {
		t.Errorf("newest %s, %v", newest, err)
	}
	end(t, c, "hunt-a-2026-11-24T06:00:00Z", result("a", 1, soar.CoveragePartial))
	end(t, c, "hunt-a-b-2026-11-25T06:00:00Z", result("a-b", 2, soar.CoverageComplete))
	end(t, c, "hunt-a-backfill-20261001T000000Z-20261101T000000Z", result("a", -50, soar.CoverageComplete))
	end(t, c, "hunt-a-by-hand-20261124T070000.000", result("a", 3, soar.CoverageNotRun))
	nothing := result("a", 4, soar.CoverageComplete)
	nothing.Window.To = nothing.Window.From
	end(t, c, "hunt-a-2026-11-25T06:00:00Z", nothing)
	dry := result("a", 5, soar.CoverageComplete)
	dry.DryRun = true
	end(t, c, "hunt-a-by-slack-20261125T070000.000", dry)
	end(t, c, "hunt-a-2026-11-26T06:00:00Z", soar.HuntResult{})

	last, ok, err := r.Last(t.Context(), "a")
	if err != nil || !ok || last.ID != "hunt-a-2026-11-24T06:00:00Z" || last.Kind != runs.Scheduled || last.Result.Coverage != soar.CoveragePartial {
		t.Errorf("last %+v, %v, %v", last, ok, err)
	}
	newest, err := r.Newest(t.Context(), hunt("a"))
	if err != nil || newest.ID != "hunt-a-2026-11-26T06:00:00Z" || !newest.Failed || newest.Running {
		t.Errorf("newest %+v, %v", newest, err)
	}
	if other, ok, err := r.Last(t.Context(), "a-b"); err != nil || !ok || other.Result.Slug != "a-b" {
		t.Errorf("the other hunt's last run is %+v, %v, %v", other, ok, err)
	}
}

// hunt is a hunt whose id is known by a prefix, too.
func hunt(slug string) soar.Hunt { return soar.Hunt{Slug: slug, ID: slug + "-0000"} }

func TestARunUnderAnIDOfItsOwnIsARunOfTheHuntThatItNames(t *testing.T) {
	c := server(t)
	r := runs.Reader{Client: c}
	end(t, c, "hunt-a-2026-11-24T06:00:00Z", result("a", 1, soar.CoveragePartial))
	end(t, c, "6c2f5e1c-by-temporal", result("a", 2, soar.CoverageComplete))
	end(t, c, "of-another", result("a-b", 3, soar.CoverageComplete))
	last, ok, err := r.Last(t.Context(), "a")
	if err != nil || !ok || last.ID != "6c2f5e1c-by-temporal" || last.Kind != runs.ByHand {
		t.Errorf("last %+v, %v, %v", last, ok, err)
	}
	// What failed or is under way has no result; its input says which hunt it is of.
	end(t, c, "hunt-mine", soar.HuntResult{Hunt: " A "})
	newest, err := r.Newest(t.Context(), hunt("a"))
	if err != nil || newest.ID != "hunt-mine" || !newest.Failed {
		t.Errorf("newest %+v, %v", newest, err)
	}
	for id, in := range map[string]asked{"waits": {HuntResult: soar.HuntResult{Hunt: "a-00"}, Waits: true}, "waits-for-another": {HuntResult: soar.HuntResult{Hunt: "a-b"}, Waits: true}} {
		if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: soar.TaskQueue}, soar.HuntWorkflow, in); err != nil {
			t.Fatal(err)
		}
	}
	for slug, id := range map[string]string{"a": "waits", "a-b": "waits-for-another"} {
		want(t, func() bool {
			newest, err := r.Newest(t.Context(), hunt(slug))
			return err == nil && newest.ID == id && newest.Running
		})
	}
	// A run of the schedule that ended later is newer than all of them but those under way.
	end(t, c, "of-c", result("c", 2, soar.CoverageComplete))
	end(t, c, "hunt-c-2026-11-27T06:00:00Z", result("c", 1, soar.CoveragePartial))
	if last, ok, err := r.Last(t.Context(), "c"); err != nil || !ok || last.Kind != runs.Scheduled {
		t.Errorf("last %+v, %v, %v", last, ok, err)
	}
}

func TestARunWithATopOfItsOwnIsNotCompared(t *testing.T) {
	c := server(t)
	r := runs.Reader{Client: c}
	for _, id := range []string{"hunt-a-by-hand-20261124T070000.000", "under-another-id"} {
		endAsked(t, c, id, asked{HuntResult: result("a", 2, soar.CoverageComplete), Top: 3})
		if last, ok, err := r.Last(t.Context(), "a"); ok || err != nil {
			t.Errorf("a run of the first three senders is the last run: %+v, %v", last, err)
		}
	}
	end(t, c, "hunt-a-2026-11-24T06:00:00Z", result("a", 1, soar.CoveragePartial))
	endAsked(t, c, "hunt-a-by-slack-20261124-x", asked{HuntResult: result("a", 3, soar.CoverageComplete), Top: 10})
	if last, ok, err := r.Last(t.Context(), "a"); err != nil || !ok || last.Kind != runs.Scheduled {
		t.Errorf("last %+v, %v, %v", last, ok, err)
	}
}

// strangers is a Temporal with many runs that are of no hunt here, all under way.
type strangers struct {
	client.Client
	read int
}

func (s *strangers) ListWorkflow(_ context.Context, in *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	out := &workflowservice.ListWorkflowExecutionsResponse{}
	for i := 0; i < 500 && !strings.Contains(in.GetQuery(), "STARTS_WITH"); i++ {
		out.Executions = append(out.Executions, &workflowpb.WorkflowExecutionInfo{
			Execution: &commonpb.WorkflowExecution{WorkflowId: fmt.Sprint("stranger-", i)}, Status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
		})
	}
	return out, nil
}

func (s *strangers) GetWorkflowHistory(context.Context, string, string, bool, enumspb.HistoryEventFilterType) client.HistoryEventIterator {
	s.read++
	return unreadable{}
}

// unreadable is the history of a run that is gone.
type unreadable struct{}

func (unreadable) HasNext() bool { return true }
func (unreadable) Next() (*historypb.HistoryEvent, error) {
	return nil, serviceerror.NewNotFound("it is gone")
}

func TestOfRunsUnderOtherIDsOnlyTheNewestAreRead(t *testing.T) {
	s := &strangers{}
	if newest, err := (runs.Reader{Client: s}).Newest(t.Context(), hunt("a")); err != nil || newest.ID != "" || s.read != 200 {
		t.Errorf("%d runs were read for %+v, %v", s.read, newest, err)
	}
}

func cover(from, to int) soar.Cover {
	return soar.Cover{Window: soar.NewWindow(day.AddDate(0, 0, from), day.AddDate(0, 0, to)), Status: soar.CoverageComplete, RunID: "r", QueryHash: "q", At: day}
}

func TestTheStatusOfAHuntShowsEachWorkspacesReachAndGaps(t *testing.T) {
	c := server(t)
	state := soar.CoverageState{}.Apply(cover(0, 2)).Apply(cover(3, 5))
	id := soar.CoverageID(soar.CoverageSlug("a", "emea"))
	if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: soar.TaskQueue}, soar.CoverageWorkflow,
		soar.CoverageInput{Slug: "a@emea", State: state}); err != nil {
		t.Fatal(err)
	}
	h := soar.Hunt{Slug: "a", Settings: soar.HuntSettings{Workspaces: []string{"emea", "apac"}, Schedule: soar.Schedule{Cron: "0 6 * * *", TimeZone: "UTC"}}}
	s, err := runs.Reader{Client: c}.Status(t.Context(), h)
	if err != nil || len(s.Reached) != 2 || s.Gaps() != 1 || !s.Until().IsZero() || s.Pause.Scheduled || s.Schedule != "cron 0 6 * * * UTC" {
		t.Fatalf("status %+v, %v", s, err)
	}
	emea := s.Reached[0]
	if emea.Workspace != "emea" || !emea.Until.Equal(day.AddDate(0, 0, 5)) || emea.Gaps[0] != soar.NewWindow(day.AddDate(0, 0, 2), day.AddDate(0, 0, 3)) {
		t.Errorf("reached %+v", emea)
	}
}

func TestCasesAreListedByStateTheMostSevereFirst(t *testing.T) {
	c := server(t)
	for id, m := range map[string]soar.TriageMemo{
		"case-a": {State: soar.CaseOpen, Number: 2, Severity: soar.SeverityLow, Sender: "a@contoso.com", Deadline: "2026-11-25T07:00:00Z", Snoozed: "2026-11-25T05:00:00Z"},
		"case-b": {State: soar.CaseOpen, Number: 1, Severity: soar.SeverityHigh, Sender: "b@contoso.com", Deadline: "2026-11-25T09:00:00Z"},
		"case-c": {State: soar.CaseRemembered, Number: 3, Sender: "c@contoso.com", Until: "2026-12-25T09:00:00Z", By: "U1"},
	} {
		if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: soar.TaskQueue}, soar.TriageWorkflow, m); err != nil {
			t.Fatal(err)
		}
	}
	r := runs.Reader{Client: c}
	want(t, func() bool {
		all, err := r.Cases(t.Context())
		return err == nil && len(all) == 3
	})
	open, err := r.Cases(t.Context(), soar.CaseOpen, soar.CaseUnreviewed)
	if err != nil || len(open) != 2 || open[0].Ref != "case-b/1" || open[1].Ref != "case-a/2" || open[0].Deadline.Hour() != 9 || open[1].Snoozed.Hour() != 5 || !open[0].Snoozed.IsZero() {
		t.Errorf("open cases %+v, %v", open, err)
	}
	kept, err := r.Cases(t.Context(), soar.CaseRemembered)
	if err != nil || len(kept) != 1 || kept[0].By != "U1" || kept[0].Until.Month() != time.December {
		t.Errorf("remembered %+v, %v", kept, err)
	}
}

func TestACaseThatWasEndedByForceIsCancelledUntilItsSenderHasANewerOne(t *testing.T) {
	c := server(t)
	start := func(id string, m soar.TriageMemo) {
		t.Helper()
		run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: soar.TaskQueue}, soar.TriageWorkflow, m)
		if err != nil {
			t.Fatal(err)
		}
		want(t, func() bool {
			d, err := c.DescribeWorkflowExecution(t.Context(), id, run.GetRunID())
			return err == nil && len(d.GetWorkflowExecutionInfo().GetMemo().GetFields()) > 0
		})
	}
	open := soar.TriageMemo{State: soar.CaseOpen, Number: 1, Deadline: "2026-11-25T07:00:00Z"}
	for _, id := range []string{"case-cancelled", "case-terminated", "case-again", "case-remembered"} {
		m := open
		if id == "case-remembered" {
			m.State = soar.CaseRemembered
		}
		start(id, m)
		end := c.TerminateWorkflow(t.Context(), id, "", "an operator's hand")
		if id == "case-cancelled" {
			end = c.CancelWorkflow(t.Context(), id, "")
		}
		if end != nil {
			t.Fatal(end)
		}
	}
	start("case-again", soar.TriageMemo{State: soar.CaseOpen, Number: 2})
	r := runs.Reader{Client: c}
	var cancelled []runs.Case
	want(t, func() bool {
		var err error
		cancelled, err = r.Cases(t.Context(), soar.CaseCancelled)
		open, errOpen := r.Cases(t.Context(), soar.CaseOpen)
		return err == nil && errOpen == nil && len(cancelled) == 2 && len(open) == 1
	})
	if cancelled[0].Ref != "case-cancelled/1" || cancelled[1].Ref != "case-terminated/1" || cancelled[1].State != soar.CaseCancelled || !cancelled[0].Deadline.IsZero() || !cancelled[1].Deadline.IsZero() {
		t.Errorf("cancelled %+v", cancelled)
	}
	all, err := r.Cases(t.Context())
	if err != nil || len(all) != 3 {
		t.Errorf("all %+v, %v", all, err)
	}
}
