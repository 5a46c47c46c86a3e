package suppressions_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/activities/suppressions"
	"harrier/workflows/soar"
)

func TestAPersonsMailboxReadsLikeTheCard(t *testing.T) {
	f := toolOf(t, "health-report-python").finding()
	f = change(f, func(m *soar.Message) {
		m.P1, m.P2, m.DisplayName, m.Subject = "j.doe@contoso.com", "j.doe@contoso.com", "Jane Doe", "Payroll update required"
		m.IP, m.URLHosts, m.URLCount, m.RecipientCount, m.NewRecipients = "203.0.113.50", []string{"contoso-hr.example"}, 1, 212, 198
	})
	f.Candidate.Sender = "j.doe@contoso.com"
	f.Candidate.Counts = soar.Counts{Submissions: 7, Phish: 7, Reporters: 7, Messages: 1, Delivered: 212}
	f.Exposure = soar.Exposure{Known: true, Recipients: 212, InInbox: 180, Clicked: 4}
	f.Profile.Kind, f.Profile.Why = soar.KindPerson, "user mailbox, Finance"
	f.Past.InboxRuleChanges = []string{`Inbox rule "..." deletes replies, created 08:51`}
	j := judged(shipped(t), f)
	want := []string{`Inbox rule "..." deletes replies, created 08:51`, "Sent from 203.0.113.50, not seen in 90 days", "Link to contoso-hr[.]example (looks like contoso.com), not seen in 90 days"}
	if j.Severity != soar.SeverityHigh || j.Headline != "Likely taken-over mailbox" || !reflect.DeepEqual(j.Facts, want) {
		t.Error(j.Severity, show(j))
	}
	if j.Reason != "Not hidden: no rule applies to a person." || j.Unrememberable != "The sender is a person; their next reported mail will come again." {
		t.Error(j.Reason, j.Unrememberable)
	}
}

func TestAForgedBackupReportReadsLikeTheCard(t *testing.T) {
	j := judged(shipped(t), directSend(toolOf(t, "backup-veeam")))
	if j.Severity != soar.SeverityMedium || j.Headline != "Forged backup report" || j.Path != "direct" || j.Rule != "backup-veeam" {
		t.Error(j.Severity, j.Path, show(j))
	}
	want := []string{
		`SPF, DMARC, CompAuth fail; the real sender comes through connector "OnPrem relay"`,
		"Link to veeam-report[.]example, not declared for rule backup-veeam",
		"41 recipients, none written to before",
	}
	if !reflect.DeepEqual(j.Facts, want) {
		t.Errorf("facts are %q; want %q", j.Facts, want)
	}
	if !strings.HasPrefix(j.Reason, "Looks like rule backup-veeam, held by: authentication failed, path changed, new recipients") {
		t.Error(j.Reason)
	}
}

func TestAutomationHeldByItsVolumeReadsLikeTheCard(t *testing.T) {
	f := toolOf(t, "monitoring-splunk").finding()
	for day := range f.Past.PerDay {
		f.Past.PerDay[day] = 9
	}
	f.Past.PerDay["2026-11-24"] = 61
	j := judged(shipped(t), f)
	want := []string{"61 mails on 2026-11-24, usual 9 (6.8 times)", "\"Splunk Alert: Disk space on db01\" -> hxxps://splunk[.]contoso[.]com"}
	if j.Severity != soar.SeverityLow || j.Headline != "Probably automation, held back" || !reflect.DeepEqual(j.Facts, want) {
		t.Error(j.Severity, show(j))
	}
	if j.Reason != "Looks like rule monitoring-splunk, held by: volume." || j.Trace[0].Outcome != soar.TraceHeld || j.Trace[0].Condition != "volume" {
		t.Error(show(j))
	}
}

func TestHijackedAutomationIsHigh(t *testing.T) {
	for _, rule := range []string{"backup-veeam", "health-report-python"} {
		f := otherHost(toolOf(t, rule))
		f.Candidate.Counts.Phish = 1
		j := judged(shipped(t), f)
		if j.Severity != soar.SeverityHigh || j.Headline != "Possibly hijacked automation" {
			t.Errorf("%s: %s %s", rule, j.Severity, show(j))
		}
	}
}

