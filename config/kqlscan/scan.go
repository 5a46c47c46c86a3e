// Package kqlscan takes a KQL text apart into words, so that checks do not
// mistake a comment or a string for a part of the query.
package kqlscan

import (
	"slices"
	"strings"
)

// Kind says what a token is.
type Kind int

const (
	// Name is an identifier, a keyword or an operator written in letters: where,
	// in~, !has, mv-expand, $left.
	Name Kind = iota
	// Number is a number or a span of time: 10, 0.5, 14d.
	Number
	// String is a text literal with its quotes.
	String
	// Op is punctuation: | ( ) == =~ and the like.
	Op
)

// Token is one word of a query.
type Token struct {
	Kind Kind
	Text string
	// Offset is where it begins, in bytes.
	Offset int
}

// Is says that a token is this name or this punctuation.
func (t Token) Is(text string) bool { return t.Text == text && (t.Kind == Name || t.Kind == Op) }

// Value is the text that a string literal holds; escapes stay as written.
func (t Token) Value() string {
	text := strings.TrimLeft(t.Text, "hH@")
	for _, quote := range []string{"```", "~~~", `"`, "'"} {
		if inner, ok := strings.CutPrefix(text, quote); ok {
			return strings.TrimSuffix(inner, quote)
		}
	}
	return text
}

// Scan gives the tokens of a query in order. It never fails: what is no KQL
// comes out as punctuation.
func Scan(query string) []Token {
	s := scanner{text: query}
	for s.at < len(s.text) {
		s.next()
	}
	return s.out
}

// Comments gives beginning and end of every comment, without the white space behind it.
func Comments(query string) [][2]int {
	s := scanner{text: query}
	for s.at < len(s.text) {
		s.next()
	}
	return s.comments
}

type scanner struct {
	text     string
	at       int
	out      []Token
	comments [][2]int
}

func (s *scanner) take(kind Kind, length int) {
	s.out = append(s.out, Token{kind, s.text[s.at : s.at+length], s.at})
	s.at += length
}

func (s *scanner) next() {
	rest := s.text[s.at:]
	switch {
	case strings.IndexByte(" \t\r\n", rest[0]) >= 0:
		s.at++
	case strings.HasPrefix(rest, "//"):
		end := lengthTo(rest, "\n", 0)
		s.comments = append(s.comments, [2]int{s.at, s.at + len(strings.TrimSpace(rest[:end]))})
		s.at += end
	case stringLength(rest) > 0:
		s.take(String, stringLength(rest))
	case isDigit(rest[0]):
		s.take(Number, numberLength(rest))
	case nameLength(rest) > 0:
		s.take(Name, nameLength(rest))
	default:
		s.take(Op, opLength(rest))
	}
}

// lengthTo is the length up to and with an end, looked for from a start.
func lengthTo(text, end string, from int) int {
	if i := strings.Index(text[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(text)
}

// stringLength is the length of the literal that a text begins with, 0 for none.
func stringLength(text string) int {
	prefix := 0
	for prefix < len(text) && prefix < 2 && strings.IndexByte("hH@", text[prefix]) >= 0 {
		prefix++
	}
	body := text[prefix:]
	for _, fence := range []string{"```", "~~~"} {
		if strings.HasPrefix(body, fence) {
			return lengthTo(text, fence, prefix+len(fence))
		}
	}
	if body == "" || body[0] != '"' && body[0] != '\'' {
		return 0
	}
	verbatim := strings.Contains(text[:prefix], "@")
	return prefix + quotedLength(body, verbatim)
}

// quotedLength ends a literal at its quote, or at the end of the line: an open
// quote must not swallow the rest of the query.
func quotedLength(body string, verbatim bool) int {
	quote := body[0]
	for i := 1; i < len(body); i++ {
		switch {
		case body[i] == '\n' && !verbatim:
			return i
		case body[i] == '\\' && !verbatim:
			i++
		case body[i] == quote && verbatim && i+1 < len(body) && body[i+1] == quote:
			i++
		case body[i] == quote:
			return i + 1
		}
	}
	return len(body)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c >= 0x80
}

func numberLength(text string) int {
	i := 1
	for i < len(text) && (isDigit(text[i]) || isLetter(text[i]) || text[i] == '.' && i+1 < len(text) && isDigit(text[i+1])) {
		i++
	}
	return i
}

func nameLength(text string) int {
	start := 0
	if text[0] == '!' {
		start = 1
	}
	i := start
	for i < len(text) && (isLetter(text[i]) || i > start && isDigit(text[i])) {
		i++
	}
	if i == start {
		return 0
	}
	for _, tail := range hyphenated()[text[:i]] {
		if strings.HasPrefix(text[i:], tail) {
			return i + len(tail)
		}
	}
	if i < len(text) && text[i] == '~' && slices.Contains([]string{"in", "!in"}, text[:i]) {
		i++
	}
	return i
}

// hyphenated are the operators with a hyphen in their names, by first word.
func hyphenated() map[string][]string {
	return map[string][]string{
		"mv": {"-expand", "-apply"}, "project": {"-away", "-keep", "-rename", "-reorder", "-smart"},
		"top": {"-nested", "-hitters"}, "make": {"-series", "-graph"}, "sample": {"-distinct"},
		"parse": {"-where", "-kv"}, "graph": {"-match", "-merge", "-to-table", "-shortest-paths"},
	}
}

func opLength(text string) int {
	for _, op := range []string{"==", "=~", "!=", "!~", "<=", ">=", "<>", "=>", ".."} {
		if strings.HasPrefix(text, op) {
			return len(op)
		}
	}
	return 1
}
