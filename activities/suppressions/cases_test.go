package suppressions_test

import (
	"testing"

	"harrier/workflows/soar"
)

func TestAddressesMatchWithoutRegardToASCIICase(t *testing.T) {
	r := plain()
	r.Senders = []string{"no-reply@contoso.com"}
	f := change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.P1, m.P2 = "no-reply@CONTOSO.com", "No-Reply@Contoso.COM" })
	if j := judged(compiled(t, r), f); j.Verdict != soar.VerdictSuppressed {
		t.Error(show(j))
	}
	if f.Evidence.Messages[0].P2 != "No-Reply@Contoso.COM" {
		t.Error("the address as shown was changed")
	}
}

func TestARuleOnTheEnvelopeNeverHidesAFromThatClaimsAnInternalUser(t *testing.T) {
	r := plain()
	r.Senders, r.Envelopes = []string{"backup@contoso.com"}, []string{"bounce-77@esp.test"}
	set := compiled(t, r)
	f := change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.P1, m.P2 = "bounce-77@esp.test", "ceo@contoso.com" })
	f.Candidate.Sender, f.Candidate.SenderIs = "bounce-77@esp.test", soar.P1
	j := judged(set, f)
	if hit, ok := held(j, soar.GuardAlignment); !ok || j.Verdict != soar.VerdictTriage || hit.Detail != "envelope sender is in esp[.]test, From in contoso[.]com" {
		t.Error(show(j))
	}
}

func TestANullSenderMatchesNothing(t *testing.T) {
	r := plain()
	r.When = `mail.p2 == "" || mail.subject != "never"`
	set := compiled(t, r)
	for _, addresses := range [][2]string{{"<>", ""}, {"", ""}, {"<>", "<>"}} {
		f := change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.P1, m.P2, m.DisplayName = addresses[0], addresses[1], "" })
		f.Candidate.Sender, f.Profile = addresses[0], soar.SenderProfile{}
		j := judged(set, f)
		if _, ok := held(j, soar.GuardNullSender); !ok || j.Verdict != soar.VerdictTriage || j.Headline != "Null sender" {
			t.Errorf("%q: %s", addresses, show(j))
		}
	}
}

func TestAnUnwrappedAddressSatisfiesNoRule(t *testing.T) {
	set := shipped(t)
	for _, from := range []string{
		"prvs=2987a7b7c7=backup@contoso.com", "btv1==489040e8aa2==backup@contoso.com", "SRS0=hh=tt=contoso.com=backup@fwd.contoso.com",
		"bounce+abc-backup=contoso.com@contoso.com", "backup+tag@contoso.com",
	} {
		f := change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.P1, m.P2 = from, from })
		if j := judged(set, f); j.Verdict != soar.VerdictTriage {
			t.Errorf("%s: %s", from, show(j))
		}
		f = change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.P1 = from })
		if j := judged(set, f); j.Verdict != soar.VerdictTriage {
			t.Errorf("envelope %s: %s", from, show(j))
		}
	}
}

func TestWhatReadsLikeTheDeclaredSenderIsNotIt(t *testing.T) {
	set := shipped(t)
	for from, odd := range map[string]string{
		"backup@contoso.com.":         "a dot at the end of the domain",
		" backup@contoso.com":         "invisible or direction-changing character U+0020",
		"backup@contoso.com ":         "invisible or direction-changing character U+0020",
		"<backup@contoso.com>":        "angle brackets in the address",
		"\"backup\"@contoso.com":      "quotes in the address",
		"backup@contoso.com@evil.com": "more than one @",
		"backup@contoso\u3002com":     "a full stop outside ASCII in the domain",
	} {
		for _, edit := range []func(*soar.Message){
			func(m *soar.Message) { m.P2 = from },
			func(m *soar.Message) { m.P1 = from },
			func(m *soar.Message) { m.P1, m.P2 = from, from },
		} {
			j := judged(set, change(toolOf(t, "backup-veeam").finding(), edit))
			if hit, ok := held(j, soar.GuardLookalike); !ok || hit.Detail != odd || j.Trace[0].Outcome != soar.TraceFailed {
				t.Errorf("%q: %s", from, show(j))
			}
		}
	}
}

func TestOnlyTheExactDomainMatches(t *testing.T) {
	x := toolOf(t, "onboarding-okta")
	set := shipped(t)
	for _, from := range []string{"okta@evilcontoso.com", "okta@contoso.com.evil.test", "okta@sub.contoso.com"} {
		f := change(x.finding(), func(m *soar.Message) { m.P1, m.P2 = from, from })
		if j := judged(set, f); j.Verdict != soar.VerdictTriage || j.Rule != x.rule {
			t.Errorf("%s: %s", from, show(j))
		}
	}
	spoof := change(x.finding(), func(m *soar.Message) { m.Auth = soar.Authentication{SPF: soar.AuthPass, DMARC: soar.AuthFail} })
	if _, ok := held(judged(set, spoof), soar.GuardAuthentication); !ok {
		t.Error(show(judged(set, spoof)))
	}
	if j := judged(set, x.finding()); j.Verdict != soar.VerdictSuppressed || j.Rule != x.rule {
		t.Error(show(j))
	}
}
