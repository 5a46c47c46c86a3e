package slack_test

import (
	"strings"
	"testing"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

const hiddenSubject = "(subject hidden in this channel)"

func masking() slack.Options {
	o := options
	o.MaskSubjects = func(channel string) bool { return channel == triage }
	return o
}

func maskedCard(c soar.Case) posted {
	blocks, text := slack.Card(c, masking(), now)
	return posted{text, blocks}
}

func TestASubjectIsNowhereOnACardOfAChannelThatHidesThem(t *testing.T) {
	c := takenOver()
	c.Judgement.Facts = []string{
		`"Payroll update required" -> hxxps://contoso-hr[.]example`, `Subject: "Payroll upd…"`, "It says Payroll update required, with a link",
	}
	c.Judgement.Guards[0].Detail = `rule deletes "Payroll update required"`
	c.Problems = []string{"thread: Payroll update required"}
	c.Proposal = &soar.Decision{By: analyst, Reason: "“Payroll update required” is ours"}
	for name, got := range map[string]string{
		"card":     wire(t, maskedCard(c)),
		"evidence": wire(t, evidencePages(t, c, masking())),
	} {
		if strings.Contains(got, "Payroll upd") || !strings.Contains(got, hiddenSubject) {
			t.Errorf("%s is %s", name, got)
		}
	}
	if c.Finding.Evidence.Messages[0].Subject != "Payroll update required" || c.Judgement.Facts[2] != "It says Payroll update required, with a link" {
		t.Error("the case itself was changed")
	}
	c.Channel = escalation
	if got := wire(t, maskedCard(c)); !strings.Contains(got, "Payroll update required") {
		t.Error("another channel hides subjects too")
	}
}

func TestASubjectThatSaysNothingElseIsHiddenInQuotationMarksOnly(t *testing.T) {
	c := takenOver()
	c.Finding.Evidence.Messages[0].Subject = "Hi"
	c.Judgement.Facts = []string{`Subject: "Hi"`, "High volume"}
	got := wire(t, maskedCard(c))
	if strings.Contains(got, `\"Hi\"`) || !strings.Contains(got, "High volume") {
		t.Errorf("card is %s", got)
	}
}

func TestACutSubjectInCharactersOfSeveralBytesLeavesNoBrokenOne(t *testing.T) {
	c := takenOver()
	c.Finding.Evidence.Messages[0].Subject = "Überweisung größer als üblich"
	c.Judgement.Facts = []string{"Subject: “Überweisung grö…”, seen before", "Überweisung grüßt"}
	got := wire(t, maskedCard(c))
	if strings.Contains(got, "Überweis") || strings.Contains(got, "\ufffd") || !strings.Contains(got, hiddenSubject+", seen before") {
		t.Errorf("card is %s", got)
	}
}

func TestRepliesSummariesAndTheFallbackChannelHideSubjectsToo(t *testing.T) {
	b := newBench(t, func(c *slack.Config) {
		c.MaskSubjects = func(channel string) bool { return channel == triage || channel == fallback }
	})
	c := takenOver()
	c.Card = b.post(t, c)
	b.clock.move(4e9)
	if _, err := b.client.PostReply(t.Context(), soar.CaseRequest{Case: c, Note: `12 more of "Payroll update required"`}); err != nil {
		t.Fatal(err)
	}
	s := summary(1)
	s.Listed[0].Headline = "Subject: Payroll update required"
	s.Result.Senders = []soar.SenderOutcome{{Subject: "Payroll update required"}}
	b.clock.move(4e9)
	if _, err := b.client.PostSummary(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	lost := takenOver()
	lost.Ref.Number, lost.Channel = 8, foreign
	if _, err := retried(t, b.client, request(lost)); err == nil {
		t.Fatal("a channel without the app took a card")
	}
	said := append(b.fake.All(triage), b.fake.All(fallback)...)
	if len(said) != 4 {
		t.Fatalf("%d messages, want a card, a note, a summary and a misplaced card", len(said))
	}
	for _, m := range said {
		if m.Contains("Payroll update") || !m.Contains(hiddenSubject) {
			t.Errorf("message is %q", m.Content())
		}
	}
}
