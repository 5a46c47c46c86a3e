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
	drawn := t.slack.TryLock(ctx)
	if drawn {
		t.drawLocked(ctx, before.Ref)
		t.slack.Unlock()
	}
	if before.State == soar.CaseEscalated {
		t.escalate(ctx, seq, t.state.Retries(seq))
	}
	t.record(ctx, seq)
	if after := t.state.Outcome(seq); !drawn || after.Incident != nil || after.Defender != nil || len(after.Problems) > len(before.Problems) {
		t.draw(ctx, before.Ref)
	}
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

// incidentFirst is how long the escalation channel waits for the incident, to link it.
const incidentFirst = 20 * time.Second

// tellSideBySide reaches targets at once, so that none waits for another that does not
// answer: the pager rings while Sentinel is down. Only incidents are one after the other.
func (t *triage) tellSideBySide(ctx workflow.Context, seq int, targets []string) {
	var incidents, others []string
	for _, target := range targets {
		if target == soar.TargetIncident || target == string(soar.TargetDefender) {
			incidents = append(incidents, target)
		} else {
			others = append(others, target)
		}
	}
	told := 0
	opened := len(incidents) == 0
	for _, target := range others {
		workflow.Go(ctx, func(ctx workflow.Context) {
			if target == soar.TargetChannel {
				_, _ = workflow.AwaitWithTimeout(ctx, incidentFirst, func() bool { return opened })
			}
			t.tell(ctx, seq, target)
			told++
		})
	}
	t.tellIncidents(ctx, seq, incidents)
	opened = true
	_ = workflow.Await(ctx, func() bool { return told == len(others) })
}

// tellIncidents comments on the incident that Defender has of the case's mail, and opens
// one where it has none that somebody is looking at: two of one matter divide those who
// work on it.
func (t *triage) tellIncidents(ctx workflow.Context, seq int, targets []string) {
	if slices.Contains(targets, string(soar.TargetDefender)) {
		t.tell(ctx, seq, string(soar.TargetDefender))
	}
	if !slices.Contains(targets, soar.TargetIncident) {
		return
	}
	c := t.state.Outcome(seq)
	if c.Defender == nil || c.Defender.Closed {
		t.tell(ctx, seq, soar.TargetIncident)
		return
	}
	t.state.Change(c.Ref, func(c *soar.Case) { c.ClearProblems(soar.TargetIncident) })
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
