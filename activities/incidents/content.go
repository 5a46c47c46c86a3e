package incidents

import (
	"fmt"
	"html"
	"strings"
	"time"
	"unicode"

	"harrier/workflows/soar"
)

// Lengths of what is sent. A comment may have 30,000 characters; the service
// states no limit for title and description, so they are kept to a screen.
// https://learn.microsoft.com/en-us/azure/sentinel/sentinel-service-limits
const (
	maxTitle       = 150
	maxDescription = 5000
	maxComment     = 30000
	maxField       = 300
)

func properties(c soar.Case, card string) incidentProperties {
	first, last := activeFrom(c.Finding.Evidence.Messages)
	return incidentProperties{
		Title: title(c), Description: description(c, card), Severity: severity(c.Judgement.Severity), Status: "New",
		Labels: labels(c), FirstActivity: first, LastActivity: last,
	}
}

// severity is Sentinel's word; a case without one is not taken for harmless.
func severity(s soar.Severity) string {
	switch s {
	case soar.SeverityHigh:
		return "High"
	case soar.SeverityLow:
		return "Low"
	}
	return "Medium"
}

func labels(c soar.Case) []label {
	out := []label{{Name: "Harrier", Type: "User"}, {Name: c.Ref.String(), Type: "User"}}
	for _, h := range c.Hunts {
		out = append(out, label{Name: "hunt " + plain(h.Slug, maxField), Type: "User"})
	}
	for _, t := range tactics(c) {
		out = append(out, label{Name: t.tactic, Type: "User"}, label{Name: t.technique, Type: "User"})
	}
	return out
}

// attack is a tactic and a technique of MITRE ATT&CK.
type attack struct{ tactic, technique, name string }

func (a attack) String() string { return a.tactic + " (" + a.technique + " " + a.name + ")" }

// tactics are what a case would be if it is an attack: mail from a mailbox of the tenant
// spreads inside it, mail from outside breaks in, and wears another's name where it
// claims or imitates the tenant. The service derives an incident's own tactics from its
// alerts and takes none, so they are labels.
// https://attack.mitre.org/techniques/T1534, T1566, T1656
func tactics(c soar.Case) []attack {
	switch c.Finding.Candidate.Scope {
	case soar.ScopeIntraOrg:
		return []attack{{"LateralMovement", "T1534", "Internal Spearphishing"}}
	case soar.ScopeClaimsInternal, soar.ScopeImitatesInternal:
		return []attack{{"InitialAccess", "T1566", "Phishing"}, {"DefenseEvasion", "T1656", "Impersonation"}}
	}
	return []attack{{"InitialAccess", "T1566", "Phishing"}}
}

func title(c soar.Case) string {
	counts := c.Finding.Candidate.Counts
	return plain(fmt.Sprintf("User-reported mail from %s: %d phish, %d spam (%s)",
		plain(sender(c), 80), counts.Phish, counts.Spam, c.Ref), maxTitle)
}

func sender(c soar.Case) string {
	if soar.IsNullSender(c.Finding.Candidate.Sender) {
		return "a null sender"
	}
	return c.Finding.Candidate.Sender
}

func description(c soar.Case, card string) string {
	f, j := c.Finding, c.Judgement
	lines := []string{plain(j.Headline, maxField)}
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, name+": "+value)
		}
	}
	add("Case", c.Ref.String())
	add("Card", card)
	add("Sender", fmt.Sprintf("%s (%s, %s), %s", plain(sender(c), maxField), f.Candidate.SenderIs, f.Candidate.Scope, who(f.Profile)))
	add("Reports", reports(f.Candidate.Counts))
	add("Exposure", exposure(f.Exposure))
	for _, t := range tactics(c) {
		add("Tactic", t.String())
	}
	add("Path", plain(j.Path, maxField))
	for _, g := range j.Guards {
		add("Guard", string(g.Guard)+": "+plain(g.Detail, maxField))
	}
	for _, fact := range j.Facts {
		add("Fact", plain(fact, maxField))
	}
	add("Rule", plain(j.Rule, maxField))
	add("Not hidden because", plain(j.Reason, maxField))
	for _, h := range c.Hunts {
		add("Hunt", fmt.Sprintf("%s, window %s", plain(h.Name, maxField), h.Window))
	}
	if d := c.Decision; d != nil {
		add("Decision", d.String())
		add("Reason", plain(d.Reason, maxField))
	}
	if c.Partial {
		lines = append(lines, "The hunt's result was partial: there may be more.")
	}
	return cut(strings.TrimSpace(strings.Join(lines, "\n")), maxDescription)
}

