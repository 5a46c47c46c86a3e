package slacktest_test

import (
	"context"
	"io"
	"log"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"harrier/activities/slack/slacktest"
)

const (
	bot   = "U0BOT"
	mara  = "U0MARA"
	guest = "U0GUEST"
	soc   = "C0SOC"   // private, with the bot
	open  = "C0OPEN"  // public, without the bot
	old   = "C0OLD"   // archived
	other = "C0OTHER" // private, without the bot
)

// clock is a hand-set time, so that no test waits for a limit to pass.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) Advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

type fixture struct {
	*slacktest.Server
	api   *slack.Client
	clock *clock
	ctx   context.Context
}

// workspace starts a fake with one private channel and gives it to the real client.
func workspace(t *testing.T, change ...func(*slacktest.Config)) fixture {
	t.Helper()
	at := &clock{at: time.Now().Truncate(time.Second)}
	config := slacktest.Config{
		Now:   at.Now,
		Users: []slacktest.User{{ID: mara, Name: "mara", RealName: "Mara Lindt", Email: "mara@contoso.com"}, {ID: guest, Name: "gil", RealName: "Gil", Restricted: true}},
		Channels: []slacktest.Channel{
			{ID: soc, Name: "soc", Private: true, Members: []string{bot, mara}},
			{ID: open, Name: "open", Members: []string{mara}},
			{ID: old, Name: "old", Archived: true, Members: []string{bot}},
			{ID: other, Name: "other", Private: true, Members: []string{mara}},
		},
		UserGroups: []slacktest.UserGroup{{ID: "S0SOC", Handle: "soc", Members: []string{mara}}},
	}
	for _, c := range change {
		c(&config)
	}
	s := slacktest.New(config).Start()
	t.Cleanup(s.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	api := slack.New(s.BotToken(), slack.OptionAPIURL(s.APIURL()), slack.OptionHTTPClient(s.Client()), slack.OptionAppLevelToken(s.AppToken()))
	return fixture{Server: s, api: api, clock: at, ctx: ctx}
}

// app connects a Socket Mode client that answers each request with what handle returns; handle may keep silent.
func (f fixture) app(t *testing.T, handle func(*socketmode.Client, socketmode.Event)) {
	t.Helper()
	client := socketmode.New(f.api, socketmode.OptionLog(log.New(io.Discard, "", 0)))
	ctx, cancel := context.WithCancel(f.ctx)
	var running sync.WaitGroup
	running.Go(func() { _ = client.RunContext(ctx) })
	running.Go(func() {
		for {
			select {
			case event := <-client.Events:
				if event.Type == socketmode.EventTypeInteractive || event.Type == socketmode.EventTypeSlashCommand {
					handle(client, event)
				}
			case <-ctx.Done():
				return
			}
		}
	})
	t.Cleanup(func() { cancel(); f.CutSockets(); running.Wait() })
}

func acknowledge(client *socketmode.Client, event socketmode.Event) { _ = client.Ack(*event.Request) }

func (f fixture) post(t *testing.T, channel string, options ...slack.MsgOption) string {
	t.Helper()
	_, ts, err := f.api.PostMessageContext(f.ctx, channel, append([]slack.MsgOption{slack.MsgOptionText("hello", false)}, options...)...)
	if err != nil {
		t.Fatalf("post to %s: %v", channel, err)
	}
	return ts
}

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", text, false, false)
}

func mrkdwn(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("mrkdwn", text, false, false)
}

func buttons(ids ...string) *slack.ActionBlock {
	block := slack.NewActionBlock("decide")
	for _, id := range ids {
		block.Elements.ElementSet = append(block.Elements.ElementSet, slack.NewButtonBlockElement(id, "case/1", plain(id)))
	}
	return block
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
