package suppressions

import (
	"fmt"
	"slices"
	"strings"

	"harrier/workflows/soar"
)

// authenticationGuard: a check that failed holds everywhere. On Intra-org mail
// Exchange evaluates nothing, so a missing value is normal there; on any other
// mail only a DMARC pass is one.
func authenticationGuard(in *inspection) (detail, cure string) {
	detail = in.each(func(m *soar.Message) string {
		failed := m.Auth.Failed()
		passed := m.Direction == soar.DirectionIntraOrg || m.Auth.DMARC == soar.AuthPass
		switch {
		case len(failed) > 0 && (!passed || m.Direction == soar.DirectionIntraOrg || contradicts(m.Auth)):
			cure = relayCure(m)
			return strings.Join(failed, ", ") + " fail"
		case !passed && !m.Orphan:
			cure = relayCure(m)
			return "DMARC not evaluated on " + orElse(m.Direction, "unknown") + " mail"
		}
		return ""
	})
	return detail, cure
}

// contradicts: with a DMARC pass one of SPF and DKIM may fail, because the other
// carried it; DMARC itself and the composite verdict may not.
func contradicts(a soar.Authentication) bool {
	return a.DMARC == soar.AuthFail || a.CompAuth == soar.AuthFail
}

func relayCure(m *soar.Message) string {
	if m.Connector == "" || m.IP == "" || m.IP == soar.IPExchangeOnline || m.Auth.SPF == soar.AuthPass {
		return ""
	}
	domain := soar.DomainOf(m.P1)
	if domain == "" {
		domain = soar.DomainOf(m.P2)
	}
	return fmt.Sprintf("if %s is your relay, add the address to the SPF record of %s", m.IP, domain)
}

// alignmentGuard: the envelope sender must belong to the From, by domain, by
// tenant, or by a DMARC pass.
func alignmentGuard(in *inspection) (detail, cure string) {
	return in.each(func(m *soar.Message) string {
		p1, p2 := soar.DomainOf(m.P1), soar.DomainOf(m.P2)
		switch {
		case soar.IsNullSender(m.P2):
			return ""
		case soar.IsNullSender(m.P1):
			return "envelope sender is null, From is " + soar.NormalAddress(m.P2)
		case p1 != "" && p1 == p2, m.Auth.DMARC == soar.AuthPass, in.tenant.IsInternal(m.P1) && in.tenant.IsInternal(m.P2):
			return ""
		}
		return fmt.Sprintf("envelope sender is in %s, From in %s", orElse(defang(p1), "no domain"), orElse(defang(p2), "no domain"))
	}), ""
}

func lookalikeGuard(in *inspection) (detail, cure string) {
	detail = in.each(func(m *soar.Message) string {
		domain := soar.DomainOf(m.P2)
		if of, how, ok := in.lookalike(domain); ok {
			return fmt.Sprintf("%s looks like %s (%s)", defang(domain), of, how)
		}
		for _, address := range []string{m.P2, m.P1} {
			if odd := soar.AddressOddity(address); odd != "" {
				return odd
			}
		}
		return in.nameOddity(m)
	})
	if detail == "" && in.finding.Candidate.Scope == soar.ScopeImitatesInternal && !in.declaredDomains() {
		detail = "the hunt found the From domain to imitate an accepted domain"
	}
	return detail, ""
}

// lookalike is soar.Lookalike against everything that is protected; a domain that
// the tenant knows looks like nothing.
func (in *inspection) lookalike(domain string) (of, how string, ok bool) {
	if slices.Contains(in.tenant.KnownDomains, domain) {
		return "", "", false
	}
	return soar.Lookalike(domain, in.protected)
}

// declaredDomains says that every From domain is one that a saas rule trusts or
// that the tenant knows: the hunt compares domains with the accepted ones alone,
// and a service's own subdomain carries the tenant's name.
func (in *inspection) declaredDomains() bool {
	return len(in.finding.Evidence.Messages) > 0 && in.each(func(m *soar.Message) string {
		domain := soar.DomainOf(m.P2)
		if slices.Contains(in.services, domain) || slices.Contains(in.tenant.KnownDomains, domain) {
			return ""
		}
		return "not declared"
	}) == ""
}

