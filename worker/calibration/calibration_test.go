package calibration_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/activities/loganalytics"
	"harrier/activities/suppressions"
	"harrier/config"
	"harrier/worker/calibration"
	"harrier/workflows/soar"
)

var today = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

// sender is a program's habit on one way; edit says what is different.
func sender(address string, path soar.Path, edit func(*loganalytics.CalibratedSender)) loganalytics.CalibratedSender {
	s := loganalytics.CalibratedSender{
		Sender: address, Path: path, Direction: soar.DirectionIntraOrg, OwnDomain: true, SameSender: true, Envelopes: []string{address},
		Recipients: []string{"ann@contoso.com"}, RecipientCount: 1, Mails: 40, ActiveDays: 7, SubjectShapes: 1, First: today.AddDate(0, 0, -7), Last: today,
	}
	switch path.Kind {
	case soar.PathConnector:
		s.Connector, s.IPs, s.IPCount, s.ClientFamilies = path.Name, []string{"192.0.2.20"}, 1, []string{"host.contoso.com"}
	case soar.PathMailbox:
		s.ObjectID = true
	case soar.PathSaaS:
		s.Direction, s.Auth = soar.DirectionInbound, soar.Authentication{SPF: "pass", DKIM: "pass", DMARC: "pass"}
	}
	if edit != nil {
		edit(&s)
	}
	return s
}

var (
	relay   = soar.Path{Kind: soar.PathConnector, Name: "OnPrem relay"}
	mailbox = soar.Path{Kind: soar.PathMailbox}
)

func saas(domain string) soar.Path { return soar.Path{Kind: soar.PathSaaS, Name: domain} }

// measured is a tenant with known tools, programs that no rule knows, and what can have none.
func measured() loganalytics.Calibration {
	return loganalytics.Calibration{
		Totals: []loganalytics.MailWay{{Direction: "Intra-org", Connector: "OnPrem\nrelay", OwnDomain: true, SPF: "none", Mails: 40, Senders: 1}},
		Own: []loganalytics.CalibratedSender{
			sender("backup@contoso.com", relay, func(s *loganalytics.CalibratedSender) {
				s.Subjects = []string{"[Success] SQL-Daily (12 objects)", "[Failed] SQL-Daily (12 objects) 3 issues"}
			}),
			sender("known@contoso.com", relay, func(s *loganalytics.CalibratedSender) { s.Subjects = []string{"Account created: s.roe"} }),
			sender("badge@contoso.com", mailbox, func(s *loganalytics.CalibratedSender) {
				s.Subjects = []string{`Badge "0417" of 2026-11-24 [west] it's ready`, `Badge "0418" of 2026-11-25 [east] it's ready`}
				s.URLHosts, s.Rare, s.Reported = []string{"badges.contoso.com", "(none)"}, []string{"link host evil.test\n  - id: x"}, 2
			}),
			sender("badge@contoso.com", relay, func(s *loganalytics.CalibratedSender) {
				s.Subjects, s.SubjectShapes = []string{"Badge report north", "Badge report south"}, 9
				s.SameSender, s.Envelopes = false, []string{"root@web01.contoso.com"}
			}),
			sender("odd@contoso.com", mailbox, func(s *loganalytics.CalibratedSender) {
				s.Subjects, s.SubjectShapes = []string{"abc\u2028def", "xyz"}, 30
			}),
			sender("forged@contoso.com", soar.Path{Kind: soar.PathDirect}, func(s *loganalytics.CalibratedSender) { s.Direction = soar.DirectionInbound }),
		},
		Services: []loganalytics.CalibratedSender{
			sender("news@contoso.zendesk.com", saas("contoso.zendesk.com"), func(s *loganalytics.CalibratedSender) {
				s.OwnDomain, s.SameSender, s.Subjects = false, false, []string{"Weekly numbers"}
				s.Envelopes = []string{"b-1@bounces.zendesk.com", "b-2@bounces.zendesk.com", "b-3@bounces.zendesk.com", "b-4@bounces.zendesk.com"}
			}),
			sender("noreply@okta.com", saas("okta.com"), func(s *loganalytics.CalibratedSender) { s.OwnDomain, s.Subjects = false, []string{"Hello"} }),
		},
	}
}

