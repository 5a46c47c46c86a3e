package tenant

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// addAutomationAccounts gives every sender its directory object: a shared
// mailbox, or a service account that carries a host's address as a proxy.
func (g *generator) addAutomationAccounts() {
	r := g.dice("automation accounts")
	g.real = sources()
	for _, s := range g.real {
		local, host, _ := strings.Cut(s.p2, "@")
		switch {
		case s.kind == vendor:
		case s.kind == shared:
			s.account = g.addShared(r, local, s.name)
		default:
			s.account = g.addService(r, s.service, s.name)
			if host != domain {
				s.account.ProxyAddresses = append(s.account.ProxyAddresses, "smtp:"+s.p2)
			}
		}
	}
}

func (s *source) objectID() string {
	if s.account == nil || s.noObjectID {
		return ""
	}
	return s.account.ID
}

func (g *generator) sendAutomation() {
	for _, s := range g.real {
		r := g.dice("automation " + s.p2)
		team := g.team(s.to.department, s.to.people)
		next := 0
		for day := g.since().Truncate(24 * time.Hour); day.Before(g.anchor); day = day.AddDate(0, 0, 1) {
			if s.office && weekend(day) {
				continue
			}
			for i := range s.perDay {
				at := day.Add(s.clock(r, i))
				to := s.turn(team, &next)
				m := s.write(r, at)
				m.to = parties(to)
				if at.Before(g.since()) || !at.Before(g.anchor.Add(-20*time.Minute)) {
					continue
				}
				s.sent = append(s.sent, g.send(r, m))
			}
		}
	}
}

func weekend(day time.Time) bool {
	return day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
}

// clock spreads a day's mails over the sender's hours, the same ones every day.
func (s *source) clock(r *rand.Rand, i int) time.Duration {
	span := 24 - s.hour
	if s.office {
		span = 10
	}
	step := time.Duration(span) * time.Hour / time.Duration(s.perDay)
	return time.Duration(s.hour)*time.Hour + time.Duration(i)*step + minutes(r, 0, 9)
}

// turn is the whole audience, or the next few of it.
func (s *source) turn(team []*account, next *int) []*account {
	if s.to.each == 0 {
		return team
	}
	var out []*account
	for range s.to.each {
		out = append(out, team[*next%len(team)])
		*next++
	}
	return out
}

// write composes a mail of the sender at a time, as its tool would.
func (s *source) write(r *rand.Rand, at time.Time) *mail {
	words := newWords(r)
	m := &mail{
		at: at, p1: s.envelope(), p2: s.p2, name: s.name, objectID: s.objectID(), subject: words.fill(pick(r, s.subjects)),
		direction: s.direction(), connector: s.connector(), ip: s.ip, auth: s.auth, internetID: s.client.messageID(r, at), files: s.files,
	}
	for _, l := range s.links {
		m.urls = append(m.urls, words.fill(l))
	}
	if m.direction == "Inbound" {
		m.firstContact = false
	}
	return m
}

// words are what subjects and links are filled with.
type words struct{ *strings.Replacer }

func newWords(r *rand.Rand) words {
	return words{strings.NewReplacer(
		"{job}", pick(r, []string{"SQL", "Files", "Exchange", "SAP", "Domain", "Web"}),
		"{host}", pick(r, []string{"web01", "web02", "db01", "db02", "app01", "file01"}),
		"{n}", strconv.Itoa(2+r.IntN(60)),
		"{inc}", strconv.Itoa(10000+r.IntN(89999)),
		"{user}", pick(r, []string{"a.silva", "b.novak", "c.moreau", "d.ueda", "e.okafor", "f.cruz"}),
		"{topic}", pick(r, []string{"Printer on floor 3", "Rotate certificates", "VPN drops every hour", "New laptop", "Access to the sales share", "Meeting room screen",
			"Upgrade the test database"}),
	)}
}

func (w words) fill(template string) string { return w.Replace(template) }
