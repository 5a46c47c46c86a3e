package config

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"harrier/workflows/soar"
)

func (c *checker) triage(t Triage) {
	const month = 30 * 24 * time.Hour
	for _, d := range []struct {
		key string
		d   soar.Duration
	}{{"high", t.Deadlines.High}, {"medium", t.Deadlines.Medium}, {"low", t.Deadlines.Low}} {
		c.span("triage.deadlines."+d.key, d.d, time.Minute, month)
	}
	for _, sender := range slices.Sorted(maps.Keys(t.SenderDeadlines)) {
		path := "triage.sender_deadlines." + sender
		c.check(path, checkAddress(sender))
		c.span(path, t.SenderDeadlines[sender], time.Second, month)
	}
	c.businessHours(t.BusinessHours)
	c.span("triage.second_person.over", t.SecondPerson.Over, 0, soar.MaxRemember)
	c.span("triage.undo", t.Undo, 0, 24*time.Hour)
	c.span("triage.gap_notice", t.GapNotice, 0, month)
	if t.LouderBy != 0 {
		c.number("triage.louder_by", t.LouderBy, 2, 100)
	}
	c.reminders(t)
}

func (c *checker) reminders(t Triage) {
	c.span("triage.remind", t.Remind, 0, 24*time.Hour)
	c.span("triage.on_call", t.OnCall, 0, 24*time.Hour)
	if t.Remind > 0 && t.OnCall > t.Remind {
		c.fail("triage.on_call", "is %s before the deadline, but the thread is reminded %s before it; call later than you remind", days(t.OnCall.Std()), days(t.Remind.Std()))
	}
	if shortest := min(t.Deadlines.High, t.Deadlines.Medium, t.Deadlines.Low); t.Remind >= shortest && shortest > 0 {
		c.warn("triage.remind", "is %s, and a deadline is %s: such a case is never reminded; write less", days(t.Remind.Std()), days(shortest.Std()))
	}
}

func (c *checker) digest(d Digest) {
	if c.required("digest.cron", d.Cron, "five fields, as 0 8 * * * (to have no digest, pause its schedule in Temporal)") {
		c.cron("digest", d.Cron, d.TimeZone)
		if cron, err := ParseCron(d.Cron); err == nil && cron.LongestPause() > 24*time.Hour {
			c.warn("digest.cron", "%q leaves more than a day between two digests, and each sums up the 24 hours before it: the rest is never told", d.Cron)
		}
	}
	if d.Channel != "" {
		c.slackID("digest.channel", d.Channel, channelID, "a channel's id, as C0123456789")
	}
}

func (c *checker) paging(p Paging) {
	c.token("paging.routing_key", p.RoutingKey, "")
	c.token("paging.secret", p.Secret, "")
	switch p.Provider {
	case "":
		if p.URL != "" || p.RoutingKey.Given() || p.Secret.Given() {
			c.fail("paging.provider", "is missing, but the rest of it is given; write %s or %s", PagerDuty, Webhook)
		}
		return
	case PagerDuty:
		if !p.RoutingKey.Given() {
			c.fail("paging.routing_key", "is missing; set %s to the integration key of an Events API v2 integration", EnvName("paging.routing_key"))
		}
	case Webhook:
		c.required("paging.url", p.URL, "the address that takes the page")
		if !p.Secret.Given() {
			c.fail("paging.secret", "is missing; set %s to a long random text that the receiver checks signatures with", EnvName("paging.secret"))
		}
	default:
		c.fail("paging.provider", "%q is not known; write %s or %s%s", p.Provider, PagerDuty, Webhook, didYouMean(p.Provider, []string{PagerDuty, Webhook}))
	}
	c.https("paging.url", p.URL)
}

// approverRules checks the narrower lists, on which nobody stands who is not an approver.
func (c *checker) approverRules(a soar.Approvers) {
	for i, r := range a.Only {
		path := fmt.Sprintf("slack.approvers.only[%d]", i)
		if r.Decision == "" && r.Severity == "" {
			c.fail(path, "names neither a decision nor a severity; write decision: approve, escalate or another button, severity: HIGH, MEDIUM or LOW, or both")
		}
		if r.Decision != "" {
			c.check(path+".decision", r.Decision.Validate())
		}
		if r.Severity != "" {
			c.check(path+".severity", r.Severity.Validate())
		}
		if len(r.Users)+len(r.Groups) == 0 {
			c.fail(path, "nobody is listed; list users (U…) or groups (S…)")
		}
		c.ids(path+".users", r.Users, userID, "a user's id, as U0123456789")
		c.ids(path+".groups", r.Groups, groupID, "a user group's id, as S0123456789")
		for j, u := range r.Users {
			if len(a.Groups) == 0 && !slices.Contains(a.Users, u) {
				c.warn(fmt.Sprintf("%s.users[%d]", path, j), "%s is not among slack.approvers.users, and so decides nothing; list the user there too", u)
			}
		}
	}
}

func (c *checker) workspaces(l LogAnalytics) {
	for _, name := range slices.Sorted(maps.Keys(l.Workspaces)) {
		path := "log_analytics.workspaces." + name
		c.name(path, name)
		c.guid(path, l.Workspaces[name], "the workspace id")
	}
}
