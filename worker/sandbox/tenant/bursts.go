package tenant

import (
	"strconv"
	"time"
)

// Roles of senders whose volume counts.
const (
	// RoleBurst is a mailbox that an intruder drives: many mails within minutes,
	// to people it never wrote to, that nobody has reported yet.
	RoleBurst = "burst"
	// RoleSteady is a program that sends much, every day.
	RoleSteady = "steady"
)

const (
	// pastOfBursts is how far back the mail of senders goes whose volume counts: six
	// weeks and a little.
	pastOfBursts = 44
	usualMails   = 14
	burstMails   = 200
	steadyMails  = 25

	burstLink = "https://bonus-letter.example/open"
	burstIP   = "203.0.113.77"
)

// sendBursts is what sender-bursts looks for, and what it has to leave alone.
// Both send the same number of mails at the same times of every day, so that the
// hunt's counts are the same whenever the tenant's present is.
func (g *generator) sendBursts() {
	g.sendBurst()
	g.sendSteady()
}

func (g *generator) sendBurst() {
	r := g.dice("burst")
	a := g.team("Marketing", 20)[19]
	known := map[*account]bool{a: true}
	for i := range usualMails {
		c := a.circle[i%len(a.circle)]
		known[c] = true
		g.daily(time.Duration(7*60+i*40)*time.Minute, func(at time.Time) {
			m := &mail{at: at, p1: a.Mail, p2: a.Mail, name: a.DisplayName, objectID: a.ID, subject: pick(r, subjects()), direction: "Intra-org",
				ip: officeIP, internetID: outlook().messageID(r, at), to: []party{c.party()}}
			g.send(r, m)
		})
	}
	start := g.anchor.Add(-hours(4.6))
	a.LastInteractive = start.Add(-12 * time.Minute)
	var burst []*mail
	for i, victim := range g.draw(r, burstMails, known) {
		at := start.Add(time.Duration(i) * 1800 * time.Millisecond)
		m := &mail{at: at, p1: a.Mail, p2: a.Mail, name: a.DisplayName, objectID: a.ID, subject: "Your bonus letter is ready", direction: "Intra-org",
			ip: burstIP, internetID: outlook().messageID(r, at), urls: []string{burstLink + "/" + strconv.Itoa(1000+i)}, to: []party{victim.party()}}
		burst = append(burst, g.send(r, m))
	}
	g.join(Cast{Role: RoleBurst, Kind: KindOther, Sender: a.Mail}, burst...)
}

func (g *generator) sendSteady() {
	r := g.dice("steady")
	a := g.addService(r, "svc-statements", "Statement service")
	team := g.team("Sales", steadyMails)
	for i, reader := range team {
		g.daily(time.Duration(60+i*7)*time.Minute, func(at time.Time) {
			m := &mail{at: at, p1: a.Mail, p2: a.Mail, name: a.DisplayName, objectID: a.ID, subject: "Statement " + strconv.Itoa(1000+r.IntN(9000)), direction: "Intra-org",
				ip: graphIP, internetID: outlook().messageID(r, at), files: []string{"statement.pdf"}, to: []party{reader.party()}}
			g.send(r, m)
		})
	}
	g.cast = append(g.cast, Cast{Role: RoleSteady, Kind: KindOther, Sender: a.Mail})
}

// daily does something at one time of every day, weekends too, up to the present.
func (g *generator) daily(clock time.Duration, do func(time.Time)) {
	for day := g.anchor.Truncate(24*time.Hour).AddDate(0, 0, -pastOfBursts); ; day = day.AddDate(0, 0, 1) {
		at := day.Add(clock)
		if at.After(g.anchor.Add(-30 * time.Minute)) {
			return
		}
		do(at)
	}
}
