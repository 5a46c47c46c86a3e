package slack

import (
	"context"
	"fmt"
	"sort"
	"sync"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// Bounds of the search for an earlier post.
const (
	findPageSize = 200
	findPages    = 5
	findMargin   = time.Hour // for clocks that differ
)

// find looks for earlier posts of a message by its metadata, oldest first.
func (c *Client) find(ctx context.Context, m message) ([]soar.Card, error) {
	var found []soar.Card
	err := c.read(ctx, m, func(name string, card soar.Card) {
		if name == m.name() {
			found = append(found, card)
		}
	})
	oldestFirst(found)
	return found, err
}

func oldestFirst(cards []soar.Card) {
	sort.Slice(cards, func(i, j int) bool { return cards[i].TS < cards[j].TS })
}

// read calls f with every post of ours in the message's channel or thread, by name.
// Anybody's app may write metadata like ours: what another one wrote is no post of ours.
func (c *Client) read(ctx context.Context, m message, f func(name string, card soar.Card)) error {
	ours, err := c.self.isAuthor(ctx, c.api)
	if err != nil {
		return fmt.Errorf("look for an earlier post: %w", err)
	}
	cursor := ""
	for range findPages {
		messages, next, err := c.page(ctx, m, cursor)
		if m.thread != "" && Answered(err, "thread_not_found") {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look for an earlier post: %w", err)
		}
		for _, msg := range messages {
			if name := nameOf(msg.Metadata.EventType, msg.Metadata.EventPayload); name != "" && ours(msg) {
				f(name, soar.Card{Channel: m.channel, TS: msg.Timestamp, Thread: m.thread})
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	return nil
}

// self is who the app is in its workspace, by bot id and user id, once Slack was asked.
type self struct {
	mu        sync.Mutex
	bot, user string
}

// isAuthor tells the app's own messages from those of others.
func (s *self) isAuthor(ctx context.Context, api *slackapi.Client) (func(slackapi.Message) bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.user == "" {
		who, err := api.AuthTestContext(ctx)
		if err != nil {
			return nil, fmt.Errorf("ask who the app is: %w", err)
		}
		s.bot, s.user = who.BotID, who.UserID
	}
	bot, user := s.bot, s.user
	return func(m slackapi.Message) bool {
		// A new installation may have another bot id; its user stays.
		return bot != "" && m.BotID == bot || user != "" && m.User == user
	}, nil
}

// page reads one page of the channel, or of the thread the message belongs to.
func (c *Client) page(ctx context.Context, m message, cursor string) ([]slackapi.Message, string, error) {
	oldest := ""
	if !m.since.IsZero() {
		oldest = fmt.Sprintf("%d.000000", m.since.Add(-findMargin).Unix())
	}
	if m.thread != "" {
		messages, _, next, err := c.api.GetConversationRepliesContext(ctx, &slackapi.GetConversationRepliesParameters{
			ChannelID: m.channel, Timestamp: m.thread, Cursor: cursor, Oldest: oldest, Limit: findPageSize, IncludeAllMetadata: true,
		})
		return messages, next, err
	}
	history, err := c.api.GetConversationHistoryContext(ctx, &slackapi.GetConversationHistoryParameters{
		ChannelID: m.channel, Cursor: cursor, Oldest: oldest, Limit: findPageSize, IncludeAllMetadata: true,
	})
	if err != nil {
		return nil, "", err
	}
	return history.Messages, history.ResponseMetaData.NextCursor, nil
}

// closeDuplicates takes the buttons from all but the first post; the error is what a
// later attempt may mend. A post that cannot be edited is left standing: a decision is
// taken once whichever card it comes from.
func (c *Client) closeDuplicates(ctx context.Context, m message, found []soar.Card) error {
	if len(found) < 2 {
		return nil
	}
	b := blockkit.ForMessage()
	b.Section(blockkit.Say("Posted twice after a lost answer; ").Then(c.permalink(ctx, found[0], "the first one"), blockkit.Say(" counts.")))
	var later error
	for _, extra := range found[1:] {
		err := c.edit(ctx, extra, b.Build(), "Posted twice; the first one counts.")
		if kind, _ := kindOf(err, c.config.Now()); err != nil && (kind == ErrTypeThrottled || kind == ErrTypeUnavailable) {
			later = err // the last turn of all that are booked
			continue
		}
		if err != nil {
			c.config.Logger.Warn("slack duplicate left standing", "channel", extra.Channel, "error", describe(err))
		}
		c.index.drop(m, extra)
	}
	return later
}

// permalink links to a post, or only names it when Slack gives no link.
func (c *Client) permalink(ctx context.Context, card soar.Card, label string) blockkit.Text {
	if !card.Posted() {
		return blockkit.Text{}
	}
	if url := c.CardURL(ctx, card); url != "" {
		return blockkit.Link(url, label)
	}
	return blockkit.Say(label)
}

// CardURL is the address of a post, empty when there is no post or Slack gives none.
func (c *Client) CardURL(ctx context.Context, card soar.Card) string {
	if !card.Posted() {
		return ""
	}
	url, err := c.api.GetPermalinkContext(ctx, &slackapi.PermalinkParameters{Channel: card.Channel, Ts: card.TS})
	if err != nil {
		c.config.Logger.Warn("slack permalink not to be had", "channel", card.Channel, "error", describe(err))
		return ""
	}
	return url
}
