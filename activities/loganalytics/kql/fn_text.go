package kql

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

func text1(f func(string) string) builtin {
	return builtin{sig: "s", ret: TypeString, fn: func(a []Value) Value { return f(a[0].(string)) }}
}

func textFunctions() map[string]builtin {
	return map[string]builtin{
		"tolower": text1(strings.ToLower), "toupper": text1(strings.ToUpper), "reverse": text1(reverse),
		"strlen":       {sig: "s", ret: TypeLong, fn: func(a []Value) Value { return int64(utf8.RuneCountInString(a[0].(string))) }},
		"string_size":  {sig: "s", ret: TypeLong, fn: func(a []Value) Value { return int64(len(a[0].(string))) }},
		"strcat":       {sig: "s*", ret: TypeString, fn: func(a []Value) Value { return joinText(a, "") }},
		"strcat_delim": {sig: "ss*", ret: TypeString, fn: func(a []Value) Value { return joinText(a[1:], a[0].(string)) }},
		"strcat_array": {sig: "ys", ret: TypeString, fn: func(a []Value) Value {
			items, _ := a[0].([]any)
			return joinText(items, a[1].(string))
		}},
		"strrep":    {sig: "si?s", ret: TypeString, fn: repeatText},
		"substring": {sig: "si?i", ret: TypeString, fn: substring},
		"split":     {sig: "ss?i", ret: TypeDynamic, fn: split},
		"replace_string": {sig: "sss", ret: TypeString, fn: func(a []Value) Value {
			if a[1] == "" {
				return a[0]
			}
			return strings.ReplaceAll(a[0].(string), a[1].(string), a[2].(string))
		}},
		"translate": {sig: "sss", ret: TypeString, fn: translate},
		"indexof":   {sig: "ss?iii", ret: TypeLong, fn: indexOf},
		"countof":   {sig: "ss?s", ret: TypeLong, fn: countOf},
	}
}

func reverse(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

func joinText(parts []Value, sep string) string {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(toText(p))
	}
	return b.String()
}

const maxRepeat = 1024 // the service's own bound on strrep

func repeatText(a []Value) Value {
	sep := ""
	if len(a) == 3 {
		sep = a[2].(string)
	}
	parts := make([]Value, min(max(a[1].(int64), 0), maxRepeat))
	for i := range parts {
		parts[i] = a[0]
	}
	return joinText(parts, sep)
}

// substring counts characters; a negative start counts from the end.
func substring(a []Value) Value {
	r := []rune(a[0].(string))
	n := int64(len(r))
	start := a[1].(int64)
	if start < 0 {
		start = max(n+start, 0)
	}
	start = min(start, n)
	end := n
	if len(a) == 3 && a[2].(int64) >= 0 {
		end = min(start+a[2].(int64), n)
	}
	return string(r[start:max(end, start)])
}