// inForce reads the shipped rules under any settings.
func inForce(t *testing.T) func(soar.Tenant) ([]soar.Rule, error) {
	t.Helper()
	return func(tenant soar.Tenant) ([]soar.Rule, error) {
		return config.LoadRules("../../config/suppressions", tenant)
	}
}

func draft(t *testing.T) calibration.Draft {
	t.Helper()
	settings := soar.Tenant{
		AcceptedDomains: []string{"contoso.com"}, Connectors: map[string]soar.Connector{"OnPrem relay": {CIDRs: []string{"192.0.2.16/28"}}},
		Tools: map[string][]soar.ToolSender{"ldap": {{Path: "connector:OnPrem relay", Senders: []string{"known@contoso.com"}}}},
	}
	d, err := calibration.New(calibration.Input{Measured: measured(), Tenant: settings, Load: inForce(t), Today: today})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// loaded reads the drafts as the worker would read files.
func loaded(t *testing.T, d calibration.Draft) (soar.Tenant, []soar.Rule) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tenant.yaml")
	if err := os.WriteFile(file, []byte(d.Tenant), 0o600); err != nil {
		t.Fatal(err)
	}
	tenant, err := config.LoadTenant(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, d.Tenant)
	}
	rules, err := config.ParseRules("draft.yaml", d.Rules, tenant)
	if err != nil {
		t.Fatalf("%v\n%s", err, d.Rules)
	}
	if _, err := suppressions.Compile(rules, tenant); err != nil {
		t.Fatalf("%v\n%s", err, d.Rules)
	}
	return tenant, rules
}

func TestWhatIsDraftedLoads(t *testing.T) {
	d := draft(t)
	tenant, rules := loaded(t, d)
	if tools := tenant.Tools["veeam"]; len(tenant.Tools) != 1 || len(tools) != 1 || tools[0].Path != "connector:OnPrem relay" || tools[0].ClientHosts[0] != "host.contoso.com" || tools[0].Recipients[0] != "ann@contoso.com" {
		t.Errorf("tools %+v: what a shipped rule fits becomes a sender of its tool", tenant.Tools)
	}
	if c := tenant.Connectors["OnPrem relay"]; !slices.Equal(c.CIDRs, []string{"192.0.2.16/28"}) {
		t.Errorf("connector %v: what is declared stays", c)
	}
	var ids []string
	for _, r := range rules {
		ids = append(ids, r.ID)
		if r.Mode != soar.RuleShadow || r.URLHosts == nil || !r.Expires.Equal(today.AddDate(0, 0, 90)) {
			t.Errorf("rule %+v: a draft hides nothing, allows no link it did not see, and ends soon", r)
		}
	}
	if got := strings.Join(ids, " "); got != "auto-badge-contoso-com auto-badge-contoso-com-2 auto-news-contoso-zendesk-com" {
		t.Errorf("rules %s", got)
	}
	if !slices.Equal(rules[0].URLHosts, []string{"badges.contoso.com"}) || !slices.Equal(rules[1].Envelopes, []string{"root@web01.contoso.com"}) || !slices.Equal(rules[2].Envelopes, []string{"@bounces.zendesk.com"}) {
		t.Errorf("envelopes of %+v", rules)
	}
}

