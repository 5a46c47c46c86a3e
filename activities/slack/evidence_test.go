package slack_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// evidencePages turns the pages of a case's evidence until there is no next one.
func evidencePages(t *testing.T, c soar.Case, o slack.Options) []slackapi.ModalViewRequest {
	t.Helper()
	var out []slackapi.ModalViewRequest
	p := place(c)
	for {
		v := slack.EvidencePage(viewOf(c), p, o, now)
		checkView(t, v)
		out = append(out, v)
		next := ""
		for _, b := range viewButtons(v) {
			if b.ActionID == slack.ActionPage {
				next = b.Value
			}
		}
		if next == "" {
			return out
		}
		n, err := slack.ParsePage(next)
		if err != nil || n <= p.Page || n > 200 {
			t.Fatalf("after page %d comes %q: %v", p.Page, next, err)
		}
		p.Page = n
	}
}

func viewButtons(v slackapi.ModalViewRequest) []*slackapi.ButtonBlockElement {
	var out []*slackapi.ButtonBlockElement
	for _, b := range v.Blocks.BlockSet {
		if a, ok := b.(*slackapi.ActionBlock); ok {
			for _, e := range a.Elements.ElementSet {
				out = append(out, e.(*slackapi.ButtonBlockElement))
			}
		}
	}
	return out
}

func manyMessages() soar.Case {
	c := attacked()
	for len(c.Finding.Evidence.Messages) < 82 {
		c.Finding.Evidence.Messages = append(c.Finding.Evidence.Messages, c.Finding.Evidence.Messages[0])
	}
	c.Finding.Evidence.Total = 300
	return c
}

// compromised is a taken-over mailbox as the audit log and the directory see it.
func compromised() soar.Case {
	c := takenOver()
	c.Finding.Past.AuditKnown = true
	c.Finding.Past.Compromise = []soar.CompromiseFact{
		{Kind: soar.CompromiseInboxRule, At: now.Add(-54 * time.Minute), Detail: `rule "..." deletes replies`},
		{Kind: soar.CompromiseMFA, At: now.Add(-70 * time.Minute), Detail: "phone number changed"},
		{Kind: soar.CompromiseRisky, Detail: "risk level high"},
	}
	c.Finding.Evidence.Messages[0].Reporters = []string{"A.Miller@contoso.com", "B. Jones"}
	c.Log = reopened().Log
	return c
}

func TestEvidenceReadsPageByPage(t *testing.T) {
	for name, c := range map[string]soar.Case{"modal_evidence": compromised(), "modal_evidence_from": forged()} {
		for n, v := range evidencePages(t, c, options) {
			golden(t, fmt.Sprintf("%s_%d", name, n+1), wire(t, v))
		}
	}
}

func TestEveryMessageOfACaseIsOnSomePage(t *testing.T) {
	pages := evidencePages(t, manyMessages(), options)
	if len(pages) != 1+17+1 {
		t.Errorf("%d pages, want the sender, 17 of messages and the rules", len(pages))
	}
	shown := 0
	for _, p := range pages {
		shown += strings.Count(wire(t, p), "Envelope: ")
	}
	if last := wire(t, pages[17]); shown != 82 || !strings.Contains(last, "The case does not hold 218 messages more") {
		t.Errorf("%d messages shown, the last page of them is %s", shown, last)
	}
}

func TestAPageThatIsNotThereIsTheNearestOne(t *testing.T) {
	p := place(forged())
	p.Page = 99
	v := slack.EvidencePage(viewOf(forged()), p, options, now)
	if got := wire(t, v); !strings.Contains(got, "Page 3 of 3") {
		t.Errorf("page is %s", got)
	}
	again, err := slack.ParsePlace(v.PrivateMetadata)
	if err != nil || again.Page != 2 {
		t.Errorf("metadata is %s, error %v", v.PrivateMetadata, err)
	}
	for _, bad := range []string{"", "-1", "x", "1001", "case-1/1"} {
		if _, err := slack.ParsePage(bad); err == nil {
			t.Errorf("page %q is read", bad)
		}
	}
}

