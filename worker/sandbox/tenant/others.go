package tenant

import (
	"math/rand/v2"
	"time"
)

// Addresses the story depends on.
const (
	compromised      = "j.doe@contoso.com"
	aliasAddress     = "sales@contoso.com"
	ambiguousAddress = "info@contoso.com"
	deletedAddress   = "gregor.stone@contoso.com"
	guestAddress     = "partner7_fabrikam.com#EXT#@" + cloudDomain
	intruderIP       = "203.0.113.50"
	payrollLink      = "https://contoso-hr.example/payroll"
)

// oddity is a reported mail whose sender, rows or report need care.
type oddity struct {
	role           string
	p1, p2, name   string
	owner          string // account whose object id the rows carry
	subject, link  string
	direction      string // empty is Intra-org
	connector, ip  string
	auth           string
	client         client
	hoursAgo       float64
	kind           string // of the report
	reachesMailbox string // a single recipient, instead of three people
	again          []time.Duration
	delay          time.Duration
}

func oddities() []oddity {
	person := func(role, address, name, subject string, hoursAgo float64) oddity {
		return oddity{role: role, p1: address, p2: address, name: name, owner: address, subject: subject, ip: officeIP, client: outlook(), hoursAgo: hoursAgo, kind: spam}
	}
	relay := client{host: "app01." + domain}
	shared := person("shared-mailbox", "facilities@contoso.com", "Contoso facilities", "Parking garage closed on Friday", 52)
	alias := person("alias", aliasAddress, "Contoso Sales", "Updated price list", 61)
	alias.owner = "s01@contoso.com"
	delegate := person("delegate-report", "sofia.marin@contoso.com", "Sofia Marin", "Candidates for the payroll team", 44)
	delegate.reachesMailbox = "payroll-team@contoso.com"
	late := person("late-row", "uma.patel@contoso.com", "Uma Patel", "Please check the roadmap", 30)
	late.delay = 5 * time.Hour
	again := person("reprocessed", "priya.nair@contoso.com", "Priya Nair", "Shift plan for next week", 75)
	again.again = []time.Duration{7 * time.Hour}
	return []oddity{
		shared, alias, delegate, late, again,
		person("upper-case-id", "rupert.lang@contoso.com", "Rupert Lang", "Contract draft", 83),
		person("reported-twice", "walter.nagy@contoso.com", "Walter Nagy", "Maintenance tonight", 96),
		person("deleted", deletedAddress, "Gregor Stone", "Farewell, and a link to my photos", 110),
		{role: "guest", p1: guestAddress, p2: guestAddress, name: "Partner 7", owner: "partner7@fabrikam.com",
			subject: "Shared: offer.docx", link: "https://fabrikam-files.example/offer",
			direction: "Inbound", ip: "198.51.100.77", auth: authNone, client: client{host: "mail.fabrikam.com"}, hoursAgo: 58, kind: phish},
		{role: "null-sender", p1: "<>",
			subject: "Undelivered: your mailbox is full", link: "https://mailbox-full.example/fix", ip: "198.51.100.90", client: client{host: "unknown.example"}, hoursAgo: 38, kind: phish},
		{role: "null-sender",
			subject: "Message on hold", link: "https://held-mail.example/release", ip: "198.51.100.91", client: client{host: "unknown.example"}, hoursAgo: 88, kind: phish},
		{role: "srs", p1: "SRS0=hh4k=tt=contoso.com=maria.lund@fwd.fabrikam.com", p2: "maria.lund@contoso.com", name: "Maria Lund", owner: "maria.lund@contoso.com",
			subject:   "Fwd: signed contract",
			direction: "Inbound", ip: "198.51.100.78", auth: authForwarded, client: outlook(), hoursAgo: 66, kind: spam},
		{role: "batv", p1: "prvs=2987a7b7c7=theo.winter@contoso.com", p2: "theo.winter@contoso.com", name: "Theo Winter", owner: "theo.winter@contoso.com",
			subject:   "Quarter figures",
			connector: hybridName, ip: hybridIP, client: client{host: "ex01." + domain}, hoursAgo: 71, kind: spam},
		{role: "ambiguous", p1: ambiguousAddress, p2: ambiguousAddress, name: "Contoso Info",
			subject: "Canteen menu", connector: relayName, ip: "192.0.2.17", auth: authRelay, client: relay, hoursAgo: 92, kind: spam},
		{role: "printer", p1: "svc-scan@contoso.com", p2: "svc-scan@contoso.com", name: "Scanner 3F", owner: "svc-scan@contoso.com",
			subject:   "Scan from floor 3",
			direction: "Inbound", ip: "192.0.2.200", auth: authFail, client: client{host: "scanner-3f." + domain}, hoursAgo: 47, kind: spam},
	}
}

func (g *generator) sendOthers() {
	r := g.dice("others")
	for _, u := range named() {
		g.sendUsual(r, g.account(u.Mail))
	}
	g.sendTakenOver(r)
	for _, o := range oddities() {
		g.sendOddity(r, o)
	}
	g.sendSimulation(r)
}

// sendUsual gives a person of the story ordinary days: a few mails to colleagues.
func (g *generator) sendUsual(r *rand.Rand, a *account) {
	for day := g.since().Truncate(24*time.Hour).AddDate(0, 0, 1); day.Before(g.anchor); day = day.AddDate(0, 0, 1) {
		for range 3 {
			at := day.Add(8*time.Hour + minutes(r, 0, 540))
			if !weekend(day) && at.Before(g.anchor.Add(-time.Hour)) {
				g.send(r, g.personal(r, a, at))
			}
		}
	}
}

