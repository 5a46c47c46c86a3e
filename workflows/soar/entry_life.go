package soar

import (
	"slices"
	"time"
)

// unhide lets the sender's mail be cards again. What the entry hid is not answered
// from memory any more.
func (s *TriageState) unhide() {
	s.Entry = nil
	s.Answers = slices.DeleteFunc(s.Answers, func(a Answered) bool { return a.Seen.Answer == SeeSuppressed })
}

// endEntry ends the learned entry and says on its case's card why.
func (s *TriageState) endEntry(at time.Time, why string) {
	s.unhide()
	if s.Case.State == CaseRemembered {
		s.Case.State = CaseApproved
	}
	s.Case.AddProblem("no longer hidden since " + at.UTC().Format("2006-01-02 15:04 MST") + ": " + why)
}

// Lapse ends a learned entry whose time is over and says whether it did.
func (s *TriageState) Lapse(now time.Time) bool {
	if s.Entry == nil || now.Before(s.Entry.Until) {
		return false
	}
	s.end(Change{Kind: ChangeLapse, By: harrier, At: now, Reason: "the approval has lapsed"})
	return true
}

// Forget ends the learned entry at somebody's word. Who made the sender visible again
// goes into the audit.
func (s *TriageState) Forget(f Forget) {
	if s.Entry == nil {
		return
	}
	if s.Entry.Policy > 0 {
		s.end(Change{Kind: ChangeForget, By: f.By, At: f.At, Reason: f.Reason})
		return
	}
	s.endEntry(f.At, "forgotten by "+f.By.Label()+": "+f.Reason)
	s.Defer()
}

// harrier is who acts where time or evidence does.
var harrier = Actor{Name: "Harrier"}

// end ends the entry as endEntry does, and writes who or what ended it into the log,
// for the audit and the card. An entry of before v0.2.0 ends as it always did.
func (s *TriageState) end(c Change) {
	told := s.Entry.Policy > 0
	s.endEntry(c.At, c.Reason)
	if told {
		s.note(c)
		s.Defer()
	}
}

// Extend moves the end of the learned entry, and writes that into the log.
func (s *TriageState) Extend(e Extend) {
	s.Entry.Until = e.Until.UTC()
	if s.Case.Ref == s.Entry.Case {
		s.Case.HiddenUntil = s.Entry.Until
	}
	if s.Entry.Policy > 0 {
		s.note(Change{Kind: ChangeExtend, By: e.By, At: e.At, Reason: "until " + s.Entry.Until.Format(time.DateOnly)})
		s.Defer()
	}
}

// MayExtend refuses an end that is not later, or further off than MaxRemember.
func (s *TriageState) MayExtend(e Extend) error {
	switch {
	case s.Entry == nil || !e.Until.After(s.Entry.Until):
		return &Refusal{RefusedInput, "until must be later than the entry's end"}
	case e.Until.After(e.At.Add(MaxRemember)):
		return &Refusal{RefusedInput, "until is more than " + Duration(MaxRemember).String() + " away"}
	}
	return nil
}