func TestHeadlines(t *testing.T) {
	set := shipped(t)
	tests := []struct {
		want string
		f    soar.Finding
	}{
		{"Look-alike of contoso.com", lookalike(toolOf(t, "backup-veeam"))},
		{"Forged monitoring alert", directSend(toolOf(t, "monitoring-splunk"))},
		{"Forged onboarding mail", directSend(toolOf(t, "onboarding-ldap"))},
		{"Forged ticket update", directSend(toolOf(t, "helpdesk-servicenow"))},
		{"Forged health report", directSend(toolOf(t, "health-report-python"))},
		{"Forged internal address", change(directSend(toolOf(t, "backup-veeam")), func(m *soar.Message) { m.P2, m.P1, m.Subject = "ceo@contoso.com", "ceo@contoso.com", "Are you free?" })},
		{"Null sender", change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.P2 = "" })},
		{"Reported mail without a mail row", change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.Orphan = true })},
		{"Deceptive sender address", change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.P2 = "back\u200bup@contoso.com" })},
	}
	for _, tt := range tests {
		if j := judged(set, tt.f); j.Headline != tt.want {
			t.Errorf("headline is %q; want %q: %s", j.Headline, tt.want, show(j))
		}
	}
	f := toolOf(t, "backup-veeam").finding()
	f.Candidate.Counts, f.Exposure = soar.Counts{Simulations: 2, Reporters: 2}, soar.Exposure{}
	if j := judged(set, f); j.Headline != "Attack simulation" || j.Severity != soar.SeverityLow {
		t.Error(j.Severity, show(j))
	}
}

func TestAShadowRuleTellsAndDoesNotHide(t *testing.T) {
	r := plain()
	r.Mode = soar.RuleShadow
	j := judged(compiled(t, r), toolOf(t, "backup-veeam").finding())
	if j.Verdict != soar.VerdictTriage || j.Trace[0].Outcome != soar.TraceShadow || j.Reason != "Rule backup-veeam would have hidden it, but is in shadow mode." {
		t.Error(show(j))
	}
	if !j.Rememberable || j.Unrememberable != "" || j.Severity != soar.SeverityLow {
		t.Error(j.Rememberable, j.Unrememberable, j.Severity)
	}
}

func TestARuleEndsWithItsLastDay(t *testing.T) {
	set := compiled(t, plain())
	f := toolOf(t, "backup-veeam").finding()
	f.Past.Since = now
	lastDay := time.Date(2027, 10, 31, 23, 59, 59, 0, time.UTC)
	for at, want := range map[time.Time]soar.Verdict{lastDay: soar.VerdictSuppressed, lastDay.Add(time.Second): soar.VerdictTriage} {
		j := suppressions.Judge(set, tenant(), []soar.Finding{f}, at)[0]
		if j.Verdict != want {
			t.Errorf("at %s: %s", at, show(j))
		}
		if want == soar.VerdictTriage && j.Trace[0].Condition != "expires: expired on 2027-10-31" {
			t.Error(show(j))
		}
	}
}

func TestEveryMessageMustFitOneRule(t *testing.T) {
	f := toolOf(t, "backup-veeam").finding()
	odd := f.Evidence.Messages[0]
	odd.Subject = "Please pay this invoice"
	f.Evidence.Messages, f.Evidence.Total = append(f.Evidence.Messages, odd), 2
	if j := judged(shipped(t), f); j.Verdict != soar.VerdictTriage || !strings.Contains(j.Reason, "when: does not hold for a message") {
		t.Error(show(j))
	}
}

