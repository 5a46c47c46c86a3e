package load_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/proto"

	"harrier/activities"
	"harrier/activities/cases"
	"harrier/worker/sandbox/devserver"
	"harrier/workflows"
	"harrier/workflows/soar"
)

const (
	repeats = 2_000
	// together is how many repeats arrive at one moment: several hunts end on the hour.
	together = 10
	// decideEvery is after how many such moments somebody decides, whatever the history.
	decideEvery = 4
	// longRun is a history that is about to continue as new.
	longRun = 900
	// overdue is a history that continues as new as soon as the case is at rest.
	overdue = 1_000
	// mostEvents bounds one run, and mostPayload is Temporal's limit for one payload
	// (https://docs.temporal.io/cloud/limits).
	mostEvents  = 2_000
	mostPayload = 2 << 20
	longLimit   = 2 * time.Minute
)

// longCase is a sender's case on a real server, its worker in this process, and what
// was asked of the adapters.
type longCase struct {
	t      *testing.T
	client client.Client
	teller *cases.Client
	id     string

	mu        sync.Mutex
	recorded  map[string]int // audit records by case and decision
	incidents map[string]int // by case
	decided   map[string]string
}

func TestACaseOfTwoThousandRepeatsStaysShortAndLosesNoDecision(t *testing.T) {
	l := newLongCase(t)
	ctx, cancel := context.WithTimeout(t.Context(), longLimit)
	defer cancel()
	began := time.Now()
	near, wasLong := 0, false
	l.see(ctx, 0)
	for n := 1; n < repeats; n += together {
		long := l.length(ctx) > longRun
		ending := long && !wasLong
		wasLong = long
		if ending {
			near++
		}
		decide := ending || n/together%decideEvery == 0
		l.moment(ctx, n, decide)
		l.rest(ctx)
	}
	l.settle(ctx)
	runs := l.check(ctx)
	t.Logf("%d repeats in %d runs, %d decisions, %d of them as a run ended, in %s", repeats, runs, len(l.decided), near, time.Since(began).Round(time.Second))
	if near < 3 || runs < 4 {
		t.Errorf("%d runs, %d decisions as one ended: the test shows too little", runs, near)
	}
}