// nameOddity: a display name that shows another internal address than From, or
// that turns the direction of text.
func (in *inspection) nameOddity(m *soar.Message) string {
	if strings.ContainsAny(m.DisplayName, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") {
		return "display name has direction-changing characters"
	}
	for _, word := range strings.FieldsFunc(m.DisplayName, func(r rune) bool { return strings.ContainsRune(" <>()[]\"',;:", r) }) {
		if strings.Contains(word, "@") && in.tenant.IsInternal(word) && soar.NormalAddress(word) != soar.NormalAddress(m.P2) {
			return "display name shows the internal address " + soar.NormalAddress(word)
		}
	}
	return ""
}

// identityGuard: an internal address must be exactly one living account. Outside
// addresses are not in the directory, and hosts in a subdomain that send through a
// declared relay need not be.
func identityGuard(in *inspection) (detail, cure string) {
	p := in.finding.Profile
	if in.nullSender() {
		return "", ""
	}
	if !p.Kind.Resolved() && !in.needNotResolve() {
		kind := orElse(string(p.Kind), "not looked up")
		return strings.TrimSuffix(kind+": "+p.Why, ": "), identityCure(p.Kind)
	}
	if lowRisk(p) {
		return "the directory holds the account for at risk (low)", "look at the account's risk in Entra ID Protection, and dismiss it if it is none"
	}
	if froms := fromsOf(in.finding); len(froms) > 1 {
		return fmt.Sprintf("mail shows %d From addresses, and one account was looked up: %s", len(froms), listed(froms)), ""
	}
	return in.each(func(m *soar.Message) string {
		onMailbox := soar.PathOf(*m).Kind == soar.PathMailbox
		switch {
		case m.ObjectID != "" && p.ObjectID != "" && !strings.EqualFold(m.ObjectID, p.ObjectID):
			return "object id of the mail is not that of the account found by its address"
		case onMailbox && p.ObjectID == "":
			return "object id of the account is not known"
		}
		return ""
	}), ""
}

// identityCure is what makes an address one living account.
func identityCure(kind soar.SenderKind) string {
	switch kind {
	case soar.KindAmbiguous:
		return "take the address from all accounts but one"
	case soar.KindNotFound:
		return "give the sender an account of its own, or send from a subdomain through the relay"
	case soar.KindUnknown, "":
		return "none needed: the directory is asked again at the next sighting"
	}
	return ""
}

func (in *inspection) needNotResolve() bool {
	kind := in.finding.Profile.Kind
	if kind != soar.KindExternal && kind != soar.KindNotFound {
		return false
	}
	return len(in.finding.Evidence.Messages) > 0 && in.each(func(m *soar.Message) string {
		path := soar.PathOf(*m).Kind
		internal := in.tenant.IsInternal(m.P2)
		host := internal && !in.tenant.Accepts(soar.DomainOf(m.P2))
		if path == soar.PathMailbox || internal && !(host && path == soar.PathConnector) {
			return "must resolve"
		}
		return ""
	}) == ""
}

func interactiveGuard(in *inspection) (detail, cure string) {
	p := in.finding.Profile
	switch {
	case p.Kind != soar.KindService && p.Kind != soar.KindShared && p.Kind != soar.KindRoom:
		return "", ""
	case p.Enabled == soar.No || p.LastInteractive.IsZero():
		return "", ""
	case in.now.Sub(p.LastInteractive) > in.thresholds.InteractiveWithin:
		return "", ""
	}
	return fmt.Sprintf("%s, interactive sign-in on %s", p.Kind, p.LastInteractive.UTC().Format("2006-01-02 15:04 MST")),
		"block sign-in of the account, or find out who used it"
}

func personGuard(in *inspection) (detail, cure string) {
	p := in.finding.Profile
	switch {
	case p.Privileged:
		return strings.TrimSuffix("privileged: "+p.PrivilegedWhy, ": "), ""
	case p.IsPerson() && in.known():
		return strings.TrimSuffix("person: "+p.Why, ": "), "give the script a mailbox of its own, and declare that"
	case p.IsPerson():
		return strings.TrimSuffix("person: "+p.Why, ": "), ""
	}
	return "", ""
}

// known says that a rule knows the sender's From: a person who configured it may cure
// what holds it.
func (in *inspection) known() bool {
	return slices.ContainsFunc(in.fits, func(f fit) bool { return f.passed > 0 })
}

func nullSenderGuard(in *inspection) (detail, cure string) {
	if in.nullSender() {
		return "the mail has no sender", ""
	}
	return "", ""
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