func TestEachConditionOfARule(t *testing.T) {
	r := plain()
	r.Recipients, r.ClientHosts = []string{"a@contoso.com", "b@contoso.com", "c@contoso.com", "d@contoso.com"}, []string{"bkp01.contoso.com"}
	set := compiled(t, r)
	tests := []struct {
		edit   func(*soar.Message)
		failed string
		passed int
	}{
		{func(m *soar.Message) { m.P2 = "other@contoso.com" }, "sender: ", 0},
		{func(m *soar.Message) { m.Connector = "Partner" }, "path: mail came by connector:Partner", 1},
		{func(m *soar.Message) { m.P1 = "root@host.contoso.com" }, "envelope sender: ", 2},
		{func(m *soar.Message) { m.IP = "192.0.2.40" }, "relay address: 192.0.2.40 is not an address of connector", 3},
		{func(m *soar.Message) { m.IP = "" }, "relay address: address of the sending host is not known", 3},
		{func(m *soar.Message) { m.InternetMessageID = "<a@dev.contoso.com>" }, "sending client: written by dev.contoso.com", 4},
		{func(m *soar.Message) { m.Recipients = append(slices.Clone(m.Recipients[:3]), "x@contoso.com") }, "recipients: 1 recipient is not declared", 5},
		{func(m *soar.Message) { m.RecipientCount = 41 }, "recipients: only 4 of 41 recipients are known", 5},
		{func(m *soar.Message) { m.URLHosts = []string{"evil.example"} }, "url_hosts: evil[.]example is not declared", 6},
		{func(m *soar.Message) { m.URLCount = 1 }, "url_hosts: hosts of 1 link are not known", 6},
		{func(m *soar.Message) { m.AttachmentTypes = []string{"html"} }, "attachment_types: html is not declared", 7},
		{func(m *soar.Message) { m.Subject = "x" }, "when: ", 8},
	}
	for _, tt := range tests {
		j := judged(set, change(toolOf(t, "backup-veeam").finding(), tt.edit))
		if len(j.Trace) != 1 || j.Trace[0].Outcome != soar.TraceFailed || !strings.HasPrefix(j.Trace[0].Condition, tt.failed) || j.Trace[0].Passed != tt.passed {
			t.Errorf("trace is %+v; want %q after %d", j.Trace, tt.failed, tt.passed)
		}
	}
	ok := change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.IP = "::ffff:192.0.2.20" })
	ok.Past.IPs = []string{"::ffff:192.0.2.20"}
	if j := judged(set, ok); j.Verdict != soar.VerdictSuppressed {
		t.Error(show(j))
	}
}

func TestASaaSRuleTakesEveryEnvelopeOfADeclaredDomain(t *testing.T) {
	set := shipped(t)
	for p1, want := range map[string]soar.Verdict{
		"bounces+77-ab@bounces.atlassian.net": soar.VerdictSuppressed,
		"bounces@x.bounces.atlassian.net":     soar.VerdictTriage,
		"bounces@bounces.atlassian.net.":      soar.VerdictTriage,
		"jira@contoso.atlassian.net":          soar.VerdictTriage, // P1 = P2 is none of the declared
		"bounces@evil.test":                   soar.VerdictTriage,
	} {
		if j := judged(set, change(toolOf(t, "helpdesk-jira").finding(), func(m *soar.Message) { m.P1 = p1 })); j.Verdict != want {
			t.Errorf("%s: %s", p1, show(j))
		}
	}
}

func TestTheTraceIsShortAndTheOrderOfRulesDoesNotMatter(t *testing.T) {
	var rules []soar.Rule
	for i := range 40 {
		r := plain()
		r.ID, r.When = fmt.Sprintf("backup-%02d", i), fmt.Sprintf("mail.url_count == %d", i+1)
		rules = append(rules, r)
	}
	f := toolOf(t, "backup-veeam").finding()
	first := judged(compiled(t, rules...), f)
	slices.Reverse(rules)
	if again := judged(compiled(t, rules...), f); !reflect.DeepEqual(first, again) {
		t.Errorf("judgements differ:\n%s\n%s", show(first), show(again))
	}
	if len(first.Trace) != 10 {
		t.Errorf("trace names %d rules; want 10", len(first.Trace))
	}
}

func TestJudgingChangesNothingItIsGiven(t *testing.T) {
	a, b := directSend(toolOf(t, "backup-veeam")), directSend(toolOf(t, "backup-veeam"))
	judged(shipped(t), a)
	if !reflect.DeepEqual(a, b) {
		t.Error("the finding was changed")
	}
}
