package soar

import (
	"sort"
	"strings"
	"time"
	"unicode/utf8"
)

// Scope says how a reported mail relates to the tenant's own addresses.
type Scope string

const (
	// ScopeIntraOrg is mail that Exchange delivered as Intra-org.
	ScopeIntraOrg Scope = "intra-org"
	// ScopeClaimsInternal is Inbound mail whose From is in an accepted domain.
	ScopeClaimsInternal Scope = "claims-internal"
	// ScopeImitatesInternal is Inbound mail whose From domain looks like an accepted domain.
	ScopeImitatesInternal Scope = "imitates-internal"
	// ScopeOrphan is a report whose mail row never arrived; it is known from the report alone.
	ScopeOrphan Scope = "orphan"
	// ScopeOther is mail of a hunt that says nothing of its scope.
	ScopeOther Scope = "other"
)

// Validate refuses an unknown scope.
func (s Scope) Validate() error {
	return oneOf("scope", s, ScopeIntraOrg, ScopeClaimsInternal, ScopeImitatesInternal, ScopeOrphan, ScopeOther)
}

// Candidate is one row of a hunt's result: a sender and what the query counted.
type Candidate struct {
	// Sender is the address as the query returned it; empty or "<>" is a null sender.
	Sender   string      `json:"sender"`
	SenderIs AddressKind `json:"sender_is"`
	Scope    Scope       `json:"scope"`
	// P1 are the envelope senders the row carries, when the query returns them.
	P1 []string `json:"p1,omitempty"`
	// ObjectIDs are the sender object ids the row carries, lower case.
	ObjectIDs []string `json:"object_ids,omitempty"`
	Counts    Counts   `json:"counts"`
	// Messages are NetworkMessageIds, when the query returns them.
	Messages []string `json:"messages,omitempty"`
}

// IsNullSender says that an address is empty or "<>": a known phishing pattern, not noise.
func IsNullSender(address string) bool {
	a := strings.TrimSpace(address)
	return a == "" || a == "<>"
}

// Counts are what users reported of one sender in one window.
type Counts struct {
	// Submissions is the query's own count, which ranks the published hunt.
	Submissions int `json:"submissions"`
	// Phish and Spam are distinct (reporter, message) reports of false negatives.
	Phish int `json:"phish"`
	Spam  int `json:"spam"`
	// Simulations are reports of attack simulations, never counted as phish.
	Simulations int `json:"simulations,omitempty"`
	// Reporters are distinct people.
	Reporters int `json:"reporters"`
	// Messages are distinct messages reported.
	Messages int `json:"messages"`
	// Delivered are the sender's mails in the window, recipients counted one by one.
	Delivered int `json:"delivered"`
	// Sent are the sender's mails in the window and Usual what is usual for it, of
	// hunts that look for bursts.
	Sent  int `json:"sent,omitempty"`
	Usual int `json:"usual,omitempty"`
}

// ReportRate is reports by delivered mails, 0 when nothing is known of deliveries.
func (c Counts) ReportRate() float64 {
	if c.Delivered <= 0 {
		return 0
	}
	return float64(c.Phish+c.Spam) / float64(c.Delivered)
}

// Finding is one sender of one run with everything that is known before judging.
type Finding struct {
	Hunt      string        `json:"hunt"` // slug
	Window    Window        `json:"window"`
	Workspace string        `json:"workspace,omitempty"`
	Candidate Candidate     `json:"candidate"`
	Rank      int           `json:"rank"`
	Evidence  Evidence      `json:"evidence"`
	Exposure  Exposure      `json:"exposure"`
	Past      Past          `json:"past"`
	Profile   SenderProfile `json:"profile"`
}

// Evidence are the reported messages behind a finding, newest first.
type Evidence struct {
	Messages []Message `json:"messages,omitempty"`
	// Total counts the reported messages; more than len(Messages) means the list was cut.
	Total int `json:"total"`
	// Missing says why evidence is not whole; nothing is suppressed then.
	Missing string `json:"missing,omitempty"`
}

// Whole says that every reported message is there to be judged.
func (e Evidence) Whole() bool {
	return e.Missing == "" && e.Total > 0 && e.Total == len(e.Messages)
}

