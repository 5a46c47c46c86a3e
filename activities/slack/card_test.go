package slack_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

var update = flag.Bool("update", false, "write the golden cards anew")

type posted struct {
	Text   string           `json:"text"`
	Blocks []slackapi.Block `json:"blocks"`
}

// wire is the JSON that Slack is sent, indented, without Go's own escaping of < and >.
func wire(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "cards", name+".json")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update", err)
	}
	if got != string(want) {
		t.Errorf("%s differs from the golden card; look at it and run with -update\n%s", path, got)
	}
}

func card(c soar.Case) posted {
	blocks, text := slack.Card(c, options, now)
	return posted{text, blocks}
}

func TestCardsReadAsAnAnalystNeedsThem(t *testing.T) {
	analyst := soar.Actor{ID: "U0ANALYST"}
	escalatedByHand := decided(takenOver(), soar.CaseEscalated, soar.Decision{Kind: soar.Escalate, By: analyst})
	escalatedByHand.Incident = &soar.Incident{ID: "i", Number: 4711, URL: "https://portal.azure.com/incident/4711"}
	failing := decided(takenOver(), soar.CaseEscalated, soar.Decision{Kind: soar.Escalate, By: soar.DeadlineActor})
	failing.Problems = []string{"incident: 403 from Sentinel; give the worker the incident role"}
	unreviewed := heldBack()
	unreviewed.State = soar.CaseUnreviewed
	cancelled := takenOver()
	cancelled.State = soar.CaseCancelled
	once := decided(heldBack(), soar.CaseApproved, soar.Decision{Kind: soar.Approve, By: analyst, Reason: "disk alert storm, known"})
	kept := decided(heldBack(), soar.CaseRemembered, soar.Decision{
		Kind: soar.Approve, By: analyst, Reason: "disk alert storm, known", Remember: soar.Duration(7 * 24 * time.Hour),
	})
	superseded := heldBack()
	superseded.State = soar.CaseSuperseded
	zapped := takenOver()
	zapped.Finding.Exposure.LaterVerdict, zapped.Finding.Exposure.Removed = "Phish ZAP (Phish)", 32
	zapped.Judgement.Facts = []string{"2026-11-24 08:51 New-InboxRule", "Verdict: Phish ZAP (Phish)", "Sent from 203.0.113.50, not seen in 29 days"}
	for name, c := range map[string]soar.Case{
		"superseded": superseded, "zapped": zapped,
		"high": takenOver(), "medium": forged(), "low": heldBack(), "escalated": escalatedByHand, "deadline_failing": failing,
		"unreviewed": unreviewed, "cancelled": cancelled, "approved": once, "remembered": kept, "hostile": attacked(),
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, wire(t, card(c))) })
	}
}

func TestTheSameCaseIsTheSameCard(t *testing.T) {
	first, second := wire(t, card(attacked())), wire(t, card(attacked()))
	if first != second {
		t.Error("two renderings of one case differ")
	}
}

