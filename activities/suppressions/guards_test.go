package suppressions_test

import (
	"strings"
	"testing"
	"time"

	"harrier/activities/suppressions"
	"harrier/workflows/soar"
)

// guardCase breaks one thing of a tool's genuine mail.
type guardCase struct {
	name   string
	rule   string
	edit   func(*soar.Finding, *soar.Message)
	guard  soar.Guard
	detail string
}

var auth = func(spf, dkim, dmarc soar.AuthResult) soar.Authentication {
	return soar.Authentication{SPF: spf, DKIM: dkim, DMARC: dmarc}
}

var guardCases = []guardCase{
	{"Inbound, DMARC fail", "onboarding-okta", func(_ *soar.Finding, m *soar.Message) { m.Auth = auth("pass", "pass", "fail") }, soar.GuardAuthentication, "DMARC fail"},
	{"Inbound, not evaluated", "onboarding-okta", func(_ *soar.Finding, m *soar.Message) { m.Auth = soar.Authentication{} }, soar.GuardAuthentication, "DMARC not evaluated on Inbound mail"},
	{"Inbound, composite verdict fails beside DMARC", "onboarding-okta", func(_ *soar.Finding, m *soar.Message) { m.Auth.CompAuth = "fail" }, soar.GuardAuthentication, "CompAuth fail"},
	{"Intra-org, explicit fail", "health-report-python", func(_ *soar.Finding, m *soar.Message) { m.Auth.DKIM = "fail" }, soar.GuardAuthentication, "DKIM fail"},
	{"relay, SPF fail", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.Auth.SPF = "fail" }, soar.GuardAuthentication, "SPF fail"},
	{"relay, Inbound and not evaluated", "backup-veeam", func(f *soar.Finding, m *soar.Message) {
		m.Direction = soar.DirectionInbound
		f.Past.Directions = []string{"Inbound"}
	}, soar.GuardAuthentication, "DMARC not evaluated on Inbound mail"},
	{"P1 null", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.P1 = "<>" }, soar.GuardAlignment, "envelope sender is null, From is backup@contoso.com"},
	{"P1 elsewhere", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.P1 = "x@esp.test" }, soar.GuardAlignment, "envelope sender is in esp[.]test, From in contoso[.]com"},
	{"look-alike From", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.P2 = "backup@c0ntoso.com" }, soar.GuardLookalike, "c0ntoso[.]com looks like contoso.com (confusable characters)"},
	{"homoglyph in the local part", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.P2 = "b\u0430ckup@contoso.com" }, soar.GuardLookalike, "non-ASCII character U+0430"},
	{"another internal address in the display name", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.DisplayName = "CEO <ceo@contoso.com>" }, soar.GuardLookalike, "display name shows the internal address ceo@contoso.com"},
	{"turned text in the display name", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.DisplayName = "veeam\u202exe" }, soar.GuardLookalike, "direction-changing"},
	{"guest", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Profile.Kind = soar.KindGuest }, soar.GuardIdentity, "guest"},
	{"deleted", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Profile.Kind = soar.KindDeleted }, soar.GuardIdentity, "deleted"},
	{"ambiguous", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Profile.Kind = soar.KindAmbiguous }, soar.GuardIdentity, "ambiguous"},
	{"not found", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Profile.Kind = soar.KindNotFound }, soar.GuardIdentity, "not in directory"},
	{"directory down", "backup-veeam", func(f *soar.Finding, _ *soar.Message) {
		f.Profile = soar.SenderProfile{Kind: soar.KindUnknown, Why: "HTTP 503"}
	}, soar.GuardIdentity, "unknown: HTTP 503"},
	{"never looked up", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Profile = soar.SenderProfile{} }, soar.GuardIdentity, "not looked up"},
	{"external kind on an internal address", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Profile.Kind = soar.KindExternal }, soar.GuardIdentity, "external"},
	{"object id of somebody else", "health-report-python", func(_ *soar.Finding, m *soar.Message) { m.ObjectID = "ffff" }, soar.GuardIdentity, "object id of the mail is not that of the account"},
	{"object id not known", "health-report-python", func(f *soar.Finding, _ *soar.Message) { f.Profile.ObjectID = "" }, soar.GuardIdentity, "object id of the account is not known"},
	{"two From addresses behind one envelope", "backup-veeam", func(f *soar.Finding, m *soar.Message) {
		second := *m
		second.P2 = "payroll@contoso.com"
		f.Evidence.Messages, f.Evidence.Total = append(f.Evidence.Messages, second), 2
	}, soar.GuardIdentity, "mail shows 2 From addresses, and one account was looked up"},
	{"recent interactive sign-in", "health-report-python", func(f *soar.Finding, _ *soar.Message) {
		f.Profile.Enabled, f.Profile.LastInteractive = soar.Yes, now.Add(-6*24*time.Hour)
	}, soar.GuardInteractive, "service account, interactive sign-in on 2026-11-18 09:00 UTC"},
	{"recent interactive sign-in, enabled not known", "health-report-python", func(f *soar.Finding, _ *soar.Message) {
		f.Profile.Kind, f.Profile.Enabled, f.Profile.LastInteractive = soar.KindShared, soar.NotKnown, now.Add(-time.Hour)
	}, soar.GuardInteractive, "shared mailbox"},
	{"a person", "health-report-python", func(f *soar.Finding, _ *soar.Message) { f.Profile.Kind = soar.KindPerson }, soar.GuardPerson, "person"},
	{"a privileged service account", "health-report-python", func(f *soar.Finding, _ *soar.Message) {
		f.Profile.Privileged, f.Profile.PrivilegedWhy = true, "Exchange Administrator"
	}, soar.GuardPerson, "privileged: Exchange Administrator"},
	{"null sender", "backup-veeam", func(f *soar.Finding, m *soar.Message) { m.P1, m.P2, f.Candidate.Sender = "<>", "", "<>" }, soar.GuardNullSender, "no sender"},
	{"another connector", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.Connector = "Partner" }, soar.GuardPath, `connector "Partner", not seen in 90 days`},
	{"the mailbox itself instead of the relay", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.Connector, m.ObjectID = "", "0b0b" }, soar.GuardPath, "no connector, not seen in 90 days; usual: OnPrem relay"},
	{"from outside without a connector", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.Connector, m.Direction = "", soar.DirectionInbound }, soar.GuardPath, "from outside, no connector, 192.0.2.20"},
	{"Intra-org with nothing behind it", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.Connector = "" }, soar.GuardPath, "neither an account nor a connector behind it"},
	{"another path than every rule of the sender", "backup-veeam", func(f *soar.Finding, m *soar.Message) {
		m.Connector, m.ObjectID, f.Past.Connectors = "", "0b0b", []string{""}
	}, soar.GuardPath, "mail came by mailbox, the rule trusts connector:OnPrem relay; rule backup-veeam"},
	{"two paths", "backup-veeam", func(f *soar.Finding, m *soar.Message) {
		second := *m
		second.Connector, second.ObjectID = "", "0b0b"
		f.Evidence.Messages, f.Evidence.Total = append(f.Evidence.Messages, second), 2
	}, soar.GuardPath, "mail came by 2 paths: connector:OnPrem relay, mailbox"},
	{"another client", "health-report-python", func(_ *soar.Finding, m *soar.Message) { m.InternetMessageID = "<a@DB1.eurprd01.prod.outlook.com>" }, soar.GuardClient, "prod[.]outlook[.]com, not seen in 90 days"},
	{"no message id", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.InternetMessageID = "" }, soar.GuardClient, "no Internet message id, not seen in 90 days"},
	{"another address", "health-report-python", func(_ *soar.Finding, m *soar.Message) { m.IP = "198.51.100.23" }, soar.GuardIP, "198.51.100.23, not seen in 90 days"},
	{"another address of the relay", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.IP = "192.0.2.21" }, soar.GuardIP, "192.0.2.21, not seen in 90 days"},
	{"a past that was cut", "backup-veeam", func(f *soar.Finding, m *soar.Message) { f.Past.Truncated, m.IP = true, "192.0.2.21" }, soar.GuardIP, "the past, which was cut"},
	{"a new recipient", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.NewRecipients = 1 }, soar.GuardRecipients, "1 of 4 recipients never written to before"},
	{"more recipients than ever known", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.RecipientCount = 9 }, soar.GuardRecipients, "9 recipients, only 4 known of the past"},
	{"a new link host", "monitoring-splunk", func(_ *soar.Finding, m *soar.Message) {
		m.URLHosts = []string{"splunk.contoso.com", "contoso-hr.example"}
	}, soar.GuardURLHost, "contoso-hr[.]example (looks like contoso.com), not seen in 90 days"},
	{"a link host of the past that no rule declares", "backup-veeam", func(f *soar.Finding, m *soar.Message) {
		m.URLHosts, m.URLCount, f.Past.URLHosts = []string{"warm.example"}, 1, []string{"warm.example"}
	}, soar.GuardURLHost, "warm[.]example, not declared for rule backup-veeam"},
	{"a declared link host that is new", "monitoring-splunk", func(f *soar.Finding, _ *soar.Message) { f.Past.URLHosts = nil }, soar.GuardURLHost, "splunk[.]contoso[.]com, not seen in 90 days"},
	{"links of unknown host", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.URLCount = 2 }, soar.GuardURLHost, "hosts of 2 links are not known"},
	{"a new attachment type", "monitoring-splunk", func(_ *soar.Finding, m *soar.Message) { m.AttachmentTypes = []string{"html"} }, soar.GuardAttachment, "html, not seen in 90 days"},
	{"attachments of unknown type", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.AttachmentCount = 1 }, soar.GuardAttachment, "types of 1 attachment are not known"},
	{"a link without a host", "backup-veeam", func(f *soar.Finding, m *soar.Message) {
		m.URLHosts, m.URLCount, f.Past.URLHosts = []string{soar.HostNone}, 1, []string{soar.HostNone}
	}, soar.GuardURLHost, "a link without a host, not declared"},
	{"a link whose host cannot be read, beside a declared one", "monitoring-splunk", func(_ *soar.Finding, m *soar.Message) {
		m.URLHosts, m.URLCount = append([]string{soar.HostOdd}, m.URLHosts...), 2
	}, soar.GuardURLHost, "a link whose host cannot be read, not seen in 90 days"},
	{"a service address that SPF could have passed, from another host", "onboarding-okta", func(_ *soar.Finding, m *soar.Message) { m.IP = "198.51.100.77" }, soar.GuardIP, "198.51.100.77, not seen in 90 days"},
	{"Exchange Online's hosts where there was an address of the office", "health-report-python", func(_ *soar.Finding, m *soar.Message) { m.IP = soar.IPExchangeOnline }, soar.GuardIP, "Exchange Online, not seen in 90 days"},
	{"a mailbox whose mail was checked as from outside", "health-report-python", func(_ *soar.Finding, m *soar.Message) { m.Auth = auth("pass", "", "pass") }, soar.GuardPath, "checked as mail from outside, no connector, 203.0.113.7"},
	{"one ticket that two people call phish, among many", "helpdesk-zendesk", func(f *soar.Finding, m *soar.Message) {
		m.Phish, m.Spam, f.Candidate.Counts = 2, 0, soar.Counts{Phish: 2, Reporters: 2, Messages: 1, Delivered: 900}
	}, soar.GuardReports, "2 people call one mail to 4 recipients phish"},
	{"two people call little mail of a service phish", "onboarding-okta", func(f *soar.Finding, _ *soar.Message) {
		f.Candidate.Counts = soar.Counts{Phish: 2, Reporters: 2, Messages: 2, Delivered: 8}
	}, soar.GuardReports, "2 people, 2 reports of 8 deliveries (25%)"},
	{"a later verdict", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Exposure.LaterVerdict = "Phish ZAP" }, soar.GuardVerdict, "Phish ZAP"},
	{"a verdict at delivery", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.ThreatTypes = "Spam" }, soar.GuardVerdict, "Spam at delivery"},
	{"too many mails", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Past.PerDay["2026-11-24"] = 31 }, soar.GuardVolume, "31 mails on 2026-11-24, usual 1 (31.0 times)"},
	{"many reports of little mail", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Candidate.Counts.Reporters, f.Candidate.Counts.Spam = 3, 3 }, soar.GuardReports, "3 people, 3 reports of 4 deliveries (75%)"},
	{"reports of unknown deliveries", "backup-veeam", func(f *soar.Finding, _ *soar.Message) {
		f.Candidate.Counts.Reporters, f.Candidate.Counts.Delivered = 3, 0
	}, soar.GuardReports, "deliveries are not known"},
	{"a changed inbox rule", "health-report-python", func(f *soar.Finding, _ *soar.Message) {
		f.Past.InboxRuleChanges = []string{`Inbox rule "." deletes replies`}
	}, soar.GuardCompromise, "deletes replies"},
	{"a logged inbox rule", "health-report-python", func(f *soar.Finding, _ *soar.Message) {
		f.Past.InboxRuleChanges = []string{"2026-11-24 21:10 New-InboxRule"}
	}, soar.GuardCompromise, "New inbox rule on 2026-11-24 21:10 UTC"},
	{"a logged operation without a word of ours", "health-report-python", func(f *soar.Finding, _ *soar.Message) {
		f.Past.InboxRuleChanges = []string{"2026-11-24 21:10 New-Thing"}
	}, soar.GuardCompromise, "2026-11-24 21:10 New-Thing"},
	{"evidence cut", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Evidence.Total = 9 }, soar.GuardEvidence, "1 of 9 reported messages could be read"},
	{"evidence missing", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Evidence.Missing = "query was cut" }, soar.GuardEvidence, "query was cut"},
	{"no evidence", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Evidence = soar.Evidence{} }, soar.GuardEvidence, "0 of 0 reported messages"},
	{"exposure not known", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Exposure = soar.Exposure{} }, soar.GuardEvidence, "later verdicts could not be read"},
	{"an orphan", "backup-veeam", func(_ *soar.Finding, m *soar.Message) { m.Orphan = true }, soar.GuardOrphan, "known from the report alone"},
	{"past not read", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Past.Known = false }, soar.GuardNoPast, "could not be read"},
	{"no past", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Past.Mails = 0 }, soar.GuardNoPast, "no earlier mail"},
	{"a short past", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Past.Mails, f.Past.ActiveDays = 4, 4 }, soar.GuardNoPast, "only 4 earlier mails on 4 days"},
	{"a past of one day", "backup-veeam", func(f *soar.Finding, _ *soar.Message) { f.Past.Mails, f.Past.ActiveDays = 400, 1 }, soar.GuardNoPast, "only 400 earlier mails on 1 day"},
	{"over the ceiling", "health-report-python", func(f *soar.Finding, _ *soar.Message) {
		for day := range f.Past.PerDay {
			f.Past.PerDay[day] = 21
		}
	}, soar.GuardCeiling, "21 mails on 2026-11-24, rule health-report-python hides at most 20 a day"},
}

