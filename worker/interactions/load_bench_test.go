package interactions_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"harrier/activities/slack"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

// timed notes when each case's first decision was taken.
type timed struct {
	interactions.TemporalCases

	mu    sync.Mutex
	taken map[soar.CaseRef]time.Time
}

func (c *timed) Decide(ctx context.Context, d soar.Decide) (soar.Decided, error) {
	out, err := c.TemporalCases.Decide(ctx, d)
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.taken[d.Case] = time.Now()
	}
	return out, err
}

// One click at a time and one bare update at a time, in turn, on one server: what is
// between a click and its decision beside the update itself.
const (
	roundCases = 20
	warmUp     = 5
)

// BenchmarkFromTheClickToItsDecision prints how long acknowledgements take (ack-p99-ms),
// with a crowd of two hundred as well (crowd-ack-p99-ms), and how much longer a decision
// by a click takes than a bare update of a bare workflow on the same server in the same
// run (decision/bare, of the medians).
func BenchmarkFromTheClickToItsDecision(b *testing.B) {
	o := newOffice(b, crowd)
	watched := &timed{TemporalCases: interactions.TemporalCases{Client: o.client}, taken: map[soar.CaseRef]time.Time{}}
	first, second := o.worker(watched), o.worker(watched)
	o.sockets(2)
	o.inTurn(b, "warm", warmUp, watched)
	var acks, clicks, bares []time.Duration
	round := 0
	for b.Loop() {
		round++
		a, c, u := o.inTurn(b, fmt.Sprintf("round%d-", round), roundCases, watched)
		acks, clicks, bares = append(acks, a...), append(clicks, c...), append(bares, u...)
	}
	b.StopTimer()
	b.ReportMetric(millis(at(acks, 0.99)), "ack-p99-ms")
	b.ReportMetric(millis(at(clicks, 0.5)), "decision-p50-ms")
	b.ReportMetric(millis(at(bares, 0.5)), "bare-p50-ms")
	b.ReportMetric(float64(at(clicks, 0.5))/float64(at(bares, 0.5)), "decision/bare")
	b.ReportMetric(millis(at(o.crowdAcks(b), 0.99)), "crowd-ack-p99-ms")
	o.drain(first)
	o.drain(second)
}

// inTurn decides so many cases by a click each, and updates as many bare workflows.
func (o *office) inTurn(b *testing.B, name string, n int, watched *timed) (acks, clicks, bares []time.Duration) {
	b.Helper()
	refs := o.open(n, name, time.Hour)
	var ids []string
	for i := range n {
		ids = append(ids, fmt.Sprintf("bare-%s%d", name, i))
		if _, err := o.client.ExecuteWorkflow(b.Context(), client.StartWorkflowOptions{ID: ids[i], TaskQueue: soar.TaskQueue}, bareWorkflow); err != nil {
			b.Fatal(err)
		}
	}
	for i, ref := range refs {
		begun := time.Now()
		o.press(b, o.people[i], ref)
		acks = append(acks, time.Since(begun))
		clicks = append(clicks, o.outcome(b, ref, watched).Sub(begun))
		begun = time.Now()
		o.updateBare(b, ids[i])
		bares = append(bares, time.Since(begun))
	}
	return acks, clicks, bares
}

// press clicks on Escalate.
func (o *office) press(b *testing.B, person string, ref soar.CaseRef) {
	card := o.card(ref)
	result, err := o.fake.Click(b.Context(), person, card.Channel, card.TS, slack.ActionEscalate)
	if err != nil || !result.Acked || result.Warned {
		b.Errorf("click of %s: %+v, %v", person, result, err)
	}
}

// outcome waits until what a decision brings with it is done, so that it weighs on
// neither side, and says when it was taken.
func (o *office) outcome(b *testing.B, ref soar.CaseRef, watched *timed) time.Time {
	b.Helper()
	for {
		select {
		case done := <-o.ended:
			if done.Ref != ref {
				continue
			}
			watched.mu.Lock()
			defer watched.mu.Unlock()
			return watched.taken[ref]
		case <-time.After(time.Minute):
			b.Fatalf("%s was not decided", ref)
		}
	}
}

func (o *office) updateBare(b *testing.B, id string) {
	b.Helper()
	handle, err := o.client.UpdateWorkflow(b.Context(), client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: soar.DecideUpdate, UpdateID: "click-" + id, WaitForStage: client.WorkflowUpdateStageCompleted,
		Args: []any{soar.Decide{Case: soar.CaseRef{ID: id, Number: 1}, Decision: soar.Escalate, Click: "click-" + id}},
	})
	if err == nil {
		err = handle.Get(b.Context(), nil)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// crowdAcks are the acknowledgements of two hundred clicks at once.
func (o *office) crowdAcks(b *testing.B) []time.Duration {
	b.Helper()
	refs := o.open(crowdCases, "crowd", time.Hour)
	acks := make([]time.Duration, len(o.people))
	var clicking sync.WaitGroup
	for i, person := range o.people {
		clicking.Go(func() {
			begun := time.Now()
			o.press(b, person, refs[i/4])
			acks[i] = time.Since(begun)
		})
	}
	clicking.Wait()
	return acks
}

// at is the value below which so much of all lies.
func at(all []time.Duration, share float64) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
