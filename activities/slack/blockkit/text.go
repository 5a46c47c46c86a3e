package blockkit

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Text is a line of a message. The zero Text is empty.
type Text struct{ spans []span }

type kind int

const (
	words   kind = iota // ours, or outside text that goes into plain_text only
	quoted              // outside text, in code style
	bold                // ours, bold
	literal             // a token that Slack reads; never cut
	code                // several lines in code style, their indentation kept
)

type span struct {
	kind  kind
	text  string // raw, or for a literal what plain text shows
	token string // a literal as Slack reads it
}

// Say is the product's own wording. Text from outside goes through Quote, or
// through Say only where the Text ends up in plain_text.
func Say(s string) Text { return Text{[]span{{kind: words, text: Visible(s)}}}.keepSpaces(s) }

// Sayf is Say with a format.
func Sayf(format string, args ...any) Text { return Say(fmt.Sprintf(format, args...)) }

// Bold is the product's own wording in bold.
func Bold(s string) Text { return Text{[]span{{kind: bold, text: Visible(s)}}} }

// Quote is text from outside, in code style: nothing in it is read as a link, a
// mention or a format. Empty text is shown as (empty).
func Quote(s string) Text { return QuoteOr(s, "(empty)") }

// QuoteOr is Quote with what to show for empty text.
func QuoteOr(s, empty string) Text {
	v := Visible(s)
	if v == "" {
		return Say(empty)
	}
	return Text{[]span{{kind: quoted, text: v}}}
}

// Code is text of several lines, such as YAML, as a block in code style with its
// indentation: nothing in it is read as a link, a mention or a format.
func Code(s string) Text {
	var lines []string
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, "\r\n")
		indent := len(line) - len(strings.TrimLeft(line, " "))
		lines = append(lines, line[:indent]+Visible(line))
	}
	text := strings.Trim(strings.Join(lines, "\n"), "\n")
	if strings.TrimSpace(text) == "" {
		return Text{}
	}
	return Text{[]span{{kind: code, text: text}}}
}

// Subject quotes a subject, or says that there is none.
func Subject(s string) Text { return QuoteOr(s, "(no subject)") }

var safeURL = regexp.MustCompile(`^https://[^\s<>|"` + "`" + `]+$`)

// Link is a link of ours with a label of ours. An address that is not plain
// https, or too long, leaves only the label.
func Link(url, label string) Text {
	if !safeURL.MatchString(url) || units(url) > MaxURL/2 {
		return Say(label)
	}
	return Text{[]span{{kind: literal, text: Visible(label), token: "<" + escape(url) + "|" + escape(Visible(label)) + ">"}}}
}

var userID = regexp.MustCompile(`^[UW][A-Z0-9]{2,20}$`)

// Mention names a Slack user; anything that is not a user id is quoted.
func Mention(id string) Text {
	if !userID.MatchString(id) {
		return Quote(id)
	}
	return Text{[]span{{kind: literal, text: id, token: "<@" + id + ">"}}}
}

var groupID = regexp.MustCompile(`^S[A-Z0-9]{2,20}$`)

// MentionGroup notifies a Slack user group; anything that is not a group id is nothing.
func MentionGroup(id string) Text {
	if !groupID.MatchString(id) {
		return Text{}
	}
	return Text{[]span{{kind: literal, text: id, token: "<!subteam^" + id + ">"}}}
}

// Channel names a Slack channel by id; anything else is quoted.
func Channel(id string) Text {
	if !channelID.MatchString(id) {
		return Quote(id)
	}
	return Text{[]span{{kind: literal, text: id, token: "<#" + id + ">"}}}
}

var channelID = regexp.MustCompile(`^[CGD][A-Z0-9]{2,20}$`)

// Clock shows a time of day in the reader's zone, in UTC where Slack cannot.
func Clock(t time.Time) Text { return date(t, "{time}", "15:04 UTC") }

// Moment shows day and time in the reader's zone, in UTC where Slack cannot.
func Moment(t time.Time) Text { return date(t, "{date_short_pretty} {time}", "2006-01-02 15:04 UTC") }

