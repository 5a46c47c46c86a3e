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
	if prior, ok := s.answered(in); ok {
		return prior, false
	}
	s.distrust(in)
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
	s.Answers = keepLast(append(s.Answers, Answered{in.ID(), in.RunID, seen}), MaxAnswers)
	return seen, changed
}

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

// distrust remembers that a rule hid this sender wrongly, each rule once.
func (s *TriageState) distrust(in See) {
	w := in.Wrong
	if w == nil || slices.ContainsFunc(s.Distrusted, func(d Wrong) bool { return d.Rule == w.Rule }) {
		return
	}
	s.Distrusted = keepLast(append(s.Distrusted, *w), maxDistrusted)
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

// answered gives the same answer again. Another run of the same window is told
// that nothing new is shown; a repeat by the same run hears what it was told.
func (s *TriageState) answered(in See) (Seen, bool) {
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
			return Seen{Answer: SeeSuppressed, Case: s.Entry.Case, State: s.Case.State, Reason: s.Entry.describe()}, false
		}
		s.endEntry(in.At, why)
	}
	s.open(key, id, in)
	return Seen{Answer: SeeOpened, Case: s.Case.Ref, State: s.Case.State, NewCard: !in.Listed, List: in.Listed}, true
}

// endEntry lets the sender's mail be cards again. What the entry hid is not
// answered from memory any more.
func (s *TriageState) endEntry(at time.Time, why string) {
	s.Entry = nil
	s.Answers = slices.DeleteFunc(s.Answers, func(a Answered) bool { return a.Seen.Answer == SeeSuppressed })
	if s.Case.State == CaseRemembered {
		s.Case.State = CaseApproved
	}
	s.Case.AddProblem("no longer hidden since " + at.UTC().Format("2006-01-02 15:04 MST") + ": " + why)
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
	s.CardProblem = ""
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

// Decide applies a decision that MayDecide allowed. An approval that needs a second
// person is proposed and waits for one.
func (s *TriageState) Decide(d Decide) Decided {
	taken := Decision{Kind: d.Decision, By: d.By, At: d.At, Reason: d.Reason, Remember: d.Remember, Click: d.Click}
	var out Decided
	if s.Case.needsSecond(d) {
		s.LastSeen, s.Case.Proposal = d.At, &taken
		out = Decided{Case: s.Case.Ref, State: s.Case.State, Proposed: true}
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
	c.Decision, c.Proposal, c.Snooze, c.UndoOver, s.LastSeen = &taken, nil, nil, false, taken.At
	out := Decided{Case: c.Ref}
	switch {
	case taken.Kind == Escalate:
		c.State = CaseEscalated
	case taken.Remember > 0:
		out.Until = taken.At.Add(taken.Remember.Std())
		entry := NewEntry(*c, taken, out.Until)
		c.State, s.Entry = CaseRemembered, &entry
	default:
		c.State = CaseApproved
	}
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
			if c.Incident != nil {
				o.Incident = c.Incident.URL
			}
		}
	}
}

// Settle forgets a pending copy whose outcome is carried out.
func (s *TriageState) Settle(seq int) {
	s.Pending = slices.DeleteFunc(s.Pending, func(p Pending) bool { return p.Seq == seq })
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
	return m
}

func keepLast[T any](list []T, most int) []T {
	if len(list) > most {
		return slices.Clone(list[len(list)-most:])
	}
	return list
}
