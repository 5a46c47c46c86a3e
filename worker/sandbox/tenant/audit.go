package tenant

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"harrier/activities/loganalytics/kql"
)

// click is a click on a link in a mail.
type click struct {
	by      *account
	message string
	link    string
	at      time.Time
}

// alert is a Defender alert that names a mail.
type alert struct {
	at    time.Time
	title string
	about *mail
}

// auditEvent is an Exchange or directory record in CloudAppEvents.
type auditEvent struct {
	at         time.Time
	by         *account
	operation  string
	ip         string
	client     string
	object     string
	parameters []any
}

const auditRows = 4_000

// audit writes the everyday audit log, so that silence about a mailbox means
// something: rule changes of the taken-over mailbox stand out of a log that is
// known to be read.
func (g *generator) audit() {
	r := g.dice("audit")
	when := g.shape()
	everyday := []string{"MailItemsAccessed", "MailItemsAccessed", "Send", "SoftDelete", "MoveToDeletedItems", "FileAccessed", "UserLoggedIn"}
	for range auditRows {
		a := pick(r, g.staff())
		g.audits = append(g.audits, auditEvent{at: when.draw(r), by: a, operation: pick(r, everyday), ip: officeIP, client: "Client=OWA;Action=ViaProxy", object: a.Mail})
	}
	for i := range 12 {
		a := g.settledPerson(r)
		g.auditInboxRule(a, g.anchor.Add(-days(16)-time.Duration(i)*20*time.Hour), officeIP, "Newsletters "+strconv.Itoa(i), []any{"MoveToFolder"})
	}
	for i := range 4 {
		admin := g.team("Information Technology", 2)[1]
		object := sharedMailboxes()[i+1] + "@" + domain
		g.audits = append(g.audits, auditEvent{at: g.anchor.Add(-days(15 + float64(i))), by: admin, operation: "Add-MailboxPermission", ip: officeIP,
			client: "Client=Microsoft.Exchange.Powershell", object: object, parameters: parameters("Identity", object, "AccessRights", "FullAccess", "User", g.staff()[20+i].Mail)})
	}
	admin := g.team("Information Technology", 2)[1]
	for i := range 6 {
		u := g.staff()[40+i]
		g.audits = append(g.audits, auditEvent{at: g.anchor.Add(-days(1 + 2*float64(i))), by: admin, operation: "Change user license.", ip: officeIP, object: u.Mail})
	}
	g.auditPrograms()
}

// settledPerson is nobody the story speaks of.
func (g *generator) settledPerson(r *rand.Rand) *account {
	return g.staff()[len(named())+r.IntN(g.people-len(named()))]
}

// auditPrograms records how service mailboxes send: as an application, not by hand.
func (g *generator) auditPrograms() {
	for _, s := range g.real {
		if s.path != viaMailbox {
			continue
		}
		for i := 0; i < len(s.sent); i += 3 {
			at := s.sent[i].at
			g.audits = append(g.audits, auditEvent{at: at, by: s.account, operation: "Send", ip: graphIP, client: "Client=REST;Client=RESTSystem;", object: s.p2})
		}
	}
}

// auditDriver records the intruder at the keyboard of a driven mailbox.
func (g *generator) auditDriver(r *rand.Rand, m *mail) {
	by := g.source(m.p2).account
	for _, operation := range []string{"MailItemsAccessed", "Send"} {
		g.audits = append(g.audits, auditEvent{at: m.at.Add(-minutes(r, 1, 12)), by: by, operation: operation, ip: m.ip, client: "Client=OWA;Action=ViaProxy", object: m.p2})
	}
}

// auditInboxRule records that an account made an inbox rule; an intruder gives the
// account a telephone of their own first.
func (g *generator) auditInboxRule(a *account, at time.Time, ip, name string, actions []any) {
	p := parameters("Name", name)
	for _, action := range actions {
		value := "True"
		switch action {
		case "SubjectOrBodyContainsWords":
			value = "phish;hacked;scam"
		case "MoveToFolder":
			value = "Newsletters"
		}
		p = append(p, parameter(action.(string), value))
	}
	if ip == intruderIP {
		g.audits = append(g.audits, auditEvent{at: at.Add(-15 * time.Minute), by: a, operation: "User registered security info", ip: ip, object: a.Mail})
	}
	g.audits = append(g.audits, auditEvent{at: at, by: a, operation: "New-InboxRule", ip: ip, client: "Client=OWA;Action=ViaProxy", object: a.Mail, parameters: p})
}

func parameters(pairs ...string) []any {
	var out []any
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, parameter(pairs[i], pairs[i+1]))
	}
	return out
}

func parameter(name, value string) map[string]any {
	return map[string]any{"Name": name, "Value": value}
}

