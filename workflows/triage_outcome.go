package workflows

import (
	"slices"

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
		t.escalate(ctx, seq, t.state.Retries(seq))
	}
	t.record(ctx, seq)
	if after := t.state.Outcome(seq); !drawn || after.Incident != nil || len(after.Problems) > len(before.Problems) {
		t.draw(ctx, before.Ref)
	}
}

// escalate reaches every target of an escalation, or only those that failed before.
// One that fails keeps no other from being told.
func (t *triage) escalate(ctx workflow.Context, seq int, only []string) {
	c := t.state.Outcome(seq)
	for _, target := range targetsOf(c) {
		if len(only) > 0 && !slices.Contains(only, target) {
			continue
		}
		t.state.Change(c.Ref, func(c *soar.Case) { c.ClearProblems(target) })
		if err := t.reach(ctx, seq, target); err != nil {
			t.problem(ctx, c.Ref, target, err)
		}
	}
}

// targetsOf are the incident and the escalation channel, and what the policy adds;
// only HIGH pages.
func targetsOf(c soar.Case) []string {
	out := []string{soar.TargetIncident, soar.TargetChannel}
	for _, target := range c.Policy.Targets {
		if target != soar.TargetPage || c.Judgement.Severity == soar.SeverityHigh {
			out = append(out, string(target))
		}
	}
	return out
}

func (t *triage) reach(ctx workflow.Context, seq int, target string) error {
	request := t.request(seq)
	switch target {
	case soar.TargetIncident:
		incident, err := activities.OpenIncident.Run(outcomes(ctx), request)
		if err == nil {
			t.state.Change(request.Case.Ref, func(c *soar.Case) { c.Incident = &incident })
		}
		return err
	case soar.TargetChannel:
		_, err := activities.PostEscalation.Run(slack(ctx), request)
		return err
	case string(soar.TargetDefender):
		incident, err := activities.NoteDefender.Run(outcomes(ctx), request)
		if err == nil && incident.ID != "" {
			t.state.Change(request.Case.Ref, func(c *soar.Case) { c.Defender = &incident })
		}
		return err
	case string(soar.TargetPage):
		_, err := activities.PageOnCall.Run(outcomes(ctx), request)
		return err
	}
	return nil
}

func (t *triage) record(ctx workflow.Context, seq int) {
	if _, err := activities.RecordDecision.Run(quick(ctx), t.request(seq)); err != nil {
		t.problem(ctx, t.state.Outcome(seq).Ref, "audit", err)
	}
}

func (t *triage) request(seq int) soar.CaseRequest {
	return soar.CaseRequest{Case: t.state.Outcome(seq)}
}
