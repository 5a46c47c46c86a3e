package config_test

import (
	"testing"
	"time"

	"harrier/activities/suppressions"
	"harrier/config"
	"harrier/workflows/soar"
)

// draftedFor is one sender's automated mail on a path that a rule can trust.
type draftedFor struct {
	path string
	mail soar.Message
}

var drafts = []draftedFor{
	{"connector:OnPrem relay", soar.Message{
		P1: "backup@contoso.com", P2: "backup@contoso.com", Connector: "OnPrem relay", Direction: soar.DirectionIntraOrg, IP: "192.0.2.17",
		InternetMessageID: "<1@veeam.contoso.com>", Subject: `[Success] Job "Nightly's" #12 (3 VMs) C:\x`,
	}},
	{"mailbox", soar.Message{
		P1: "svc-health@contoso.com", P2: "svc-health@contoso.com", Direction: soar.DirectionIntraOrg, ObjectID: "o-1", IP: soar.IPExchangeOnline,
		InternetMessageID: "<1@db3.prod.outlook.com>", Subject: "Bericht für Anlage 7", AttachmentTypes: []string{"csv"}, AttachmentCount: 1,
	}},
	{"saas:contoso.zendesk.com", soar.Message{
		P1: "bounce@mail.zendesk.com", P2: "support@contoso.zendesk.com", Direction: soar.DirectionInbound, IP: "192.0.2.99",
		Auth:              soar.Authentication{SPF: soar.AuthPass, DKIM: soar.AuthPass, DMARC: soar.AuthPass},
		InternetMessageID: "<1@zendesk.com>", Subject: "Weekly ticket report 2026-03-02", URLHosts: []string{"contoso.zendesk.com"}, URLCount: 1,
	}},
}

// drafted is the rule that three approvals by different people propose.
func drafted(t *testing.T, d draftedFor) soar.Case {
	t.Helper()
	var st soar.TriageState
	at := time.Date(2026, 11, 2, 6, 0, 0, 0, time.UTC)
	for n, who := range []string{"U1", "U2", "U3"} {
		at = at.AddDate(0, 0, 1)
		m := d.mail
		m.NetworkMessageID, m.Time, m.Recipients, m.RecipientCount = who, at, []string{"ops@contoso.com"}, 1
		f := soar.Finding{
			Window: soar.NewWindow(at.AddDate(0, 0, -1), at), Candidate: soar.Candidate{Sender: m.P2, SenderIs: soar.P2, Scope: soar.ScopeIntraOrg},
			Profile: soar.SenderProfile{Kind: soar.KindService, ObjectID: m.ObjectID}, Evidence: soar.Evidence{Messages: []soar.Message{m}, Total: 1},
		}
		if st.Case.RuleProposal != "" {
			t.Fatalf("a rule is proposed after %d approvals", n)
		}
		st.See("key", "case-0123456789abcdef0123", soar.See{
			Hunt: "a", At: at, Window: f.Window, Finding: f, Channel: "C1", Deadline: soar.Duration(time.Hour), Policy: soar.CasePolicy{Version: 1},
			Judgement: soar.Judgement{Verdict: soar.VerdictTriage, Severity: soar.SeverityMedium, Path: d.path, Rememberable: true},
		})
		st.Decide(soar.Decide{Case: st.Case.Ref, Decision: soar.Approve, By: soar.Actor{ID: who}, Reason: "known", Click: who, At: at.Add(time.Hour)})
	}
	return st.Case
}

func TestADraftedRuleLoadsAndFitsTheMailItWasDraftedFrom(t *testing.T) {
	tenant := soar.Tenant{AcceptedDomains: []string{"contoso.com"}, Connectors: map[string]soar.Connector{"OnPrem relay": {CIDRs: []string{"192.0.2.16/28"}}}}
	for _, d := range drafts {
		c := drafted(t, d)
		rules, err := config.ParseRules("config/suppressions/learned.yaml", c.RuleProposal, tenant)
		if err != nil || len(rules) != 1 || rules[0].Path.String() != d.path {
			t.Errorf("%s: %d rules, %v in\n%s", d.path, len(rules), err, c.RuleProposal)
			continue
		}
		set, err := suppressions.Compile(rules, tenant)
		if err != nil {
			t.Errorf("%s: %v in\n%s", d.path, err, c.RuleProposal)
			continue
		}
		if out := fits(set, tenant, c, func(*soar.Message) {}); out != soar.TraceHeld && out != soar.TraceShadow && out != soar.TraceMatched {
			t.Errorf("%s: the rule does not fit its own mail (%s):\n%s", d.path, out, c.RuleProposal)
		}
		if out := fits(set, tenant, c, func(m *soar.Message) { m.Subject = "Payroll update required" }); out != soar.TraceFailed {
			t.Errorf("%s: the rule fits another subject (%s):\n%s", d.path, out, c.RuleProposal)
		}
		if out := fits(set, tenant, c, func(m *soar.Message) { m.URLHosts, m.URLCount = []string{"evil.test"}, 1 }); out != soar.TraceFailed {
			t.Errorf("%s: the rule fits another link (%s):\n%s", d.path, out, c.RuleProposal)
		}
	}
}

// fits is how the drafted rule fares with an edited mail of the case.
func fits(set *suppressions.Set, tenant soar.Tenant, c soar.Case, edit func(*soar.Message)) soar.TraceOutcome {
	f := c.Finding
	m := f.Evidence.Messages[0]
	edit(&m)
	f.Evidence.Messages = []soar.Message{m}
	for _, trace := range suppressions.Judge(set, tenant, []soar.Finding{f}, c.Decision.At)[0].Trace {
		return trace.Outcome
	}
	return ""
}
