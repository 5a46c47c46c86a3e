// Package tenant invents a Microsoft 365 tenant from a seed: its people, its
// automation, thirty days of mail, what users reported of it, and the attackers
// who hide among the automation. The sandbox serves it, and end-to-end tests
// know from its cast what ought to be hidden and what ought to be a card.
//
// The same seed, anchor and sizes give the same tenant, byte for byte. All
// domains are Microsoft's sample names or reserved by RFC 2606, all addresses
// are from the documentation and benchmark ranges of RFC 5737 and RFC 2544.
package tenant

import (
	"math/rand/v2"
	"time"

	"harrier/activities/graph/graphtest"
	"harrier/activities/loganalytics/kql"
	"harrier/workflows/soar"
)

// Options size a tenant. Zero values take the defaults.
type Options struct {
	// Seed decides every name, id and time.
	Seed uint64
	// Anchor is the tenant's present: no row is newer. Cut to whole seconds.
	Anchor time.Time
	// Rows is the number of EmailEvents rows, 100,000 by default. The cast's own
	// rows are always there; ordinary mail fills up the rest.
	Rows int
	// Mailboxes is the number of people, 2,000 by default and at least MinMailboxes.
	Mailboxes int
	// Days is how far back the mail goes, 30 by default and at least MinDays.
	Days int
}

// The least a tenant needs so that its cast has people to write to and a past.
const (
	MinMailboxes = 400
	MinDays      = 28
)

// Tenant is an invented tenant as it stands at Anchor.
type Tenant struct {
	Settings  soar.Tenant
	Tables    kql.Database
	Directory graphtest.Directory
	Cast      []Cast
	// Alerts are those of Sentinel's own rules.
	Alerts []SentinelAlert
	// Defender are the ids of Defender's alerts.
	Defender []string
	Anchor   time.Time
}

// SentinelAlert is an alert of an analytics rule, with what it brings to an incident.
type SentinelAlert struct {
	// ID is its SystemAlertId.
	ID       string
	Tactics  []string
	Entities []string
}

// Cast is one part in the story: a sender and its reported messages, or those of
// its burst that nobody reported. RoleSteady has none.
type Cast struct {
	// Role is a scenario of automation (backup, monitoring, …) or what is odd
	// about the sender (compromised, alias, guest, null-sender, …).
	Role string `json:"role"`
	// Kind is scenario for real automation, lookalike for attackers who imitate
	// it, other for the rest.
	Kind string `json:"kind"`
	// Forgery says how a lookalike was sent; empty for all others.
	Forgery string `json:"forgery"`
	Tool    string `json:"tool"`
	// Sender is the visible From (P2), empty for a null sender.
	Sender string `json:"sender"`
	// Messages are the NetworkMessageIds of its reported messages, of the last 7 days;
	// of RoleBurst, of the burst.
	Messages []string `json:"messages"`
}

// Kinds of cast.
const (
	KindScenario  = "scenario"
	KindLookalike = "lookalike"
	KindOther     = "other"
)

// Ways of forging automation. In each scenario DrivenMailbox and SameRelay forge
// one real sender, whose finding is therefore held as a whole.
const (
	DirectSend      = "direct-send"
	DrivenMailbox   = "driven-mailbox"
	SameRelay       = "same-relay"
	LookalikeDomain = "lookalike-domain"
)

// New invents the tenant that o describes.
func New(o Options) *Tenant {
	g := newGenerator(o)
	g.addPeople()
	g.addAccounts()
	g.addAutomationAccounts()
	g.sendAutomation()
	g.sendForgeries()
	g.sendOthers()
	g.sendSpoofs()
	g.sendBursts()
	g.sendBackground()
	g.reportAutomation()
	g.reportOrdinary()
	g.fileOrphans()
	g.audit()
	return g.tenant()
}

// LeftAlone are the real automation senders whose findings nothing holds: no
// attacker drives their mailbox or shares their relay.
func (t *Tenant) LeftAlone() []Cast {
	var out []Cast
	for _, c := range t.Cast {
		if c.Kind == KindScenario && !t.shared(c.Sender) {
			out = append(out, c)
		}
	}
	return out
}

func (t *Tenant) shared(sender string) bool {
	for _, c := range t.Cast {
		if c.Sender == sender && (c.Forgery == DrivenMailbox || c.Forgery == SameRelay) {
			return true
		}
	}
	return false
}

// generator holds a tenant while it is being invented.
type generator struct {
	seed     uint64
	anchor   time.Time
	rows     int
	people   int
	days     int
	accounts []*account
	byLocal  map[string]*account
	mails    []*mail
	written  int // EmailEvents rows of mails
	reports  []*report
	clicks   []click
	audits   []auditEvent
	alerts   []alert
	// detections of Sentinel, and the alerts they became once tables were written.
	detections     []detection
	sentinelAlerts []SentinelAlert
	defenderAlerts []string
	cast           []Cast
	real           []*source
	inbound        []*mail // ordinary external mail that may be reported
	internal       []*mail // ordinary mail between people
}

func newGenerator(o Options) *generator {
	return &generator{
		seed:    o.Seed,
		anchor:  o.Anchor.UTC().Truncate(time.Second),
		rows:    orDefault(o.Rows, 100_000),
		people:  max(orDefault(o.Mailboxes, 2_000), MinMailboxes),
		days:    max(orDefault(o.Days, 30), MinDays),
		byLocal: map[string]*account{},
	}
}

func orDefault(n, byDefault int) int {
	if n <= 0 {
		return byDefault
	}
	return n
}

// dice is a stream of its own for each part of the tenant, so that a change in
// one part does not reshuffle the others.
func (g *generator) dice(part string) *rand.Rand {
	h := uint64(14695981039346656037)
	for i := 0; i < len(part); i++ {
		h = (h ^ uint64(part[i])) * 1099511628211
	}
	return rand.New(rand.NewPCG(g.seed, h))
}

func (g *generator) since() time.Time { return g.anchor.AddDate(0, 0, -g.days) }

func (g *generator) tenant() *Tenant {
	tables := g.tables()
	return &Tenant{
		Settings:  g.settings(),
		Tables:    tables,
		Directory: g.directory(),
		Cast:      g.cast,
		Alerts:    g.sentinelAlerts,
		Defender:  g.defenderAlerts,
		Anchor:    g.anchor,
	}
}
