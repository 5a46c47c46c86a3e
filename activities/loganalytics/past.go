package loganalytics

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"harrier/workflows/soar"
)

const (
	// maxPastRows is the take of past.kql less the one row that shows a cut.
	maxPastRows = 300000
	// maxSet is how many members of a set of a past are carried.
	maxSet = 100
	// trendDays is how many days of reports are carried.
	trendDays = 30
	// changesBack and factsBack are how far back changes of a mailbox are read, before
	// the window's end and before the first reported mail.
	changesBack = 14 * 24 * time.Hour
	factsBack   = 7 * 24 * time.Hour
	// maxExcluded is how many days a sender's past may leave out.
	maxExcluded = 120
	// maxChanges is how many rule and forwarding changes are carried.
	maxChanges = 20
)

// QueryPast reads each sender's own earlier mail, in one query. A sender that
// has no address, a report without a mail row, and a result of which the
// service returned only a part leave the past not Known.
func (c *Client) QueryPast(ctx context.Context, in soar.PastRequest) (soar.PastSet, error) {
	set, err := c.queryPast(ctx, in)
	return set, c.classify(ctx, operation("past", in.Run.Hunt.Slug), err)
}

func (c *Client) queryPast(ctx context.Context, in soar.PastRequest) (soar.PastSet, error) {
	p := newPasts(in, in.Run.Window.To.Add(-c.cfg.Past.Std()))
	senders, err := pastSenders(in)
	if err != nil || senders == "" {
		return p.set(0), err
	}
	a, err := c.run(ctx, in.Run.Workspace, ask{senders + pastKQL, soar.NewWindow(p.since, in.Run.Window.To.Add(clockSkew))})
	if err != nil {
		return soar.PastSet{}, err
	}
	if column := a.missing("Index", "Fact", "Text", "Number", "At"); column != "" {
		return soar.PastSet{}, fmt.Errorf("%w with column %s", errMalformed, column)
	}
	if len(a.rows) > maxPastRows {
		a.partial = join(a.partial, fmt.Sprintf("the senders' past has more than %d rows", maxPastRows))
	}
	p.partial, p.stats = a.partial, a.stats
	for i := range a.rows {
		p.add(a.row(i))
	}
	return fit(in.Run.Hunt.Slug, []int{maxSet, 40, 15, 5}, p.set)
}

// pastSenders is what past.kql needs; empty when no sender can be asked for.
func pastSenders(in soar.PastRequest) (string, error) {
	var rows, p1, p2, mail, excluded []string
	from := in.Run.Window.To.Add(-changesBack)
	for i, s := range in.Senders {
		if !askable(s) {
			continue
		}
		address := normal(s.Address)
		literal, err := kqlString(address)
		if err != nil {
			return "", err
		}
		p1, p2 = appendFor(s.AddressIs, p1, p2, address)
		mail = append(mail, writableOnly(s.Mail)...)
		for _, day := range excludedDays(s.Excluded, in.Run.Window.To) {
			excluded = append(excluded, fmt.Sprintf("%d, %s", i, kqlTime(day)))
		}
		if around := s.Before.Add(-factsBack); around.Before(from) {
			from = around
		}
		rows = append(rows, fmt.Sprintf("%d, %s, \"%s\", \"%s\", %s", i, literal, s.AddressIs, s.Scope, kqlTime(s.Before)))
	}
	if len(rows) == 0 {
		return "", nil
	}
	var front lets
	front.time("WindowStart", in.Run.Window.From)
	front.time("WindowEnd", in.Run.Window.To)
	front.time("EventsFrom", from)
	front.put("ExcludedDays", "datatable(Index: long, Day: datetime) [\n"+strings.Join(excluded, ",\n")+"]")
	front.strings("P1Senders", p1)
	front.strings("P2Senders", p2)
	front.strings("MailIds", mail[:min(len(mail), maxIDs)])
	front.put("Senders", "datatable(Index: long, Address: string, AddressIs: string, Scope: string, Before: datetime) [\n"+strings.Join(rows, ",\n")+"]")
	return front.text()
}

// excludedDays are the days of windows, those of the window's past alone, each once.
func excludedDays(windows []soar.Window, end time.Time) []time.Time {
	var out []time.Time
	for _, w := range windows {
		for day := w.From.UTC().Truncate(24 * time.Hour); day.Before(w.To) && day.Before(end) && len(out) < maxExcluded; day = day.AddDate(0, 0, 1) {
			if !slices.Contains(out, day) {
				out = append(out, day)
			}
		}
	}
	return out
}

// askable says that a sender has a past that may be read. Null senders share
// nothing, of an orphan's path nothing is known, so it borrows no past, and an
// address that only looks like another has none that could speak for it.
func askable(s soar.PastSender) bool {
	return plainAddress(s.Address) && s.Scope != soar.ScopeOrphan && s.Scope.Validate() == nil && s.AddressIs.Validate() == nil
}

// pasts gathers the long table of past.kql.
type pasts struct {
	in    soar.PastRequest
	since time.Time
	audit bool
	// directory says that the directory's own log is in the workspace.
	directory bool
	partial   string
	stats     soar.QueryStats
	facts     []pastFacts
	fresh     map[string]int
}

