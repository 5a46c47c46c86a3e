package suppressions_test

import (
	"strings"
	"testing"

	"harrier/activities/suppressions"
	"harrier/workflows/soar"
)

func TestExchangeOnlinesHostsAreOneAddress(t *testing.T) {
	f := change(toolOf(t, "health-report-python").finding(), func(m *soar.Message) { m.IP = soar.IPExchangeOnline })
	f.Past.IPs = []string{soar.IPExchangeOnline}
	if j := judged(shipped(t), f); j.Verdict != soar.VerdictSuppressed {
		t.Error(show(j))
	}
	relayed := change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.IP, m.Auth.SPF = soar.IPExchangeOnline, soar.AuthFail })
	relayed.Past.IPs = f.Past.IPs
	j := judged(shipped(t), relayed)
	if hit, ok := held(j, soar.GuardAuthentication); !ok || hit.Cure != "" || !strings.HasPrefix(j.Trace[0].Condition, "relay address: ") {
		t.Errorf("it is no address of a relay: %s", show(j))
	}
}

func TestAServiceThatItsSignatureProvesSendsFromAnywhere(t *testing.T) {
	x := toolOf(t, "onboarding-okta")
	r := plain()
	r.ID, r.Path, r.Senders, r.When = x.rule, soar.Path{Kind: soar.PathSaaS, Name: "contoso.com"}, []string{x.sender}, `mail.subject.startsWith("Welcome")`
	r.Envelopes, r.URLHosts = []string{"@mail.okta.com"}, []string{x.host}
	set := compiled(t, r)
	for p1, want := range map[string]soar.Verdict{
		"bounces+7@mail.okta.com": soar.VerdictSuppressed,
		x.sender:                  soar.VerdictTriage, // SPF of the own domain may have passed DMARC
		"x@okta.com":              soar.VerdictTriage,
	} {
		f := change(x.finding(), func(m *soar.Message) { m.P1, m.IP = p1, "198.51.100.200" })
		if j := judged(set, f); j.Verdict != want {
			t.Errorf("%s: %s", p1, show(j))
		}
	}
}

func TestATicketThatTwoPeopleCallPhishHoldsOnEveryPathOfTheHelpDesk(t *testing.T) {
	for _, rule := range []string{"helpdesk-servicenow", "helpdesk-jira", "helpdesk-zendesk"} {
		f := change(toolOf(t, rule).finding(), func(m *soar.Message) { m.Phish, m.Spam = 2, 0 })
		f.Candidate.Counts = soar.Counts{Phish: 2, Reporters: 2, Messages: 1, Delivered: 900}
		if _, ok := held(judged(shipped(t), f), soar.GuardReports); !ok {
			t.Errorf("%s: %s", rule, show(judged(shipped(t), f)))
		}
	}
}

func TestFewReportsOfMuchMailThatNoStrangerWritesDoNotHold(t *testing.T) {
	for rule, counts := range map[string]soar.Counts{
		"backup-veeam":        {Phish: 2, Reporters: 2, Messages: 2, Delivered: 4},
		"helpdesk-servicenow": {Phish: 2, Reporters: 2, Messages: 2, Delivered: 140},
		"onboarding-okta":     {Phish: 1, Spam: 1, Reporters: 2, Messages: 2, Delivered: 4},
	} {
		f := toolOf(t, rule).finding()
		f.Candidate.Counts = counts
		if j := judged(shipped(t), f); j.Verdict != soar.VerdictSuppressed {
			t.Errorf("%s: %s", rule, show(j))
		}
	}
}

func TestAMessageIdWithoutAHostThatThePastKnowsIsNotNew(t *testing.T) {
	f := change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.InternetMessageID = "<b2f0c1>" })
	f.Past.ClientFamilies = []string{""}
	if j := judged(shipped(t), f); j.Verdict != soar.VerdictSuppressed {
		t.Error(show(j))
	}
}

func TestASenderOnARelayMayDeclareAnyClient(t *testing.T) {
	r := plain()
	r.ClientHosts = []string{soar.AnyClient}
	other := change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.InternetMessageID = "<1.2@4f3a9c.local>" })
	if j := judged(compiled(t, r), other); j.Verdict != soar.VerdictSuppressed {
		t.Error(show(j))
	}
	if _, ok := held(judged(compiled(t, plain()), other), soar.GuardClient); !ok {
		t.Error("without the declaration another client is not held")
	}
	elsewhere := change(other, func(m *soar.Message) { m.IP = "192.0.2.40" })
	if _, ok := held(judged(compiled(t, r), elsewhere), soar.GuardClient); !ok {
		t.Error("any client is taken from a host that is not the relay")
	}
}

func TestADeclaredWordTakesLinksWithoutAHost(t *testing.T) {
	r := plain()
	r.URLHosts = []string{soar.HostNone}
	f := change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.URLHosts, m.URLCount = []string{soar.HostNone}, 1 })
	f.Past.URLHosts = []string{soar.HostNone}
	if j := judged(compiled(t, r), f); j.Verdict != soar.VerdictSuppressed {
		t.Error(show(j))
	}
	if j := judged(compiled(t, r), change(f, func(m *soar.Message) { m.URLHosts = []string{soar.HostOdd} })); j.Verdict != soar.VerdictTriage {
		t.Error(show(j))
	}
}

func TestOnlyDeclaredDomainsAreNoImitations(t *testing.T) {
	set, known := shipped(t), tenant()
	known.KnownDomains = []string{"contoso-partners.example"}
	mail := func(from string) soar.Finding {
		f := change(toolOf(t, "helpdesk-zendesk").finding(), func(m *soar.Message) { m.P1, m.P2 = from, from })
		f.Candidate.Sender, f.Candidate.Scope = from, soar.ScopeImitatesInternal
		return f
	}
	for from, alike := range map[string]bool{
		"support@contoso.zendesk.com": false, "other@contoso.zendesk.com": false, "jira@contoso.atlassian.net": false,
		"x@contoso-partners.example": false, "x@mail.contoso-partners.example": true,
		"support@contoso.service-now.com": true, "support@c0ntoso.zendesk.com": true, "support@contoso.zendesk.com.evil.test": true, "support@northwind.com": true,
	} {
		j := suppressions.Judge(set, known, []soar.Finding{mail(from)}, now)[0]
		if _, ok := held(j, soar.GuardLookalike); ok != alike {
			t.Errorf("%s: %s", from, show(j))
		}
	}
	mixed := mail("support@contoso.zendesk.com")
	second := mixed.Evidence.Messages[0]
	second.P2 = "x@northwind.com"
	mixed.Evidence.Messages, mixed.Evidence.Total = append(mixed.Evidence.Messages, second), 2
	if _, ok := held(judged(set, mixed), soar.GuardLookalike); !ok {
		t.Error("one declared domain vouches for another")
	}
}
