package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"harrier/activities/slack/slacktest"
	"harrier/worker/sandbox/stack"
	"harrier/workflows/soar"
)

// reader is a person who reads and presses in the browser.
type reader struct {
	*testing.T
	tab     context.Context
	message string
}

func (w *world) reader(ctx context.Context, t *testing.T, card slacktest.Message) *reader {
	t.Helper()
	r := &reader{t, browser(ctx, t), fmt.Sprintf("article[data-ts=%q]", card.TS)}
	r.do("open the Slack page", chromedp.Navigate(w.SlackPage+"/#"+stack.TriageChannel), chromedp.WaitVisible(r.button("escalate")))
	return r
}

func (r *reader) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	r.Helper()
	if err := chromedp.Do(r.tab, actions...); err != nil {
		r.Fatalf("%s: %v; the card reads %q", what, err, r.shown())
	}
}

func (r *reader) button(action string) chromedp.CSS {
	return chromedp.CSS(fmt.Sprintf("%s button[data-action-id=%q]", r.message, action))
}

// press presses a button of the card and waits for what tells that it worked.
func (r *reader) press(action string, until ...chromedp.Action[chromedp.Void]) {
	r.Helper()
	r.do("press "+action, append([]chromedp.Action[chromedp.Void]{
		chromedp.WaitVisible(r.button(action)), chromedp.ScrollIntoView(r.button(action)), chromedp.Click(r.button(action)),
	}, until...)...)
}

// submit sends the open form and waits until it is gone.
func (r *reader) submit(fields ...chromedp.Action[chromedp.Void]) {
	r.Helper()
	r.do("submit the form", append(fields, chromedp.Click(chromedp.CSS(`.modal button[data-view="submit"]`)), chromedp.WaitNotPresent(chromedp.CSS(`.modal`)))...)
}

// actAs lets another person read.
func (r *reader) actAs(user string) {
	r.Helper()
	r.do("act as "+user, choose("#me", user), chromedp.WaitVisible(r.button("evidence")))
}

func (r *reader) shown() string {
	text, err := chromedp.Run(r.tab, chromedp.Text(chromedp.CSS(r.message)))
	if err != nil {
		return err.Error()
	}
	return text
}

// reads waits until the page shows a text anywhere.
func (r *reader) reads(text string) {
	r.Helper()
	r.do("read "+text, func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Poll[bool](fmt.Sprintf("document.body.innerText.includes(%q)", text))(ctx, tab)
		return chromedp.Void{}, err
	})
}

func TestPeopleSnoozeReadAndEscalateInTheBrowser(t *testing.T) {
	ctx, w := harrier(t)
	ref, card := w.openCard(ctx, t, ofSender("ldap-notify@contoso.com"))
	r := w.reader(ctx, t, card)
	r.press("snooze", chromedp.WaitVisible(chromedp.CSS(`.modal select`)))
	r.submit(choose(`.modal select`, "1h"))
	r.do("see it snoozed", chromedp.WaitVisible(r.button("wake")))
	picture(r.tab, t, "4-snoozed")
	r.press("wake", chromedp.WaitVisible(r.button("snooze")))

	r.press("evidence", chromedp.WaitVisible(chromedp.CSS(`.modal`)))
	r.reads("What was checked")
	picture(r.tab, t, "5-evidence")
	r.do("close the evidence", chromedp.Click(chromedp.CSS(`.modal button[data-view="close"]`)), chromedp.WaitNotPresent(chromedp.CSS(`.modal`)))

	r.press("escalate", chromedp.WaitNotPresent(r.button("escalate")))
	view, err := w.AwaitCase(ctx, ref.ID, func(v soar.CaseView) bool { return v.Case.Incident != nil })
	if err != nil || view.Case.State != soar.CaseEscalated || view.Case.Decision.By.ID != stack.Analyst {
		t.Fatalf("%v; the case is %s, decided %v", err, view.Case.State, view.Case.Decision)
	}
	r.reads("Escalated")
	picture(r.tab, t, "6-escalated")
	if got := did(view.Case); got != "[snooze wake]" {
		t.Errorf("the case remembers %s", got)
	}
}

func TestALongApprovalIsConfirmedByASecondPersonAndUndoneInTheBrowser(t *testing.T) {
	ctx, w := harrier(t)
	ref, card := w.newAutomation(ctx, t, 7)
	r := w.reader(ctx, t, card)
	field := chromedp.CSS(`.modal [data-action-id="reason"]`)
	r.press("approve", chromedp.WaitVisible(field))
	r.submit(chromedp.SendKeys(field, "The intranet's weekly mail"), choose(`.modal select[data-action-id="remember"]`, "90d"))
	r.do("see it proposed", chromedp.WaitVisible(r.button("confirm")))
	picture(r.tab, t, "7-second-person")

	r.actAs(stack.Outsider)
	r.press("confirm")
	r.reads("is not an approver")
	w.noteFor(ctx, t, stack.Outsider, "is not an approver")
	picture(r.tab, t, "8-outsider")

	r.actAs(stack.SecondAnalyst)
	r.press("confirm", chromedp.WaitVisible(r.button("undo")))
	if shown := r.shown(); !strings.Contains(shown, "Benign, approved") || !strings.Contains(shown, "Amira") || !strings.Contains(shown, "Björn") {
		t.Errorf("the card does not name both: %q", shown)
	}
	picture(r.tab, t, "9-confirmed")
	r.press("undo", chromedp.WaitVisible(r.button("approve")))
	view, err := w.AwaitCase(ctx, ref.ID, func(v soar.CaseView) bool { return v.Case.State == soar.CaseOpen })
	if err != nil || view.Entry != nil || did(view.Case) != "[confirm undo]" {
		t.Fatalf("%v; the case is %s, remembers %s", err, view.Case.State, did(view.Case))
	}
	picture(r.tab, t, "10-undone")
}

func did(c soar.Case) string {
	var kinds []soar.ChangeKind
	for _, e := range c.Log {
		kinds = append(kinds, e.Kind)
	}
	return fmt.Sprint(kinds)
}
