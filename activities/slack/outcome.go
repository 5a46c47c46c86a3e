package slack

import (
	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// outcome is the clock of an open case, or what became of it.
func (v view) outcome() blockkit.Text {
	switch v.c.State {
	case soar.CaseApproved, soar.CaseRemembered:
		return v.benign()
	case soar.CaseEscalated:
		return blockkit.Lines(v.decided("Escalated"), v.incident())
	case soar.CaseUnreviewed:
		return blockkit.Bold("Unreviewed.").Then(blockkit.Say(" Nobody decided by "), v.when(v.c.Deadline), blockkit.Say(". It still takes a decision."))
	case soar.CaseSuperseded:
		return blockkit.Bold("Never reviewed.").Then(blockkit.Say(" A newer case of this sender has a card of its own; decide there."))
	case soar.CaseCancelled:
		return blockkit.Bold("Cancelled").Then(blockkit.Say(" by an operator. Nothing was decided; the next such mail raises a card again."))
	}
	return v.clock()
}

func (v view) clock() blockkit.Text {
	if v.c.Deadline.IsZero() {
		return blockkit.Say("No deadline.")
	}
	at := v.when(v.c.Deadline).Then(v.remaining())
	switch v.c.Judgement.Severity {
	case soar.SeverityHigh:
		return blockkit.Bold("Escalates and pages at").Then(blockkit.Say(" "), at, blockkit.Say("."))
	case soar.SeverityLow:
		return blockkit.Say("No page. Untouched, it goes to the digest of ").Then(blockkit.Moment(v.c.Deadline), blockkit.Say(" as \"unreviewed\"."))
	}
	return blockkit.Say("Escalates at ").Then(at, blockkit.Say("."))
}

func (v view) remaining() blockkit.Text {
	left := v.c.Deadline.Sub(v.now)
	if left <= 0 {
		return blockkit.Say(" (now)")
	}
	return blockkit.Sayf(" (%s)", blockkit.Remaining(left))
}

// decided says who, when and why.
func (v view) decided(verb string) blockkit.Text {
	d := v.c.Decision
	if d == nil {
		return blockkit.Bold(verb + ".")
	}
	t := blockkit.Bold(verb).Then(blockkit.Say(" by "), person(d.By), blockkit.Say(" at "), v.when(d.At))
	if d.Reason == "" {
		return t.Then(blockkit.Say("."))
	}
	return t.Then(blockkit.Say(": "), blockkit.Quote(blockkit.Cut(d.Reason, maxReason)))
}

func (v view) benign() blockkit.Text {
	who := v.decided("Benign, approved")
	d := v.c.Decision
	if v.c.State == soar.CaseApproved || d == nil || d.Remember <= 0 {
		return blockkit.Lines(who, blockkit.Say("Approved once: the next such mail raises a card again."))
	}
	until := blockkit.Say("Hidden until ").Then(blockkit.Moment(d.At.Add(d.Remember.Std())),
		blockkit.Say(", unless a guard holds, or its path or content changes."))
	return blockkit.Lines(who, until)
}

func (v view) incident() blockkit.Text {
	i := v.c.Incident
	if i == nil {
		return blockkit.Text{}
	}
	name := "Incident"
	if i.Number > 0 {
		name = blockkit.Sayf("Incident %d", i.Number).Plain(blockkit.MaxButtonText)
	}
	return v.links.incident(i.URL, name)
}

// problems are what failed on the way of the outcome.
func (v view) problems() blockkit.Text {
	var lines []blockkit.Text
	for _, p := range v.c.Problems {
		lines = append(lines, v.judged("⚠ "+blockkit.Cut(p, 300)))
	}
	return blockkit.Lines(lines...)
}
