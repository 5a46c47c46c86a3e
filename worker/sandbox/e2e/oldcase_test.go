package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"harrier/worker/sandbox/stack"
	"harrier/workflows/soar"
)

func TestAClickOnTheCardOfAnEarlierCaseIsToldWhatBecameOfIt(t *testing.T) {
	ctx, w := harrier(t)
	role := "reported-twice"
	first, card := w.openCard(ctx, t, ofSender(w.sender(t, role)))
	late, err := w.OpenApprove(ctx, stack.SecondAnalyst, card)
	if err != nil {
		t.Fatal(err)
	}
	click, err := w.Slack.Click(ctx, stack.Analyst, card.Channel, card.TS, "escalate")
	if err != nil {
		t.Fatal(err)
	}
	decided := func(v soar.CaseView) bool { return v.Case.Decision != nil && v.Case.Incident != nil }
	before, err := w.AwaitCase(ctx, first.ID, decided)
	if err != nil {
		t.Fatal(err)
	}
	second := w.nextCase(ctx, t, role, first, 0)
	if err := w.SubmitApprove(ctx, stack.SecondAnalyst, late, "I know the sender", "0"); err != nil {
		t.Fatal(err)
	}
	became := fmt.Sprintf("this card is of case 1, which was escalated by <@%s> at %s", stack.Analyst, before.Case.Decision.At.UTC().Format("2006-01-02 15:04 MST"))
	if note := w.noteFor(ctx, t, stack.SecondAnalyst, became); !note.Contains("Nothing was recorded") {
		t.Errorf("the note is %q", note.Content())
	}
	if kept := w.refusals(t, first); len(kept) != 1 || kept[0].Kind != string(soar.RefusedOldCase) {
		t.Errorf("the audit has %+v", kept)
	}
	if acked, err := w.Slack.Redeliver(ctx, click.EnvelopeID); err != nil || !acked {
		t.Errorf("the first click delivered again: acknowledged %t, %v", acked, err)
	}
	w.expectOldCase(ctx, t, first)
	w.expectUndecided(ctx, t, second)
}

// nextCase lets the sender be reported once more, of a new mail, and hunts it.
// Each n is a mail and a window of its own.
func (w *world) nextCase(ctx context.Context, t *testing.T, role string, first soar.CaseRef, n int) soar.CaseRef {
	t.Helper()
	bag := w.newMailbag()
	at := w.Tenant.Anchor.Add(-time.Duration(11+4*n) * time.Minute)
	bag.send(t, letter{like: w.messageOf(t, role), id: fmt.Sprintf("5ec0d000-0000-4000-8000-%012d", n), at: at})
	bag.deliver(t)
	window := around(at)
	result, err := w.Hunt(ctx, soar.HuntInput{Hunt: ours, Window: &window})
	if err != nil || result.Coverage != soar.CoverageComplete {
		t.Fatalf("hunt the new mail: %s %s, %v", result.Coverage, result.Reason, err)
	}
	second := soar.CaseRef{ID: first.ID, Number: first.Number + 1}
	for _, o := range result.Senders {
		if o.Case == second.String() && o.Answer == soar.SeeOpened {
			return second
		}
	}
	t.Fatalf("no finding opened %s: %+v", second, result.Senders)
	return second
}

// expectOldCase sends the case itself a decision on its earlier number.
func (w *world) expectOldCase(ctx context.Context, t *testing.T, old soar.CaseRef) {
	t.Helper()
	d := soar.Decide{
		Case: old, Decision: soar.Escalate, By: soar.Actor{ID: stack.Analyst}, Approvers: soar.Approvers{Users: []string{stack.Analyst}},
		Click: "click-of-an-old-card", At: time.Now(),
	}
	handle, err := w.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: old.ID, UpdateName: soar.DecideUpdate, UpdateID: d.Click, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, nil)
	}
	refused, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok || refused.Type() != string(soar.RefusedOldCase) {
		t.Errorf("a decision on %s: %v", old, err)
	}
}

func (w *world) expectUndecided(ctx context.Context, t *testing.T, ref soar.CaseRef) {
	t.Helper()
	view, err := w.Case(ctx, ref.ID)
	if err != nil || view.Case.Ref != ref || view.Case.State != soar.CaseOpen || view.Case.Decision != nil {
		t.Errorf("%s should be open: it is %s, %s, decided %v, %v", ref, view.Case.Ref, view.Case.State, view.Case.Decision, err)
	}
}
