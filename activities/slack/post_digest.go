package slack

import (
	"context"

	slackapi "github.com/slack-go/slack"

	"harrier/workflows/soar"
)

// PostDigest posts what a day hid, held and left unreviewed, once a window, whichever
// run asks for it.
func (c *Client) PostDigest(ctx context.Context, in soar.Digest) (soar.Card, error) {
	card, err := c.postDigest(ctx, c.digestMessage(in))
	return card, c.classified("post digest of "+in.Window.String(), err)
}

func (c *Client) postDigest(ctx context.Context, m message) (soar.Card, error) {
	found, err := c.find(ctx, m)
	if kind, _ := kindOf(err, c.config.Now()); err != nil && kind != ErrTypeChannel {
		return soar.Card{}, err
	}
	if len(found) > 0 {
		return found[0], nil
	}
	return c.deliver(ctx, m)
}

func (c *Client) digestMessage(in soar.Digest) message {
	return message{
		channel: in.Channel,
		render: func(channel string) ([]slackapi.Block, string) {
			in.Channel = channel
			return DigestBlocks(in, c.config.options())
		},
		event: MetadataDigest, payload: map[string]any{"window": in.Window.String()}, since: in.Window.To,
	}
}
