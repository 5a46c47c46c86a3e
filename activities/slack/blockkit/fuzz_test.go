package blockkit_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"harrier/activities/slack/blockkit"
)

var entity = regexp.MustCompile(`&(amp|lt|gt);`)

// Whatever comes from outside, what is rendered fits, is valid, holds no token
// and no cut entity, and leaves no code style open.
func FuzzQuotedTextIsHarmlessAtEveryLength(f *testing.F) {
	for _, s := range []string{"", "<!channel>", "&amp;", "é𝔼", "a`b`", "\u202e\x00\xff", strings.Repeat("&", 1000), "https://evil.test", "e\u0301\u0302\u0303\u0304\u200d\u0301"} {
		f.Add(s, 3000)
		f.Add(s, 7)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = max(1, min(limit, 3000))
		text := blockkit.Say("from ").Then(blockkit.Quote(s), blockkit.Say(" & more"))
		for _, got := range []string{text.Markdown(limit), text.Plain(limit)} {
			if n := utf8.RuneCountInString(got); n > limit || n == 0 || !utf8.ValidString(got) {
				t.Errorf("%d characters of %d: %q", n, limit, got)
			}
			if strings.ContainsAny(got, "<>\n") || strings.Contains(entity.ReplaceAllString(got, ""), "&") {
				t.Errorf("not escaped, or cut inside an entity: %q", got)
			}
			if strings.Count(got, "`")%2 != 0 {
				t.Errorf("code style left open: %q", got)
			}
		}
		if twice := blockkit.Visible(blockkit.Visible(s)); twice != blockkit.Visible(s) {
			t.Errorf("made visible twice: %q", twice)
		}
	})
}
