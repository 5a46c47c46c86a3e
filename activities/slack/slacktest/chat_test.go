package slacktest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"harrier/activities/slack/slacktest"
)

func TestAPostIsKeptAndCanBeExpected(t *testing.T) {
	f := workspace(t)
	go func() {
		_, _, _ = f.api.PostMessageContext(f.ctx, soc, slack.MsgOptionText("HIGH jane", false), slack.MsgOptionBlocks(buttons("escalate", "approve")))
	}()
	message, err := f.ExpectMessage(f.ctx, soc, func(m slacktest.Message) bool { return m.Contains("HIGH") })
	if err != nil {
		t.Fatal(err)
	}
	got := message.Buttons()
	if len(got) != 2 || got[0].ActionID != "escalate" || got[1].Value != "case/1" || message.BotID == "" {
		t.Errorf("buttons %+v of bot %q", got, message.BotID)
	}
}

func TestAnExpectationThatIsNotMetSaysWhatThereIs(t *testing.T) {
	f := workspace(t)
	f.post(t, soc)
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	_, err := f.ExpectMessage(ctx, soc, func(slacktest.Message) bool { return false })
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), `"hello"`) {
		t.Errorf("error %v", err)
	}
}

func TestChannelsRefuseAsSlackDoes(t *testing.T) {
	f := workspace(t)
	for channel, want := range map[string]string{
		open: "not_in_channel", old: "is_archived", other: "channel_not_found", "C0NONE": "channel_not_found", soc: "",
	} {
		_, _, err := f.api.PostMessageContext(f.ctx, channel, slack.MsgOptionText("x", false))
		if codeOf(err) != want {
			t.Errorf("post to %s: %q, want %q", channel, codeOf(err), want)
		}
	}
	if _, _, err := f.api.PostMessageContext(f.ctx, soc); codeOf(err) != "no_text" {
		t.Errorf("empty post: %v", err)
	}
}

func TestTokensAndScopesAreChecked(t *testing.T) {
	f := workspace(t, func(c *slacktest.Config) { c.Scopes = []string{"chat:write"} })
	stranger := slack.New("xoxb-wrong", slack.OptionAPIURL(f.APIURL()))
	if _, err := stranger.AuthTestContext(f.ctx); codeOf(err) != "invalid_auth" {
		t.Errorf("wrong token: %v", err)
	}
	_, err := f.api.GetUserInfoContext(f.ctx, mara)
	var refused slack.SlackErrorResponse
	if !errors.As(err, &refused) || refused.Err != "missing_scope" || refused.Needed != "users:read" || refused.Provided != "chat:write" {
		t.Errorf("missing scope: %#v", err)
	}
	who, err := f.api.AuthTestContext(f.ctx)
	if err != nil || who.BotID != "B0BOT" || who.Header.Get("X-OAuth-Scopes") != "chat:write" {
		t.Errorf("auth.test: %+v %v", who, err)
	}
}

func TestHistoryGivesMetadataBackOnlyWhenAsked(t *testing.T) {
	f := workspace(t)
	want := slack.SlackMetadata{EventType: "case", EventPayload: map[string]any{"case": "case-1/2"}}
	ts := f.post(t, soc, slack.MsgOptionMetadata(want))
	for _, asked := range []bool{true, false} {
		got, err := f.api.GetConversationHistoryContext(f.ctx, &slack.GetConversationHistoryParameters{ChannelID: soc, IncludeAllMetadata: asked})
		if err != nil || len(got.Messages) != 1 || got.Messages[0].Timestamp != ts {
			t.Fatalf("history %+v: %v", got, err)
		}
		if has := got.Messages[0].Metadata.EventPayload["case"] == "case-1/2"; has != asked {
			t.Errorf("asked for metadata %v, got it %v", asked, has)
		}
	}
}

func TestHistoryPagesNewestFirstWithinItsEdges(t *testing.T) {
	f := workspace(t, func(c *slacktest.Config) { c.Limits.NoRates = true })
	var all []string
	for range 5 {
		all = append(all, f.post(t, soc))
	}
	var seen []string
	for cursor, more := "", true; more; {
		page, err := f.api.GetConversationHistoryContext(f.ctx, &slack.GetConversationHistoryParameters{ChannelID: soc, Limit: 2, Cursor: cursor, Oldest: all[0]})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Messages {
			seen = append(seen, m.Timestamp)
		}
		cursor, more = page.ResponseMetaData.NextCursor, page.HasMore
	}
	if want := []string{all[4], all[3], all[2], all[1]}; strings.Join(seen, " ") != strings.Join(want, " ") {
		t.Errorf("history %v, want %v", seen, want)
	}
}

