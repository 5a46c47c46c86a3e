package slack

import (
	"slices"
	"strings"
	"time"

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
		return blockkit.Bold("Unreviewed:").Then(blockkit.Say(" nobody decided by "), blockkit.Moment(v.c.Deadline), blockkit.Say(". It still takes a decision."))
	case soar.CaseSuperseded:
		return blockkit.Bold("Never reviewed:").Then(blockkit.Sayf(" case %d of this sender took its place. Decide on that card.", v.c.Ref.Number+1))
	case soar.CaseCancelled:
		return blockkit.Bold("Cancelled by an operator.").Then(blockkit.Say(" Nothing was decided; the next such mail raises a card again."))
	}
	return v.clock()
}

func (v view) clock() blockkit.Text {
	if z := v.c.Snooze; z != nil {
		return blockkit.Bold("Snoozed").Then(blockkit.Say(" by "), person(z.By), blockkit.Say(" until "), blockkit.Moment(z.Until),
			blockkit.Say("; clock stopped."), v.afterSnooze())
	}
	if v.c.Deadline.IsZero() {
		return blockkit.Say("No deadline.")
	}
	if v.c.Judgement.Severity == soar.SeverityLow {
		return v.digest()
	}
	return blockkit.Bold("Escalates"+v.paging()+" at").Then(blockkit.Say(" "), blockkit.Due(v.c.Deadline, v.today(v.c.Deadline)), blockkit.Say("."))
}

func (v view) paging() string {
	if v.pages && v.c.Judgement.Severity == soar.SeverityHigh {
		return " and pages"
	}
	return ""
}

// afterSnooze says what the clock does when nobody wakes the case nor decides it.
func (v view) afterSnooze() blockkit.Text {
	ends := v.c.DeadlineAfterSnooze()
	if ends.IsZero() {
		return blockkit.Text{}
	}
	if v.c.Judgement.Severity == soar.SeverityLow {
		return blockkit.Say(" Then it is \"unreviewed\" from ").Then(blockkit.Moment(ends), blockkit.Say(" on."))
	}
	return blockkit.Say(" Then it escalates"+v.paging()+": ").Then(blockkit.Moment(ends), blockkit.Say("."))
}

func (v view) digest() blockkit.Text {
	untouched := "Untouched, it is \"unreviewed\" from "
	if v.pages {
		untouched = "No page. " + untouched
	}
	return blockkit.Say(untouched).Then(blockkit.Moment(v.c.Deadline), blockkit.Say(" on, and the next digest lists it."))
}

// decided says who, when and why.
func (v view) decided(verb string) blockkit.Text {
	d := v.c.Decision
	if d == nil {
		return blockkit.Bold(verb + ".")
	}
	t := blockkit.Bold(verb).Then(blockkit.Say(" by "), person(d.By), blockkit.Say(", "), blockkit.Moment(d.At))
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
	who := blockkit.Lines(v.decided("Benign, approved"), v.confirmed())
	d := v.c.Decision
	if v.c.State == soar.CaseApproved || d == nil || d.Remember <= 0 {
		return blockkit.Lines(who, blockkit.Say("Approved once: the next such mail raises a card again."), v.undoing())
	}
	until := blockkit.Say("Hidden until ").Then(blockkit.Moment(hiddenUntil(v.c)),
		blockkit.Say(", unless a guard holds or its path or content changes."))
	return blockkit.Lines(who, until, v.undoing())
}

// hiddenUntil is when what a decision hides ends: a person's mail is remembered for less
// than was asked for, and an entry may have been extended.
func hiddenUntil(c soar.Case) time.Time {
	if !c.HiddenUntil.IsZero() {
		return c.HiddenUntil
	}
	return c.Decision.At.Add(c.Decision.Remember.Std())
}

// confirmed names the second person of an approval that took one.
func (v view) confirmed() blockkit.Text {
	e := lastChange(v.c.Log, soar.ChangeConfirm, soar.ChangeDecline, soar.ChangeUndo, soar.ChangeReopen)
	if e == nil || e.Kind != soar.ChangeConfirm {
		return blockkit.Text{}
	}
	return blockkit.Say("Confirmed by ").Then(person(soar.Actor{ID: e.By}), blockkit.Say(", "), blockkit.Moment(e.At), blockkit.Say("."))
}

