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
	// since is set while an earlier post is still to be looked for: nobody can have
	// made it after that.
	since time.Time
}

// postingKept is longer than an activity's retries go on.
const postingKept = 24 * time.Hour

func newLedger(now func() time.Time) *ledger {
	return &ledger{now: now, posts: map[string]posting{}}
}

// mustLook says whether an attempt has to look for an earlier post, and since when
// there can be no further one.
func (l *ledger) mustLook(key string, attempt int) (since time.Time, must bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.posts[key]
	switch {
	case p.uncertain:
		return p.at, true
	case attempt > 1 && p.without != attempt-1:
		return l.now(), true
	}
	return p.since, !p.since.IsZero()
}

// await notes that an attempt did not come to look; it posted nothing.
func (l *ledger) await(key string, attempt int, since time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.posts[key] = posting{without: attempt, at: l.now(), since: since}
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
