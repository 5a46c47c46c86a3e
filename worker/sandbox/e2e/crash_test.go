package e2e_test

import (
	"testing"

	"harrier/worker/sandbox/stack"
	"harrier/workflows/soar"
)

func TestACaseOutlivesAWorkerThatIsKilledAndThenTakesItsDecision(t *testing.T) {
	ctx, w := harrier(t)
	ref, card := w.openCard(ctx, t, nil)
	incidents := len(w.Incidents.Incidents())
	w.KillWorker()
	click, err := w.Slack.Click(ctx, stack.Analyst, card.Channel, card.TS, "escalate")
	if err != nil {
		t.Fatal(err)
	}
	if click.Acked || !click.Warned || len(w.Slack.Warnings(stack.Analyst)) == 0 {
		t.Errorf("without a worker the click is acknowledged: %t, warned of: %t", click.Acked, click.Warned)
	}
	if err := w.StartWorker(ctx); err != nil {
		t.Fatal(err)
	}
	if err := w.Escalate(ctx, stack.Analyst, card); err != nil {
		t.Fatal(err)
	}
	view, err := w.AwaitCase(ctx, ref.ID, func(v soar.CaseView) bool { return v.Case.Incident != nil })
	if err != nil {
		t.Fatal(err)
	}
	if view.Case.Ref != ref || view.Case.State != soar.CaseEscalated || view.Case.Decision.By.ID != stack.Analyst {
		t.Errorf("case %s is %s by %v", view.Case.Ref, view.Case.State, view.Case.Decision)
	}
	if n := len(w.Incidents.Incidents()) - incidents; n != 1 {
		t.Errorf("%d incidents were opened, want 1", n)
	}
	if n := len(w.ownCards(ref)); n != 1 {
		t.Errorf("the case has %d cards, want 1", n)
	}
}
