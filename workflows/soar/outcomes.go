package soar

import "slices"

// Decide applies a decision that MayDecide allowed. An approval that needs a second
// person is proposed and waits for one.
func (s *TriageState) Decide(d Decide) Decided {
	taken := Decision{Kind: d.Decision, By: d.By, At: d.At, Reason: d.Reason, Remember: d.Remember, Click: d.Click}
	var out Decided
	if s.Case.needsSecond(d) {
		s.LastSeen, s.Case.Proposal = d.At, &taken
		out = Decided{Case: s.Case.Ref, State: s.Case.State, Proposed: true}
		if s.Case.Policy.Version >= 2 {
			s.Defer() // for the audit
		}
	} else {
		out = s.take(taken)
	}
	s.Clicks = keepLast(append(s.Clicks, Clicked{d.Click, out}), MaxAnswers)
	return out
}

// needsSecond says that one person alone may not take an approval.
func (c Case) needsSecond(d Decide) bool {
	p := c.Policy
	return d.Decision == Approve && (p.SecondOver > 0 && d.Remember > p.SecondOver || p.SecondPrivileged && c.Finding.Profile.Privileged)
}

// take carries a decision into the newest case. An approval that is remembered
// becomes the sender's learned entry. The decided case is pending until its outcome
// is carried out.
func (s *TriageState) take(taken Decision) Decided {
	c := &s.Case
	c.endSnooze(taken.At)
	if p := c.Proposal; p != nil && taken.Second == nil {
		s.note(Change{Kind: ChangeLapse, By: harrier, At: taken.At, Reason: "the approval by " + p.By.Label() + " found no second person before the case was decided"})
	}
	c.Decision, c.Proposal, c.UndoOver, s.LastSeen = &taken, nil, false, taken.At
	out := Decided{Case: c.Ref}
	switch {
	case taken.Kind == Escalate:
		c.State = CaseEscalated
	case taken.Remember > 0:
		entry := NewEntry(*c, taken, taken.At.Add(taken.Remember.Std()))
		c.State, s.Entry, out.Until, c.HiddenUntil = CaseRemembered, &entry, entry.Until, entry.Until
	default:
		c.State = CaseApproved
	}
	s.countApproval(taken)
	out.State = c.State
	s.Defer()
	return out
}

// Defer keeps a copy of the newest case until its outcome is carried out.
func (s *TriageState) Defer() {
	s.Deferred++
	s.Pending = append(s.Pending, Pending{Seq: s.Deferred, Case: s.Case})
}

// Known finds a case as it is known now: the newest, or the last pending copy.
// nil when it is neither.
func (s *TriageState) Known(ref CaseRef) *Case {
	if s.Case.Ref == ref {
		return &s.Case
	}
	for i := len(s.Pending) - 1; i >= 0; i-- {
		if s.Pending[i].Case.Ref == ref {
			return &s.Pending[i].Case
		}
	}
	return nil
}

// Outcome finds a pending copy by its number.
func (s *TriageState) Outcome(seq int) Case {
	for _, p := range s.Pending {
		if p.Seq == seq {
			return p.Case
		}
	}
	return Case{}
}

// Change applies f to every copy of a case that is kept, and an incident to its
// outcome in the memory of the case that followed it.
func (s *TriageState) Change(ref CaseRef, f func(*Case)) {
	for i := range s.Pending {
		if s.Pending[i].Case.Ref == ref {
			f(&s.Pending[i].Case)
		}
	}
	if s.Case.Ref == ref {
		f(&s.Case)
		return
	}
	for i := range s.Case.Earlier {
		if o := &s.Case.Earlier[i]; o.Number == ref.Number {
			c := Case{Ref: ref}
			f(&c)
			if url := c.IncidentURL(); url != "" {
				o.Incident = url
			}
		}
	}
}

// Settle forgets a pending copy whose outcome is carried out.
func (s *TriageState) Settle(seq int) {
	s.Pending = slices.DeleteFunc(s.Pending, func(p Pending) bool { return p.Seq == seq })
}
