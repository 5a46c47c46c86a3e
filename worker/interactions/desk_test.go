package interactions_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"harrier/worker/interactions"
	"harrier/worker/runs"
	"harrier/workflows/soar"
)

// quietTemporal lists no workflow.
type quietTemporal struct{ client.Client }

func (quietTemporal) ListWorkflow(context.Context, *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	return &workflowservice.ListWorkflowExecutionsResponse{}, nil
}

// snoozedTemporal lists one case, which is snoozed.
type snoozedTemporal struct{ client.Client }

func (snoozedTemporal) ListWorkflow(context.Context, *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	memo, err := converter.GetDefaultDataConverter().ToPayload(soar.TriageMemo{
		State: soar.CaseOpen, Number: 1, Deadline: "2026-11-24T18:00:00Z", Snoozed: "2026-11-24T15:00:00Z",
	})
	return &workflowservice.ListWorkflowExecutionsResponse{Executions: []*workflowpb.WorkflowExecutionInfo{{
		Execution: &commonpb.WorkflowExecution{WorkflowId: "case-a"}, Memo: &commonpb.Memo{Fields: map[string]*commonpb.Payload{soar.MemoKey: memo}},
	}}}, err
}

func TestTheHomeTabKnowsUntilWhenACaseIsSnoozed(t *testing.T) {
	d := counting(nil)
	d.Runs.Client, d.Expiring = snoozedTemporal{}, nil
	home, err := d.Home(t.Context())
	if err != nil || len(home.Open) != 1 || home.Open[0].Snoozed.Hour() != 15 || home.Open[0].Deadline.Hour() != 18 {
		t.Errorf("home tab %+v, %v", home, err)
	}
}

// counting is a desk whose count of what ends soon waits for answers.
func counting(count func(context.Context) ([]soar.Expiring, error)) *interactions.TemporalDesk {
	return &interactions.TemporalDesk{
		Runs: runs.Reader{Client: quietTemporal{}}, Hunts: func() []soar.Hunt { return nil }, Now: time.Now, Expiring: count, Patience: time.Millisecond,
	}
}

func TestASlowCountOfWhatEndsSoonHoldsNoHomeTabUpAndIsReadOnce(t *testing.T) {
	var began atomic.Int32
	release := make(chan struct{})
	d := counting(func(ctx context.Context) ([]soar.Expiring, error) {
		began.Add(1)
		select {
		case <-release:
			return []soar.Expiring{{Rule: "sooner"}}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		home, err := d.Home(ctx)
		cancel() // who opened the tab is gone; the count goes on for the next
		if err != nil || len(home.Problems) != 1 || !strings.Contains(home.Problems[0], "open this tab again") {
			t.Fatalf("home tab %+v, %v", home, err)
		}
	}
	close(release)
	d.Patience = time.Minute
	home, err := d.Home(t.Context())
	if err != nil || len(home.Problems) != 0 || len(home.Expiring) != 1 || began.Load() != 1 {
		t.Errorf("home tab %+v after %d counts, %v", home, began.Load(), err)
	}
}

func TestACountThatFailedIsTriedAgainAtTheNextTab(t *testing.T) {
	var began atomic.Int32
	d := counting(func(context.Context) ([]soar.Expiring, error) {
		if began.Add(1) == 1 {
			return nil, errors.New("frontend unavailable")
		}
		return []soar.Expiring{{Rule: "sooner"}}, nil
	})
	d.Patience = time.Minute
	if home, err := d.Home(t.Context()); err != nil || len(home.Problems) != 1 {
		t.Fatalf("home tab %+v, %v", home, err)
	}
	for range 2 {
		if home, err := d.Home(t.Context()); err != nil || len(home.Problems) != 0 || len(home.Expiring) != 1 {
			t.Fatalf("home tab %+v, %v", home, err)
		}
	}
	if began.Load() != 2 {
		t.Errorf("%d counts", began.Load())
	}
}
