package slack

import (
	"context"
	"errors"
	"fmt"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// Event types of message metadata, by which a post is found again.
const (
	MetadataCase       = "harrier_case"
	MetadataSummary    = "harrier_summary"
	MetadataNotice     = "harrier_notice"
	MetadataEscalation = "harrier_escalation"
	MetadataNote       = "harrier_note"
	MetadataDigest     = "harrier_digest"
)

// nameFields are the payload fields that name a post among those of its event type.
var nameFields = map[string][]string{
	MetadataCase: {"case"}, MetadataSummary: {"run_id"}, MetadataNotice: {"key"}, MetadataEscalation: {"case", "decision"},
	MetadataNote: {"key"}, MetadataDigest: {"window"},
}

// nameOf names a post by its metadata, empty for what is none of ours.
func nameOf(event string, payload map[string]any) string {
	fields, ok := nameFields[event]
	if !ok {
		return ""
	}
	name := event
	for _, field := range fields {
		name += "|" + fmt.Sprint(payload[field])
	}
	return name
}

// message is one post: where, what, and by what it is found again.
type message struct {
	channel, thread string
	render          func(channel string) ([]slackapi.Block, string) // what the channel may show
	event           string                                          // metadata event type
	payload         map[string]any                                  // metadata payload
	since           time.Time                                       // nothing before is looked at
	again           bool                                            // an earlier activity may have posted it
	minimal         func() ([]slackapi.Block, string)
}

func (m message) name() string { return nameOf(m.event, m.payload) }

func (m message) key() string { return m.place() + "|" + m.name() }

// deliver posts to the message's channel and, where that takes nothing, to the
// fallback channel; the error then still says that the channel is unusable.
func (c *Client) deliver(ctx context.Context, m message) (soar.Card, error) {
	card, err := c.postOnce(ctx, m)
	kind, _ := kindOf(err, c.config.Now())
	fallback := c.config.FallbackChannel
	if err == nil || kind != ErrTypeChannel || fallback == "" || fallback == m.channel {
		return card, err
	}
	c.config.Logger.Warn("slack channel unusable, posting to the fallback channel", "channel", m.channel, "error", err.Error())
	elsewhere, failed := c.postOnce(ctx, m.elsewhere(fallback, err))
	if failed != nil {
		return soar.Card{}, failed
	}
	return soar.Card{}, &misplaced{cause: err, card: elsewhere}
}

// elsewhere is the message for the fallback channel, saying why it stands there.
func (m message) elsewhere(channel string, why error) message {
	b := blockkit.ForMessage()
	b.Context(blockkit.Say("⚠ Meant for ").Then(blockkit.Channel(m.channel), blockkit.Say(": "+blockkit.Cut(why.Error(), 300))))
	render := m.render
	m.render = func(channel string) ([]slackapi.Block, string) {
		blocks, text := render(channel)
		return append(b.Build(), blocks[:min(len(blocks), blockkit.MaxMessageBlocks-1)]...), text
	}
	m.channel, m.thread = channel, ""
	return m
}

// misplaced is a post that stands in the fallback channel.
type misplaced struct {
	cause error
	card  soar.Card
}

func (e *misplaced) Error() string { return e.cause.Error() + " (posted to the fallback channel)" }

func (e *misplaced) Unwrap() error { return e.cause }

// postOnce posts, unless an earlier attempt, or activity, already did.
func (c *Client) postOnce(ctx context.Context, m message) (soar.Card, error) {
	t := thisTry(ctx)
	if since, must := c.ledger.mustLook(m.key(), t, m.again); must {
		found, err := c.lookUp(ctx, m, since)
		if err == nil && len(found) > 0 {
			err = c.closeDuplicates(ctx, m, found)
		}
		if err != nil {
			c.ledger.await(m.key(), t, since)
			return soar.Card{}, err
		}
		if len(found) > 0 {
			c.ledger.note(m.key(), t, nil)
			return found[0], nil
		}
	}
	card, err := c.post(ctx, m)
	c.ledger.note(m.key(), t, err)
	return card, err
}

// post makes one post at its turn, and one more with the minimal blocks where
// Slack refuses the full ones.
func (c *Client) post(ctx context.Context, m message) (soar.Card, error) {
	lane := postLane + m.channel
	if wait := c.pace.turn(lane, m.key(), postInterval); wait > 0 {
		return soar.Card{}, &early{lane: lane, wait: wait}
	}
	ts, err := c.send(ctx, m)
	if blocksRefused(err) && m.minimal != nil {
		c.config.Logger.Error("slack refused the blocks, posting the minimal message", "channel", m.channel, "error", describe(err))
		minimal := m.minimal
		m.render = func(string) ([]slackapi.Block, string) { return minimal() }
		ts, err = c.send(ctx, m)
	}
	if err != nil {
		return soar.Card{}, c.slowDown(lane, m.key(), postInterval, err)
	}
	return soar.Card{Channel: m.channel, TS: ts, Thread: m.thread}, nil
}

func (c *Client) send(ctx context.Context, m message) (string, error) {
	blocks, text := m.render(m.channel)
	options := append(content(blocks, text),
		slackapi.MsgOptionMetadata(slackapi.SlackMetadata{EventType: m.event, EventPayload: m.payload}))
	if m.thread != "" {
		options = append(options, slackapi.MsgOptionTS(m.thread))
	}
	_, ts, err := c.api.PostMessageContext(ctx, m.channel, options...)
	return ts, err
}

// content is what a post shows. Slack is told to make no links or names of its
// own, and to fetch no previews: text from mails must not become a request.
func content(blocks []slackapi.Block, text string) []slackapi.MsgOption {
	return []slackapi.MsgOption{
		slackapi.MsgOptionText(text, false), slackapi.MsgOptionBlocks(blocks...), slackapi.MsgOptionParse(false),
		slackapi.MsgOptionDisableLinkUnfurl(), slackapi.MsgOptionDisableMediaUnfurl(),
	}
}

// slowDown keeps the lane of a call that Slack throttled shut for as long as Slack asks.
func (c *Client) slowDown(lane, caller string, every time.Duration, err error) error {
	wait, ok := throttled(err, c.config.Now())
	if !ok {
		return err
	}
	return &early{lane: lane, wait: c.pace.hold(lane, caller, wait, every)}
}

// edit changes a message at its turn.
func (c *Client) edit(ctx context.Context, card soar.Card, blocks []slackapi.Block, text string) error {
	if wait := c.pace.turn(updateLane, place(card), updateInterval); wait > 0 {
		return &early{lane: updateLane, wait: wait}
	}
	return c.update(ctx, card, blocks, text)
}

// update changes a message now.
func (c *Client) update(ctx context.Context, card soar.Card, blocks []slackapi.Block, text string) error {
	_, _, _, err := c.api.UpdateMessageContext(ctx, card.Channel, card.TS, content(blocks, text)...)
	return c.slowDown(updateLane, place(card), updateInterval, err)
}

// place names a message among those of the workspace.
func place(card soar.Card) string { return card.Channel + "|" + card.TS }

// classified is the last step of every activity.
func (c *Client) classified(operation string, err error) error {
	if err != nil && !errors.Is(err, context.Canceled) {
		c.config.Logger.Debug("slack call failed", "operation", operation, "error", describe(err))
	}
	return classify(operation, err, c.config.Now())
}
