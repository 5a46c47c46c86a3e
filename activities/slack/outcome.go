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
		return blockkit.Bold("Unreviewed:").Then(blockkit.Say(" nobody decided by "), v.when(v.c.Deadline), blockkit.Say(". It still takes a decision."))
	case soar.CaseSuperseded:
		return blockkit.Bold("Never reviewed:").Then(blockkit.Say(" a newer case of this sender took its place. Decide on that card."))
	case soar.CaseCancelled:
		return blockkit.Bold("Cancelled by an operator.").Then(blockkit.Say(" Nothing was decided; the next such mail raises a card again."))
	}
	return v.clock()
}

func (v view) clock() blockkit.Text {
	if v.c.Deadline.IsZero() {
		return blockkit.Say("No deadline.")
	}
	if v.c.Judgement.Severity == soar.SeverityLow {
		return v.digest()
	}
	what := "Escalates at"
	if v.pages && v.c.Judgement.Severity == soar.SeverityHigh {
		what = "Escalates and pages at"
	}
	return blockkit.Bold(what).Then(blockkit.Say(" "), blockkit.Due(v.c.Deadline, v.today(v.c.Deadline)), blockkit.Say("."))
}

func (v view) digest() blockkit.Text {
	untouched := "Untouched, it goes to the digest of "
	if v.pages {
		untouched = "No page. " + untouched
	}
	return blockkit.Say(untouched).Then(blockkit.Moment(v.c.Deadline), blockkit.Say(" as \"unreviewed\"."))
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
	return t.Then(blockkit.Say(": "), quotation(d.Reason, maxReason))
}

// quotation is what one of our own people wrote, in quotation marks.
func quotation(s string, limit int) blockkit.Text {
	return blockkit.Say("“" + blockkit.Cut(s, limit) + "”")
}

func (v view) benign() blockkit.Text {
	who := v.decided("Benign, approved")
	d := v.c.Decision
	if v.c.State == soar.CaseApproved || d == nil || d.Remember <= 0 {
		return blockkit.Lines(who, blockkit.Say("Approved once: the next such mail raises a card again."))
	}
	until := blockkit.Say("Hidden until ").Then(blockkit.Moment(d.At.Add(d.Remember.Std())),
		blockkit.Say(", unless a guard holds or its path or content changes."))
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
