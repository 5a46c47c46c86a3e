package slacktest_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"harrier/activities/slack/slacktest"
)

func TestAClickReachesTheAppInItsRealShape(t *testing.T) {
	f := workspace(t)
	got := make(chan slack.InteractionCallback, 1)
	f.app(t, func(client *socketmode.Client, event socketmode.Event) {
		acknowledge(client, event)
		got <- event.Data.(slack.InteractionCallback)
	})
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("escalate", "approve")))
	result, err := f.Click(f.ctx, mara, soc, ts, "approve")
	if err != nil || !result.Acked || result.Warned || result.Attempts != 1 {
		t.Fatalf("click %+v: %v", result, err)
	}
	c := <-got
	action := c.ActionCallback.BlockActions[0]
	if action.ActionID != "approve" || action.Value != "case/1" || action.BlockID != "decide" || action.ActionTs == "" {
		t.Errorf("action %+v", action)
	}
	if c.Type != slack.InteractionTypeBlockActions || c.User.ID != mara || c.Channel.ID != soc || c.Message.Timestamp != ts ||
		c.Container.MessageTs != ts || c.TriggerID != result.TriggerID || c.ResponseURL != result.ResponseURL || c.Team.ID == "" {
		t.Errorf("callback %+v", c)
	}
	if len(c.Message.Blocks.BlockSet) != 1 {
		t.Errorf("message came with %d blocks", len(c.Message.Blocks.BlockSet))
	}
}

func TestOnlyWhoSeesAMessageCanClickIt(t *testing.T) {
	f := workspace(t)
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	if _, err := f.Click(f.ctx, guest, soc, ts, "approve"); err == nil {
		t.Error("a user outside a private channel clicked in it")
	}
	if _, err := f.Click(f.ctx, mara, soc, ts, "snooze"); err == nil || !strings.Contains(err.Error(), "[approve]") {
		t.Errorf("click on a missing button: %v", err)
	}
}

func TestAnUnacknowledgedClickIsWarnedOfAndDeliveredAgainToAnotherSocket(t *testing.T) {
	f := workspace(t, func(c *slacktest.Config) { c.AckTimeout = 50 * time.Millisecond })
	var seen atomic.Int32
	retries := make(chan *socketmode.Request, 4)
	silentOnce := func(client *socketmode.Client, event socketmode.Event) {
		retries <- event.Request
		if seen.Add(1) > 1 {
			acknowledge(client, event)
		}
	}
	f.app(t, silentOnce)
	f.app(t, silentOnce)
	if err := f.ExpectSockets(f.ctx, 2); err != nil {
		t.Fatal(err)
	}
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	result, err := f.Click(f.ctx, mara, soc, ts, "approve")
	if err != nil || !result.Acked || !result.Warned || result.Attempts != 2 {
		t.Fatalf("click %+v: %v", result, err)
	}
	first, second := <-retries, <-retries
	if first.EnvelopeID != second.EnvelopeID || first.RetryAttempt != 0 || second.RetryAttempt != 1 || second.RetryReason != "timeout" {
		t.Errorf("requests %+v and %+v", first, second)
	}
	sent := f.Deliveries()
	if len(sent) != 2 || sent[0].Socket == sent[1].Socket || sent[0].Acked || !sent[1].Acked {
		t.Errorf("deliveries %+v", sent)
	}
	if warnings := f.Warnings(mara); len(warnings) != 1 || warnings[0].TS != ts {
		t.Errorf("warnings %+v", warnings)
	}
	if acked, err := f.Redeliver(f.ctx, result.EnvelopeID); err != nil || !acked {
		t.Errorf("late redelivery: %v %v", acked, err)
	}
	if third := <-retries; third.RetryAttempt != 2 || third.EnvelopeID != first.EnvelopeID {
		t.Errorf("late redelivery %+v", third)
	}
}

