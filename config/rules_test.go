package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"harrier/config"
	"harrier/workflows/soar"
)

const tenantYAML = `accepted_domains: [contoso.com]
connectors:
  On-prem relay: {cidrs: [192.0.2.0/28]}
tools:
  veeam:
    - {path: "connector:On-prem relay", senders: [backup@contoso.com], recipients: [it@contoso.com], attachment_types: []}
    - {path: mailbox, senders: [veeam@contoso.com], client_hosts: [prod.outlook.com]}
  zendesk:
    - {path: "saas:contoso.com", senders: [help@contoso.com]}
privileged_groups: [Domain Admins]
service_account_patterns: ["svc-*"]
`

const ruleTail = `    when: message.subject.startsWith("[Success]")
    reason: nightly backup reports
    owner: it-ops
    ticket: CHG1
    created: 2026-01-02
    expires: 2027-01-02
    mode: enforce
    ceiling: 40
`

func rule(head string) string { return "  - " + head + "\n" + ruleTail }

func tenantOf(t *testing.T, text string) (soar.Tenant, string, error) {
	t.Helper()
	dir := folder(t, map[string]string{"tenant.yaml": text})
	tenant, err := config.LoadTenant(filepath.Join(dir, "tenant.yaml"))
	return tenant, dir, err
}

func TestARuleOfAToolBecomesOneRuleForEachSenderOnItsPaths(t *testing.T) {
	tenant, _, err := tenantOf(t, tenantYAML)
	must(t, err)
	dir := folder(t, map[string]string{"backup.yaml": "suppressions:\n" +
		rule("id: backup-veeam\n    scenario: backup\n    tool: veeam\n    paths: [connector, mailbox]\n    attachment_types: [html]") +
		rule("id: backup-veeam-relay\n    scenario: backup\n    tool: veeam\n    paths: [connector]")})
	rules, err := config.LoadRules(dir, tenant)
	must(t, err)
	if len(rules) != 3 || rules[0].ID != rules[1].ID {
		t.Fatalf("rules %+v", rules)
	}
	relay, mailbox := rules[0], rules[1]
	if relay.Path.String() != "connector:On-prem relay" || relay.Senders[0] != "backup@contoso.com" || len(relay.AttachmentTypes) != 0 || relay.Inactive != "" {
		t.Errorf("relay rule %+v", relay)
	}
	if mailbox.Path.Kind != soar.PathMailbox || mailbox.AttachmentTypes[0] != "html" || mailbox.ClientHosts[0] != "prod.outlook.com" {
		t.Errorf("mailbox rule %+v", mailbox)
	}
	if relay.Line != 2 || relay.Ceiling != 40 || relay.Mode != soar.RuleEnforce || relay.Expires.Format("2006-01-02") != "2027-01-02" {
		t.Errorf("relay rule %+v", relay)
	}
}

func TestARuleThatCannotApplyHereSaysWhy(t *testing.T) {
	tenant, _, err := tenantOf(t, tenantYAML)
	must(t, err)
	dir := folder(t, map[string]string{"a.yaml": "suppressions:\n" +
		rule("id: a\n    scenario: backup\n    tool: veem\n    paths: [mailbox]") +
		rule("id: b\n    scenario: backup\n    tool: zendesk\n    paths: [connector, mailbox]") +
		rule("id: c\n    scenario: helpdesk\n    tool: zendesk\n    paths: [saas]")})
	rules, err := config.LoadRules(dir, tenant)
	must(t, err)
	for i, want := range []string{
		"the tenant settings have no tool veem; did you mean veeam?",
		"the tenant settings have no sender of zendesk on connector or mailbox",
		"zendesk on saas:contoso.com needs url_hosts in the tenant settings ([] for none): part of this mail is written by strangers",
	} {
		if rules[i].Inactive != want {
			t.Errorf("rule %s is inactive because %q, want %q", rules[i].ID, rules[i].Inactive, want)
		}
	}
}

