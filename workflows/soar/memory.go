package soar

import (
	"slices"
	"time"
)

// See lays a sighting over the sender's memory and answers it. changed says
// that the newest case's card has to be posted or redrawn.
//
// What was answered before is answered the same. A sighting joins the open
// case. One whose every message was decided on already joins that case, unless
// it is worse than what was decided, so that an overlapping window never opens
// a case again and no guard is passed over. A learned entry hides the rest or
// ends; what remains opens the next case.
func (s *TriageState) See(key, id string, in See) (seen Seen, changed bool) {
	s.distrust(in)
	if prior, ok := s.answered(in); ok {
		return prior, false
	}
	var holds Guard
	if in.Judgement.Verdict == VerdictSuppressed {
		hit, ok := s.holds(in)
		if !ok {
			return Seen{Answer: SeeSuppressed, Case: s.Case.Ref, State: s.Case.State}, false
		}
		in.Judgement, holds = held(in.Judgement, in.Finding, hit), hit.Guard
	}
	s.LastSeen = in.At
	fresh := s.freshMessages(in.Finding)
	switch {
	case s.joinsOpen(in, fresh):
		seen, changed = s.join(in, fresh)
	case s.Entry == nil && s.decidedAlready(in, fresh):
		seen = s.joinDecided(in.Finding)
	default:
		seen, changed = s.hideOrOpen(key, id, in)
	}
	seen.Held = holds
	// What an entry hides is not remembered as decided: it is judged again each time.
	if seen.Answer != SeeSuppressed {
		s.remember(fresh, seen.Case.Number)
	}
	if seen.Answer != SeeSuppressed || s.Case.Policy.Version < 2 {
		s.Answers = keepLast(append(s.Answers, Answered{in.ID(), in.RunID, seen}), MaxAnswers)
	}
	return seen, changed
}

// answered gives the same answer again. Another run of the same window is told
// that nothing new is shown; a repeat by the same run hears what it was told.
func (s *TriageState) answered(in See) (Seen, bool) {
	if s.Case.Policy.Version >= 2 && worse(in, s.Case) {
		// The same messages in a worse light are news.
		return Seen{}, false
	}
	id := in.ID()
	for _, a := range s.Answers {
		if a.ID != id {
			continue
		}
		if a.Run != in.RunID {
			a.Seen.NewCard, a.Seen.List = false, false
		}
		return a.Seen, true
	}
	return Seen{}, false
}

// joinsOpen says that the newest case takes the sighting. An unreviewed case
// does not take news: nobody looks at its card any more.
func (s *TriageState) joinsOpen(in See, fresh []string) bool {
	c := s.Case
	if c.State != CaseUnreviewed {
		return c.State == CaseOpen
	}
	return len(fresh) == 0 && !worse(in, c)
}

// decidedAlready says that every message of a whole finding is known to a case
// and nothing about them got worse since.
func (s *TriageState) decidedAlready(in See, fresh []string) bool {
	return len(fresh) == 0 && s.Case.Ref.Number > 0 && in.Finding.Evidence.Whole() &&
		(s.Case.State == CaseEscalated || !worse(in, s.Case))
}

// worse says that a sighting shows more than a case did: a guard it had not, a
// higher severity, or twice the phish reports.
func worse(in See, c Case) bool {
	for _, g := range in.Judgement.GuardNames() {
		if !slices.Contains(c.Judgement.GuardNames(), g) {
			return true
		}
	}
	now, then := in.Finding.Candidate.Counts.Phish, c.Finding.Candidate.Counts.Phish
	return rankOf(in.Judgement.Severity) > rankOf(c.Judgement.Severity) || now >= then+3 && now >= 2*then
}

func rankOf(s Severity) int {
	return map[Severity]int{SeverityLow: 1, SeverityMedium: 2, SeverityHigh: 3}[s]
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
	return seen
}

func (s *TriageState) hideOrOpen(key, id string, in See) (Seen, bool) {
	if s.Entry != nil {
		hides, why := s.Entry.Hides(in)
		if hides {
			s.Entry.hid(in)
			return Seen{Answer: SeeSuppressed, Case: s.Entry.Case, State: s.Case.State, Reason: s.Entry.describe()}, false
		}
		s.end(Change{Kind: ChangeLapse, By: harrier, At: in.At, Reason: why})
	}
	s.open(key, id, in)
	return Seen{Answer: SeeOpened, Case: s.Case.Ref, State: s.Case.State, NewCard: !in.Listed, List: in.Listed}, true
}

// open puts the next case in the place of the newest. One that nobody reviewed
// is set aside to lose its buttons.
func (s *TriageState) open(key, id string, in See) {
	if s.Case.State == CaseUnreviewed {
		s.Case.State = CaseSuperseded
		s.Defer()
	}
	s.Case = Case{
		Ref: CaseRef{id, s.Case.Ref.Number + 1}, Key: key, State: CaseOpen, Policy: in.Policy, Span: in.Deadline,
		Said: in.Finding.Candidate.Counts.Phish, Hunts: []HuntRef{huntRef(in)}, Opened: in.At,
		Deadline: in.Policy.DeadlineAfter(in.At, in.Deadline.Std(), in.Judgement.Severity),
		Finding:  in.Finding, Judgement: in.Judgement, Partial: in.Partial,
		Channel: in.Channel, Operations: in.Operations, Listed: in.Listed, Earlier: s.Case.outcomes(),
	}
	s.CardProblem, s.CardRetryAt, s.CardTries = "", time.Time{}, 0
}

// outcomes are a case's own outcome and the earlier ones, newest first.
func (c Case) outcomes() []Outcome {
	if c.Ref.Number == 0 || c.Opened.IsZero() {
		return c.Earlier
	}
	o := Outcome{Number: c.Ref.Number, State: c.State, At: c.Deadline}
	if d := c.Decision; d != nil {
		o.By, o.At, o.Reason = d.By.Label(), d.At, d.Reason
	}
	o.Incident = c.IncidentURL()
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

// Memo is what listings show.
func (s *TriageState) Memo() TriageMemo {
	c := s.Case
	m := TriageMemo{
		State: c.State, Number: c.Ref.Number, Sender: c.Finding.Sender(), Severity: c.Judgement.Severity,
		Headline: c.Judgement.Headline, Phish: c.Finding.Candidate.Counts.Phish, Spam: c.Finding.Candidate.Counts.Spam,
	}
	if s.Entry != nil {
		m.Until = s.Entry.Until.UTC().Format(time.RFC3339)
	}
	// Cases of before v0.2.0 were told no policy, and show what they always showed.
	if c.Policy.Version > 0 {
		if c.State == CaseOpen {
			m.Deadline = c.Deadline.UTC().Format(time.RFC3339)
		}
		if s.Entry != nil {
			m.By = s.Entry.By
		}
	}
	if c.Policy.Version >= 2 {
		m.Sent, m.Usual = c.Finding.Candidate.Counts.Sent, c.Finding.Candidate.Counts.Usual
		if c.State == CaseOpen && c.Snooze != nil {
			m.Snoozed = c.Snooze.Until.UTC().Format(time.RFC3339)
			m.Deadline = c.DeadlineAfterSnooze().UTC().Format(time.RFC3339)
		}
	}
	return m
}

func keepLast[T any](list []T, most int) []T {
	if len(list) > most {
		return slices.Clone(list[len(list)-most:])
	}
	return list
}
