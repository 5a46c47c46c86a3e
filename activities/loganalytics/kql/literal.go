package kql

import (
	"math"
	"strconv"
	"strings"
	"time"
)

func (l *lexer) number() {
	start := l.pos
	if l.src[l.pos] == '0' && (l.peek(1) == 'x' || l.peek(1) == 'X') {
		l.hex(start)
		return
	}
	isReal := l.digits()
	text := l.src[start:l.pos]
	unitStart := l.pos
	for l.pos < len(l.src) && isWord(l.src[l.pos]) {
		l.pos++
	}
	unit := l.src[unitStart:l.pos]
	tok := token{kind: tkLiteral, text: l.src[start:l.pos], pos: start}
	switch {
	case unit != "":
		tok.val, tok.typ = l.span(start, text, unit), TypeTimespan
	case isReal:
		f, _ := strconv.ParseFloat(text, 64)
		tok.val, tok.typ = f, TypeReal
	default:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			l.fail(start, "number %s is out of range", text)
		}
		tok.val, tok.typ = n, TypeLong
	}
	l.add(tok)
}

// digits passes over a number and tells whether it is a real.
func (l *lexer) digits() bool {
	isReal := false
	for isDigit(l.peek(0)) {
		l.pos++
	}
	if l.peek(0) == '.' && isDigit(l.peek(1)) {
		isReal = true
		l.pos++
		for isDigit(l.peek(0)) {
			l.pos++
		}
	}
	if c := l.peek(0); c == 'e' || c == 'E' {
		n := 1
		if s := l.peek(1); s == '+' || s == '-' {
			n = 2
		}
		if isDigit(l.peek(n)) {
			isReal = true
			l.pos += n
			for isDigit(l.peek(0)) {
				l.pos++
			}
		}
	}
	return isReal
}

func (l *lexer) hex(start int) {
	l.pos += 2
	for isWord(l.peek(0)) {
		l.pos++
	}
	n, err := strconv.ParseInt(l.src[start+2:l.pos], 16, 64)
	if err != nil {
		l.fail(start, "malformed number %s", l.src[start:l.pos])
	}
	l.add(token{kind: tkLiteral, text: l.src[start:l.pos], pos: start, val: n, typ: TypeLong})
}

func (l *lexer) span(start int, num, unit string) time.Duration {
	u, ok := timeUnits()[unit]
	f, err := strconv.ParseFloat(num, 64)
	if !ok || err != nil || f*float64(u) > math.MaxInt64 {
		l.fail(start, "malformed number or timespan %s%s", num, unit)
	}
	return time.Duration(f * float64(u))
}

// typed lexes a literal such as long(5), datetime(2024-05-01) or dynamic([1]) and reports whether there was one.
func (l *lexer) typed(start int, name string) bool {
	typ, ok := literalType(name)
	open := l.pos
	for open < len(l.src) && (l.src[open] == ' ' || l.src[open] == '\t') {
		open++
	}
	if !ok || open >= len(l.src) || l.src[open] != '(' {
		return false
	}
	end := l.closing(open)
	raw := strings.TrimSpace(l.src[open+1 : end])
	l.pos = end + 1
	val, err := parseTyped(typ, raw)
	if err != nil {
		l.fail(start, "malformed %s literal (%s)", typ, raw)
	}
	l.add(token{kind: tkLiteral, text: l.src[start:l.pos], pos: start, val: val, typ: typ})
	return true
}

func literalType(name string) (Type, bool) {
	switch name {
	case "time":
		return TypeTimespan, true
	case "date":
		return TypeDatetime, true
	}
	return typeNamed(name)
}

// typeNamed resolves a type name as it stands in declarations, aliases included. String has no literal form.
func typeNamed(name string) (Type, bool) {
	switch t := Type(name); t {
	case TypeLong, TypeInt, TypeReal, TypeBool, TypeDatetime, TypeTimespan, TypeDynamic, TypeGUID, TypeDecimal:
		return t, true
	case "double":
		return TypeReal, true
	case "boolean":
		return TypeBool, true
	}
	return "", false
}

// closing finds the parenthesis that matches the one at open, passing over quoted strings.
func (l *lexer) closing(open int) int {
	depth := 0
	for i := open; i < len(l.src); i++ {
		switch c := l.src[i]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				return i
			}
		case '"', '\'':
			i = skipQuoted(l.src, i)
		}
	}
	l.fail(open, "missing closing parenthesis")
	return 0
}

// skipQuoted returns the place of the quote that ends the string starting at i.
func skipQuoted(src string, i int) int {
	q := src[i]
	for i++; i < len(src) && src[i] != q; i++ {
		if src[i] == '\\' {
			i++
		}
	}
	return i
}

func parseTyped(typ Type, raw string) (Value, error) {
	if raw == "null" {
		return nil, nil
	}
	if typ == TypeDynamic {
		return parseDynamicLiteral(raw)
	}
	if n := len(raw); n >= 2 && (raw[0] == '"' || raw[0] == '\'') && raw[n-1] == raw[0] {
		raw = raw[1 : n-1]
	}
	if v := convertText(raw, typ); v != nil {
		return v, nil
	}
	return nil, strconv.ErrSyntax
}

// convertText reads a text as a value of the type, nil when it is none.
func convertText(s string, typ Type) Value {
	s = strings.TrimSpace(s)
	switch typ {
	case TypeLong, TypeInt:
		return textToLong(s, typ)
	case TypeReal, TypeDecimal:
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return f
		}
	case TypeBool:
		return textToBool(s)
	case TypeDatetime:
		if t, ok := parseDatetime(s); ok {
			return t
		}
	case TypeTimespan:
		if d, ok := parseTimespan(s); ok {
			return d
		}
	case TypeGUID:
		return textToGUID(s)
	}
	return nil
}

func textToLong(s string, typ Type) Value {
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil || typ == TypeInt && (n > math.MaxInt32 || n < math.MinInt32) {
		return nil
	}
	return n
}

func textToBool(s string) Value {
	switch strings.ToLower(s) {
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	return nil
}

func textToGUID(s string) Value {
	s = strings.ToLower(strings.Trim(s, "{}"))
	if len(s) != 36 || strings.Count(s, "-") != 4 || strings.Trim(s, "0123456789abcdef-") != "" {
		return nil
	}
	return s
}
