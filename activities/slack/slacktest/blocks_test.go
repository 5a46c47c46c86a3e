package slacktest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"harrier/activities/slack/slacktest"
)

// answer posts raw blocks, as a client without any checks of its own would, and returns Slack's answer.
func (f fixture) answer(t *testing.T, blocks string) slack.SlackResponse {
	t.Helper()
	resp, err := http.PostForm(f.APIURL()+"chat.postMessage", url.Values{"token": {f.BotToken()}, "channel": {soc}, "blocks": {blocks}, "text": {"x"}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body slack.SlackResponse
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return body
}

func x(n int) string { return strings.Repeat("x", n) }

func repeat(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }

func numbered(n int, item string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(item, i)
	}
	return strings.Join(items, ",")
}

func TestBlocksAreAcceptedAtALimitAndRefusedOneAbove(t *testing.T) {
	f := workspace(t, func(c *slacktest.Config) { c.Limits.NoRates = true })
	section := `[{"type":"section","text":{"type":"mrkdwn","text":"%s"}}]`
	field := `[{"type":"section","fields":[%s]}]`
	actions := `[{"type":"actions","elements":[%s]}]`
	button := `{"type":"button","text":{"type":"plain_text","text":"%s"},"value":"%s","action_id":"%s"}`
	option := `{"text":{"type":"plain_text","text":"%s"},"value":"v"}`
	chosen := `[{"type":"section","text":{"type":"mrkdwn","text":"s"},"accessory":{"type":"static_select","action_id":"a","options":[%s]}}]`
	numberedButton := strings.Replace(fmt.Sprintf(button, "b", "v", "ID"), "ID", "b%d", 1)
	cases := map[string]struct {
		build func(n int) string
		limit int
	}{
		"blocks":          {func(n int) string { return "[" + repeat(n, `{"type":"divider"}`) + "]" }, slacktest.MaxMessageBlocks},
		"section text":    {func(n int) string { return fmt.Sprintf(section, x(n)) }, slacktest.MaxSectionText},
		"characters":      {func(n int) string { return fmt.Sprintf(section, strings.Repeat("é", n)) }, slacktest.MaxSectionText},
		"fields":          {func(n int) string { return fmt.Sprintf(field, repeat(n, `{"type":"mrkdwn","text":"f"}`)) }, slacktest.MaxSectionFields},
		"field text":      {func(n int) string { return fmt.Sprintf(field, `{"type":"mrkdwn","text":"`+x(n)+`"}`) }, slacktest.MaxFieldText},
		"header":          {func(n int) string { return `[{"type":"header","text":{"type":"plain_text","text":"` + x(n) + `"}}]` }, slacktest.MaxHeaderText},
		"button text":     {func(n int) string { return fmt.Sprintf(actions, fmt.Sprintf(button, x(n), "v", "a")) }, slacktest.MaxButtonText},
		"button value":    {func(n int) string { return fmt.Sprintf(actions, fmt.Sprintf(button, "b", x(n), "a")) }, slacktest.MaxButtonValue},
		"action id":       {func(n int) string { return fmt.Sprintf(actions, fmt.Sprintf(button, "b", "v", x(n))) }, slacktest.MaxActionID},
		"block id":        {func(n int) string { return `[{"type":"divider","block_id":"` + x(n) + `"}]` }, slacktest.MaxBlockID},
		"action elements": {func(n int) string { return fmt.Sprintf(actions, numbered(n, numberedButton)) }, slacktest.MaxActionElements},
		"context elements": {func(n int) string {
			return `[{"type":"context","elements":[` + repeat(n, `{"type":"mrkdwn","text":"c"}`) + `]}]`
		}, slacktest.MaxContextElements},
		"options":     {func(n int) string { return fmt.Sprintf(chosen, repeat(n, fmt.Sprintf(option, "o"))) }, slacktest.MaxSelectOption},
		"option text": {func(n int) string { return fmt.Sprintf(chosen, fmt.Sprintf(option, x(n))) }, slacktest.MaxOptionText},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if body := f.answer(t, c.build(c.limit)); !body.Ok {
				t.Errorf("at %d: %s %v", c.limit, body.Error, body.ResponseMetadata.Messages)
			}
			body := f.answer(t, c.build(c.limit+1))
			if body.Error != "invalid_blocks" || len(body.ResponseMetadata.Messages) == 0 || !strings.Contains(body.ResponseMetadata.Messages[0], "json-pointer:/blocks") {
				t.Errorf("at %d: %+v", c.limit+1, body)
			}
		})
	}
}

