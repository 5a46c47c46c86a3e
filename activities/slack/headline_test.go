package slack_test

import (
	"strings"
	"testing"

	slackapi "github.com/slack-go/slack"

	"harrier/workflows/soar"
)

// headline is the first row of a card.
func headline(t *testing.T, c soar.Case) string {
	t.Helper()
	h, ok := card(c).Blocks[0].(*slackapi.HeaderBlock)
	if !ok {
		t.Fatal("the first block is no header")
	}
	return h.Text.Text
}

// from is a HIGH case whose every mail shows this From.
func from(address, name string) soar.Case {
	c := takenOver()
	c.Finding.Candidate.Sender, c.Finding.Candidate.SenderIs = address, soar.P2
	for i := range c.Finding.Evidence.Messages {
		c.Finding.Evidence.Messages[i].P2, c.Finding.Evidence.Messages[i].DisplayName = address, name
	}
	return c
}

func TestTheHeadlineAndTheNotificationKeepTheSendersDomain(t *testing.T) {
	long := strings.Repeat("jane.doe.contoso.com.", 8) + "@evil.test"
	c := from(long, "Jane Doe")
	if got := headline(t, c); !strings.Contains(got, "…@evil.test&gt;") || !strings.Contains(got, "Jane Doe &lt;jane.doe.") {
		t.Errorf("headline is %q", got)
	}
	if got := card(c).Text; !strings.Contains(got, "…@evil.test`") || strings.Contains(got, long[:60]) {
		t.Errorf("notification is %q", got)
	}
	c = from("a@"+strings.Repeat("contoso.com.", 20)+"evil.test", "")
	if got := headline(t, c); !strings.HasSuffix(got, ".evil.test") {
		t.Errorf("headline is %q", got)
	}
}

func TestANameTakesOnlyTheRoomThatTheAddressLeaves(t *testing.T) {
	for _, name := range []string{strings.Repeat("&", 40), strings.Repeat("<", 300), strings.Repeat("é", 300)} {
		if got := headline(t, from("j.doe@contoso.com", name)); !strings.HasSuffix(got, "j.doe@contoso.com&gt;") && !strings.HasSuffix(got, ": j.doe@contoso.com") {
			t.Errorf("headline is %q", got)
		}
	}
	c := from("j.doe@contoso.com", "Jane Doe")
	c.Judgement.Headline = strings.Repeat("&", 150)
	if got := headline(t, c); !strings.HasSuffix(got, ": j.doe@contoso.com") {
		t.Errorf("headline is %q", got)
	}
}

func TestTheHeadlineNamesTheAccountAndNotAnotherFromOfItsMail(t *testing.T) {
	c := takenOver()
	c.Finding.Evidence.Messages[0].P2, c.Finding.Evidence.Messages[0].DisplayName = "ceo@contoso.com", "The CEO"
	if got := headline(t, c); !strings.HasSuffix(got, "Jane Doe &lt;j.doe@contoso.com&gt;") {
		t.Errorf("headline is %q", got)
	}
	if got := card(c).Text; !strings.HasPrefix(got, "HIGH `j.doe@contoso.com`") {
		t.Errorf("notification is %q", got)
	}
}

func TestANameCannotPassForALinkOrAnAddress(t *testing.T) {
	for name, want := range map[string]string{
		"https://evil.test/login":            "Likely taken-over mailbox: hxxps://evil[.]test/login &lt;j.doe@contoso.com&gt;",
		"IT Helpdesk <helpdesk@contoso.com>": "Likely taken-over mailbox: j.doe@contoso.com",
		"IT Helpdesk ＜helpdesk＠contoso.com＞": "Likely taken-over mailbox: j.doe@contoso.com",
		"<Jane> Doe": "Likely taken-over mailbox: Jane Doe &lt;j.doe@contoso.com&gt;",
	} {
		if got := headline(t, from("j.doe@contoso.com", name)); got != "HIGH  "+want {
			t.Errorf("named %q, the headline is %q", name, got)
		}
	}
}

func TestTheSenderIsLeftOutOnlyWhereTheHeadlineHasItsAddress(t *testing.T) {
	if got := headline(t, from("mailbox", "")); !strings.HasSuffix(got, "taken-over mailbox: mailbox") {
		t.Errorf("headline is %q", got)
	}
	c := from("j.doe@contoso.com", "")
	for title, want := range map[string]string{
		"Forged report: From says J.Doe@contoso.com": "HIGH  Forged report: From says J.Doe@contoso.com",
		"Mail like xj.doe@contoso.com":               "HIGH  Mail like xj.doe@contoso.com: j.doe@contoso.com",
	} {
		c.Judgement.Headline = title
		if got := headline(t, c); got != want {
			t.Errorf("headline is %q, want %q", got, want)
		}
	}
}

func TestAMailWithoutASenderIsNamedOnce(t *testing.T) {
	c := from("<>", "")
	c.Judgement.Headline = "Null sender"
	if got := headline(t, c); got != "HIGH  Null sender" && got != "HIGH Null sender" {
		t.Errorf("headline is %q", got)
	}
	c.Judgement.Headline = "Forged backup report"
	if got := headline(t, c); !strings.HasSuffix(got, ": (null sender)") {
		t.Errorf("headline is %q", got)
	}
}
