package soar

import (
	"slices"
	"strings"
	"time"
)

// Apply carries out a change that MayChange allowed.
func (s *TriageState) Apply(c Change) Decided {
	k := &s.Case
	s.LastSeen = c.At
	out := Decided{Case: k.Ref}
	switch c.Kind {
	case ChangeUndo:
		s.openAgain(c.At)
	case ChangeReopen:
		s.openAgain(c.At)
		k.Snoozed = 0
		k.Deadline = k.Policy.DeadlineAfter(c.At, k.span(), k.Judgement.Severity)
	case ChangeSnooze:
		k.Snooze = &Snooze{By: c.By, Since: c.At, Until: c.At.Add(c.For.Std())}
		if k.Policy.Version >= 2 {
			k.Snooze.Left = Duration(k.Policy.Working(c.At, k.Deadline, k.Judgement.Severity))
		}
	case ChangeWake:
		k.wake(c.At)
	case ChangeConfirm:
		taken := *k.Proposal
		taken.Second, taken.At = &c.By, c.At
		s.note(c)
		out = s.take(taken)
	case ChangeDecline:
		// The audit has to tell whose approval it was.
		c.Reason = strings.TrimSuffix("approval by "+k.Proposal.By.Label()+": "+c.Reason, ": ")
		k.Proposal = nil
	case ChangeRetry:
	}
	if c.Kind != ChangeConfirm {
		s.note(c)
		out.State = k.State
		s.Clicks = keepLast(append(s.Clicks, Clicked{c.Click, out}), MaxAnswers)
		s.Defer()
	} else {
		s.Clicks = keepLast(append(s.Clicks, Clicked{c.Click, out}), MaxAnswers)
	}
	return out
}

// note writes a change into the case's log.
func (s *TriageState) note(c Change) {
	s.Case.Log = keepLast(append(s.Case.Log, LogEntry{Kind: c.Kind, By: c.By.Label(), At: c.At, Reason: c.Reason}), MaxLog)
}

// openAgain opens the newest case again: its approval hides nothing more, and its
// clock goes on where there is time left on it, else begins anew.
func (s *TriageState) openAgain(now time.Time) {
	k := &s.Case
	if s.Entry != nil && s.Entry.Case == k.Ref {
		s.unhide()
	}
	s.takeBack(k.Ref.Number)
	if k.Policy.Version >= 2 {
		for _, target := range k.FailedTargets() {
			k.ClearProblems(target)
		}
	}
	k.State, k.Decision, k.Proposal = CaseOpen, nil, nil
	if !k.Deadline.After(now) {
		k.Deadline = k.Policy.DeadlineAfter(now, k.span(), k.Judgement.Severity)
	}
	k.Reminded, k.Called = false, false
}

// span is how long people had for a case at first.
func (c Case) span() time.Duration {
	if c.Span > 0 {
		return c.Span.Std()
	}
	return max(time.Hour, c.Deadline.Sub(c.Opened))
}

// wake lets the clock of a snoozed case go on: it has as much working time left as
// when it was stopped, which around the clock moves the deadline by as long as it stood.
func (c *Case) wake(now time.Time) {
	snooze := c.Snooze
	since, ended, ok := c.endSnooze(now)
	if !ok {
		return
	}
	severity := c.Judgement.Severity
	// The policy's business hours may begin later now than the snooze did.
	left := snooze.Left.Std()
	if left == 0 {
		left = c.Policy.Working(since, c.Deadline, severity)
	}
	c.Deadline = c.Policy.DeadlineAfter(ended, left, severity)
	c.Reminded, c.Called = false, false
}

// endSnooze ends a snooze, says from when until when it lasted, and counts that.
func (c *Case) endSnooze(now time.Time) (since, ended time.Time, ok bool) {
	if c.Snooze == nil {
		return since, ended, false
	}
	since, ended = c.Snooze.Since, c.Snooze.Until
	if now.Before(ended) {
		ended = now
	}
	c.Snooze, c.Snoozed = nil, c.Snoozed+Duration(ended.Sub(since))
	return since, ended, true
}

