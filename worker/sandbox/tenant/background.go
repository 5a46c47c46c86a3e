package tenant

import (
	"math/rand/v2"
	"sort"
	"strconv"
	"time"
)

// stranger is somebody outside: a correspondent or a newsletter.
type stranger struct {
	address, envelope, name, ip, host string
	bulk                              bool
}

// shape is when mail is sent: the chance of each hour of the tenant's days.
type shape struct {
	start time.Time
	upTo  []int // running sum of weights
}

func (g *generator) shape() shape {
	s := shape{start: g.since().Truncate(time.Hour).Add(time.Hour)}
	sum := 0
	for at := s.start; at.Before(g.anchor.Add(-time.Hour)); at = at.Add(time.Hour) {
		sum += weight(at)
		s.upTo = append(s.upTo, sum)
	}
	return s
}

// weight is how busy an hour is: office hours of a working day, a lunch dip,
// quiet nights and weekends.
func weight(at time.Time) int {
	w := []int{2, 2, 1, 1, 2, 4, 10, 28, 46, 52, 50, 42, 30, 44, 48, 44, 36, 22, 12, 8, 6, 5, 4, 3}[at.Hour()]
	if weekend(at) {
		return 1 + w/8
	}
	return w
}

func (s shape) draw(r *rand.Rand) time.Time {
	n := r.IntN(s.upTo[len(s.upTo)-1])
	hour := sort.SearchInts(s.upTo, n+1)
	return s.start.Add(time.Duration(hour)*time.Hour + time.Duration(r.IntN(3600))*time.Second)
}

// sendBackground fills the tenant up with ordinary mail, to the exact number of rows.
func (g *generator) sendBackground() {
	r := g.dice("background")
	g.sendCampaign(r)
	when := g.shape()
	outside := strangers(r)
	for g.written < g.rows {
		m := g.ordinary(r, outside, when.draw(r))
		if left := g.rows - g.written; len(m.to) > left {
			m.to = m.to[:left]
		}
		g.send(r, m)
	}
}

func (g *generator) ordinary(r *rand.Rand, outside []stranger, at time.Time) *mail {
	switch n := r.IntN(100); {
	case n < 57:
		m := g.incoming(r, pick(r, outside), at)
		g.inbound = append(g.inbound, m)
		return m
	case n < 77:
		m := g.personal(r, pick(r, g.staff()), at)
		g.internal = append(g.internal, m)
		return m
	case n < 96:
		return g.outgoing(r, pick(r, g.staff()), pick(r, outside), at)
	case n < 98:
		return g.scanned(r, at)
	}
	return g.fromPremises(r, at)
}

func subjects() []string {
	return []string{"Minutes of today's meeting", "Quote 2231", "Re: delivery date", "Question about the contract", "Draft for review", "Lunch on Thursday?",
		"Order confirmation", "Invoice attached", "Agenda", "Holiday plan", "Re: test results", "Updated drawing", "Travel booking", "Reminder: timesheets", "Thank you"}
}

// personal is a mail between people, from a mailbox, evaluated by nobody.
func (g *generator) personal(r *rand.Rand, a *account, at time.Time) *mail {
	m := &mail{at: at, p1: a.Mail, p2: a.Mail, name: a.DisplayName, objectID: a.ID, subject: pick(r, subjects()), direction: "Intra-org",
		ip: officeIP, internetID: outlook().messageID(r, at)}
	first := r.IntN(len(a.circle))
	taken := map[*account]bool{a: true}
	for i := range 1 + r.IntN(4)*r.IntN(2) {
		if c := a.circle[(first+i)%len(a.circle)]; !taken[c] {
			taken[c] = true
			m.to = append(m.to, c.party())
		}
	}
	if len(m.to) == 0 {
		m.to = []party{g.account("facilities@contoso.com").party()}
	}
	if r.IntN(6) == 0 {
		m.urls = []string{"https://contoso.sharepoint.com/sites/team/" + strconv.Itoa(r.IntN(400))}
	}
	if r.IntN(8) == 0 {
		m.files = []string{pick(r, []string{"plan.xlsx", "draft.docx", "scan.pdf"})}
	}
	return m
}

