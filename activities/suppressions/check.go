package suppressions

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strings"

	"harrier/workflows/soar"
)

// checkRule says what is wrong with a rule by itself, each with what to write.
func checkRule(r soar.Rule) []error {
	var errs []error
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	wrong(r.ID == "", "id is missing; write <scenario>-<tool>, such as backup-veeam")
	wrong(blank(r.Reason), "reason is missing; say in one line why this mail is benign")
	wrong(blank(r.Owner), "owner is missing; name who answers for the rule")
	wrong(r.Created.IsZero(), "created is missing; write a date, such as 2026-11-01")
	wrong(r.Expires.IsZero(), "expires is missing; a rule ends at most one year after created")
	wrong(!r.Expires.IsZero() && !r.Created.IsZero() && !r.Expires.After(r.Created), "expires is not after created")
	wrong(!r.Created.IsZero() && r.Expires.After(r.Created.AddDate(1, 0, 0)),
		"expires is more than one year after created; review the rule and write %s or earlier", r.Created.AddDate(1, 0, 0).Format("2006-01-02"))
	wrong(r.Ceiling <= 0, "ceiling is missing; give the most mails a day of one sender, such as 20")
	if err := r.Mode.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("%w; did you mean %s?", err, nearest(string(r.Mode), []string{string(soar.RuleEnforce), string(soar.RuleShadow)})))
	}
	return errs
}

// checkTrust says what a rule lacks to trust more than what the author of a mail
// wrote.
func checkTrust(r soar.Rule, tenant soar.Tenant) []error {
	var errs []error
	if _, err := soar.ParsePath(r.Path.String()); err != nil {
		errs = append(errs, fmt.Errorf("%w; without a path the rule would suppress by text that the author of the mail chooses", err))
	}
	if len(r.Senders) == 0 {
		errs = append(errs, errors.New("senders is missing; name the exact From addresses, text that the author of the mail chooses is not enough"))
	}
	for _, s := range r.Senders {
		if err := checkSender(r, s, tenant); err != nil {
			errs = append(errs, err)
		}
	}
	for _, e := range r.Envelopes {
		if err := checkEnvelope(r, e); err != nil {
			errs = append(errs, err)
		}
	}
	needsHosts := r.Path.Kind == soar.PathSaaS || r.Scenario == soar.ScenarioHelpdesk
	if needsHosts && r.URLHosts == nil {
		errs = append(errs, errors.New("url_hosts is missing; help-desk and saas mail carries text of strangers, so name the only hosts its links may have ([] for none)"))
	}
	if slices.Contains(r.ClientHosts, soar.AnyClient) && (r.Path.Kind != soar.PathConnector || len(r.ClientHosts) > 1) {
		errs = append(errs, fmt.Errorf("client_hosts: %q stands alone, and only on a connector path; list the hosts of the message id", soar.AnyClient))
	}
	for _, h := range r.URLHosts {
		if !validHost(h) && h != soar.HostNone && h != soar.HostOdd {
			errs = append(errs, fmt.Errorf("url_hosts: %q is not an exact host; write it as tickets.contoso.com, without scheme, path or wildcard", h))
		}
	}
	return errs
}

func checkSender(r soar.Rule, sender string, tenant soar.Tenant) error {
	domain := soar.DomainOf(sender)
	switch {
	case !exactAddress(sender):
		return fmt.Errorf("senders: %q is not an exact address; write one address, no domain, no wildcard", sender)
	case soar.AddressOddity(sender) != "":
		return fmt.Errorf("senders: %q: %s", sender, soar.AddressOddity(sender))
	case r.Path.Kind == soar.PathMailbox && !tenant.Accepts(domain):
		return fmt.Errorf("senders: %q is not in an accepted domain, so it cannot be a mailbox of the tenant; nearest accepted domain: %s",
			sender, nearest(domain, tenant.AcceptedDomains))
	case r.Path.Kind == soar.PathSaaS && domain != r.Path.Name:
		return fmt.Errorf("senders: %q is not aligned with path %s; write an address in %s", sender, r.Path, r.Path.Name)
	case r.Path.Kind == soar.PathSaaS && !ownAddress(sender, tenant):
		return fmt.Errorf("senders: %q is shared by all customers of the service, anyone of whom can send from it; expected an address in an accepted domain or one that carries your organisation's name, such as support@contoso.zendesk.com", sender)
	}
	return nil
}

