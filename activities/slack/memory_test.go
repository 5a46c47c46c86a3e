package slack_test

import (
	"strings"
	"testing"

	"harrier/workflows/soar"
)

// ended is an earlier case of a sender.
func ended(number int, state soar.CaseState, daysAgo int) soar.Outcome {
	return soar.Outcome{Number: number, State: state, At: now.AddDate(0, 0, -daysAgo), By: "U0ANALYST"}
}

func TestAnEarlierAttackIsSaidFirstHoweverManyBenignCasesCameSince(t *testing.T) {
	c := takenOver()
	c.Earlier = []soar.Outcome{
		ended(9, soar.CaseApproved, 1), ended(8, soar.CaseRemembered, 29), ended(7, soar.CaseApproved, 31), ended(6, soar.CaseApproved, 40),
		ended(5, soar.CaseEscalated, 60), ended(4, soar.CaseEscalated, 200),
	}
	c.Earlier[4].Incident = "https://portal.azure.com/incident/12"
	got := wire(t, card(c))
	at := order(t, card(c), "🔴 Escalated before:* case 5 escalated", "30 days: 8 reports, 2 cases (2 benign). 90 days: 5 cases (4 benign, *1 escalated*).", "Last: case 9 approved")
	if at[0] < 0 || at[1] < 0 || at[2] < 0 || strings.Index(got, "🔴") > strings.Index(got, "Envelope and From") {
		t.Errorf("rows stand at %v in %s", at, got)
	}
	if !strings.Contains(got, "incident/12|incident\\u003e; 1 more") {
		t.Errorf("no link in %s", got)
	}
}

func TestAFullMemoryCountsAtLeast(t *testing.T) {
	c := takenOver()
	c.Earlier = nil
	for n := range soar.MaxEarlier {
		c.Earlier = append(c.Earlier, ended(90-n, soar.CaseApproved, n))
	}
	if got := wire(t, card(c)); !strings.Contains(got, "90 days: at least 20 cases (20 benign).") {
		t.Errorf("card is %s", got)
	}
	c.Earlier = []soar.Outcome{ended(2, soar.CaseUnreviewed, 40)}
	if got := wire(t, card(c)); !strings.Contains(got, "30 days: 8 reports. 90 days: 1 case (1 unreviewed).") {
		t.Errorf("card is %s", got)
	}
	c.Earlier, c.Finding.Past.Known = nil, false
	if got := wire(t, card(c)); strings.Contains(got, "30 days") {
		t.Errorf("of a sender without a memory the card says %s", got)
	}
}

func TestAReopenedCaseKeepsTheLinkToItsIncident(t *testing.T) {
	c := reopened()
	c.Incident = &soar.Incident{ID: "i", Number: 4711, URL: "https://portal.azure.com/incident/4711"}
	if got := wire(t, card(c)); !strings.Contains(got, "Of an earlier escalation: \\u003chttps://portal.azure.com/incident/4711|Sentinel incident 4711") {
		t.Errorf("card is %s", got)
	}
	c.State = soar.CaseEscalated
	if got := wire(t, card(c)); strings.Contains(got, "earlier escalation") || !strings.Contains(got, "|Sentinel incident 4711>") {
		t.Errorf("card is %s", got)
	}
}

func TestANotificationSaysWhereTheExposureIsNotKnown(t *testing.T) {
	c := takenOver()
	c.Finding.Exposure = soar.Exposure{}
	if got := card(c).Text; !strings.Contains(got, "7 phish reports, exposure not known, decide by") {
		t.Errorf("notification is %q", got)
	}
}

func TestASupersededCardNamesTheCaseThatTookItsPlace(t *testing.T) {
	c := heldBack()
	c.State = soar.CaseSuperseded
	if got := wire(t, card(c)); !strings.Contains(got, "case 6 of this sender took its place") {
		t.Errorf("card is %s", got)
	}
}

func TestWhatFailedIsNamedInWords(t *testing.T) {
	got := wire(t, card(failed(takenOver(), "incident: 403", "escalation channel: is_archived", "defender: 404", "page: 503", "no longer hidden since 2026-11-01: path")))
	for _, want := range []string{"⚠ Sentinel incident: 403", "⚠ Escalation channel: is_archived", "⚠ Defender: 404", "⚠ Pager: 503", "⚠ no longer hidden since"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
}
