package tenant

import (
	"math/rand/v2"
	"strings"
	"time"

	"harrier/activities/loganalytics/kql"
)

// Kinds of SubmissionType and the action types of reports.
const (
	spam    = "0"
	phish   = "1"
	notJunk = "3"

	userSubmission   = "UserSubmission"
	customSubmission = "CustomSubmission"
	simulationReport = "AttackSimUserSubmission"
	adminSubmission  = "AdminSubmission"
)

// report is one submission: who called which message what, and when.
type report struct {
	id       string
	action   string
	kind     string // SubmissionType
	content  string // SubmissionContentType
	reporter *account
	message  string
	p1, p2   string
	ip       string
	subject  string
	to       []string
	at       time.Time
	delay    time.Duration
	// asNumber writes SubmissionType as a number, upper the reporter's id in upper case.
	asNumber, upper bool
}

// report files a user's report of a mail, some time after its delivery.
func (g *generator) report(r *rand.Rand, m *mail, by *account, kind string, after time.Duration) *report {
	return g.file(r, report{
		action: userSubmission, kind: kind, content: "Mail", reporter: by, message: m.id, p1: m.p1, p2: m.p2, ip: m.ip,
		subject: m.subject, to: []string{by.Mail}, at: m.at.Add(after),
	})
}

func (g *generator) file(r *rand.Rand, s report) *report {
	s.id = guid(r)
	s.delay = minutes(r, 4, 28)
	s.asNumber = r.IntN(3) == 0
	g.reports = append(g.reports, &s)
	return &s
}

// reportAutomation lets the recipients of real automation be wrong about it: two
// people a sender, once a message, so that the rate stays low.
func (g *generator) reportAutomation() {
	for _, s := range g.real {
		r := g.dice("reports of " + s.p2)
		g.reportEarlier(r, s)
		reported := g.reportSource(r, s)
		if len(reported) == 0 {
			continue
		}
		c := Cast{Role: s.scenario, Kind: KindScenario, Tool: s.tool, Sender: s.p2}
		if s.role != "" {
			c.Role, c.Kind = s.role, KindOther
		}
		g.join(c, reported...)
	}
}

// reportSource files the reports of the last days, spread evenly, and returns
// the mails.
func (g *generator) reportSource(r *rand.Rand, s *source) []*mail {
	team := g.team(s.to.department, s.to.people)
	first := len(s.p2) % (len(team) / 2) * 2
	pair := team[first : first+2]
	var fit []*mail
	for _, m := range s.sent {
		if m.age(g) > hours(10) && m.age(g) < days(6.7) && (m.reaches(pair[0]) || m.reaches(pair[1])) {
			fit = append(fit, m)
		}
	}
	var reported []*mail
	for i := range min(s.reports, len(fit)) {
		m := fit[i*len(fit)/s.reports]
		by := pair[i%2]
		if !m.reaches(by) {
			by = pair[1-i%2]
		}
		kind := spam
		if i%2 == 1 && !s.spamOnly {
			kind = phish
		}
		g.report(r, m, by, kind, minutes(r, 5, 240))
		reported = append(reported, m)
	}
	return reported
}

// reportEarlier files one report weeks ago, which is part of a sender's trend.
func (g *generator) reportEarlier(r *rand.Rand, s *source) {
	for _, m := range s.sent {
		if m.age(g) < days(16) && m.age(g) > days(9) && s.reports > 0 {
			g.report(r, m, g.account(m.to[0].address), spam, minutes(r, 5, 240))
			return
		}
	}
}

func (m *mail) age(g *generator) time.Duration { return g.anchor.Sub(m.at) }

func (m *mail) reaches(a *account) bool {
	for _, p := range m.to {
		if p.id == a.ID {
			return true
		}
	}
	return false
}

func (g *generator) writeReports(t *table) {
	for _, s := range g.reports {
		r := t.add(s.at, s.at.Add(s.delay))
		id := s.reporter.ID
		if s.upper {
			id = strings.ToUpper(id)
		}
		r.set("ActionType", s.action)
		r.set("AccountObjectId", id)
		r.set("AccountId", id)
		r.set("AccountDisplayName", s.reporter.DisplayName)
		r.set("AccountType", "Regular")
		r.set("Application", "Microsoft Exchange Online")
		r.set("ApplicationId", int64(20893))
		r.set("ActivityType", "Basic")
		r.set("ObjectName", s.message)
		r.set("IPAddress", officeIP)
		r.set("IsAdminOperation", s.action == adminSubmission)
		r.set("ReportId", s.id)
		r.set("AuditSource", "Defender for Cloud Apps app connector")
		r.set("RawEventData", kql.Dynamic{V: s.raw()})
	}
}

// raw is the audit record, whose numbers sometimes come as text.
func (s report) raw() map[string]any {
	var kind any = s.kind
	if s.asNumber {
		kind = int64(s.kind[0] - '0')
	}
	to := make([]any, len(s.to))
	for i, a := range s.to {
		to[i] = a
	}
	return map[string]any{
		"Id": s.id, "SubmissionId": s.id, "ObjectId": s.message, "Operation": s.action, "Workload": "SecurityComplianceCenter",
		"RecordType": int64(41), "SubmissionType": kind, "SubmissionContentType": s.content, "SubmissionState": "Completed",
		"Subject": s.subject, "Recipients": to, "P1Sender": s.p1, "P2Sender": s.p2, "SenderIP": s.ip,
		"UserId": s.reporter.UserPrincipalName, "CreationTime": s.at.Format("2006-01-02T15:04:05"),
	}
}
