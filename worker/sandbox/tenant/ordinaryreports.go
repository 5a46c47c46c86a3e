package tenant

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// How many submissions of each kind a month of the tenant has, beside the cast's.
const (
	externalReports = 350
	notJunkReports  = 40
	contentReports  = 15
	personReports   = 8
	orphans         = 30
	youngOrphans    = 3
)

// reportOrdinary is the everyday noise of the report button.
func (g *generator) reportOrdinary() {
	r := g.dice("ordinary reports")
	old := g.settled(g.inbound)
	for i := range min(externalReports, len(old)) {
		m := old[i*len(old)/externalReports]
		kind := pick(r, []string{phish, spam, spam})
		s := g.report(r, m, g.account(m.to[0].address), kind, minutes(r, 5, 120))
		if i%12 == 0 {
			s.action = customSubmission
		}
	}
	for i := range min(notJunkReports, len(old)) {
		m := old[(i*len(old)/notJunkReports+7)%len(old)]
		g.report(r, m, g.account(m.to[0].address), notJunk, minutes(r, 5, 120))
	}
	for i := range min(contentReports, len(old)) {
		m := old[(i*len(old)/contentReports+11)%len(old)]
		g.report(r, m, g.account(m.to[0].address), phish, minutes(r, 5, 120)).content = []string{"URL", "Attachment"}[i%2]
	}
	g.reportPeople(r)
}

// settled are mails old enough that a report of them is in before the anchor.
func (g *generator) settled(from []*mail) []*mail {
	var out []*mail
	for _, m := range from {
		if m.age(g) > hours(3) {
			out = append(out, m)
		}
	}
	return out
}

// reportPeople lets a few colleagues be reported before the last week, each once.
func (g *generator) reportPeople(r *rand.Rand) {
	seen := map[string]bool{compromised: true}
	for _, m := range g.internal {
		if len(seen) > personReports {
			return
		}
		if m.age(g) < days(9) || seen[m.p2] {
			continue
		}
		seen[m.p2] = true
		g.report(r, m, g.account(m.to[0].address), spam, minutes(r, 5, 120))
	}
}

// reportByAdmin is an administrator's submission of the same message: evidence,
// never a count.
func (g *generator) reportByAdmin(r *rand.Rand, m *mail) {
	admin := g.team("Information Technology", 3)[2]
	s := g.report(r, m, admin, phish, 100*time.Minute)
	s.action, s.to = adminSubmission, nil
	for _, p := range m.to {
		s.to = append(s.to, p.address)
	}
}

// hold is how long a report waits for its mail's row. An orphan counts in the
// week in which its hold ended.
const hold = 48 * time.Hour

// fileOrphans are reports whose mail row never came. Most are past the time
// within which it might; those whose hold ended in the last week are cast.
func (g *generator) fileOrphans() {
	r := g.dice("orphans")
	for i := range orphans {
		at := g.anchor.Add(-days(2.3) - time.Duration(i-youngOrphans)*22*time.Hour - minutes(r, 0, 60))
		if i < youngOrphans {
			at = g.anchor.Add(-time.Duration(6+9*i) * time.Hour)
		}
		from := "offer" + strconv.Itoa(i) + "@lost-mail.example"
		if i%5 == 4 {
			from = "notice" + strconv.Itoa(i) + "@" + domain
		}
		by := pick(r, g.staff())
		s := g.file(r, report{action: userSubmission, kind: pick(r, []string{phish, spam}), content: "Mail", reporter: by, message: guid(r),
			p1: from, p2: from, ip: benchmarkIP(r), subject: "Special offer " + strconv.Itoa(i), to: []string{by.Mail}, at: at})
		if age := g.anchor.Sub(at); age > hold+hours(3) && age < hold+days(6.8) {
			g.cast = append(g.cast, Cast{Role: "orphan", Kind: KindOther, Sender: from, Messages: []string{s.message}})
		}
	}
}
