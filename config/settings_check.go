package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"harrier/workflows/soar"
)

// ValidateHunt says what is wrong with a hunt's settings and what to write
// instead. Loaded hunts have passed it.
func ValidateHunt(h soar.Hunt) error {
	c := checker{file: h.File}
	c.name("slug", h.Slug)
	c.settings(h)
	return c.err()
}

func (c *checker) settings(h soar.Hunt) {
	s := h.Settings
	c.spans(s, longestAgo(h.Query))
	c.schedule(s.Schedule)
	c.subject(s.Subject, h.Query)
	c.windowBy(s.WindowBy, h.Query)
	c.overlap(s)
	c.columns(s.Columns)
	if s.Scope != "" {
		c.check("scope", s.Scope.Validate())
	}
	c.number("top", s.Top, 0, soar.MaxSenders)
	c.number("cards", s.Cards, 0, MaxCards)
	c.number("query_top", s.QueryTop, 0, 500_000)
	c.parameters(s.Parameters, h.Query)
}

func (c *checker) spans(s soar.HuntSettings, ago time.Duration) {
	c.span("lookback", s.Lookback, time.Hour, MaxLookback)
	c.span("first_window", s.FirstWindow, time.Minute, MaxLookback)
	c.span("max_window", s.MaxWindow, time.Hour, MaxLookback)
	c.span("lag", s.Lag, 0, 24*time.Hour)
	c.span("hold", s.Hold, 0, 14*24*time.Hour)
	if ago > 0 && s.Lookback.Std() < ago {
		c.fail("lookback", "is %s, but the query reads %s back with ago(); write %s or more, the service gives it no older row", days(s.Lookback.Std()), days(ago), days(ago))
	}
}

func (c *checker) span(path string, d soar.Duration, least, most time.Duration) {
	if d.Std() < least || d.Std() > most {
		c.fail(path, "is %s; write %s to %s", days(d.Std()), days(least), days(most))
	}
}