func (g guardCase) finding(t testing.TB) soar.Finding {
	f := toolOf(t, g.rule).finding()
	m := f.Evidence.Messages[0]
	f.Evidence.Messages = []soar.Message{m}
	g.edit(&f, &f.Evidence.Messages[0])
	return f
}

func TestEachGuardHoldsAndSaysWhatItSaw(t *testing.T) {
	set := shipped(t)
	seen := map[soar.Guard]bool{}
	for _, g := range guardCases {
		seen[g.guard] = true
		j := judged(set, g.finding(t))
		hit, ok := held(j, g.guard)
		if !ok || !strings.Contains(hit.Detail, g.detail) || j.Verdict != soar.VerdictTriage {
			t.Errorf("%s: %q is %+v; want %q: %s", g.name, g.guard, hit, g.detail, show(j))
		}
		if j.Rememberable || !strings.HasSuffix(j.Unrememberable, ".") {
			t.Errorf("%s: remembered although a guard holds: %q", g.name, j.Unrememberable)
		}
	}
	if len(seen) != 21 {
		t.Errorf("%d guards are tested; want all 21", len(seen))
	}
}

func TestGuardsHoldWithoutAnyRule(t *testing.T) {
	for _, g := range guardCases {
		if g.guard == soar.GuardCeiling || strings.Contains(g.detail, "rule") {
			continue
		}
		if _, ok := held(judged(nil, g.finding(t)), g.guard); !ok {
			t.Errorf("%s: %q does not hold without rules", g.name, g.guard)
		}
	}
}

