package suppressions_test

import (
	"strings"
	"testing"

	"harrier/activities/suppressions"
	"harrier/config"
	"harrier/workflows/soar"
)

func TestEveryToolsGenuineMailIsHiddenByItsRule(t *testing.T) {
	set := shipped(t)
	if len(tools) != 15 || set.Len() != 15 {
		t.Fatalf("%d tools, %d active rules; want 15 of each", len(tools), set.Len())
	}
	for _, x := range tools {
		j := judged(set, x.finding())
		if j.Verdict != soar.VerdictSuppressed || j.Rule != x.rule || !strings.HasPrefix(j.Reason, "rule "+x.rule+": ") {
			t.Errorf("%s: %s", x.rule, show(j))
		}
		if len(j.Guards) != 0 || j.Path != x.path || len(j.Trace) != 1 || j.Trace[0].Outcome != soar.TraceMatched {
			t.Errorf("%s: guards, path or trace: %s", x.rule, show(j))
		}
	}
}

func TestANearMissIsNotHiddenAndNamesTheRule(t *testing.T) {
	set := shipped(t)
	misses := map[string]string{
		"backup-veeam":             "Fwd: [Failed] SQL-Daily (12 objects) 3 issues",
		"backup-commvault":         "Please approve. Commvault Alert: Backup failed",
		"backup-veritas":           `Backup Exec Alert: Job Completed (Server: "BKP 02 <x>") (Job: "Files")`,
		"monitoring-splunk":        "Alert: Disk space on db01",
		"monitoring-datadog":       "[P1] [Trigger] CPU is high",
		"monitoring-prometheus":    "[FIRING] NodeDown",
		"onboarding-okta":          "Verify your Okta sign-in now",
		"onboarding-entra-id":      "You are welcome to Contoso",
		"onboarding-ldap":          "Your password has expired, sign in here",
		"helpdesk-zendesk":         "Re: Printer on floor 3",
		"helpdesk-servicenow":      "Incident INC001000 -- comments added",
		"helpdesk-jira":            "[JIRA] (ops-12) Replace the switch",
		"health-report-powershell": "Unhealthy reporting",
		"health-report-python":     "ETL summaries",
		"health-report-bash":       "Re: Cron <root@web01> /usr/local/bin/health",
	}
	for _, x := range tools {
		subject, ok := misses[x.rule]
		if !ok {
			t.Fatalf("no near miss for %s", x.rule)
		}
		j := judged(set, change(x.finding(), func(m *soar.Message) { m.Subject = subject }))
		if j.Verdict != soar.VerdictTriage || j.Rule != x.rule || !strings.Contains(j.Reason, "Looks like rule "+x.rule+", but when") {
			t.Errorf("%s with %q: %s", x.rule, subject, show(j))
		}
		if len(j.Trace) == 0 || j.Trace[0].Passed != 8 || j.Trace[0].Outcome != soar.TraceFailed {
			t.Errorf("%s: trace %+v; want 8 conditions passed", x.rule, j.Trace)
		}
	}
}

// forgeries of every tool, as an attacker would make them.
var forgeries = []struct {
	name string
	make func(tool) soar.Finding
	want []soar.Guard // all of them
}{
	{"direct send", directSend, []soar.Guard{soar.GuardAuthentication, soar.GuardPath, soar.GuardRecipients}},
	{"mailbox driven by an intruder", intruder, []soar.Guard{soar.GuardClient, soar.GuardRecipients, soar.GuardURLHost}},
	{"another host through the same relay", otherHost, []soar.Guard{soar.GuardClient, soar.GuardRecipients, soar.GuardURLHost}},
	{"look-alike domain", lookalike, []soar.Guard{soar.GuardLookalike}},
}

func directSend(x tool) soar.Finding {
	f := change(x.finding(), func(m *soar.Message) {
		m.Direction, m.Connector, m.IP, m.ObjectID, m.P1 = soar.DirectionInbound, "", "198.51.100.23", "0b0b", m.P2
		m.Auth = soar.Authentication{SPF: soar.AuthFail, DMARC: soar.AuthFail, CompAuth: soar.AuthFail}
		m.URLHosts, m.URLCount, m.RecipientCount, m.NewRecipients = []string{"veeam-report.example"}, 1, 41, 41
	})
	f.Candidate.Scope = soar.ScopeClaimsInternal
	f.Candidate.Counts = soar.Counts{Submissions: 3, Phish: 3, Reporters: 3, Messages: 1, Delivered: 41}
	f.Past = soar.Past{Known: true, Since: now.AddDate(0, 0, -90)}
	return f
}

