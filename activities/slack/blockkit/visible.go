package blockkit

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// maxMarks combining marks in a row are a letter of some language; more are a pile
// that covers the lines above and below.
const maxMarks = 2

// Visible makes text from outside harmless in one line: line breaks become ⏎,
// backticks become quotes, and characters that are invisible, reorder text, pile up
// or are not valid are written out, as ⟨U+202E⟩.
func Visible(s string) string {
	var b strings.Builder
	marks := 0
	for _, r := range strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD")) {
		if ' ' <= r && r <= '~' && r != '`' {
			b.WriteRune(r)
			marks = 0
			continue
		}
		if marks++; !unicode.In(r, unicode.Mn, unicode.Me) || isHidden(r) {
			marks = 0
		}
		if marks > maxMarks {
			b.WriteString(writtenOut(r))
			continue
		}
		b.WriteString(visibleRune(r))
	}
	return b.String()
}

func writtenOut(r rune) string { return fmt.Sprintf("⟨U+%04X⟩", r) }

func visibleRune(r rune) string {
	switch {
	case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085' || r == '\v' || r == '\f':
		return "⏎"
	case r == '\t' || unicode.Is(unicode.Zs, r):
		return " "
	case r == '`':
		return "'"
	case isHidden(r):
		return writtenOut(r)
	}
	return string(r)
}

// isHidden says that a reader would not see the character, or would see others in another order.
func isHidden(r rune) bool {
	switch {
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
		return true
	case unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r), unicode.Is(unicode.Variation_Selector, r):
		return true
	case r&0xFFFE == 0xFFFE, 0xFDD0 <= r && r <= 0xFDEF: // noncharacters
		return true
	}
	return strings.ContainsRune(blank, r)
}

// blank are letters and signs that fonts draw as nothing: Braille blank, Hangul and
// Khitan fillers, the null notehead.
const blank = "\u2800\u115F\u1160\u3164\uFFA0\U00016FE4\U0001D159"

var scheme = regexp.MustCompile(`(?i)\b(h)(tt)(ps?://)`)

// Defang writes a host or URL so that no client makes it a link:
// hxxps://contoso-hr[.]example.
func Defang(s string) string {
	s = scheme.ReplaceAllString(s, "${1}xx${3}")
	start := 0
	if at := strings.Index(s, "://"); at >= 0 {
		start = at + len("://")
	}
	end := len(s)
	if at := strings.IndexAny(s[start:], "/?#"); at >= 0 {
		end = start + at
	}
	host := s[start:end]
	if at := strings.LastIndexByte(host, '.'); at >= 0 && !strings.HasSuffix(host[:at], "[") {
		host = host[:at] + "[.]" + host[at+1:]
	}
	return s[:start] + host + s[end:]
}

// hostLike is a word with dots in it that a client may take for a host.
var hostLike = regexp.MustCompile(`[^\s/@]+\.\pL{2,}(?:[/:?#]\S*)?`)

// DefangHosts writes every URL, and every word that looks like a host, so that no
// client makes it a link.
func DefangHosts(s string) string {
	return hostLike.ReplaceAllStringFunc(scheme.ReplaceAllString(s, "${1}xx${3}"), Defang)
}

// DefangIn writes the named hosts in a sentence, and every URL scheme, so that
// no client makes them links. Hosts are lower case; domains of addresses stay
// as they are.
func DefangIn(s string, hosts []string) string {
	folded := foldASCII(s)
	for _, host := range hosts {
		if strings.Contains(host, ".") && strings.Contains(folded, host) {
			s = replaceHost(s, folded, host)
			folded = foldASCII(s)
		}
	}
	return scheme.ReplaceAllString(s, "${1}xx${3}")
}

// replaceHost defangs the host wherever it stands in s; folded is s in lower case.
func replaceHost(s, folded, host string) string {
	var b strings.Builder
	for {
		at := strings.Index(folded, host)
		if at < 0 {
			b.WriteString(s)
			return b.String()
		}
		end := at + len(host)
		b.WriteString(s[:at])
		if at > 0 && s[at-1] == '@' {
			b.WriteString(s[at:end])
		} else {
			b.WriteString(Defang(s[at:end]))
		}
		s, folded = s[end:], folded[end:]
	}
}

// foldASCII lower-cases ASCII alone, so that places stay where they are.
func foldASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + ('a' - 'A')
		}
	}
	return string(b)
}
