package interactions_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	slackapi "github.com/slack-go/slack"

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
		f.Past.CompromiseKnown = []soar.CompromiseKind{soar.CompromiseInboxRule, soar.CompromiseForwarding, soar.CompromiseDelegate, soar.CompromiseMFA, soar.CompromiseConsent}
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

func TestEachReporterIsAskedOfTheMailThatTheyReported(t *testing.T) {
	b := newBench(t, setup{workspace: func(c *slacktest.Config) {
		c.Users = append(c.Users, slacktest.User{ID: "U0REPORTER2", Name: "reporter2", Email: "reporter2@contoso.com"})
	}})
	b.mails(2)
	b.cases.set(func(v *soar.CaseView) {
		for i, address := range []string{"reporter@contoso.com", "reporter2@contoso.com"} {
			m := &v.Case.Finding.Evidence.Messages[i]
			m.Reporters, m.ReporterAddresses = []string{"A Reporter"}, []string{address}
		}
	})
	b.question()
	b.expectNote(analyst, "Asked <@"+reporter+">, <@U0REPORTER2>.")
	for user, subject := range map[string]string{reporter: "Mail 00", "U0REPORTER2": "Mail 01"} {
		if m := b.expectIn(b.fake.Direct(user), "You reported a mail"); !m.Contains(subject) {
			t.Errorf("%s is asked %q", user, m.Content())
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

// unreadable are cases that cannot be read for some time.
type unreadable struct {
	interactions.Cases
	mu  sync.Mutex
	why error
}

func (u *unreadable) say(why error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.why = why
}

func (u *unreadable) View(ctx context.Context, id string) (soar.CaseView, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.why != nil {
		return soar.CaseView{}, u.why
	}
	return u.Cases.View(ctx, id)
}

// hiding is a bench whose channel shows no subjects, with a mail of that subject.
func hiding(t *testing.T, subject string) (*bench, *unreadable) {
	t.Helper()
	u := &unreadable{}
	b := newBench(t, setup{service: func(c *interactions.Config) {
		u.Cases, c.Cases = c.Cases, u
		c.MaskSubjects = func(id string) bool { return id == channel }
	}})
	b.mails(1)
	b.cases.set(func(v *soar.CaseView) {
		m := &v.Case.Finding.Evidence.Messages[0]
		m.Subject, m.Reporters, m.ReporterAddresses = subject, []string{"A Reporter"}, []string{"reporter@contoso.com"}
	})
	return b, u
}

// question asks the reporter of the mail that there is.
func (b *bench) question() slacktest.Message {
	b.t.Helper()
	b.click(analyst, slack.ActionEvidence)
	b.expectView(analyst, "Page 1 of")
	b.turn(analyst, slack.ActionAskReporter)
	return b.expectIn(b.fake.Direct(reporter), "You reported a mail")
}

func TestAnAnswerShowsNoSubjectWhereTheChannelShowsNone(t *testing.T) {
	b, _ := hiding(t, "Payroll update required")
	if q := b.question(); !q.Contains("Payroll update required") {
		t.Errorf("the reporter, who has the mail, is shown %q", q.Content())
	}
	b.reply("", "It said payroll UPDATE required and I entered my password")
	m := b.expectIn(channel, "and I entered my password")
	if m.ThreadTS != b.card || !m.Contains("<@"+reporter+"> answered in a direct message") || !m.Contains("(subject hidden in this channel)") {
		t.Errorf("the answer in %q is %q", m.ThreadTS, m.Content())
	}
	b.expectIn(b.fake.Direct(reporter), "The security team has it")
	if all := asJSON(t, b.fake.All(channel)); strings.Contains(strings.ToLower(all), "payroll update") {
		t.Errorf("the channel has %s", all)
	}
}

func TestAnAnswerIsNotShownWhereNobodyKnowsAnyMoreWhatToHide(t *testing.T) {
	for name, lose := range map[string]func(*bench, *unreadable){
		"a newer case": func(b *bench, _ *unreadable) {
			b.cases.set(func(v *soar.CaseView) {
				v.Case.Ref.Number++
				v.Case.Finding.Evidence.Messages[0].Subject = "Another"
			})
		},
		"no case": func(_ *bench, u *unreadable) { u.say(&soar.Refusal{Kind: soar.RefusedDecided, Message: "case closed"}) },
	} {
		b, u := hiding(t, "Payroll update required")
		b.question()
		b.expectIn(channel, "Answers come here")
		lose(b, u)
		b.reply("", "It said payroll update required")
		if m := b.expectIn(channel, "<@"+reporter+"> answered in a direct message"); m.ThreadTS != b.card || !m.Contains("not shown") || m.Contains("payroll") {
			t.Errorf("%s: the note in %q is %q", name, m.ThreadTS, m.Content())
		}
		b.expectIn(b.fake.Direct(reporter), "The security team has it")
	}
}

func TestAnAnswerThatCannotBeMaskedJustNowIsAskedForAgain(t *testing.T) {
	b, u := hiding(t, "Payroll update required")
	b.question()
	b.expectIn(channel, "Answers come here")
	u.say(errors.New("frontend unavailable"))
	b.reply("", "payroll update required: I clicked")
	told := b.expectIn(b.fake.Direct(reporter), "Please send it again, as a reply here.")
	u.say(nil)
	b.reply(told.ThreadTS, "I did click")
	if m := b.expectIn(channel, "I did click"); m.ThreadTS != b.card {
		t.Errorf("stands in %q", m.ThreadTS)
	}
}

// gate keeps back the first answer that a worker gets of a method, from when it is there.
type gate struct {
	method string
	calls  atomic.Int32
	there  chan struct{}
	open   chan struct{}
}

func newGate(method string) *gate {
	return &gate{method: method, there: make(chan struct{}), open: make(chan struct{})}
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if strings.HasSuffix(r.URL.Path, "/"+g.method) && g.calls.Add(1) == 1 {
		close(g.there)
		<-g.open
	}
	return answer, err
}

// colleagues are two workers, the first of them behind a gate: Slack tells it over its
// socket, and the second by again. drain waits until both have done their work.
func colleagues(t *testing.T, g *gate) (b *bench, drain func()) {
	t.Helper()
	over := setup{late: true, service: func(c *interactions.Config) {
		c.Slack = slackapi.New(b.fake.BotToken(), slackapi.OptionAPIURL(b.fake.APIURL()), slackapi.OptionAppLevelToken(b.fake.AppToken()),
			slackapi.OptionHTTPClient(&http.Client{Transport: g}))
	}}
	b = newBench(t, over)
	b.start(over)
	first := b.service
	b.start(setup{service: func(c *interactions.Config) { c.Mode, c.SigningSecrets = interactions.ModeHTTP, []string{secret} }})
	return b, func() {
		b.drain()
		b.service = first
		b.drain()
	}
}

// again tells the second worker of what the reporter said.
func (b *bench) again(text string) {
	b.t.Helper()
	dm := b.fake.Direct(reporter)
	m := b.expectIn(dm, text)
	event := fmt.Sprintf(`{"type":"event_callback","event_id":"Ev0AGAIN","event":{"type":"message","channel_type":"im","user":%q,"channel":%q,"text":%q,"ts":%q}}`,
		reporter, dm, m.Text, m.TS)
	if got := (signed{secret, time.Now(), event, nil}).send(b); got != http.StatusOK {
		b.t.Fatalf("the event is answered %d", got)
	}
}

// answers counts what stands in the channel and in the reporter's conversation.
func (b *bench) answers(said string) (passed, thanked int) {
	for _, m := range b.fake.All(channel) {
		if m.Contains(said) {
			passed++
		}
	}
	for _, m := range b.fake.All(b.fake.Direct(reporter)) {
		if m.Contains("The security team has it") {
			thanked++
		}
	}
	return passed, thanked
}

func TestAnAnswerThatTwoWorkersHearOfStandsOnce(t *testing.T) {
	b, drain := colleagues(t, newGate("nothing"))
	b.asked(analyst)
	b.reply("", "I clicked it")
	b.expectIn(b.fake.Direct(reporter), "The security team has it")
	b.again("I clicked it")
	drain()
	if passed, thanked := b.answers("I clicked it"); passed != 1 || thanked != 1 {
		t.Errorf("stands %d times, thanked %d times", passed, thanked)
	}
}

// Each worker looks before it posts, and neither sees the other's.
func TestAnAnswerThatTwoWorkersPostAtOnceStandsOnce(t *testing.T) {
	looks := newGate("conversations.replies")
	b, drain := colleagues(t, looks)
	b.asked(analyst)
	b.reply("", "I clicked it")
	<-looks.there
	b.again("I clicked it")
	b.expectIn(b.fake.Direct(reporter), "The security team has it")
	close(looks.open)
	drain()
	if n := len(b.fake.Calls("chat.delete")); n != 1 {
		t.Errorf("%d posts were taken back", n)
	}
	if passed, thanked := b.answers("I clicked it"); passed != 1 || thanked != 1 {
		t.Errorf("stands %d times, thanked %d times", passed, thanked)
	}
}

func TestAnAnswerStandsOnceWhateverSlackSaysOfIt(t *testing.T) {
	for name, fault := range map[string]slacktest.Fault{
		"taken, not confirmed": {Method: "chat.postMessage", Channel: channel, AcceptThenCut: true},
		"not taken":            {Method: "chat.postMessage", Channel: channel, HTTPStatus: 503, Times: 2},
		"not looked for":       {Method: "conversations.replies", Channel: channel, HTTPStatus: 503},
	} {
		b := newBench(t, setup{})
		b.asked(analyst)
		b.expectIn(channel, "Answers come here")
		b.fake.Fail(fault)
		b.reply("", "I clicked it")
		b.expectIn(b.fake.Direct(reporter), "The security team has it")
		b.drain()
		if passed, _ := b.answers("I clicked it"); passed != 1 {
			t.Errorf("%s: stands %d times", name, passed)
		}
	}
}

func TestAnAnswerThatNobodyTakesIsNotThankedFor(t *testing.T) {
	b := newBench(t, setup{})
	b.asked(analyst)
	b.expectIn(channel, "Answers come here")
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", Channel: channel, HTTPStatus: 503, Times: 3})
	b.reply("", "I clicked it")
	told := b.expectIn(b.fake.Direct(reporter), "Please send it again, as a reply here.")
	b.reply(told.ThreadTS, "I clicked it, I said")
	b.expectIn(channel, "I clicked it, I said")
	b.drain()
	if passed, thanked := b.answers("I clicked it"); passed != 1 || thanked != 1 {
		t.Errorf("stands %d times, thanked %d times", passed, thanked)
	}
}

func TestAnAnswerIsMarkedAsTheCases(t *testing.T) {
	b := newBench(t, setup{})
	b.asked(analyst)
	b.reply("", "I clicked it")
	b.expectIn(channel, "I clicked it")
	b.reply("", "lunch?")
	b.drain()
	var marked []slacktest.Message
	for _, m := range b.fake.All(channel) {
		if m.Metadata != nil && m.Metadata.EventType == slack.MetadataAnswer {
			marked = append(marked, m)
		}
	}
	if len(marked) != 1 || !marked[0].Contains("I clicked it") || marked[0].Metadata.EventPayload["case"] != ref.String() {
		t.Errorf("marked are %+v", marked)
	}
}
