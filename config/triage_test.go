package config_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/config"
	"harrier/workflows/soar"
)

// noon is a day in the middle of a week without a clock change.
var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func TestTheDefaultPolicyAsksASecondPersonRemindsAndPagesNobody(t *testing.T) {
	c, err := config.Load("harrier.yaml", slackVars().get)
	must(t, err)
	p := c.Policy(noon)
	want := soar.CasePolicy{
		SecondOver: soar.Duration(30 * 24 * time.Hour), SecondPrivileged: true, UndoFor: soar.Duration(10 * time.Minute),
		RemindBefore: soar.Duration(15 * time.Minute), OnCallBefore: soar.Duration(5 * time.Minute), LouderBy: 3,
	}
	if got := p.Case; got.SecondOver != want.SecondOver || !got.SecondPrivileged || got.UndoFor != want.UndoFor || got.RemindBefore != want.RemindBefore ||
		got.OnCallBefore != want.OnCallBefore || got.Version != soar.PolicyVersion || got.HighWithin.Std() != time.Hour || got.LouderBy != want.LouderBy || len(got.Hours) != 0 || len(got.Targets) != 0 {
		t.Errorf("policy for cases %+v", got)
	}
	if p.GapNotice.Std() != 24*time.Hour || c.DigestChannel() != "C0000000001" || c.Digest.Schedule().String() != "cron 0 8 * * * UTC" {
		t.Errorf("gap notice %s, digest %s to %s", p.GapNotice, c.Digest.Schedule(), c.DigestChannel())
	}
}

const hoursOff = "# business_hours:       # when the clocks of MEDIUM and LOW cases run; HIGH ones, and all without this, run around the clock\n"

func TestWhatIsSetForTriagePagingAndDefenderReachesThePolicy(t *testing.T) {
	file, _ := example(t,
		"# second_person: {over: 30d, privileged: true}", "second_person: {over: 7d, privileged: false}", "# undo: 10m", "undo: 0",
		hoursOff, "business_hours: {time_zone: Europe/Berlin, holidays: [2026-11-26]}\n",
		"# paging: ", "paging: {provider: pagerduty} ", "# defender:", "defender: {comment: true}",
		"# mask_subjects: [C0000000002]", "mask_subjects: [C0000000002]")
	c, err := config.Load(file, slackVars("HARRIER_PAGING_ROUTING_KEY", "R0123").get)
	must(t, err)
	p := c.Policy(noon).Case
	if p.SecondOver.Std() != 7*24*time.Hour || p.SecondPrivileged || p.UndoFor != 0 || !slices.Equal(p.Targets, []soar.EscalationTarget{soar.TargetDefender, soar.TargetPage}) {
		t.Errorf("policy %+v", p)
	}
	if c.Paging.URL != config.PagerDutyURL || c.Paging.RoutingKey.Reveal() != "R0123" || !slices.Equal(c.Slack.MaskSubjects, []string{"C0000000002"}) {
		t.Errorf("paging to %s, masked %v", c.Paging.URL, c.Slack.MaskSubjects)
	}
	// Wednesday, no Thursday, Friday, no weekend, Monday: from eight to six in Berlin's winter.
	for i, day := range []int{25, 27, 30} {
		want := soar.NewWindow(time.Date(2026, 11, day, 7, 0, 0, 0, time.UTC), time.Date(2026, 11, day, 17, 0, 0, 0, time.UTC))
		if i >= len(p.Hours) || p.Hours[i] != want {
			t.Fatalf("hours %v, want %s in place %d", p.Hours, want, i)
		}
	}
	if last := p.Hours[len(p.Hours)-1]; last.From.Before(noon.Add(20*24*time.Hour-14*time.Hour)) || last.From.After(noon.Add(config.HoursAhead)) {
		t.Errorf("the last hours are %s", last)
	}
}

func TestBusinessHoursFollowTheClocksOfTheirZone(t *testing.T) {
	b := config.BusinessHours{TimeZone: "Europe/Berlin", Days: []string{"sat", "sun", "mon"}, From: "01:00", To: "06:00"}
	// On 2026-03-29 and 2026-10-25 Berlin's clocks change at night.
	for name, c := range map[string]struct {
		now   time.Time
		hours []time.Duration
		first time.Time
	}{
		"spring": {time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC), []time.Duration{5, 4, 5}, time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)},
		"autumn": {time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC), []time.Duration{5, 6, 5}, time.Date(2026, 10, 23, 23, 0, 0, 0, time.UTC)},
	} {
		got := b.Windows(c.now, 3*24*time.Hour)
		if len(got) != 3 || !got[0].From.Equal(c.first) {
			t.Fatalf("%s: windows %v", name, got)
		}
		for i, h := range c.hours {
			if got[i].Length() != h*time.Hour {
				t.Errorf("%s: %s is %s long, want %s", name, got[i], got[i].Length(), h*time.Hour)
			}
		}
	}
}

