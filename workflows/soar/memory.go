package soar

import (
	"slices"
	"time"
)

// See lays a sighting over the sender's memory and answers it. changed says
// that a card has to be posted or redrawn.
//
// The same hunt and window is answered as before. A sighting joins the open
// case; one whose every message was in a case already joins that case, decided
// or not, so that an overlapping window never opens a case again; a learned
// entry hides the rest or ends; what remains opens the next case.
func (s *TriageState) See(key, id string, in See) (seen Seen, changed bool) {
	if prior, ok := s.answered(in.ID()); ok {
		return prior, false
	}
	s.LastSeen = in.At
	fresh := s.freshMessages(in.Finding)
	switch {
	case s.Case.State.Decidable():
		changed = s.join(in, fresh)
		seen = Seen{Answer: SeeJoined, Case: s.Case.Ref, State: s.Case.State}
	case len(fresh) == 0 && s.Case.Ref.Number > 0:
		seen = s.joinDecided(in.Finding)
	default:
		seen, changed = s.hideOrOpen(key, id, in)
	}
	s.remember(fresh, seen.Case.Number)
	s.Answers = keepLast(append(s.Answers, Answered{in.ID(), seen}), MaxAnswers)
	return seen, changed
}

func (s *TriageState) answered(id string) (Seen, bool) {
	for _, a := range s.Answers {
		if a.ID == id {
			return a.Seen, true
		}
	}
	return Seen{}, false
}

// freshMessages are hashes of the finding's messages no case knows. A finding
// without any message is taken as fresh: nothing says it was seen.
func (s *TriageState) freshMessages(f Finding) []string {
	ids := f.MessageIDs()
	if len(ids) == 0 {
		ids = []string{"finding:" + f.Hunt + f.Window.String()}
	}
	var fresh []string
	for _, id := range ids {
		h := MessageHash(id)
		known := slices.ContainsFunc(s.Messages, func(m SeenMessage) bool { return m.Hash == h })
		if !known && !slices.Contains(fresh, h) {
			fresh = append(fresh, h)
		}
	}
	return fresh
}

func (s *TriageState) remember(fresh []string, number int) {
	for _, h := range fresh {
		s.Messages = append(s.Messages, SeenMessage{h, number})
	}
	s.Messages = keepLast(s.Messages, MaxSeenMessages)
}

func (s *TriageState) join(in See, fresh []string) (changed bool) {
	c := &s.Case
	known := slices.IndexFunc(c.Hunts, func(h HuntRef) bool { return h.Slug == in.Hunt })
	ref := huntRef(in)
	if known < 0 {
		c.Hunts = append(c.Hunts, ref)
	} else {
		c.Hunts[known] = ref
	}
	if tellsMore(in, *c) {
		severity := higher(c.Judgement.Severity, in.Judgement.Severity)
		rememberable, why := c.Judgement.Rememberable, c.Judgement.Unrememberable
		c.Finding, c.Judgement, c.Partial = in.Finding, in.Judgement, in.Partial
		c.Judgement.Severity = severity
		if !rememberable {
			c.Judgement.Rememberable, c.Judgement.Unrememberable = false, why
		}
	}
	if due := in.At.Add(in.Deadline.Std()); due.Before(c.Deadline) {
		c.Deadline = due
	}
	return known < 0 || len(fresh) > 0 || s.CardProblem != ""
}

// tellsMore says that a sighting should replace what the card shows: a later
// window, or the same with more guards or more reports.
func tellsMore(in See, c Case) bool {
	now, old := in.Window.To, c.Finding.Window.To
	if !now.Equal(old) {
		return now.After(old)
	}
	if a, b := len(in.Judgement.Guards), len(c.Judgement.Guards); a != b {
		return a > b
	}
	a, b := in.Finding.Candidate.Counts, c.Finding.Candidate.Counts
	return a.Phish+a.Spam > b.Phish+b.Spam
}

func higher(a, b Severity) Severity {
	order := map[Severity]int{SeverityLow: 1, SeverityMedium: 2, SeverityHigh: 3}
	if order[b] > order[a] {
		return b
	}
	return a
}

func (s *TriageState) joinDecided(f Finding) Seen {
	number := s.Case.Ref.Number
	hashes := map[string]bool{}
	for _, id := range f.MessageIDs() {
		hashes[MessageHash(id)] = true
	}
	for _, m := range s.Messages {
		if hashes[m.Hash] && m.Number > 0 {
			number = m.Number
		}
	}
	seen := Seen{Answer: SeeJoined, Case: CaseRef{s.Case.Ref.ID, number}, State: s.Case.State}
	for _, o := range s.Case.Earlier {
		if o.Number == number {
			seen.State = o.State
		}
	}
	if s.Entry != nil && number == s.Entry.Case.Number {
		return Seen{Answer: SeeSuppressed, Case: seen.Case, State: seen.State, Reason: s.Entry.describe()}
	}
	return seen
}

