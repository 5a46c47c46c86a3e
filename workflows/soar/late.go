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
func (s *TriageState) Complete(ref CaseRef, judged Finding, j Judgement) bool {
	c := &s.Case
	finding, ok := c.Finding.WithLateProfile(judged.Profile)
	if c.Ref != ref || c.State != CaseOpen || !ok {
		return false
	}
	if j.Verdict == VerdictSuppressed {
		j = held(j, judged, GuardHit{Guard: GuardOpenCase, Detail: "the case was opened before the sender was known"})
	}
	grown := !slices.Equal(sorted(finding.MessageIDs()), sorted(judged.MessageIDs()))
	c.Finding = finding
	if grown {
		j = mergeJudgements(c.Judgement, j)
	}
	c.Judgement, c.Proposal = j, nil
	return true
}

func sorted(ids []string) []string {
	out := slices.Clone(ids)
	slices.Sort(out)
	return out
}