func TestAClickNobodyAnswersIsAnUnansweredClick(t *testing.T) {
	f := workspace(t, func(c *slacktest.Config) { c.AckTimeout, c.Redeliveries = 20*time.Millisecond, -1 })
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	result, err := f.Click(f.ctx, mara, soc, ts, "approve")
	if err != nil || result.Acked || !result.Warned || result.Attempts != 1 {
		t.Errorf("click %+v: %v", result, err)
	}
}

func TestTheAppReconnectsWhenAskedTo(t *testing.T) {
	f := workspace(t)
	f.app(t, acknowledge)
	if err := f.ExpectSockets(f.ctx, 1); err != nil {
		t.Fatal(err)
	}
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	f.Disconnect("")
	result, err := f.Click(f.ctx, mara, soc, ts, "approve")
	if err != nil || !result.Acked || f.Deliveries()[0].Socket != 2 {
		t.Errorf("click after a disconnect %+v: %v, deliveries %+v", result, err, f.Deliveries())
	}
}

// modal is a small form: a required reason and a duration.
func modal() slack.ModalViewRequest {
	options := []*slack.OptionBlockObject{slack.NewOptionBlockObject("7d", plain("7 days"), nil), slack.NewOptionBlockObject("30d", plain("30 days"), nil)}
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain("Benign: hide"), Submit: plain("Hide"), Close: plain("Cancel"), CallbackID: "hide",
		PrivateMetadata: "case/1", NotifyOnClose: true,
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock("why", plain("Why"), nil, slack.NewPlainTextInputBlockElement(nil, "reason")),
			slack.NewInputBlock("long", plain("How long"), nil, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "duration", options...)),
		}},
	}
}

// modalApp opens the form on a click and answers a submission as the reason says.
func (f fixture) modalApp(t *testing.T) <-chan slack.InteractionCallback {
	got := make(chan slack.InteractionCallback, 8)
	f.app(t, func(client *socketmode.Client, event socketmode.Event) {
		c := event.Data.(slack.InteractionCallback)
		got <- c
		if c.Type != slack.InteractionTypeViewSubmission {
			acknowledge(client, event)
			if c.Type == slack.InteractionTypeBlockActions {
				_, _ = f.api.OpenViewContext(f.ctx, c.TriggerID, modal())
			}
			return
		}
		switch c.View.State.Values["why"]["reason"].Value {
		case "short":
			_ = client.Ack(*event.Request, slack.NewErrorsViewSubmissionResponse(map[string]string{"why": "Say more."}))
		case "wrong block":
			_ = client.Ack(*event.Request, slack.NewErrorsViewSubmissionResponse(map[string]string{"nowhere": "?"}))
		case "next":
			next := modal()
			next.Title = plain("Sure?")
			_ = client.Ack(*event.Request, slack.NewUpdateViewSubmissionResponse(&next))
		default:
			_ = client.Ack(*event.Request)
		}
	})
	return got
}