func TestACaseWithoutMessagesStillSaysWhy(t *testing.T) {
	c := forged()
	c.Finding.Evidence = soar.Evidence{Missing: "the query was cut"}
	pages := evidencePages(t, c, options)
	if len(pages) != 2 || !strings.Contains(wire(t, pages[0]), "Evidence is not whole: the query was cut") {
		t.Errorf("%d pages", len(pages))
	}
}

func TestAnOlderCardShowsTheNewestCaseAndSaysSo(t *testing.T) {
	p := place(forged())
	p.Case.Number = 7
	if got := wire(t, slack.EvidencePage(viewOf(forged()), p, options, now)); !strings.Contains(got, "This card is of case 7. Below is the sender's newest case, 1.") {
		t.Errorf("page is %s", got)
	}
}

func TestEveryKindOfSignIsSeenNotSeenOrNotKnown(t *testing.T) {
	c := takenOver()
	first := func() string { return wire(t, evidencePages(t, c, options)[0]) }
	if got := first(); !strings.Contains(got, "• Not known: inbox rule, forwarding, delegate, MFA change, consent grant, new country, risky user") {
		t.Errorf("nothing was read: %s", got)
	}
	c.Finding.Past.AuditKnown = true // as a release told it that told no kinds apart
	if got := first(); !strings.Contains(got, "• None seen: inbox rule, forwarding, delegate\\n• Not known: MFA change") {
		t.Errorf("the audit log was read: %s", got)
	}
	c.Finding.Past.Compromise = []soar.CompromiseFact{{Kind: soar.CompromiseMFA, At: now, Detail: "phone number changed"}}
	c.Finding.Past.CompromiseKnown = []soar.CompromiseKind{soar.CompromiseMFA, soar.CompromiseConsent}
	c.Finding.Profile.AtRisk = soar.No
	want := "• MFA change: phone number changed, 2026-11-24 09:45 UTC\\n• None seen: consent grant, risky user\\n• Not known: inbox rule, forwarding, delegate, new country"
	if got := first(); !strings.Contains(got, want) {
		t.Errorf("no %q in %s", want, got)
	}
}

func TestTheAlertsOfDefenderAreLinks(t *testing.T) {
	c := takenOver()
	c.Finding.Exposure.Alerts = []string{"fa0123_-45", "x y|<!here>"}
	got := wire(t, evidencePages(t, c, options)[0])
	if !strings.Contains(got, "https://security.microsoft.com/alerts/fa0123_-45|Alert 1\\u003e · ") || !strings.Contains(got, "*Alerts in Defender:* ") || strings.Contains(got, "alerts/x") {
		t.Errorf("page is %s", got)
	}
}

func TestALongListOfGuardsStandsWhole(t *testing.T) {
	c := takenOver()
	c.Judgement.Guards = nil
	for n := range 20 {
		c.Judgement.Guards = append(c.Judgement.Guards, soar.GuardHit{
			Guard: soar.GuardIP, Detail: fmt.Sprintf("number %d ", n) + strings.Repeat("x", 300), Cure: strings.Repeat("y", 100),
		})
	}
	got := wire(t, evidencePages(t, c, options)[0])
	for n := range 20 {
		if !strings.Contains(got, fmt.Sprintf("number %d ", n)) {
			t.Errorf("guard %d is not shown", n)
		}
	}
	for n := range 300 {
		c.Judgement.Guards = append(c.Judgement.Guards, soar.GuardHit{Guard: soar.GuardIP, Detail: fmt.Sprintf("further %d ", n) + strings.Repeat("x", 300)})
	}
	if got := wire(t, evidencePages(t, c, options)[0]); !regexp.MustCompile(`and \d+ more, in the case itself`).MatchString(got) || !strings.Contains(got, "Groups: Finance") {
		t.Errorf("page is %s", got)
	}
}
