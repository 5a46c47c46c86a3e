package slack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// PostReply posts a note in the thread of a case's card, once for each attempt
// that Slack heard of.
func (c *Client) PostReply(ctx context.Context, in soar.CaseRequest) (soar.None, error) {
	operation := "post note of " + in.Case.Ref.String()
	if !in.Case.Card.Posted() {
		return soar.None{}, c.classified(operation, errNoCard)
	}
	_, err := c.postOnce(ctx, c.noteMessage(in))
	return soar.None{}, c.classified(operation, err)
}

func (c *Client) noteMessage(in soar.CaseRequest) message {
	card := in.Case.Card
	return message{
		channel: card.Channel, thread: orNamed(card.Thread, card.TS),
		render: func(channel string) ([]slackapi.Block, string) { return c.note(channel, in) },
		event:  MetadataNote, payload: map[string]any{"case": in.Case.Ref.String(), "key": noteKey(in)},
		since: in.Case.Opened,
	}
}

// note is our own words in plain text; the group that it calls is the one token in it.
func (c *Client) note(channel string, in soar.CaseRequest) (blocks []slackapi.Block, text string) {
	said := paragraphs(c.config.options().maskOf(in.Case, channel).text(in.Note))
	var group blockkit.Text
	if in.Mention {
		group = blockkit.MentionGroup(c.config.PageGroup)
	}
	b := blockkit.ForMessage()
	b.Section(group)
	b.Plain(said)
	return b.Build(), blockkit.Join(" ", group, said).Markdown(blockkit.MaxFallback)
}

func noteKey(in soar.CaseRequest) string {
	sum := sha256.Sum256([]byte(in.Case.Ref.String() + "|" + in.Note))
	return hex.EncodeToString(sum[:8])
}
