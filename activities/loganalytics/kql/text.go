package kql

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// textTest binds the string operators. https://learn.microsoft.com/kusto/query/datatypes-string-operators
func (c *compiler) textTest(b bound, n *binNode) *expr {
	l, r := c.scalar(b, n.l), c.scalar(b, n.r)
	for _, e := range []*expr{l, r} {
		if cl := classOf(e.typ); cl != classText && cl != classAny {
			c.semantic(b, n.pos, "The operator '%s' is not defined for the operand types %s and %s", n.op, l.typ, r.typ)
		}
	}
	l, r = cast(l, TypeString), cast(r, TypeString)
	op := strings.TrimPrefix(n.op, "!")
	want := op == n.op
	if n.op == "!~" {
		op = "=~"
	}
	test := textOperator(op)
	if r.fixed {
		needle := newNeedle(r.val.(string))
		return derive(TypeBool, func(v *env) Value {
			s, _ := l.eval(v).(string)
			return test(s, needle) == want
		}, l, r)
	}
	return derive(TypeBool, func(v *env) Value {
		s, _ := l.eval(v).(string)
		sub, _ := r.eval(v).(string)
		return test(s, newNeedle(sub)) == want
	}, l, r)
}

// needle is a searched text with what is worked out once: its lower case and whether it is ASCII.
type needle struct {
	text, lower string
	ascii       bool
}

func newNeedle(s string) needle {
	return needle{text: s, lower: strings.ToLower(s), ascii: isASCII(s)}
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func textOperator(op string) func(string, needle) bool {
	switch op {
	case "=~":
		return func(s string, n needle) bool { return strings.EqualFold(s, n.text) }
	case "contains":
		return func(s string, n needle) bool { return indexFold(s, n, 0) >= 0 }
	case "contains_cs":
		return func(s string, n needle) bool { return strings.Contains(s, n.text) }
	case "startswith":
		return func(s string, n needle) bool { return prefixFold(s, n) }
	case "startswith_cs":
		return func(s string, n needle) bool { return strings.HasPrefix(s, n.text) }
	case "endswith":
		return func(s string, n needle) bool { return strings.HasSuffix(strings.ToLower(s), n.lower) }
	case "endswith_cs":
		return func(s string, n needle) bool { return strings.HasSuffix(s, n.text) }
	}
	return termOperator(op)
}

func termOperator(op string) func(string, needle) bool {
	switch op {
	case "has":
		return func(s string, n needle) bool { return hasTerm(s, n, ends{true, true}) }
	case "hasprefix":
		return func(s string, n needle) bool { return hasTerm(s, n, ends{true, false}) }
	case "hassuffix":
		return func(s string, n needle) bool { return hasTerm(s, n, ends{false, true}) }
	case "hasprefix_cs":
		return func(s string, n needle) bool { return hasTermCS(s, n.text, ends{true, false}) }
	case "hassuffix_cs":
		return func(s string, n needle) bool { return hasTermCS(s, n.text, ends{false, true}) }
	}
	return func(s string, n needle) bool { return hasTermCS(s, n.text, ends{true, true}) }
}

func containsCS(s, sub string) bool { return strings.Contains(s, sub) }

func prefixFold(s string, n needle) bool {
	if n.ascii && isASCII(s) {
		return len(s) >= len(n.text) && strings.EqualFold(s[:len(n.text)], n.text)
	}
	return strings.HasPrefix(strings.ToLower(s), n.lower)
}

// indexFold finds a needle at or after from without regard to case. For ASCII it allocates nothing.
func indexFold(s string, n needle, from int) int {
	if !n.ascii || !isASCII(s) {
		low := strings.ToLower(s)
		if from > len(low) {
			return -1
		}
		if i := strings.Index(low[from:], n.lower); i >= 0 {
			return from + i
		}
		return -1
	}
	last := len(s) - len(n.lower)
	for i := from; i <= last; i++ {
		if equalFoldASCII(s[i:i+len(n.lower)], n.lower) {
			return i
		}
	}
	return -1
}

func equalFoldASCII(s, lower string) bool {
	for i := 0; i < len(lower); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// hasTerm finds a whole term: a run of letters and digits, as the service's index cuts them.
func hasTerm(s string, n needle, must ends) bool {
	if !n.ascii || !isASCII(s) {
		return hasTermCS(strings.ToLower(s), n.lower, must)
	}
	for from := 0; ; {
		i := indexFold(s, n, from)
		if i < 0 {
			return false
		}
		if bounded(s, i, len(n.text), must) {
			return true
		}
		from = i + 1
	}
}

func hasTermCS(s, sub string, must ends) bool {
	for from := 0; from <= len(s); {
		i := strings.Index(s[from:], sub)
		if i < 0 {
			return false
		}
		if bounded(s, from+i, len(sub), must) {
			return true
		}
		from += i + 1
	}
	return false
}

// ends says which ends of a match must be ends of a term.
type ends struct{ start, end bool }

// bounded tells whether the match at i begins and ends where a term does.
func bounded(s string, i, n int, must ends) bool {
	if n == 0 {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	first, _ := utf8.DecodeRuneInString(s[i:])
	last, _ := utf8.DecodeLastRuneInString(s[:i+n])
	after, _ := utf8.DecodeRuneInString(s[i+n:])
	if must.start && i > 0 && isTermRune(before) && isTermRune(first) {
		return false
	}
	return !must.end || i+n == len(s) || !isTermRune(after) || !isTermRune(last)
}

func isTermRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func (c *compiler) matches(b bound, n *binNode) *expr {
	l, r := c.scalar(b, n.l), c.scalar(b, n.r)
	if cl := classOf(l.typ); cl != classText && cl != classAny || r.typ != TypeString {
		c.semantic(b, n.pos, "The operator 'matches regex' is not defined for the operand types %s and %s", l.typ, r.typ)
	}
	l = cast(l, TypeString)
	pattern := c.regex(b, n.r.at(), r)
	return derive(TypeBool, func(v *env) Value {
		re := pattern(v)
		s, _ := l.eval(v).(string)
		return re != nil && re.MatchString(s)
	}, l, r)
}

// regex compiles a constant pattern once, and others as they come; a malformed one that is not constant is nil.
func (c *compiler) regex(b bound, at int, e *expr) func(*env) *regexp.Regexp {
	if e.fixed {
		re, err := regexp.Compile(toText(e.val))
		if err != nil {
			c.semantic(b, at, "regular expression is malformed: %v", err)
		}
		return func(*env) *regexp.Regexp { return re }
	}
	seen := map[string]*regexp.Regexp{}
	return func(v *env) *regexp.Regexp {
		p := toText(e.eval(v))
		re, ok := seen[p]
		if !ok {
			re, _ = regexp.Compile(p)
			seen[p] = re
		}
		return re
	}
}
