package loganalytics

import (
	"context"
	"fmt"
	"strings"
	"time"

	"harrier/workflows/soar"
)

// Defaults and bounds of a CalibrateRequest.
const (
	CalibrateDays     = 7
	MaxCalibrateDays  = 30
	CalibrateMinMails = 20
	CalibrateSenders  = 200

	// The takes of the calibrate queries less the one row that shows a cut.
	maxCalibrateRows  = 2000
	maxCalibrateWays  = 1000
	maxCalibrateField = 300
	// maxCalibrateServices is how many services are shown.
	maxCalibrateServices = 50
)

// CalibrateRequest asks how a tenant's mail arrives. A zero field takes its default.
type CalibrateRequest struct {
	// Workspace is a workspace's name in the configuration; empty is the default one.
	Workspace string `json:"workspace,omitempty"`
	// Days is how far back mail is read, up to MaxCalibrateDays.
	Days int `json:"days,omitempty"`
	// MinMails is how many mails in that time make a sender worth a rule.
	MinMails int `json:"min_mails,omitempty"`
	// Senders is how many own senders are shown, those with most mail. Of services,
	// those with most recipients, it is at most 50.
	Senders int `json:"senders,omitempty"`
}

// Calibration is how a tenant's mail arrives.
type Calibration struct {
	Window soar.Window `json:"window"`
	// Totals are all mail but what leaves the tenant, by way, most mails first.
	Totals []MailWay `json:"totals"`
	// Own are senders with an own domain in From that look like programs: many mails
	// with few kinds of subjects. One entry is one sender on one way.
	Own []CalibratedSender `json:"own"`
	// Services are senders of other domains that pass DMARC and write to many.
	Services []CalibratedSender `json:"services"`
	// Partial says what is missing.
	Partial string          `json:"partial,omitempty"`
	Stats   soar.QueryStats `json:"stats,omitzero"`
}

// MailWay is a way on which mail comes, as the log shows it.
type MailWay struct {
	Direction string `json:"direction"`
	Connector string `json:"connector,omitempty"`
	// OwnDomain says that From (P2) is of an accepted domain or a subdomain of one.
	OwnDomain bool `json:"own_domain"`
	// SameSender says that envelope sender (P1) and From (P2) are the same address.
	SameSender bool `json:"same_sender"`
	// SPF, DKIM and DMARC are the log's own words in lower case; empty is not evaluated.
	SPF     string `json:"spf,omitempty"`
	DKIM    string `json:"dkim,omitempty"`
	DMARC   string `json:"dmarc,omitempty"`
	Mails   int    `json:"mails"`
	Senders int    `json:"senders"`
}

// CalibratedSender is one sender on one way, with what a rule for it would say.
// The lists are cut at the lengths named; the counts are of all.
type CalibratedSender struct {
	Sender string `json:"sender"`
	// Path is what a rule would have to say; direct is one that no rule trusts.
	Path       soar.Path           `json:"path"`
	Direction  string              `json:"direction"`
	Connector  string              `json:"connector,omitempty"`
	OwnDomain  bool                `json:"own_domain"`
	SameSender bool                `json:"same_sender"`
	ObjectID   bool                `json:"object_id"`
	Auth       soar.Authentication `json:"auth"`
	// Envelopes are up to 20 envelope senders (P1).
	Envelopes []string `json:"envelopes,omitempty"`
	// ClientFamilies, IPs, URLHosts and AttachmentTypes are the most frequent first, at
	// most 20, 20, 50 and 20, without what was seen on one day alone of several: that
	// stands in Rare.
	ClientFamilies  []string `json:"client_families,omitempty"`
	IPs             []string `json:"ips,omitempty"`
	IPCount         int      `json:"ip_count"`
	URLHosts        []string `json:"url_hosts,omitempty"`
	AttachmentTypes []string `json:"attachment_types,omitempty"`
	// Rare is what was seen on one day alone. No rule should say it without a look: it
	// is also what an attack in the sender's name looks like.
	Rare []string `json:"rare,omitempty"`
	// Recipients are the 20 most frequent, of RecipientCount.
	Recipients     []string `json:"recipients,omitempty"`
	RecipientCount int      `json:"recipient_count"`
	// Names are up to ten display names, Subjects up to five subjects.
	Names    []string `json:"names,omitempty"`
	Subjects []string `json:"subjects,omitempty"`
	// Mails are those that nobody reported; all else is said of them. Reported are the others.
	Mails         int       `json:"mails"`
	Reported      int       `json:"reported,omitempty"`
	ActiveDays    int       `json:"active_days"`
	SubjectShapes int       `json:"subject_shapes"`
	First         time.Time `json:"first"`
	Last          time.Time `json:"last"`
}

// Calibrate reads how the tenant's mail arrives, in two requests: the ways, and
// the senders that look like programs.
func (c *Client) Calibrate(ctx context.Context, in CalibrateRequest) (Calibration, error) {
	out, err := c.calibrate(ctx, in.withDefaults())
	return out, c.classify(ctx, "calibrate "+inWorkspace(in.Workspace), err)
}

func (in CalibrateRequest) withDefaults() CalibrateRequest {
	for _, f := range []struct {
		have *int
		def  int
	}{{&in.Days, CalibrateDays}, {&in.MinMails, CalibrateMinMails}, {&in.Senders, CalibrateSenders}} {
		if *f.have == 0 {
			*f.have = f.def
		}
	}
	return in
}