// siteDomains give each customer a subdomain.
var siteDomains = []string{".zendesk.com", ".atlassian.net"}

// ownAddress says that an address of a service belongs to this tenant alone: in
// an accepted domain, in a customer's own subdomain, or with the tenant's name as
// a word of its own.
func ownAddress(address string, tenant soar.Tenant) bool {
	if tenant.IsInternal(address) {
		return true
	}
	for _, site := range siteDomains {
		if strings.HasSuffix(soar.DomainOf(address), site) {
			return true
		}
	}
	for _, accepted := range tenant.AcceptedDomains {
		name, _, _ := strings.Cut(accepted, ".")
		for _, word := range strings.FieldsFunc(soar.NormalAddress(address), func(r rune) bool { return strings.ContainsRune("@.-_+", r) }) {
			if name != "" && word == name {
				return true
			}
		}
	}
	return false
}

func checkEnvelope(r soar.Rule, envelope string) error {
	if domain, isDomain := strings.CutPrefix(envelope, "@"); isDomain {
		if r.Path.Kind != soar.PathSaaS || !validHost(domain) {
			return fmt.Errorf("envelopes: %q is a whole domain, which only a saas rule may name; write exact addresses", envelope)
		}
		return nil
	}
	if !exactAddress(envelope) {
		return fmt.Errorf("envelopes: %q is not an exact address; a null or wildcard envelope sender proves nothing", envelope)
	}
	return nil
}

// Widest networks that a connector may declare, in prefix bits: a private 10/8 is
// one organisation's, anything wider is the Internet.
const (
	widestIPv4 = 8
	widestIPv6 = 32
)

func connectorPrefixes(p soar.Path, tenant soar.Tenant) ([]netip.Prefix, error) {
	if p.Kind != soar.PathConnector || p.Name == "" {
		return nil, nil
	}
	connector, ok := tenant.Connectors[p.Name]
	if !ok {
		return nil, fmt.Errorf("path: connector %q is not declared in the tenant settings; %s", p.Name, declared(p.Name, tenant))
	}
	if len(connector.CIDRs) == 0 {
		return nil, fmt.Errorf("path: connector %q has no cidrs in the tenant settings; list the addresses it may relay from", p.Name)
	}
	var out []netip.Prefix
	for _, c := range connector.CIDRs {
		prefix, err := netip.ParsePrefix(c)
		if err != nil {
			return nil, fmt.Errorf("path: connector %q: cidr %q is not valid; write it as 192.0.2.0/28", p.Name, c)
		}
		if widest := widestFor(prefix); prefix.Bits() < widest {
			return nil, fmt.Errorf("path: connector %q: cidr %q is wider than /%d and proves nothing; list the relay's own addresses", p.Name, c, widest)
		}
		out = append(out, prefix.Masked())
	}
	return out, nil
}

func widestFor(p netip.Prefix) int {
	if p.Addr().Is4() {
		return widestIPv4
	}
	return widestIPv6
}

func declared(name string, tenant soar.Tenant) string {
	names := make([]string, 0, len(tenant.Connectors))
	for n := range tenant.Connectors {
		names = append(names, n)
	}
	if len(names) == 0 {
		return "declare it there with its cidrs"
	}
	sort.Strings(names)
	return fmt.Sprintf("did you mean %q?", nearest(name, names))
}

func exactAddress(a string) bool {
	n := soar.NormalAddress(a)
	return strings.Count(n, "@") == 1 && localPart(n) != "" && !strings.ContainsAny(n, "*?<>, ") && validHost(soar.DomainOf(n))
}

func validHost(h string) bool {
	h = foldHost(h)
	return h != "" && !strings.ContainsAny(h, "*?/:@ ,<>()") && !strings.HasPrefix(h, ".") && !strings.Contains(h, "..")
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }
