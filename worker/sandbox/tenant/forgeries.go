package tenant

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// forgery is one attacker's mail that imitates a real sender.
type forgery struct {
	how, scenario, tool string
	// from is the visible address: the real one, or a look-alike of it.
	from, name string
	subject    string
	link       string
	file       string
	recipients int
	// phish and spam reports, each by another recipient.
	phish, spam int
}

// forgeries of one scenario by DrivenMailbox and by SameRelay name the same real
// sender, so that its finding holds them and its genuine mail. Between them they
// are called phish once and spam once.
func forgeries() []forgery {
	return slices.Concat(forgedBackups(), forgedAlerts(), forgedWelcomes(), forgedTickets(), forgedReports())
}

func forgedBackups() []forgery {
	return []forgery{
		{how: DirectSend, scenario: "backup", tool: "veeam", from: "backup@contoso.com", name: "Veeam Backup",
			subject: "[Failed] SQL-Daily (12 objects) 3 issues", link: "https://veeam-report.example/session/8812", recipients: 14, phish: 2},
		{how: DrivenMailbox, scenario: "backup", tool: "veritas", from: "backupexec@contoso.com", name: "Backup Exec",
			subject: `Backup Exec Alert: Job Failed (Server: "BE01") (Job: "Exchange full")`, link: "https://be-restore.example/login", recipients: 9, phish: 1},
		{how: SameRelay, scenario: "backup", tool: "veritas", from: "backupexec@contoso.com", name: "Backup Exec",
			subject: `Backup Exec Alert: Job Failed (Server: "BE09") (Job: "SAP full")`, link: "https://be-console.example/job", file: "job-log.html", recipients: 7, spam: 1},
		{how: LookalikeDomain, scenario: "backup", tool: "veeam", from: "backup@c0ntoso.com", name: "Veeam Backup",
			subject: "[Failed] Files-Daily (31 objects) 4 issues", link: "https://backup.c0ntoso.com/report", recipients: 6, phish: 1},
		{how: LookalikeDomain, scenario: "backup", tool: "commvault", from: "alerts@contoso-backup.example", name: "Commvault",
			subject: "Alert: Backup job failed Type: Job Management - Data Protection", link: "https://contoso-backup.example/alert", recipients: 5, phish: 1},
	}
}

func forgedAlerts() []forgery {
	return []forgery{
		{how: DirectSend, scenario: "monitoring", tool: "splunk", from: "splunk@contoso.com", name: "Splunk",
			subject: "Splunk Alert: Disk space on db01", link: "https://splunk-search.example/app/search", recipients: 12, phish: 1},
		{how: DrivenMailbox, scenario: "monitoring", tool: "splunk", from: "splunk-reports@contoso.com", name: "Splunk Reports",
			subject: "Splunk Report: Firewall top talkers", link: "https://siem01-contoso.example/report", recipients: 10, phish: 1},
		{how: SameRelay, scenario: "monitoring", tool: "splunk", from: "splunk-reports@contoso.com", name: "Splunk Reports",
			subject: "Splunk Report: Daily sign-ins", link: "https://splunk-export.example/report", recipients: 8, spam: 1},
		{how: LookalikeDomain, scenario: "monitoring", tool: "datadog", from: "alert@contoso-datadog.example", name: "Datadog Alerting",
			subject: "[P1] [Triggered on {host:web01}] CPU load high", link: "https://contoso-datadog.example/monitors/77", recipients: 6, phish: 1},
	}
}

func forgedWelcomes() []forgery {
	return []forgery{
		{how: DirectSend, scenario: "onboarding", tool: "ldap", from: "ldap-notify@contoso.com", name: "Directory Notices",
			subject: "Your password expires in 1 days", link: "https://password-contoso.example/keep", recipients: 14, phish: 2},
		{how: DrivenMailbox, scenario: "onboarding", tool: "ldap", from: "accounts@contoso.com", name: "Account Desk",
			subject: "Contractor password expires in 1 days", link: "https://account-desk.example/keep", recipients: 11, spam: 1},
		{how: SameRelay, scenario: "onboarding", tool: "ldap", from: "accounts@contoso.com", name: "Account Desk",
			subject: "Contractor password will expire in 2 days", link: "https://contractor-renew.example/keep", recipients: 9, phish: 1},
		{how: LookalikeDomain, scenario: "onboarding", tool: "entra-id", from: "welcome@" + cyrillicDomain, name: "Contoso Onboarding",
			subject: "Welcome to Contoso: your first day", link: "https://" + cyrillicDomain + "/start", recipients: 6, phish: 1},
	}
}

func forgedTickets() []forgery {
	return []forgery{
		{how: DirectSend, scenario: "helpdesk", tool: "jira", from: "jira@contoso.com", name: "Walter Nagy (Jira)",
			subject: "[JIRA] (OPS-41) Rotate certificates", link: "https://jira-review.example/OPS-41", recipients: 13, phish: 1},
		{how: DrivenMailbox, scenario: "helpdesk", tool: "jira", from: "jira-eng@contoso.com", name: "Engineering (Jira)",
			subject: "[JIRA] (ENG-7) New laptop", link: "https://jira-approve.example/ENG-7", recipients: 10, phish: 1},
		{how: SameRelay, scenario: "helpdesk", tool: "jira", from: "jira-eng@contoso.com", name: "Grace Hofer (Jira)",
			subject: "[JIRA] (OPS-12) Access to the sales share", link: "https://jira-access.example/OPS-12", recipients: 8, spam: 1},
		{how: LookalikeDomain, scenario: "helpdesk", tool: "servicenow", from: "servicedesk@contosso.com", name: "IT Service Desk",
			subject: "Incident INC001001 -- comments added", link: "https://service.contosso.com/incident", recipients: 7, phish: 1},
	}
}

