package soar

import (
	"slices"
	"time"
)

// SuspectFor is how long no rule hides a sender after an escalation.
const SuspectFor = 30 * 24 * time.Hour

// suspects says that no rule may hide the sender now: its case is open, or was
// escalated of late.
func (s *TriageState) suspects(now time.Time) bool {
	c := s.Case
	return c.State.Decidable() && c.Ref.Number > 0 ||
		c.State == CaseEscalated && c.Decision != nil && now.Before(c.Decision.At.Add(SuspectFor))
}

// holds is the guard by which the sender's own memory holds a suppression.
func (s *TriageState) holds(in See) (GuardHit, bool) {
	for _, w := range s.Distrusted {
		if w.Rule == in.Judgement.Rule {
			return GuardHit{Guard: GuardDistrusted, Detail: "on " + w.At.UTC().Format(time.DateOnly) + " " + w.By.Label() + " said that this rule hid this sender wrongly"}, true
		}
	}
	if s.suspects(in.At) {
		return GuardHit{Guard: GuardOpenCase, Detail: "no rule hides a sender whose case is open or was escalated of late"}, true
	}
	return GuardHit{}, false
}

// maxDistrusted bounds the rules that a sender's memory distrusts.
const maxDistrusted = 50

// LearnedRule is how a run names what an analyst approved, where it names a rule.
func LearnedRule(of CaseRef) string { return "learned " + of.String() }

// distrust remembers that a rule hid this sender wrongly, each rule once. A learned
// entry of which that is said ends.
func (s *TriageState) distrust(in See) {
	w := in.Wrong
	if w == nil {
		return
	}
	if e := s.Entry; e != nil && w.Rule == LearnedRule(e.Case) {
		s.end(Change{Kind: ChangeDistrust, By: w.By, At: in.At, Reason: "said to have hidden mail wrongly: " + w.Reason})
		return
	}
	if !slices.ContainsFunc(s.Distrusted, func(d Wrong) bool { return d.Rule == w.Rule }) {
		s.Distrusted = keepLast(append(s.Distrusted, *w), maxDistrusted)
	}
}

// held turns a suppression into a matter for triage: the rule is the nearest
// one, and the guard says what holds it.
func held(j Judgement, f Finding, by GuardHit) Judgement {
	j.Verdict = VerdictTriage
	j.Guards = append(slices.Clone(j.Guards), by)
	j.Reason = "Looks like rule " + j.Rule + ", held by: " + string(by.Guard) + "."
	j.Severity, j.Headline = SeverityOf(f, j), "Automation with an open or escalated case"
	j.Rememberable, j.Unrememberable = false, "The sender's case is open or was escalated of late; its mail will come again."
	if by.Guard == GuardDistrusted {
		j.Headline, j.Unrememberable = "Automation whose rule was said to be wrong", "An analyst said that the rule is wrong for this sender; its mail will come again."
	}
	return j
}