func TestTheCureOfARelayIsTheSPFRecord(t *testing.T) {
	f := change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.Auth.SPF = soar.AuthFail })
	hit, _ := held(judged(shipped(t), f), soar.GuardAuthentication)
	if hit.Cure != "if 192.0.2.20 is your relay, add the address to the SPF record of contoso.com" {
		t.Errorf("cure is %q", hit.Cure)
	}
}

func TestWhatIsNotKnownIsNotAGuardByItself(t *testing.T) {
	f := toolOf(t, "health-report-python").finding()
	f.Past.AuditKnown = false
	f.Profile.SignInKnown, f.Profile.Enabled = soar.NotKnown, soar.Yes
	if j := judged(shipped(t), f); j.Verdict != soar.VerdictSuppressed {
		t.Error(show(j))
	}
}

func TestAnOldInteractiveSignInOrADisabledAccountDoesNotHold(t *testing.T) {
	for _, edit := range []func(*soar.SenderProfile){
		func(p *soar.SenderProfile) { p.Enabled, p.LastInteractive = soar.Yes, now.Add(-8*24*time.Hour) },
		func(p *soar.SenderProfile) { p.Enabled, p.LastInteractive = soar.No, now.Add(-time.Hour) },
	} {
		f := toolOf(t, "health-report-python").finding()
		edit(&f.Profile)
		if j := judged(shipped(t), f); j.Verdict != soar.VerdictSuppressed {
			t.Error(show(j))
		}
	}
}