// days writes a span as files do: 7d, 36h, 10m, 90s.
func days(d time.Duration) string {
	if d > 0 && d%(24*time.Hour) == 0 {
		return itoa(int(d/(24*time.Hour))) + "d"
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func (c *checker) number(path string, n, least, most int) {
	if n < least || n > most {
		c.fail(path, "is %d; write %d to %d", n, least, most)
	}
}

func (c *checker) check(path string, err error) {
	if err != nil {
		c.fail(path, "%v", err)
	}
}

func (c *checker) schedule(s soar.Schedule) {
	switch {
	case s.Cron != "" && s.Interval != 0:
		c.fail("schedule.interval", "is given beside a cron; keep one of them")
	case s.Interval != 0:
		c.interval(s)
	default:
		c.cron("schedule", s.Cron, s.TimeZone)
	}
	if s.OnDemand() {
		return
	}
	c.span("schedule.jitter", s.Jitter, 0, time.Hour)
	c.span("schedule.catch_up", s.CatchUp, time.Minute, 365*24*time.Hour)
	c.check("schedule.overlap_policy", s.OverlapPolicy.Validate())
}

// interval checks a schedule that counts from the beginning of 1970 in UTC,
// whatever the clocks of a zone do.
func (c *checker) interval(s soar.Schedule) {
	c.span("schedule.interval", s.Interval, time.Minute, 30*24*time.Hour)
	if s.Interval.Std()%time.Second != 0 {
		c.fail("schedule.interval", "is %s; write whole seconds", s.Interval)
	}
	if s.TimeZone != "" && s.TimeZone != "UTC" {
		c.fail("schedule.time_zone", "is %s, but an interval knows no clock times; leave it out, or write a cron", s.TimeZone)
	}
	if s.Jitter >= s.Interval {
		c.fail("schedule.jitter", "is %s, as long as the interval; write less than %s", days(s.Jitter.Std()), days(s.Interval.Std()))
	}
}

// cron checks a cron, empty for none, and its zone.
func (c *checker) cron(path, text, zoneName string) {
	zone, err := LoadZone(zoneName)
	c.check(path+".time_zone", err)
	if text == "" {
		return
	}
	cron, cronErr := ParseCron(text)
	c.check(path+".cron", cronErr)
	if err == nil && cronErr == nil && cron.clockChanges(zone) {
		c.warn(path+".cron", "%q in %s falls where summer time skips or repeats hours: a run may be missing or come twice on those days (windows stay whole); UTC or an hour from 4 on avoids it", text, zone)
	}
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (c *checker) subject(subject, query string) {
	switch {
	case subject == "":
		c.fail("subject", "the query reads neither CloudAppEvents nor EmailEvents; name the table that is cut to the window")
	case !identifier.MatchString(subject):
		c.fail("subject", "%q is not a table's name; write it as CloudAppEvents", subject)
	case !mentions(query, subject):
		c.fail("subject", "the query does not read %s; name a table it reads", subject)
	}
}

func (c *checker) windowBy(w soar.WindowBy, query string) {
	c.check("window_by", w.Validate())
	reads := strings.Contains(query, startPlaceholder)
	switch {
	case w == soar.ByQuery && !reads:
		c.fail("window_by", "is query, but the query does not read %s; write ingestion", startPlaceholder)
	case !reads && strings.Contains(query, endPlaceholder):
		c.fail("window_by", "the query reads %s but not %s; give it both, or neither", endPlaceholder, startPlaceholder)
	case w != soar.ByQuery && reads:
		c.fail("window_by", "is %s, but the query cuts its own window with %s; write query", w, startPlaceholder)
	case w == soar.ByQuery && !strings.Contains(query, endPlaceholder):
		c.warn("window_by", "the query reads %s but not %s: rows after the window's end are found twice", startPlaceholder, endPlaceholder)
	}
}

// MaxOverlap bounds how late a row may arrive and still be taken.
const MaxOverlap = 30 * 24 * time.Hour

// overlap belongs to a window by TimeGenerated, and to no other.
func (c *checker) overlap(s soar.HuntSettings) {
	switch {
	case s.WindowBy != soar.ByTimeGenerated && s.Overlap != 0:
		c.fail("overlap", "goes with window_by: %s alone; leave it out, or write that", soar.ByTimeGenerated)
	case s.WindowBy == soar.ByTimeGenerated && s.Overlap <= 0:
		c.fail("overlap", "is missing; say how late a row may arrive and still be taken, as 48h, with window_by: %s", soar.ByTimeGenerated)
	case s.WindowBy == soar.ByTimeGenerated:
		c.span("overlap", s.Overlap, time.Minute, MaxOverlap)
	}
}

func (c *checker) huntWorkspaces(names, known []string) {
	c.each("workspaces", names, func(name string) error {
		switch {
		case slices.Contains(known, name):
			return nil
		case len(known) == 0:
			return fmt.Errorf("%q is not known; name the workspaces under log_analytics.workspaces in the configuration", name)
		}
		return fmt.Errorf("%q is not known; log_analytics.workspaces names %s%s", name, listed(known), didYouMean(name, known))
	})
}

func (c *checker) columns(s soar.Columns) {
	if s.Sender == "" {
		c.fail("columns.sender", "is missing, and the query names neither %s nor %s; name the result column that holds the sender", columnP2, columnP1)
		return
	}
	if s.SenderIs == "" {
		c.fail("columns.sender_is", "is missing; say whether %s is the envelope sender (p1) or the visible From (p2)", s.Sender)
	} else {
		c.check("columns.sender_is", s.SenderIs.Validate())
	}
	for _, f := range []struct{ key, name string }{
		{"sender", s.Sender}, {"count", s.Count}, {"scope", s.Scope}, {"phish", s.Phish}, {"spam", s.Spam},
		{"reporters", s.Reporters}, {"simulations", s.Simulations}, {"messages", s.Messages},
		{"envelope", s.Envelope}, {"object_ids", s.ObjectIDs}, {"sent", s.Sent}, {"usual", s.Usual},
	} {
		if f.name != "" && !identifier.MatchString(f.name) {
			c.fail("columns."+f.key, "%q is not a column's name; write letters, digits and _", f.name)
		}
	}
}

func (c *checker) parameters(given []string, query string) {
	for _, p := range given {
		switch {
		case !slices.Contains(parameters(), p):
			c.fail("parameters", "%q is not known; write %s", p, strings.Join(parameters(), " or "))
		case !mentions(query, p):
			c.fail("parameters", "the query does not read %s; leave it out", p)
		}
	}
	for _, p := range usedParameters(query) {
		if !slices.Contains(given, p) {
			c.fail("parameters", "the query reads %s and does not define it; list it", p)
		}
	}
}
