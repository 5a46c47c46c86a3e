package interactions_test

import (
	"fmt"
	"testing"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

// mails gives the case so many messages, reported by the reporter.
func (b *bench) mails(n int) {
	b.cases.set(func(v *soar.CaseView) {
		e := &v.Case.Finding.Evidence
		e.Messages, e.Total = nil, n
		for i := range n {
			e.Messages = append(e.Messages, soar.Message{
				NetworkMessageID: fmt.Sprintf("nmid-%02d", i), Subject: fmt.Sprintf("Mail %02d", i), Reporters: []string{"reporter@contoso.com"},
			})
		}
	})
}

// turn presses a button in the modal that somebody has open.
func (b *bench) turn(user, action string) slacktest.ClickResult {
	b.t.Helper()
	v, open := b.fake.OpenView(user)
	if !open {
		b.t.Fatalf("%s has no modal open", user)
	}
	result, err := b.fake.Use(b.t.Context(), slacktest.Press{User: user, View: v.ID, Action: action})
	if err != nil || !result.Acked {
		b.t.Fatalf("press %s: %+v, %v", action, result, err)
	}
	return result
}

func TestThePagesOfTheEvidenceAreTurned(t *testing.T) {
	b := newBench(t, setup{})
	b.mails(12)
	b.click(member, slack.ActionEvidence)
	b.expectView(member, "Page 1 of 5")
	b.turn(member, slack.ActionPage)
	b.expectView(member, "Page 2 of 5: messages 1 to 5 of 12")
	b.turn(member, slack.ActionPage)
	b.expectView(member, "Mail 07")
	b.turn(member, slack.ActionPageBack)
	b.expectView(member, "Mail 02")
}

func TestTheEvidenceKeepsSubjectsBackInAMaskedChannel(t *testing.T) {
	b := newBench(t, setup{service: func(c *interactions.Config) { c.MaskSubjects = func(id string) bool { return id == channel } }})
	b.mails(2)
	b.click(member, slack.ActionEvidence)
	b.expectView(member, "Page 1 of 3")
	b.turn(member, slack.ActionPage)
	if v := b.expectView(member, "Page 2 of 3"); v.Contains("Mail 01") {
		t.Error("a masked channel shows a subject")
	}
}

// unreviewed posts a digest that lists the case as unreviewed, to be clicked in.
func (b *bench) unreviewed() {
	b.t.Helper()
	b.cases.set(func(v *soar.CaseView) { v.Case.State = soar.CaseUnreviewed })
	blocks, _ := slack.DigestBlocks(soar.Digest{Unreviewed: []soar.ListedCase{{Ref: ref, State: soar.CaseUnreviewed, Sender: "s@contoso.com"}}}, slack.Options{})
	b.card = postBlocks(b, blocks)
}

func TestWhoAsksForACardThatStandsAlreadyIsToldWhere(t *testing.T) {
	b := newBench(t, setup{})
	link, err := slackapi.New(b.fake.BotToken(), slackapi.OptionAPIURL(b.fake.APIURL())).GetPermalinkContext(
		t.Context(), &slackapi.PermalinkParameters{Channel: channel, Ts: b.card})
	if err != nil {
		t.Fatal(err)
	}
	b.unreviewed()
	b.click(member, slack.ActionShow)
	b.expectNote(member, "This case has its card already: "+link)
	b.drain()
	if len(b.cases.shown) != 0 {
		t.Errorf("asked for %+v", b.cases.shown)
	}
}

func TestWhoAsksForACardThatWasDeletedIsToldHowToDecideTheCase(t *testing.T) {
	b := newBench(t, setup{})
	b.cases.set(func(v *soar.CaseView) { v.Case.Card.TS = "1.000001" })
	b.unreviewed()
	b.click(member, slack.ActionShow)
	b.expectNote(member, "worker cases decide "+ref.String())
}