func TestADraftSaysWhatItLeavesOutAndWhy(t *testing.T) {
	d := draft(t)
	if len(d.Covered) != 1 || !strings.Contains(d.Covered[0], `"known@contoso.com" by rule onboarding-ldap`) {
		t.Errorf("covered %q", d.Covered)
	}
	left := strings.Join(d.Left, "\n")
	if len(d.Left) != 3 || !strings.Contains(left, `"odd@contoso.com" on mailbox: its 30 kinds of subjects have no form in common`) || !strings.Contains(left, `"forged@contoso.com" came by direct, which no rule can trust`) || !strings.Contains(left, "is shared by all customers of the service") {
		t.Errorf("left %q", d.Left)
	}
	for _, want := range []string{"# 2 further mails were reported", "# seen on one day alone, and not declared: link host evil.test   - id: x\n", "# its subjects have more kinds"} {
		if !strings.Contains(d.Rules, want) {
			t.Errorf("rules\n%s\nlack %s", d.Rules, want)
		}
	}
}

func TestADraftedRuleFitsTheSendersNextMailAndNotOthers(t *testing.T) {
	tenant, rules := loaded(t, draft(t))
	set, err := suppressions.Compile(rules, tenant)
	if err != nil {
		t.Fatal(err)
	}
	for subject, want := range map[string]soar.TraceOutcome{
		`Badge "9999" of 2027-01-02 [north] it's ready`: soar.TraceHeld,
		`Badge "9999" of 2027-01-02 [north] please pay`: soar.TraceFailed,
		"Badge ready": soar.TraceFailed,
	} {
		f := soar.Finding{Candidate: soar.Candidate{Sender: "badge@contoso.com", Scope: soar.ScopeIntraOrg}}
		f.Evidence.Messages = []soar.Message{{
			P1: "badge@contoso.com", P2: "badge@contoso.com", Direction: soar.DirectionIntraOrg, ObjectID: "o", Subject: subject,
			Recipients: []string{"ann@contoso.com"}, RecipientCount: 1,
		}}
		j := suppressions.Judge(set, tenant, []soar.Finding{f}, today.Add(time.Hour))[0]
		if j.Trace[0].Rule != "auto-badge-contoso-com" || j.Trace[0].Outcome != want {
			t.Errorf("%s: trace %+v; want %s", subject, j.Trace, want)
		}
	}
}

func TestWithoutSendersTheDraftsAreEmptyAndLoad(t *testing.T) {
	d, err := calibration.New(calibration.Input{Tenant: soar.Tenant{AcceptedDomains: []string{"contoso.com"}}, Load: inForce(t), Today: today})
	if err != nil {
		t.Fatal(err)
	}
	if tenant, rules := loaded(t, d); len(tenant.Tools)+len(tenant.Connectors)+len(rules) != 0 {
		t.Errorf("tenant %+v, rules %v", tenant, rules)
	}
}

func TestAConnectorThatIsNotDeclaredIsDraftedWithItsAddresses(t *testing.T) {
	m := loganalytics.Calibration{}
	for i, ip := range []string{"192.0.2.20", "::ffff:192.0.2.21", "2001:db8::1", "exchange-online"} {
		m.Own = append(m.Own, sender(fmt.Sprintf("s%d@contoso.com", i), soar.Path{Kind: soar.PathConnector, Name: `New: "relay" #1`}, func(s *loganalytics.CalibratedSender) {
			s.IPs, s.Subjects = []string{ip}, []string{"Lift 3 stopped"}
		}))
	}
	d, err := calibration.New(calibration.Input{Measured: m, Tenant: soar.Tenant{AcceptedDomains: []string{"contoso.com"}}, Load: inForce(t), Today: today})
	if err != nil {
		t.Fatal(err)
	}
	tenant, rules := loaded(t, d)
	if c := tenant.Connectors[`New: "relay" #1`]; !slices.Equal(c.CIDRs, []string{"192.0.2.20/32", "192.0.2.21/32", "2001:db8::1/128"}) || len(rules) != 4 {
		t.Errorf("connector %v, %d rules", c, len(rules))
	}
}

func TestTheTableOfWaysIsOneLineAWay(t *testing.T) {
	var out bytes.Buffer
	if err := calibration.PrintWays(&out, measured()); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(out.String()), "\n"); len(lines) != 2 || !strings.Contains(lines[1], "OnPrem relay") || !strings.Contains(lines[1], "40") {
		t.Errorf("table\n%s", out.String())
	}
}