func who(p soar.SenderProfile) string {
	if p.Privileged {
		return string(p.Kind) + ", privileged: " + plain(p.PrivilegedWhy, maxField)
	}
	if p.Kind == "" {
		return string(soar.KindUnknown)
	}
	return string(p.Kind)
}

func reports(n soar.Counts) string {
	return fmt.Sprintf("%d phish and %d spam by %d people, %d messages, %d delivered in the window",
		n.Phish, n.Spam, n.Reporters, n.Messages, n.Delivered)
}

func exposure(e soar.Exposure) string {
	if !e.Known {
		return "not known"
	}
	s := fmt.Sprintf("%d recipients, %d still in inboxes, %d removed, %d clicked", e.Recipients, e.InInbox, e.Removed, e.Clicked)
	if e.LaterVerdict != "" {
		s += ", later verdict " + plain(e.LaterVerdict, maxField)
	}
	return s
}

// evidence is the comment: one item a message, HTML, every field escaped. What
// does not fit is counted.
func evidence(c soar.Case, card string) string {
	messages := c.Finding.Evidence.Messages
	var b strings.Builder
	fmt.Fprintf(&b, "<p>Harrier %s: %d reported messages.", c.Ref, c.Finding.Evidence.Total)
	if card != "" {
		fmt.Fprintf(&b, ` <a href="%s">Card in Slack</a>`, html.EscapeString(card))
	}
	if d := c.Decision; d != nil {
		b.WriteString(" " + field(d.String()))
		if d.Reason != "" {
			b.WriteString(": " + field(d.Reason))
		}
	}
	b.WriteString("</p><ul>")
	shown := 0
	for _, m := range messages {
		item := messageItem(m)
		if b.Len()+len(item) > maxComment-200 {
			break
		}
		b.WriteString(item)
		shown++
	}
	b.WriteString("</ul>")
	if left := max(c.Finding.Evidence.Total, len(messages)) - shown; left > 0 {
		fmt.Fprintf(&b, "<p>%d more are not listed.</p>", left)
	}
	if missing := c.Finding.Evidence.Missing; missing != "" {
		fmt.Fprintf(&b, "<p>The evidence is not whole: %s.</p>", field(missing))
	}
	return b.String()
}

func messageItem(m soar.Message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<li>%s NetworkMessageId <code>%s</code>", m.Time.UTC().Format(time.RFC3339), field(m.NetworkMessageID))
	for _, f := range [...]struct{ name, value string }{
		{"From", m.P2}, {"envelope", m.P1}, {"subject", m.Subject}, {"direction", m.Direction},
		{"connector", m.Connector}, {"IP", m.IP}, {"failed", strings.Join(m.Auth.Failed(), " ")},
		{"URL hosts", strings.Join(m.URLHosts, " ")}, {"attachments", strings.Join(m.AttachmentTypes, " ")},
		{"delivery", m.Delivery},
	} {
		if f.value != "" {
			fmt.Fprintf(&b, ", %s <code>%s</code>", f.name, field(f.value))
		}
	}
	fmt.Fprintf(&b, ", %d recipients, %d phish, %d spam</li>", m.RecipientCount, m.Phish, m.Spam)
	return b.String()
}

// field is a value out of a mail, inside HTML.
func field(s string) string { return html.EscapeString(oneLine(s, maxField)) }

// plain is a value out of a mail where markup may be interpreted: nothing in it
// can begin a tag, a link or an emphasis.
func plain(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("<>[]{}`*|\\\"", r) {
			return -1
		}
		return r
	}, oneLine(s, maxDescription))
	return cut(strings.ReplaceAll(s, "://", "[:]//"), limit)
}

// oneLine drops what is invisible or turns the reading direction.
func oneLine(s string, limit int) string {
	return cut(strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)), " "), limit)
}

func cut(s string, limit int) string {
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return s
}

func activeFrom(messages []soar.Message) (first, last *time.Time) {
	for _, m := range messages {
		if m.Time.IsZero() {
			continue
		}
		t := m.Time.UTC()
		if first == nil || t.Before(*first) {
			first = &t
		}
		if last == nil || t.After(*last) {
			last = &t
		}
	}
	return first, last
}