func TestRepliesHangUnderTheirRoot(t *testing.T) {
	f := workspace(t)
	root := f.post(t, soc)
	reply := f.post(t, soc, slack.MsgOptionTS(root))
	if _, _, err := f.api.PostMessageContext(f.ctx, soc, slack.MsgOptionText("x", false), slack.MsgOptionTS(reply)); codeOf(err) != "cannot_reply_to_message" {
		t.Errorf("reply to a reply: %v", err)
	}
	history, err := f.api.GetConversationHistoryContext(f.ctx, &slack.GetConversationHistoryParameters{ChannelID: soc})
	if err != nil || len(history.Messages) != 1 || history.Messages[0].ReplyCount != 1 || history.Messages[0].LatestReply != reply {
		t.Fatalf("history %+v: %v", history, err)
	}
	thread, _, _, err := f.api.GetConversationRepliesContext(f.ctx, &slack.GetConversationRepliesParameters{ChannelID: soc, Timestamp: root})
	if err != nil || len(thread) != 2 || thread[1].Timestamp != reply || len(f.Thread(soc, root)) != 2 || len(f.Messages(soc)) != 1 {
		t.Errorf("thread %+v: %v", thread, err)
	}
}

func TestAnUpdateKeepsWhatItDoesNotName(t *testing.T) {
	f := workspace(t)
	ts := f.post(t, soc, slack.MsgOptionBlocks(buttons("approve")))
	if _, _, _, err := f.api.UpdateMessageContext(f.ctx, soc, ts, slack.MsgOptionText("approved", false)); err != nil {
		t.Fatal(err)
	}
	message, err := f.ExpectUpdate(f.ctx, soc, ts, nil)
	if err != nil || message.Text != "approved" || len(message.Buttons()) != 1 || message.Edited == "" {
		t.Fatalf("message %+v: %v", message, err)
	}
	if _, _, _, err := f.api.UpdateMessageContext(f.ctx, soc, ts, slack.MsgOptionText("done", false), slack.MsgOptionBlocks()); err != nil {
		t.Fatal(err)
	}
	if message, _ = f.ExpectUpdate(f.ctx, soc, ts, nil); len(message.Buttons()) != 0 {
		t.Errorf("an empty list of blocks left %v", message.Buttons())
	}
	_, _, _, err = f.api.UpdateMessageContext(f.ctx, soc, "1.000001", slack.MsgOptionText("x", false))
	if codeOf(err) != "message_not_found" {
		t.Errorf("update of nothing: %v", err)
	}
	said, err := f.Say(mara, soc, "", "mine & <yours>")
	if err != nil || said.Text != "mine &amp; &lt;yours&gt;" {
		t.Fatalf("said %+v: %v", said, err)
	}
	if _, _, _, err = f.api.UpdateMessageContext(f.ctx, soc, said.TS, slack.MsgOptionText("x", false)); codeOf(err) != "cant_update_message" {
		t.Errorf("update of a person's message: %v", err)
	}
}

func TestDeletingARootLeavesItsReplies(t *testing.T) {
	f := workspace(t)
	root := f.post(t, soc)
	f.post(t, soc, slack.MsgOptionTS(root))
	if _, _, err := f.api.DeleteMessageContext(f.ctx, soc, root); err != nil {
		t.Fatal(err)
	}
	thread := f.Thread(soc, root)
	if len(thread) != 2 || !thread[0].Deleted {
		t.Errorf("thread %+v", thread)
	}
}

func TestTheAmbiguousPostIsStoredThoughTheClientSawAnError(t *testing.T) {
	f := workspace(t)
	f.Fail(slacktest.Fault{Method: "chat.postMessage", Channel: soc, AcceptThenCut: true})
	_, _, err := f.api.PostMessageContext(f.ctx, soc, slack.MsgOptionText("once", false))
	if !errors.Is(err, io.EOF) {
		t.Errorf("cut post: %v", err)
	}
	release := make(chan struct{})
	defer close(release)
	f.Fail(slacktest.Fault{Method: "chat.postMessage", Hold: release})
	ctx, cancel := context.WithCancel(f.ctx)
	go func() {
		_, _ = f.ExpectMessage(f.ctx, soc, func(m slacktest.Message) bool { return m.Text == "twice" })
		cancel()
	}()
	if _, _, err = f.api.PostMessageContext(ctx, soc, slack.MsgOptionText("twice", false)); !errors.Is(err, context.Canceled) {
		t.Errorf("held post: %v", err)
	}
	if got := f.Messages(soc); len(got) != 2 || len(f.Calls("chat.postMessage")) != 2 {
		t.Errorf("messages %+v", got)
	}
}

func TestRetryAfterComesInAllItsForms(t *testing.T) {
	f := workspace(t)
	post := func(header string) error {
		f.Fail(slacktest.Fault{Method: "chat.postMessage", HTTPStatus: http.StatusTooManyRequests, RetryAfter: header})
		_, _, err := f.api.PostMessageContext(f.ctx, soc, slack.MsgOptionText("x", false))
		return err
	}
	var limited *slack.RateLimitedError
	if err := post("3"); !errors.As(err, &limited) || limited.RetryAfter != 3*time.Second {
		t.Errorf("whole seconds: %v", err)
	}
	var number *strconv.NumError
	if err := post("0.5"); !errors.As(err, &number) {
		t.Errorf("half a second: %T %v", err, err)
	}
	var status slack.StatusCodeError
	if err := post(""); !errors.As(err, &status) || status.Code != http.StatusTooManyRequests {
		t.Errorf("no header: %T %v", err, err)
	}
	if len(f.Messages(soc)) != 0 {
		t.Error("a refused post was stored")
	}
}