func TestMalformedBlocksAreRefused(t *testing.T) {
	f := workspace(t, func(c *slacktest.Config) { c.Limits.NoRates = true })
	same := `{"type":"button","text":{"type":"plain_text","text":"b"},"action_id":"same"}`
	for name, blocks := range map[string]string{
		"empty text":       `[{"type":"section","text":{"type":"mrkdwn","text":""}}]`,
		"empty section":    `[{"type":"section"}]`,
		"same action id":   `[{"type":"actions","elements":[` + same + `,` + same + `]}]`,
		"same block id":    `[{"type":"divider","block_id":"b"},{"type":"divider","block_id":"b"}]`,
		"unknown block":    `[{"type":"sparkline"}]`,
		"unknown element":  `[{"type":"actions","elements":[{"type":"lever","action_id":"a"}]}]`,
		"input in actions": `[{"type":"actions","elements":[{"type":"plain_text_input","action_id":"a"}]}]`,
		"markup in header": `[{"type":"header","text":{"type":"mrkdwn","text":"*h*"}}]`,
		"no actions":       `[{"type":"actions","elements":[]}]`,
		"unknown style":    `[{"type":"actions","elements":[{"type":"button","style":"warning","text":{"type":"plain_text","text":"b"}}]}]`,
	} {
		if body := f.answer(t, blocks); body.Error != "invalid_blocks" {
			t.Errorf("%s: %+v", name, body)
		}
	}
	if body := f.answer(t, `{"type":"divider"}`); body.Error != "invalid_blocks_format" {
		t.Errorf("no list: %+v", body)
	}
	if got := len(f.Messages(soc)); got != 0 {
		t.Errorf("%d refused messages were stored", got)
	}
}

func TestAnEntityCountsWithEveryCharacterItWasSentAs(t *testing.T) {
	f := workspace(t)
	if body := f.answer(t, `[{"type":"section","text":{"type":"mrkdwn","text":"`+strings.Repeat("&amp;", 1000)+`"}}]`); body.Error != "invalid_blocks" {
		t.Errorf("1000 entities, 5000 characters: %+v", body)
	}
}

func TestLimitsCanBeSwitchedOff(t *testing.T) {
	f := workspace(t, func(c *slacktest.Config) { c.Limits = slacktest.Limits{NoBlocks: true, NoRates: true} })
	for range 10 {
		if body := f.answer(t, `[{"type":"sparkline"}]`); !body.Ok {
			t.Fatalf("answer %+v", body)
		}
	}
}

func TestTheRealClientReadsTheRefusal(t *testing.T) {
	f := workspace(t)
	_, _, err := f.api.PostMessageContext(f.ctx, soc, slack.MsgOptionBlocks(slack.NewHeaderBlock(plain(x(151)))))
	var refused slack.SlackErrorResponse
	if !errors.As(err, &refused) || refused.Err != "invalid_blocks" || len(refused.Errors) != 1 {
		t.Errorf("refusal %#v", err)
	}
}

func TestModalsHaveLimitsOfTheirOwn(t *testing.T) {
	f := workspace(t)
	view := func(title, metadata, callback string) slack.ModalViewRequest {
		return slack.ModalViewRequest{Type: slack.VTModal, Title: plain(title), PrivateMetadata: metadata, CallbackID: callback,
			Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}
	}
	for name, request := range map[string]slack.ModalViewRequest{
		"title":            view(x(slacktest.MaxViewTitle+1), "", ""),
		"private metadata": view("t", x(slacktest.MaxPrivateMetadata+1), ""),
		"callback id":      view("t", "", x(slacktest.MaxCallbackID+1)),
		"no blocks":        {Type: slack.VTModal, Title: plain("t")},
		"input, no submit": {Type: slack.VTModal, Title: plain("t"), Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock("b", plain("l"), nil, slack.NewPlainTextInputBlockElement(nil, "a"))}}},
	} {
		if _, err := f.api.OpenViewContext(f.ctx, "any", request); codeOf(err) != "invalid_arguments" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