func (g *generator) incoming(r *rand.Rand, s stranger, at time.Time) *mail {
	m := &mail{at: at, p1: s.envelope, p2: s.address, name: s.name, subject: pick(r, subjects()), direction: "Inbound", ip: s.ip, auth: authPass,
		firstContact: r.IntN(12) == 0, internetID: client{host: s.host}.messageID(r, at), to: []party{pick(r, g.staff()).party()}}
	if s.bulk {
		m.subject = "News of the week"
		m.urls = []string{"https://" + s.host + "/read/" + strconv.Itoa(r.IntN(900)), "https://" + s.host + "/unsubscribe"}
	}
	if r.IntN(40) == 0 {
		m.action, m.landed, m.threat = "Junked", "Junk folder", "Spam"
	}
	return m
}

func (g *generator) outgoing(r *rand.Rand, a *account, s stranger, at time.Time) *mail {
	return &mail{at: at, p1: a.Mail, p2: a.Mail, name: a.DisplayName, objectID: a.ID, subject: pick(r, subjects()), direction: "Outbound",
		ip: officeIP, internetID: outlook().messageID(r, at), to: []party{{address: s.address}}}
}

// scanned is a printer's Direct Send: real, and as unproven as a forgery.
func (g *generator) scanned(r *rand.Rand, at time.Time) *mail {
	a := g.account("svc-scan@contoso.com")
	return &mail{at: at, p1: a.Mail, p2: a.Mail, name: "Scanner 3F", objectID: a.ID, subject: "Scan from floor 3", direction: "Inbound", ip: "192.0.2.200",
		auth: authFail, firstContact: false, files: []string{"scan.pdf"}, internetID: client{host: "scanner-3f." + domain}.messageID(r, at), to: []party{pick(r, g.staff()).party()}}
}

// fromPremises is an application behind the on-premises Exchange.
func (g *generator) fromPremises(r *rand.Rand, at time.Time) *mail {
	a := g.account("svc-sap@contoso.com")
	return &mail{at: at, p1: a.Mail, p2: a.Mail, name: "SAP Workflow", objectID: a.ID, subject: "Approval waiting: order " + strconv.Itoa(r.IntN(9000)), direction: "Intra-org",
		connector: hybridName, ip: hybridIP, internetID: client{host: "ex01." + domain}.messageID(r, at), to: []party{pick(r, g.staff()).party()}}
}

func strangers(r *rand.Rand) []stranger {
	companies := []string{"fabrikam.com", "northwindtraders.com", "adventure-works.com", "litware.com", "proseware.com", "tailspintoys.com", "woodgrovebank.com", "wingtiptoys.com"}
	given, family := givenNames(), familyNames()
	var out []stranger
	for i := range 300 {
		d := companies[i%len(companies)]
		address := "contact" + strconv.Itoa(i) + "@" + d
		out = append(out, stranger{address: address, envelope: address, name: pick(r, given[:40]) + " " + pick(r, family[:40]), ip: benchmarkIP(r), host: "mail." + d})
	}
	for i := range 60 {
		d := "news" + strconv.Itoa(i) + ".example"
		envelope := "bounce-" + strconv.Itoa(1000+i) + "@mta." + d
		out = append(out, stranger{address: "letter@" + d, envelope: envelope, name: "Letter " + strconv.Itoa(i), ip: benchmarkIP(r), host: d, bulk: true})
	}
	return out
}

// benchmarkIP is an address of 198.18.0.0/15, which nobody has on the Internet.
func benchmarkIP(r *rand.Rand) string {
	return "198." + strconv.Itoa(18+r.IntN(2)) + "." + strconv.Itoa(r.IntN(256)) + "." + strconv.Itoa(1+r.IntN(254))
}

// sendCampaign is the burst: one outside phish that sixty people report on one day.
func (g *generator) sendCampaign(r *rand.Rand) {
	start := g.anchor.Add(-days(12))
	for i, a := range g.draw(r, 60, nil) {
		at := start.Add(time.Duration(i) * 40 * time.Second)
		m := &mail{at: at, p1: "bounce@parcel-track.example", p2: "service@parcel-track.example", name: "Parcel Service", subject: "Your parcel is waiting", direction: "Inbound",
			ip: "198.51.100.140", auth: authPass, firstContact: true, internetID: client{host: "parcel-track.example"}.messageID(r, at),
			urls: []string{"https://parcel-track.example/pay"}, to: []party{a.party()}}
		g.send(r, m)
		g.report(r, m, a, phish, minutes(r, 5, 400))
	}
}