// undoing says how long the approval may be taken back, nothing once it is too late.
func (v view) undoing() blockkit.Text {
	until, ok := undoable(v.c)
	if !ok || !v.now.Before(until) {
		return blockkit.Text{}
	}
	return blockkit.Say("It can be undone until ").Then(blockkit.Moment(until), blockkit.Say("."))
}

// proposal is an approval that waits for a second person.
func (v view) proposal() blockkit.Text {
	p := v.c.Proposal
	if p == nil || !v.c.State.Decidable() {
		return blockkit.Text{}
	}
	wish := " says that this is benign"
	if p.Remember > 0 {
		wish = " wants to hide this for " + spell(p.Remember)
	}
	t := person(p.By).Then(blockkit.Say(wish+": "), blockkit.Bold("needs a second person."))
	if p.Reason == "" {
		return t
	}
	return blockkit.Lines(t, quotation(p.Reason, maxReason))
}

// spell writes how long an approval is remembered in days, where it is whole days.
func spell(d soar.Duration) string {
	if days := d.Std() / (24 * time.Hour); days > 0 && d.Std()%(24*time.Hour) == 0 {
		return plural(int(days), "day", "days")
	}
	return blockkit.Remaining(d.Std())
}

// changed says why an open case is open again.
func (v view) changed() blockkit.Text {
	if !v.c.State.Decidable() {
		return blockkit.Text{}
	}
	e := lastChange(v.c.Log, soar.ChangeUndo, soar.ChangeReopen, soar.ChangeDecline)
	if e == nil {
		return blockkit.Text{}
	}
	return blockkit.Say("↩ ").Then(logged(*e))
}

// hint says that a rule would spare people this decision.
func (v view) hint() blockkit.Text {
	if v.c.RuleProposal == "" {
		return blockkit.Text{}
	}
	return blockkit.Say("Several people approved this on the same path: a rule would hide it. Its YAML is on the last page of Evidence.")
}

// notTargets begin problems that are none of an escalation's targets.
var notTargets = []string{"card: ", "thread: ", "audit: ", "no longer hidden "}

// failedTargets says that somewhere the escalation did not arrive.
func failedTargets(c soar.Case) bool {
	return slices.ContainsFunc(c.Problems, func(p string) bool {
		return !slices.ContainsFunc(notTargets, func(begin string) bool { return strings.HasPrefix(p, begin) })
	})
}

// incident leads to where an escalated case is worked on.
func (v view) incident() blockkit.Text {
	var out []blockkit.Text
	if i := v.c.Incident; i != nil {
		name := "Sentinel incident"
		if i.Number > 0 {
			name = blockkit.Sayf("Sentinel incident %d", i.Number).Plain(blockkit.MaxButtonText)
		}
		out = append(out, v.links.incident(i.URL, name))
	}
	if d := v.c.Defender; d != nil {
		link := v.links.incident(d.URL, "Defender incident "+blockkit.Cut(d.ID, 20))
		if d.Closed {
			link = link.Then(blockkit.Say(" (resolved before)"))
		}
		out = append(out, link)
	}
	return blockkit.Join(" · ", out...)
}

// reopenedIncident leads to the incident of an escalation that was taken back by
// opening the case again: it may still be open.
func (v view) reopenedIncident() blockkit.Text {
	links := v.incident()
	if v.c.State == soar.CaseEscalated || links.IsEmpty() {
		return blockkit.Text{}
	}
	return blockkit.Say("Of an earlier escalation: ").Then(links)
}

// failedAt are the places that a problem begins with, in words.
var failedAt = map[string]string{
	soar.TargetIncident: "Sentinel incident", soar.TargetChannel: "Escalation channel",
	string(soar.TargetDefender): "Defender", string(soar.TargetPage): "Pager",
	"card": "This card", "thread": "Thread", "audit": "Audit",
}

// problem is what failed, the place in words.
func problem(p string) string {
	place, why, found := strings.Cut(p, ": ")
	if words := failedAt[place]; found && words != "" {
		return words + ": " + why
	}
	return p
}

// problems are what failed on the way of the outcome.
func (v view) problems() blockkit.Text {
	var lines []blockkit.Text
	for _, p := range v.c.Problems {
		lines = append(lines, v.judged("⚠ "+blockkit.Cut(problem(p), 300)))
	}
	if i := v.c.Incident; i != nil && i.Missing != "" {
		lines = append(lines, v.judged("⚠ Of the incident: "+blockkit.Cut(i.Missing, 300)))
	}
	return blockkit.Lines(lines...)
}