func TestAModalGoesRoundToTheAppAndBack(t *testing.T) {
	f := workspace(t)
	got := f.modalApp(t)
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	if _, err := f.Click(f.ctx, mara, soc, ts, "approve"); err != nil {
		t.Fatal(err)
	}
	<-got
	view, err := f.ExpectView(f.ctx, mara)
	if err != nil || view.Title != "Benign: hide" || view.PrivateMetadata != "case/1" {
		t.Fatalf("view %+v: %v", view, err)
	}
	submit := func(reason string) slacktest.SubmitResult {
		t.Helper()
		result, err := f.SubmitView(f.ctx, mara, view.ID, map[string]any{"reason": reason, "duration": "30d"})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	if result := submit(""); result.Errors["why"] == "" || result.EnvelopeID != "" {
		t.Errorf("an empty required field: %+v", result)
	}
	if result := submit("short"); result.Errors["why"] != "Say more." || result.Closed {
		t.Errorf("errors of the app: %+v", result)
	}
	if result := submit("wrong block"); result.Trouble == "" || result.Closed {
		t.Errorf("errors for a block that is not there: %+v", result)
	}
	if result := submit("next"); result.ViewID != view.ID {
		t.Errorf("update: %+v", result)
	}
	if now, _ := f.OpenView(mara); now.Title != "Sure?" {
		t.Errorf("updated view %+v", now)
	}
	if result := submit("a good reason"); !result.Closed || !result.Acked {
		t.Errorf("submit: %+v", result)
	}
	var last slack.InteractionCallback
	for range 4 {
		last = <-got
	}
	values := last.View.State.Values
	if values["why"]["reason"].Value != "a good reason" || values["long"]["duration"].SelectedOption.Value != "30d" ||
		last.View.CallbackID != "hide" || last.View.PrivateMetadata != "case/1" || last.TriggerID == "" {
		t.Errorf("submission %+v", last.View)
	}
	if _, still := f.OpenView(mara); still {
		t.Error("the view is still open")
	}
}

func TestClosingAModalTellsTheAppThatAsked(t *testing.T) {
	f := workspace(t)
	got := f.modalApp(t)
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	if _, err := f.Click(f.ctx, mara, soc, ts, "approve"); err != nil {
		t.Fatal(err)
	}
	view, err := f.ExpectView(f.ctx, mara)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.CloseView(f.ctx, mara, view.ID); err != nil {
		t.Fatal(err)
	}
	<-got
	if c := <-got; c.Type != slack.InteractionTypeViewClosed || c.View.ID != view.ID {
		t.Errorf("callback %+v", c)
	}
}

func TestATriggerWorksOnceAndForThreeSeconds(t *testing.T) {
	f := workspace(t)
	f.app(t, acknowledge)
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	trigger := func() string {
		t.Helper()
		result, err := f.Click(f.ctx, mara, soc, ts, "approve")
		if err != nil {
			t.Fatal(err)
		}
		return result.TriggerID
	}
	id := trigger()
	if _, err := f.api.OpenViewContext(f.ctx, id, modal()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.api.OpenViewContext(f.ctx, id, modal()); codeOf(err) != "exchanged_trigger_id" {
		t.Errorf("second use: %v", err)
	}
	id = trigger()
	f.clock.Advance(slacktest.TriggerLifetime + time.Millisecond)
	if _, err := f.api.OpenViewContext(f.ctx, id, modal()); codeOf(err) != "expired_trigger_id" {
		t.Errorf("late use: %v", err)
	}
	if _, err := f.api.OpenViewContext(f.ctx, "made.up", modal()); codeOf(err) != "invalid_trigger_id" {
		t.Errorf("made up: %v", err)
	}
}

func TestViewsAreUpdatedByHashAndPushedThreeDeep(t *testing.T) {
	f := workspace(t)
	f.app(t, acknowledge)
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	trigger := func() string {
		t.Helper()
		result, err := f.Click(f.ctx, mara, soc, ts, "approve")
		if err != nil {
			t.Fatal(err)
		}
		return result.TriggerID
	}
	opened, err := f.api.OpenViewContext(f.ctx, trigger(), modal())
	if err != nil {
		t.Fatal(err)
	}
	changed := modal()
	changed.Title = plain("Changed")
	if _, err := f.api.UpdateViewContext(f.ctx, changed, "", opened.Hash, opened.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := f.api.UpdateViewContext(f.ctx, changed, "", opened.Hash, opened.ID); codeOf(err) != "hash_conflict" {
		t.Errorf("old hash: %v", err)
	}
	var results []string
	for range 3 {
		_, err := f.api.PushViewContext(f.ctx, trigger(), modal())
		results = append(results, codeOf(err))
	}
	if !slices.Equal(results, []string{"", "", "push_limit_reached"}) {
		t.Errorf("pushes %v", results)
	}
}

func TestAResponseURLWorksFiveTimesWithinHalfAnHour(t *testing.T) {
	f := workspace(t)
	f.app(t, acknowledge)
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	click, err := f.Click(f.ctx, mara, soc, ts, "approve")
	if err != nil {
		t.Fatal(err)
	}
	respond := func(url string, more ...slack.MsgOption) error {
		_, _, err := f.api.PostMessageContext(f.ctx, soc, append(more, slack.MsgOptionText("answer", false))...)
		return err
	}
	note := slack.MsgOptionResponseURL(click.ResponseURL, slack.ResponseTypeEphemeral)
	if err := respond(click.ResponseURL, note); err != nil {
		t.Fatal(err)
	}
	if got := f.Ephemerals(mara); len(got) != 1 || got[0].Text != "answer" {
		t.Errorf("notes %+v", got)
	}
	if err := respond(click.ResponseURL, slack.MsgOptionReplaceOriginal(click.ResponseURL)); err != nil {
		t.Fatal(err)
	}
	if m, err := f.ExpectUpdate(f.ctx, soc, ts, nil); err != nil || m.Text != "answer" {
		t.Errorf("replaced %+v: %v", m, err)
	}
	for range 3 {
		if err := respond(click.ResponseURL, note); err != nil {
			t.Fatal(err)
		}
	}
	if err := respond(click.ResponseURL, note); err == nil {
		t.Error("a sixth use was accepted")
	}
	ts = f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	if click, err = f.Click(f.ctx, mara, soc, ts, "approve"); err != nil {
		t.Fatal(err)
	}
	f.clock.Advance(slacktest.ResponseURLLifetime + time.Second)
	if err := respond(click.ResponseURL, slack.MsgOptionResponseURL(click.ResponseURL, slack.ResponseTypeEphemeral)); err == nil {
		t.Error("a use after 30 minutes was accepted")
	}
}

func TestASlashCommandIsAnsweredInItsAcknowledgement(t *testing.T) {
	f := workspace(t)
	f.app(t, func(client *socketmode.Client, event socketmode.Event) {
		command := event.Data.(slack.SlashCommand)
		_ = client.Ack(*event.Request, map[string]any{"text": command.Command + " got " + command.Text})
	})
	if _, err := f.Slash(f.ctx, mara, soc, "/harrier", "cases open"); err != nil {
		t.Fatal(err)
	}
	note, err := f.ExpectEphemeral(f.ctx, mara, nil)
	if err != nil || note.Text != "/harrier got cases open" || note.Channel != soc {
		t.Errorf("note %+v: %v", note, err)
	}
}

func TestANoteIsSeenByOnePersonOnly(t *testing.T) {
	f := workspace(t)
	if _, err := f.api.PostEphemeralContext(f.ctx, soc, mara, slack.MsgOptionText("psst", false)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.api.PostEphemeralContext(f.ctx, soc, guest, slack.MsgOptionText("psst", false)); codeOf(err) != "user_not_in_channel" {
		t.Errorf("note to somebody outside: %v", err)
	}
	if len(f.Ephemerals(mara)) != 1 || len(f.Messages(soc)) != 0 {
		t.Errorf("notes %+v, messages %+v", f.Ephemerals(mara), f.Messages(soc))
	}
}

func TestASelectInAMessageRemembersWhatWasChosen(t *testing.T) {
	f := workspace(t)
	got := make(chan slack.InteractionCallback, 1)
	f.app(t, func(client *socketmode.Client, event socketmode.Event) {
		acknowledge(client, event)
		got <- event.Data.(slack.InteractionCallback)
	})
	choose := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "snooze", slack.NewOptionBlockObject("30m", plain("30 minutes"), nil))
	ts := f.post(t, soc, slack.MsgOptionBlocks(slack.NewSectionBlock(mrkdwn("snooze"), nil, slack.NewAccessory(choose), slack.SectionBlockOptionBlockID("s"))))
	if _, err := f.Use(f.ctx, slacktest.Press{User: mara, Channel: soc, TS: ts, Action: "snooze", Value: "2h"}); err == nil {
		t.Error("an option that is not there was chosen")
	}
	if _, err := f.Use(f.ctx, slacktest.Press{User: mara, Channel: soc, TS: ts, Action: "snooze", Value: "30m"}); err != nil {
		t.Fatal(err)
	}
	c := <-got
	if c.ActionCallback.BlockActions[0].SelectedOption.Value != "30m" || c.BlockActionState.Values["s"]["snooze"].SelectedOption.Value != "30m" {
		t.Errorf("callback %+v", c)
	}
}
