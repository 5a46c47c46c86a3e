package suppressions

import (
	"fmt"
	"slices"
	"strings"

	"harrier/workflows/soar"
)

// pathGuard: mail that came by no path a rule can trust, by several paths, by
// another path than the sender's past, or than every rule that knows the sender.
func pathGuard(in *inspection) (detail, cure string) {
	if paths := pathsOf(in.finding.Evidence.Messages); len(paths) > 1 {
		return fmt.Sprintf("mail came by %d paths: %s", len(paths), listed(paths)), ""
	}
	if detail := in.each(noPath); detail != "" {
		return detail, ""
	}
	if in.comparable() {
		if detail := in.each(in.pathUnseen); detail != "" {
			return detail, ""
		}
	}
	return in.pathUnknownToRules(), ""
}

func noPath(m *soar.Message) string {
	switch {
	case soar.PathOf(*m).Kind != soar.PathDirect:
		return ""
	case m.Direction == soar.DirectionIntraOrg && m.ObjectID != "":
		return "checked as mail from outside, no connector" + strings.TrimSuffix(", "+m.IP, ", ")
	case m.Direction == soar.DirectionIntraOrg:
		return "neither an account nor a connector behind it"
	}
	return "from outside, no connector" + strings.TrimSuffix(", "+m.IP, ", ")
}

func (in *inspection) pathUnseen(m *soar.Message) string {
	past := in.finding.Past
	if why := in.unseen(past.Connectors, m.Connector); why != "" {
		if m.Connector != "" {
			return fmt.Sprintf("connector %q, %s", m.Connector, why)
		}
		return fmt.Sprintf("no connector, %s; usual: %s", why, listed(past.Connectors))
	}
	if why := in.unseen(past.Directions, m.Direction); why != "" {
		return fmt.Sprintf("%s, %s", orElse(m.Direction, "unknown direction"), why)
	}
	return ""
}

func (in *inspection) pathUnknownToRules() string {
	detail := ""
	for _, f := range in.fits {
		switch {
		case f.passed > 1:
			return ""
		case f.passed == 1 && f.failed == "path" && detail == "":
			detail = fmt.Sprintf("%s; rule %s", f.why, f.rule.ID)
		}
	}
	return detail
}

