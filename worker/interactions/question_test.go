package interactions_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

// asked opens the evidence and asks the reporter. It returns the question.
func (b *bench) asked(user string) slacktest.Message {
	b.t.Helper()
	b.mails(1)
	b.click(user, slack.ActionEvidence)
	b.expectView(user, "Page 1 of")
	b.turn(user, slack.ActionAskReporter)
	return b.expectIn(b.fake.Direct(reporter), "You reported a mail")
}

// expectIn waits for a message of a channel that has a part.
func (b *bench) expectIn(id, part string) slacktest.Message {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 10*time.Second)
	defer cancel()
	m, err := b.fake.ExpectMessage(ctx, id, func(m slacktest.Message) bool { return m.Contains(part) })
	if err != nil {
		b.t.Fatalf("no message with %q: %v", part, err)
	}
	return m
}

func (b *bench) reply(thread, text string) {
	b.t.Helper()
	if _, err := b.fake.Say(reporter, b.fake.Direct(reporter), thread, text); err != nil {
		b.t.Fatal(err)
	}
}

func TestAReporterIsAskedOnceAndTheAnswerLandsInTheCasesThread(t *testing.T) {
	b := newBench(t, setup{})
	question := b.asked(analyst)
	if note := b.expectIn(channel, "<@"+analyst+"> asked <@"+reporter+">"); note.ThreadTS != b.card {
		t.Errorf("the note stands in %q", note.ThreadTS)
	}
	b.expectNote(analyst, "Asked <@"+reporter+">.")
	b.reply(question.TS, "I clicked <!channel> *and* entered my password")
	answer := b.expectIn(channel, "entered my password")
	if answer.ThreadTS != b.card || !answer.Contains("<@"+reporter+"> answered") || strings.Contains(answer.Text, "<!channel>") {
		t.Errorf("the answer in %q is %q", answer.ThreadTS, answer.Text)
	}
	b.expectIn(b.fake.Direct(reporter), "The security team has it")
	b.click(second, slack.ActionEvidence)
	b.expectView(second, "Page 1 of")
	b.turn(second, slack.ActionAskReporter)
	b.expectNote(second, "Asked before: <@"+reporter+">.")
	questions := 0
	for _, m := range b.fake.Messages(b.fake.Direct(reporter)) {
		if m.Contains("You reported a mail") {
			questions++
		}
	}
	if questions != 1 {
		t.Errorf("asked %d times", questions)
	}
}

func TestTheNextMessageAnswersAndLaterTalkIsNotPassedOn(t *testing.T) {
	b := newBench(t, setup{})
	b.asked(analyst)
	b.reply("", "no, I did not click")
	b.expectIn(channel, "no, I did not click")
	b.reply("", "lunch?")
	b.expectIn(b.fake.Direct(reporter), "This was not passed on")
	var mine string
	for _, m := range b.fake.All(b.fake.Direct(reporter)) {
		if m.Contains("no, I did not click") {
			mine = m.TS
		}
	}
	b.reply(mine, "but my colleague did")
	if m := b.expectIn(channel, "but my colleague did"); m.ThreadTS != b.card {
		t.Errorf("stands in %q", m.ThreadTS)
	}
	b.drain()
	for _, m := range b.fake.All(channel) {
		if m.Contains("lunch") {
			t.Errorf("passed on %q", m.Text)
		}
	}
}

func TestWhatNobodyAskedForIsNotPassedOnNorAnswered(t *testing.T) {
	b := newBench(t, setup{})
	b.reply("", "hello?")
	b.reply("1700000000.000100", "hello?")
	b.click(analyst, slack.ActionEscalate)
	b.expectDecisions(1)
	b.drain()
	if got := b.fake.All(b.fake.Direct(reporter)); len(got) != 2 || len(b.fake.All(channel)) != 1 {
		t.Errorf("%d direct messages, %d in the channel", len(got), len(b.fake.All(channel)))
	}
}