func TestGoodRulesComeBackBesideTheErrorsOfTheOthers(t *testing.T) {
	own := "\n    scenario: backup\n    path: mailbox\n    senders: [a@contoso.com]"
	dir := folder(t, map[string]string{
		"a.yaml": "suppressions:\n" + rule("id: good"+own) + rule("id: BAD"+own) + rule("id: text\n    scenario: backup"),
		"b.yaml": "suppressions:\n" + rule("id: good"+own),
		"c.yaml": "suppressions:\n" + strings.NewReplacer("2027-01-02", "2.1.2027", "enforce", "on", "ceiling", "celing").Replace(rule("id: c"+own)),
		"d.yaml": "suppressions:\n" + strings.NewReplacer("2027-01-02", "2025-01-02", "mode: enforce", "mode: 'on'", "owner: it-ops", "owner: ''", "ceiling: 40", "ceiling: 0").Replace(
			rule("id: d\n    scenario: backups\n    path: direct\n    senders: ['*@contoso.com']")),
		"e.yaml": "suppressions:\n" + rule("id: e\n    scenario: helpdesk\n    path: saas:contoso.com\n    paths: [saas]\n    senders: [Help@contoso.com]"),
	})
	rules, err := config.LoadRules(dir, soar.Tenant{})
	if len(rules) != 1 || rules[0].ID != "good" {
		t.Errorf("rules %+v", rules)
	}
	reads(t, err, dir,
		`a.yaml:14: id: "BAD" is not a short name; write lower-case letters, digits and single hyphens, at most 60 characters, as bad`,
		`a.yaml:26: path: is missing; state path and senders, or name a tool of the tenant settings and its paths`,
		`c.yaml:11: expires: "2.1.2027" is not a day; write it as 2026-11-24`,
		`c.yaml:13: unknown key "celing"; did you mean "ceiling"?`,
		`d.yaml:3: scenario: "backups" is not known; write one of backup, monitoring, onboarding, helpdesk, health-report`,
		`d.yaml:12: mode: mode is "on"; write one of enforce, shadow`,
		`d.yaml:13: ceiling: is 0; write the most mails a day of one sender that the rule may hide, 1 or more`,
		`d.yaml:8: owner: is missing; name who answers for the rule`,
		`d.yaml:11: expires: is 2025-01-02, not after created; write a later day`,
		`d.yaml:4: path: path "direct" is not one that a rule can trust; write mailbox, connector:<connector name> or saas:<aligned domain>`,
		`d.yaml:5: senders[0]: "*@contoso.com" has a wildcard; list exact addresses`,
		`e.yaml:5: paths: goes with a tool; this rule states path itself, leave paths out`,
		`e.yaml:2: url_hosts: is missing; list the hosts links may have ([] for none), part of this mail is written by strangers`,
		`e.yaml:6: senders[0]: "Help@contoso.com" has capital letters; write "help@contoso.com"`,
		`b.yaml:2: suppression "good" stands already at a.yaml:2; give one of them another id`,
	)
}

func TestTenantSettingsAreExactAddressesDomainsAndRanges(t *testing.T) {
	_, dir, err := tenantOf(t, `accepted_domains: [Contoso.com, contoso, contoso.com, contoso.com]
connectors:
  relay: {cidrs: [192.0.2.7, 192.0.2.7/28, 0.0.0.0/0, x]}
  empty: {}
tools:
  Veeam: []
  splunk:
    - {path: "connector:rely", senders: [splunk]}
    - {path: "saas:splunk", senders: [a@splunk.com], url_hosts: ["https://x.com/"], attachment_types: [.pdf]}
    - {path: mailbox}
service_account_patterns: ["*", "SVC-*"]
`)
	reads(t, err, dir,
		`tenant.yaml:1: accepted_domains[0]: "Contoso.com" has capital letters; write "contoso.com"`,
		`tenant.yaml:1: accepted_domains[1]: "contoso" is not a domain; write it as contoso.com (a name with other letters in its xn-- form)`,
		`tenant.yaml:1: accepted_domains[3]: "contoso.com" is listed twice; keep one`,
		`tenant.yaml:4: connectors.empty.cidrs: no range is listed; list the addresses that may relay, as 192.0.2.0/28`,
		`tenant.yaml:3: connectors.relay.cidrs[0]: "192.0.2.7" is one address; write 192.0.2.7/32`,
		`tenant.yaml:3: connectors.relay.cidrs[1]: "192.0.2.7/28" has bits beyond its mask; write 192.0.2.0/28`,
		`tenant.yaml:3: connectors.relay.cidrs[2]: "0.0.0.0/0" is wider than /8 and proves nothing; list the relay's own addresses`,
		`tenant.yaml:3: connectors.relay.cidrs[3]: "x" is not a range of addresses; write it as 192.0.2.0/28 or 2001:db8::/64`,
		`tenant.yaml:6: tools.Veeam: "Veeam" is not a short name; write lower-case letters, digits and single hyphens, at most 60 characters, as veeam`,
		`tenant.yaml:8: tools.splunk[0].path: connector "rely" is not declared under connectors; did you mean relay?`,
		`tenant.yaml:8: tools.splunk[0].senders[0]: "splunk" is not an address; write it as backup@contoso.com`,
		`tenant.yaml:9: tools.splunk[1].path: "splunk" is not a domain; write it as contoso.com (a name with other letters in its xn-- form)`,
		`tenant.yaml:9: tools.splunk[1].url_hosts[0]: "https://x.com/" is not a host name; write the host alone, without scheme, path or wildcard, as portal.contoso.com`,
		`tenant.yaml:9: tools.splunk[1].attachment_types[0]: ".pdf" is not a file type; write the extension in lower case without a dot, as pdf`,
		`tenant.yaml:10: tools.splunk[2].senders: no sender is listed; list the exact From addresses of the tool`,
		`tenant.yaml:11: service_account_patterns[0]: "*" is not a pattern over the part before the @; write it in lower case as svc-* (* any characters, ? one)`,
		`tenant.yaml:11: service_account_patterns[1]: "SVC-*" is not a pattern over the part before the @; write it in lower case as svc-* (* any characters, ? one)`,
	)
}

