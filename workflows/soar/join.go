package soar

import (
	"slices"
	"time"
)

// listAgainAfter is how much later a window has to end for a listed case to be
// brought up again: two hunts of one morning list it once.
const listAgainAfter = 12 * time.Hour

// join merges a sighting into the open case. A case only ever grows: the higher
// severity, every guard, and all messages stay on the card.
func (s *TriageState) join(in See, fresh []string) (seen Seen, changed bool) {
	c := &s.Case
	again := in.Window.To.Sub(c.latestWindow()) >= listAgainAfter || rankOf(in.Judgement.Severity) > rankOf(c.Judgement.Severity)
	newHunt := c.addHunt(in)
	was, before, wasPartial := *c, c.Revision(), c.Partial
	if in.Policy.Version >= c.Policy.Version || c.Policy.Version < 2 {
		// A hunt of an older release, in the middle of an upgrade, takes nothing back.
		c.Policy = in.Policy
	}
	if c.Policy.Version >= 2 && c.Said == 0 {
		c.Said = c.Finding.Candidate.Counts.Phish
	}
	if worse(in, *c) {
		c.wake(in.At)
	}
	// A complete run of what was hunted in part before makes the card whole.
	c.Partial = in.Partial || c.Partial && in.Window.From.After(c.Finding.Window.From)
	completed := c.Policy.Version > 0 && c.Finding.NeedsProfile() && !in.Finding.NeedsProfile()
	if completed {
		// The directory answers now: what held for want of it holds no more.
		c.Judgement.Guards = slices.DeleteFunc(slices.Clone(c.Judgement.Guards), func(g GuardHit) bool { return g.Guard == GuardIdentity })
	}
	c.Finding = mergeFindings(c.Finding, in.Finding).Fit()
	c.Judgement = mergeJudgements(c.Judgement, in.Judgement)
	if due := in.Policy.DeadlineAfter(in.At, in.Deadline.Std(), in.Judgement.Severity); c.Snooze == nil && due.Before(c.Deadline) {
		c.Deadline, c.Span, c.Reminded, c.Called = due, in.Deadline, false, false
	}
	c.lapseProposal(was, in.At)
	seen = Seen{Answer: SeeJoined, Case: c.Ref, State: c.State}
	if c.Listed && again {
		c.Listed = in.Listed
		seen.NewCard, seen.List = !in.Listed, in.Listed
	}
	return seen, completed || newHunt || len(fresh) > 0 || c.Revision() != before || wasPartial != c.Partial || seen.NewCard || s.CardProblem != ""
}

func (c Case) latestWindow() time.Time {
	var latest time.Time
	for _, h := range c.Hunts {
		if h.Window.To.After(latest) {
			latest = h.Window.To
		}
	}
	return latest
}

func (c *Case) addHunt(in See) (added bool) {
	at := slices.IndexFunc(c.Hunts, func(h HuntRef) bool { return h.Slug == in.Hunt })
	if at < 0 {
		c.Hunts = append(c.Hunts, huntRef(in))
		return true
	}
	c.Hunts[at] = huntRef(in)
	return false
}

// mergeFindings keeps the newer finding's profile and past, the other's profile where
// the directory could not be asked, and the messages of both.
func mergeFindings(old, now Finding) Finding {
	out := now
	if old.Window.To.After(now.Window.To) {
		out = old
	}
	for _, f := range []Finding{old, now} {
		if out.NeedsProfile() {
			out.Profile = f.Profile
		}
	}
	out.Evidence = mergeEvidence(old.Evidence, now.Evidence)
	out.Candidate.Messages = include(slices.Clone(old.Candidate.Messages), now.Candidate.Messages...)
	out.Candidate.Messages = keepLast(out.Candidate.Messages, MaxMerged)
	out.Candidate.ObjectIDs = include(slices.Clone(old.Candidate.ObjectIDs), now.Candidate.ObjectIDs...)
	out.Candidate.Counts = mergeCounts(old.Candidate.Counts, now.Candidate.Counts, out.Evidence)
	out.Exposure = mergeExposure(old, now)
	return out
}

