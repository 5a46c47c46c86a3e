package slack_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// harmless is a person's mail that spoke against nothing but being a person's.
func harmless() soar.Case {
	c := takenOver()
	c.Judgement.Guards = []soar.GuardHit{{Guard: soar.GuardPerson, Detail: "a person"}}
	c.Finding.Candidate.Counts = soar.Counts{Submissions: 1, Phish: 1, Reporters: 1, Messages: 2}
	c.Finding.Exposure.Clicked = 0
	c.Finding.Past.AuditKnown, c.Finding.Past.CompromiseKnown = true, []soar.CompromiseKind{soar.CompromiseInboxRule, soar.CompromiseForwarding, soar.CompromiseDelegate, soar.CompromiseMFA, soar.CompromiseConsent}
	c.Finding.Profile.Mail = "j.doe@contoso.com"
	c.Finding.Evidence.Messages[0].Reporters = []string{"A. Miller", "B. Jones"}
	c.Finding.Evidence.Messages[0].ReporterAddresses = []string{"a.miller@contoso.com"}
	return c
}

func offers(t *testing.T, c soar.Case) string {
	t.Helper()
	var ids []string
	for _, b := range viewButtons(slack.EvidencePage(viewOf(c), place(c), options, now)) {
		if strings.HasPrefix(b.ActionID, "ask") {
			ids = append(ids, b.ActionID)
		}
	}
	return strings.Join(ids, " ")
}

func TestTheSenderIsAskedOnlyWhereNobodyElseReadsTheAccount(t *testing.T) {
	if got := offers(t, harmless()); got != "ask_reporter ask_sender" {
		t.Fatalf("a harmless case offers %q", got)
	}
	for name, change := range map[string]func(*soar.Case){
		"a compromise fact":  func(c *soar.Case) { c.Finding.Past.Compromise = compromised().Finding.Past.Compromise[:1] },
		"a risk, if low":     func(c *soar.Case) { c.Finding.Profile.AtRisk, c.Finding.Profile.Risk = soar.Yes, "low, at risk" },
		"the guard":          func(c *soar.Case) { c.Judgement.Guards = takenOver().Judgement.Guards },
		"many reports":       func(c *soar.Case) { c.Finding.Candidate.Counts.Phish, c.Finding.Candidate.Counts.Reporters = 2, 2 },
		"a click":            func(c *soar.Case) { c.Finding.Exposure.Clicked = 1 },
		"no audit log":       func(c *soar.Case) { c.Finding.Past.AuditKnown = false },
		"nothing told apart": func(c *soar.Case) { c.Finding.Past.CompromiseKnown = nil },
		"MFA not read":       func(c *soar.Case) { c.Finding.Past.CompromiseKnown = c.Finding.Past.CompromiseKnown[:3] },
		"from outside":       func(c *soar.Case) { c.Finding.Candidate.Scope = soar.ScopeClaimsInternal },
		"a shared mailbox":   func(c *soar.Case) { c.Finding.Profile.Kind = soar.KindShared },
		"no address":         func(c *soar.Case) { c.Finding.Profile.Mail = "" },
	} {
		c := harmless()
		change(&c)
		ok, why := slack.MayAskSender(c)
		if got := offers(t, c); ok || why == "" || got != "ask_reporter" {
			t.Errorf("%s: offers %q, may ask %v because %q", name, got, ok, why)
		}
	}
	closed := harmless()
	closed.State = soar.CaseEscalated
	if got := offers(t, closed); got != "" {
		t.Errorf("a closed case offers %q", got)
	}
}

func TestOnlyReportersWithAnAddressCanBeAsked(t *testing.T) {
	if got := slack.Reporters(harmless()); !slices.Equal(got, []string{"a.miller@contoso.com"}) {
		t.Errorf("reporters are %q", got)
	}
	before := harmless() // as a release read it that kept no addresses
	before.Finding.Evidence.Messages[0].ReporterAddresses = nil
	before.Finding.Evidence.Messages[0].Reporters = []string{"A.Miller@contoso.com", "B. Jones", "a.miller@contoso.com"}
	if got := slack.Reporters(before); !slices.Equal(got, []string{"a.miller@contoso.com"}) {
		t.Errorf("reporters without addresses are %q", got)
	}
	if got := offers(t, forged()); got != "" {
		t.Errorf("a case whose reporters have no address offers %q", got)
	}
}

func TestTheReportersOfTheNewestMailAreAskedFirst(t *testing.T) {
	c := harmless()
	c.Finding.Evidence.Messages = []soar.Message{
		{ReporterAddresses: []string{"c@contoso.com"}},
		{ReporterAddresses: []string{"a@contoso.com", "c@contoso.com"}},
		{Reporters: []string{"B. Jones", "b@contoso.com"}},
	}
	if got := slack.Reporters(c); !slices.Equal(got, []string{"c@contoso.com", "a@contoso.com", "b@contoso.com"}) {
		t.Errorf("reporters are %q", got)
	}
}

