package ruletest_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"harrier/activities/suppressions"
	"harrier/config"
	"harrier/workflows/soar"
)

// A drafted rule has to load as it is, and to fit the mail it was drafted from: here
// through the loader and the compiler of a deployment.
func TestADraftedRuleLoadsAndFitsTheMailItWasDraftedFrom(t *testing.T) {
	tenant := soar.Tenant{
		AcceptedDomains: []string{"contoso.com"}, Connectors: map[string]soar.Connector{"OnPrem relay": {CIDRs: []string{"192.0.2.0/28"}}},
	}
	at := time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		m := soar.Message{
			NetworkMessageID: "m1", Time: at, P1: "backup@contoso.com", P2: "Backup@contoso.com", ObjectID: "o-1", Direction: soar.DirectionIntraOrg,
			Connector: "OnPrem relay", IP: "192.0.2.5", InternetMessageID: rapid.SampledFrom([]string{"<1@veeam.contoso.com>", "", "<1@[odd] host>"}).Draw(t, "id"),
			Subject: rapid.OneOf(rapid.String(), rapid.StringMatching(`[\[\]A-Za-z0-9 #\\'"(){}.*+?^$|:-]{0,80}`)).Draw(t, "subject"),
		}
		if rapid.Bool().Draw(t, "file") {
			m.AttachmentTypes, m.AttachmentCount = []string{"csv"}, 1
		}
		if rapid.Bool().Draw(t, "link") {
			m.URLHosts, m.URLCount = []string{"portal.contoso.com"}, 1
		}
		f := soar.Finding{Candidate: soar.Candidate{Sender: m.P2, SenderIs: soar.P2, Scope: soar.ScopeIntraOrg}}
		f.Evidence = soar.Evidence{Messages: []soar.Message{m}, Total: 1}
		c := soar.Case{Ref: soar.CaseRef{ID: "case-0123456789abcdef0123", Number: 3}, Finding: f, Judgement: soar.Judgement{Path: "connector:OnPrem relay"}}
		text := soar.DraftRule(soar.RuleDraft{
			Envelope: soar.NewEntry(c, soar.Decision{}, at), Shapes: []soar.Shape{soar.ShapeOf(m)}, By: []string{"U1", "U2", "U3"}, Case: c.Ref, Near: "backup-veeam", At: at,
		})
		rules, err := config.ParseRules("drafted.yaml", text, tenant)
		if err != nil || len(rules) != 1 {
			t.Fatalf("%d rules, %v:\n%s", len(rules), err, text)
		}
		set, err := suppressions.Compile(rules, tenant)
		if err != nil {
			t.Fatalf("%v:\n%s", err, text)
		}
		trace := suppressions.Judge(set, tenant, []soar.Finding{f}, at)[0].Trace
		if len(trace) != 1 || trace[0].Outcome == soar.TraceFailed {
			t.Fatalf("subject %q: %+v\n%s", m.Subject, trace, text)
		}
	})
}
