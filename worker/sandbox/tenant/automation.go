package tenant

import (
	"slices"
	"strings"
)

// Connectors and addresses of the tenant's own network.
const (
	relayName  = "OnPrem relay"
	relayCIDR  = "192.0.2.16/28"
	hybridName = "Hybrid certificate"
	hybridIP   = "192.0.2.40"
	officeIP   = "192.0.2.140"
	graphIP    = "192.0.2.150"

	viaRelay   = "connector:" + relayName
	viaMailbox = "mailbox"
	viaSaaS    = "saas:" + domain
)

// audience says whom a sender writes to.
type audience struct {
	department string
	// people are the first of the department. Each mail goes to all of them, or
	// to each in turn, `each` at a time.
	people, each int
}

// source is one real automation sender: where its mail comes from, what it looks
// like, and how often users report it.
type source struct {
	scenario, tool string
	p2, p1, name   string // p1 only where it differs
	path, ip       string
	client         client
	subjects       []string
	// perDay mails a day, on working days only when office is set, from hour on.
	perDay, hour int
	office       bool
	to           audience
	links, files []string
	// kind of the directory object: shared or service; vendor has none.
	kind accountKind
	// service is the local part of a service account that carries p2 as a proxy address.
	service string
	// noObjectID leaves SenderObjectId empty, as it often is on a relay.
	noObjectID bool
	auth       string
	// reports are the messages of the last 7 days that users report.
	reports int
	// spamOnly senders are only called spam, never phish.
	spamOnly bool
	// undeclared senders are not in the settings: everybody's mail comes from the same address.
	undeclared bool
	// role of the cast when it is not the scenario's.
	role string

	account *account
	sent    []*mail
}

type accountKind int

const (
	shared accountKind = iota
	service
	vendor
)

func (s *source) envelope() string {
	if s.p1 != "" {
		return s.p1
	}
	return s.p2
}

func (s *source) connector() string {
	name, ok := strings.CutPrefix(s.path, "connector:")
	if !ok {
		return ""
	}
	return name
}

func (s *source) direction() string {
	if strings.HasPrefix(s.path, "saas:") {
		return "Inbound"
	}
	return "Intra-org"
}

// admins are the first n of IT; every mail goes to all of them.
func admins(n int) audience { return audience{department: "Information Technology", people: n} }

// desk are people of Operations, written to in turn.
func desk(people, each int) audience {
	return audience{department: "Operations", people: people, each: each}
}

func sources() []*source {
	return slices.Concat(backupSources(), monitoringSources(), onboardingSources(), helpdeskSources(), healthSources())
}

func backupSources() []*source {
	host := func(h string) client { return client{host: h + "." + domain} }
	return []*source{
		{scenario: "backup", tool: "veeam", p2: "backup@contoso.com", name: "Veeam Backup",
			path: viaRelay, ip: "192.0.2.18", auth: authRelay, client: host("vbr01"),
			subjects: []string{"[Success] {job}-Daily ({n} objects)", "[Success] {job}-Copy ({n} objects)", "[Warning] {job}-Daily ({n} objects) 1 issues"},
			perDay:   8, hour: 1, to: admins(4), reports: 5},
		{scenario: "backup", tool: "veeam", p2: "veeam-m365@contoso.com", name: "Veeam for Microsoft 365",
			path: viaMailbox, ip: graphIP, client: outlook(),
			subjects: []string{"[Success] M365-{job} ({n} objects)", "[Failed] M365-{job} ({n} objects) 2 issues"},
			perDay:   4, hour: 3, to: admins(3), kind: service, service: "veeam-m365", reports: 2, spamOnly: true},
		{scenario: "backup", tool: "commvault", p2: "commvault@contoso.com", name: "Commvault",
			path: viaRelay, ip: "192.0.2.19", auth: authRelay, client: host("cs01"),
			subjects: []string{"Alert: Backup job completed Type: Job Management - Data Protection", "Alert: Nightly clients Type: Job Management - Data Protection"},
			perDay:   5, hour: 2, to: admins(4), reports: 4},
		{scenario: "backup", tool: "veritas", p2: "backupexec@contoso.com", name: "Backup Exec",
			path: viaRelay, ip: "192.0.2.20", auth: authRelay, client: host("be01"), noObjectID: true,
			subjects: []string{`Backup Exec Alert: Job Completed (Server: "BE01") (Job: "{job} full")`, `Backup Exec Alert: Job Completed (Server: "BE02") (Job: "{job} incremental")`},
			perDay:   4, hour: 4, to: admins(3), reports: 3, spamOnly: true},
		{scenario: "backup", tool: "veritas", p2: "veritas@contoso.com", name: "Backup Exec (branch)",
			path: viaRelay, ip: "192.0.2.20", auth: authRelay, client: host("be03"),
			subjects: []string{`Backup Exec Alert: Job Completed (Server: "BE03") (Job: "{job} full")`},
			perDay:   4, hour: 3, to: admins(3), reports: 2},
		{scenario: "backup", tool: "veritas", p2: "root@nbumaster.contoso.com", name: "NetBackup",
			path: viaRelay, ip: "192.0.2.21", auth: authNone, client: host("nbumaster"), noObjectID: true,
			subjects: []string{"NetBackup Catalog Backup successful on host nbumaster status 0"},
			perDay:   1, hour: 5, to: admins(2), files: []string{"catalog_dr.txt"}, kind: service, service: "svc-netbackup"},
	}
}

