package soar

import "time"

// Scenario is a kind of benign automation that tops the list.
type Scenario string

// The shipped scenarios.
const (
	ScenarioBackup     Scenario = "backup"
	ScenarioMonitoring Scenario = "monitoring"
	ScenarioOnboarding Scenario = "onboarding"
	ScenarioHelpdesk   Scenario = "helpdesk"
	ScenarioHealth     Scenario = "health-report"
)

// RuleMode says whether a rule hides or only tells what it would hide.
type RuleMode string

const (
	// RuleEnforce hides findings.
	RuleEnforce RuleMode = "enforce"
	// RuleShadow leaves findings in triage and is named in the trace.
	RuleShadow RuleMode = "shadow"
)

// Validate refuses an unknown mode.
func (m RuleMode) Validate() error { return oneOf("mode", m, RuleEnforce, RuleShadow) }

// Rule is one reviewed suppression as its file states it, with what the tenant
// settings add for its tool. A rule hides a finding only when every reported
// message came on Path from one of Senders, inside the envelope, and When holds.
type Rule struct {
	ID       string
	Scenario Scenario
	Tool     string
	// Path is the one path the rule trusts.
	Path Path
	// Senders are exact P2 addresses, lower case.
	Senders []string
	// Envelopes are exact P1 addresses allowed beside P1 = P2, lower case; on a saas
	// path they are the only ones, and "@bounces.vendor.com" is every address of
	// exactly that domain.
	Envelopes []string
	// Recipients are the only recipients mail may go to; empty leaves it to the sender's past.
	Recipients []string
	// URLHosts and AttachmentTypes are all that mail may carry; empty is none.
	URLHosts        []string
	AttachmentTypes []string
	// ClientHosts are the hosts an Internet message id may have; empty leaves it to the
	// sender's past, and AnyClient alone takes every one.
	ClientHosts []string
	// When is a CEL expression over one message, true for mail of the tool.
	When    string
	Reason  string
	Owner   string
	Ticket  string
	Created time.Time
	Expires time.Time
	Mode    RuleMode
	// Ceiling is the most mails a day of one sender the rule hides.
	Ceiling int
	// File and Line are where the rule stands.
	File string
	Line int
	// Lines are where each key of the rule stands in the file.
	Lines map[string]int
	// Inactive says why the rule cannot apply here (its tool is not in the tenant settings).
	Inactive string
}

// AnyClient in ClientHosts of a sender on a connector takes every Internet message
// id: on a relay its host is the author's text in any case, and some programs write
// another with each mail.
const AnyClient = "*"

// Tenant is what a deployment says of its own organisation.
type Tenant struct {
	// AcceptedDomains are the domains whose addresses are internal, lower case.
	AcceptedDomains []string `yaml:"accepted_domains"`
	// KnownDomains only look like an accepted domain and are somebody's we know, lower
	// case and exact: a partner's, or own ones that Exchange does not receive for.
	KnownDomains []string `yaml:"known_domains,omitempty"`
	// Connectors are inbound connectors by exact name with the addresses they may relay from, as CIDR.
	Connectors map[string]Connector `yaml:"connectors"`
	// Tools are the tenant's own automation, by tool name as rules use it.
	Tools map[string][]ToolSender `yaml:"tools"`
	// PrivilegedGroups are directory groups whose members are privileged, by name or id.
	PrivilegedGroups []string `yaml:"privileged_groups"`
	// ServiceAccountPatterns are globs over UPN local parts ("svc-*"); a name alone proves nothing.
	ServiceAccountPatterns []string `yaml:"service_account_patterns"`
}

// Connector is a declared inbound connector.
type Connector struct {
	CIDRs []string `yaml:"cidrs"`
}

// ToolSender is one sender of a tool: where its mail really comes from and what it carries.
type ToolSender struct {
	Path            string   `yaml:"path"`
	Senders         []string `yaml:"senders"`
	Envelopes       []string `yaml:"envelopes"`
	Recipients      []string `yaml:"recipients"`
	URLHosts        []string `yaml:"url_hosts"`
	AttachmentTypes []string `yaml:"attachment_types"`
	ClientHosts     []string `yaml:"client_hosts"`
}

// IsInternal says that an address is in an accepted domain, or in a subdomain
// of one: hosts on premises send as root@host.contoso.com.
func (t Tenant) IsInternal(address string) bool {
	d := DomainOf(address)
	for _, a := range t.AcceptedDomains {
		if d != "" && (d == a || len(d) > len(a) && d[len(d)-len(a)-1:] == "."+a) {
			return true
		}
	}
	return false
}

// Accepts says that a domain is an accepted domain itself.
func (t Tenant) Accepts(domain string) bool {
	for _, a := range t.AcceptedDomains {
		if domain != "" && FoldASCII(domain) == a {
			return true
		}
	}
	return false
}

// Lookalike says whether a domain looks like one of the tenant's, which and how. A
// known domain does not, and nothing but itself is known: its subdomains are not.
func (t Tenant) Lookalike(domain string) (of, how string, ok bool) {
	if contains(t.KnownDomains, FoldASCII(domain)) {
		return "", "", false
	}
	return Lookalike(domain, t.AcceptedDomains)
}