// sendTakenOver is the mailbox the published hunt does not show: a new inbox
// rule, a new address, 200 recipients, two phish reports.
func (g *generator) sendTakenOver(r *rand.Rand) {
	a := g.account(compromised)
	at := g.anchor.Add(-7*time.Hour - minutes(r, 0, 20))
	a.LastInteractive = at.Add(-50 * time.Minute)
	g.auditInboxRule(a, at.Add(-40*time.Minute), intruderIP, "...", []any{"DeleteMessage", "SubjectOrBodyContainsWords"})
	victims := g.draw(r, 200, nil)
	m := &mail{at: at, p1: a.Mail, p2: a.Mail, name: a.DisplayName, objectID: a.ID, subject: "Payroll update required", direction: "Intra-org",
		ip: intruderIP, internetID: outlook().messageID(r, at), urls: []string{payrollLink}, to: parties(victims), zapped: 20}
	g.send(r, m)
	for i := range 2 {
		g.report(r, m, victims[40+i], phish, minutes(r, 10, 45))
	}
	for i := range 4 {
		g.clicks = append(g.clicks, click{victims[60+i], m.id, payrollLink, at.Add(minutes(r, 4, 80))})
	}
	g.alerts = append(g.alerts, alert{at.Add(100 * time.Minute), "Email messages containing malicious URL removed after delivery", m})
	g.detections = append(g.detections, detection{at.Add(70 * time.Minute), "Internal mail with one link to many people", "LateralMovement", m})
	g.join(Cast{Role: "compromised", Kind: KindOther, Sender: a.Mail}, m)
}

func (g *generator) sendOddity(r *rand.Rand, o oddity) {
	at := g.anchor.Add(-hours(o.hoursAgo) - minutes(r, 0, 30))
	m := &mail{at: at, p1: o.p1, p2: o.p2, name: o.name, subject: o.subject, direction: o.direction, connector: o.connector,
		ip: o.ip, auth: o.auth, internetID: o.client.messageID(r, at), again: o.again, delay: o.delay}
	if o.link != "" {
		m.urls = []string{o.link}
	}
	if o.owner != "" {
		m.objectID = g.account(o.owner).ID
	}
	if m.direction == "" {
		m.direction = "Intra-org"
	} else {
		m.firstContact = true
	}
	people := g.draw(r, 3, nil)
	m.to = parties(people)
	if o.reachesMailbox != "" {
		m.to = parties([]*account{g.account(o.reachesMailbox)})
	}
	g.send(r, m)
	first := g.report(r, m, people[0], o.kind, minutes(r, 4, 90))
	switch o.role {
	case "upper-case-id":
		first.upper = true
	case "reported-twice":
		g.report(r, m, people[0], o.kind, 3*time.Hour)
	}
	g.join(Cast{Role: o.role, Kind: KindOther, Sender: o.p2}, m)
}

// sendSimulation is an attack simulation in the tenant's own name. Users who
// report it did well; nobody attacked.
func (g *generator) sendSimulation(r *rand.Rand) {
	at := g.anchor.Add(-days(4) - hours(2))
	m := &mail{at: at, p1: "training@contoso.com", p2: "training@contoso.com", name: "Contoso IT", subject: "Your mailbox is almost full", direction: "Inbound",
		ip: "203.0.113.80", auth: authNone, firstContact: false, internetID: client{host: "simulation.example"}.messageID(r, at), urls: []string{"https://simulation.example/login"}}
	people := g.draw(r, 60, nil)
	m.to = parties(people)
	g.send(r, m)
	for i := range 22 {
		g.report(r, m, people[i], phish, minutes(r, 5, 300)).action = simulationReport
	}
	g.join(Cast{Role: "simulation", Kind: KindOther, Sender: m.p2}, m)
}

// sendSpoofs are crude forgeries of internal names from outside, all month long.
func (g *generator) sendSpoofs() {
	r := g.dice("spoofs")
	names := []string{"it-helpdesk", "hr", "payroll", "no-reply", "admin", "postmaster", "voicemail", "fax"}
	subjects := []string{"Voice message (0:41)", "Action required: mailbox storage", "Salary letter", "Document shared with you", "Invoice overdue"}
	for i := range 20 {
		at := g.anchor.Add(-hours(16) - time.Duration(i)*33*time.Hour - minutes(r, 0, 90))
		address := names[i%len(names)] + "@" + domain
		host := "mail" + string(rune('a'+i)) + ".example"
		m := &mail{at: at, p1: "info@" + host, p2: address, name: "Contoso " + names[i%len(names)], subject: pick(r, subjects), direction: "Inbound", ip: benchmarkIP(r),
			auth: authFail, firstContact: true, internetID: client{host: host}.messageID(r, at), urls: []string{"https://" + host + "/open"}}
		people := g.draw(r, 1+r.IntN(4), nil)
		m.to = parties(people)
		g.send(r, m)
		g.report(r, m, people[0], phish, minutes(r, 5, 300))
		if m.age(g) < days(6.7) {
			g.join(Cast{Role: "spoof", Kind: KindOther, Sender: address}, m)
		}
	}
}
