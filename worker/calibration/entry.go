package calibration

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"harrier/activities/loganalytics"
	"harrier/workflows/soar"
)

// Up to so many values are declared; with more the sender's own past tells better.
const (
	maxClients   = 5
	maxEnvelopes = 3
)

var (
	hostForm = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$`)
	typeForm = regexp.MustCompile(`^[a-z0-9]{1,16}$`)
	mailForm = regexp.MustCompile(`^[^@\s<>",;*?]+@[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$`)
)

// entryOf is what the tenant settings would say of a sender.
func entryOf(s loganalytics.CalibratedSender) soar.ToolSender {
	e := soar.ToolSender{
		Path: s.Path.String(), Senders: []string{soar.FoldASCII(s.Sender)}, Envelopes: envelopes(s),
		URLHosts: given(keep(s.URLHosts, hostForm)), AttachmentTypes: keep(s.AttachmentTypes, typeForm),
	}
	if clients := keep(s.ClientFamilies, hostForm); len(clients) > 0 && len(clients) == len(s.ClientFamilies) && len(clients) <= maxClients {
		e.ClientHosts = clients
	}
	if readers := keep(s.Recipients, mailForm); len(readers) > 0 && len(readers) == s.RecipientCount {
		e.Recipients = readers
	}
	return e
}

// envelopes are the envelope senders beside From. A service writes another one with
// each mail: its whole domain then.
func envelopes(s loganalytics.CalibratedSender) []string {
	if s.SameSender {
		return nil
	}
	all := keep(s.Envelopes, mailForm)
	if s.Path.Kind != soar.PathSaaS || len(all) <= maxEnvelopes {
		return slices.DeleteFunc(all, func(e string) bool { return e == s.Sender && s.Path.Kind != soar.PathSaaS })
	}
	var domains []string
	for _, e := range all {
		if d := "@" + soar.DomainOf(e); !slices.Contains(domains, d) {
			domains = append(domains, d)
		}
	}
	return domains
}

func keep(values []string, form *regexp.Regexp) []string {
	var out []string
	for _, v := range values {
		v = soar.FoldASCII(strings.TrimSpace(v))
		if form.MatchString(v) && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// given is a list that was looked at: empty says "none", not "not said".
func given(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}

// notesOn says what a reviewer should look at before anything is enforced.
func notesOn(s loganalytics.CalibratedSender) []string {
	notes := []string{fmt.Sprintf("%d mails on %d days to %d recipients; %d kinds of subjects", s.Mails, s.ActiveDays, s.RecipientCount, s.SubjectShapes)}
	if s.Reported > 0 {
		notes = append(notes, fmt.Sprintf("%d further mails were reported; they are left out here, look at them first", s.Reported))
	}
	if len(s.Rare) > 0 {
		notes = append(notes, "seen on one day alone, and not declared: "+strings.Join(s.Rare, ", "))
	}
	if s.IPCount > len(s.IPs) {
		notes = append(notes, fmt.Sprintf("%d addresses, of which %d are shown", s.IPCount, len(s.IPs)))
	}
	return notes
}

// connectors are those that are declared, and those that were seen with the addresses
// that came through them.
func connectors(in Input) map[string]soar.Connector {
	out := map[string]soar.Connector{}
	for name, c := range in.Tenant.Connectors {
		out[name] = c
	}
	seen := map[string][]string{}
	for _, s := range slices.Concat(in.Measured.Own, in.Measured.Services) {
		if s.Path.Kind != soar.PathConnector {
			continue
		}
		for _, ip := range s.IPs {
			a, err := netip.ParseAddr(ip)
			if err != nil {
				continue
			}
			a = a.Unmap()
			if cidr := netip.PrefixFrom(a, a.BitLen()).String(); !slices.Contains(seen[s.Path.Name], cidr) {
				seen[s.Path.Name] = append(seen[s.Path.Name], cidr)
			}
		}
	}
	for name, cidrs := range seen {
		if _, declared := out[name]; !declared {
			slices.Sort(cidrs)
			out[name] = soar.Connector{CIDRs: cidrs}
		}
	}
	return out
}
