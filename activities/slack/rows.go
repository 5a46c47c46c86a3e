package slack

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// exposure says who sent it, who reported it, and who can be hurt.
func (v view) exposure() blockkit.Text {
	f := v.c.Finding
	return v.judged(sentences(v.who(), v.path(), reported(f), v.volume(), exposure(f), carried(f.Evidence)))
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
	people, span := plural(c.Reporters, "person", "people"), reportSpan(f.Evidence)
	switch {
	case c.Reporters == 0:
		return reports(c) + simulations(c)
	case c.Phish > 0 && c.Spam > 0:
		return fmt.Sprintf("%d reports by %s%s: %d phish, %d spam", c.Phish+c.Spam, people, span, c.Phish, c.Spam) + simulations(c)
	case c.Phish+c.Spam != c.Reporters:
		return reports(c) + " by " + people + span + simulations(c)
	case c.Phish > 0:
		return people + " reported phish" + span + simulations(c)
	}
	return people + " reported spam" + span + simulations(c)
}

// volume is how many mails a burst is, "212 mails in 24 h, usual 14", where no fact below
// says so, and what of them the next sentence speaks of.
func (v view) volume() string {
	f := v.c.Finding
	c, n := f.Candidate.Counts, len(f.MessageIDs())
	if c.Sent == 0 {
		return ""
	}
	fewer := n > 0 && n < c.Sent && partly(f.Evidence) == ""
	switch told := v.tellsVolume(); {
	case told && fewer:
		return fmt.Sprintf("%d of its mails were looked at", n)
	case told:
		return ""
	}
	s := plural(c.Sent, "mail", "mails")
	if d := f.Window.Length(); d > 0 {
		s += " in " + roughly(d)
	}
	s += fmt.Sprintf(", usual %d", c.Usual)
	if fewer {
		s += fmt.Sprintf(". Of these, %d were looked at", n)
	}
	return s
}

// tellsVolume says that a fact on the card counts the mails of a burst and the usual ones.
func (v view) tellsVolume() bool {
	c := v.c.Finding.Candidate.Counts
	return slices.ContainsFunc(v.strongest(), func(fact string) bool {
		return strings.HasPrefix(fact, plural(c.Sent, "mail", "mails")) && strings.Contains(fact, fmt.Sprintf("usual %d", c.Usual))
	})
}

func simulations(c soar.Counts) string {
	if c.Simulations == 0 {
		return ""
	}
	return fmt.Sprintf(" (and %s of an attack simulation)", plural(c.Simulations, "report", "reports"))
}

// reportSpan is how long the reports took to come in, " within 42 min".
func reportSpan(e soar.Evidence) string {
	first, last := between(e, func(m soar.Message) time.Time { return m.ReportedAt })
	if d := last.Sub(first); d >= time.Minute {
		return " within " + roughly(d)
	}
	return ""
}

