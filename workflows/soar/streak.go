package soar

import (
	"slices"
	"time"
)

// proposeAfter is how many different people have to approve the same path and
// envelope before a rule is proposed.
const proposeAfter = 3

// maxStreak bounds the approvals that a streak keeps.
const maxStreak = 10

// Streak are approvals of one sender that followed one another on a constant path
// and envelope.
type Streak struct {
	Envelope  Entry      `json:"envelope"`
	Shapes    []Shape    `json:"shapes,omitempty"`
	Approvals []Approval `json:"approvals"`
}

// Approval is one approval of a streak, by the number of its case.
type Approval struct {
	Number int    `json:"number"`
	By     string `json:"by"`
}

// countApproval adds the newest case's approval to the streak, or begins another, and
// proposes a rule when enough different people agreed. An escalation ends the streak, and
// so does what no rule would hide: mail of a person, or that a guard holds.
func (s *TriageState) countApproval(d Decision) {
	c := &s.Case
	_, pathErr := ParsePath(c.Judgement.Path)
	if c.Policy.Version == 0 || d.Kind != Approve || c.Finding.Profile.IsPerson() || len(c.Judgement.Guards) > 0 || pathErr != nil || !c.Finding.Evidence.Whole() {
		s.Streak = nil
		return
	}
	envelope := NewEntry(*c, Decision{}, time.Time{})
	envelope.Recipients, envelope.IPs = nil, nil
	if s.Streak == nil || !s.Streak.Envelope.sameEnvelope(envelope) {
		s.Streak = &Streak{Envelope: envelope}
	}
	k := s.Streak
	k.drop(c.Ref.Number)
	k.Approvals = keepLast(append(k.Approvals, Approval{c.Ref.Number, d.By.Label()}), maxStreak)
	for _, shape := range shapesOf(c.Finding.Evidence.Messages) {
		// One more than a rule is drafted from tells that there are too many.
		if !hasShape(k.Shapes, shape) && len(k.Shapes) <= maxShapes {
			k.Shapes = append(k.Shapes, shape)
		}
	}
	if people := k.people(); len(people) >= proposeAfter {
		c.RuleProposal = DraftRule(RuleDraft{
			Envelope: k.Envelope, Shapes: k.few(), By: people, Case: c.Ref, Near: c.Judgement.Rule,
			Daily: c.Finding.Candidate.Counts.Messages, At: d.At,
		})
	}
}

// takeBack forgets the approval of a case that is open again.
func (s *TriageState) takeBack(number int) {
	if s.Streak != nil {
		s.Streak.drop(number)
	}
	s.Case.RuleProposal = ""
}

func (k *Streak) drop(number int) {
	k.Approvals = slices.DeleteFunc(slices.Clone(k.Approvals), func(a Approval) bool { return a.Number == number })
}

// people are who approved, each once, in their order.
func (k *Streak) people() []string {
	var out []string
	for _, a := range k.Approvals {
		if !slices.Contains(out, a.By) {
			out = append(out, a.By)
		}
	}
	return out
}

// few are the shapes, none when there are too many to tell a form.
func (k *Streak) few() []Shape {
	if len(k.Shapes) > maxShapes {
		return nil
	}
	return k.Shapes
}

// sameEnvelope says that what the path proves and what the mail carries did not change.
func (e Entry) sameEnvelope(o Entry) bool {
	return e.Path == o.Path && e.Scope == o.Scope && slices.Equal(e.P1, o.P1) && slices.Equal(e.P2, o.P2) &&
		slices.Equal(e.ClientFamilies, o.ClientFamilies) && slices.Equal(e.URLHosts, o.URLHosts) && slices.Equal(e.AttachmentTypes, o.AttachmentTypes)
}
