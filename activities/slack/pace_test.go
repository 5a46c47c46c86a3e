package slack_test

import (
	"fmt"
	"math/rand"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/workflows/soar"
)

// waiter is a post that comes back when it was told to.
type waiter struct {
	name string
	due  time.Time
	in   soar.CaseRequest
}

// playOut lets posts come back as they were told, the earliest first, until all are made.
// It returns their names in the order in which Slack was called for them.
func (b *bench) playOut(t *testing.T, posts []waiter) []string {
	t.Helper()
	var called []string
	for range 10_000 {
		if len(posts) == 0 {
			return called
		}
		slices.SortStableFunc(posts, func(a, b waiter) int { return a.due.Compare(b.due) })
		w := &posts[0]
		b.clock.move(max(0, w.due.Sub(b.clock.now())))
		before := len(b.fake.Calls("chat.postMessage"))
		_, err := b.client.PostCard(t.Context(), w.in)
		if len(b.fake.Calls("chat.postMessage")) > before {
			called = append(called, w.name)
		}
		if err == nil {
			posts = posts[1:]
			continue
		}
		if e := appError(t, err); e.Type() != slack.ErrTypeThrottled || e.NextRetryDelay() <= 0 {
			t.Fatalf("%s: %v", w.name, err)
		} else {
			w.due = b.clock.now().Add(e.NextRetryDelay())
		}
	}
	t.Fatalf("%d posts never come to their turn", len(posts))
	return nil
}

func TestAfterA429NobodyCallsBeforeItsEndAndTheOrderIsKept(t *testing.T) {
	for seed := range int64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewSource(seed))
			b := newBench(t, nil)
			held := 1 + random.Intn(40)
			for range 1 + random.Intn(3) {
				b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", Skip: random.Intn(30), HTTPStatus: 429, RetryAfter: fmt.Sprint(held)})
			}
			var posts []waiter
			var names []string
			for n := range 30 {
				c := takenOver()
				c.Ref.Number = n + 1
				w := waiter{fmt.Sprintf("%02d", n), now.Add(time.Duration(random.Intn(2)*n) * time.Millisecond), request(c)}
				posts = append(posts, w)
			}
			slices.SortStableFunc(posts, func(a, b waiter) int { return a.due.Compare(b.due) })
			for _, w := range posts {
				names = append(names, w.name)
			}
			if got := slices.Compact(b.playOut(t, posts)); !slices.Equal(got, names) {
				t.Errorf("called for %v, want %v", got, names)
			}
			checkPace(t, b.fake.Calls("chat.postMessage"), time.Duration(held)*time.Second)
		})
	}
}

// checkPace says that calls are a second apart, and that none comes before a 429 ends.
func checkPace(t *testing.T, calls []slacktest.Call, held time.Duration) {
	t.Helper()
	for i, call := range calls[1:] {
		last := calls[i]
		want := time.Second
		if last.Status == 429 {
			want = held
		}
		if got := call.At.Sub(last.At); got < want || got > want+time.Second {
			t.Errorf("call %d came %s after one with status %d, want %s", i+1, got, last.Status, want)
		}
	}
}

// meanwhile runs something between the answer to the first call of a method and its reader.
type meanwhile struct {
	method string
	do     func()
}

func (m *meanwhile) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if do := m.do; do != nil && strings.HasSuffix(r.URL.Path, m.method) {
		m.do = nil
		do()
	}
	return answer, err
}

func TestOfTwo429sTheLongerOneHolds(t *testing.T) {
	between := &meanwhile{method: "chat.postMessage"}
	b := newBench(t, func(c *slack.Config) { c.HTTPClient = &http.Client{Transport: between} })
	posts := []waiter{{name: "first"}, {name: "second"}}
	for i := range posts {
		c := takenOver()
		c.Ref.Number = i + 1
		posts[i].in = request(c)
	}
	call := func(w *waiter) {
		_, err := b.client.PostCard(t.Context(), w.in)
		w.due = b.clock.now().Add(appError(t, err).NextRetryDelay())
	}
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", HTTPStatus: 429, RetryAfter: "3"})
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", HTTPStatus: 429, RetryAfter: "20"})
	between.do = func() {
		b.clock.move(time.Second)
		call(&posts[1])
	}
	call(&posts[0])
	b.playOut(t, posts)
	calls := b.fake.Calls("chat.postMessage")
	if len(calls) != 4 || calls[2].At.Sub(calls[1].At) < 20*time.Second || calls[3].At.Sub(calls[2].At) < time.Second {
		t.Errorf("calls %+v", calls)
	}
}
