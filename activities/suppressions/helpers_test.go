package suppressions_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"harrier/activities/suppressions"
	"harrier/config"
	"harrier/workflows/soar"
)

var now = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

const relay = "connector:OnPrem relay"

// tenant is an organisation that named senders for every tool.
func tenant() soar.Tenant {
	one := func(path, sender string, more ...string) []soar.ToolSender {
		s := soar.ToolSender{Path: path, Senders: []string{sender}, URLHosts: more}
		if more == nil {
			s.URLHosts = []string{}
		}
		return []soar.ToolSender{s}
	}
	jira := one("saas:contoso.atlassian.net", "jira@contoso.atlassian.net", "contoso.atlassian.net")
	jira[0].Envelopes = []string{"@bounces.atlassian.net"}
	veritas := one(relay, "veritas@contoso.com")
	veritas[0].AttachmentTypes = []string{"txt"}
	return soar.Tenant{
		AcceptedDomains: []string{"contoso.com", "fabrikam.com"},
		Connectors:      map[string]soar.Connector{"OnPrem relay": {CIDRs: []string{"192.0.2.16/28"}}},
		Tools: map[string][]soar.ToolSender{
			"veeam": one(relay, "backup@contoso.com"), "commvault": one(relay, "commvault@contoso.com"), "veritas": veritas,
			"splunk":     one(relay, "splunk@contoso.com", "splunk.contoso.com"),
			"datadog":    one("saas:contoso.com", "datadog@contoso.com", "contoso.datadoghq.com"),
			"prometheus": one(relay, "alertmanager@contoso.com", "alertmanager.contoso.com"),
			"okta":       one("saas:contoso.com", "okta@contoso.com", "contoso.okta.com"),
			"entra-id":   one("mailbox", "welcome@contoso.com", "myapps.microsoft.com"), "ldap": one(relay, "directory@contoso.com"),
			"zendesk":    one("saas:contoso.zendesk.com", "support@contoso.zendesk.com", "contoso.zendesk.com"),
			"servicenow": one(relay, "servicenow@contoso.com", "contoso.service-now.com"), "jira": jira,
			"powershell": one("mailbox", "svc-health@contoso.com"), "python": one("mailbox", "svc-python@contoso.com"),
			"bash": one(relay, "root@web01.contoso.com"),
		},
	}
}

// tool is one tool's genuine mail.
type tool struct {
	rule, sender, path, subject, client, host string
	display, attachment, envelope             string
}

