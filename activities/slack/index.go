package slack

import (
	"context"
	"slices"
	"sync"
	"time"

	"harrier/workflows/soar"
)

// lookInterval paces conversations.history and conversations.replies: tier 3, 50 a
// minute for the workspace (https://docs.slack.dev/apis/web-api/rate-limits).
const lookInterval = time.Minute / 50

const lookLane = "conversations.history"

// index keeps what a look into a channel or thread showed, so that one look answers
// everybody who waits for it: after a crash every post under way has to be looked
// for, and Slack would take hours for a look each.
type index struct {
	mu    sync.Mutex
	pages map[string]look // by channel and thread
}

// look is one look: when it was begun, how far back it reached, and the posts it found.
type look struct {
	begun, oldest time.Time
	posts         map[string][]soar.Card // by event and id, oldest first
}

func newIndex() *index { return &index{pages: map[string]look{}} }

// get is what a look showed that was begun at or after since and that reaches back far enough.
func (x *index) get(m message, since time.Time) ([]soar.Card, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	l, ok := x.pages[m.place()]
	return l.posts[m.name()], ok && !l.begun.Before(since) && !l.oldest.After(m.since)
}

// drop forgets a post, so that nobody who comes back closes it again.
func (x *index) drop(m message, card soar.Card) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if l, ok := x.pages[m.place()]; ok {
		kept := slices.Clone(l.posts[m.name()]) // others may be reading it
		l.posts[m.name()] = slices.DeleteFunc(kept, func(c soar.Card) bool { return c.TS == card.TS })
	}
}

func (x *index) put(place string, l look) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for p, old := range x.pages {
		if l.begun.Sub(old.begun) > bookingKept {
			delete(x.pages, p)
		}
	}
	x.pages[place] = l
}

func (m message) place() string { return m.channel + "|" + m.thread }

// lookUp finds earlier posts of a message in what the channel has shown since the
// given time, when nobody could any more be posting it. All who wait for a look into
// one channel share it; before its turn they are told to come back.
func (c *Client) lookUp(ctx context.Context, m message, since time.Time) ([]soar.Card, error) {
	if found, ok := c.index.get(m, since); ok {
		return found, nil
	}
	if wait := c.pace.turn(lookLane, m.place(), lookInterval); wait > 0 {
		return nil, &early{lane: lookLane, wait: wait}
	}
	l := look{begun: c.config.Now(), oldest: m.since, posts: map[string][]soar.Card{}}
	if err := c.read(ctx, m, func(name string, card soar.Card) { l.posts[name] = append(l.posts[name], card) }); err != nil {
		return nil, c.slowDown(lookLane, m.place(), lookInterval, err)
	}
	for name := range l.posts {
		oldestFirst(l.posts[name])
	}
	found := l.posts[m.name()]
	c.index.put(m.place(), l)
	return found, nil
}
