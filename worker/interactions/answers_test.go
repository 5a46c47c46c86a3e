package interactions_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

const hostile = "<!channel> <@U0ANALYST> <https://evil.test|Approve here> & *bold* `x`\n> y"

// harmless fails where Slack would read what a sender wrote as its own language.
func harmless(t *testing.T, what, raw string) {
	t.Helper()
	for _, token := range []string{"<!channel", "<https://evil.test", `\u003c!channel`, `\u003chttps://evil.test`} {
		if strings.Contains(raw, token) {
			t.Errorf("%s: Slack reads %s in %s", what, token, raw)
		}
	}
}

func TestWhatSendersWroteIsHarmlessInEveryAnswer(t *testing.T) {
	h := newHunts()
	h.result.DryRun = true
	h.result.Senders = []soar.SenderOutcome{
		{Sender: hostile, Verdict: soar.VerdictTriage, Severity: soar.SeverityHigh, Reason: hostile},
		{Sender: "a@contoso.com", Verdict: soar.VerdictSuppressed, Rule: hostile, Reason: hostile},
	}
	close(h.done)
	before := h.result
	before.Senders = nil
	b := newBench(t, setup{service: func(c *interactions.Config) { c.Hunts, c.Runs = h, &past{last: &before} }})
	b.cases.set(func(v *soar.CaseView) {
		v.Case.Judgement.Headline, v.Case.Finding.Candidate.Sender = hostile, hostile
		v.Case.Finding.Evidence = soar.Evidence{Messages: []soar.Message{{Subject: hostile, P2: hostile, DisplayName: hostile}}, Total: 1}
	})
	b.slash(analyst, "run internal-senders dry")
	b.expectAnswer(analyst, "Against the last run")
	b.slash(analyst, "pause "+hostile)
	b.click(analyst, slack.ActionApprove)
	harmless(t, "form", asJSON(t, b.expectView(analyst, "Why is this benign?")))
	b.click(analyst, slack.ActionEvidence)
	page := b.expectView(analyst, "Page 1 of")
	harmless(t, "evidence", asJSON(t, page))
	b.drain()
	if all := asJSON(t, b.fake.All(channel)); strings.Count(all, "Approve here") < 3 || !page.Contains("Approve here") {
		t.Fatalf("what the sender wrote is nowhere: %s", all)
	}
	for _, m := range b.fake.All(channel) {
		harmless(t, "message", asJSON(t, m))
	}
	for _, m := range b.fake.Ephemerals(analyst) {
		harmless(t, "note", asJSON(t, m))
	}
}

func TestADryRunInAChannelThatShowsNoSubjectsGivesNoReasons(t *testing.T) {
	h := newHunts()
	h.result.DryRun = true
	h.result.Senders = []soar.SenderOutcome{{Sender: "a@contoso.com", Verdict: soar.VerdictTriage, Severity: soar.SeverityHigh, Reason: `subject "Salary review" is new`}}
	close(h.done)
	b := newBench(t, setup{service: func(c *interactions.Config) {
		c.Hunts, c.MaskSubjects = h, func(id string) bool { return id == channel }
	}})
	b.slash(analyst, "run internal-senders dry")
	if m := b.expectAnswer(analyst, "Would be in triage: 1"); m.Contains("Salary review") {
		t.Errorf("the answer is %q", m.Text)
	}
}

// spent fails every answer by a response address, as Slack does after five of them or
// half an hour.
type spent struct{}

func (spent) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, "/actions/") {
		return nil, errors.New("used_url")
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestANoteWhoseResponseAddressIsSpentComesAllTheSame(t *testing.T) {
	var b *bench
	with := setup{late: true, service: func(c *interactions.Config) {
		c.Slack = slackapi.New(b.fake.BotToken(), slackapi.OptionAPIURL(b.fake.APIURL()), slackapi.OptionAppLevelToken(b.fake.AppToken()),
			slackapi.OptionHTTPClient(&http.Client{Transport: spent{}}))
	}}
	b = newBench(t, with)
	b.start(with)
	b.click(member, slack.ActionEscalate)
	b.expectNote(member, "is not an approver")
	b.drain()
	if n := len(b.fake.Calls("chat.postEphemeral")); n != 1 {
		t.Errorf("%d notes", n)
	}
}