func (c *Client) calibrate(ctx context.Context, in CalibrateRequest) (Calibration, error) {
	if in.Days < 1 || in.Days > MaxCalibrateDays || in.MinMails < 1 || in.Senders < 1 || in.Senders > CalibrateSenders {
		return Calibration{}, final(ErrTypeHuntSettings, "calibrate: %d days, %d mails, %d senders; give 1 to %d days, at least 1 mail and 1 to %d senders",
			in.Days, in.MinMails, in.Senders, MaxCalibrateDays, CalibrateSenders)
	}
	var front lets
	front.strings(ParamAcceptedDomains, lowered(c.cfg.Tenant().AcceptedDomains))
	front.put("MinMails", fmt.Sprint(in.MinMails))
	front.put("Most", fmt.Sprint(in.Senders))
	front.put("MostServices", fmt.Sprint(min(in.Senders, maxCalibrateServices)))
	text, err := front.text()
	if err != nil {
		return Calibration{}, final(ErrTypeHuntSettings, "calibrate: %s", err)
	}
	now := c.cfg.Now().UTC().Truncate(time.Second)
	out := Calibration{Window: soar.NewWindow(now.AddDate(0, 0, -in.Days), now)}
	totals, err := c.run(ctx, in.Workspace, ask{text + calibrateKQL + calibrateTotalsKQL, out.Window})
	if err != nil {
		return Calibration{}, err
	}
	senders, err := c.run(ctx, in.Workspace, ask{text + calibrateKQL + calibrateSendersKQL, out.Window})
	if err != nil {
		return Calibration{}, err
	}
	for a, columns := range map[*answer][]string{&totals: {"Mails", "OwnDomain", "DMARC"}, &senders: {"P2", "OwnDomain", "Mails", "AuthenticationDetails"}} {
		if column := a.missing(columns...); column != "" {
			return Calibration{}, fmt.Errorf("%w with column %s", errMalformed, column)
		}
	}
	out.read(totals, senders)
	return out, nil
}

func (c *Calibration) read(totals, senders answer) {
	c.Stats = totals.stats.Add(senders.stats)
	c.Partial = join(totals.partial, senders.partial)
	for i := range totals.rows[:min(len(totals.rows), maxCalibrateWays)] {
		c.Totals = append(c.Totals, readWay(totals.row(i)))
	}
	for i := range senders.rows[:min(len(senders.rows), maxCalibrateRows)] {
		if s := readCalibrated(senders.row(i)); s.OwnDomain {
			c.Own = append(c.Own, s)
		} else {
			c.Services = append(c.Services, s)
		}
	}
	if len(totals.rows) > maxCalibrateWays || len(senders.rows) > maxCalibrateRows {
		c.Partial = join(c.Partial, "there are more ways and senders than are shown; ask for fewer days or senders")
	}
}

func readWay(r row) MailWay {
	return MailWay{
		Direction: r.text("EmailDirection"), Connector: cut(r.text("Connectors"), maxText), OwnDomain: r.bool("OwnDomain"), SameSender: r.bool("SameSender"),
		SPF: cut(r.text("SPF"), maxAddress), DKIM: cut(r.text("DKIM"), maxAddress), DMARC: cut(r.text("DMARC"), maxAddress),
		Mails: r.number("Mails"), Senders: r.number("Senders"),
	}
}

func readCalibrated(r row) CalibratedSender {
	s := CalibratedSender{
		Sender: cutAddress(r.text("P2")), Direction: r.text("EmailDirection"), Connector: cut(r.text("Connectors"), maxText),
		OwnDomain: r.bool("OwnDomain"), SameSender: r.bool("SameSender"), ObjectID: r.bool("HasObjectId"),
		Auth:      soar.ParseAuthentication(r.text("AuthenticationDetails")),
		Envelopes: keep(r.list("Envelopes"), 20, maxAddress), IPCount: r.number("IPCount"),
		Recipients: keep(ranked(r, "Recipients"), 20, maxAddress), RecipientCount: r.number("RecipientCount"),
		Names: keep(r.list("Names"), 10, maxCalibrateField), Subjects: keep(r.list("Subjects"), 5, maxCalibrateField),
		Mails: r.number("Mails"), Reported: r.number("ReportedMails"), ActiveDays: r.number("ActiveDays"), SubjectShapes: r.number("SubjectShapes"),
		First: r.time("First"), Last: r.time("Last"),
	}
	s.ClientFamilies = s.habits("client", ranked(r, "Clients"), 20)
	s.IPs = s.habits("IP", ranked(r, "IPs"), 20)
	s.URLHosts = s.habits("link host", ranked(r, "UrlHosts"), 50)
	s.AttachmentTypes = s.habits("file type", ranked(r, "AttachmentTypes"), 20)
	m := soar.Message{P2: s.Sender, Direction: s.Direction, Connector: s.Connector, Auth: s.Auth}
	if s.ObjectID {
		m.ObjectID = "known"
	}
	s.Path = soar.PathOf(m)
	return s
}

// habits reads "<days> <value>" and keeps what was seen on several days; the
// rest is rare, unless the sender wrote on one day alone.
func (s *CalibratedSender) habits(what string, shown []string, limit int) []string {
	var usual []string
	for _, v := range shown {
		days, value, _ := strings.Cut(v, " ")
		switch {
		case days == "1" && s.ActiveDays > 1:
			s.Rare = append(s.Rare, cut(what+" "+or(value, "(none)"), maxAddress))
		default:
			usual = append(usual, value)
		}
	}
	return keep(usual, limit, maxAddress)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// ranked reads a list whose order says something: most frequent first.
func ranked(r row, column string) []string {
	values, ok := decodeDynamic(r.cell(column)).([]any)
	if !ok {
		return r.list(column)
	}
	var out []string
	for _, v := range values {
		out = append(out, textOf(v))
	}
	return out
}
