package loganalytics

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"harrier/workflows/soar"
)

const (
	// maxMessages is how many reported messages of a finding are carried in detail.
	maxMessages = 30
	// maxNamed is how many messages a hunt may name that looks at mail, not at reports;
	// all of them are carried.
	maxNamed = 50
	// maxEvidenceRows is the take of evidence.kql less the one row that shows a cut.
	maxEvidenceRows = 5000
	// maxIDs bounds the message ids written into one query.
	maxIDs = 20000
)

// QueryEvidence reads the messages behind all candidates in one query and
// assigns them: the reported ones, and those that a hunt of the mail itself
// named though nobody reported them. Evidence that is not whole says so: a list shorter than its
// total, or Missing.
func (c *Client) QueryEvidence(ctx context.Context, in soar.EvidenceRequest) (soar.EvidenceSet, error) {
	set, err := c.queryEvidence(ctx, in)
	return set, c.classify(ctx, operation("evidence", in.Run.Hunt.Slug), err)
}

func (c *Client) queryEvidence(ctx context.Context, in soar.EvidenceRequest) (soar.EvidenceSet, error) {
	if len(in.Candidates) == 0 {
		return soar.EvidenceSet{}, nil
	}
	query, err := evidenceQuery(in)
	if err != nil {
		return soar.EvidenceSet{}, final(ErrTypeHuntSettings, "%s", err)
	}
	a, err := c.run(ctx, in.Run.Workspace, ask{query, timespan(in.Run.Hunt, in.Run.Window)})
	if err != nil {
		return soar.EvidenceSet{}, err
	}
	if column := a.missing("MessageId", "P1", "P2", "EmailDirection", "Orphan", "ReportedAt"); column != "" {
		return soar.EvidenceSet{}, fmt.Errorf("%w with column %s", errMalformed, column)
	}
	if len(a.rows) > maxEvidenceRows {
		a.partial = join(a.partial, fmt.Sprintf("more than %d reported messages; hunt a shorter window", maxEvidenceRows))
	}
	messages := make([]found, len(a.rows))
	for i := range a.rows {
		messages[i] = c.readMessage(a.row(i))
	}
	return fit(in.Run.Hunt.Slug, []int{mostMessages(in.Run.Hunt), 10, 3, 1}, func(limit int) soar.EvidenceSet {
		set := assign(in.Candidates, messages, a.partial, limit)
		set.Stats = a.stats
		return set
	})
}

// namesMail says that a hunt names messages that it found in the mail itself, so
// that nobody need have reported them.
func namesMail(h soar.Hunt) bool {
	return h.Settings.Columns.Messages != "" && h.Settings.Subject != "CloudAppEvents"
}

func mostMessages(h soar.Hunt) int {
	if namesMail(h) {
		return maxNamed
	}
	return maxMessages
}

func evidenceQuery(in soar.EvidenceRequest) (string, error) {
	var p1, p2, ids, mail []string
	for _, c := range in.Candidates {
		if namesMail(in.Run.Hunt) {
			mail = append(mail, writableOnly(c.Messages)...)
		}
		switch {
		case soar.IsNullSender(c.Sender) && len(c.Messages) == 0:
			p1, p2 = appendFor(c.SenderIs, p1, p2, "", "<>")
		case soar.IsNullSender(c.Sender), c.Scope == soar.ScopeOrphan, !plainAddress(c.Sender):
			// The text of an odd sender is cut, trimmed or not writable: its ids find its messages.
			ids = append(ids, writableOnly(c.Messages)...)
		}
		if !soar.IsNullSender(c.Sender) && writable(c.Sender) {
			p1, p2 = appendFor(c.SenderIs, p1, p2, normal(c.Sender))
		}
	}
	ids, mail = ids[:min(len(ids), maxIDs)], mail[:min(len(mail), maxIDs)]
	var front lets
	reportedLets(&front, in.Run)
	front.strings("P1Senders", p1)
	front.strings("P2Senders", p2)
	front.strings("MessageIds", ids)
	front.strings("MailIds", mail)
	text, err := front.text()
	return text + reportedKQL + evidenceKQL, err
}

func appendFor(kind soar.AddressKind, p1, p2 []string, values ...string) ([]string, []string) {
	if kind == soar.P1 {
		return append(p1, values...), p2
	}
	return p1, append(p2, values...)
}

func writableOnly(values []string) []string {
	var out []string
	for _, v := range values {
		if writable(v) {
			out = append(out, v)
		}
	}
	return out
}