// Whoever has taken an account over reads what is sent to it, under each of its names.
func TestTheSenderIsNeverAskedAsAReporter(t *testing.T) {
	for name, change := range map[string]func(*soar.Finding){
		"as the hunt names it": func(f *soar.Finding) { f.Candidate.Sender = "Self@contoso.com" },
		"by its envelope":      func(f *soar.Finding) { f.Candidate.P1 = []string{"self@contoso.com"} },
		"by its user name":     func(f *soar.Finding) { f.Profile.UPN = "SELF@contoso.com" },
		"by its mailbox":       func(f *soar.Finding) { f.Profile.Mail = "self@contoso.com" },
		"by a mail's From":     func(f *soar.Finding) { f.Evidence.Messages[1].P2 = "Self@Contoso.com" },
		"by a mail's envelope": func(f *soar.Finding) { f.Evidence.Messages[1].P1 = " self@contoso.com" },
	} {
		c := harmless()
		m := c.Finding.Evidence.Messages[0]
		m.ReporterAddresses = []string{"self@contoso.com"}
		c.Finding.Evidence.Messages = []soar.Message{m, {P2: "j.doe@contoso.com", Reporters: []string{"self@contoso.com"}}}
		if got := slack.Reporters(c); len(got) != 1 {
			t.Fatalf("reporters are %q", got)
		}
		change(&c.Finding)
		if got := slack.Reporters(c); len(got) != 0 || strings.Contains(offers(t, c), "ask_reporter") {
			t.Errorf("%s: reporters are %q", name, got)
		}
	}
}

func TestAReporterIsShownOnlyTheMailThatTheyReported(t *testing.T) {
	c := harmless()
	newest := c.Finding.Evidence.Messages[0]
	other := newest
	other.Subject, other.ReporterAddresses = "Merger plans", []string{"b.jones@contoso.com"}
	c.Finding.Evidence.Messages = []soar.Message{other, newest}
	blocks, text, _ := slack.AskReporter(slack.ReportedBy(c, "A.Miller@contoso.com"), place(c))
	if got := wire(t, posted{text, blocks}); strings.Contains(got, "Merger plans") || !strings.Contains(got, newest.Subject) {
		t.Errorf("question is %s", got)
	}
	if len(c.Finding.Evidence.Messages) != 2 || c.Finding.Evidence.Messages[0].Subject != "Merger plans" {
		t.Error("the case itself was changed")
	}
}

func TestAQuestionShowsTheMailWithoutAnythingToClickAndRemembersItsThread(t *testing.T) {
	for name, ask := range map[string]func(soar.Case, slack.Place) ([]slackapi.Block, string, slackapi.SlackMetadata){
		"ask_reporter": slack.AskReporter, "ask_sender": slack.AskSender,
	} {
		blocks, text, metadata := ask(harmless(), place(harmless()))
		checkMessage(t, blocks, text)
		golden(t, name, wire(t, posted{text, blocks}))
		if got := wire(t, blocks); strings.Contains(got, "http") || strings.Contains(got, "contoso-hr") || len(buttonsOf(t, posted{text, blocks})) != 0 {
			t.Errorf("question is %s", got)
		}
		to, err := slack.ReadQuestion(overTheWire(t, metadata))
		want := slack.Place{Case: harmless().Ref, Channel: triage, TS: place(harmless()).TS, Thread: place(harmless()).TS}
		if err != nil || to != want {
			t.Errorf("the answer goes to %+v, error %v", to, err)
		}
	}
}

func overTheWire(t *testing.T, m slackapi.SlackMetadata) slackapi.SlackMetadata {
	t.Helper()
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var out slackapi.SlackMetadata
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAnswersToNothingGoNowhere(t *testing.T) {
	good := map[string]any{"case": "case-1/1", "channel": triage, "thread": "1.000001"}
	for name, m := range map[string]slackapi.SlackMetadata{
		"a card":     {EventType: "harrier_case", EventPayload: good},
		"no case":    {EventType: slack.MetadataQuestion, EventPayload: map[string]any{"channel": triage, "thread": "1.000001"}},
		"no channel": {EventType: slack.MetadataQuestion, EventPayload: map[string]any{"case": "case-1/1", "thread": "1.000001"}},
		"nothing":    {},
	} {
		if p, err := slack.ReadQuestion(m); err == nil {
			t.Errorf("%s is read as a question of %+v", name, p)
		}
	}
}

func TestAnAnswerIsQuotedWithoutAnythingOfItsOwn(t *testing.T) {
	blocks, text := slack.Answer("U0ANALYST", "I clicked <https://contoso-hr.example/x|contoso-hr.example/x> &lt;!channel&gt; *now* &amp; then", now)
	checkMessage(t, blocks, text)
	got := wire(t, posted{text, blocks})
	if !strings.Contains(got, "<@U0ANALYST> answered") || !strings.Contains(got, "hxxps://contoso-hr.example/x &lt;!channel&gt; *now* &amp; then") || strings.Contains(got, "https://") {
		t.Errorf("note is %s", got)
	}
}

func TestAnAnswerIsKnownByItsKey(t *testing.T) {
	m := overTheWire(t, slack.AnswerMetadata(harmless().Ref, "answer-1"))
	question := overTheWire(t, slackapi.SlackMetadata{EventType: slack.MetadataQuestion, EventPayload: map[string]any{"key": "answer-1"}})
	if !slack.PassesOn(m, "answer-1") || slack.PassesOn(m, "answer-2") || slack.PassesOn(question, "answer-1") || slack.PassesOn(slackapi.SlackMetadata{}, "") {
		t.Errorf("metadata %+v", m)
	}
}
