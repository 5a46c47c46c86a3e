package slack

import (
	"context"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// NoticeLookback is how far back a notice with the same key keeps a new one from being posted.
const NoticeLookback = 7 * 24 * time.Hour

// PostNotice posts to the operations channel, once a key within NoticeLookback.
func (c *Client) PostNotice(ctx context.Context, in soar.Notice) (soar.None, error) {
	return soar.None{}, c.classified("post notice", c.postNotice(ctx, in))
}

func (c *Client) postNotice(ctx context.Context, in soar.Notice) error {
	m := c.noticeMessage(in)
	found, err := c.find(ctx, m)
	if kind, _ := kindOf(err, c.config.Now()); err != nil && kind != ErrTypeChannel {
		return err
	}
	if len(found) > 0 {
		return nil
	}
	_, err = c.deliver(ctx, m)
	return err
}

func (c *Client) noticeMessage(in soar.Notice) message {
	return message{
		channel: in.Channel,
		render: func(string) ([]slackapi.Block, string) {
			b := blockkit.ForMessage()
			b.Plain(paragraphs(in.Text))
			return b.Build(), paragraphs(in.Text).Markdown(blockkit.MaxFallback)
		},
		event: MetadataNotice, payload: map[string]any{"key": in.Key},
		since: c.config.Now().Add(-NoticeLookback),
	}
}

// paragraphs keeps the line breaks of text that is ours.
func paragraphs(s string) blockkit.Text {
	var lines []blockkit.Text
	for line := range strings.Lines(s) {
		lines = append(lines, blockkit.Say(line))
	}
	return blockkit.Lines(lines...)
}
