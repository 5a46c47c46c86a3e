package loganalytics

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The query API has no parameters, so values become literals of the query text.
// Only this file writes them.
// https://learn.microsoft.com/kusto/query/scalar-data-types/string

// kqlString writes a string literal. Control characters, line separators and
// broken UTF-8 are refused: no address or id has them, and a literal must not
// be able to end.
func kqlString(s string) (string, error) {
	if !writable(s) {
		return "", fmt.Errorf("write %q into a query: it holds control characters or broken UTF-8", s)
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`, nil
}

// writable says that a value can be written into a query.
func writable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError
	})
}

// kqlStrings writes a dynamic array of strings.
func kqlStrings(values []string) (string, error) {
	parts := make([]string, len(values))
	for i, v := range values {
		s, err := kqlString(v)
		if err != nil {
			return "", err
		}
		parts[i] = s
	}
	return "dynamic([" + strings.Join(parts, ",") + "])", nil
}

// kqlTime writes a datetime literal in UTC, to the second.
func kqlTime(t time.Time) string { return "datetime(" + isoTime(t) + ")" }

// isoTime is the form of {{StartTimeISO}} and {{EndTimeISO}}.
func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// kqlSpan writes a timespan literal, to the second.
func kqlSpan(d time.Duration) string {
	return fmt.Sprintf("%ds", int64(d/time.Second))
}

// isName says that a name from the settings can stand in a query as it is.
func isName(s string) bool {
	for i, r := range s {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// lets collects let statements; the first error ends it.
type lets struct {
	b   strings.Builder
	err error
}

func (l *lets) put(name, value string) {
	fmt.Fprintf(&l.b, "let %s = %s;\n", name, value)
}

func (l *lets) string(name, value string) {
	v, err := kqlString(value)
	if err != nil && l.err == nil {
		l.err = err
	}
	l.put(name, v)
}

func (l *lets) strings(name string, values []string) {
	v, err := kqlStrings(values)
	if err != nil && l.err == nil {
		l.err = err
	}
	l.put(name, v)
}

func (l *lets) time(name string, t time.Time) { l.put(name, kqlTime(t)) }

// text is the statements, to be put in front of a query.
func (l *lets) text() (string, error) { return l.b.String(), l.err }