// pastFacts are one sender's rows by fact.
type pastFacts struct {
	mails, activeDays, recipients, delivered int
	first                                    time.Time
	sets                                     map[string][]string
	days, reports                            map[string]int
	changes                                  []string
	events                                   []auditEvent
	// countries says that it is known from where the mailbox was used.
	countries bool
}

func newPasts(in soar.PastRequest, since time.Time) *pasts {
	p := &pasts{in: in, since: since, facts: make([]pastFacts, len(in.Senders)), fresh: map[string]int{}}
	for i := range p.facts {
		p.facts[i] = pastFacts{sets: map[string][]string{}, days: map[string]int{}, reports: map[string]int{}}
	}
	return p
}

func (p *pasts) add(r row) {
	index, fact, number := r.number("Index"), r.text("Fact"), r.number("Number")
	text := cut(r.text("Text"), maxText)
	switch fact {
	case "oldest":
		// A workspace keeps what it keeps: days before its first row are not days without mail.
		if oldest := r.time("At"); oldest.After(p.since) {
			p.since = oldest
		}
		return
	case "audit":
		p.audit = number > 0
		return
	case "directory":
		p.directory = number > 0
		return
	case "new_recipients":
		p.fresh[text] = max(p.fresh[text], number)
		return
	}
	if index < 0 || index >= len(p.facts) {
		return
	}
	f := &p.facts[index]
	if action, ok := strings.CutPrefix(fact, "event:"); ok {
		f.events = append(f.events, auditEvent{action: action, at: r.time("At"), raw: r.text("Text")})
		return
	}
	switch fact {
	case "countries":
		f.countries = true
	case "country":
		f.events = append(f.events, auditEvent{action: actionCountry, at: r.time("At"), raw: text})
	case "mails":
		f.mails, f.first = number, r.time("At")
	case "active_days":
		f.activeDays = number
	case "recipients":
		f.recipients = number
	case "delivered":
		f.delivered = number
	case "day":
		f.days[text] = number
	case "report_day":
		f.reports[text] = number
	case "mailbox_ip":
		f.sets["ip"] = include(f.sets["ip"], foldIP(text, soar.DirectionIntraOrg, ""))
	case "ip":
		f.sets["ip"] = include(f.sets["ip"], text)
	case "change":
		f.changes = append(f.changes, text)
	default:
		f.sets[fact] = append(f.sets[fact], text)
	}
}

// set builds the answer with at most limit members a set.
func (p *pasts) set(limit int) soar.PastSet {
	out := soar.PastSet{
		Past: make([]soar.Past, len(p.facts)), Delivered: make([]int, len(p.facts)), NewRecipients: p.fresh, Partial: p.partial, Stats: p.stats,
	}
	for i, f := range p.facts {
		out.Delivered[i] = f.delivered
		out.Past[i] = p.past(f, limit)
		for _, day := range excludedDays(p.in.Senders[i].Excluded, p.in.Run.Window.To) {
			out.Past[i].LeftOut = append(out.Past[i].LeftOut, day.Format(soar.PerDayKey))
		}
		out.Past[i].Known = p.partial == "" && limit > 0 && askable(p.in.Senders[i])
	}
	return out
}

func (p *pasts) past(f pastFacts, limit int) soar.Past {
	out := soar.Past{
		Since: p.since, FirstSeen: f.first, Mails: f.mails, ActiveDays: f.activeDays, Recipients: f.recipients,
		PerDay: f.days, ReportsPerDay: trend(f.reports, p.in.Run.Window.To), AuditKnown: p.audit,
	}
	take := func(fact string) []string {
		values := append([]string(nil), f.sets[fact]...)
		if len(values) > limit {
			// The rows come most frequent first.
			values, out.Truncated = values[:limit], true
		}
		sort.Strings(values)
		return values
	}
	out.Connectors, out.IPs, out.ClientFamilies = take("connector"), withoutEmpty(take("ip")), take("client")
	out.URLHosts, out.AttachmentTypes, out.Directions = take("url_host"), take("attachment_type"), withoutEmpty(take("direction"))
	out.Compromise, out.CompromiseKnown = compromiseFacts(f.events), p.kindsKnown(f)
	out.InboxRuleChanges = append([]string(nil), f.changes...)
	sort.Sort(sort.Reverse(sort.StringSlice(out.InboxRuleChanges)))
	if len(out.InboxRuleChanges) > maxChanges {
		out.InboxRuleChanges = out.InboxRuleChanges[:maxChanges]
	}
	return out
}

// withoutEmpty leaves out the empty text, which is a mail that does not say.
// For connectors it says something: no connector. So it does for clients: a
// program that never writes an Internet message id is not new every day.
func withoutEmpty(values []string) []string {
	out := values[:0]
	for _, v := range values {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}

// trend lays reports a day over the 30 days that end with the window.
func trend(reports map[string]int, end time.Time) []int {
	last := end.Add(-time.Second).UTC()
	out := make([]int, trendDays)
	for i := range out {
		out[i] = reports[last.AddDate(0, 0, i-trendDays+1).Format(soar.PerDayKey)]
	}
	return out
}

func include(values []string, v string) []string {
	if slices.Contains(values, v) {
		return values
	}
	return append(values, v)
}
