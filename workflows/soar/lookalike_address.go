package soar

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// AddressOddity says what about an address is made to deceive a reader, or is not
// the plain form in which Exchange writes one: invisible or direction-changing
// characters, spaces, angle brackets or quotes, a local part outside ASCII, more
// than one @, a dot at the end of the domain, scripts mixed in one label, punycode
// that does not decode. It is empty when there is nothing, and for a null sender.
func AddressOddity(address string) string {
	if IsNullSender(address) {
		return ""
	}
	if !utf8.ValidString(address) {
		return "address is not valid UTF-8"
	}
	a := FoldASCII(address)
	for _, r := range a {
		switch {
		case invisible(r):
			return fmt.Sprintf("invisible or direction-changing character %U", r)
		case r == '<' || r == '>':
			return "angle brackets in the address"
		case r == '"':
			return "quotes in the address"
		}
	}
	at := strings.LastIndexByte(a, '@')
	if at < 0 {
		return "no @ in the address"
	}
	if odd := localOddity(a[:at]); odd != "" {
		return odd
	}
	return domainOddity(a[at+1:])
}

func localOddity(local string) string {
	for _, r := range local {
		if r >= utf8.RuneSelf {
			return fmt.Sprintf("local part has the non-ASCII character %U", r)
		}
	}
	if strings.Contains(local, "@") {
		return "more than one @"
	}
	return ""
}

func domainOddity(domain string) string {
	folded := foldDots(domain)
	switch {
	case folded != domain:
		return "a full stop outside ASCII in the domain"
	case strings.HasSuffix(folded, "."):
		return "a dot at the end of the domain"
	}
	for _, label := range strings.Split(domain, ".") {
		if odd := labelOddity(label); odd != "" {
			return odd
		}
	}
	return ""
}

func labelOddity(label string) string {
	text := label
	if strings.HasPrefix(label, "xn--") {
		decoded, ok := decodeLabel(label)
		if !ok {
			return fmt.Sprintf("label %s is not valid punycode", label)
		}
		text = decoded
	}
	if text == "" {
		return "an empty label in the domain"
	}
	for _, r := range text {
		switch {
		case invisible(r):
			return fmt.Sprintf("invisible or direction-changing character %U in the domain", r)
		case r < utf8.RuneSelf && !domainASCII(r):
			return fmt.Sprintf("the domain has the character %U, which no domain has", r)
		}
	}
	if a, b := mixedScripts(text); a != "" {
		return fmt.Sprintf("mixes %s and %s in one label of the domain", a, b)
	}
	return ""
}

// domainASCII are the ASCII characters of a host name, in lower case.
func domainASCII(r rune) bool {
	return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_'
}

// mixedScripts names two scripts of one label that no language writes together.
// Japanese and Korean do mix scripts, also with Latin.
func mixedScripts(label string) (a, b string) {
	first := ""
	for _, r := range label {
		s := scriptOf(r)
		switch {
		case s == "" || s == first:
		case first == "":
			first = s
		case eastAsian[s] && (eastAsian[first] || first == "Latin"), s == "Latin" && eastAsian[first]:
		default:
			return first, s
		}
	}
	return "", ""
}

var eastAsian = map[string]bool{"Han": true, "Hiragana": true, "Katakana": true, "Hangul": true, "Bopomofo": true}

// namedScripts are told apart; letters outside them count as one more script.
var namedScripts = []string{"Latin", "Cyrillic", "Greek", "Han", "Hiragana", "Katakana", "Hangul", "Armenian", "Hebrew", "Arabic"}

func scriptOf(r rune) string {
	if !unicode.IsLetter(r) || unicode.In(r, unicode.Common, unicode.Inherited) {
		return ""
	}
	for _, name := range namedScripts {
		if unicode.Is(unicode.Scripts[name], r) {
			return name
		}
	}
	return "another script"
}
