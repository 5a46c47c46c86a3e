package kql

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	tkEOF tokenKind = iota
	tkIdent
	tkLiteral // a literal with its value and type
	tkPunct
)

type token struct {
	kind     tokenKind
	text     string
	pos, end int
	val      Value
	typ      Type
}

// lexer cuts a query into tokens. Typed literals such as datetime(2024-01-01) are one token, because what stands
// between the parentheses is not an expression.
type lexer struct {
	src  string
	pos  int
	toks []token
}

func lex(src string) []token {
	l := &lexer{src: src}
	for l.next() {
	}
	l.toks = append(l.toks, token{kind: tkEOF, pos: len(src), end: len(src)})
	return l.toks
}

func (l *lexer) fail(pos int, format string, a ...any) {
	panic(bailout{newError(l.src, pos, CodeSyntax, fmt.Sprintf(format, a...))})
}

// newError places a message in the query; the token is the word at pos.
func newError(src string, pos int, code, msg string) *Error {
	pos = min(pos, len(src))
	before := src[:pos]
	line := strings.Count(before, "\n") + 1
	col := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return &Error{Code: code, Message: msg, Line: line, Column: col, Token: wordAt(src, pos)}
}

func wordAt(src string, pos int) string {
	end := pos
	for end < len(src) && isWord(src[end]) {
		end++
	}
	if end == pos && end < len(src) {
		_, n := utf8.DecodeRuneInString(src[end:])
		end += n
	}
	return src[pos:end]
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (l *lexer) peek(ahead int) byte {
	if l.pos+ahead < len(l.src) {
		return l.src[l.pos+ahead]
	}
	return 0
}

func (l *lexer) skipSpace() {
	for l.pos < len(l.src) {
		r, n := utf8.DecodeRuneInString(l.src[l.pos:])
		switch {
		case unicode.IsSpace(r) || r == '\ufeff':
			l.pos += n
		case strings.HasPrefix(l.src[l.pos:], "//"):
			end := strings.IndexByte(l.src[l.pos:], '\n')
			if end < 0 {
				end = len(l.src) - l.pos
			}
			l.pos += end
		default:
			return
		}
	}
}

func (l *lexer) next() bool {
	l.skipSpace()
	if l.pos >= len(l.src) {
		return false
	}
	c := l.src[l.pos]
	switch {
	case l.stringStart() >= 0:
		l.str()
	case isDigit(c):
		l.number()
	case isWord(c) || c == '$' && isWord(l.peek(1)):
		l.ident()
	case c == '!' && l.peek(1) >= 'a' && l.peek(1) <= 'z':
		l.ident()
	default:
		l.punct()
	}
	return true
}

func (l *lexer) add(t token) {
	t.end = l.pos
	l.toks = append(l.toks, t)
}

func puncts() [12]string {
	return [12]string{"..", "=~", "!~", "==", "!=", "<=", ">=", "<>", "=>", "=", "<", ">"}
}

func (l *lexer) punct() {
	start := l.pos
	for _, p := range puncts() {
		if strings.HasPrefix(l.src[l.pos:], p) {
			l.pos += len(p)
			l.add(token{kind: tkPunct, text: p, pos: start})
			return
		}
	}
	if !strings.ContainsRune("|()[]{},;:.+-*/%?", rune(l.src[l.pos])) {
		l.fail(start, "unexpected character %q", wordAt(l.src, start))
	}
	l.pos++
	l.add(token{kind: tkPunct, text: l.src[start:l.pos], pos: start})
}

func (l *lexer) ident() {
	start := l.pos
	l.pos++
	for l.pos < len(l.src) && isWord(l.src[l.pos]) {
		l.pos++
	}
	text := l.src[start:l.pos]
	if strings.TrimPrefix(text, "!") == "in" && l.peek(0) == '~' {
		l.pos++
		text += "~"
	}
	if l.typed(start, text) {
		return
	}
	if text == "true" || text == "false" {
		l.add(token{kind: tkLiteral, text: text, pos: start, val: text == "true", typ: TypeBool})
		return
	}
	l.add(token{kind: tkIdent, text: text, pos: start})
}

// stringStart returns the length of a string literal's prefix (h, H, @) at the current place, or -1.
func (l *lexer) stringStart() int {
	n := 0
	if c := l.peek(0); c == 'h' || c == 'H' {
		n++
	}
	if l.peek(n) == '@' {
		n++
	}
	if c := l.peek(n); c == '"' || c == '\'' || strings.HasPrefix(l.src[min(l.pos+n, len(l.src)):], "```") {
		return n
	}
	return -1
}

func (l *lexer) str() {
	start := l.pos
	n := l.stringStart()
	raw := n > 0 && l.src[l.pos+n-1] == '@'
	l.pos += n
	var s string
	switch {
	case strings.HasPrefix(l.src[l.pos:], "```"):
		s = l.fenced(start)
	case raw:
		s = l.verbatim(start)
	default:
		s = l.quoted(start)
	}
	l.add(token{kind: tkLiteral, text: l.src[start:l.pos], pos: start, val: s, typ: TypeString})
}

func (l *lexer) fenced(start int) string {
	end := strings.Index(l.src[l.pos+3:], "```")
	if end < 0 {
		l.fail(start, "string literal is not terminated")
	}
	s := l.src[l.pos+3 : l.pos+3+end]
	l.pos += end + 6
	return s
}

func (l *lexer) verbatim(start int) string {
	q := l.src[l.pos]
	var b strings.Builder
	for i := l.pos + 1; i < len(l.src); i++ {
		if l.src[i] != q {
			b.WriteByte(l.src[i])
			continue
		}
		if i+1 < len(l.src) && l.src[i+1] == q {
			b.WriteByte(q)
			i++
			continue
		}
		l.pos = i + 1
		return b.String()
	}
	l.fail(start, "string literal is not terminated")
	return ""
}

func (l *lexer) quoted(start int) string {
	q := l.src[l.pos]
	var b strings.Builder
	for i := l.pos + 1; i < len(l.src); {
		switch c := l.src[i]; c {
		case q:
			l.pos = i + 1
			return b.String()
		case '\n':
			l.fail(start, "string literal is not terminated")
		case '\\':
			i += l.escape(&b, i)
		default:
			b.WriteByte(c)
			i++
		}
	}
	l.fail(start, "string literal is not terminated")
	return ""
}

// escape writes the escape sequence at i and returns its length.
func (l *lexer) escape(b *strings.Builder, i int) int {
	if i+1 >= len(l.src) {
		l.fail(i, "string literal is not terminated")
	}
	c := l.src[i+1]
	if at := strings.IndexByte(`abfnrtv0\"'`, c); at >= 0 {
		b.WriteByte("\a\b\f\n\r\t\v\x00\\\"'"[at])
		return 2
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	var r rune
	if digits == 0 || i+2+digits > len(l.src) {
		l.fail(i, "unknown escape sequence \\%c in string literal", c)
	}
	if _, err := fmt.Sscanf(l.src[i+2:i+2+digits], "%x", &r); err != nil {
		l.fail(i, "malformed escape sequence in string literal")
	}
	b.WriteRune(r)
	return 2 + digits
}

func timeUnits() map[string]time.Duration {
	const day = 24 * time.Hour
	return map[string]time.Duration{
		"d": day, "day": day, "days": day, "h": time.Hour, "hr": time.Hour, "hrs": time.Hour, "hour": time.Hour, "hours": time.Hour,
		"m": time.Minute, "min": time.Minute, "minute": time.Minute, "minutes": time.Minute,
		"s": time.Second, "sec": time.Second, "second": time.Second, "seconds": time.Second,
		"ms": time.Millisecond, "milli": time.Millisecond, "millisecond": time.Millisecond, "milliseconds": time.Millisecond,
		"microsecond": time.Microsecond, "microseconds": time.Microsecond, "tick": 100, "ticks": 100,
	}
}