func TestWhatASenderOnItsPathMayDeclare(t *testing.T) {
	tenant, _, err := tenantOf(t, `accepted_domains: [contoso.com]
known_domains: [contoso-partners.example]
connectors:
  relay: {cidrs: [192.0.2.0/28]}
tools:
  okta:
    - {path: "saas:contoso.com", senders: [okta@contoso.com], envelopes: ["@bounces.vendor.com", "x@vendor.com"], url_hosts: ["(none)", "(odd)"]}
  bash:
    - {path: "connector:relay", senders: [root@web01.contoso.com], client_hosts: ["*"]}
`)
	must(t, err)
	if s := tenant.Tools["okta"][0]; len(s.Envelopes) != 2 || s.Envelopes[0] != "@bounces.vendor.com" || len(s.URLHosts) != 2 {
		t.Errorf("okta %+v", s)
	}
	if s := tenant.Tools["bash"][0]; s.ClientHosts[0] != soar.AnyClient || tenant.KnownDomains[0] != "contoso-partners.example" {
		t.Errorf("bash %+v, known %v", s, tenant.KnownDomains)
	}
	_, dir, err := tenantOf(t, `accepted_domains: [contoso.com]
known_domains: [Contoso.net, mail.contoso.com, contoso]
connectors:
  relay: {cidrs: [192.0.2.0/28]}
tools:
  bash:
    - {path: "connector:relay", senders: [root@contoso.com], envelopes: ["@contoso.com"], client_hosts: ["*", web01]}
    - {path: mailbox, senders: [svc@contoso.com], client_hosts: ["*"], url_hosts: ["(nothing)"]}
  okta:
    - {path: "saas:contoso.com", senders: ["@contoso.com"], envelopes: ["@", "*@vendor.com", "@vendor"], recipients: ["@contoso.com"]}
`)
	const whole = " is a whole domain, which only the envelopes of a saas path may name; list exact addresses"
	reads(t, err, dir,
		`tenant.yaml:2: known_domains[0]: "Contoso.net" has capital letters; write "contoso.net"`,
		`tenant.yaml:2: known_domains[1]: "mail.contoso.com" is an accepted domain or in one, so it is internal; leave it out`,
		`tenant.yaml:2: known_domains[2]: "contoso" is not a domain; write it as contoso.com (a name with other letters in its xn-- form)`,
		`tenant.yaml:7: tools.bash[0].envelopes[0]: "@contoso.com"`+whole,
		`tenant.yaml:7: tools.bash[0].client_hosts: "*" takes any client; leave the other hosts out`,
		`tenant.yaml:8: tools.bash[1].url_hosts[0]: "(nothing)" is not a host name; write the host alone, without scheme, path or wildcard, as portal.contoso.com`,
		`tenant.yaml:8: tools.bash[1].client_hosts: "*" takes any client, which only a sender on a connector may; list the hosts of the message id`,
		`tenant.yaml:10: tools.okta[0].senders[0]: "@contoso.com"`+whole,
		`tenant.yaml:10: tools.okta[0].envelopes[0]: "" is not a domain; write it as contoso.com (a name with other letters in its xn-- form)`,
		`tenant.yaml:10: tools.okta[0].envelopes[1]: "*@vendor.com" has a wildcard; list exact addresses`,
		`tenant.yaml:10: tools.okta[0].envelopes[2]: "vendor" is not a domain; write it as contoso.com (a name with other letters in its xn-- form)`,
		`tenant.yaml:10: tools.okta[0].recipients[0]: "@contoso.com"`+whole,
	)
}

func TestAToolsRuleDeclaresWhatAllItsPathsMay(t *testing.T) {
	more := "\n    envelopes: ['@bounces.vendor.com']\n    client_hosts: ['*']"
	dir := folder(t, map[string]string{
		"a.yaml": "suppressions:\n" + rule("id: saas\n    scenario: backup\n    tool: veeam\n    paths: [saas]\n    envelopes: ['@bounces.vendor.com']"),
		"b.yaml": "suppressions:\n" + rule("id: relay\n    scenario: backup\n    tool: veeam\n    paths: [connector]\n    client_hosts: ['*']"),
		"c.yaml": "suppressions:\n" + rule("id: both\n    scenario: backup\n    tool: veeam\n    paths: [saas, connector]"+more),
		"d.yaml": "suppressions:\n" + rule("id: own\n    scenario: backup\n    path: saas:contoso.com\n    senders: [a@contoso.com]\n    url_hosts: []\n    envelopes: ['@bounces.vendor.com']"),
	})
	rules, err := config.LoadRules(dir, soar.Tenant{})
	if len(rules) != 3 {
		t.Errorf("rules %+v", rules)
	}
	reads(t, err, dir,
		`c.yaml:6: envelopes[0]: "@bounces.vendor.com" is a whole domain, which only the envelopes of a saas path may name; list exact addresses`,
		`c.yaml:7: client_hosts: "*" takes any client, which only a sender on a connector may; list the hosts of the message id`,
	)
}

