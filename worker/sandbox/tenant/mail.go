package tenant

import (
	"math/rand/v2"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"harrier/activities/loganalytics/kql"
	"harrier/workflows/soar"
)

// party is a recipient: an address, and the object id of an internal one.
type party struct{ address, id string }

func parties(accounts []*account) []party {
	out := make([]party, len(accounts))
	for i, a := range accounts {
		out[i] = a.party()
	}
	return out
}

// mail is one message before it becomes a row a recipient.
type mail struct {
	id, internetID string
	at             time.Time
	delay          time.Duration // until the rows can be queried
	p1, p2, name   string
	objectID       string
	subject        string
	direction      string
	connector, ip  string
	auth           string
	to             []party
	urls, files    []string
	firstContact   any
	threat         string
	action, landed string // delivery; empty is Delivered, Inbox/folder
	again          []time.Duration
	zapped         int // the first recipients' copies were removed later
}

// Values of AuthenticationDetails. Exchange Online evaluates nothing on mail
// between mailboxes of one tenant.
const (
	authNotEvaluated = ""
	authNone         = `{"SPF":"none","DKIM":"none","DMARC":"none","CompAuth":"none"}`
	authPass         = `{"SPF":"pass","DKIM":"pass","DMARC":"pass","CompAuth":"pass"}`
	authRelay        = `{"SPF":"pass","DKIM":"none","DMARC":"pass","CompAuth":"pass"}`
	authFail         = `{"SPF":"fail","DKIM":"none","DMARC":"fail","CompAuth":"fail"}`
	authForwarded    = `{"SPF":"pass","DKIM":"fail","DMARC":"fail","CompAuth":"fail"}`
)

// send files a mail. Ids are drawn here, so that they never depend on content.
func (g *generator) send(r *rand.Rand, m *mail) *mail {
	m.id = guid(r)
	if m.delay == 0 {
		m.delay = minutes(r, 2, 15)
	}
	if limit := g.anchor.Sub(m.at); m.delay > limit {
		m.delay = limit
	}
	g.mails = append(g.mails, m)
	g.written += len(m.to) * (1 + len(m.again))
	return m
}

// tables turns everything that happened into rows.
func (g *generator) tables() kql.Database {
	columns := Columns()
	tenantID := guid(g.dice("tenant id"))
	t := map[string]*table{}
	for name, c := range columns {
		t[name] = newTable(name, c, tenantID)
	}
	for _, m := range g.mails {
		m.write(t)
	}
	g.writeReports(t["CloudAppEvents"])
	g.writeAudits(t["CloudAppEvents"])
	g.writeClicks(t["UrlClickEvents"])
	g.writeAlerts(t["AlertInfo"], t["AlertEvidence"])
	g.sentinelAlerts = g.writeDetections(t["SecurityAlert"])
	g.writeIdentities(t["IdentityInfo"])
	db := kql.Database{}
	for name, table := range t {
		db[name] = table.sorted()
	}
	return db
}

func (m *mail) write(t map[string]*table) {
	to := m.toColumn()
	for i, p := range m.to {
		m.writeEvent(t["EmailEvents"], i, p, to, 0)
		for _, later := range m.again {
			m.writeEvent(t["EmailEvents"], i, p, to, later)
		}
		for _, f := range m.files {
			m.writeFile(t["EmailAttachmentInfo"], f, p)
		}
	}
	for _, u := range m.urls {
		r := t["EmailUrlInfo"].add(m.at, m.at.Add(m.delay))
		r.set("NetworkMessageId", m.id)
		r.set("Url", u)
		r.set("UrlDomain", hostOf(u))
		r.set("UrlLocation", "Body")
		r.set("ReportId", m.id+"-0")
	}
	for i := range m.zapped {
		m.writeZap(t["EmailPostDeliveryEvents"], i, m.to[i])
	}
}

func (m *mail) toColumn() any {
	list := make([]any, len(m.to))
	for i, p := range m.to {
		list[i] = p.address
	}
	return kql.Dynamic{V: list}
}

func (m *mail) writeEvent(t *table, i int, p party, to any, later time.Duration) {
	r := t.add(m.at.Add(later), m.at.Add(later+m.delay))
	r.set("NetworkMessageId", m.id)
	r.set("InternetMessageId", m.internetID)
	r.set("SenderMailFromAddress", m.p1)
	r.set("SenderMailFromDomain", soar.DomainOf(m.p1))
	r.set("SenderFromAddress", m.p2)
	r.set("SenderFromDomain", soar.DomainOf(m.p2))
	r.set("SenderDisplayName", m.name)
	r.set("SenderObjectId", m.objectID)
	r.set("SenderIPv4", m.ip)
	r.set("RecipientEmailAddress", p.address)
	r.set("RecipientObjectId", p.id)
	r.set("RecipientDomain", soar.DomainOf(p.address))
	r.set("Subject", m.subject)
	r.set("To", to)
	r.set("EmailDirection", m.direction)
	r.set("Connectors", m.connector)
	r.set("AuthenticationDetails", m.auth)
	r.set("IsFirstContact", m.firstContact)
	r.set("AttachmentCount", int64(len(m.files)))
	r.set("UrlCount", int64(len(m.urls)))
	r.set("EmailSize", int64(4_000+37*len(m.subject)+250_000*len(m.files)))
	r.set("EmailLanguage", "en")
	r.set("ReportId", m.id+"-"+strconv.Itoa(i+1))
	m.writeDelivery(r, i)
}

func (m *mail) writeDelivery(r row, i int) {
	action, landed := m.action, m.landed
	if action == "" {
		action, landed = "Delivered", "Inbox/folder"
	}
	r.set("DeliveryAction", action)
	r.set("DeliveryLocation", landed)
	r.set("ThreatTypes", m.threat)
	if i < m.zapped {
		action, landed = "Blocked", "Quarantine"
	}
	r.set("LatestDeliveryAction", action)
	r.set("LatestDeliveryLocation", landed)
}

func (m *mail) writeFile(t *table, name string, p party) {
	r := t.add(m.at, m.at.Add(m.delay))
	ext := strings.TrimPrefix(path.Ext(name), ".")
	r.set("NetworkMessageId", m.id)
	r.set("FileName", name)
	r.set("FileExtension", ext)
	r.set("FileType", ext)
	r.set("FileSize", int64(200_000+len(name)))
	r.set("RecipientEmailAddress", p.address)
	r.set("RecipientObjectId", p.id)
	r.set("SenderFromAddress", m.p2)
	r.set("SenderDisplayName", m.name)
	r.set("SenderObjectId", m.objectID)
	r.set("ReportId", m.id+"-"+name)
}

func (m *mail) writeZap(t *table, i int, p party) {
	at := m.at.Add(95*time.Minute + time.Duration(i)*time.Second)
	r := t.add(at, at.Add(6*time.Minute))
	r.set("NetworkMessageId", m.id)
	r.set("InternetMessageId", m.internetID)
	r.set("Action", "Moved to quarantine")
	r.set("ActionType", "Phish ZAP")
	r.set("ActionTrigger", "SpecialAction")
	r.set("ActionResult", "Success")
	r.set("DeliveryLocation", "Quarantine")
	r.set("ThreatTypes", "Phish")
	r.set("EmailDirection", m.direction)
	r.set("RecipientEmailAddress", p.address)
	r.set("SenderFromAddress", m.p2)
	r.set("ReportId", m.id+"-zap-"+strconv.Itoa(i+1))
}

func hostOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		panic("tenant: link " + link + ": " + err.Error())
	}
	return u.Hostname()
}
