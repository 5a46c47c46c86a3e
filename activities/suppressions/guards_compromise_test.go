package suppressions_test

import (
	"strings"
	"testing"
	"time"

	"harrier/workflows/soar"
)

func TestEachCompromiseFactHoldsAndSaysWhatWhenAndWhatToDo(t *testing.T) {
	at := time.Date(2026, 11, 24, 8, 51, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		edit func(*soar.Finding)
		want string
	}{
		{"inbox rule", fact(soar.CompromiseInboxRule, at, "“..” deletes mail"), "Inbox rule “..” deletes mail, 2026-11-24 08:51 UTC"},
		{"forwarding", fact(soar.CompromiseForwarding, at, "all mail goes to x@evil.test"), "Forwarding: all mail goes to x@evil.test, 2026-11-24 08:51 UTC"},
		{"delegate", fact(soar.CompromiseDelegate, at, "“m” may open the mailbox"), "Delegate: “m” may open the mailbox, 2026-11-24 08:51 UTC"},
		{"MFA change", fact(soar.CompromiseMFA, at, "sign-in methods changed"), "MFA change: sign-in methods changed, 2026-11-24 08:51 UTC"},
		{"consent", fact(soar.CompromiseConsent, at, "“eM Client” was granted “Mail.ReadWrite”"), "Consent grant: “eM Client” was granted “Mail.ReadWrite”, 2026-11-24 08:51 UTC"},
		{"country", fact(soar.CompromiseCountry, at, "NG, where the account was never used before"), "New country: NG, where the account was never used before, 2026-11-24 08:51 UTC"},
		{"a fact without a time", fact(soar.CompromiseDelegate, time.Time{}, "“m” may open the mailbox"), "Delegate: “m” may open the mailbox"},
		{"a change that is told as a fact", func(f *soar.Finding) {
			fact(soar.CompromiseInboxRule, at, "“..” deletes mail")(f)
			f.Past.InboxRuleChanges = []string{"2026-11-24 08:51 New-InboxRule", "2026-11-14 10:00 Enable-InboxRule"}
		}, "Inbox rule “..” deletes mail, 2026-11-24 08:51 UTC, Inbox rule switched on on 2026-11-14 10:00 UTC"},
		{"risky user", func(f *soar.Finding) {
			f.Profile.AtRisk, f.Profile.Risk, f.Profile.RiskAt = soar.Yes, "high, at risk", at
		}, "Risky user: Entra ID Protection says high, at risk, 2026-11-24 08:51 UTC"},
		{"low and confirmed", func(f *soar.Finding) { f.Profile.AtRisk, f.Profile.Risk = soar.Yes, "low, confirmed compromised" }, "Risky user: Entra ID Protection says low, confirmed compromised"},
		{"an old account's new sign-in method", func(f *soar.Finding) {
			fact(soar.CompromiseMFA, at, "changed")(f)
			f.Profile.Created = at.AddDate(-2, 0, 0)
		}, "MFA change: changed, 2026-11-24 08:51 UTC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := toolOf(t, "health-report-python").finding()
			c.edit(&f)
			j := judgedByShipped(t, f)
			hit, ok := held(j, soar.GuardCompromise)
			if !ok || hit.Detail != c.want || !strings.Contains(hit.Cure, "ask the owner by phone") {
				t.Errorf("guard %+v, want %q", hit, c.want)
			}
			if j.Verdict == soar.VerdictSuppressed || j.Severity != soar.SeverityHigh {
				t.Errorf("verdict %s, severity %s", j.Verdict, j.Severity)
			}
		})
	}
}

func fact(kind soar.CompromiseKind, at time.Time, detail string) func(*soar.Finding) {
	return func(f *soar.Finding) { f.Past.Compromise = []soar.CompromiseFact{{Kind: kind, At: at, Detail: detail}} }
}