func TestTheNotificationLineIsSeveritySenderExposureAndClock(t *testing.T) {
	want := "HIGH `j.doe@contoso.com`: 7 phish reports, 4 clicked, decide by <!date^1795516800^{date_short_pretty} {time}|2026-11-24 10:40 UTC>"
	if got := card(takenOver()).Text; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestBothAddressesAreLabelledAndADifferenceIsFlagged(t *testing.T) {
	got := wire(t, card(forged()))
	if !strings.Contains(got, "P1 and P2 differ:* envelope `bounce-77@esp.test`, From `backup@contoso.com`") {
		t.Errorf("no labelled pair in %s", got)
	}
	if got := wire(t, card(takenOver())); strings.Contains(got, "differ") || !strings.Contains(got, "Envelope and From: `j.doe@contoso.com`") {
		t.Errorf("equal addresses are not one in %s", got)
	}
}

func TestAVerdictAfterDeliveryIsSaidOnceAndMakesRoomForAFact(t *testing.T) {
	c := takenOver()
	c.Finding.Exposure.LaterVerdict = "Phish ZAP (Phish)"
	c.Judgement.Facts = []string{"one", "Verdict: Phish ZAP (Phish)", "two"}
	got := wire(t, card(c))
	if strings.Count(got, "Phish ZAP") != 1 || !strings.Contains(got, `\"Payroll update required\" -&gt; hxxps://contoso-hr[.]example`) {
		t.Errorf("card is %s", got)
	}
	c.Finding.Exposure.Known = false
	if got := wire(t, card(c)); strings.Count(got, "Phish ZAP") != 1 {
		t.Error("a verdict that the exposure does not say is lost")
	}
}

func TestOnlyAHighCaseWithAPageGroupSaysThatItPages(t *testing.T) {
	for pages, want := range map[bool]string{true: "*Escalates and pages at*", false: "*Escalates at*"} {
		blocks, text := slack.Card(takenOver(), slack.Options{Pages: pages}, now)
		if got := wire(t, posted{text, blocks}); !strings.Contains(got, want+" <!date^1795516800^{time} ({ago})|10:40 UTC>") {
			t.Errorf("pages %v: %s", pages, got)
		}
	}
	if got := wire(t, card(forged())); strings.Contains(got, "pages") {
		t.Errorf("a MEDIUM case pages: %s", got)
	}
}

func TestOnMailFromOutsideTheDirectorySpeaksOfTheRealAccount(t *testing.T) {
	c := forged()
	want := "The real backup@contoso.com is a shared mailbox, account disabled. This mail came from outside (no connector, 198.51.100.23)."
	if got := wire(t, card(c)); !strings.Contains(got, want) {
		t.Errorf("no %q in %s", want, got)
	}
	c.Finding.Profile = soar.SenderProfile{Kind: soar.KindNotFound}
	if got := wire(t, card(c)); !strings.Contains(got, "No account has the address backup@contoso.com. This mail") {
		t.Errorf("card is %s", got)
	}
}

func TestExposureIsSaidInWordsWhereNumbersAreEqual(t *testing.T) {
	for want, e := range map[string]soar.Exposure{
		"Sent to 14, all still in inbox, 1 clicked.":   {MovesKnown: true, Recipients: 14, InInbox: 14, Clicked: 1},
		"Sent to 14, 3 still in inbox, 1 clicked.":     {MovesKnown: true, Recipients: 14, InInbox: 3, Clicked: 1},
		"Sent to 14, none in inbox, 1 clicked.":        {Recipients: 14, Clicked: 1},
		"Sent to 14, 9 delivered to inbox, 1 clicked.": {Recipients: 14, InInbox: 9, Clicked: 1}, // whether removed is not logged
		"Sent to 1, still in inbox, 1 clicked.":        {MovesKnown: true, Recipients: 1, InInbox: 1, Clicked: 1},
	} {
		c := takenOver()
		e.Known = true
		c.Finding.Exposure = e
		if got := wire(t, card(c)); !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
}

func TestATrendIsDrawnFromFivePointsOn(t *testing.T) {
	if !strings.Contains(wire(t, card(takenOver())), strings.Repeat("▁", 28)+"▂█") {
		t.Error("thirty days are not drawn")
	}
	if strings.Contains(wire(t, card(forged())), "Reports a day") {
		t.Error("three days are drawn")
	}
}

func TestClicksThatAreNotLoggedAreNotZero(t *testing.T) {
	c := forged()
	c.Finding.Exposure.ClicksKnown = false
	if got := wire(t, card(c)); strings.Contains(got, "0 clicked") || !strings.Contains(got, "clicks not known") {
		t.Errorf("card is %s", got)
	}
}

func TestSignsOfAForeignHandComeBeforeAllOtherFactsNewestFirst(t *testing.T) {
	c := compromised()
	c.Finding.Past.Compromise[1].At = now.AddDate(0, 0, -1)
	c.Judgement.Facts = []string{`Inbox rule rule "..." deletes replies, 2026-11-24 08:51 UTC`, "212 recipients in 6 min"}
	got := wire(t, card(c))
	want := `"• Inbox rule: rule \"...\" deletes replies, 2026-11-24 08:51 UTC; MFA change: phone number changed, 2026-11-23 09:45 UTC; ` +
		`Risky user: risk level high\n• 212 recipients in 6 min"`
	if !strings.Contains(got, want) {
		t.Errorf("no %q in %s", want, got)
	}
}

func TestTheNewestSignIsOnTheCardHoweverManyThereAre(t *testing.T) {
	c := takenOver()
	c.Finding.Past.Compromise = nil
	for n := range 10 {
		c.Finding.Past.Compromise = append(c.Finding.Past.Compromise, soar.CompromiseFact{
			Kind: soar.CompromiseInboxRule, At: now.AddDate(0, 0, -n), Detail: fmt.Sprintf("“rule %d” deletes mail", n),
		})
	}
	detail := "New inbox rule on 2026-11-24 09:45 UTC, Inbox rule changed on 2026-11-23 09:45 UTC and 8 more"
	c.Judgement.Guards = []soar.GuardHit{{Guard: soar.GuardCompromise, Detail: detail}}
	c.Judgement.Facts = []string{detail, "Sent from 203.0.113.50", "Link to evil.test"}
	got := wire(t, card(c))
	if strings.Contains(got, "New inbox rule") {
		t.Errorf("the same is told twice: %s", got)
	}
	for _, want := range []string{"• Inbox rule: “rule 0” deletes mail, 2026-11-24 09:45 UTC; ", "; 7 more in Evidence\\n• Sent from 203.0.113.50\\n• Link to evil"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
}

func TestAnEmptySignHidesNoOtherFact(t *testing.T) {
	c := takenOver()
	c.Finding.Past.Compromise = []soar.CompromiseFact{{Kind: soar.CompromiseRisky}}
	c.Judgement.Facts = []string{"212 recipients in 6 min"}
	if got := wire(t, card(c)); !strings.Contains(got, `"• Risky user\n• 212 recipients in 6 min"`) {
		t.Errorf("card is %s", got)
	}
}

func TestOnlyTheVerdictItselfIsSaidWithTheExposure(t *testing.T) {
	c := takenOver()
	c.Finding.Exposure.LaterVerdict = "Phish"
	c.Judgement.Facts = []string{"Phish kit known from case 7", "Verdict: Phish, 2026-11-24"}
	if got := wire(t, card(c)); !strings.Contains(got, "• Phish kit known") || strings.Contains(got, "Verdict: Phish") {
		t.Errorf("card is %s", got)
	}
}