// between are the first and the last of some time of the messages, zero where none has it.
func between(e soar.Evidence, of func(soar.Message) time.Time) (first, last time.Time) {
	for _, m := range e.Messages {
		at := of(m)
		if at.IsZero() {
			continue
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	return first, last
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

// partly says of how many mails the case holds some only, "Of 300 mails, 30 looked at".
func partly(e soar.Evidence) string {
	if n := len(e.Messages); n > 0 && n < e.Total {
		return fmt.Sprintf("Of %d mails, %d looked at", e.Total, n)
	}
	return ""
}

// exposure says what is known of the mails that were looked at, and of how many that is.
func exposure(f soar.Finding) string {
	s := exposed(f.Exposure)
	if of := partly(f.Evidence); of != "" {
		return of + ": " + lowerFirst(s)
	}
	return s
}

func lowerFirst(s string) string { return strings.ToLower(s[:min(1, len(s))]) + s[min(1, len(s)):] }

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

// inInbox says what is still there, or only what was delivered there, where it is not
// logged what became of mail after its delivery.
func inInbox(e soar.Exposure) string {
	switch {
	case e.InInbox == 0:
		return "none in inbox"
	case !e.MovesKnown && e.Removed == 0:
		return fmt.Sprintf("%d delivered to inbox", min(e.InInbox, e.Recipients))
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

// carried says that there is nothing to click, where every mail is known whole.
func carried(e soar.Evidence) string {
	if !e.Whole() {
		return ""
	}
	for _, m := range e.Messages {
		if m.Orphan || m.URLCount > 0 || m.AttachmentCount > 0 {
			return ""
		}
	}
	return "No link, no attachment"
}

// maxWhy is how much of it a card shows; the evidence has all of it.
const maxWhy = 400

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
		if cure := cureOf(j, g); cure != "" && !strings.Contains(j.Reason, cure) {
			parts = append(parts, "Cure for "+string(g.Guard)+": "+cure)
			break // the others stand in the evidence
		}
	}
	return v.judged(blockkit.Cut(sentences(parts...), maxWhy))
}

// inDoubt are guards that hold mail which may be an attacker's.
var inDoubt = []soar.Guard{soar.GuardAuthentication, soar.GuardPath, soar.GuardLookalike, soar.GuardVerdict, soar.GuardCompromise}

// cureOf is the cure of a guard as far as people are to read it. Cures let such mail pass
// in future: of mail in doubt, or of a HIGH case, that would help an attacker in. A relay
// that nothing else speaks against is told how to pass authentication, and what answers an
// account in foreign hands stands always.
func cureOf(j soar.Judgement, g soar.GuardHit) string {
	doubt := slices.ContainsFunc(j.Guards, func(held soar.GuardHit) bool {
		own := held.Guard == g.Guard && g.Guard == soar.GuardAuthentication
		return !own && slices.Contains(inDoubt, held.Guard) || strings.Contains(held.Detail, "looks like") // of a link's host
	})
	if g.Guard != soar.GuardCompromise && (doubt || j.Severity == soar.SeverityHigh) {
		return ""
	}
	return g.Cure
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

// addresses shows both sender addresses where they are the same, or one is not known.
func (v view) addresses() blockkit.Text {
	p1, p2 := distinctAddresses(v.c.Finding)
	switch {
	case differ(v.c.Finding):
		return blockkit.Text{}
	case len(p1) == 0 || len(p2) == 0:
		return blockkit.Say("Envelope ").Then(quoteAll(p1), blockkit.Say(", From "), quoteAll(p2))
	}
	return blockkit.Say("Envelope and From: ").Then(quoteAll(p2))
}

// forged warns where the two sender addresses differ, since either can be the forged one.
func (v view) forged() blockkit.Text {
	if !differ(v.c.Finding) {
		return blockkit.Text{}
	}
	p1, p2 := distinctAddresses(v.c.Finding)
	return blockkit.Bold("⚠ P1 and P2 differ:").Then(blockkit.Say(" envelope "), quoteAll(p1), blockkit.Say(", From "), quoteAll(p2))
}

// differ says that some mail has another From than its envelope. What the report of a
// mail that never arrived leaves empty is not known.
func differ(f soar.Finding) bool {
	for _, m := range f.Evidence.Messages {
		known := !m.Orphan || m.P1 != "" && m.P2 != ""
		if known && plain(m.P1) != plain(m.P2) {
			return true
		}
	}
	if len(f.Evidence.Messages) > 0 || f.Candidate.SenderIs == soar.P1 {
		return false
	}
	for _, p1 := range f.Candidate.P1 {
		if plain(p1) != plain(f.Candidate.Sender) {
			return true
		}
	}
	return false
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
		out = append(out, blockkit.QuoteOr(blockkit.CutAddress(a, 2*maxAddress), "(empty)"))
	}
	return blockkit.Join(", ", out...)
}

// distinctAddresses are envelope and From addresses as they were written, each
// once however it is capitalised.
func distinctAddresses(f soar.Finding) (p1, p2 []string) {
	var envelopes, froms []string
	for _, m := range f.Evidence.Messages {
		if m.P1 != "" || !m.Orphan {
			envelopes = append(envelopes, m.P1)
		}
		if m.P2 != "" || !m.Orphan {
			froms = append(froms, m.P2)
		}
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