func judgedByShipped(t *testing.T, f soar.Finding) soar.Judgement {
	t.Helper()
	return judged(shipped(t), f)
}

func TestANewAccountsFirstSignInMethodIsNoCompromise(t *testing.T) {
	f := toolOf(t, "health-report-python").finding()
	fact(soar.CompromiseMFA, now.Add(-24*time.Hour), "user registered security info")(&f)
	f.Profile.Created = now.AddDate(0, 0, -5)
	if hit, ok := held(judgedByShipped(t, f), soar.GuardCompromise); ok {
		t.Errorf("guard %+v", hit)
	}
	f.Profile.AtRisk, f.Profile.Risk = soar.Yes, "medium, at risk"
	if hit, ok := held(judgedByShipped(t, f), soar.GuardCompromise); !ok || !strings.Contains(hit.Detail, "MFA change") {
		t.Errorf("of an account at risk: %+v", hit)
	}
}

func TestALowRiskHoldsWithoutMakingACaseHigh(t *testing.T) {
	f := toolOf(t, "health-report-python").finding()
	f.Profile.AtRisk, f.Profile.Risk = soar.Yes, "low, at risk"
	j := judgedByShipped(t, f)
	hit, ok := held(j, soar.GuardIdentity)
	if _, compromised := held(j, soar.GuardCompromise); !ok || compromised || j.Severity == soar.SeverityHigh || hit.Cure == "" {
		t.Errorf("guards %+v, severity %s", j.Guards, j.Severity)
	}
}

func TestGuardsOfASenderThatARuleKnowsNameTheirCure(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(*soar.Finding, *soar.Message)
		guard soar.Guard
		cure  string
	}{
		{"a new host", func(_ *soar.Finding, m *soar.Message) { m.URLHosts, m.URLCount = []string{"new.test"}, 1 }, soar.GuardURLHost, "declare the host under url_hosts"},
		{"a new file type", func(_ *soar.Finding, m *soar.Message) { m.AttachmentTypes = []string{"html"} }, soar.GuardAttachment, "declare the type under attachment_types"},
		{"a new sender", func(f *soar.Finding, _ *soar.Message) { f.Past.Mails = 2 }, soar.GuardNoPast, "it ends by itself after 5 mails on 3 days"},
		{"a person", func(f *soar.Finding, _ *soar.Message) { f.Profile.Kind = soar.KindPerson }, soar.GuardPerson, "a mailbox of its own"},
		{"two accounts", func(f *soar.Finding, _ *soar.Message) { f.Profile.Kind = soar.KindAmbiguous }, soar.GuardIdentity, "from all accounts but one"},
		{"no account", func(f *soar.Finding, _ *soar.Message) { f.Profile.Kind = soar.KindNotFound }, soar.GuardIdentity, "an account of its own"},
		{"no directory", func(f *soar.Finding, _ *soar.Message) { f.Profile.Kind = soar.KindUnknown }, soar.GuardIdentity, "asked again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := guardCase{c.name, "health-report-python", c.edit, c.guard, ""}
			if hit, ok := held(judgedByShipped(t, g.finding(t)), c.guard); !ok || !strings.Contains(hit.Cure, c.cure) {
				t.Errorf("guard %+v, want the cure %q", hit, c.cure)
			}
		})
	}
}

func TestAPersonNobodyDeclaredNeedsNoCure(t *testing.T) {
	f := toolOf(t, "health-report-python").finding()
	f.Candidate.Sender, f.Profile.Kind = "anna@contoso.com", soar.KindPerson
	for i := range f.Evidence.Messages {
		f.Evidence.Messages[i].P1, f.Evidence.Messages[i].P2, f.Evidence.Messages[i].Subject = "anna@contoso.com", "anna@contoso.com", "Lunch"
	}
	if hit, ok := held(judgedByShipped(t, f), soar.GuardPerson); !ok || hit.Cure != "" {
		t.Errorf("guard %+v", hit)
	}
}