func monitoringSources() []*source {
	splunk := client{host: "siem01." + domain}
	return []*source{
		{scenario: "monitoring", tool: "splunk", p2: "splunk@contoso.com", name: "Splunk",
			path: viaRelay, ip: "192.0.2.22", auth: authRelay, client: splunk,
			subjects: []string{"Splunk Alert: Disk space on {host}", "Splunk Alert: Failed logons on {host}", "Splunk Alert: Licence usage above 80 percent"},
			perDay:   9, hour: 0, to: admins(6), links: []string{"https://siem01.contoso.com/app/search/alert/{n}"}, reports: 6},
		{scenario: "monitoring", tool: "splunk", p2: "splunk-reports@contoso.com", name: "Splunk Reports",
			path: viaRelay, ip: "192.0.2.22", auth: authRelay, client: splunk,
			subjects: []string{"Splunk Report: Daily sign-ins", "Splunk Report: Firewall top talkers"},
			perDay:   3, hour: 6, to: admins(5), files: []string{"report.csv"}, reports: 2, spamOnly: true},
		{scenario: "monitoring", tool: "prometheus", p2: "alertmanager@contoso.com", name: "Alertmanager",
			path: viaRelay, ip: "192.0.2.23", auth: authRelay,
			client:   client{style: styleAlertmanager, host: "mon01." + domain},
			subjects: []string{"[FIRING:2] HighLatency {host} (prod critical)", "[RESOLVED] HighLatency {host} (prod critical)", "[FIRING:1] DiskFull {host} (ops warning)"},
			perDay:   12, hour: 0, to: admins(4), links: []string{"https://mon01.contoso.com/alerts?receiver=mail"}, reports: 3, spamOnly: true},
		{scenario: "monitoring", tool: "prometheus", p2: "prometheus@contoso.com", name: "Alertmanager (plant)",
			path: viaRelay, ip: "192.0.2.23", auth: authRelay,
			client:   client{style: styleAlertmanager, host: "mon03." + domain},
			subjects: []string{"[FIRING:1] BeltStopped {host} (plant critical)", "[RESOLVED] BeltStopped {host} (plant critical)"},
			perDay:   6, hour: 0, to: admins(4), links: []string{"https://mon03.contoso.com/alerts"}, reports: 2},
		{scenario: "monitoring", tool: "prometheus", p2: "alerts@mon02.contoso.com", name: "Alertmanager lab",
			path: viaRelay, ip: "192.0.2.24",
			auth: authFail, client: client{style: styleAlertmanager, host: "mon02." + domain}, role: "relay-not-in-spf",
			subjects: []string{"[FIRING:1] Watchdog {host} (lab none)"},
			perDay:   2, hour: 7, to: admins(3), links: []string{"https://mon02.contoso.com/alerts"}, kind: service, service: "svc-mon02", reports: 1, spamOnly: true},
		{scenario: "monitoring", tool: "datadog", p2: "contoso-alerts@datadoghq.com", name: "Datadog Alerting",
			path: "saas:datadoghq.com", ip: "203.0.113.65", auth: authPass, client: client{host: "datadoghq.com"}, kind: vendor,
			subjects: []string{"[P1] [Triggered on {host:{host}}] CPU load high", "[P2] [Recovered] CPU load high on {host}", "[Warn] Queue depth on {host}", "[No data] Heartbeat of {host}"},
			perDay:   6, hour: 0, to: admins(5), links: []string{"https://app.datadoghq.com/monitors/{n}"}},
	}
}