func intruder(x tool) soar.Finding {
	f := change(x.finding(), func(m *soar.Message) {
		m.Direction, m.Connector, m.ObjectID, m.Auth = soar.DirectionIntraOrg, "", "0b0b", soar.Authentication{}
		m.InternetMessageID, m.IP = "<x@DB9PR01.eurprd09.prod.outlook.com>", "203.0.113.50"
		m.URLHosts, m.URLCount, m.RecipientCount, m.NewRecipients = []string{"contoso-hr.example"}, 1, 60, 58
	})
	f.Candidate.Scope = soar.ScopeIntraOrg
	f.Candidate.Counts = soar.Counts{Submissions: 1, Phish: 1, Reporters: 1, Messages: 1, Delivered: 60}
	f.Past.ClientFamilies = []string{"program.contoso.com"}
	return f
}

func otherHost(x tool) soar.Finding {
	return change(x.finding(), func(m *soar.Message) {
		m.InternetMessageID = "<1.2@dev77.contoso.com>"
		m.URLHosts, m.URLCount, m.NewRecipients = []string{"evil.example"}, 1, 2
	})
}

func lookalike(x tool) soar.Finding {
	domain := "contoso-hr.example"
	f := change(x.finding(), func(m *soar.Message) {
		m.P2 = x.sender[:strings.IndexByte(x.sender, '@')] + "@" + domain
		m.P1, m.Direction, m.Connector, m.ObjectID, m.IP = m.P2, soar.DirectionInbound, "", "", "198.51.100.77"
		m.Auth = soar.Authentication{SPF: soar.AuthPass, DKIM: soar.AuthPass, DMARC: soar.AuthPass}
	})
	f.Candidate.Scope, f.Candidate.Sender = soar.ScopeImitatesInternal, f.Evidence.Messages[0].P2
	f.Profile = soar.SenderProfile{Kind: soar.KindExternal}
	return f
}

func TestEveryForgeryOfEveryToolIsHeldAndNamesTheRule(t *testing.T) {
	set := shipped(t)
	for _, x := range tools {
		for _, forgery := range forgeries {
			j := judged(set, forgery.make(x))
			if j.Verdict != soar.VerdictTriage || j.Rule != x.rule {
				t.Errorf("%s, %s: %s", x.rule, forgery.name, show(j))
			}
			for _, g := range forgery.want {
				if _, ok := held(j, g); !ok {
					t.Errorf("%s, %s: guard %q does not hold: %s", x.rule, forgery.name, g, show(j))
				}
			}
			if j.Rememberable || j.Unrememberable == "" {
				t.Errorf("%s, %s: can be remembered", x.rule, forgery.name)
			}
		}
	}
}