var tools = []tool{
	{rule: "backup-veeam", sender: "backup@contoso.com", path: relay, subject: "[Failed] SQL-Daily (12 objects) 3 issues", client: "bkp01.contoso.com"},
	{rule: "backup-commvault", sender: "commvault@contoso.com", path: relay, subject: "Commvault Alert: Backup failed Type: Job Management", client: "cv01.contoso.com"},
	{rule: "backup-veritas", sender: "veritas@contoso.com", path: relay, subject: `Backup Exec Alert: Job Completed (Server: "BKP02") (Job: "Files daily")`, client: "bkp02.contoso.com", attachment: "txt"},
	{rule: "monitoring-splunk", sender: "splunk@contoso.com", path: relay, subject: "Splunk Alert: Disk space on db01", client: "splunk.contoso.com", host: "splunk.contoso.com", attachment: "csv"},
	{rule: "monitoring-datadog", sender: "datadog@contoso.com", path: "saas:contoso.com", subject: "[P1] [Triggered on {host:web01}] CPU is high", client: "dtdg.co", host: "contoso.datadoghq.com"},
	{rule: "monitoring-prometheus", sender: "alertmanager@contoso.com", path: relay, subject: "[FIRING:2] NodeDown (db01 critical)", client: "mon01", host: "alertmanager.contoso.com"},
	{rule: "onboarding-okta", sender: "okta@contoso.com", path: "saas:contoso.com", subject: "Welcome to Contoso!", client: "okta.com", host: "contoso.okta.com"},
	{rule: "onboarding-entra-id", sender: "welcome@contoso.com", path: "mailbox", subject: "Welcome to Contoso, Sam", client: "AM0PR01.eurprd01.prod.outlook.com", host: "myapps.microsoft.com"},
	{rule: "onboarding-ldap", sender: "directory@contoso.com", path: relay, subject: "Your password will expire in 7 days", client: "ldap01.contoso.com"},
	{rule: "helpdesk-zendesk", sender: "support@contoso.zendesk.com", path: "saas:contoso.zendesk.com", subject: "[Contoso] Re: Printer on floor 3", client: "zendesk.com", host: "contoso.zendesk.com"},
	{rule: "helpdesk-servicenow", sender: "servicenow@contoso.com", path: relay, subject: "Incident INC0010001 -- comments added", client: "service-now.com", host: "contoso.service-now.com"},
	{rule: "helpdesk-jira", sender: "jira@contoso.atlassian.net", path: "saas:contoso.atlassian.net", subject: "[JIRA] (OPS-12) Replace the switch", client: "Atlassian.JIRA", host: "contoso.atlassian.net", display: "Sam Roe (Jira)", envelope: "bounces+1@bounces.atlassian.net"},
	{rule: "health-report-powershell", sender: "svc-health@contoso.com", path: "mailbox", subject: "Daily health report for 2026-11-24", client: "AM0PR02.eurprd01.prod.outlook.com"},
	{rule: "health-report-python", sender: "svc-python@contoso.com", path: "mailbox", subject: "ETL daily summary: 14 jobs", client: "batch01.contoso.com"},
	{rule: "health-report-bash", sender: "root@web01.contoso.com", path: relay, subject: "Cron <root@web01> /usr/local/bin/health", client: "web01.contoso.com"},
}

func toolOf(t testing.TB, rule string) tool {
	t.Helper()
	i := slices.IndexFunc(tools, func(x tool) bool { return x.rule == rule })
	if i < 0 {
		t.Fatalf("no tool for rule %s", rule)
	}
	return tools[i]
}

// finding is the tool's genuine mail, reported by one person as spam, with a past
// that shows the same.
func (x tool) finding() soar.Finding {
	m := x.message()
	scope := scopeOf(m)
	f := soar.Finding{
		Hunt: "intra-org", Window: soar.NewWindow(now.Add(-time.Hour), now),
		Candidate: soar.Candidate{Sender: m.P2, SenderIs: soar.P2, Scope: scope, Counts: soar.Counts{Submissions: 1, Spam: 1, Reporters: 1, Messages: 1, Delivered: 4}},
		Evidence:  soar.Evidence{Messages: []soar.Message{m}, Total: 1},
		Exposure:  soar.Exposure{Known: true, Recipients: 4, InInbox: 4},
		Past: soar.Past{
			Known: true, Since: now.AddDate(0, 0, -90), FirstSeen: now.AddDate(0, 0, -89), Mails: 90, ActiveDays: 89, Recipients: 4, AuditKnown: true,
			Connectors: []string{m.Connector}, IPs: []string{m.IP}, ClientFamilies: []string{soar.ClientFamily(m.ClientHost())},
			URLHosts: m.URLHosts, AttachmentTypes: m.AttachmentTypes, Directions: []string{m.Direction}, PerDay: map[string]int{},
		},
		Profile: soar.SenderProfile{Kind: soar.KindService, ObjectID: "0b0b", Enabled: soar.No, SignInKnown: soar.Yes, Why: "no interactive sign-in in 90 days"},
	}
	for d := range 42 {
		f.Past.PerDay[now.AddDate(0, 0, -d).Format(soar.PerDayKey)] = 1
	}
	switch {
	case x.sender == "root@web01.contoso.com":
		f.Profile = soar.SenderProfile{Kind: soar.KindNotFound}
	case soar.DomainOf(x.sender) != "contoso.com":
		f.Profile = soar.SenderProfile{Kind: soar.KindExternal}
	}
	return f
}