func TestAFaultCanSkipCallsAndThenLast(t *testing.T) {
	f := workspace(t)
	f.Fail(slacktest.Fault{Method: "chat.postMessage", Skip: 1, Times: -1, ErrorCode: "account_inactive"})
	f.post(t, soc)
	for range 2 {
		if _, _, err := f.api.PostMessageContext(f.ctx, soc, slack.MsgOptionText("x", false)); codeOf(err) != "account_inactive" {
			t.Errorf("post: %v", err)
		}
	}
	f.Heal()
	f.post(t, soc)
}

func TestPostsArePacedByChannelAndUpdatesByMinute(t *testing.T) {
	f := workspace(t)
	burst := slacktest.PostRate().Calls
	var ts string
	for range burst {
		ts = f.post(t, soc)
	}
	_, _, err := f.api.PostMessageContext(f.ctx, soc, slack.MsgOptionText("x", false))
	var limited *slack.RateLimitedError
	if !errors.As(err, &limited) {
		t.Fatalf("post %d at once: %v", burst+1, err)
	}
	f.clock.Advance(limited.RetryAfter)
	f.post(t, soc)
	for i := range 50 {
		if _, _, _, err := f.api.UpdateMessageContext(f.ctx, soc, ts, slack.MsgOptionText(strconv.Itoa(i), false)); err != nil {
			t.Fatalf("update %d: %v", i, err)
		}
	}
	if _, _, _, err = f.api.UpdateMessageContext(f.ctx, soc, ts, slack.MsgOptionText("x", false)); !errors.As(err, &limited) {
		t.Errorf("update 51 within a minute: %v", err)
	}
}

func TestLongTextIsCutAndLongUpdatesAreRefused(t *testing.T) {
	f := workspace(t)
	long := strings.Repeat("é", slacktest.MaxMessageText+1)
	_, ts, err := f.api.PostMessageContext(f.ctx, soc, slack.MsgOptionText(long, false))
	if err != nil {
		t.Fatal(err)
	}
	if kept := len([]rune(f.Messages(soc)[0].Text)); kept != slacktest.MaxMessageText {
		t.Errorf("kept %d characters", kept)
	}
	_, _, _, err = f.api.UpdateMessageContext(f.ctx, soc, ts, slack.MsgOptionText(long[:2*(slacktest.MaxUpdateText+1)], false))
	if codeOf(err) != "msg_too_long" {
		t.Errorf("long update: %v", err)
	}
}

func TestPeopleGroupsAndDirectMessagesAreThere(t *testing.T) {
	f := workspace(t)
	user, err := f.api.GetUserInfoContext(f.ctx, guest)
	if err != nil || !user.IsRestricted {
		t.Errorf("guest %+v: %v", user, err)
	}
	groups, err := f.api.GetUserGroupsContext(f.ctx, slack.GetUserGroupsOptionIncludeUsers(true))
	if err != nil || len(groups) != 1 || groups[0].Users[0] != mara {
		t.Errorf("groups %+v: %v", groups, err)
	}
	members, err := f.api.GetUserGroupMembersContext(f.ctx, "S0SOC")
	if err != nil || len(members) != 1 {
		t.Errorf("members %v: %v", members, err)
	}
	direct, _, _, err := f.api.OpenConversationContext(f.ctx, &slack.OpenConversationParameters{Users: []string{mara}})
	if err != nil {
		t.Fatal(err)
	}
	f.post(t, direct.ID)
	f.post(t, mara)
	if got := f.Messages(direct.ID); len(got) != 2 {
		t.Errorf("direct messages %+v", got)
	}
	info, err := f.api.GetConversationInfoContext(f.ctx, &slack.GetConversationInfoInput{ChannelID: soc})
	if err != nil || !info.IsPrivate || !info.IsMember {
		t.Errorf("info %+v: %v", info, err)
	}
	channels, _, err := f.api.GetConversationsContext(f.ctx, &slack.GetConversationsParameters{Types: []string{"public_channel", "private_channel"}, ExcludeArchived: true})
	if err != nil || len(channels) != 2 {
		t.Errorf("channels %+v: %v", channels, err)
	}
	link, err := f.api.GetPermalinkContext(f.ctx, &slack.PermalinkParameters{Channel: soc, Ts: f.post(t, soc)})
	if err != nil || !strings.HasPrefix(link, "https://contoso.slack.com/archives/C0SOC/p") {
		t.Errorf("permalink %q: %v", link, err)
	}
}
