package slack_test

import (
	"strings"
	"testing"

	slackapi "github.com/slack-go/slack"

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

func TestAnAnswerDoesNotUndoTheMask(t *testing.T) {
	const hidden = hiddenSubject
	for _, c := range []struct{ subject, answer, want string }{
		{"Payroll update required", "It was Payroll update required, and I clicked", "It was " + hidden + ", and I clicked"},
		{"Payroll update required", "the payroll  UPDATE\nrequired one", "the " + hidden + " one"},
		{"Payroll update required", "“Payroll: *update* required”?", "“" + hidden + "”?"},
		{"Payroll update required", "the payroll update thing", "the " + hidden + " thing"},
		{"Payroll update required", "I entered my payroll password", "I entered my payroll password"},
		{"[EXTERNAL] RE: Payroll update required", "payroll update required", hidden},
		{"RE: Payroll update required", "FW: Payroll update required", "FW: " + hidden},
		{"See contoso-hr.example now", "See <http://contoso-hr.example|contoso-hr.example> now please", hidden + " please"},
		{"Terms <new> for you", "Terms &lt;new&gt; for you", hidden},
		{"Password", "I entered my password", "I entered my password"},
		{"Password", "the one named 'password'", "the one named '" + hidden + "'"},
		{"Password", "the Password mail", "the " + hidden + " mail"},
		{"Hi", "Hi, I clicked on «hi» in the High one", "Hi, I clicked on «" + hidden + "» in the High one"},
		{"給与更新のお知らせ", "件名は給与更新のお知らせでした", "件名は" + hidden + "でした"},
		{"Überweisung größer", "die überweisung GRÖSSER oder ÜBERWEISUNG GRÖßER", "die überweisung GRÖSSER oder " + hidden},
		{"...", "no ... idea", "no ... idea"},
		{"", "nothing", "nothing"},
	} {
		k := takenOver()
		k.Finding.Evidence.Messages = []soar.Message{{Subject: "Another one entirely"}, {Subject: c.subject}}
		blocks, text := slack.MaskedAnswer(k, "U0ANALYST", c.answer, now)
		checkMessage(t, blocks, text)
		said := blocks[len(blocks)-1].(*slackapi.SectionBlock).Text.Text
		if said != c.want || strings.Contains(c.want, hiddenSubject) != strings.Contains(text, hiddenSubject) {
			t.Errorf("%q of a mail named %q is %q, and to those who are told %q", c.answer, c.subject, said, text)
		}
		if got := wire(t, blocks); !strings.Contains(got, "<@U0ANALYST> answered in a direct message") {
			t.Errorf("note is %s", got)
		}
	}
}

func TestAnAnswerWhoseSubjectsAreNotKnownIsNotShown(t *testing.T) {
	blocks, text := slack.WithheldAnswer("U0ANALYST", takenOver().Ref, now)
	checkMessage(t, blocks, text)
	if got := wire(t, posted{text, blocks}); !strings.Contains(got, "<@U0ANALYST> answered in a direct message") || !strings.Contains(got, "not shown") {
		t.Errorf("note is %s", got)
	}
}

// A drafted rule matches subjects by patterns that no search for them finds.
func TestADraftedRuleIsNotShownInAChannelThatHidesSubjects(t *testing.T) {
	c := proposesRule()
	c.Finding.Evidence.Messages[0].Subject = "Merger with Fabrikam approved"
	c.RuleProposal = "- id: learned\n  when: subject.matches(r'(?i)^merger[\\s]+with[\\s]+fabrikam')\n"
	got := wire(t, evidencePages(t, c, masking()))
	if strings.Contains(got, "fabrikam") || !strings.Contains(got, "worker cases show "+c.Ref.ID) {
		t.Errorf("evidence is %s", got)
	}
}
