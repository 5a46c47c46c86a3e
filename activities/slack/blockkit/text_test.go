package blockkit_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"harrier/activities/slack/blockkit"
)

func TestTextFromOutsideIsEscapedOnceAndCannotFormat(t *testing.T) {
	in := "<!channel> <@U123> <https://evil.test|Approve here> & *bold*"
	want := "`&lt;!channel&gt; &lt;@U123&gt; &lt;https://evil.test|Approve here&gt; &amp; *bold*`"
	if got := blockkit.Quote(in).Markdown(3000); got != want {
		t.Errorf("got %q", got)
	}
	if got := blockkit.Quote(in).Plain(3000); got != strings.Trim(want, "`") {
		t.Errorf("plain text is %q", got)
	}
}

func TestEmptyTextIsNamed(t *testing.T) {
	for _, empty := range []string{"", " ", "\t"} {
		if got := blockkit.Subject(empty).Markdown(100); got != "(no subject)" {
			t.Errorf("subject %q is shown as %q", empty, got)
		}
	}
}

func TestHiddenCharactersBecomeVisible(t *testing.T) {
	for in, want := range map[string]string{
		"a\nb": "a⏎b", "a\u202eb": "a⟨U+202E⟩b", "a\u200bb": "a⟨U+200B⟩b", "a`b": "a'b", "a\x00b": "a⟨U+0000⟩b",
		"a\xffb": "a\uFFFDb", "a\u00a0b": "a b", "a\u3164b": "a⟨U+3164⟩b", "a\ufe0fb": "a⟨U+FE0F⟩b", "Grüße, 日本": "Grüße, 日本",
		"a\u2066b": "a⟨U+2066⟩b", "a\U000e0041b": "a⟨U+E0041⟩b",
		"a\U00016FE4b": "a⟨U+16FE4⟩b", "a\U0001D159b": "a⟨U+1D159⟩b", "a\uFFFEb\uFDD0": "a⟨U+FFFE⟩b⟨U+FDD0⟩", "a\U0010FFFFb": "a⟨U+10FFFF⟩b",
		"a\u0301\u0302\u0303\u0304b\u0301": "a\u0301\u0302⟨U+0303⟩⟨U+0304⟩b\u0301", "Việt Nam": "Việt Nam",
	} {
		if got := blockkit.Visible(in); got != want {
			t.Errorf("Visible(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestTextIsCutAfterEscapingAndNeverInsideAnEntity(t *testing.T) {
	for limit := range 60 {
		got := blockkit.Quote(strings.Repeat("&", 1000)).Markdown(limit)
		if len([]rune(got)) > limit {
			t.Fatalf("limit %d gives %d characters", limit, len([]rune(got)))
		}
		if rest := strings.ReplaceAll(got, "&amp;", ""); strings.Trim(rest, "`…") != "" {
			t.Fatalf("limit %d cuts an entity: %q", limit, got)
		}
		if strings.Count(got, "`")%2 != 0 {
			t.Fatalf("limit %d leaves code style open: %q", limit, got)
		}
	}
}

func TestTextIsCutOnAWholeCharacter(t *testing.T) {
	for limit := 2; limit < 20; limit++ {
		for _, s := range []string{strings.Repeat("é", 3001), strings.Repeat("𝔼", 3001)} {
			got := blockkit.Say(s).Plain(limit)
			if !utf8.ValidString(got) || got == "" {
				t.Errorf("limit %d gives %q", limit, got)
			}
		}
	}
	if got := blockkit.Say(strings.Repeat("x", 3001)).Plain(3000); len([]rune(got)) != 3000 || !strings.HasSuffix(got, "…") {
		t.Errorf("3001 characters become %d, ending in %q", len([]rune(got)), got[len(got)-3:])
	}
}

func TestATokenIsWholeOrNotThere(t *testing.T) {
	text := blockkit.Say("until ").Then(blockkit.Moment(time.Unix(1795516800, 0)), blockkit.Say("."))
	for limit := range 100 {
		got := text.Markdown(limit)
		if strings.Contains(got, "<") != strings.Contains(got, ">") {
			t.Fatalf("limit %d cuts the token: %q", limit, got)
		}
	}
	if got := text.Markdown(200); got != "until <!date^1795516800^{date_short_pretty} {time}|2026-11-24 10:40 UTC>." {
		t.Errorf("got %q", got)
	}
}

func TestOnlyOurOwnAddressesAreLinks(t *testing.T) {
	for _, bad := range []string{"javascript:alert(1)", "http://portal.azure.com/", "https://a/|x", "https://a/>x", "https://a/ b", "", "https://" + strings.Repeat("a", 3000)} {
		if got := blockkit.Link(bad, "label").Markdown(4000); got != "label" {
			t.Errorf("Link(%.40q) is %.60q", bad, got)
		}
	}
	if got := blockkit.Link("https://portal.azure.com/?a=1&b=2", "Query").Markdown(100); got != "<https://portal.azure.com/?a=1&amp;b=2|Query>" {
		t.Errorf("got %q", got)
	}
}

func TestOnlyUserIDsAreMentioned(t *testing.T) {
	if got := blockkit.Mention("U0ANALYST").Markdown(100); got != "<@U0ANALYST>" {
		t.Errorf("got %q", got)
	}
	for _, bad := range []string{"here", "!channel", "U1>", "cli:alice", "u0analyst"} {
		if got := blockkit.Mention(bad).Markdown(100); strings.Contains(got, "<") {
			t.Errorf("Mention(%q) is %q", bad, got)
		}
	}
}

func TestHostsAndURLsAreDefanged(t *testing.T) {
	for in, want := range map[string]string{
		"contoso-hr.example": "contoso-hr[.]example", "https://contoso-hr.example/a.b?c=d.e": "hxxps://contoso-hr[.]example/a.b?c=d.e",
		"HTTP://a.b": "HxxP://a[.]b", "localhost": "localhost", "a[.]b": "a[.]b",
	} {
		if got := blockkit.Defang(in); got != want {
			t.Errorf("Defang(%q) is %q, want %q", in, got, want)
		}
	}
	hosts := []string{"veeam-report.example", "contoso.com"}
	got := blockkit.DefangIn("New host Veeam-Report.example from backup@contoso.com, see https://other.test", hosts)
	if want := "New host Veeam-Report[.]example from backup@contoso.com, see hxxps://other.test"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestEveryHostInANameIsDefanged(t *testing.T) {
	for in, want := range map[string]string{
		"https://evil.test/login": "hxxps://evil[.]test/login", "evil.test": "evil[.]test", "Pay at www.evil.test:443/a.b now": "Pay at www.evil[.]test:443/a.b now",
		"Dr. Jane Doe": "Dr. Jane Doe", "Doe, J.": "Doe, J.", "": "",
	} {
		if got := blockkit.DefangHosts(in); got != want {
			t.Errorf("%q is written %q, want %q", in, got, want)
		}
	}
}

func TestRemainingTimeReadsAsPeopleSayIt(t *testing.T) {
	for d, want := range map[time.Duration]string{
		55 * time.Minute: "55 min", 4*time.Hour + 15*time.Minute: "4 h 15 min", 3 * time.Hour: "3 h", 52 * time.Hour: "2 d 4 h", 0: "0 min",
	} {
		if got := blockkit.Remaining(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}

func TestCodeKeepsItsLinesAndCannotEnd(t *testing.T) {
	got := blockkit.Code("- id: x\n  when: |\n    mail.subject == \"```<!channel>\"\r\n").Markdown(200)
	want := "```\n- id: x\n  when: |\n    mail.subject == \"'''&lt;!channel&gt;\"\n```"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if cut := blockkit.Code(strings.Repeat("é&\n", 50)).Markdown(40); len([]rune(cut)) > 40 || !strings.HasSuffix(cut, "…\n```") {
		t.Errorf("cut to %q", cut)
	}
	if !blockkit.Code(" \n").IsEmpty() {
		t.Error("nothing is a block of code")
	}
}

func TestACutAddressKeepsItsEnd(t *testing.T) {
	for in, want := range map[string]string{
		"jane.doe.contoso.com.and.much.more@evil.test": "jane.doe.con…@evil.test",
		"j.doe@contoso.com":                            "j.doe@contoso.com",
		"a@contoso.com.login.and.much.more.evil.test":  "…nd.much.more.evil.test",
		"&&&&&&&&&&&&@evil.test":                       "&&…@evil.test",
		"no address at all, and longer than it may be": "… longer than it may be",
	} {
		if got := blockkit.CutAddress(in, 23); got != want || blockkit.Size(got) > 23 {
			t.Errorf("%q is cut to %q, want %q", in, got, want)
		}
	}
	if got := blockkit.CutTo("&&&&&&", 16); got != "&&&…" {
		t.Errorf("cut to %q", got)
	}
}