func TestHoursThatTouchAreOne(t *testing.T) {
	b := config.BusinessHours{TimeZone: "Europe/Berlin", Days: []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, From: "00:00", To: "24:00"}
	if got := b.Windows(noon, config.HoursAhead); len(got) != 1 || got[0].Length() != 22*24*time.Hour {
		t.Errorf("around the clock is %v", got)
	}
}

// A deadline counts business hours alone: two hours from Friday at five end on Monday at nine.
func TestADeadlineRestsOutsideBusinessHours(t *testing.T) {
	friday := time.Date(2026, 11, 27, 16, 0, 0, 0, time.UTC) // 17:00 in Berlin
	b := config.BusinessHours{TimeZone: "Europe/Berlin", Days: []string{"mon", "tue", "wed", "thu", "fri"}, From: "08:00", To: "18:00"}
	p := soar.CasePolicy{Hours: b.Windows(friday, config.HoursAhead)}
	if got, want := p.DeadlineAfter(friday, 2*time.Hour, soar.SeverityMedium), time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("MEDIUM ends at %s, want %s", got, want)
	}
	if got := p.DeadlineAfter(friday, 2*time.Hour, soar.SeverityHigh); !got.Equal(friday.Add(2 * time.Hour)) {
		t.Errorf("HIGH ends at %s", got)
	}
}