func onboardingSources() []*source {
	portal := client{host: "idm01." + domain}
	return []*source{
		{scenario: "onboarding", tool: "ldap", p2: "ldap-notify@contoso.com", name: "Directory Notices",
			path: viaRelay, ip: "192.0.2.25", auth: authRelay, client: portal,
			subjects: []string{"Your password expires in {n} days", "Your password will expire in {n} days"},
			perDay:   12, hour: 6, office: true, to: desk(16, 2), reports: 5},
		{scenario: "onboarding", tool: "ldap", p2: "accounts@contoso.com", name: "Account Desk",
			path: viaRelay, ip: "192.0.2.25", auth: authRelay, client: portal,
			subjects: []string{"Contractor password expires in {n} days", "Contractor password will expire in {n} days"},
			perDay:   4, hour: 8, office: true, to: audience{department: "Human Resources", people: 5}, reports: 2, spamOnly: true},
		{scenario: "onboarding", tool: "ldap", p2: "onboard-portal@contoso.com", name: "Onboarding Portal",
			path: viaRelay, ip: "192.0.2.26", auth: authRelay, client: client{host: "portal01." + domain},
			subjects: []string{"Portal password expires in {n} days", "Portal password will expire in {n} days"},
			perDay:   3, hour: 9, office: true, to: audience{department: "Human Resources", people: 4}, links: []string{"https://portal.contoso.com/requests/{n}"}, reports: 1, spamOnly: true},
		{scenario: "onboarding", tool: "okta", p2: "identity@contoso.com", p1: "bounce@mail.okta.com", name: "Contoso Identity (Okta)",
			path: viaSaaS, ip: "203.0.113.66", auth: authPass, client: client{host: "okta.com"},
			subjects: []string{"Activate your Okta account", "Welcome to Okta!", "Okta: Password reset", "New sign-on notification"},
			perDay:   8, hour: 7, office: true, to: desk(12, 2), links: []string{"https://contoso.okta.com/welcome/{n}"}, reports: 3},
		{scenario: "onboarding", tool: "entra-id", p2: "welcome@contoso.com", p1: "lifecycle@mail.microsoft.com", name: "Contoso Onboarding",
			path: viaSaaS, ip: "203.0.113.67", auth: authPass, client: outlook(),
			subjects: []string{"Welcome to Contoso: {user} starts on Monday", "Contoso account verification code"},
			perDay:   3, hour: 8, office: true, to: audience{department: "Human Resources", people: 4}, links: []string{"https://myapplications.microsoft.com/contoso"}, reports: 3},
		{scenario: "onboarding", tool: "entra-id", p2: "msonlineservicesteam@microsoftonline.com", name: "Microsoft on behalf of Contoso",
			path: "saas:microsoftonline.com", ip: "203.0.113.68", auth: authPass, client: outlook(), kind: vendor, undeclared: true,
			subjects: []string{"Contoso account email verification code"},
			perDay:   5, hour: 7, office: true, to: desk(30, 1)},
	}
}

