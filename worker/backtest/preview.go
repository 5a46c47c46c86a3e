package backtest

import (
	"slices"
	"time"

	"harrier/workflows/soar"
)

// Change is a finding that a rule on trial treats otherwise than the rules in force.
type Change struct {
	Window  soar.Window        `json:"window"`
	Outcome soar.SenderOutcome `json:"outcome"`
	// Rule is the one on trial that hides it, or for what comes to light the one in force.
	Rule string `json:"rule"`
	// Shadow says that the rule is in shadow mode: it would hide once it is enforced.
	Shadow bool `json:"shadow,omitempty"`
	// Escalated is when the sender's newest escalated case was, zero for never, and By who did it.
	Escalated time.Time `json:"escalated,omitzero"`
	By        string    `json:"by,omitempty"`
	// Learned says that an analyst's approval hides the sender today.
	Learned bool `json:"learned,omitempty"`
}

// Preview is what rules on trial would change.
type Preview struct {
	// Hidden are visible today and would not be; Shown are hidden today and would be seen.
	Hidden []Change `json:"hidden"`
	Shown  []Change `json:"shown"`
}

// finding names one finding of a run.
type finding struct {
	window                         soar.Window
	workspace, sender, scope, kase string
}

func nameOf(w soar.Window, s soar.SenderOutcome) finding {
	return finding{w, s.Workspace, soar.FoldASCII(s.Sender), string(s.Scope), s.CaseID}
}

// Compare holds the runs with the trial against those without it, over the same
// windows. trial are the ids of the rules on trial.
func Compare(without, with []soar.HuntResult, trial []string) Preview {
	today := map[finding]soar.SenderOutcome{}
	for _, r := range without {
		for _, s := range r.Senders {
			today[nameOf(r.Window, s)] = s
		}
	}
	var p Preview
	for _, r := range with {
		for _, s := range r.Senders {
			before, known := today[nameOf(r.Window, s)]
			rule, shadow := hides(s, trial)
			switch visible := known && before.Verdict == soar.VerdictTriage; {
			case rule != "" && visible:
				p.Hidden = append(p.Hidden, Change{Window: r.Window, Outcome: s, Rule: rule, Shadow: shadow})
			case s.Verdict == soar.VerdictTriage && known && before.Verdict == soar.VerdictSuppressed:
				p.Shown = append(p.Shown, Change{Window: r.Window, Outcome: s, Rule: before.Rule})
			}
		}
	}
	return p
}

// hides is the rule on trial that hides a finding, or would if it were enforced.
func hides(s soar.SenderOutcome, trial []string) (rule string, shadow bool) {
	if s.Verdict == soar.VerdictSuppressed && slices.Contains(trial, s.Rule) {
		return s.Rule, false
	}
	for _, t := range s.Trace {
		if t.Outcome == soar.TraceShadow && slices.Contains(trial, t.Rule) {
			return t.Rule, true
		}
	}
	return "", false
}

// Recall adds to what would be hidden what is known of each sender's cases. view
// answers with ok false for a sender that never had one.
func (p *Preview) Recall(view func(caseID string) (v soar.CaseView, ok bool, err error)) error {
	for i := range p.Hidden {
		c := &p.Hidden[i]
		v, ok, err := view(c.Outcome.CaseID)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if at, by, was := EverEscalated(v); was {
			c.Escalated, c.By = at, by
		}
		c.Learned = v.Entry != nil
	}
	return nil
}

// Escalated counts what would be hidden of senders whose case was escalated.
func (p Preview) Escalated() int {
	n := 0
	for _, c := range p.Hidden {
		if !c.Escalated.IsZero() {
			n++
		}
	}
	return n
}
