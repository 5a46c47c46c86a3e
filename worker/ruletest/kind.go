package ruletest

import (
	"fmt"
	"slices"
	"strings"

	"harrier/config"
	"harrier/workflows/soar"
)

// Kind is what a test's mail is. It says which mail the test begins with.
type Kind string

// The kinds of tests. Hit and NearMiss begin with the genuine mail, the others with a
// forgery of it as it is seen in the field.
const (
	// Hit is genuine mail, which the rule hides.
	Hit Kind = "hit"
	// NearMiss is mail of the genuine sender that the rule does not mean.
	NearMiss Kind = "near miss"
	// DirectSend comes from outside without a connector and fails authentication; its
	// object id is set all the same.
	DirectSend Kind = "direct send"
	// TakenOver is the real mailbox with an intruder at the keyboard: another client,
	// new recipients, a new link. A service outside the tenant has no mailbox here; there
	// it is the service's own account in foreign hands.
	TakenOver Kind = "taken over"
	// OtherHost is another host that uses the same path: new recipients, a new link.
	OtherHost Kind = "other host"
	// LookalikeDomain is a domain that looks like the tenant's and passes its own DMARC.
	LookalikeDomain Kind = "look-alike domain"
	// ToolForgery is the forgery that this tool's mail invites; it begins with the
	// genuine mail and the test says the rest.
	ToolForgery Kind = "tool forgery"
)

// Kinds lists what every shipped rule has a test of.
func Kinds() []Kind {
	return []Kind{Hit, NearMiss, DirectSend, TakenOver, OtherHost, LookalikeDomain, ToolForgery}
}

// Validate refuses an unknown kind.
func (k Kind) Validate() error {
	var names []string
	for _, known := range Kinds() {
		names = append(names, string(known))
	}
	if slices.Contains(names, string(k)) {
		return nil
	}
	hint := "write one of " + strings.Join(names, ", ")
	if near := config.Nearest(string(k), names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return fmt.Errorf("kind: %q is not known; %s", k, hint)
}

// Where the forgeries come from and lead to. The names are those of documentation
// (RFC 2606, RFC 5737).
const (
	strangersIP   = "198.51.100.23"
	intrudersIP   = "203.0.113.50"
	outlookClient = "db9pr01.eurprd09.prod.outlook.com"
	otherClient   = "dev77.contoso.com"
	phishHost     = "evil.example"
)

// forge makes the mail that a kind of test begins with, and what is known beside it.
func (k Kind) forge(usual Mail, r soar.Rule, tenant soar.Tenant) (Mail, Rest) {
	m, rest := usual, usualRest(usual)
	foreign := r.Path.Kind == soar.PathSaaS && !tenant.IsInternal(usual.From)
	switch k {
	case DirectSend:
		m.Direction, m.Connector, m.IP, m.ObjectID, m.Envelope = soar.DirectionInbound, "", strangersIP, account, m.From
		m.Auth = Auth{SPF: soar.AuthFail, DMARC: soar.AuthFail, CompAuth: soar.AuthFail}
		return m.spread(41, 41), rest.fresh(Reports{Phish: 3, Reporters: 3, Delivered: 41})
	case TakenOver:
		m = m.spread(60, 58)
		m.Client, m.IP = outlookClient, intrudersIP
		if !foreign {
			m.Direction, m.Connector, m.ObjectID, m.Auth, m.Envelope = soar.DirectionIntraOrg, "", account, Auth{}, m.From
		}
		rest.Reports = Reports{Phish: 1, Reporters: 1, Delivered: 60}
	case OtherHost:
		m = m.spread(m.RecipientCount, 2)
		m.Client = otherClient
	case LookalikeDomain:
		local, _, _ := strings.Cut(m.From, "@")
		m.From = local + "@" + imitationOf(tenant)
		m.Envelope, m.Direction, m.Connector, m.ObjectID, m.IP = m.From, soar.DirectionInbound, "", "", strangersIP
		m.Auth = Auth{SPF: soar.AuthPass, DKIM: soar.AuthPass, DMARC: soar.AuthPass, CompAuth: soar.AuthPass}
		return m, rest.fresh(Reports{Phish: 1, Reporters: 1, Delivered: m.RecipientCount})
	}
	return m, rest
}

// imitationOf is a domain that looks like the tenant's first one and is not.
func imitationOf(tenant soar.Tenant) string {
	name, _, _ := strings.Cut(tenant.AcceptedDomains[0], ".")
	return name + "-hr.example"
}

// spread is the mail to more people, some of whom it never reached before, with a link.
func (m Mail) spread(recipients, strangers int) Mail {
	m.RecipientCount, m.NewRecipients = recipients, strangers
	m.URLHosts, m.URLCount = []string{phishHost}, 1
	return m
}

// fresh is a sender that never came this way before.
func (r Rest) fresh(reports Reports) Rest {
	r.Past, r.Reports = Past{Known: true}, reports
	return r
}
