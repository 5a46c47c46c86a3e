package slack

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// exposure says who sent it, who reported it, and who can be hurt.
func (v view) exposure() blockkit.Text {
	f := v.c.Finding
	return v.judged(sentences(v.who(), v.path(), reported(f), volume(f), exposed(f.Exposure), carried(f.Evidence)))
}

func sentences(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, strings.TrimSuffix(p, ".")+".")
		}
	}
	return strings.Join(out, " ")
}

func parenthesis(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func newestIP(e soar.Evidence) string {
	if len(e.Messages) == 0 || e.Messages[0].IP == "" {
		return ""
	}
	return ", " + e.Messages[0].IP
}

func reported(f soar.Finding) string {
	c := f.Candidate.Counts
	if c.Phish+c.Spam == 0 && c.Submissions == 0 && c.Sent > 0 {
		return "No report yet" + simulations(c)
	}
	if c.Phish+c.Spam == 0 {
		return plural(c.Submissions, "report", "reports") + simulations(c)
	}
	what := "phish"
	switch {
	case c.Phish == 0:
		what = "spam"
	case c.Spam > 0:
		what = fmt.Sprintf("it (%d phish, %d spam)", c.Phish, c.Spam)
	}
	if c.Reporters == 0 {
		return reports(c) + simulations(c)
	}
	return plural(c.Reporters, "person", "people") + " reported " + what + reportSpan(f.Evidence) + simulations(c)
}

// volume is how many mails a burst is, "212 mails in 24 h, usual 14", and what of
// them the next sentence speaks of.
func volume(f soar.Finding) string {
	c := f.Candidate.Counts
	if c.Sent == 0 {
		return ""
	}
	s := plural(c.Sent, "mail", "mails")
	if d := f.Window.Length(); d > 0 {
		s += " in " + roughly(d)
	}
	s += fmt.Sprintf(", usual %d", c.Usual)
	if n := len(f.MessageIDs()); n > 0 && n < c.Sent {
		s += fmt.Sprintf(". Of these, %d were looked at", n)
	}
	return s
}

func simulations(c soar.Counts) string {
	if c.Simulations == 0 {
		return ""
	}
	return fmt.Sprintf(" (and %s of an attack simulation)", plural(c.Simulations, "report", "reports"))
}

// reportSpan is how long the reports took to come in, " within 42 min".
func reportSpan(e soar.Evidence) string {
	var first, last time.Time
	for _, m := range e.Messages {
		if m.ReportedAt.IsZero() {
			continue
		}
		if first.IsZero() || m.ReportedAt.Before(first) {
			first = m.ReportedAt
		}
		if m.ReportedAt.After(last) {
			last = m.ReportedAt
		}
	}
	if d := last.Sub(first); d >= time.Minute {
		return " within " + roughly(d)
	}
	return ""
}

// roughly writes a span in its largest unit: 42 min, 5 h, 6 days.
func roughly(d time.Duration) string {
	switch {
	case d < 90*time.Minute:
		return fmt.Sprintf("%d min", d.Round(time.Minute)/time.Minute)
	case d < 36*time.Hour:
		return fmt.Sprintf("%d h", d.Round(time.Hour)/time.Hour)
	}
	return fmt.Sprintf("%d days", d.Round(24*time.Hour)/(24*time.Hour))
}

// reports counts for a notification: "7 phish reports", "1 spam report", or the
// mails of a burst that nobody has reported.
func reports(c soar.Counts) string {
	switch {
	case c.Phish+c.Spam+c.Submissions == 0 && c.Sent > 0:
		return fmt.Sprintf("%s, usual %d", plural(c.Sent, "mail", "mails"), c.Usual)
	case c.Phish > 0 && c.Spam > 0:
		return fmt.Sprintf("%d phish and %s", c.Phish, plural(c.Spam, "spam report", "spam reports"))
	case c.Phish > 0:
		return plural(c.Phish, "phish report", "phish reports")
	case c.Spam > 0:
		return plural(c.Spam, "spam report", "spam reports")
	}
	return plural(c.Submissions, "report", "reports")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func exposed(e soar.Exposure) string {
	if !e.Known {
		return "Recipients, inboxes and clicks are not known"
	}
	s := fmt.Sprintf("Sent to %d, %s, %s", e.Recipients, inInbox(e), clicks(e))
	if e.Removed > 0 {
		s += fmt.Sprintf(", %d removed", e.Removed)
	}
	if e.LaterVerdict != "" {
		s += ". Verdict after delivery: " + e.LaterVerdict
	}
	return s
}

func inInbox(e soar.Exposure) string {
	switch {
	case e.InInbox == 0:
		return "none in inbox"
	case e.InInbox < e.Recipients:
		return fmt.Sprintf("%d still in inbox", e.InInbox)
	case e.Recipients == 1:
		return "still in inbox"
	}
	return "all still in inbox"
}

// clicks says how many clicked, and never 0 where clicks are not logged.
func clicks(e soar.Exposure) string {
	if !e.ClicksKnown && e.Clicked == 0 {
		return "clicks not known"
	}
	return fmt.Sprintf("%d clicked", e.Clicked)
}

func carried(e soar.Evidence) string {
	links, files := 0, 0
	for _, m := range e.Messages {
		links, files = links+m.URLCount, files+m.AttachmentCount
	}
	if len(e.Messages) == 0 || links > 0 || files > 0 {
		return ""
	}
	return "No link, no attachment"
}

// whyNotHidden names the nearest rule and the guards that held, in the judge's
// words where they say it already.
func (v view) whyNotHidden() blockkit.Text {
	j := v.c.Judgement
	parts := []string{j.Reason}
	if j.Rule != "" && !strings.Contains(j.Reason, j.Rule) {
		parts = append(parts, "Nearest rule: "+j.Rule)
	}
	if names := guardNames(j.GuardNames()); names != "" && !namesAny(j.Reason, j.Guards) {
		parts = append(parts, "Held by: "+names)
	}
	for _, g := range j.Guards {
		if g.Cure != "" && !strings.Contains(j.Reason, g.Cure) {
			parts = append(parts, "Cure for "+string(g.Guard)+": "+g.Cure)
		}
	}
	return v.judged(blockkit.Cut(sentences(parts...), 1500))
}

func namesAny(reason string, guards []soar.GuardHit) bool {
	for _, g := range guards {
		if strings.Contains(reason, string(g.Guard)) {
			return true
		}
	}
	return false
}

func guardNames(guards []soar.Guard) string {
	names := make([]string, len(guards))
	for i, g := range guards {
		names[i] = string(g)
	}
	return strings.Join(names, ", ")
}

// addresses shows both sender addresses, since either can be the forged one.
func (v view) addresses() blockkit.Text {
	p1, p2 := distinctAddresses(v.c.Finding)
	same := len(p1) == 1 && len(p2) == 1 && soar.FoldASCII(p1[0]) == soar.FoldASCII(p2[0])
	switch {
	case same:
		return blockkit.Say("Envelope and From: ").Then(quoteAll(p2))
	case len(p1) == 0 || len(p2) == 0:
		return blockkit.Say("Envelope ").Then(quoteAll(p1), blockkit.Say(", From "), quoteAll(p2))
	}
	return blockkit.Bold("⚠ P1 and P2 differ:").Then(blockkit.Say(" envelope "), quoteAll(p1), blockkit.Say(", From "), quoteAll(p2))
}

// maxAddresses of each kind are written on the card; the modal shows all.
const maxAddresses = 3

func quoteAll(addresses []string) blockkit.Text {
	if len(addresses) == 0 {
		return blockkit.Say("not known")
	}
	var out []blockkit.Text
	for i, a := range addresses {
		if i == maxAddresses {
			out = append(out, blockkit.Sayf("%d more", len(addresses)-i))
			break
		}
		out = append(out, blockkit.QuoteOr(blockkit.Cut(a, 2*maxAddress), "(empty)"))
	}
	return blockkit.Join(", ", out...)
}

// distinctAddresses are envelope and From addresses as they were written, each
// once however it is capitalised.
func distinctAddresses(f soar.Finding) (p1, p2 []string) {
	var envelopes, froms []string
	for _, m := range f.Evidence.Messages {
		envelopes, froms = append(envelopes, m.P1), append(froms, m.P2)
	}
	if len(f.Evidence.Messages) == 0 {
		envelopes = append(envelopes, f.Candidate.P1...)
		if f.Candidate.SenderIs == soar.P1 {
			envelopes = append(envelopes, f.Candidate.Sender)
		} else {
			froms = append(froms, f.Candidate.Sender)
		}
	}
	return distinct(envelopes), distinct(froms)
}

func distinct(addresses []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, a := range addresses {
		a = strings.TrimSpace(a)
		if folded := soar.FoldASCII(a); !seen[folded] {
			seen[folded] = true
			out = append(out, a)
		}
	}
	sort.Strings(out)
	return out
}
