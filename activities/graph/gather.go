package graph

import (
	"regexp"
	"strings"
	"sync"
	"time"
)

// maxClauses is how many clauses one filter may join with or.
// https://learn.microsoft.com/en-us/graph/filter-query-parameter
const maxClauses = 15

// subject is one part of a question that several may share: a filter's clauses
// about one sender.
type subject struct {
	key     string
	clauses []string
}

// plain are clauses whose values the service takes whatever they stand beside.
// Others are asked alone, so that a refusal costs no other sender.
var plain = regexp.MustCompile(`^[A-Za-z0-9 .,_@'+=/:()-]{1,600}$`)

func (s subject) alone() bool { return !plain.MatchString(strings.Join(s.clauses, " ")) }

// filters gives each subject the filter that asks for it: the one it was asked by
// where that answer is still kept, else one shared with as many others as one
// filter holds.
func (c *Client) filters(subjects []subject) map[string]string {
	out := map[string]string{}
	var group []subject
	clauses := 0
	flush := func() {
		var parts []string
		for _, s := range group {
			parts = append(parts, s.clauses...)
		}
		for _, s := range group {
			out[s.key] = strings.Join(parts, " or ")
		}
		group, clauses = nil, 0
	}
	for _, s := range subjects {
		if _, twice := out[s.key]; twice || inGroup(group, s.key) {
			continue
		}
		if filter, ok := c.asked.get(s.key); ok {
			out[s.key] = filter
			continue
		}
		if s.alone() {
			out[s.key] = strings.Join(s.clauses, " or ")
			continue
		}
		if clauses+len(s.clauses) > maxClauses {
			flush()
		}
		group, clauses = append(group, s), clauses+len(s.clauses)
	}
	flush()
	return out
}

func inGroup(group []subject, key string) bool {
	for _, s := range group {
		if s.key == key {
			return true
		}
	}
	return false
}

// asked remembers by which filter a subject was asked, as long as its answer is kept.
type asked struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[string]askedBy
}

type askedBy struct {
	filter string
	until  time.Time
}

func newAsked(now func() time.Time) *asked {
	return &asked{now: now, entries: map[string]askedBy{}}
}

func (a *asked) get(key string) (filter string, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.entries[key]
	return e.filter, a.now().Before(e.until)
}

func (a *asked) put(key, filter string, until time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.entries) >= maxCached {
		clear(a.entries)
	}
	a.entries[key] = askedBy{filter, until}
}
