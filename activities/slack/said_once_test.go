package slack_test

import (
	"strings"
	"testing"
	"time"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

func TestACardSaysWhenItsMailCame(t *testing.T) {
	c := takenOver()
	c.Finding.Evidence.Messages[1].Time = now.AddDate(0, 0, -2)
	said := func(c soar.Case) string {
		return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(wire(t, card(c)))
	}
	if got, want := said(c), "Sent <!date^1795340700^{date_short_pretty} {time}|2026-11-22 09:45 UTC> to <!date^1795510500^{date_short_pretty} {time}|2026-11-24 08:55 UTC>"; !strings.Contains(got, want) {
		t.Errorf("no %q in %s", want, got)
	}
	if got, want := said(forged()), `"Sent <!date^1795506300^{date_short_pretty} {time}|2026-11-24 07:45 UTC>"`; !strings.Contains(got, want) {
		t.Errorf("no %q in %s", want, got)
	}
	c.Finding.Evidence.Messages[0].Orphan, c.Finding.Evidence.Messages[1].Time = true, time.Time{}
	if got := said(c); strings.Contains(got, `"Sent <`) {
		t.Errorf("no time is known: %s", got)
	}
}

func TestReportsAndPeopleAreToldApart(t *testing.T) {
	for want, counts := range map[string]soar.Counts{
		"7 people reported phish within 42 min.":                     {Phish: 7, Reporters: 7},
		"1 person reported spam within 42 min.":                      {Spam: 1, Reporters: 1},
		"5 reports by 4 people within 42 min: 1 phish, 4 spam.":      {Phish: 1, Spam: 4, Reporters: 4},
		"9 phish reports by 7 people within 42 min.":                 {Phish: 9, Reporters: 7},
		"9 spam reports by 1 person within 42 min (and 1 report of ": {Spam: 9, Reporters: 1, Simulations: 1},
	} {
		c := takenOver()
		c.Finding.Candidate.Counts = counts
		if got := wire(t, card(c)); !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
}

func TestAFactThatCountsABurstIsNotSaidAgain(t *testing.T) {
	for fact, want := range map[string]string{
		"212 mails to 212 recipients within 6 min; usual 14": "No report yet. 2 of its mails were looked at. Sent to 212",
		"Link to evil.test": "No report yet. 212 mails in 24 h, usual 14. Of these, 2 were looked at.",
	} {
		c := burst()
		c.Judgement.Facts = []string{fact}
		if got := wire(t, card(c)); !strings.Contains(got, want) || strings.Count(got, "212 mails") != 2 { // the other one is in the notification
			t.Errorf("no %q, or the usual twice: %s", want, got)
		}
	}
}

func TestCasesWithoutASenderAreToldApart(t *testing.T) {
	s := summary(2)
	for i := range s.Listed {
		s.Listed[i].Headline, s.Listed[i].Sender = "Null sender", "<>"
	}
	blocks, text := slack.SummaryMessage(s, now)
	checkMessage(t, blocks, text)
	got := wire(t, blocks)
	for _, c := range s.Listed {
		if want := "Null sender: " + c.Ref.String(); !strings.Contains(got, want) || strings.Contains(got, "(null sender)") {
			t.Errorf("no %q, or said twice: %s", want, got)
		}
	}
}

func TestAnEndingEntryKeepsTheDomainOfALongAddress(t *testing.T) {
	x := soar.Expiring{Case: takenOver().Ref, Sender: strings.Repeat("jane.doe.contoso.com.", 8) + "@evil.test", Until: now.AddDate(0, 0, 3)}
	ref := slack.ExtendRef{Expiring: x}
	got := wire(t, slack.ExtendModal(slack.Extension{Ref: ref}, now))
	if !strings.Contains(ref.String(), "…@evil.test") || !strings.Contains(got, "…@evil.test`") {
		t.Errorf("the button says %s, the form %s", ref, got)
	}
}
