package cases_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/activities/cases"
	"harrier/worker/sandbox/devserver"
	"harrier/workflows"
	"harrier/workflows/soar"
)

// place is a Temporal with the real Watch workflow and cases that only stand there.
type place struct {
	t      *testing.T
	client client.Client
	cases  *cases.Client

	mu     sync.Mutex
	edited map[string]int // cards, by the id of their case
}

func newPlace(t *testing.T) *place {
	t.Helper()
	s, err := devserver.Start(t.Context(), devserver.Options{Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	p := &place{t: t, edited: map[string]int{}}
	p.client, err = client.Dial(client.Options{HostPort: s.Address, Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.client.Close)
	if p.cases, err = cases.New(cases.Config{Temporal: p.client, TaskQueue: soar.TaskQueue}); err != nil {
		t.Fatal(err)
	}
	w := worker.New(p.client, soar.TaskQueue, worker.Options{WorkerStopTimeout: time.Second})
	w.RegisterWorkflowWithOptions(stand, workflow.RegisterOptions{Name: soar.TriageWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Watch, workflow.RegisterOptions{Name: soar.WatchWorkflow})
	activities.LoadWatch.Register(w, func(context.Context, soar.None) (soar.Watched, error) { return soar.Watched{}, nil })
	activities.ListOrphans.Register(w, p.cases.ListOrphans)
	activities.ReadOrphan.Register(w, p.cases.ReadOrphan)
	activities.UpdateCard.Register(w, p.updateCard)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return p
}

func (p *place) updateCard(_ context.Context, in soar.CaseRequest) (soar.None, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if in.Case.State == soar.CaseCancelled && len(in.Case.Finding.Evidence.Messages) > 0 {
		p.edited[in.Case.Ref.ID]++
	}
	return soar.None{}, nil
}

// stand is a case that shows itself. Cancelled, it says so as a case does; a signal lets
// it go on in another run.
func stand(ctx workflow.Context, c soar.Case) error {
	if err := workflow.SetQueryHandler(ctx, soar.CaseQuery, func() (soar.CaseView, error) { return soar.CaseView{Case: c}, nil }); err != nil {
		return err
	}
	if err := workflow.UpsertMemo(ctx, map[string]any{soar.MemoKey: soar.TriageMemo{State: c.State, Number: c.Ref.Number}}); err != nil {
		return err
	}
	goOn := workflow.GetSignalChannel(ctx, "go on")
	if err := workflow.Await(ctx, func() bool { return goOn.Len() > 0 }); err != nil {
		if c.State.Decidable() {
			c.State = soar.CaseCancelled
		}
		return err
	}
	goOn.ReceiveAsync(nil)
	return workflow.NewContinueAsNewError(ctx, soar.TriageWorkflow, c)
}

func standing(id string) soar.Case {
	c := soar.Case{Ref: soar.CaseRef{ID: id, Number: 1}, State: soar.CaseOpen, Card: soar.Card{Channel: "C0000000001", TS: id}}
	c.Finding.Evidence.Messages = []soar.Message{{NetworkMessageID: "m-" + id}}
	return c
}

// open starts a case and waits until it shows itself.
func (p *place) open(c soar.Case) client.WorkflowRun {
	p.t.Helper()
	run := p.start(c)
	p.shown(c.Ref.ID)
	return run
}

func (p *place) start(c soar.Case) client.WorkflowRun {
	p.t.Helper()
	run, err := p.client.ExecuteWorkflow(p.t.Context(), client.StartWorkflowOptions{ID: c.Ref.ID, TaskQueue: soar.TaskQueue}, soar.TriageWorkflow, c)
	if err != nil {
		p.t.Fatal(err)
	}
	return run
}

func (p *place) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) terminate(id string) {
	p.t.Helper()
	p.must(p.client.TerminateWorkflow(p.t.Context(), id, "", "an operator's hand"))
}

func (p *place) reset(run client.WorkflowRun) {
	p.t.Helper()
	_, err := p.client.ResetWorkflowExecution(p.t.Context(), &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: "default", WorkflowExecution: &common.WorkflowExecution{WorkflowId: run.GetID(), RunId: run.GetRunID()},
		Reason: "a test", RequestId: "reset-" + run.GetRunID(), WorkflowTaskFinishEventId: 3,
	})
	p.must(err)
}

// shown waits until the newest run of a case shows itself.
func (p *place) shown(id string) {
	p.t.Helper()
	_, err := p.client.QueryWorkflow(p.t.Context(), id, "", soar.CaseQuery)
	p.must(err)
}

// ended waits until so many runs are listed as ended.
func (p *place) ended(n int) []soar.Ended {
	p.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for {
		out, err := p.cases.ListOrphans(p.t.Context(), soar.OrphansRequest{Since: time.Now().Add(-time.Hour)})
		p.must(err)
		if len(out.Ended) >= n {
			return out.Ended
		}
		select {
		case <-tick.C:
		case <-limit:
			p.t.Fatalf("%d are listed, want %d", len(out.Ended), n)
		}
	}
}

// orphans are the ids of the cases whose card is to be closed.
func (p *place) orphans(ended []soar.Ended) map[string]int {
	p.t.Helper()
	out := map[string]int{}
	for _, e := range ended {
		found, err := p.cases.ReadOrphan(p.t.Context(), e)
		p.must(err)
		if found.Case != nil {
			out[found.Case.Ref.ID]++
		}
	}
	return out
}

func TestOnlyACaseThatNobodyHasAnyMoreIsAnOrphan(t *testing.T) {
	p := newPlace(t)
	failed, decided := standing("case-failed"), standing("case-decided")
	failed.Problems = []string{"card: slack did not answer"}
	decided.State = soar.CaseApproved
	for _, c := range []soar.Case{failed, standing("case-cancelled")} {
		run := p.open(c)
		p.must(p.client.CancelWorkflow(t.Context(), c.Ref.ID, ""))
		if run.Get(t.Context(), nil) == nil {
			t.Fatal("it was not cancelled")
		}
	}
	p.open(standing("case-terminated"))
	p.terminate("case-terminated")
	p.open(decided)
	p.terminate("case-decided")

	p.reset(p.open(standing("case-reset")))
	p.reset(p.open(standing("case-continued")))
	p.must(p.client.SignalWorkflow(t.Context(), "case-continued", "", "go on", nil))
	p.reset(p.open(standing("case-reset-and-terminated")))
	p.shown("case-reset-and-terminated")
	p.terminate("case-reset-and-terminated")

	p.open(standing("case-anew"))
	p.terminate("case-anew")
	anew := standing("case-anew")
	anew.Ref.Number, anew.Card.TS = 2, "another"
	p.open(anew)

	got := p.orphans(p.ended(8))
	want := map[string]int{"case-failed": 1, "case-terminated": 1, "case-reset-and-terminated": 1, "case-anew": 1}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("orphans %v, want %v", got, want)
	}
}

func TestABatchOfTerminatedCasesLosesItsButtonsOnce(t *testing.T) {
	const batch = 120
	p := newPlace(t)
	for i := range batch {
		p.start(standing(fmt.Sprintf("case-%03d", i)))
	}
	for i := range batch {
		p.shown(fmt.Sprintf("case-%03d", i))
		p.terminate(fmt.Sprintf("case-%03d", i))
	}
	p.ended(batch)
	schedule, err := p.client.ScheduleClient().Create(t.Context(), client.ScheduleOptions{
		ID: soar.WatchScheduleID, Spec: client.ScheduleSpec{},
		Action: &client.ScheduleWorkflowAction{ID: "watch", Workflow: soar.WatchWorkflow, TaskQueue: soar.TaskQueue},
	})
	p.must(err)
	for watch := 1; watch <= 2; watch++ {
		p.must(schedule.Trigger(t.Context(), client.ScheduleTriggerOptions{}))
		out := p.watched(schedule, watch)
		if want := batch * (2 - watch); out.Orphans != want || len(out.Problems) != 0 {
			t.Errorf("watch %d closed %d cards, want %d; problems %v", watch, out.Orphans, want, out.Problems)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, times := range p.edited {
		if times != 1 {
			t.Errorf("the card of %s was edited %d times", id, times)
		}
	}
	if len(p.edited) != batch {
		t.Errorf("%d cards were edited", len(p.edited))
	}
}

// watched waits for the schedule's run with this number and for its result.
func (p *place) watched(schedule client.ScheduleHandle, number int) (out soar.WatchResult) {
	p.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(2 * time.Minute)
	for {
		// A busy server may cut one look short.
		d, err := schedule.Describe(p.t.Context())
		if err == nil && len(d.Info.RecentActions) == number && len(d.Info.RunningWorkflows) == 0 {
			started := d.Info.RecentActions[number-1].StartWorkflowResult
			p.must(p.client.GetWorkflow(p.t.Context(), started.WorkflowID, started.FirstExecutionRunID).Get(p.t.Context(), &out))
			return out
		}
		select {
		case <-tick.C:
		case <-limit:
			p.t.Fatalf("watch %d did not end: %+v, %v", number, d, err)
		}
	}
}
