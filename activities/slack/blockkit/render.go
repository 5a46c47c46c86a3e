package blockkit

import (
	"strings"
	"unicode/utf16"
)

// Markdown renders for a mrkdwn text object, at most limit characters.
func (t Text) Markdown(limit int) string { return t.render(limit, true) }

// Plain renders for a plain_text object, at most limit characters.
func (t Text) Plain(limit int) string { return t.render(limit, false) }

const ellipsis = "…"

func (t Text) render(limit int, markdown bool) string {
	var b strings.Builder
	left := limit
	for i, s := range t.spans {
		reserve := 0
		if i < len(t.spans)-1 {
			reserve = units(ellipsis)
		}
		whole := s.whole(markdown)
		if units(whole) <= left-reserve {
			b.WriteString(whole)
			left -= units(whole)
			continue
		}
		if part := s.part(left, markdown); part != "" {
			b.WriteString(part)
		}
		break
	}
	return b.String()
}

func (s span) whole(markdown bool) string {
	if s.kind == literal && markdown {
		return s.token
	}
	open, shut := s.wrap(markdown)
	return open + escape(s.text) + shut
}

func (s span) wrap(markdown bool) (open, shut string) {
	switch {
	case !markdown || s.text == "":
		return "", ""
	case s.kind == quoted:
		return "`", "`"
	case s.kind == code:
		return "```\n", "\n```"
	case s.kind == bold:
		return "*", "*"
	}
	return "", ""
}

// part is as much of the span as fits, closed, with an ellipsis; a token is never cut.
func (s span) part(limit int, markdown bool) string {
	if limit < units(ellipsis) {
		return ""
	}
	open, shut := s.wrap(markdown)
	room := limit - units(open+shut+ellipsis)
	if s.kind == literal || room < 1 {
		return ellipsis
	}
	cut := clip(s.text, room, escaped)
	if cut == "" {
		return ellipsis
	}
	return open + escape(cut) + ellipsis + shut
}

// clip is the longest prefix of whole characters whose size is at most limit.
func clip(s string, limit int, size func(string) int) string {
	used := 0
	for i, r := range s {
		used += size(string(r))
		if used > limit {
			return s[:i]
		}
	}
	return s
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escape is https://docs.slack.dev/messaging/formatting-message-text#escaping
func escape(s string) string { return escaper.Replace(s) }

// units counts UTF-16 code units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}
