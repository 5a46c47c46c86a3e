package slack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

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
	b := blockkit.ForMessage()
	b.Plain(paragraphs(in.Note))
	return message{
		channel: card.Channel, thread: orNamed(card.Thread, card.TS), blocks: b.Build(),
		text:  paragraphs(in.Note).Markdown(blockkit.MaxFallback),
		event: MetadataNote, field: "key", payload: map[string]any{"case": in.Case.Ref.String(), "key": noteKey(in)},
		since: in.Case.Opened,
	}
}

func noteKey(in soar.CaseRequest) string {
	sum := sha256.Sum256([]byte(in.Case.Ref.String() + "|" + in.Note))
	return hex.EncodeToString(sum[:8])
}
