package slack_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

func buttonsOf(t *testing.T, p posted) []*slackapi.ButtonBlockElement {
	t.Helper()
	var out []*slackapi.ButtonBlockElement
	for _, b := range p.Blocks {
		if a, ok := b.(*slackapi.ActionBlock); ok {
			for _, e := range a.Elements.ElementSet {
				out = append(out, e.(*slackapi.ButtonBlockElement))
			}
		}
	}
	return out
}

// actions are the action ids of a card's buttons, in order.
func actions(t *testing.T, c soar.Case) string {
	t.Helper()
	var ids []string
	for _, b := range buttonsOf(t, card(c)) {
		ids = append(ids, b.ActionID)
		if b.Value != c.Ref.String() {
			t.Errorf("button %s has the value %q", b.ActionID, b.Value)
		}
	}
	return strings.Join(ids, " ")
}

// analyst is somebody who decides.
var analyst = soar.Actor{ID: "U0ANALYST"}

func approved(c soar.Case, ago time.Duration) soar.Case {
	c = decided(c, soar.CaseRemembered, soar.Decision{Kind: soar.Approve, By: analyst, Reason: "disk alert storm, known", Remember: soar.Duration(30 * 24 * time.Hour)})
	c.Decision.At = now.Add(-ago)
	c.Policy.UndoFor = soar.Duration(10 * time.Minute)
	return c
}

func snoozed(c soar.Case) soar.Case {
	c.Snooze = &soar.Snooze{By: analyst, Since: now, Until: now.Add(55 * time.Minute)}
	return c
}

func proposed(c soar.Case, remember time.Duration) soar.Case {
	c.Proposal = &soar.Decision{Kind: soar.Approve, By: analyst, At: now, Reason: "the new payroll tool, announced on Monday", Remember: soar.Duration(remember)}
	return c
}

func failed(c soar.Case, problems ...string) soar.Case {
	c = decided(c, soar.CaseEscalated, soar.Decision{Kind: soar.Escalate, By: soar.DeadlineActor})
	c.Problems = problems
	return c
}

func TestACardOffersWhatCanBeDoneWithItAsItStands(t *testing.T) {
	superseded, cancelled, unreviewed := heldBack(), heldBack(), heldBack()
	superseded.State, cancelled.State, unreviewed.State = soar.CaseSuperseded, soar.CaseCancelled, soar.CaseUnreviewed
	for name, c := range map[string]struct {
		of   soar.Case
		want string
	}{
		"open":                          {takenOver(), "escalate approve evidence snooze"},
		"open and LOW":                  {heldBack(), "approve escalate evidence"},
		"unreviewed":                    {unreviewed, "approve escalate evidence"},
		"snoozed":                       {snoozed(takenOver()), "escalate approve evidence wake"},
		"snoozed and LOW":               {snoozed(heldBack()), "approve escalate evidence wake"},
		"proposed":                      {proposed(forged(), 0), "escalate confirm decline evidence snooze"},
		"proposed and LOW":              {proposed(heldBack(), 90*24*time.Hour), "escalate confirm decline evidence"},
		"approved a minute ago":         {approved(heldBack(), time.Minute), "undo evidence"},
		"approved ten minutes ago":      {approved(heldBack(), 10*time.Minute), "reopen evidence"},
		"escalated":                     {failed(takenOver()), "reopen evidence"},
		"escalated, a target failed":    {failed(takenOver(), "incident: 403"), "retry reopen evidence"},
		"escalated, only the card late": {failed(takenOver(), "card: 429", "no longer hidden since 2026-11-01: path"), "reopen evidence"},
		"superseded":                    {superseded, "evidence"},
		"cancelled":                     {cancelled, ""},
	} {
		if got := actions(t, c.of); got != c.want {
			t.Errorf("%s: buttons are %q, want %q", name, got, c.want)
		}
	}
}

func TestEscalateIsRedUnlessTheCaseIsLow(t *testing.T) {
	style := func(c soar.Case) slackapi.Style {
		bs := buttonsOf(t, card(c))
		return bs[slices.IndexFunc(bs, func(b *slackapi.ButtonBlockElement) bool { return b.ActionID == slack.ActionEscalate })].Style
	}
	if style(takenOver()) != slackapi.StyleDanger || style(forged()) != slackapi.StyleDanger || style(heldBack()) != "" {
		t.Error("Escalate is red on LOW, or not red on HIGH or MEDIUM")
	}
	if got := buttonsOf(t, card(heldBack()))[0].Text.Text; got != "Benign: hide…" {
		t.Errorf("the first button of a LOW card says %q", got)
	}
}

func TestAnApprovalThatCannotBeUndoneSaysNothingOfUndoing(t *testing.T) {
	fresh := wire(t, card(approved(heldBack(), time.Minute)))
	if !strings.Contains(fresh, "It can be undone until <!date^1795514040^{date_short_pretty} {time}|2026-11-24 09:54 UTC>.") {
		t.Errorf("card is %s", fresh)
	}
	never := approved(heldBack(), time.Minute)
	never.Policy.UndoFor = 0
	for _, c := range []soar.Case{approved(heldBack(), 10*time.Minute), never} {
		if got := wire(t, card(c)); strings.Contains(got, "undone") || strings.Contains(got, `"undo"`) {
			t.Errorf("card is %s", got)
		}
	}
}

