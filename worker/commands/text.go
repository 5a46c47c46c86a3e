package commands

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// sorted lists a map as "key: value" lines in the order of keys.
func sorted(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k, v := range m {
		out = append(out, k+": "+v)
	}
	slices.Sort(out)
	return out
}

// visible writes text so that nothing in it steers a terminal or hides: senders choose
// addresses, names and subjects, and a terminal obeys escape sequences. JSON stays the
// same JSON.
type visible struct{ to io.Writer }

func (v visible) Write(p []byte) (int, error) {
	if text := string(p); !shown(text) {
		if _, err := io.WriteString(v.to, Visible(text)); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	return v.to.Write(p)
}

// raw is the writer beneath, for text of our own that moves the cursor or has a colour.
func raw(w io.Writer) io.Writer {
	if v, ok := w.(visible); ok {
		return v.to
	}
	return w
}

func shown(text string) bool { return utf8.ValidString(text) && !strings.ContainsFunc(text, hidden) }

// hidden says that a rune steers what is printed, or cannot be seen.
func hidden(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return unicode.IsControl(r) || strings.ContainsRune(blank, r) ||
		unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// blank are letters that fonts draw as nothing: Braille blank, Hangul fillers.
const blank = "\u2800\u115F\u1160\u3164\uFFA0"

// Visible writes control, direction and invisible characters as JSON does, \u001b, and
// what is no UTF-8 as U+FFFD.
func Visible(text string) string {
	if shown(text) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if !hidden(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// oneLine is a text of others in one line of a table.
func oneLine(text string) string { return Visible(strings.Join(strings.Fields(text), " ")) }
