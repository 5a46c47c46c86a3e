package slack_test

import (
	"strings"
	"testing"

	slackapi "github.com/slack-go/slack"

	"harrier/workflows/soar"
)

// order is where in a card each of several texts stands, by its block.
func order(t *testing.T, p posted, texts ...string) []int {
	t.Helper()
	out := make([]int, len(texts))
	for i, text := range texts {
		out[i] = -1
		for n, b := range p.Blocks {
			if strings.Contains(wire(t, []slackapi.Block{b}), text) && out[i] < 0 {
				out[i] = n
			}
		}
	}
	return out
}

func TestTheClockFollowsTheReasonAndTheButtonsFollowTheClock(t *testing.T) {
	c := forged()
	c.Partial, c.Finding.Evidence.Missing = true, "the query was cut"
	got := order(t, card(c), "Forged backup report", "3 people reported", "P1 and P2 differ", "DMARC fail", "Looks like rule", "Escalates at", `"actions"`, "Found by", "|Message")
	for i := range got {
		if got[i] < 0 || i > 0 && got[i] <= got[i-1] {
			t.Fatalf("the rows stand at %v: %s", got, wire(t, card(c)))
		}
	}
	if got[6] != 6 {
		t.Errorf("the buttons are block %d", got[6])
	}
}

func TestTheReasonIsShortOnTheCardAndWholeInTheEvidence(t *testing.T) {
	c := heldBack()
	c.Judgement.Guards[0].Cure = strings.Repeat("add the relay ", 50) + "END"
	if got := wire(t, card(c)); strings.Contains(got, "END") {
		t.Error("the card has all of a long reason")
	}
	if got := wire(t, evidencePages(t, c, options)[0]); !strings.Contains(got, "END") {
		t.Errorf("the evidence is %s", got)
	}
}

func TestNoLinkIsSaidOnlyWhereEveryMailIsKnown(t *testing.T) {
	const said = "No link, no attachment"
	if got := wire(t, card(heldBack())); !strings.Contains(got, said) {
		t.Errorf("card is %s", got)
	}
	for name, change := range map[string]func(*soar.Evidence){
		"missing":  func(e *soar.Evidence) { e.Missing = "EmailUrlInfo could not be read" },
		"a sample": func(e *soar.Evidence) { e.Total = 5 },
		"orphan":   func(e *soar.Evidence) { e.Messages[0].Orphan = true },
	} {
		c := heldBack()
		change(&c.Finding.Evidence)
		if got := wire(t, card(c)); strings.Contains(got, said) {
			t.Errorf("%s: card is %s", name, got)
		}
	}
}

// sampledCase is a case that holds 30 mails of 300.
func sampledCase() soar.Case {
	c := takenOver()
	for len(c.Finding.Evidence.Messages) < 30 {
		c.Finding.Evidence.Messages = append(c.Finding.Evidence.Messages, c.Finding.Evidence.Messages[1])
	}
	c.Finding.Evidence.Total = 300
	return c
}

func TestCountsOfASampleSayThatTheyAre(t *testing.T) {
	got := card(sampledCase())
	if want := "Of 300 mails, 30 looked at: sent to 212, 180 still in inbox, 4 clicked."; !strings.Contains(wire(t, got), want) {
		t.Errorf("no %q in %s", want, wire(t, got))
	}
	if !strings.Contains(got.Text, "4 clicked, of 300 mails, 30 looked at, decide by") {
		t.Errorf("notification is %q", got.Text)
	}
	c := sampledCase()
	c.Finding.Exposure = soar.Exposure{}
	if got := wire(t, card(c)); !strings.Contains(got, "Of 300 mails, 30 looked at: recipients, inboxes and clicks are not known.") {
		t.Errorf("card is %s", got)
	}
}

func TestAPartialRunAndMissingEvidenceAreBothSaidBesideTheCounts(t *testing.T) {
	c := takenOver()
	c.Partial, c.Finding.Evidence.Missing = true, "the query was cut"
	got := order(t, card(c), "*⚠ Partial run:* rows are missing", "*⚠ Evidence not whole:* the query was cut")
	if got[0] != 2 || got[1] != 2 {
		t.Errorf("the warnings are blocks %v: %s", got, wire(t, card(c)))
	}
}

func TestAnAddressThatAReportLeavesEmptyIsNotKnownAndNoForgery(t *testing.T) {
	c := takenOver()
	m := &c.Finding.Evidence.Messages[0]
	m.Orphan, m.P1 = true, ""
	if got := wire(t, card(c)); strings.Contains(got, "differ") || !strings.Contains(got, "Envelope and From: `j.doe@contoso.com`") {
		t.Errorf("card is %s", got)
	}
	c.Finding.Evidence.Messages = c.Finding.Evidence.Messages[:1]
	if got := wire(t, card(c)); !strings.Contains(got, "Envelope not known, From `j.doe@contoso.com`") {
		t.Errorf("card is %s", got)
	}
	c.Finding.Evidence.Messages[0].Orphan = false
	if got := wire(t, card(c)); !strings.Contains(got, "differ:* envelope (empty), From `j.doe@contoso.com`") {
		t.Errorf("card is %s", got)
	}
}