func TestThresholdsCanOnlyBecomeStricter(t *testing.T) {
	loose := suppressions.Thresholds{
		MinPastMails: 1, MinPastDays: 1, InteractiveWithin: time.Minute, VolumeFactor: 1000, VolumeFloor: 1000, Reporters: 1000, ReportRate: 1,
	}
	strict := suppressions.Thresholds{
		MinPastMails: 91, MinPastDays: 90, InteractiveWithin: 30 * 24 * time.Hour, VolumeFactor: 1.5, VolumeFloor: 1, Reporters: 1, ReportRate: 0.01,
	}
	set := shipped(t)
	for _, g := range guardCases {
		if _, ok := held(judged(set.WithThresholds(loose), g.finding(t)), g.guard); !ok {
			t.Errorf("%s: loose thresholds switched %q off", g.name, g.guard)
		}
	}
	f := toolOf(t, "backup-veeam").finding()
	f.Profile.Enabled, f.Profile.LastInteractive = soar.Yes, now.AddDate(0, 0, -20)
	f.Past.PerDay["2026-11-24"] = 2
	j := judged(set.WithThresholds(strict), f)
	for _, g := range []soar.Guard{soar.GuardNoPast, soar.GuardInteractive, soar.GuardVolume, soar.GuardReports} {
		if _, ok := held(j, g); !ok {
			t.Errorf("strict thresholds do not make %q hold: %s", g, show(j))
		}
	}
	if j := judged(set, f); j.Verdict != soar.VerdictSuppressed {
		t.Errorf("the shipped thresholds hold it: %s", show(j))
	}
}
