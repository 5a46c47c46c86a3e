package workflows

import (
	"slices"
	"time"

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
	if before.State == soar.CaseEscalated && before.Policy.Version >= 2 {
		t.carryOutEscalation(ctx, seq)
		return
	}
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

// carryOutEscalation does at once what carryOut does in turn: nobody is told later because
// Slack does not take an edit, and the audit has the decision whatever becomes of it.
func (t *triage) carryOutEscalation(ctx workflow.Context, seq int) {
	ref, retry := t.state.Outcome(seq).Ref, t.state.Retries(seq)
	recorded := false
	workflow.Go(ctx, func(ctx workflow.Context) { t.draw(ctx, ref) })
	workflow.Go(ctx, func(ctx workflow.Context) {
		t.record(ctx, seq)
		recorded = true
	})
	t.escalate(ctx, seq, retry)
	_ = workflow.Await(ctx, func() bool { return recorded })
	t.record(ctx, seq)
	t.draw(ctx, ref)
}

// escalate reaches every target of an escalation, or only those that failed before.
// One that fails keeps no other from being told.
func (t *triage) escalate(ctx workflow.Context, seq int, only []string) {
	c := t.state.Outcome(seq)
	targets := slices.DeleteFunc(targetsOf(c), func(target string) bool {
		return len(only) > 0 && !slices.Contains(only, target)
	})
	if c.Policy.Version >= 2 {
		t.tellSideBySide(ctx, seq, targets)
		return
	}
	for _, target := range targets {
		t.tell(ctx, seq, target)
	}
}

// tell reaches one target; what fails is said on the card.
func (t *triage) tell(ctx workflow.Context, seq int, target string) {
	ref := t.state.Outcome(seq).Ref
	t.state.Change(ref, func(c *soar.Case) { c.ClearProblems(target) })
	if err := t.reach(ctx, seq, target); err != nil {
		t.problem(ctx, ref, target, err)
	}
}

// How long one target waits for another: Sentinel for Defender, which may have the
// incident already, and the escalation channel for both, to link it.
const (
	defenderFirst = time.Minute
	incidentFirst = 20 * time.Second
)

// tellSideBySide reaches targets at once, so that none waits for long for another that
// does not answer: the pager rings while Sentinel is down.
func (t *triage) tellSideBySide(ctx workflow.Context, seq int, targets []string) {
	asks := func(target string) bool { return slices.Contains(targets, target) }
	noted, opened := !asks(string(soar.TargetDefender)), !asks(soar.TargetIncident)
	if !noted || len(t.state.Retries(seq)) == 0 {
		// What an earlier escalation found says nothing of this one.
		t.state.Change(t.state.Outcome(seq).Ref, func(c *soar.Case) { c.Defender = nil })
	}
	told := 0
	for _, target := range targets {
		workflow.Go(ctx, func(ctx workflow.Context) {
			switch target {
			case string(soar.TargetDefender):
				t.tell(ctx, seq, target)
				noted = true
			case soar.TargetIncident:
				_, _ = workflow.AwaitWithTimeout(ctx, defenderFirst, func() bool { return noted })
				t.tellIncident(ctx, seq)
				opened = true
			case soar.TargetChannel:
				_, _ = workflow.AwaitWithTimeout(ctx, incidentFirst, func() bool { return noted && opened })
				t.tell(ctx, seq, target)
			default:
				t.tell(ctx, seq, target)
			}
			told++
		})
	}
	_ = workflow.Await(ctx, func() bool { return told == len(targets) })
}

// tellIncident opens an incident unless Defender has one that serves: two of one matter
// divide those who work on it.
func (t *triage) tellIncident(ctx workflow.Context, seq int) {
	if c := t.state.Outcome(seq); c.Defender != nil && c.Defender.Serves(c.Judgement.Severity) {
		t.state.Change(c.Ref, func(c *soar.Case) { c.ClearProblems(soar.TargetIncident) })
		return
	}
	t.tell(ctx, seq, soar.TargetIncident)
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
		request.Again = len(t.state.Retries(seq)) > 0
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
