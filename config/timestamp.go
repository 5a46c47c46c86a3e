package config

import (
	"fmt"

	"harrier/config/kqlscan"
)

// TimestampAdvice is what is said of a query that reads Timestamp.
const TimestampAdvice = "Timestamp exists in Defender's advanced hunting alone; Log Analytics has TimeGenerated and refuses this query: write TimeGenerated, in a copy with an id of its own"

// Timestamps are the offsets at which a query reads a column Timestamp that it
// has not made itself.
func Timestamps(query string) []int {
	var out []int
	tokens := kqlscan.Scan(query)
	for i, t := range tokens {
		if !t.Is("Timestamp") {
			continue
		}
		if i+1 < len(tokens) && tokens[i+1].Is("=") {
			return out
		}
		if i == 0 || !tokens[i-1].Is(".") {
			out = append(out, t.Offset)
		}
	}
	return out
}

// timestamps warns once a line.
func (c *checker) timestamps(p parsedHunt) {
	last := ""
	for _, offset := range Timestamps(p.hunt.Query) {
		if at := p.place(offset); at != last {
			c.warnings = append(c.warnings, fmt.Sprintf("%s: query: %s", at, TimestampAdvice))
			last = at
		}
	}
}

// swallowed refuses a query whose lines YAML has joined behind a comment: what
// follows the comment would be no part of the query.
func (c *checker) swallowed(p parsedHunt) {
	for _, span := range kqlscan.Comments(p.hunt.Query) {
		begins, ends := p.place(span[0]), p.place(span[1]-1)
		if begins != ends {
			c.errs = append(c.errs, fmt.Errorf("%s: query: the lines after this comment are joined to it and lost; write the query under query: |", begins))
			return
		}
	}
}