func helpdeskSources() []*source {
	jira := client{style: styleJira}
	jiraShape := []string{"[JIRA] (OPS-{n}) {topic}", "[JIRA] (ITSM-{n}) {topic}"}
	return []*source{
		{scenario: "helpdesk", tool: "jira", p2: "jira@contoso.com", name: "Walter Nagy (Jira)",
			path: viaRelay, ip: "192.0.2.27", auth: authRelay, client: jira, subjects: jiraShape,
			perDay: 16, hour: 7, office: true, to: desk(16, 2), links: []string{"https://jira.contoso.com/browse/OPS-{n}"}, reports: 5},
		{scenario: "helpdesk", tool: "jira", p2: "jira-eng@contoso.com", name: "Engineering (Jira)",
			path: viaRelay, ip: "192.0.2.28", auth: authRelay, client: jira, subjects: jiraShape,
			perDay: 10, hour: 7, office: true, to: audience{"Engineering", 10, 2}, links: []string{"https://jira-eng.contoso.com/browse/ENG-{n}"}, reports: 2, spamOnly: true},
		{scenario: "helpdesk", tool: "jira", p2: "jira-ops@contoso.com", name: "Operations (Jira)",
			path: viaRelay, ip: "192.0.2.28", auth: authRelay, client: jira, subjects: jiraShape,
			perDay: 6, hour: 8, office: true, to: desk(10, 2), links: []string{"https://jira-eng.contoso.com/browse/OPS-{n}"}, reports: 1, spamOnly: true},
		{scenario: "helpdesk", tool: "jira", p2: "jira-cloud@contoso.com", p1: "jira@contoso.atlassian.net", name: "Automation (Jira)",
			path: viaSaaS, ip: "203.0.113.69", auth: authPass, client: jira, subjects: jiraShape,
			perDay: 8, hour: 8, office: true, to: audience{"Marketing", 10, 2}, links: []string{"https://contoso.atlassian.net/browse/MKT-{n}"}, reports: 3},
		{scenario: "helpdesk", tool: "zendesk", p2: "support@contoso.com", p1: "support@contoso.zendesk.com", name: "Contoso Support",
			path: viaSaaS, ip: "203.0.113.70", auth: authPass, client: client{host: "zendesk.com"},
			subjects: []string{"[Contoso] Re: {topic}", "[Contoso] Re: Question about {topic}"},
			perDay:   14, hour: 7, office: true, to: audience{"Sales", 14, 2}, links: []string{"https://contoso.zendesk.com/hc/requests/{n}"}, reports: 4},
		{scenario: "helpdesk", tool: "servicenow", p2: "servicedesk@contoso.com", p1: "contoso@service-now.com", name: "IT Service Desk",
			path: viaSaaS, ip: "203.0.113.71", auth: authPass, client: client{host: "service-now.com"},
			subjects: []string{"Incident INC00{inc} -- comments added", "Incident INC00{inc} has been resolved"},
			perDay:   12, hour: 7, office: true, to: audience{"Engineering", 12, 2}, links: []string{"https://contoso.service-now.com/incident.do?number=INC00{inc}"}, reports: 3},
	}
}

func healthSources() []*source {
	return []*source{
		{scenario: "health-report", tool: "powershell", p2: "svc-health@contoso.com", name: "Mailbox health report",
			path: viaMailbox, ip: graphIP, client: outlook(), kind: service, service: "svc-health",
			subjects: []string{"Daily mailbox health report", "Certificate health report"},
			perDay:   3, hour: 5, to: admins(5), files: []string{"health.csv"}, reports: 4},
		{scenario: "health-report", tool: "python", p2: "svc-reports@contoso.com", name: "Data quality report",
			path: viaRelay, ip: "192.0.2.17", auth: authRelay, client: client{host: "etl01." + domain}, kind: service, service: "svc-reports",
			subjects: []string{"Data quality daily report", "Daily report: export"},
			perDay:   2, hour: 6, to: audience{department: "Finance", people: 4}, reports: 2, spamOnly: true},
		{scenario: "health-report", tool: "python", p2: "svc-inventory@contoso.com", name: "Inventory report",
			path: viaMailbox, ip: graphIP, client: outlook(), kind: service, service: "svc-inventory",
			subjects: []string{"Inventory daily report", "Daily report: inventory"},
			perDay:   3, hour: 5, to: admins(4), reports: 2},
		{scenario: "health-report", tool: "bash", p2: "root@web01.contoso.com", name: "root",
			path: viaRelay, ip: "192.0.2.29", auth: authNone, client: client{host: "web01." + domain}, kind: service, service: "svc-web01", noObjectID: true,
			subjects: []string{"Cron <root@web01> /usr/local/bin/healthcheck", "Cron <root@web01> /usr/local/bin/disk-report"},
			perDay:   4, hour: 4, to: admins(3), reports: 3},
		{scenario: "health-report", tool: "bash", p2: "root@db01.contoso.com", name: "root",
			path: viaRelay, ip: "192.0.2.30", auth: authNone, client: client{host: "db01." + domain}, kind: service, service: "svc-db01", noObjectID: true,
			subjects: []string{"Cron <root@db01> /usr/local/bin/backup-check", "Logwatch for db01 (Linux)"},
			perDay:   3, hour: 4, to: admins(3), reports: 1, spamOnly: true},
	}
}