// mergeEvidence is the union by message, newest first, the later word on each.
func mergeEvidence(old, now Evidence) Evidence {
	messages := slices.Clone(now.Messages)
	extra := 0
	for _, m := range old.Messages {
		if !slices.ContainsFunc(now.Messages, func(n Message) bool { return n.NetworkMessageID == m.NetworkMessageID }) {
			messages = append(messages, m)
			extra++
		}
	}
	slices.SortStableFunc(messages, func(a, b Message) int { return b.Time.Compare(a.Time) })
	out := Evidence{Messages: messages, Total: max(now.Total+extra, old.Total), Missing: now.Missing}
	if out.Missing == "" {
		out.Missing = old.Missing
	}
	out.Messages = out.Messages[:min(len(out.Messages), MaxMerged)]
	return out
}

func mergeCounts(a, b Counts, ev Evidence) Counts {
	c := Counts{
		Submissions: max(a.Submissions, b.Submissions), Phish: max(a.Phish, b.Phish), Spam: max(a.Spam, b.Spam),
		Simulations: max(a.Simulations, b.Simulations), Reporters: max(a.Reporters, b.Reporters),
		Messages: max(a.Messages, b.Messages), Delivered: max(a.Delivered, b.Delivered),
	}
	seen := recount(Counts{}, ev)
	c.Phish, c.Spam = max(c.Phish, seen.Phish), max(c.Spam, seen.Spam)
	c.Submissions, c.Reporters = max(c.Submissions, c.Phish+c.Spam), max(c.Reporters, seen.Reporters)
	c.Messages = max(c.Messages, seen.Messages)
	c.Sent, c.Usual = a.Sent, a.Usual
	if b.Sent > a.Sent {
		c.Sent, c.Usual = b.Sent, b.Usual
	}
	return c
}

// mergeExposure adds what is exposed by different messages and takes the larger of two
// views of the same. Mail is removed after its delivery: where the later look saw all
// messages of the earlier one, it says what is still in an inbox.
func mergeExposure(old, now Finding) Exposure {
	a, b := old.Exposure, now.Exposure
	if !a.Known || !b.Known {
		out := b
		if a.Known {
			out = a
		}
		return out.withAlerts(a, b)
	}
	before, after := old.MessageIDs(), now.MessageIDs()
	join := func(x, y int) int { return max(x, y) }
	if disjoint(before, after) {
		join = func(x, y int) int { return x + y }
	}
	moved := join
	if !slices.ContainsFunc(before, func(id string) bool { return !slices.Contains(after, id) }) {
		moved = func(_, y int) int { return y }
	}
	out := b
	out.Recipients, out.Clicked = join(a.Recipients, b.Recipients), join(a.Clicked, b.Clicked)
	out.InInbox, out.Removed = moved(a.InInbox, b.InInbox), moved(a.Removed, b.Removed)
	if out.LaterVerdict == "" {
		out.LaterVerdict = a.LaterVerdict
	}
	return out.withAlerts(a, b)
}

// withAlerts names the alerts of both, whatever else is known.
func (e Exposure) withAlerts(a, b Exposure) Exposure {
	e.Alerts = include(slices.Clone(b.Alerts), a.Alerts...)
	e.Alerts = e.Alerts[:min(len(e.Alerts), 5)]
	e.SentinelAlerts = include(slices.Clone(b.SentinelAlerts), a.SentinelAlerts...)
	e.SentinelAlerts = e.SentinelAlerts[:min(len(e.SentinelAlerts), MaxSentinelAlerts)]
	return e
}

func disjoint(a, b []string) bool {
	return !slices.ContainsFunc(a, func(v string) bool { return slices.Contains(b, v) })
}

// mergeJudgements shows the worse one, with the guards of both.
func mergeJudgements(old, now Judgement) Judgement {
	out, other := now, old
	if rankOf(old.Severity) > rankOf(now.Severity) || old.Severity == now.Severity && len(old.Guards) > len(now.Guards) {
		out, other = old, now
	}
	out.Guards = slices.Clone(out.Guards)
	for _, g := range other.Guards {
		if !slices.Contains(out.GuardNames(), g.Guard) {
			out.Guards = append(out.Guards, g)
		}
	}
	if out.Rememberable && !other.Rememberable {
		out.Rememberable, out.Unrememberable = false, other.Unrememberable
	}
	if out.Path != other.Path {
		out.Path = PathMixed
	}
	return out
}
