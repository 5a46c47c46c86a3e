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
	last      try  // the last one made here
	uncertain bool // whether it posted
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
// there can be no further one. again says that an earlier activity may have posted.
func (l *ledger) mustLook(key string, t try, again bool) (since time.Time, must bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.posts[key]
	switch {
	case again && t.number == 1, t.number > 1 && p.last != t.before():
		// Another worker may have been at it after what is known here.
		return l.now(), true
	case p.uncertain:
		return p.at, true
	}
	return p.since, !p.since.IsZero()
}

// await notes that an attempt posted nothing, and that the look it needs is not done with.
func (l *ledger) await(key string, t try, since time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.posts[key] = posting{last: t, at: l.now(), since: since}
}

// note records how an attempt to post ended.
func (l *ledger) note(key string, t try, err error) {
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
		l.posts[key] = posting{last: t, at: l.now()}
	default:
		l.posts[key] = posting{last: t, uncertain: true, at: l.now()}
	}
}

// try is an attempt of an activity. The next activity counts its attempts from 1 again.
type try struct {
	activity string
	number   int
}

func (t try) before() try { return try{t.activity, t.number - 1} }

// thisTry is the activity's attempt, the first of none outside of an activity.
func thisTry(ctx context.Context) try {
	if !activity.IsActivity(ctx) {
		return try{number: 1}
	}
	info := activity.GetInfo(ctx)
	return try{info.WorkflowExecution.RunID + "|" + info.ActivityID, int(info.Attempt)}
}
