package interactions_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"harrier/worker/interactions"
	"harrier/worker/runs"
	"harrier/workflows/soar"
)

// quietTemporal lists no workflow.
type quietTemporal struct{ client.Client }

func (quietTemporal) ListWorkflow(context.Context, *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	return &workflowservice.ListWorkflowExecutionsResponse{}, nil
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