func TestASnoozedCaseSaysByWhomUntilWhenAndThatTheClockStands(t *testing.T) {
	c := card(snoozed(takenOver()))
	got := wire(t, c)
	if !strings.Contains(got, "*Snoozed* by <@U0ANALYST> until <!date^1795516800^{date_short_pretty} {time}|2026-11-24 10:40 UTC>; clock stopped. Then it escalates and pages: <!date^1795520100^{date_short_pretty} {time}|2026-11-24 11:35 UTC>.") || strings.Contains(got, "Escalates and pages at") {
		t.Errorf("card is %s", got)
	}
	if !strings.HasSuffix(c.Text, "snoozed until <!date^1795516800^{date_short_pretty} {time}|2026-11-24 10:40 UTC>") {
		t.Errorf("notification is %q", c.Text)
	}
}

func TestASnoozedCaseSaysWhenItsClockWouldEnd(t *testing.T) {
	hours := []soar.Window{soar.NewWindow(now.Add(-time.Hour), now.Add(time.Hour)), soar.NewWindow(now.Add(20*time.Hour), now.Add(30*time.Hour))}
	medium, old, high, low, none := snoozed(forged()), snoozed(forged()), snoozed(takenOver()), snoozed(heldBack()), snoozed(forged())
	medium.Policy.Hours, high.Policy.Hours, old.Policy.Hours = hours, hours, hours
	medium.Snooze.Left, high.Snooze.Left = soar.Duration(time.Hour), soar.Duration(30*time.Minute)
	old.Deadline = now.Add(21 * time.Hour) // one hour of today and one of tomorrow are left
	none.Deadline = time.Time{}
	for name, c := range map[string]struct {
		of   soar.Case
		want string
	}{
		"in working time":            {medium, "Then it escalates: <!date^1795588800^{date_short_pretty} {time}|2026-11-25 06:40 UTC>."}, // 5 min today, 55 tomorrow
		"in working time, no Left":   {old, "Then it escalates: <!date^1795592400^{date_short_pretty} {time}|2026-11-25 07:40 UTC>."},
		"HIGH runs around the clock": {high, "Then it escalates and pages: <!date^1795518600^{date_short_pretty} {time}|2026-11-24 11:10 UTC>."},
		"LOW":                        {low, "Then it is \\\"unreviewed\\\" from <!date^1795596900^{date_short_pretty} {time}|2026-11-25 08:55 UTC> on."},
		"no deadline":                {none, "clock stopped.\""},
	} {
		if got := wire(t, card(c.of)); !strings.Contains(got, c.want) {
			t.Errorf("%s: no %q in %s", name, c.want, got)
		}
	}
}

func TestAProposalSaysWhoWantsWhatAndTheClockRunsOn(t *testing.T) {
	got := wire(t, card(proposed(heldBack(), 90*24*time.Hour)))
	for _, want := range []string{"<@U0ANALYST> wants to hide this for 90 days: *needs a second person.*", "“the new payroll tool, announced on Monday”", "Untouched, it is \\\"unreviewed\\\" from <!date^1795593600^", "on, and the next digest lists it."} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if got := wire(t, card(proposed(takenOver(), 0))); !strings.Contains(got, "<@U0ANALYST> says that this is benign: *needs a second person.*") || !strings.Contains(got, "Escalates and pages at") {
		t.Errorf("card is %s", got)
	}
}

func TestAnOpenCaseSaysWhyItIsOpenAgain(t *testing.T) {
	c := takenOver()
	c.Log = []soar.LogEntry{
		{Kind: soar.ChangeUndo, By: "U0ANALYST", At: now.Add(-time.Hour)},
		{Kind: soar.ChangeReopen, By: "U0LEAD", At: now, Reason: "the invoice was not hers"},
		{Kind: soar.ChangeWake, By: "U0ANALYST", At: now},
	}
	got := wire(t, card(c))
	if !strings.Contains(got, "Reopened by <@U0LEAD>") || !strings.Contains(got, "“the invoice was not hers”") || strings.Contains(got, "Woken") {
		t.Errorf("card is %s", got)
	}
	c.State = soar.CaseEscalated
	if got := wire(t, card(c)); strings.Contains(got, "Reopened by") {
		t.Error("a closed card says that it is open again")
	}
}

func TestAnApprovalNamesItsSecondPerson(t *testing.T) {
	c := approved(forged(), time.Minute)
	c.Log = []soar.LogEntry{{Kind: soar.ChangeConfirm, By: "U0LEAD", At: now}}
	if got := wire(t, card(c)); !strings.Contains(got, "Confirmed by <@U0LEAD>, <!date^1795513500^{date_short_pretty} {time}|2026-11-24 09:45 UTC>.") {
		t.Errorf("card is %s", got)
	}
	c.Log = append(c.Log, soar.LogEntry{Kind: soar.ChangeReopen, By: "U0LEAD", At: now})
	if got := wire(t, card(c)); strings.Contains(got, "Confirmed by") {
		t.Error("an approval after a reopening takes over the second person of the one before")
	}
}

// A closed card is never drawn again: a time without its date is a lie the next day.
func TestEveryTimeOnAClosedCardHasItsDate(t *testing.T) {
	for _, c := range []soar.Case{failed(takenOver()), approved(forged(), time.Minute), snoozed(takenOver())} {
		if got := wire(t, card(c)); strings.Contains(got, "^{time}|") {
			t.Errorf("card is %s", got)
		}
	}
}
