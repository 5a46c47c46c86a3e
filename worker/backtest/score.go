package backtest

import (
	"cmp"
	"maps"
	"slices"

	"harrier/workflows/soar"
)

// Finding is one finding of the period with what analysts said of it.
type Finding struct {
	Window   soar.Window        `json:"window"`
	Outcome  soar.SenderOutcome `json:"outcome"`
	Decision Decision           `json:"decision"`
}

// Findings are all judged findings of runs. view is that of Preview.Recall.
func Findings(results []soar.HuntResult, view func(caseID string) (v soar.CaseView, ok bool, err error)) ([]Finding, error) {
	var out []Finding
	for _, r := range results {
		for _, s := range r.Senders {
			if s.Verdict == soar.VerdictBelowCut {
				continue
			}
			v, ok, err := view(s.CaseID)
			if err != nil {
				return nil, err
			}
			f := Finding{Window: r.Window, Outcome: s, Decision: Undecided}
			if ok {
				f.Decision = DecisionOn(v, r.Window)
			}
			out = append(out, f)
		}
	}
	return out, nil
}

// RuleScore is how one rule fared.
type RuleScore struct {
	Rule string        `json:"rule"`
	Mode soar.RuleMode `json:"mode"`
	// Hidden counts findings; in shadow mode those that it would have hidden.
	Hidden    int `json:"hidden"`
	Benign    int `json:"benign"`
	Escalated int `json:"escalated"`
	Undecided int `json:"undecided"`
	// Precision is benign by decided; nil when nothing of it was decided.
	Precision *float64 `json:"precision"`
}

// Missed is an approved sender that no rule hides.
type Missed struct {
	Sender string `json:"sender"`
	CaseID string `json:"case_id"`
	// Findings counts days or runs on which it came up.
	Findings int `json:"findings"`
	// Why is what kept it visible, of the newest finding.
	Why string `json:"why"`
}

// Score is how the rules fared over a period.
type Score struct {
	Findings int `json:"findings"`
	// Rules are those that hid or would have, worst precision first.
	Rules []RuleScore `json:"rules"`
	// Wrong are findings that a rule hides and an analyst escalated.
	Wrong []Finding `json:"wrong"`
	// Missed is automation that analysts approve by hand, most often seen first.
	Missed []Missed `json:"missed"`
	// Stale are rules in force that hid nothing.
	Stale []string `json:"stale"`
}

// Grade scores the rules in force by the findings of a period.
func Grade(rules []soar.Rule, findings []Finding) Score {
	s := Score{Findings: len(findings)}
	scores := map[string]*RuleScore{}
	for _, r := range rules {
		if r.Inactive == "" {
			scores[r.ID] = &RuleScore{Rule: r.ID, Mode: r.Mode}
		}
	}
	for _, f := range findings {
		rule, shadow := hides(f.Outcome, slices.Collect(maps.Keys(scores)))
		if rule == "" {
			continue
		}
		scores[rule].count(f.Decision)
		if f.Decision == Escalated && !shadow {
			s.Wrong = append(s.Wrong, f)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(scores)) {
		if scores[id].Hidden == 0 {
			s.Stale = append(s.Stale, id)
			continue
		}
		s.Rules = append(s.Rules, scores[id].graded())
	}
	slices.SortStableFunc(s.Rules, func(a, b RuleScore) int { return cmp.Compare(a.rank(), b.rank()) })
	s.Missed = missed(findings)
	return s
}

func (s *RuleScore) count(d Decision) {
	s.Hidden++
	switch d {
	case Benign:
		s.Benign++
	case Escalated:
		s.Escalated++
	default:
		s.Undecided++
	}
}

func (s RuleScore) graded() RuleScore {
	if decided := s.Benign + s.Escalated; decided > 0 {
		p := float64(s.Benign) / float64(decided)
		s.Precision = &p
	}
	return s
}

// rank puts the worst first and what nobody decided on last.
func (s RuleScore) rank() float64 {
	if s.Precision == nil {
		return 2
	}
	return *s.Precision
}

// missed are approved senders that stay visible. Persons are no automation.
func missed(findings []Finding) []Missed {
	byCase := map[string]*Missed{}
	for _, f := range findings {
		o := f.Outcome
		if o.Verdict != soar.VerdictTriage || f.Decision != Benign || slices.Contains(o.Guards, soar.GuardPerson) {
			continue
		}
		m := byCase[o.CaseID]
		if m == nil {
			m = &Missed{Sender: o.Sender, CaseID: o.CaseID}
			byCase[o.CaseID] = m
		}
		m.Findings++
		m.Why = o.Reason
	}
	var out []Missed
	for _, m := range byCase {
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b Missed) int {
		return cmp.Or(cmp.Compare(b.Findings, a.Findings), cmp.Compare(a.Sender, b.Sender), cmp.Compare(a.CaseID, b.CaseID))
	})
	return out
}