func (s *TriageState) hideOrOpen(key, id string, in See) (Seen, bool) {
	if s.Entry != nil {
		hides, why := s.Entry.Hides(in)
		if hides {
			return Seen{Answer: SeeSuppressed, Case: s.Case.Ref, State: s.Case.State, Reason: s.Entry.describe()}, false
		}
		s.endEntry(in.At, why)
	}
	s.open(key, id, in)
	return Seen{Answer: SeeOpened, Case: s.Case.Ref, State: s.Case.State}, true
}

func (e Entry) describe() string {
	return "approved by " + e.By + " until " + e.Until.UTC().Format(time.DateOnly) + ": " + e.Reason
}

func (s *TriageState) endEntry(at time.Time, why string) {
	s.Entry = nil
	if s.Case.State == CaseRemembered {
		s.Case.State = CaseApproved
	}
	s.Case.Problems = append(s.Case.Problems, "no longer hidden since "+at.UTC().Format("2006-01-02 15:04 MST")+": "+why)
}

func (s *TriageState) open(key, id string, in See) {
	next := Case{
		Ref: CaseRef{id, s.Case.Ref.Number + 1}, Key: key, State: CaseOpen,
		Hunts: []HuntRef{huntRef(in)}, Opened: in.At, Deadline: in.At.Add(in.Deadline.Std()),
		Finding: in.Finding, Judgement: in.Judgement, Partial: in.Partial,
		Channel: in.Channel, Listed: in.Listed, Earlier: s.Case.outcomes(),
	}
	s.Case, s.Settled, s.CardProblem = next, false, ""
}

// outcomes are a case's own outcome and the earlier ones, newest first.
func (c Case) outcomes() []Outcome {
	if c.Decision == nil {
		return c.Earlier
	}
	o := Outcome{Number: c.Ref.Number, State: c.State, By: c.Decision.By.Label(), At: c.Decision.At, Reason: c.Decision.Reason}
	if c.Incident != nil {
		o.Incident = c.Incident.URL
	}
	all := append([]Outcome{o}, c.Earlier...)
	return all[:min(len(all), MaxEarlier)]
}

func huntRef(in See) HuntRef {
	return HuntRef{Slug: in.Hunt, Name: in.HuntName, Window: in.Window, Counts: in.Finding.Candidate.Counts, Seen: in.At}
}

// View is what a query and a judgement of a decision see.
func (s *TriageState) View() CaseView {
	return CaseView{Case: s.Case, Entry: s.Entry, Numbers: s.Case.Ref.Number}
}

// Decided is the answer a click got when it was applied.
func (s *TriageState) Decided(click string) (Decided, bool) {
	for _, c := range s.Clicks {
		if c.Click == click {
			return c.Decided, true
		}
	}
	return Decided{}, false
}

// Decide applies a decision that MayDecide allowed. An approval that is
// remembered becomes the sender's learned entry.
func (s *TriageState) Decide(d Decide) Decided {
	taken := Decision{Kind: d.Decision, By: d.By, At: d.At, Reason: d.Reason, Remember: d.Remember, Click: d.Click}
	c := &s.Case
	c.Decision, s.Settled, s.LastSeen = &taken, false, d.At
	out := Decided{Case: c.Ref}
	switch {
	case d.Decision == Escalate:
		c.State = CaseEscalated
	case d.Remember > 0:
		out.Until = d.At.Add(d.Remember.Std())
		entry := NewEntry(*c, taken, out.Until)
		c.State, s.Entry = CaseRemembered, &entry
	default:
		c.State = CaseApproved
	}
	out.State = c.State
	s.Clicks = keepLast(append(s.Clicks, Clicked{d.Click, out}), MaxAnswers)
	return out
}

// Lapse ends a learned entry whose time is over and says whether it did.
func (s *TriageState) Lapse(now time.Time) bool {
	if s.Entry == nil || now.Before(s.Entry.Until) {
		return false
	}
	s.endEntry(now, "the approval has lapsed")
	return true
}

// Forget ends the learned entry at somebody's word.
func (s *TriageState) Forget(f Forget) {
	if s.Entry != nil {
		s.endEntry(f.At, "forgotten by "+f.By.Label()+": "+f.Reason)
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

// Memo is what listings show.
func (s *TriageState) Memo() TriageMemo {
	m := TriageMemo{State: s.Case.State, Number: s.Case.Ref.Number, Sender: s.Case.Finding.Sender()}
	if s.Entry != nil {
		m.Until = s.Entry.Until.UTC().Format(time.RFC3339)
	}
	return m
}

func keepLast[T any](list []T, most int) []T {
	if len(list) > most {
		return slices.Clone(list[len(list)-most:])
	}
	return list
}