func TestWithoutAcceptedDomainsNothingIsInternalAndThatIsAnError(t *testing.T) {
	_, dir, err := tenantOf(t, "privileged_groups: [x]\n")
	reads(t, err, dir, "tenant.yaml: accepted_domains: no domain is listed; list every accepted domain of the tenant, without them nothing is internal")
}

func TestAFileThatGoesBadLeavesItsLastGoodVersionInForce(t *testing.T) {
	dir := folder(t, map[string]string{
		"hunts/a.yaml": hunt(idA, "A", plain), "hunts/b.yaml": hunt(idB, "B", plain+" | take 5"), "hunts.yaml": "hunts: {}\n", "tenant.yaml": tenantYAML,
		"suppressions/backup.yaml": "suppressions:\n" + rule("id: backup-veeam\n    scenario: backup\n    tool: veeam\n    paths: [connector]"),
	})
	in := func(name string) string { return filepath.Join(dir, name) }
	c, err := config.NewCatalogue(config.Config{Files: config.Files{Hunts: in("hunts"), HuntSettings: in("hunts.yaml"), Suppressions: in("suppressions"), Tenant: in("tenant.yaml")}})
	must(t, err)
	if len(c.Hunts()) != 2 || len(c.Rules()) != 1 || len(c.Problems()) != 0 {
		t.Fatalf("hunts %v rules %v problems %v", c.Hunts(), c.Rules(), c.Problems())
	}

	write(t, in("hunts/a.yaml"), "id: x\n\tquery: y\n")
	write(t, in("suppressions/backup.yaml"), "suppressions:\n  - id: backup-veeam\n")
	write(t, in("tenant.yaml"), "accepted_domain: [contoso.com]\n")
	must(t, os.Remove(in("hunts/b.yaml")))
	if err := c.Reload(); err == nil {
		t.Error("a reload of bad files must say so")
	}
	if h := c.Hunts(); len(h) != 1 || h[0].ID != idA || len(c.Broken()) != 1 {
		t.Errorf("hunts %v, broken %v: the broken one stays, the removed one goes", h, c.Broken())
	}
	if r := c.Rules(); len(r) != 1 || r[0].Senders[0] != "backup@contoso.com" || !c.Tenant().Accepts("contoso.com") {
		t.Errorf("rules %v, tenant %v", r, c.Tenant())
	}
	problems := strings.ReplaceAll(strings.Join(c.Problems(), "\n"), dir+"/", "")
	for _, want := range []string{
		"tenant.yaml:1: unknown key \"accepted_domain\"; did you mean \"accepted_domains\"?\n", "tenant.yaml: its last good version stays in force",
		"hunts/a.yaml:2: a tab", "hunts/a.yaml: its last good version stays in force", "suppressions/backup.yaml: its last good version stays in force",
	} {
		if !strings.Contains(problems, want) {
			t.Errorf("problems\n%s\nlack %s", problems, want)
		}
	}

	write(t, in("hunts.yaml"), "hunts: []\n")
	_ = c.Reload()
	if len(c.Hunts()) != 1 {
		t.Error("unreadable settings must not take hunts away")
	}
	write(t, in("hunts.yaml"), "hunts: {}\n")
	write(t, in("hunts/a.yaml"), hunt(idA, "A", plain+" | take 7"))
	write(t, in("suppressions/backup.yaml"), "suppressions: []\n")
	write(t, in("tenant.yaml"), tenantYAML)
	must(t, c.Reload())
	if len(c.Problems()) != 0 || len(c.Rules()) != 0 || !strings.Contains(c.Hunts()[0].Query, "take 7") {
		t.Errorf("after the cure: hunts %v rules %v problems %v", c.Hunts(), c.Rules(), c.Problems())
	}
}

func TestWithoutTenantSettingsThereIsNoCatalogue(t *testing.T) {
	dir := folder(t, map[string]string{"hunts/a.yaml": hunt(idA, "A", plain)})
	if _, err := config.NewCatalogue(config.Config{Files: config.Files{Hunts: dir + "/hunts", Tenant: dir + "/tenant.yaml"}}); err == nil {
		t.Error("a catalogue without tenant settings")
	}
}
