package slack

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
)

// ledger remembers of posts that were not made which attempt that is certain
// of, and which may have been made though nobody heard. A repeat looks for an
// earlier post first unless the attempt right before it certainly made none.
type ledger struct {
	now func() time.Time

	mu    sync.Mutex
	posts map[string]posting
}

type posting struct {
	without   int // the last attempt that certainly posted nothing
	uncertain bool
	at        time.Time
}

// postingKept is longer than an activity's retries go on.
const postingKept = 24 * time.Hour

func newLedger(now func() time.Time) *ledger {
	return &ledger{now: now, posts: map[string]posting{}}
}

func (l *ledger) mustLook(key string, attempt int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.posts[key]
	return p.uncertain || attempt > 1 && p.without != attempt-1
}

// note records how an attempt ended. looked says that it looked before it tried.
func (l *ledger) note(key string, attempt int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k, p := range l.posts {
		if l.now().Sub(p.at) > postingKept {
			delete(l.posts, k)
		}
	}
	switch {
	case err == nil:
		delete(l.posts, key)
	case certain(err):
		l.posts[key] = posting{without: attempt, at: l.now()}
	default:
		l.posts[key] = posting{uncertain: true, at: l.now()}
	}
}

// attempt is the number of the activity's attempt, 1 outside of an activity.
func attempt(ctx context.Context) int {
	if !activity.IsActivity(ctx) {
		return 1
	}
	return int(activity.GetInfo(ctx).Attempt)
}
