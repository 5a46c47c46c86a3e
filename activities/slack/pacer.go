package slack

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Intervals between calls, one lane a method and, for posts, a channel.
// https://docs.slack.dev/apis/web-api/rate-limits
const (
	postInterval   = time.Second            // chat.postMessage: one a second per channel
	updateInterval = time.Minute / 50       // chat.update: tier 3, 50 a minute
	bookingKept    = 2 * time.Minute        // a caller that does not come back loses its turn
	updateLane     = "chat.update"          // one lane for the workspace
	postLane       = "chat.postMessage in " // and the channel
)

// pacer hands out turns. A caller that is early is told how long to wait and
// keeps its turn, so that many callers come back one by one and not all at once.
type pacer struct {
	now func() time.Time

	mu     sync.Mutex
	next   map[string]time.Time // by lane, the first turn nobody has
	shut   map[string]time.Time // by lane, until when Slack wants no call
	booked map[booking]time.Time
}

type booking struct{ lane, caller string }

func newPacer(now func() time.Time) *pacer {
	return &pacer{now: now, next: map[string]time.Time{}, shut: map[string]time.Time{}, booked: map[booking]time.Time{}}
}

// turn is 0 when the caller may go now, else how long it has to wait for its turn.
func (p *pacer) turn(lane, caller string, every time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.forget(now)
	key := booking{lane, caller}
	at, ok := p.booked[key]
	if !ok {
		if at = p.next[lane]; at.Before(now) {
			at = now
		}
		p.next[lane] = at.Add(every)
	}
	if wait := at.Sub(now); wait > 0 {
		p.booked[key] = at
		return wait
	}
	delete(p.booked, key)
	return 0
}

// hold keeps a lane shut after Slack itself asked a caller to wait, and says for how
// long. The caller goes first when it opens; all who have a turn come behind it, in the
// order they had.
func (p *pacer) hold(lane, caller string, wait, every time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	first, until := booking{lane, caller}, now.Add(max(wait, every))
	if until.Before(p.shut[lane]) {
		until = p.shut[lane] // another call that was under way was asked to wait longer
	}
	p.shut[lane], p.booked[first] = until, until
	free := until.Add(every)
	for _, b := range p.waiting(lane) {
		if b == first {
			continue
		}
		if p.booked[b].Before(free) {
			p.booked[b] = free
		}
		free = p.booked[b].Add(every)
	}
	if free.After(p.next[lane]) {
		p.next[lane] = free
	}
	return until.Sub(now)
}

// waiting are the bookings of a lane in the order of their turns.
func (p *pacer) waiting(lane string) []booking {
	var out []booking
	for b := range p.booked {
		if b.lane == lane {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b booking) int {
		return cmp.Or(p.booked[a].Compare(p.booked[b]), cmp.Compare(a.caller, b.caller))
	})
	return out
}

func (p *pacer) forget(now time.Time) {
	for key, at := range p.booked {
		if now.Sub(at) > bookingKept {
			delete(p.booked, key)
		}
	}
	for lane, at := range p.next {
		if now.Sub(at) > bookingKept {
			delete(p.next, lane)
			delete(p.shut, lane) // never after the next turn
		}
	}
}

// early is a call that was not made because its turn has not come.
type early struct {
	lane string
	wait time.Duration
}

func (e *early) Error() string {
	return fmt.Sprintf("%s: its turn comes in %s", e.lane, e.wait.Round(time.Millisecond))
}