// peculiar are forgeries that one tool's mail invites.
var peculiar = []struct {
	name, rule string
	edit       func(*soar.Message)
	guard      soar.Guard // empty: the rule itself does not fit
}{
	{"Commvault by display name only", "backup-commvault", func(m *soar.Message) {
		m.DisplayName, m.P1, m.P2, m.ObjectID, m.Connector = "Commvault", "j.doe@contoso.com", "j.doe@contoso.com", "aaaa", ""
	}, soar.GuardPath},
	{"an .html attachment from Veritas", "backup-veritas", func(m *soar.Message) { m.AttachmentTypes = []string{"html"} }, soar.GuardAttachment},
	{"an attachment of unknown type from Veritas", "backup-veritas", func(m *soar.Message) { m.AttachmentTypes = nil }, soar.GuardAttachment},
	{"a known search with a foreign link", "monitoring-splunk", func(m *soar.Message) { m.URLHosts = []string{"splunk.contoso.com.evil.test"} }, soar.GuardURLHost},
	{"links whose hosts are not known", "monitoring-splunk", func(m *soar.Message) { m.URLHosts = nil }, soar.GuardURLHost},
	{"an Intra-org row that claims Datadog", "monitoring-datadog", func(m *soar.Message) {
		m.P1, m.P2, m.Direction, m.Auth, m.ObjectID = "alert@dtdg.co", "alert@dtdg.co", soar.DirectionIntraOrg, soar.Authentication{}, ""
	}, soar.GuardPath},
	{"Alertmanager's subject with Outlook's message id", "monitoring-prometheus", func(m *soar.Message) {
		m.InternetMessageID = "<x@AM0PR01.eurprd01.prod.outlook.com>"
	}, soar.GuardClient},
	{"real noreply@okta.com of another organisation", "onboarding-okta", func(m *soar.Message) {
		m.P1, m.P2, m.URLHosts = "noreply@okta.com", "noreply@okta.com", []string{"evil.okta.com"}
	}, soar.GuardURLHost},
	{"Microsoft's own address with a foreign link", "onboarding-entra-id", func(m *soar.Message) {
		m.P1, m.P2, m.URLHosts = "azure-noreply@microsoft.com", "azure-noreply@microsoft.com", []string{"evil.example"}
	}, soar.GuardURLHost},
	{"an expiry notice with a link", "onboarding-ldap", func(m *soar.Message) { m.URLHosts, m.URLCount = []string{"evil.example"}, 1 }, soar.GuardURLHost},
	{"a phish filed as a ticket, victims in copy", "helpdesk-zendesk", func(m *soar.Message) {
		m.Subject, m.NewRecipients, m.RecipientCount = "[Contoso] Re: Your salary review", 12, 13
	}, soar.GuardRecipients},
	{"an incident number of the wrong length", "helpdesk-servicenow", func(m *soar.Message) { m.Subject = "Incident INC10001 -- comments added" }, ""},
	{"a person's display name, message id not Jira's", "helpdesk-jira", func(m *soar.Message) {
		m.DisplayName, m.InternetMessageID = "Sam Roe", "<x@mail.example>"
	}, soar.GuardClient},
	{"a foreign host in the name of the P1", "health-report-bash", func(m *soar.Message) { m.P1 = "root@dev77.contoso.com" }, ""},
}

func TestForgeriesPeculiarToATool(t *testing.T) {
	set := shipped(t)
	for _, tt := range peculiar {
		j := judged(set, change(toolOf(t, tt.rule).finding(), tt.edit))
		if j.Verdict != soar.VerdictTriage || j.Rule != tt.rule {
			t.Errorf("%s: %s", tt.name, show(j))
		}
		if _, ok := held(j, tt.guard); tt.guard != "" && !ok {
			t.Errorf("%s: guard %q does not hold: %s", tt.name, tt.guard, show(j))
		}
	}
}

func TestAnAdministratorsOwnMailboxIsACardEvenWithTheScriptsSubject(t *testing.T) {
	settings := tenant()
	settings.Tools["powershell"] = []soar.ToolSender{{Path: "mailbox", Senders: []string{"svc-health@contoso.com", "ada.admin@contoso.com"}}}
	rules, err := config.LoadRules("../../config/suppressions", settings)
	if err != nil {
		t.Fatal(err)
	}
	f := change(toolOf(t, "health-report-powershell").finding(), func(m *soar.Message) { m.P1, m.P2 = "ada.admin@contoso.com", "ada.admin@contoso.com" })
	f.Profile = soar.SenderProfile{Kind: soar.KindPerson, ObjectID: "0b0b", Privileged: true, PrivilegedWhy: "Exchange Administrator"}
	j := judged(compiled(t, rules...), f)
	if _, ok := held(j, soar.GuardPerson); !ok || j.Verdict != soar.VerdictTriage || j.Reason != "Not hidden: no rule applies to a privileged account." {
		t.Error(show(j))
	}
}

func TestAsShippedNothingIsHidden(t *testing.T) {
	settings, err := config.LoadTenant("../../config/tenant.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := config.LoadRules("../../config/suppressions", settings)
	if err != nil {
		t.Fatal(err)
	}
	set, err := suppressions.Compile(rules, settings)
	if err != nil {
		t.Fatal(err)
	}
	if len(rules) != 15 || set.Len() != 0 {
		t.Errorf("%d rules, %d of them active; want 15 and none", len(rules), set.Len())
	}
	for _, r := range rules {
		if r.Inactive == "" || r.Created.Format("2006-01-02") != "2026-11-01" || r.Expires.Format("2006-01-02") != "2027-10-31" {
			t.Errorf("%s: inactive %q, %s to %s", r.ID, r.Inactive, r.Created, r.Expires)
		}
	}
}