func forgedReports() []forgery {
	return []forgery{
		{how: DirectSend, scenario: "health-report", tool: "powershell", from: "svc-health@contoso.com", name: "Mailbox health report",
			subject: "Daily mailbox health report", link: "https://health-portal.example/report", recipients: 10, phish: 1},
		{how: DrivenMailbox, scenario: "health-report", tool: "python", from: "svc-reports@contoso.com", name: "Data quality report",
			subject: "Data quality daily report", link: "https://reports-view.example/today", recipients: 9, spam: 1},
		{how: SameRelay, scenario: "health-report", tool: "python", from: "svc-reports@contoso.com", name: "Data quality report",
			subject: "Daily report: export", link: "https://export-view.example/today", recipients: 6, phish: 1},
		{how: LookalikeDomain, scenario: "health-report", tool: "bash", from: "root@cont0so.com", name: "root",
			subject: "Logwatch for web01 (Linux)", link: "https://logs.cont0so.com/web01", recipients: 5, phish: 1},
	}
}

// cyrillicDomain is contoso.com with a Cyrillic o at its end, as DNS and mail
// servers write it.
const cyrillicDomain = "xn--contos-1qf.com"

// sendForgeries sends them over the last six days, none younger than five hours.
func (g *generator) sendForgeries() {
	r := g.dice("forgeries")
	for i, f := range forgeries() {
		at := g.anchor.Add(-5*time.Hour - time.Duration(i)*6*time.Hour - minutes(r, 0, 50))
		m := g.forge(r, f, at)
		victims := g.strangers(r, f)
		m.to = parties(victims)
		g.send(r, m)
		for n := range f.phish + f.spam {
			kind := phish
			if n >= f.phish {
				kind = spam
			}
			g.report(r, m, victims[n], kind, minutes(r, 4, 60))
		}
		g.join(Cast{Role: f.scenario, Kind: KindLookalike, Forgery: f.how, Tool: f.tool, Sender: f.from}, m)
		if f.how == DirectSend {
			g.clicks = append(g.clicks, click{victims[f.phish+f.spam], m.id, f.link, at.Add(minutes(r, 3, 30))})
			g.reportByAdmin(r, m)
		}
		if f.how == DrivenMailbox {
			g.auditDriver(r, m)
		}
	}
}

func (g *generator) forge(r *rand.Rand, f forgery, at time.Time) *mail {
	m := &mail{at: at, p1: f.from, p2: f.from, name: f.name, subject: f.subject, urls: []string{f.link}}
	if f.file != "" {
		m.files = []string{f.file}
	}
	real := g.source(f.from)
	var c client
	switch f.how {
	case DirectSend:
		// Exchange looks the forged address up and files its object id.
		m.direction, m.auth, m.ip, m.firstContact = "Inbound", authFail, "198.51.100.23", true
		m.objectID = real.account.ID
		c = client{host: "vps-2213.hosting.example"}
	case DrivenMailbox:
		m.direction, m.ip, m.objectID = "Intra-org", "203.0.113."+pick(r, []string{"201", "202", "203"}), real.account.ID
		c = outlook()
		// The intruder signed in by hand, which a program's mailbox does not see.
		real.account.LastInteractive = at.Add(-20 * time.Minute)
		real.account.AccountEnabled = true
	case SameRelay:
		m.direction, m.connector, m.ip, m.auth, m.objectID = "Intra-org", relayName, real.ip, real.auth, real.objectID()
		c = client{host: "ws-0417." + domain}
	case LookalikeDomain:
		m.direction, m.auth, m.ip, m.firstContact = "Inbound", authPass, "198.51.100."+pick(r, []string{"61", "62", "63"}), true
		c = client{host: "mx." + f.from[strings.IndexByte(f.from, '@')+1:]}
	}
	m.internetID = c.messageID(r, at)
	return m
}

// source is the real sender of an address, nil when there is none.
func (g *generator) source(address string) *source {
	for _, s := range g.real {
		if s.p2 == address {
			return s
		}
	}
	return nil
}

// strangers are people the real sender never writes to.
func (g *generator) strangers(r *rand.Rand, f forgery) []*account {
	known := map[*account]bool{}
	if s := g.source(f.from); s != nil {
		for _, a := range g.team(s.to.department, s.to.people) {
			known[a] = true
		}
	}
	return g.draw(r, f.recipients, known)
}

// draw takes n different people, none of those to avoid.
func (g *generator) draw(r *rand.Rand, n int, avoid map[*account]bool) []*account {
	taken := map[*account]bool{g.account(compromised): true}
	var out []*account
	for len(out) < n {
		a := pick(r, g.staff())
		if taken[a] || avoid[a] {
			continue
		}
		taken[a] = true
		out = append(out, a)
	}
	return out
}

// join adds a part to the cast with its reported messages.
func (g *generator) join(c Cast, reported ...*mail) {
	for _, m := range reported {
		c.Messages = append(c.Messages, m.id)
	}
	g.cast = append(g.cast, c)
}
