package slack

import (
	"fmt"
	"strings"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// messages shows some of the messages, newest first, and on the last of them counts
// those that the case does not hold.
func (v view) messages(b *blockkit.Blocks, from, to int) {
	e := v.c.Finding.Evidence
	if e.Missing != "" {
		b.Plain(v.judged("Evidence is not whole: " + e.Missing))
	}
	for i, m := range e.Messages[from:to] {
		if i > 0 {
			b.Divider()
		}
		v.message(b, m)
	}
	if more := e.Total - len(e.Messages); more > 0 && to == len(e.Messages) {
		b.Plain(blockkit.Sayf("The case does not hold %s more; the hunt's query has them.", plural(more, "message", "messages")))
	}
}

func (v view) message(b *blockkit.Blocks, m soar.Message) {
	b.Section(blockkit.Subject(blockkit.Cut(m.Subject, maxFieldValue)).Then(blockkit.Say(" "), blockkit.Moment(m.Time),
		blockkit.Say(" "), portal(v.links.Message(m), "open")))
	b.Fields(
		addressOf(m, "From", m.P2), addressOf(m, "Envelope", m.P1), quoted("Name", m.DisplayName),
		fact("Direction", direction(m)), fact("Came", pathWords(soar.PathOf(m).String())), quoted("IP", m.IP),
		fact("Authentication", authentication(m.Auth)), fact("Reported", reportsOf(m)),
		recipients(m), quoted("Link hosts", some(defanged(m.URLHosts), m.URLCount > len(m.URLHosts))),
		quoted("Attachments", some(m.AttachmentTypes, m.AttachmentCount > len(m.AttachmentTypes))),
		fact("Delivery", m.Delivery), fact("Verdict at delivery", m.ThreatTypes),
		fact("Object id", m.ObjectID), quoted("Client", m.ClientHost()),
		quoted("Internet message id", m.InternetMessageID), fact("Network message id", m.NetworkMessageID),
	)
}

func portal(url, label string) blockkit.Text {
	if url == "" {
		return blockkit.Text{}
	}
	return blockkit.Link(url, label)
}

func address(name, address string) blockkit.Text {
	if soar.IsNullSender(address) {
		return fact(name, "null sender")
	}
	return quoted(name, address)
}

// addressOf is an address of a mail; what a report did not say of a mail that never
// arrived is not known, and no null sender.
func addressOf(m soar.Message, name, value string) blockkit.Text {
	if m.Orphan && value == "" {
		return fact(name, "not known")
	}
	return address(name, value)
}

func orNamed(s, empty string) string {
	if s == "" {
		return empty
	}
	return s
}

func direction(m soar.Message) string {
	if m.Orphan {
		return "not known: the mail row never arrived"
	}
	return m.Direction
}

// authentication writes all four checks, a missing one as not evaluated.
func authentication(a soar.Authentication) string {
	write := func(name string, r soar.AuthResult) string {
		if r == soar.AuthNotEvaluated {
			return name + " not evaluated"
		}
		return name + " " + string(r)
	}
	return strings.Join([]string{write("SPF", a.SPF), write("DKIM", a.DKIM), write("DMARC", a.DMARC), write("CompAuth", a.CompAuth)}, ", ")
}

func reportsOf(m soar.Message) string {
	s := fmt.Sprintf("%d phish, %d spam", m.Phish, m.Spam)
	if len(m.Reporters) > 0 {
		s += " by " + some(m.Reporters, false)
	}
	if m.Simulations > 0 {
		s += fmt.Sprintf(", %d of a simulation", m.Simulations)
	}
	if m.AdminReports > 0 {
		s += fmt.Sprintf(", %d by admins", m.AdminReports)
	}
	return s
}

// maxRecipients are written out, each on a line of its own: as many as fit a field.
const maxRecipients = 10

func recipients(m soar.Message) blockkit.Text {
	count := fmt.Sprintf("Recipients: %d", m.RecipientCount)
	if m.NewRecipients > 0 {
		count += fmt.Sprintf(" (%d new)", m.NewRecipients)
	}
	lines := []blockkit.Text{blockkit.Say(count)}
	shown := m.Recipients[:min(len(m.Recipients), maxRecipients)]
	for _, r := range shown {
		lines = append(lines, blockkit.Quote(blockkit.CutAddress(r, 2*maxAddress)))
	}
	if more := max(m.RecipientCount, len(m.Recipients)) - len(shown); more > 0 && len(shown) > 0 {
		lines = append(lines, blockkit.Sayf("and %d more", more))
	}
	return blockkit.Lines(lines...)
}
