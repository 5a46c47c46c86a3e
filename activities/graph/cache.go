package graph

import (
	"bytes"
	"sync"
	"time"
)

// How long answers are kept: long enough that a retried activity asks only for
// what was throttled, short enough that a new user, a new role or a new
// permission is seen soon.
const (
	keepFound    = 5 * time.Minute
	keepNegative = 2 * time.Minute
	maxCached    = 4000
)

// cache keeps answers by request.
type cache struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[string]answer
}

func newCache(now func() time.Time) *cache {
	return &cache{now: now, entries: map[string]answer{}}
}

func (c *cache) get(url string) (answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.entries[url]
	if !ok || !c.fresh(a) {
		return answer{}, false
	}
	return a, true
}

func (c *cache) put(url string, a answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxCached {
		c.shrink()
	}
	c.entries[url] = a
}

func (c *cache) shrink() {
	for url, a := range c.entries {
		if !c.fresh(a) {
			delete(c.entries, url)
		}
	}
	if len(c.entries) >= maxCached {
		clear(c.entries)
	}
}

func (c *cache) fresh(a answer) bool {
	keep := keepFound
	if !a.ok() || bytes.Contains(a.body, []byte(`"value":[]`)) {
		keep = keepNegative
	}
	return c.now().Sub(a.at) < keep
}
