package config

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// placeOf is the line and column (from 1, in characters) in a file's text of an
// offset (in bytes) of a scalar's value. It lays value and text side by side,
// because a folded or quoted query is not laid out as its value is.
func placeOf(n yaml.Node, data []byte, offset int) (line, column int) {
	if n.Kind == 0 {
		return 1, 1
	}
	text, at := data, startOf(n, data)
	value := n.Value
	double := n.Style&yaml.DoubleQuotedStyle != 0
	single := n.Style&yaml.SingleQuotedStyle != 0
	for i := 0; i < len(value); i++ {
		if i >= offset && !isSpace(value[i]) {
			at = skipSpace(text, at, double)
			break
		}
		if isSpace(value[i]) {
			continue
		}
		at = skipSpace(text, at, double)
		if double && at < len(text) && text[at] == '\\' {
			at++ // the backslash of an escape
		}
		if single && at+1 < len(text) && text[at] == '\'' && text[at+1] == '\'' {
			at++
		}
		at = min(at+1, len(text))
	}
	return lineAndColumn(text, at)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// skipSpace passes white space, and in double quotes also how it is escaped.
func skipSpace(text []byte, at int, double bool) int {
	for at < len(text) {
		switch {
		case isSpace(text[at]):
			at++
		case double && text[at] == '\\' && at+1 < len(text) && strings.IndexByte("ntr \r\n", text[at+1]) >= 0:
			at += 2
		default:
			return at
		}
	}
	return at
}

// startOf is where a scalar's text begins: after the quote, or on the line
// after a block's header.
func startOf(n yaml.Node, data []byte) int {
	at := 0
	for range n.Line - 1 {
		next := bytes.IndexByte(data[at:], '\n')
		if next < 0 {
			return len(data)
		}
		at += next + 1
	}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		if next := bytes.IndexByte(data[at:], '\n'); next >= 0 {
			return at + next + 1
		}
		return len(data)
	}
	at = byteOfColumn(data, at, n.Column)
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		if quote := bytes.IndexAny(data[at:], `"'`); quote >= 0 {
			at += quote + 1
		}
	}
	return at
}

func byteOfColumn(data []byte, at, column int) int {
	for i := range string(data[at:]) {
		if column--; column <= 0 {
			return at + i
		}
	}
	return len(data)
}

func lineAndColumn(data []byte, at int) (line, column int) {
	before := data[:min(at, len(data))]
	lineStart := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, len([]rune(string(before[lineStart:]))) + 1
}
