package slack

import (
	"fmt"
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
	booked map[string]time.Time // by lane and caller
}

func newPacer(now func() time.Time) *pacer {
	return &pacer{now: now, next: map[string]time.Time{}, booked: map[string]time.Time{}}
}

// turn is 0 when the caller may go now, else how long it has to wait for its turn.
func (p *pacer) turn(lane, caller string, every time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.forget(now)
	key := lane + "|" + caller
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

// hold keeps a lane shut after Slack itself asked to wait.
func (p *pacer) hold(lane string, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.now().Add(wait); until.After(p.next[lane]) {
		p.next[lane] = until
	}
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
