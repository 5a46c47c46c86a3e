package slack

import (
	"context"

	slackapi "github.com/slack-go/slack"

	"harrier/workflows/soar"
)

// PostCard posts a case's card to its channel, or in the thread its card names.
// A repeat after an attempt, or an activity, that may have posted looks for that post
// first. A channel that takes nothing gets the card into the fallback channel and ends
// with ErrTypeChannel, so that the case is not taken for announced.
func (c *Client) PostCard(ctx context.Context, in soar.CaseRequest) (soar.Card, error) {
	if in.Case.Card.Posted() {
		return in.Case.Card, nil
	}
	card, err := c.deliver(ctx, c.cardMessage(in))
	return card, c.classified("post card of "+in.Case.Ref.String(), err)
}

func (c *Client) cardMessage(in soar.CaseRequest) message {
	cs := in.Case
	channel := cs.Channel
	if cs.Card.Channel != "" {
		channel = cs.Card.Channel
	}
	return message{
		channel: channel, thread: cs.Card.Thread,
		render: func(channel string) ([]slackapi.Block, string) {
			return cardIn(channel, cs, c.config.options(), c.config.Now())
		},
		event: MetadataCase, payload: map[string]any{"case": cs.Ref.String()},
		since: cs.Opened, again: in.Again,
		minimal: func() ([]slackapi.Block, string) { return minimalCard(cs, c.config.Now()) },
	}
}