// spaces are what \s is in a query's pattern. Spaces of other scripts are part of
// an address that only looks like another.
const spaces = " \t\n\f\r"

// normal is the form in which addresses are compared, the same as in the queries.
func normal(address string) string { return strings.ToLower(strings.Trim(address, spaces)) }

// found is a reported message with what assigning needs.
type found struct {
	soar.Message
	scope soar.Scope
	// lost says that links or attachments are known to exist but not which.
	lost string
}

func (c *Client) readMessage(r row) found {
	m := soar.Message{
		NetworkMessageID:  cut(r.text("MessageId"), maxAddress),
		InternetMessageID: cut(r.text("InternetMessageId"), maxText),
		Time:              r.time("MailAt"),
		P1:                cutAddress(r.text("P1")),
		P2:                cutAddress(r.text("P2")),
		DisplayName:       cut(r.text("SenderDisplayName"), maxText),
		ObjectID:          strings.ToLower(cut(r.text("SenderObjectId"), maxAddress)),
		Subject:           cut(r.text("Subject"), maxText),
		Direction:         r.text("EmailDirection"),
		Connector:         cut(r.text("Connectors"), maxText),
		IP:                cut(r.text("IP"), maxAddress),
		Auth:              soar.ParseAuthentication(r.text("AuthenticationDetails")),
		Recipients:        keep(r.list("Recipients"), 20, maxAddress),
		RecipientCount:    r.number("RecipientCount"),
		URLHosts:          keep(r.list("UrlHosts"), 100, maxAddress),
		AttachmentTypes:   keep(r.list("AttachmentTypes"), 50, 50),
		URLCount:          r.number("UrlCount"),
		AttachmentCount:   r.number("AttachmentCount"),
		Reporters:         keep(r.list("Reporters"), 10, maxAddress),
		ReporterAddresses: keep(reporterAddresses(r.list("ReporterUsers"), r.text("SenderObjectId")), 10, maxAddress),
		Phish:             r.number("Phish"),
		Spam:              r.number("Spam"),
		Simulations:       r.number("Simulations"),
		AdminReports:      r.number("AdminReports"),
		ReportedAt:        r.time("ReportedAt"),
		ThreatTypes:       cut(r.text("ThreatTypes"), maxText),
		Delivery:          delivery(r.text("DeliveryAction"), r.text("DeliveryLocation")),
		Orphan:            r.bool("Orphan"),
	}
	m.IP = foldIP(m.IP, m.Direction, m.Connector)
	return found{Message: m, scope: scopeOf(m, r.text("P2"), c.cfg.Tenant()), lost: lost(m, r)}
}

// reporterAddresses reads who reported a message, each as object id and user. What the
// log has for a user that is no address is left out, and so is the sender: whoever has
// taken an account over can report its mail.
func reporterAddresses(users []string, sender string) []string {
	var out []string
	for _, u := range users {
		id, address, _ := strings.Cut(strings.ToLower(u), "|")
		self := sender != "" && id == strings.ToLower(sender)
		if local, domain, _ := strings.Cut(address, "@"); local != "" && domain != "" && plainAddress(address) && !self {
			out = append(out, address)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func delivery(action, location string) string {
	if action == "" && location == "" {
		return ""
	}
	return action + "/" + location
}

// lost says what a message carries that the detail tables do not show: a link
// whose host is not known is not a link inside the envelope.
func lost(m soar.Message, r row) string {
	links, files := r.number("UrlRows"), r.number("AttachmentRows")
	switch {
	case m.URLCount > links:
		return fmt.Sprintf("a message has %d links and EmailUrlInfo shows %d of them", m.URLCount, links)
	case len(r.list("UrlHosts")) > len(m.URLHosts):
		return "a message has more link hosts than are carried"
	case m.AttachmentCount > files:
		return fmt.Sprintf("a message has %d attachments and EmailAttachmentInfo shows %d of them", m.AttachmentCount, files)
	case len(r.list("AttachmentTypes")) > len(m.AttachmentTypes):
		return "a message has more attachment types than are carried"
	}
	return ""
}

// scopeOf says in which scope a message belongs, as internal-senders does. from
// is the From as the log has it, before anything was cut.
func scopeOf(m soar.Message, from string, t soar.Tenant) soar.Scope {
	switch {
	case m.Orphan:
		return soar.ScopeOrphan
	case strings.EqualFold(m.Direction, soar.DirectionIntraOrg):
		return soar.ScopeIntraOrg
	}
	return outsideScope(from, t)
}