// Message is one reported mail, its recipients gathered.
type Message struct {
	NetworkMessageID  string         `json:"network_message_id"`
	InternetMessageID string         `json:"internet_message_id,omitempty"`
	Time              time.Time      `json:"time"`
	P1                string         `json:"p1"`
	P2                string         `json:"p2"`
	DisplayName       string         `json:"display_name,omitempty"`
	ObjectID          string         `json:"object_id,omitempty"`
	Subject           string         `json:"subject,omitempty"`
	Direction         string         `json:"direction,omitempty"` // Inbound, Outbound, Intra-org; empty for an orphan
	Connector         string         `json:"connector,omitempty"`
	IP                string         `json:"ip,omitempty"`
	Auth              Authentication `json:"auth"`
	Recipients        []string       `json:"recipients,omitempty"` // at most 20, lower case
	RecipientCount    int            `json:"recipient_count"`
	URLHosts          []string       `json:"url_hosts,omitempty"`        // lower case
	AttachmentTypes   []string       `json:"attachment_types,omitempty"` // lower-case file extensions without dot
	URLCount          int            `json:"url_count"`
	AttachmentCount   int            `json:"attachment_count"`
	Reporters         []string       `json:"reporters,omitempty"` // names or ids, at most 10
	// ReporterAddresses are the lower-case addresses of those Reporters whose address the
	// log has, in an order of their own, at most 10 and never the sender's own account.
	ReporterAddresses []string `json:"reporter_addresses,omitempty"`
	Phish             int      `json:"phish"`
	Spam              int      `json:"spam"`
	Simulations       int      `json:"simulations,omitempty"`
	// AdminNotes are admins' submissions of the same message, as evidence.
	AdminReports int `json:"admin_reports,omitempty"`
	// ReportedAt is the first report.
	ReportedAt  time.Time `json:"reported_at"`
	ThreatTypes string    `json:"threat_types,omitempty"`
	Delivery    string    `json:"delivery,omitempty"` // DeliveryAction/DeliveryLocation at delivery
	// NewRecipients were never written to by this sender before the first reported mail.
	NewRecipients int `json:"new_recipients,omitempty"`
	// Orphan says that the mail row never arrived and this is the report's word alone.
	Orphan bool `json:"orphan,omitempty"`
}

// ClientHost is the host part of the Internet message id, lower case: it tells
// the program that wrote the mail. Empty when there is none.
func (m Message) ClientHost() string {
	id := strings.Trim(m.InternetMessageID, "<> ")
	at := strings.LastIndexByte(id, '@')
	if at < 0 {
		return ""
	}
	return strings.ToLower(id[at+1:])
}

// ClientFamily folds a client host to what stays the same between mails of one
// program: Outlook's hosts vary by data centre, a relay host does not.
func ClientFamily(host string) string {
	h := strings.ToLower(host)
	if strings.HasSuffix(h, ".prod.outlook.com") {
		return "prod.outlook.com"
	}
	return h
}

// Exposure says who can be hurt by a finding's messages.
type Exposure struct {
	// Known is false when the exposure query gave nothing for this finding.
	Known      bool `json:"known"`
	Recipients int  `json:"recipients"`
	InInbox    int  `json:"in_inbox"`
	Removed    int  `json:"removed"`
	Clicked    int  `json:"clicked"`
	// ClicksKnown says that clicks are logged at all: without it Clicked 0 is not "nobody".
	ClicksKnown bool `json:"clicks_known,omitempty"`
	// MovesKnown says that what happened to mail after its delivery is logged at all: without
	// it InInbox is where mail was delivered, not where it is.
	MovesKnown bool `json:"moves_known,omitempty"`
	// LaterVerdict is a verdict given after delivery ("Phish ZAP"), if any.
	LaterVerdict string `json:"later_verdict,omitempty"`
	// Alerts are ids of Defender alerts that name a message, at most 5.
	Alerts []string `json:"alerts,omitempty"`
	// SentinelAlerts are the SystemAlertIds (GUIDs) of alerts in Sentinel that name a message,
	// the newest MaxSentinelAlerts.
	SentinelAlerts []string `json:"sentinel_alerts,omitempty"`
}

// MaxSentinelAlerts is how many alerts of Sentinel a finding names; an incident takes 150
// (https://learn.microsoft.com/azure/sentinel/relate-alerts-to-incidents).
const MaxSentinelAlerts = 20

// Past is what a sender's own earlier mail shows, before the first reported
// mail of the finding and without any reported mail.
type Past struct {
	// Known is false when the past query gave nothing: nothing may be concluded then.
	Known bool `json:"known"`
	// Since is where the past begins.
	Since     time.Time `json:"since"`
	FirstSeen time.Time `json:"first_seen"`
	// Mails and ActiveDays count the past.
	Mails      int `json:"mails"`
	ActiveDays int `json:"active_days"`
	// Recipients counts distinct recipients ever written to.
	Recipients      int      `json:"recipients"`
	Connectors      []string `json:"connectors,omitempty"` // "" is mail without a connector
	IPs             []string `json:"ips,omitempty"`
	ClientFamilies  []string `json:"client_families,omitempty"`
	URLHosts        []string `json:"url_hosts,omitempty"`
	AttachmentTypes []string `json:"attachment_types,omitempty"`
	Directions      []string `json:"directions,omitempty"`
	// Truncated says that one of the sets was cut: absence from it proves nothing.
	Truncated bool `json:"truncated,omitempty"`
	// PerDay is mails sent a day (keyed 2006-01-02), up to 42 days, the window's days included.
	PerDay map[string]int `json:"per_day,omitempty"`
	// ReportsPerDay is reports a day for the last 30 days, oldest first, for the trend.
	ReportsPerDay []int `json:"reports_per_day,omitempty"`
	// InboxRuleChanges are rule, forwarding and delegate changes seen in the logs; nil is "not known".
	InboxRuleChanges []string `json:"inbox_rule_changes,omitempty"`
	// AuditKnown says that the log with those changes was readable.
	AuditKnown bool `json:"audit_known"`
	// Compromise are facts that point to an account in foreign hands, newest first.
	Compromise []CompromiseFact `json:"compromise,omitempty"`
	// CompromiseKnown are the kinds of which the logs were read: of another kind "none" is not known.
	CompromiseKnown []CompromiseKind `json:"compromise_known,omitempty"`
	// LeftOut are days (as in PerDay) on which a case of the sender was open or was
	// escalated: they say nothing of what is usual.
	LeftOut []string `json:"left_out,omitempty"`
}

