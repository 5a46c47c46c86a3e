package suppressions

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"harrier/workflows/soar"
)

// dayCount is how many mails a sender sent on one day.
type dayCount struct {
	day   string
	mails int
}

// mailsOn counts the sender's mails on each day of the reported messages, oldest
// first: what the past counted, and never less than the messages themselves.
func (in *inspection) mailsOn() []dayCount {
	perDay := make(map[string]int)
	for _, m := range in.finding.Evidence.Messages {
		perDay[m.Time.UTC().Format(soar.PerDayKey)]++
	}
	out := make([]dayCount, 0, len(perDay))
	for _, day := range slices.Sorted(maps.Keys(perDay)) {
		out = append(out, dayCount{day, max(perDay[day], in.finding.Past.PerDay[day])})
	}
	return out
}

func volumeGuard(in *inspection) (detail, cure string) {
	past, t := in.finding.Past, in.thresholds
	// A burst holds whatever the days say into which its window is cut.
	if c := in.finding.Candidate.Counts; c.Burst() {
		return fmt.Sprintf("%s, usual %d (%.1f times)", plural(c.Sent, "mail", "mails"), c.Usual, float64(c.Sent)/float64(max(c.Usual, 1))), ""
	}
	if !past.Known {
		return "", ""
	}
	worst := 0.0
	for _, d := range in.mailsOn() {
		day, err := time.Parse(soar.PerDayKey, d.day)
		if err != nil || d.mails <= t.VolumeFloor {
			continue
		}
		usual, _ := past.UsualForWeekday(day)
		if times := float64(d.mails) / float64(max(usual, 1)); times > t.VolumeFactor && times > worst {
			worst = times
			detail = fmt.Sprintf("%d mails on %s, usual %d (%.1f times)", d.mails, d.day, usual, times)
		}
	}
	return detail, ""
}

// reportsGuard: a few reports of much mail are noise, many of little are not. A
// rate that is not known is taken as high.
func reportsGuard(in *inspection) (detail, cure string) {
	c, t := in.finding.Candidate.Counts, in.thresholds
	strangers := in.strangersText()
	if detail := in.ticketReported(strangers); detail != "" {
		return detail, ""
	}
	switch {
	case c.Reporters < t.Reporters && !(strangers && c.Reporters >= phishReporters && c.Phish >= phishReporters):
		return "", ""
	case c.Delivered <= 0:
		return fmt.Sprintf("%d people reported it, deliveries are not known", c.Reporters), ""
	case c.ReportRate() < t.ReportRate:
		return "", ""
	}
	return fmt.Sprintf("%d people, %d reports of %d deliveries (%.0f%%)", c.Reporters, c.Phish+c.Spam, c.Delivered, 100*c.ReportRate()), ""
}

// phishReporters is how many people must call mail phish that carries text of
// strangers: proof of the sender says nothing of what a stranger wrote.
const phishReporters = 2

// strangersText says that strangers write part of the sender's genuine mail: it came
// from a service, or a help-desk rule knows its From.
func (in *inspection) strangersText() bool {
	for _, f := range in.fits {
		if f.passed > 0 && (f.rule.Scenario == soar.ScenarioHelpdesk || f.rule.Path.Kind == soar.PathSaaS) {
			return true
		}
	}
	return in.each(func(m *soar.Message) string {
		if soar.PathOf(*m).Kind == soar.PathSaaS {
			return "saas"
		}
		return ""
	}) != ""
}

// ticketReported: one such mail that several people call phish holds whatever else
// the sender sends, because each ticket has another author.
func (in *inspection) ticketReported(strangers bool) string {
	if !strangers {
		return ""
	}
	return in.each(func(m *soar.Message) string {
		if m.Phish < phishReporters {
			return ""
		}
		return fmt.Sprintf("%d people call one mail to %s phish, and strangers write part of it", m.Phish, plural(m.RecipientCount, "recipient", "recipients"))
	})
}

func evidenceGuard(in *inspection) (detail, cure string) {
	e := in.finding.Evidence
	switch {
	case e.Missing != "":
		return e.Missing, ""
	case !e.Whole():
		return fmt.Sprintf("%d of %s could be read", len(e.Messages), plural(e.Total, "reported message", "reported messages")), ""
	case !in.finding.Exposure.Known:
		return "recipients, clicks and later verdicts could not be read", ""
	}
	return "", ""
}

func orphanGuard(in *inspection) (detail, cure string) {
	orphan := in.each(func(m *soar.Message) string {
		if m.Orphan {
			return "orphan"
		}
		return ""
	}) != ""
	if orphan || in.finding.Candidate.Scope == soar.ScopeOrphan {
		return "known from the report alone", ""
	}
	return "", ""
}

func noPastGuard(in *inspection) (detail, cure string) {
	p, t := in.finding.Past, in.thresholds
	switch {
	case !p.Known:
		return "the sender's past could not be read", ""
	case p.Mails == 0:
		return "no earlier mail by this path", in.wait()
	case p.Mails < t.MinPastMails || p.ActiveDays < t.MinPastDays:
		return fmt.Sprintf("only %s on %s", plural(p.Mails, "earlier mail", "earlier mails"), plural(p.ActiveDays, "day", "days")), in.wait()
	}
	return "", ""
}

// wait is the cure of a sender of a rule that is new.
func (in *inspection) wait() string {
	if !in.known() {
		return ""
	}
	return fmt.Sprintf("wait: it ends by itself after %d mails on %d days", in.thresholds.MinPastMails, in.thresholds.MinPastDays)
}

func ceilingGuard(in *inspection) (detail, cure string) {
	for _, d := range in.mailsOn() {
		for _, f := range in.fits {
			if f.fits() && d.mails > f.rule.Ceiling {
				return fmt.Sprintf("%d mails on %s, rule %s hides at most %d a day", d.mails, d.day, f.rule.ID, f.rule.Ceiling),
					"if this is usual, raise the rule's ceiling"
			}
		}
	}
	return "", ""
}