func pathsOf(messages []soar.Message) []string {
	var out []string
	for _, m := range messages {
		if p := soar.PathOf(m).String(); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// clientGuard leaves out a relay whose declared sender writes ever other message ids.
func clientGuard(in *inspection) (detail, cure string) {
	if !in.comparable() || in.anyClient() {
		return "", ""
	}
	past := in.finding.Past
	return in.each(func(m *soar.Message) string {
		family := soar.ClientFamily(m.ClientHost())
		why := in.unseen(past.ClientFamilies, family)
		if why == "" {
			return ""
		}
		return fmt.Sprintf("%s, %s", orElse(defang(family), "no Internet message id"), why)
	}), ""
}

// anyClient says that a rule proves the sender of every message and takes any client.
func (in *inspection) anyClient() bool {
	return slices.ContainsFunc(in.fits, func(f fit) bool { return f.passed >= provenSender && f.rule.anyClient() })
}

// addressGuard leaves out services whose signature proves them: they send from ever
// new addresses. Where SPF alone could have passed DMARC the address is the proof.
// Exchange does not always show one for a mailbox.
func addressGuard(in *inspection) (detail, cure string) {
	if !in.comparable() {
		return "", ""
	}
	return in.each(func(m *soar.Message) string {
		kind := soar.PathOf(*m).Kind
		if kind == soar.PathSaaS && m.ProvenByDKIM() || kind == soar.PathMailbox && m.IP == "" {
			return ""
		}
		why := in.unseen(in.finding.Past.IPs, m.IP)
		if why == "" {
			return ""
		}
		return fmt.Sprintf("%s, %s", sentFrom(m.IP), why)
	}), ""
}

func sentFrom(ip string) string {
	switch ip {
	case "":
		return "no address"
	case soar.IPExchangeOnline:
		return "Exchange Online"
	}
	return ip
}

func recipientsGuard(in *inspection) (detail, cure string) {
	past := in.finding.Past
	return in.each(func(m *soar.Message) string {
		switch {
		case m.NewRecipients > 0 && m.NewRecipients >= m.RecipientCount:
			return fmt.Sprintf("%s, none written to before", plural(m.RecipientCount, "recipient", "recipients"))
		case m.NewRecipients > 0:
			return fmt.Sprintf("%d of %s never written to before", m.NewRecipients, plural(m.RecipientCount, "recipient", "recipients"))
		case in.comparable() && m.RecipientCount > past.Recipients:
			return fmt.Sprintf("%s, only %d known of the past", plural(m.RecipientCount, "recipient", "recipients"), past.Recipients)
		}
		return ""
	}), ""
}

func urlHostGuard(in *inspection) (detail, cure string) {
	detail = in.each(func(m *soar.Message) string {
		if len(m.URLHosts) == 0 && m.URLCount > 0 {
			return fmt.Sprintf("hosts of %s are not known", plural(m.URLCount, "link", "links"))
		}
		for _, h := range m.URLHosts {
			if why := in.newPart(h, in.finding.Past.URLHosts, hostsOf, foldHost); why != "" {
				return in.hostLabel(h) + ", " + why
			}
			if in.unreadable(h) {
				return linkHost(h) + ", not declared"
			}
		}
		return ""
	})
	return detail, in.declare(detail, "the host under url_hosts")
}

func attachmentGuard(in *inspection) (detail, cure string) {
	detail = in.each(func(m *soar.Message) string {
		if len(m.AttachmentTypes) == 0 && m.AttachmentCount > 0 {
			return fmt.Sprintf("types of %s are not known", plural(m.AttachmentCount, "attachment", "attachments"))
		}
		for _, t := range m.AttachmentTypes {
			if why := in.newPart(t, in.finding.Past.AttachmentTypes, typesOf, foldType); why != "" {
				return t + ", " + why
			}
		}
		return ""
	})
	return detail, in.declare(detail, "the type under attachment_types")
}

// declare is the cure of a part of the mail that is not in the envelope of a rule
// which knows the sender.
func (in *inspection) declare(detail, what string) string {
	if detail == "" || !in.known() {
		return ""
	}
	return "once you know that the tool sends it, declare " + what + " of the sender; the past follows by itself"
}

func hostsOf(r *rule) map[string]bool { return r.urlHosts }
func typesOf(r *rule) map[string]bool { return r.attachmentTypes }

// newPart holds a part of the mail against the sender's past and against the
// envelope of the rules that know its From.
func (in *inspection) newPart(v string, past []string, declared func(*rule) map[string]bool, fold func(string) string) string {
	if in.comparable() {
		if why := in.unseen(past, v); why != "" {
			return why
		}
	}
	outside := ""
	for _, f := range in.fits {
		if f.passed == 0 {
			continue
		}
		if declared(f.rule)[fold(v)] {
			return ""
		}
		outside = "not declared for rule " + f.rule.ID
	}
	return outside
}

// unreadable says that a link has no host to hold against anything and that no rule
// which knows the sender declares such links: a past with some proves nothing of
// where this one leads.
func (in *inspection) unreadable(host string) bool {
	if host != soar.HostNone && host != soar.HostOdd {
		return false
	}
	return !slices.ContainsFunc(in.fits, func(f fit) bool { return f.passed > 0 && f.rule.urlHosts[host] })
}

func (in *inspection) hostLabel(host string) string {
	if of, _, ok := in.lookalike(foldHost(host)); ok {
		return fmt.Sprintf("%s (looks like %s)", defang(host), of)
	}
	return linkHost(host)
}

func verdictGuard(in *inspection) (detail, cure string) {
	if v := in.finding.Exposure.LaterVerdict; v != "" {
		return v, ""
	}
	return in.each(func(m *soar.Message) string {
		if m.ThreatTypes != "" {
			return m.ThreatTypes + " at delivery"
		}
		return ""
	}), ""
}