func TestWhatIsWrongWithTriageIsNamedWithPlaceAndCure(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"a zone nobody knows": {hoursOff, "business_hours: {time_zone: Europe/Berln}\n", `harrier.yaml:<<business_hours: {>>: triage.business_hours.time_zone: time zone "Europe/Berln" is not known; write UTC or a name as Europe/Berlin`},
		"no zone":             {hoursOff, "business_hours: {from: \"09:00\"}\n", `harrier.yaml:<<business_hours: {>>: triage.business_hours.time_zone: is missing; write UTC or a name as Europe/Berlin`},
		"a day":               {hoursOff, "business_hours: {time_zone: UTC, days: [monday]}\n", `harrier.yaml:<<business_hours: {>>: triage.business_hours.days[0]: "monday" is not a day; write sun, mon, tue, wed, thu, fri, sat`},
		"overnight":           {hoursOff, "business_hours: {time_zone: UTC, from: \"22:00\", to: \"06:00\"}\n", `harrier.yaml:<<business_hours: {>>: triage.business_hours.to: 06:00 is not after 22:00; hours begin and end on one day, write to as 24:00 for midnight`},
		"minutes for hours":   {hoursOff, "business_hours: {time_zone: UTC, from: 8:00}\n", ``},
		"a number for a time": {hoursOff, "business_hours: {time_zone: UTC, from: 8}\n", `harrier.yaml:<<business_hours: {>>: triage.business_hours.from: "8" is not a clock time; write it as "08:00", in quotes`},
		"a holiday":           {hoursOff, "business_hours: {time_zone: UTC, holidays: [25.12.2026]}\n", `harrier.yaml:<<business_hours: {>>: triage.business_hours.holidays[0]: "25.12.2026" is not a day; write it as 2026-12-25`},
		"months for minutes":  {"# undo: 10m ", "undo: P10M ", `harrier.yaml:<<undo: P10M>>: triage.undo: read duration "P10M": write it as 90s, 15m, 36h or 7d; in ISO 8601 P10M is 10 months (minutes are PT10M): write 10m for minutes`},
		"called too early":    {"# on_call: 5m ", "on_call: 20m ", `harrier.yaml:<<on_call: 20m>>: triage.on_call: is 20m before the deadline, but the thread is reminded 15m before it; call later than you remind`},
		"louder by nothing":   {"# louder_by: 3 ", "louder_by: 1 ", `harrier.yaml:<<louder_by: 1>>: triage.louder_by: is 1; write 2 to 100`},
		"second person late":  {"# second_person: {over: 30d,", "second_person: {over: 91d,", `harrier.yaml:<<second_person: {over: 91d>>: triage.second_person.over: is 91d; write 0s to 90d`},
		"only for nothing":    {"    # only: ", "    only: [{users: [U0000000001]}] ", `harrier.yaml:<<only: [{>>: slack.approvers.only[0]: names neither a decision nor a severity; write decision: approve, escalate or another button, severity: HIGH, MEDIUM or LOW, or both`},
		"only no button":      {"    # only: ", "    only: [{decision: lapse, users: [U0000000001]}] ", `harrier.yaml:<<only: [{>>: slack.approvers.only[0].decision: decision is "lapse"; write one of approve, escalate, undo, reopen, snooze, wake, confirm, decline, retry, forget, extend`},
		"only nobody":         {"    # only: ", "    only: [{decision: escalate}] ", `harrier.yaml:<<only: [{>>: slack.approvers.only[0]: nobody is listed; list users (U…) or groups (S…)`},
		"only a severity":     {"    # only: ", "    only: [{severity: high, users: [U0000000001]}] ", `harrier.yaml:<<only: [{>>: slack.approvers.only[0].severity: severity is "high"; write one of HIGH, MEDIUM, LOW`},
		"digest channel":      {"# digest: ", "digest: {channel: general} ", `harrier.yaml:<<digest: {>>: digest.channel: "general" is not an id; write a channel's id, as C0123456789`},
		"digest cron":         {"# digest: ", "digest: {cron: '@daily'} ", `harrier.yaml:<<digest: {>>: digest.cron: read cron "@daily": it has 1 fields; write five, minute hour day-of-month month day-of-week, as 0 * * * *`},
		"pager":               {"# paging: ", "paging: {provider: pagerdty} ", `harrier.yaml:<<paging: {>>: paging.provider: "pagerdty" is not known; write pagerduty or webhook; did you mean pagerduty?`},
		"pager without key":   {"# paging: ", "paging: {provider: pagerduty} ", `harrier.yaml:<<paging: {>>: paging.routing_key: is missing; set HARRIER_PAGING_ROUTING_KEY to the integration key of an Events API v2 integration`},
		"webhook unsigned":    {"# paging: ", "paging: {provider: webhook, url: 'https://pager.test/x'} ", `harrier.yaml:<<paging: {>>: paging.secret: is missing; set HARRIER_PAGING_SECRET to a long random text that the receiver checks signatures with`},
		"masked channel":      {"# mask_subjects: [C0000000002]", "mask_subjects: ['#triage']", `harrier.yaml:<<mask_subjects: [>>: slack.mask_subjects[0]: "#triage" is not an id; write a channel's id, as C0123456789`},
		"workspace id":        {"# workspaces: ", "workspaces: {emea: 5} ", `harrier.yaml:<<workspaces: {>>: log_analytics.workspaces.emea: "5" is not a GUID; write the workspace id, as 11111111-2222-3333-4444-555555555555`},
		"workspace name":      {"# workspaces: ", "workspaces: {EMEA: 55555555-5555-5555-5555-555555555555} ", `harrier.yaml:<<workspaces: {>>: log_analytics.workspaces.EMEA: "EMEA" is not a short name; write lower-case letters, digits and single hyphens, at most 60 characters, as emea`},
	} {
		t.Run(name, func(t *testing.T) {
			file, dir := example(t, c.old, c.new)
			_, err := config.Load(file, slackVars().get)
			reads(t, err, dir, withLines(t, file, c.want))
		})
	}
}

func TestWhatLooksOddInTriageIsAWarning(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"reminded too early": {"# remind: 15m ", "remind: 90m ", "triage.remind: is 1h30m, and a deadline is 1h: such a case is never reminded; write less"},
		"an outsider": {"    # only: ", "    only: [{decision: escalate, users: [U0000000009]}] ",
			"slack.approvers.only[0].users[0]: U0000000009 is not among slack.approvers.users, and so decides nothing; list the user there too"},
		"a weekly digest": {"# digest: ", "digest: {cron: 0 8 * * mon} ", `digest.cron: "0 8 * * mon" leaves more than a day between two digests, and each sums up the 24 hours before it: the rest is never told`},
	} {
		t.Run(name, func(t *testing.T) {
			file, _ := example(t, c.old, c.new)
			loaded, err := config.Load(file, slackVars().get)
			must(t, err)
			if got := strings.Join(loaded.Warnings(), "\n"); !strings.HasSuffix(got, c.want) {
				t.Errorf("warnings %q", got)
			}
		})
	}
}