func newLongCase(t *testing.T) *longCase {
	t.Helper()
	server, err := devserver.Start(t.Context(), devserver.Options{Progress: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	quiet := slog.New(slog.DiscardHandler)
	c, err := client.Dial(client.Options{HostPort: server.Address, Logger: sdklog.NewStructuredLogger(quiet)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	l := &longCase{t: t, client: c, recorded: map[string]int{}, incidents: map[string]int{}, decided: map[string]string{}}
	if l.teller, err = cases.New(cases.Config{Temporal: c, TaskQueue: soar.TaskQueue, Logger: quiet}); err != nil {
		t.Fatal(err)
	}
	w := worker.New(c, soar.TaskQueue, worker.Options{})
	workflows.Register(w)
	l.serve(w)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return l
}

// serve answers in the place of Slack, Sentinel and the audit log.
func (l *longCase) serve(w worker.ActivityRegistry) {
	none := func(context.Context, soar.CaseRequest) (soar.None, error) { return soar.None{}, nil }
	activities.UpdateCard.Register(w, none)
	activities.PostReply.Register(w, none)
	card := func(_ context.Context, in soar.CaseRequest) (soar.Card, error) {
		return soar.Card{Channel: in.Case.Channel, TS: in.Case.Ref.String()}, nil
	}
	activities.PostCard.Register(w, card)
	activities.PostEscalation.Register(w, card)
	activities.OpenIncident.Register(w, func(_ context.Context, in soar.CaseRequest) (soar.Incident, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.incidents[in.Case.Ref.String()]++
		return soar.Incident{ID: in.Case.Ref.String()}, nil
	})
	activities.RecordDecision.Register(w, func(_ context.Context, in soar.CaseRequest) (soar.None, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if d := in.Case.Decision; d != nil {
			l.recorded[in.Case.Ref.String()+" "+d.Click]++
		}
		return soar.None{}, nil
	})
}

// see tells the case of the n-th repeat, as a hunt does.
func (l *longCase) see(ctx context.Context, n int) {
	request := sighting(0)
	s := &request.See
	s.Window = soar.NewWindow(s.Window.From.Add(time.Duration(n)*time.Second), s.Window.To.Add(time.Duration(n)*time.Second))
	s.Finding.Window, s.Finding.Evidence.Messages[0].NetworkMessageID = s.Window, fmt.Sprintf("repeat-%d", n)
	s.Policy = soar.CasePolicy{Version: 1, UndoFor: soar.Duration(time.Minute)}
	l.id = request.CaseID
	for ctx.Err() == nil {
		if _, err := l.teller.SeeCase(ctx, request); err == nil {
			return
		}
	}
	l.t.Errorf("repeat %d was never told: %v", n, ctx.Err())
}

// moment lets repeats arrive at once and, where asked, a decision between them: when
// the history is long, the run ends meanwhile.
func (l *longCase) moment(ctx context.Context, n int, decide bool) {
	var all sync.WaitGroup
	for i := n; i < min(n+together, repeats); i++ {
		all.Go(func() { l.see(ctx, i) })
	}
	if decide {
		all.Go(func() { l.decide(ctx, n) })
	}
	all.Wait()
}

// decide repeats one click until it is answered, as the interactions do. Every
// other one is an escalation.
func (l *longCase) decide(ctx context.Context, n int) {
	d := soar.Decide{
		Decision: soar.Approve, By: soar.Actor{ID: "U1"}, Approvers: soar.Approvers{Users: []string{"U1"}},
		Reason: "known", Click: fmt.Sprintf("click-%d", n), At: time.Now(),
	}
	if n%2 == 0 {
		d.Decision = soar.Escalate
	}
	view := l.view(ctx)
	d.Case = view.Case.Ref
	for ctx.Err() == nil {
		handle, err := l.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: l.id, UpdateName: soar.DecideUpdate, UpdateID: d.Click, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		var out soar.Decided
		if err == nil {
			err = handle.Get(ctx, &out)
		}
		var refused *temporal.ApplicationError
		switch {
		case err == nil && out.Case == d.Case:
			l.mu.Lock()
			l.decided[d.Case.String()+" "+d.Click] = string(out.State)
			l.mu.Unlock()
			return
		case errors.As(err, &refused) && view.Case.State.Decidable():
			l.t.Errorf("click %s on %s is refused: %v", d.Click, d.Case, err)
			return
		case errors.As(err, &refused):
			return
		}
	}
}

func (l *longCase) view(ctx context.Context) (v soar.CaseView) {
	l.t.Helper()
	answer, err := l.client.QueryWorkflow(ctx, l.id, "", soar.CaseQuery)
	if err == nil {
		err = answer.Get(&v)
	}
	if err != nil {
		l.t.Error(err)
	}
	return v
}

func (l *longCase) length(ctx context.Context) int64 {
	l.t.Helper()
	d, err := l.client.DescribeWorkflowExecution(ctx, l.id, "")
	if err != nil {
		l.t.Fatal(err)
	}
	return d.GetWorkflowExecutionInfo().GetHistoryLength()
}

// rest lets the case come to rest as it does between two hunts, minutes apart: a
// run that is over its limit has gone on as the next.
func (l *longCase) rest(ctx context.Context) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for l.length(ctx) > overdue {
		select {
		case <-ctx.Done():
			l.t.Fatal("a run that is over its limit does not continue as new")
		case <-ticker.C:
		}
	}
}

// settle waits until every accepted decision is in the audit log.
func (l *longCase) settle(ctx context.Context) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		l.mu.Lock()
		missing := 0
		for key := range l.decided {
			if l.recorded[key] == 0 {
				missing++
			}
		}
		l.mu.Unlock()
		if missing == 0 {
			return
		}
		select {
		case <-ctx.Done():
			l.t.Fatalf("%d decisions were never carried out", missing)
		case <-ticker.C:
		}
	}
}

// check holds what was done against what was decided, and every run against its limits.
func (l *longCase) check(ctx context.Context) (runs int) {
	l.t.Helper()
	l.mu.Lock()
	for key, times := range l.recorded {
		if l.decided[key] == "" || times != 1 {
			l.t.Errorf("%s: decided %q, recorded %d times", key, l.decided[key], times)
		}
	}
	for ref, times := range l.incidents {
		if times != 1 {
			l.t.Errorf("%s has %d incidents", ref, times)
		}
	}
	l.mu.Unlock()
	for run := l.firstRun(ctx); run != ""; runs++ {
		events, next := l.run(ctx, run)
		if events >= mostEvents {
			l.t.Errorf("run %d has %d events, want fewer than %d", runs+1, events, mostEvents)
		}
		run = next
	}
	return runs
}

func (l *longCase) firstRun(ctx context.Context) string {
	d, err := l.client.DescribeWorkflowExecution(ctx, l.id, "")
	if err != nil {
		l.t.Fatal(err)
	}
	return d.GetWorkflowExecutionInfo().GetFirstRunId()
}

// run counts the events of a run and names the run that follows it.
func (l *longCase) run(ctx context.Context, id string) (events int, next string) {
	all := l.client.GetWorkflowHistory(ctx, l.id, id, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for all.HasNext() {
		e, err := all.Next()
		if err != nil {
			l.t.Fatal(err)
		}
		events++
		l.weigh(id, e)
		next = e.GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId()
	}
	return events, next
}

func (l *longCase) weigh(run string, e *history.HistoryEvent) {
	if size := proto.Size(e); size >= mostPayload {
		l.t.Errorf("event %d of run %s weighs %d bytes", e.GetEventId(), run, size)
	}
}
