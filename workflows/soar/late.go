package soar

import (
	"slices"
	"time"
)

// lookLater are the times after a case opened at which a sender is looked up again
// that the directory could not be asked about.
var lookLater = [...]time.Duration{10 * time.Minute, time.Hour, 6 * time.Hour}

// nextLook is when the sender is looked up again; zero is never.
func (c Case) nextLook() time.Time {
	if c.Policy.Version == 0 || c.State != CaseOpen || c.Looks >= len(lookLater) || !c.Finding.NeedsProfile() {
		return time.Time{}
	}
	return c.Opened.Add(lookLater[c.Looks])
}

// Look says that the newest case's sender is to be looked up now, and counts it.
func (s *TriageState) Look(now time.Time) bool {
	at := s.Case.nextLook()
	if at.IsZero() || now.Before(at) {
		return false
	}
	s.Case.Looks++
	return true
}

// Complete lays a profile that came late, and the judgement made with it, over an
// open case, and says whether it did. What the case was judged by meanwhile stays:
// it only ever grows. What the new judgement would hide stays a card, for somebody
// has looked at it.
func (s *TriageState) Complete(ref CaseRef, judged Finding, j Judgement, now time.Time) bool {
	c := &s.Case
	finding, ok := c.Finding.WithLateProfile(judged.Profile)
	if c.Ref != ref || c.State != CaseOpen || !ok {
		return false
	}
	if j.Verdict == VerdictSuppressed {
		j = held(j, judged, GuardHit{Guard: GuardOpenCase, Detail: "the case was opened before the sender was known"})
	}
	before := *c
	grown := !slices.Equal(sorted(finding.MessageIDs()), sorted(judged.MessageIDs()))
	c.Finding = finding
	if grown {
		j = mergeJudgements(c.Judgement, j)
	}
	c.Judgement = j
	c.lapseProposal(before, now)
	if rankOf(j.Severity) > rankOf(before.Judgement.Severity) {
		c.hurry(now)
	}
	return true
}

// hurry lets the clock of a case run that turned out to be worse, and to be decided
// as soon as its severity asks for.
func (c *Case) hurry(now time.Time) {
	c.wake(now)
	within := c.Policy.HighWithin
	if c.Judgement.Severity != SeverityHigh || within <= 0 {
		return
	}
	if due := now.Add(within.Std()); due.Before(c.Deadline) {
		c.Deadline, c.Span, c.Reminded, c.Called = due, within, false, false
	}
}

// lapseProposal ends a proposed approval whose case shows more than it did before:
// nobody confirms what they have not seen.
func (c *Case) lapseProposal(before Case, now time.Time) {
	if c.Proposal == nil || c.Revision() == before.Revision() && rankOf(c.Judgement.Severity) <= rankOf(before.Judgement.Severity) {
		return
	}
	c.Log = keepLast(append(c.Log, LogEntry{Kind: ChangeDecline, By: "Harrier", At: now, Reason: "the case has grown since " + c.Proposal.By.Label() + " proposed to approve it"}), MaxLog)
	c.Proposal = nil
}

func sorted(ids []string) []string {
	out := slices.Clone(ids)
	slices.Sort(out)
	return out
}