// Due shows a moment and how far away it is, both by the reader's clock, so that
// neither goes stale; without the day where it is today.
func Due(t time.Time, today bool) Text {
	if today {
		return date(t, "{time} ({ago})", "15:04 UTC")
	}
	return date(t, "{date_short_pretty} {time} ({ago})", "2006-01-02 15:04 UTC")
}

// date is https://docs.slack.dev/messaging/formatting-message-text#date-formatting
func date(t time.Time, format, layout string) Text {
	if t.IsZero() {
		return Say("(time not known)")
	}
	shown := t.UTC().Format(layout)
	return Text{[]span{{kind: literal, text: shown, token: fmt.Sprintf("<!date^%d^%s|%s>", t.Unix(), format, shown)}}}
}

// Then joins texts without anything between them.
func (t Text) Then(more ...Text) Text {
	spans := append([]span(nil), t.spans...)
	for _, m := range more {
		spans = append(spans, m.spans...)
	}
	return Text{spans}
}

// Join puts a separator of ours between texts, leaving out empty ones.
func Join(separator string, texts ...Text) Text {
	var out Text
	for _, t := range texts {
		if t.IsEmpty() {
			continue
		}
		if len(out.spans) > 0 {
			out.spans = append(out.spans, span{kind: words, text: separator})
		}
		out = out.Then(t)
	}
	return out
}

// Lines puts each text on a line of its own, leaving out empty ones.
func Lines(texts ...Text) Text { return Join("\n", texts...) }

// Cut shortens outside text to at most limit characters, before it is put beside others.
func Cut(s string, limit int) string {
	v := Visible(s)
	if units(v) <= limit {
		return v
	}
	return clip(v, limit-1, units) + "…"
}

// Size is how many characters outside text takes, as Slack counts them: after escaping.
func Size(s string) int { return units(escape(Visible(s))) }

// CutTo shortens outside text to at most limit characters as Slack counts them, so
// that what stands beside it keeps its room.
func CutTo(s string, limit int) string {
	v := Visible(s)
	if Size(v) <= limit {
		return v
	}
	return clip(v, limit-1, escaped) + "…"
}

// CutAddress shortens a mail address to at most limit characters as Slack counts
// them. It keeps the end, which says whose address it is: jane.doe.con…@evil.test, and
// of a domain that is too long the last part.
func CutAddress(s string, limit int) string {
	v := Visible(s)
	if Size(v) <= limit {
		return v
	}
	if at := strings.LastIndexByte(v, '@'); at > 0 {
		if room := limit - Size(v[at:]) - units(ellipsis); room > 0 {
			return clip(v[:at], room, escaped) + ellipsis + v[at:]
		}
	}
	return ellipsis + lastOf(v, limit-units(ellipsis))
}

// lastOf is the longest end of whole characters that takes at most limit.
func lastOf(s string, limit int) string {
	from := len(s)
	for from > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:from])
		if limit -= escaped(string(r)); limit < 0 {
			break
		}
		from -= size
	}
	return s[from:]
}

func escaped(s string) int { return units(escape(s)) }

// IsEmpty says that the text shows nothing.
func (t Text) IsEmpty() bool {
	for _, s := range t.spans {
		if s.text != "" {
			return false
		}
	}
	return true
}

// onlyWords says that nothing in the text needs a format.
func (t Text) onlyWords() bool {
	for _, s := range t.spans {
		if s.kind != words {
			return false
		}
	}
	return true
}

// keepSpaces restores the spaces around our own wording, which joins words across spans.
func (t Text) keepSpaces(s string) Text {
	if strings.TrimSpace(s) == "" {
		t.spans[0].text = strings.Repeat(" ", min(len(s), 2))
		return t
	}
	if strings.HasPrefix(s, " ") {
		t.spans[0].text = " " + t.spans[0].text
	}
	if strings.HasSuffix(s, " ") {
		t.spans[0].text += " "
	}
	return t
}
