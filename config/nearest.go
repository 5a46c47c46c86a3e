package config

import (
	"regexp"
	"strings"
)

// Nearest is the known name that a mistyped one most likely means; empty when
// none is near enough to be worth proposing.
func Nearest(name string, known []string) string {
	best, least := "", maxNear
	if len(name) > maxNear {
		return ""
	}
	for _, k := range known {
		d := distance(strings.ToLower(name), strings.ToLower(k))
		if d < least && d <= tolerance(name, k) {
			best, least = k, d
		}
	}
	return best
}

// tolerance is how many changes still make a typing error: more when the names
// begin alike, as "supress" and "suppressions" do.
func tolerance(name, known string) int {
	if len(name) > 3 && strings.HasPrefix(known, name[:3]) {
		return max(len(name), len(known)) / 2
	}
	return max(1, len(name)/3)
}

// distance counts the insertions, deletions and substitutions between two names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// maxNear bounds what a tip compares: a name longer than this is no typing error.
const maxNear = 200

func didYouMean(name string, known []string) string {
	if near := Nearest(name, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

var isoDuration = regexp.MustCompile(`^P(T?)(\d+)([YMWDHS])$`)

// isoHint says what an ISO 8601 duration means and how it is written here.
func isoHint(value string) string {
	m := isoDuration.FindStringSubmatch(strings.ToUpper(value))
	if m == nil {
		return ""
	}
	number := m[2]
	switch {
	case m[1] == "" && m[3] == "M":
		return "; in ISO 8601 " + value + " is " + number + " months (minutes are PT" + number + "M): write " + number + "m for minutes"
	case m[1] == "T" && strings.Contains("HMS", m[3]), m[3] == "D":
		return "; write " + number + strings.ToLower(m[3])
	}
	return ""
}
