package ruletest

import (
	"time"

	"harrier/workflows/soar"
)

// Rest is what a finding knows beside its mail.
type Rest struct {
	Past    Past
	Profile Profile
	Reports Reports
}

// Past is the sender's earlier mail.
type Past struct {
	Known           bool     `yaml:"known"`
	Mails           int      `yaml:"mails"`
	ActiveDays      int      `yaml:"active_days"`
	Recipients      int      `yaml:"recipients"`
	Connectors      []string `yaml:"connectors"`
	Directions      []string `yaml:"directions"`
	Clients         []string `yaml:"clients"`
	IPs             []string `yaml:"ips"`
	URLHosts        []string `yaml:"url_hosts"`
	AttachmentTypes []string `yaml:"attachment_types"`
	// PerDay is how many mails a day are usual, Today how many were sent on the mail's day.
	PerDay int `yaml:"per_day"`
	Today  int `yaml:"today"`
	// InboxRuleChanges are what the audit log shows, as "2026-11-24 21:10 New-InboxRule".
	InboxRuleChanges []string `yaml:"inbox_rule_changes"`
}

// Profile is what the directory says of the sender.
type Profile struct {
	Kind       soar.SenderKind `yaml:"kind"`
	Privileged bool            `yaml:"privileged"`
	// Interactive is the day of the last interactive sign-in.
	Interactive time.Time `yaml:"last_interactive"`
}

// Reports are what people said of the mail.
type Reports struct {
	Phish     int `yaml:"phish"`
	Spam      int `yaml:"spam"`
	Reporters int `yaml:"reporters"`
	// Delivered is how many mails of the sender arrived, recipients counted one by one.
	Delivered int `yaml:"delivered"`
}

// usualRest is a sender of three months whose mail one person took for spam.
func usualRest(m Mail) Rest {
	return Rest{
		Reports: Reports{Spam: 1, Reporters: 1, Delivered: max(m.RecipientCount, 1)},
		Past: Past{
			Known: true, Mails: 90, ActiveDays: 89, Recipients: m.RecipientCount, PerDay: 1, Today: 1,
			Connectors: []string{m.Connector}, Directions: []string{m.Direction}, Clients: []string{soar.ClientFamily(m.Client)}, IPs: []string{m.IP},
			URLHosts: m.URLHosts, AttachmentTypes: m.AttachmentTypes,
		},
	}
}

// usualProfile is a program's account behind an address of the tenant. Hosts on
// premises and services are in no directory.
func usualProfile(tenant soar.Tenant, m Mail) Profile {
	switch {
	case tenant.Accepts(soar.DomainOf(m.From)):
		return Profile{Kind: soar.KindService}
	case tenant.IsInternal(m.From):
		return Profile{Kind: soar.KindNotFound}
	}
	return Profile{Kind: soar.KindExternal}
}

// pastDays is how far back the past of the tests goes, and how far its counts a day.
const (
	pastDays   = 90
	perDayDays = 42
)

func (p Past) past(at time.Time) soar.Past {
	out := soar.Past{
		Known: p.Known, Since: at.AddDate(0, 0, -pastDays), FirstSeen: at.AddDate(0, 0, 1-pastDays), Mails: p.Mails, ActiveDays: p.ActiveDays,
		Recipients: p.Recipients, Connectors: p.Connectors, Directions: p.Directions, ClientFamilies: p.Clients, IPs: p.IPs,
		URLHosts: p.URLHosts, AttachmentTypes: p.AttachmentTypes, InboxRuleChanges: p.InboxRuleChanges, AuditKnown: true,
		PerDay: map[string]int{},
	}
	if p.Mails == 0 {
		return out
	}
	for back := range perDayDays {
		out.PerDay[at.AddDate(0, 0, -back).UTC().Format(soar.PerDayKey)] = p.PerDay
	}
	out.PerDay[at.UTC().Format(soar.PerDayKey)] = p.Today
	return out
}

func (p Profile) profile() soar.SenderProfile {
	out := soar.SenderProfile{Kind: p.Kind, Privileged: p.Privileged, SignInKnown: soar.Yes, Enabled: soar.Yes, LastInteractive: p.Interactive}
	if p.Kind.Resolved() {
		out.ObjectID = account
	}
	return out
}

// finding is the test's mail as a hunt would have found it.
func (t Test) finding(tenant soar.Tenant) soar.Finding {
	m, r := t.Mail.message(t.Rest.Reports), t.Rest.Reports
	return soar.Finding{
		Hunt: "rule-test", Window: soar.NewWindow(m.Time.Add(-time.Hour), m.Time.Add(time.Hour)),
		Candidate: soar.Candidate{
			Sender: m.P2, SenderIs: soar.P2, Scope: scopeOf(tenant, m),
			Counts: soar.Counts{Submissions: r.Phish + r.Spam, Phish: r.Phish, Spam: r.Spam, Reporters: r.Reporters, Messages: 1, Delivered: r.Delivered},
		},
		Evidence: soar.Evidence{Messages: []soar.Message{m}, Total: 1},
		Exposure: soar.Exposure{Known: true, Recipients: m.RecipientCount, InInbox: m.RecipientCount},
		Past:     t.Rest.Past.past(m.Time),
		Profile:  t.Rest.Profile.profile(),
	}
}

// scopeOf is what the hunt says of a mail's address.
func scopeOf(tenant soar.Tenant, m soar.Message) soar.Scope {
	_, _, alike := tenant.Lookalike(soar.DomainOf(m.P2))
	switch {
	case m.Direction == soar.DirectionIntraOrg:
		return soar.ScopeIntraOrg
	case alike && !tenant.IsInternal(m.P2):
		return soar.ScopeImitatesInternal
	}
	return soar.ScopeClaimsInternal
}
