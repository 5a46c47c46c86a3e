package soar

import (
	"fmt"
	"slices"
)

// SeverityOf is how urgent a finding in triage is. HIGH is an account that is
// likely in foreign hands, or phish that people already clicked; LOW is spam, and
// automation that only its volume, its reports or a missing past held, as long as
// few call it phish. A burst is at least as urgent as its mail alone makes it.
func SeverityOf(f Finding, j Judgement) Severity {
	severity := reportedSeverity(f, j)
	if burst := burstSeverity(f, j); rankOf(burst) > rankOf(severity) {
		return burst
	}
	return severity
}

func reportedSeverity(f Finding, j Judgement) Severity {
	counts, held := f.Candidate.Counts, j.GuardNames()
	switch {
	case slices.Contains(held, GuardCompromise), LikelyTakenOver(f, j):
		return SeverityHigh
	case OnlySimulations(f):
		return SeverityLow
	case counts.Phish >= 2 && f.Exposure.Clicked > 0:
		return SeverityHigh
	case counts.Phish > 0 && hijackSigns(f, j) >= 2:
		return SeverityHigh
	case counts.Phish > 0 && f.Candidate.Scope == ScopeIntraOrg && slices.Contains(held, GuardVerdict):
		return SeverityHigh
	case slices.Contains(held, GuardVerdict):
		return SeverityMedium
	case counts.Phish == 0, inShadow(j):
		return SeverityLow
	case counts.Phish < manyPhish && onlyMeasured(held):
		return SeverityLow
	}
	return SeverityMedium
}

// burstSeverity is how urgent a burst is before anybody has reported it.
func burstSeverity(f Finding, j Judgement) Severity {
	held := j.GuardNames()
	switch {
	case !f.Candidate.Counts.Burst() || OnlySimulations(f), inShadow(j), len(held) == 0, onlyMeasured(held):
		return SeverityLow
	case f.Candidate.Scope == ScopeIntraOrg && slices.Contains(held, GuardVerdict), hijackSigns(f, j) >= 2:
		return SeverityHigh
	}
	return SeverityMedium
}

// A burst is at least minBurst mails and burstTimes what is usual, as in sender-bursts.
const (
	minBurst   = 20
	burstTimes = 3
)

// Burst says that a hunt counted many more mails of the sender than usual.
func (c Counts) Burst() bool { return c.Sent >= minBurst && c.Sent >= burstTimes*c.Usual }

// manyPhish is how many phish reports are no slip of the hand.
const manyPhish = 3

// OnlySimulations says that all reports of a finding are of attack simulations.
func OnlySimulations(f Finding) bool {
	c := f.Candidate.Counts
	return c.Simulations > 0 && c.Phish+c.Spam == 0
}

// LikelyTakenOver says that a person's or a privileged mailbox probably has
// somebody else in it: mail from the mailbox itself that two people reported as
// phish, or that anybody clicked after a report, a burst of mail with links or
// files that the sender never sent before, or a compromise fact.
func LikelyTakenOver(f Finding, j Judgement) bool {
	c, held := f.Candidate.Counts, j.GuardNames()
	if !f.Profile.IsPerson() || f.Candidate.Scope != ScopeIntraOrg || OnlySimulations(f) {
		return false
	}
	if slices.Contains(held, GuardCompromise) || c.Burst() && (slices.Contains(held, GuardURLHost) || slices.Contains(held, GuardAttachment)) {
		return true
	}
	return c.Phish >= 2 && c.Reporters >= 2 || f.Exposure.Clicked > 0 && c.Reported()
}

// Reported says that users reported mail of the sender, or that the hunt counts
// nothing but reports.
func (c Counts) Reported() bool { return c.Phish+c.Spam > 0 || c.Sent == 0 }

// LooksHijacked says that mail came by a path that a program uses and breaks its
// own past or envelope.
func LooksHijacked(f Finding, j Judgement) bool { return hijackSigns(f, j) > 0 }

// hijackSigns counts what on a trusted path differs from the sender's own past.
func hijackSigns(f Finding, j Judgement) int {
	path, err := ParsePath(j.Path)
	trusted := err == nil && path.Kind != PathSaaS
	// A program's genuine mail among the forged makes no forgery of it harmless.
	mixed := j.Path == PathMixed && f.Candidate.Scope == ScopeIntraOrg
	if !trusted && !mixed || f.Profile.IsPerson() {
		return 0
	}
	n := 0
	for _, g := range j.GuardNames() {
		switch g {
		case GuardPath, GuardClient, GuardIP, GuardURLHost, GuardAttachment, GuardInteractive, GuardCompromise, GuardVerdict:
			n++
		case GuardRecipients:
			n += int(flag(f.Past.Mails > 0)) // without a past every recipient is new
		}
	}
	return n
}

// onlyMeasured says that nothing but counting held a finding.
func onlyMeasured(held []Guard) bool {
	for _, g := range held {
		switch g {
		case GuardVolume, GuardReports, GuardNoPast, GuardCeiling:
		default:
			return false
		}
	}
	return len(held) > 0
}

func inShadow(j Judgement) bool {
	return slices.ContainsFunc(j.Trace, func(t RuleTrace) bool { return t.Outcome == TraceShadow })
}

// MayRemember says whether Approve may be remembered for a finding, and if not
// why, in the sentence that the dialog shows.
func MayRemember(f Finding, j Judgement) (ok bool, why string) {
	_, pathErr := ParsePath(j.Path)
	switch {
	case f.Profile.Privileged:
		return false, "The sender is a privileged account; its next reported mail will come again."
	case f.Profile.IsPerson():
		return false, "The sender is a person; their next reported mail will come again."
	case len(j.Guards) > 0:
		return false, guardSentence(j.Guards)
	case !f.Evidence.Whole():
		return false, "Not all reported messages could be read; it will come again."
	case pathErr != nil:
		return false, "The mail came by no path that can be trusted; it will come again."
	}
	return true, ""
}

func guardSentence(hits []GuardHit) string {
	more := ""
	if n := len(hits) - 1; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	verb := "holds"
	if more != "" {
		verb = "hold"
	}
	return fmt.Sprintf("Guard %q (%s)%s %s; it will come again as long as that is so.", hits[0].Guard, hits[0].Detail, more, verb)
}