func TestOnlyApproversAskAndOnlyAboutAnOpenCase(t *testing.T) {
	b := newBench(t, setup{})
	b.mails(1)
	b.click(member, slack.ActionEvidence)
	b.expectView(member, "Page 1 of")
	b.turn(member, slack.ActionAskReporter)
	b.expectNote(member, "is not an approver")
	b.click(analyst, slack.ActionEvidence)
	b.expectView(analyst, "Page 1 of")
	b.cases.set(func(v *soar.CaseView) { escalated(&v.Case) })
	b.turn(analyst, slack.ActionAskReporter)
	b.expectNote(analyst, "Already escalated by <@"+analyst+">")
	b.drain()
	if len(b.fake.All(b.fake.Direct(reporter))) != 0 {
		t.Error("somebody was asked")
	}
	if got := b.audit.all(); len(got) != 2 || got[0].Action != "ask reporter" {
		t.Errorf("the audit has %+v", got)
	}
}

func TestAReporterWhoIsNotInSlackIsNamed(t *testing.T) {
	b := newBench(t, setup{})
	b.mails(1)
	b.cases.set(func(v *soar.CaseView) { v.Case.Finding.Evidence.Messages[0].Reporters = []string{"gone@contoso.com"} })
	b.click(analyst, slack.ActionEvidence)
	b.expectView(analyst, "Page 1 of")
	b.turn(analyst, slack.ActionAskReporter)
	b.expectNote(analyst, "Not in Slack: gone@contoso.com.")
}

// The evidence was opened when nothing spoke against it; the click asks again.
func TestTheSenderIsAskedOnlyWhileNothingSaysThatSomebodyElseReadsItsMail(t *testing.T) {
	b := newBench(t, setup{})
	b.cases.set(func(v *soar.CaseView) {
		f := &v.Case.Finding
		f.Past.AuditKnown, f.Profile.Kind, f.Profile.Mail = true, soar.KindPerson, "reporter@contoso.com"
	})
	b.click(analyst, slack.ActionEvidence)
	b.expectView(analyst, "Ask the sender")
	b.cases.set(func(v *soar.CaseView) {
		v.Case.Finding.Past.Compromise = []soar.CompromiseFact{{Kind: "inbox_rule", Detail: "deletes replies"}}
	})
	b.turn(analyst, slack.ActionAskSender)
	b.expectNote(analyst, "the sender is not asked: somebody else may read the sender's account")
	b.cases.set(func(v *soar.CaseView) { v.Case.Finding.Past.Compromise = nil })
	b.turn(analyst, slack.ActionAskSender)
	b.expectIn(b.fake.Direct(reporter), "Did you send it?")
}

func TestHalfOfTheReportersAreNotAskedTwiceWhenSlackFailsBetween(t *testing.T) {
	b := newBench(t, setup{workspace: func(c *slacktest.Config) {
		c.Users = append(c.Users, slacktest.User{ID: "U0REPORTER2", Name: "reporter2", Email: "reporter2@contoso.com"})
	}})
	b.mails(1)
	b.cases.set(func(v *soar.CaseView) {
		v.Case.Finding.Evidence.Messages[0].Reporters = []string{"reporter@contoso.com", "reporter2@contoso.com"}
	})
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", Channel: b.fake.Direct(reporter), AcceptThenCut: true})
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", Channel: b.fake.Direct("U0REPORTER2"), HTTPStatus: 503})
	b.click(analyst, slack.ActionEvidence)
	b.expectView(analyst, "Page 1 of")
	b.turn(analyst, slack.ActionAskReporter)
	b.expectNote(analyst, "Asked <@U0REPORTER2>. Asked before: <@"+reporter+">.")
	for _, user := range []string{reporter, "U0REPORTER2"} {
		if n := len(b.fake.Messages(b.fake.Direct(user))); n != 1 {
			t.Errorf("%s was asked %d times", user, n)
		}
	}
}

func TestEventsArriveOverHTTPSignedAsClicksDo(t *testing.T) {
	b := newBench(t, setup{service: func(c *interactions.Config) {
		c.Mode, c.SigningSecrets = interactions.ModeHTTP, []string{secret}
	}})
	challenge := `{"type":"url_verification","challenge":"abc"}`
	if got := (signed{"guess", time.Now(), challenge, nil}).send(b); got != 401 {
		t.Errorf("an unsigned challenge is answered %d", got)
	}
	for body, want := range map[string]int{
		challenge: 200, `{"type":"event_callback","event":{"type":"reaction_added","user":"U1"}}`: 200, `{"type":`: 400, `{}`: 200,
	} {
		if got := (signed{secret, time.Now(), body, nil}).send(b); got != want {
			t.Errorf("%s: status %d, want %d", body, got, want)
		}
	}
}