// Tick does what time alone does to the newest case, and says whether its card
// changed: a snooze ends, and an approval can no longer be undone.
func (s *TriageState) Tick(now time.Time) (changed bool) {
	k := &s.Case
	if k.Snooze != nil && !now.Before(k.Snooze.Until) {
		k.wake(now)
		changed = true
	}
	if until := k.UndoUntil(); !until.IsZero() && !k.UndoOver && !k.State.Decidable() && !now.Before(until) {
		k.UndoOver = true
		changed = true
	}
	return changed
}

// Reminder is what a case has to say before its deadline.
type Reminder string

// The reminders: a note in the thread, then one that calls the on-call group.
const (
	RemindThread Reminder = "thread"
	RemindOnCall Reminder = "on call"
)

// Remind is the reminder that is due, said once a deadline. LOW cases, which a
// deadline lists and does not escalate, remind nobody.
func (s *TriageState) Remind(now time.Time) (due Reminder, ok bool) {
	k := &s.Case
	if k.State != CaseOpen || k.Snooze != nil || k.Judgement.Severity == SeverityLow || k.Ref.Number == 0 {
		return "", false
	}
	reached := func(before Duration) bool { return before > 0 && !now.Before(k.Deadline.Add(-before.Std())) }
	switch {
	case !k.Called && reached(k.Policy.OnCallBefore):
		k.Called, k.Reminded = true, true
		return RemindOnCall, true
	case !k.Reminded && reached(k.Policy.RemindBefore):
		k.Reminded = true
		return RemindThread, true
	}
	return "", false
}

// NextTick is the next time that the newest case's clocks have something to do; zero
// is never.
func (s *TriageState) NextTick() time.Time {
	k := s.Case
	var next time.Time
	at := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	at(k.nextLook())
	at(s.CardRetryAt)
	switch {
	case k.Snooze != nil:
		at(k.Snooze.Until)
	case k.State == CaseOpen:
		at(k.Deadline)
		if k.Judgement.Severity != SeverityLow {
			if b := k.Policy.OnCallBefore; b > 0 && !k.Called {
				at(k.Deadline.Add(-b.Std()))
			}
			if b := k.Policy.RemindBefore; b > 0 && !k.Reminded {
				at(k.Deadline.Add(-b.Std()))
			}
		}
	case !k.UndoOver:
		at(k.UndoUntil())
	}
	return next
}

// Names that begin the problem of a target of an escalation.
const (
	TargetIncident = "incident"
	TargetChannel  = "escalation channel"
)

// FailedTargets are the targets of an escalation that a problem names.
func (c Case) FailedTargets() []string {
	var out []string
	for _, target := range []string{TargetIncident, TargetChannel, string(TargetDefender), string(TargetPage)} {
		if c.FailedAt(target) {
			out = append(out, target)
		}
	}
	return out
}

// FailedAt says that a problem names a place: a target, or the case's own "card".
func (c Case) FailedAt(place string) bool {
	return slices.ContainsFunc(c.Problems, func(p string) bool { return strings.HasPrefix(p, place+": ") })
}

// ClearProblems forgets what failed at a target, before it is tried again.
func (c *Case) ClearProblems(target string) {
	c.Problems = slices.DeleteFunc(slices.Clone(c.Problems), func(p string) bool { return strings.HasPrefix(p, target+": ") })
}

// RetryLast lets the newest pending case reach only the targets that failed.
func (s *TriageState) RetryLast(targets []string) {
	if n := len(s.Pending); n > 0 {
		s.Pending[n-1].Retry = targets
	}
}

// Retries are the targets that alone a pending case is to reach; none is all.
func (s *TriageState) Retries(seq int) []string {
	for _, p := range s.Pending {
		if p.Seq == seq {
			return p.Retry
		}
	}
	return nil
}

// Louder says that phish reports have grown by the policy's factor since the thread
// was last told, from how many. It counts as told from now on. A case that was only
// just opened is news of its own.
func (s *TriageState) Louder(before CaseRef) (from int, ok bool) {
	k := &s.Case
	now := k.Finding.Candidate.Counts.Phish
	if k.Ref != before || !k.State.Decidable() || k.Policy.LouderBy < 2 || now < k.Policy.LouderBy*max(1, k.Said) {
		return 0, false
	}
	from, k.Said = k.Said, now
	return from, true
}