func (g *generator) writeAudits(t *table) {
	r := g.dice("audit rows")
	for _, e := range g.audits {
		delay := min(minutes(r, 3, 45), g.anchor.Sub(e.at))
		row := t.add(e.at, e.at.Add(delay))
		row.set("ActionType", e.operation)
		row.set("ActivityType", "Basic")
		row.set("Application", "Microsoft Exchange Online")
		row.set("ApplicationId", int64(20893))
		row.set("AccountObjectId", e.by.ID)
		row.set("AccountId", e.by.ID)
		row.set("AccountDisplayName", e.by.DisplayName)
		row.set("AccountType", "Regular")
		row.set("IPAddress", e.ip)
		row.set("CountryCode", countryOf(e.ip))
		row.set("IsAdminOperation", e.operation == "Add-MailboxPermission")
		row.set("ObjectName", e.object)
		row.set("ReportId", guid(r))
		row.set("RawEventData", kql.Dynamic{V: map[string]any{
			"Operation": e.operation, "Workload": "Exchange", "UserId": e.by.UserPrincipalName, "ClientIP": e.ip, "ClientInfoString": e.client,
			"MailboxOwnerUPN": e.object, "ObjectId": e.object, "Parameters": append([]any{}, e.parameters...), "CreationTime": e.at.Format("2006-01-02T15:04:05"),
		}})
	}
}

func countryOf(ip string) string {
	if ip == intruderIP {
		return "NL"
	}
	return "DE"
}

func (g *generator) writeClicks(t *table) {
	r := g.dice("click rows")
	for _, c := range g.clicks {
		row := t.add(c.at, c.at.Add(minutes(r, 2, 9)))
		row.set("AccountUpn", c.by.UserPrincipalName)
		row.set("ActionType", "ClickAllowed")
		row.set("IsClickedThrough", true)
		row.set("NetworkMessageId", c.message)
		row.set("Url", c.link)
		row.set("UrlChain", `["`+c.link+`"]`)
		row.set("Workload", "Email")
		row.set("IPAddress", officeIP)
		row.set("ReportId", guid(r))
	}
}

func (g *generator) writeAlerts(info, evidence *table) {
	r := g.dice("alert rows")
	for _, a := range g.alerts {
		id := "fa" + guid(r)
		g.defenderAlerts = append(g.defenderAlerts, id)
		seen := a.at.Add(4 * time.Minute)
		for _, t := range []*table{info, evidence} {
			row := t.add(a.at, seen)
			row.set("AlertId", id)
			row.set("Title", a.title)
			row.set("Severity", "Informational")
			row.set("ServiceSource", "Microsoft Defender for Office 365")
			row.set("DetectionSource", "Microsoft Defender for Office 365")
		}
		row := row{evidence, evidence.Rows[len(evidence.Rows)-1]}
		row.set("EntityType", "MailMessage")
		row.set("EvidenceRole", "Related")
		row.set("NetworkMessageId", a.about.id)
		row.set("EmailSubject", a.about.subject)
	}
}

// detection is what an analytics rule of Sentinel made of a mail.
type detection struct {
	at     time.Time
	rule   string
	tactic string
	about  *mail
}

// writeDetections writes alerts with their entities, as JSON text, and returns what they
// bring to an incident.
func (g *generator) writeDetections(t *table) []SentinelAlert {
	r := g.dice("sentinel alerts")
	var out []SentinelAlert
	for _, d := range g.detections {
		a := SentinelAlert{ID: guid(r), Tactics: []string{d.tactic}, Entities: []string{d.about.p2, d.about.id}}
		user, domain, _ := strings.Cut(d.about.p2, "@")
		entities, _ := json.Marshal([]map[string]string{
			{"$id": "1", "Type": "account", "Name": user, "UPNSuffix": domain, "AadUserId": d.about.objectID},
			{"$id": "2", "Type": "mailMessage", "NetworkMessageId": d.about.id, "Sender": d.about.p2, "Subject": d.about.subject},
		})
		row := t.add(d.at, d.at.Add(3*time.Minute))
		row.set("SystemAlertId", a.ID)
		row.set("AlertName", d.rule)
		row.set("DisplayName", d.rule)
		row.set("AlertSeverity", "Medium")
		row.set("ProductName", "Azure Sentinel")
		row.set("ProviderName", "ASI Scheduled Alerts")
		row.set("VendorName", "Microsoft")
		row.set("Status", "New")
		row.set("Tactics", d.tactic)
		row.set("Entities", string(entities))
		out = append(out, a)
	}
	return out
}

func (g *generator) writeIdentities(t *table) {
	at := g.anchor.Add(-6 * time.Hour)
	for _, a := range g.accounts {
		row := t.add(at, at.Add(20*time.Minute))
		row.set("AccountObjectId", a.ID)
		row.set("AccountUPN", a.UserPrincipalName)
		row.set("AccountDisplayName", a.DisplayName)
		row.set("MailAddress", a.Mail)
		row.set("Department", a.Department)
		row.set("JobTitle", a.JobTitle)
		row.set("IsAccountEnabled", a.AccountEnabled)
		row.set("UserType", a.UserType)
		row.set("AccountCreationTime", a.Created)
	}
}