func split(a []Value) Value {
	var parts []string
	if a[1] == "" {
		parts = []string{a[0].(string)}
	} else {
		parts = strings.Split(a[0].(string), a[1].(string))
	}
	out := make([]any, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	if len(a) < 3 {
		return Dynamic{out}
	}
	if i := a[2].(int64); i >= 0 && i < int64(len(out)) {
		return Dynamic{[]any{out[i]}}
	}
	return Dynamic{[]any{}}
}

func translate(a []Value) Value {
	from, to := []rune(a[0].(string)), []rune(a[1].(string))
	return strings.Map(func(r rune) rune {
		i := slices.Index(from, r)
		switch {
		case i < 0:
			return r
		case len(to) == 0:
			return -1
		}
		return to[min(i, len(to)-1)]
	}, a[2].(string))
}

// indexOf is indexof(text, lookup, start, length, occurrence); places count characters.
func indexOf(a []Value) Value {
	r := []rune(a[0].(string))
	start, end, nth := int64(0), int64(len(r)), int64(1)
	if len(a) > 2 {
		if start = a[2].(int64); start < 0 {
			start += int64(len(r))
		}
	}
	if len(a) > 3 && a[3].(int64) >= 0 {
		end = min(start+a[3].(int64), end)
	}
	if len(a) > 4 {
		nth = a[4].(int64)
	}
	if start < 0 || start > end {
		return int64(-1)
	}
	from := start
	for {
		i := strings.Index(string(r[from:end]), a[1].(string))
		if i < 0 || nth < 1 {
			return int64(-1)
		}
		at := from + int64(utf8.RuneCountInString(string(r[from:end])[:i]))
		if nth--; nth == 0 {
			return at
		}
		if from = at + 1; from > end {
			return int64(-1)
		}
	}
}

// countOf counts overlapping occurrences of a text, or matches of a regular expression.
func countOf(a []Value) Value {
	s, sub := a[0].(string), a[1].(string)
	if len(a) == 3 && a[2] == "regex" {
		re, err := regexp.Compile(sub)
		if err != nil {
			return nil
		}
		return int64(len(re.FindAllStringIndex(s, -1)))
	}
	n := int64(0)
	for i := 0; sub != "" && i+len(sub) <= len(s); i++ {
		if s[i:i+len(sub)] == sub {
			n++
		}
	}
	return n
}

// compiled keeps the last pattern of one call; hunts keep it constant.
type compiled struct {
	pattern string
	re      *regexp.Regexp
}

// get returns nil for a malformed pattern.
func (c *compiled) get(pattern string) *regexp.Regexp {
	if c.re == nil || c.pattern != pattern {
		c.pattern = pattern
		c.re, _ = regexp.Compile(pattern)
	}
	return c.re
}

func patternFunctions() map[string]builtin {
	return map[string]builtin{
		"replace_regex": {sig: "sps", ret: TypeString, prepare: func() function {
			c := &compiled{}
			return func(a []Value) Value { return replaceAll(c.get(a[1].(string)), a[0], a[2]) }
		}},
		"replace": {sig: "pss", ret: TypeString, prepare: func() function {
			c := &compiled{}
			return func(a []Value) Value { return replaceAll(c.get(a[0].(string)), a[2], a[1]) }
		}},
		"trim":       {sig: "ps", ret: TypeString, prepare: trimmer(true, true)},
		"trim_start": {sig: "ps", ret: TypeString, prepare: trimmer(true, false)},
		"trim_end":   {sig: "ps", ret: TypeString, prepare: trimmer(false, true)},
		"extract_all": {sig: "ps", ret: TypeDynamic, prepare: func() function {
			c := &compiled{}
			return func(a []Value) Value { return extractAll(c.get(a[0].(string)), a[1].(string)) }
		}},
	}
}

func replaceAll(re *regexp.Regexp, s, with Value) Value {
	if re == nil {
		return nil
	}
	return re.ReplaceAllString(s.(string), groupsOf(with.(string)))
}

// groupsOf turns Kusto's \1 into Go's ${1}.
func groupsOf(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '$':
			b.WriteString("$$")
		case s[i] == '\\' && i+1 < len(s) && isDigit(s[i+1]):
			b.WriteString("${" + string(s[i+1]) + "}")
			i++
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// trimmer removes matches at the ends, as often as they stand there.
func trimmer(start, end bool) func() function {
	return func() function {
		head, tail := &compiled{}, &compiled{}
		return func(a []Value) Value {
			s := a[1].(string)
			if re := head.get("^(?:" + a[0].(string) + ")"); start && re != nil {
				for loc := re.FindStringIndex(s); loc != nil && loc[1] > 0; loc = re.FindStringIndex(s) {
					s = s[loc[1]:]
				}
			}
			if re := tail.get("(?:" + a[0].(string) + ")$"); end && re != nil {
				for loc := re.FindStringIndex(s); loc != nil && loc[0] < loc[1]; loc = re.FindStringIndex(s) {
					s = s[:loc[0]]
				}
			}
			return s
		}
	}
}

func extractAll(re *regexp.Regexp, s string) Value {
	if re == nil || re.NumSubexp() == 0 {
		return nil
	}
	out := []any{}
	for _, m := range re.FindAllStringSubmatch(s, -1) {
		if len(m) == 2 {
			out = append(out, m[1])
			continue
		}
		groups := []any{}
		for _, g := range m[1:] {
			groups = append(groups, g)
		}
		out = append(out, groups)
	}
	if len(out) == 0 {
		return nil
	}
	return Dynamic{out}
}

func codeFunctions() map[string]builtin {
	hash := func(sum func(string) []byte) builtin {
		return builtin{sig: "a", ret: TypeString, fn: func(a []Value) Value { return hex.EncodeToString(sum(toText(a[0]))) }}
	}
	return map[string]builtin{
		"hash_sha256": hash(func(s string) []byte { h := sha256.Sum256([]byte(s)); return h[:] }),
		"hash_sha1":   hash(func(s string) []byte { h := sha1.Sum([]byte(s)); return h[:] }),
		"hash_md5":    hash(func(s string) []byte { h := md5.Sum([]byte(s)); return h[:] }),
		"url_encode":  text1(url.QueryEscape),
		"url_decode": text1(func(s string) string {
			if d, err := url.QueryUnescape(s); err == nil {
				return d
			}
			return s
		}),
		"base64_encode_tostring": text1(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }),
		"base64_decode_tostring": text1(func(s string) string {
			d, err := base64.StdEncoding.DecodeString(s)
			if err != nil || !utf8.Valid(d) {
				return ""
			}
			return string(d)
		}),
	}
}