// scopeOf is the scope that the hunt gives a mail: it knows accepted domains alone.
func scopeOf(m soar.Message) soar.Scope {
	_, _, alike := tenant().Lookalike(soar.DomainOf(m.P2))
	switch {
	case m.Direction != soar.DirectionInbound:
		return soar.ScopeIntraOrg
	case alike && !tenant().IsInternal(m.P2):
		return soar.ScopeImitatesInternal
	}
	return soar.ScopeClaimsInternal
}

func (x tool) message() soar.Message {
	m := soar.Message{
		NetworkMessageID: "n-" + x.rule, InternetMessageID: "<1700000000.42@" + x.client + ">", Time: now.Add(-2 * time.Hour),
		P1: x.sender, P2: x.sender, DisplayName: x.display, Subject: x.subject, Recipients: []string{"a@contoso.com", "b@contoso.com", "c@contoso.com", "d@contoso.com"},
		RecipientCount: 4, Spam: 1, Reporters: []string{"Ann"}, ReportedAt: now.Add(-time.Hour),
	}
	path, err := soar.ParsePath(x.path)
	if err != nil {
		panic(err)
	}
	switch path.Kind {
	case soar.PathMailbox:
		m.Direction, m.ObjectID, m.IP = soar.DirectionIntraOrg, "0b0b", "203.0.113.7"
	case soar.PathConnector:
		m.Direction, m.Connector, m.IP = soar.DirectionIntraOrg, path.Name, "192.0.2.20"
	case soar.PathSaaS:
		m.Direction, m.IP = soar.DirectionInbound, "198.51.100.9"
		m.Auth = soar.Authentication{SPF: soar.AuthPass, DKIM: soar.AuthPass, DMARC: soar.AuthPass, CompAuth: soar.AuthPass}
	}
	if x.envelope != "" {
		m.P1 = x.envelope
	}
	if x.host != "" {
		m.URLHosts, m.URLCount = []string{x.host}, 1
	}
	if x.attachment != "" {
		m.AttachmentTypes, m.AttachmentCount = []string{x.attachment}, 1
	}
	return m
}

// change edits the first message of a copy of a finding.
func change(f soar.Finding, edit func(*soar.Message)) soar.Finding {
	f.Evidence.Messages = slices.Clone(f.Evidence.Messages)
	edit(&f.Evidence.Messages[0])
	return f
}

func shipped(t testing.TB) *suppressions.Set {
	t.Helper()
	rules, err := config.LoadRules("../../config/suppressions", tenant())
	if err != nil {
		t.Fatal(err)
	}
	return compiled(t, rules...)
}

func compiled(t testing.TB, rules ...soar.Rule) *suppressions.Set {
	t.Helper()
	set, err := suppressions.Compile(rules, tenant())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func judged(set *suppressions.Set, f soar.Finding) soar.Judgement {
	return suppressions.Judge(set, tenant(), []soar.Finding{f}, now)[0]
}

func held(j soar.Judgement, g soar.Guard) (soar.GuardHit, bool) {
	i := slices.IndexFunc(j.Guards, func(h soar.GuardHit) bool { return h.Guard == g })
	if i < 0 {
		return soar.GuardHit{}, false
	}
	return j.Guards[i], true
}

func show(j soar.Judgement) string {
	return fmt.Sprintf("%s %s by %q: %s\n guards %v\n facts %q\n trace %+v", j.Verdict, j.Headline, j.Rule, j.Reason, j.Guards, j.Facts, j.Trace)
}

// plain is one good rule for the backup mailbox.
func plain() soar.Rule {
	return soar.Rule{
		ID: "backup-veeam", Scenario: soar.ScenarioBackup, Tool: "veeam", Path: soar.Path{Kind: soar.PathConnector, Name: "OnPrem relay"},
		Senders: []string{"backup@contoso.com"}, When: `mail.subject.startsWith("[Failed] ")`, Reason: "nightly job reports", Owner: "backup-team",
		Created: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Expires: time.Date(2027, 10, 31, 0, 0, 0, 0, time.UTC),
		Mode: soar.RuleEnforce, Ceiling: 40, File: "config/suppressions/backup.yaml", Line: 12,
	}
}
