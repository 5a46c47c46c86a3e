package workflows

import (
	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/workflows/soar"
)

// startable says that a pending case waits for its outcome to begin.
func (t *triage) startable() bool {
	for _, p := range t.state.Pending {
		if !t.carrying[p.Seq] {
			return true
		}
	}
	return false
}

// startOutcomes carries every pending case out in a coroutine of its own.
func (t *triage) startOutcomes(ctx workflow.Context) {
	for _, p := range t.state.Pending {
		if seq := p.Seq; !t.carrying[seq] {
			t.carrying[seq] = true
			workflow.Go(ctx, func(ctx workflow.Context) {
				t.carryOut(ctx, seq)
				t.state.Settle(seq)
				delete(t.carrying, seq)
			})
		}
	}
}

// carryOut takes the buttons off the card, does what the decision asks for,
// writes the audit and shows the outcome. A target that fails does not keep the
// others from being told: the card says which failed.
func (t *triage) carryOut(ctx workflow.Context, seq int) {
	before := t.state.Outcome(seq)
	drawn := t.slack.TryLock(ctx)
	if drawn {
		t.drawLocked(ctx, before.Ref)
		t.slack.Unlock()
	}
	if before.State == soar.CaseEscalated {
		t.escalate(ctx, seq)
	}
	t.record(ctx, seq)
	if after := t.state.Outcome(seq); !drawn || after.Incident != nil || len(after.Problems) > len(before.Problems) {
		t.draw(ctx, before.Ref)
	}
}

func (t *triage) escalate(ctx workflow.Context, seq int) {
	ref := t.state.Outcome(seq).Ref
	incident, err := activities.OpenIncident.Run(outcomes(ctx), t.request(seq))
	if err != nil {
		t.problem(ctx, ref, "incident", err)
	} else {
		t.state.Change(ref, func(c *soar.Case) { c.Incident = &incident })
	}
	if _, err := activities.PostEscalation.Run(slack(ctx), t.request(seq)); err != nil {
		t.problem(ctx, ref, "escalation channel", err)
	}
}

func (t *triage) record(ctx workflow.Context, seq int) {
	if _, err := activities.RecordDecision.Run(quick(ctx), t.request(seq)); err != nil {
		t.problem(ctx, t.state.Outcome(seq).Ref, "audit", err)
	}
}

func (t *triage) request(seq int) soar.CaseRequest {
	return soar.CaseRequest{Case: t.state.Outcome(seq)}
}