// CompromiseKind is a kind of fact that points to an account in foreign hands.
type CompromiseKind string

// The compromise facts, from the audit log and the directory.
const (
	CompromiseInboxRule  CompromiseKind = "inbox rule"
	CompromiseForwarding CompromiseKind = "forwarding"
	CompromiseDelegate   CompromiseKind = "delegate"
	CompromiseMFA        CompromiseKind = "MFA change"
	CompromiseConsent    CompromiseKind = "consent grant"
	CompromiseCountry    CompromiseKind = "new country"
	CompromiseRisky      CompromiseKind = "risky user"
)

// CompromiseFact is one such fact, with what the log says of it in words.
type CompromiseFact struct {
	Kind   CompromiseKind `json:"kind"`
	At     time.Time      `json:"at,omitzero"`
	Detail string         `json:"detail"`
}

// PerDayKey is the form of Past.PerDay's keys.
const PerDayKey = "2006-01-02"

// UsualForWeekday is the median of mails sent on the same weekday over the six
// weeks before the day, and how many such days there were.
func (p Past) UsualForWeekday(day time.Time) (median, days int) {
	var counts []int
	first := p.Since
	for back := 7; back <= 42; back += 7 {
		d := day.AddDate(0, 0, -back)
		if d.Before(first) {
			break
		}
		if contains(p.LeftOut, d.Format(PerDayKey)) {
			continue
		}
		counts = append(counts, p.PerDay[d.Format(PerDayKey)])
	}
	if len(counts) == 0 {
		return 0, 0
	}
	sort.Ints(counts)
	return counts[len(counts)/2], len(counts)
}

// Rank orders findings as an analyst should read them: phish reports, distinct
// reporters, report rate, guards hit, privilege, count; ties by sender, so that
// the order is the same in every run. It sorts in place.
func Rank(fs []Judged) {
	sort.SliceStable(fs, func(i, j int) bool { return rankBefore(fs[i], fs[j]) })
}

func rankBefore(a, b Judged) bool {
	ca, cb := a.Finding.Candidate.Counts, b.Finding.Candidate.Counts
	pairs := [][2]float64{
		{float64(ca.Phish), float64(cb.Phish)},
		{float64(ca.Reporters), float64(cb.Reporters)},
		{ca.ReportRate(), cb.ReportRate()},
		{float64(len(a.Judgement.Guards)), float64(len(b.Judgement.Guards))},
		{flag(a.Finding.Profile.Privileged), flag(b.Finding.Profile.Privileged)},
		{float64(ca.Submissions), float64(cb.Submissions)},
		{float64(ca.Sent), float64(cb.Sent)},
	}
	for _, p := range pairs {
		if p[0] != p[1] {
			return p[0] > p[1]
		}
	}
	ka, kb := a.Finding.Candidate, b.Finding.Candidate
	if ka.Scope != kb.Scope {
		return ka.Scope < kb.Scope
	}
	return strings.ToLower(ka.Sender) < strings.ToLower(kb.Sender)
}

// Judged is a finding with its judgement.
type Judged struct {
	Finding   Finding   `json:"finding"`
	Judgement Judgement `json:"judgement"`
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Subject is the subject of the newest reported message, cut to 200 bytes at a
// character's edge.
func (f Finding) Subject() string {
	if len(f.Evidence.Messages) == 0 {
		return ""
	}
	return cutText(f.Evidence.Messages[0].Subject, 200)
}

// NewRecipients counts recipients that the sender had never written to.
func (f Finding) NewRecipients() int {
	n := 0
	for _, m := range f.Evidence.Messages {
		n += m.NewRecipients
	}
	return n
}

// URLHosts are the hosts that the finding's messages link to, sorted, at most 10.
func (f Finding) URLHosts() []string {
	var out []string
	for _, m := range f.Evidence.Messages {
		out = addAll(out, m.URLHosts...)
	}
	return out[:min(len(out), 10)]
}

func cutText(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
