package loganalytics_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"harrier/activities/loganalytics/kql"
	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/workflows/soar"
)

// past reads senders' pasts before hour 0, for a window of the day that begins there.
func past(t *testing.T, s *service, senders ...soar.PastSender) soar.PastSet {
	t.Helper()
	for i := range senders {
		senders[i].AddressIs = soar.P2
		if senders[i].Before.IsZero() {
			senders[i].Before = at(0)
		}
	}
	set, err := s.client().QueryPast(t.Context(), soar.PastRequest{Run: over(shipped(t, "internal-senders"), 0, 24), Senders: senders})
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Past) != len(senders) || len(set.Delivered) != len(senders) {
		t.Fatalf("%d pasts and %d deliveries for %d senders", len(set.Past), len(set.Delivered), len(senders))
	}
	return set
}

func theBoss(scope soar.Scope) soar.PastSender {
	return soar.PastSender{Address: "Boss@contoso.com", Scope: scope}
}

// weekly is a sender's mail every week before hour 0, the newest eight days ago:
// the last seven days are no past.
func weekly(w *world, weeks int, change func(*mail)) *world {
	for i := 1; i <= weeks; i++ {
		m := boss(fmt.Sprintf("old%d", i), float64(-i*7*24-15))
		m.internet, m.ip = fmt.Sprintf("<%d@DB%d.eurprd01.prod.outlook.com>", i, i), "10.0.0.1"
		change(&m)
		w.mail(m)
	}
	return w
}

func TestAPastIsTheSendersOwnUnreportedMail(t *testing.T) {
	w := weekly(newWorld(t), 8, func(*mail) {}).url("old1", "Wiki.contoso.com").attachment("old2", "a.csv", "csv")
	reported := boss("bad", -50)
	reported.recipient, reported.ip, reported.connector = "victim@contoso.com", "203.0.113.9", "Rogue"
	w.mail(reported).url("bad", "evil.test").report(report{reporter: "r1", message: "bad", time: at(-40)})
	now := boss("new", 1)
	now.recipient = "other@contoso.com"
	w.mail(now).mail(boss("new", 1)).report(report{reporter: "r1", message: "new", time: at(2)})
	set := past(t, newService(t, w), theBoss(soar.ScopeIntraOrg))
	p := set.Past[0]
	if !p.Known || p.Mails != 8 || p.ActiveDays != 8 || p.Recipients != 1 || !p.FirstSeen.Equal(at(-8*7*24-15)) || p.Truncated {
		t.Errorf("past %+v", p)
	}
	for name, sets := range map[string][2][]string{
		"connectors": {p.Connectors, {""}}, "ips": {p.IPs, {"10.0.0.1"}}, "clients": {p.ClientFamilies, {"prod.outlook.com"}},
		"url hosts": {p.URLHosts, {"wiki.contoso.com"}}, "attachments": {p.AttachmentTypes, {"csv"}}, "directions": {p.Directions, {"Intra-org"}},
	} {
		if !slices.Equal(sets[0], sets[1]) {
			t.Errorf("%s are %q, want %q", name, sets[0], sets[1])
		}
	}
	if set.NewRecipients["new"] != 1 || set.Delivered[0] != 2 {
		t.Errorf("new recipients %v, delivered %v", set.NewRecipients, set.Delivered)
	}
	if p.PerDay["2026-11-20"] != 1 || p.PerDay["2026-11-17"] != 1 || p.PerDay["2026-11-12"] != 1 || p.PerDay["2026-10-02"] != 0 {
		t.Errorf("mails a day %v", p.PerDay)
	}
	if n := len(p.ReportsPerDay); n != 30 || p.ReportsPerDay[29] != 1 || p.ReportsPerDay[27] != 1 || p.ReportsPerDay[28] != 0 {
		t.Errorf("reports a day %v", p.ReportsPerDay)
	}
}

func TestWhatIsPreparedInTheWeekBeforeIsNoPast(t *testing.T) {
	w := weekly(newWorld(t), 5, func(*mail) {})
	poison := boss("poison", -160)
	poison.ip, poison.internet, poison.recipient = "203.0.113.9", "<1@evil.test>", "victim@contoso.com"
	attack := boss("attack", 1)
	attack.recipient = "victim@contoso.com"
	w.mail(poison).url("poison", "evil.test").mail(attack).report(report{reporter: "victim", message: "attack", time: at(2)})
	set := past(t, newService(t, w), theBoss(soar.ScopeIntraOrg))
	p := set.Past[0]
	if p.Mails != 5 || !slices.Equal(p.IPs, []string{"10.0.0.1"}) || !slices.Equal(p.ClientFamilies, []string{"prod.outlook.com"}) || len(p.URLHosts) != 0 {
		t.Errorf("past %+v", p)
	}
	if set.NewRecipients["attack"] != 1 {
		t.Errorf("new recipients %v", set.NewRecipients)
	}
	if p.PerDay["2026-11-13"] != 1 || set.Delivered[0] != 1 {
		t.Errorf("mails a day %v, delivered %v: they keep ranges of their own", p.PerDay, set.Delivered)
	}
}

func TestASenderWhoseEveryMailIsReportedOnceHasAPast(t *testing.T) {
	w := weekly(newWorld(t), 6, func(*mail) {})
	for i := 1; i <= 6; i++ {
		w.report(report{reporter: "r1", message: fmt.Sprintf("old%d", i), time: at(float64(-i*7*24 - 10))})
	}
	// The first lies within the two weeks in which a reported mail is in doubt.
	if p := past(t, newService(t, w), theBoss(soar.ScopeIntraOrg)).Past[0]; p.Mails != 5 {
		t.Errorf("%d mails", p.Mails)
	}
}

func TestADayWithSeveralReportsIsNoPast(t *testing.T) {
	w := weekly(newWorld(t), 6, func(*mail) {})
	campaign := boss("unreported", -4*7*24-14)
	campaign.ip = "203.0.113.9"
	w.mail(campaign)
	for _, r := range []string{"r1", "r2", "r3"} {
		w.report(report{reporter: r, message: "old4", time: at(-4*7*24 - 10)})
	}
	if p := past(t, newService(t, w), theBoss(soar.ScopeIntraOrg)).Past[0]; p.Mails != 5 || !slices.Equal(p.IPs, []string{"10.0.0.1"}) {
		t.Errorf("past %+v", p)
	}
}

func TestDeliveriesCountFromTheFirstReportedMail(t *testing.T) {
	w := weekly(newWorld(t), 2, func(*mail) {}).mail(boss("m1", -30)).mail(boss("m2", -20)).report(report{reporter: "r1", message: "m1", time: at(2)})
	boss := theBoss(soar.ScopeIntraOrg)
	boss.Before = at(-30)
	if set := past(t, newService(t, w), boss); set.Delivered[0] != 2 {
		t.Errorf("delivered %v", set.Delivered)
	}
}

func TestAProgramWithoutInternetMessageIDsHasThatInItsPast(t *testing.T) {
	w := weekly(newWorld(t), 3, func(m *mail) { m.internet = "" })
	if p := past(t, newService(t, w), theBoss(soar.ScopeIntraOrg)).Past[0]; !slices.Equal(p.ClientFamilies, []string{""}) {
		t.Errorf("clients %q", p.ClientFamilies)
	}
}

func TestHostsOfExchangeOnlineAreOneAddressInAPast(t *testing.T) {
	w := weekly(newWorld(t), 3, func(m *mail) { m.ip = "" })
	for i, ip := range []string{"2603:10a6:20b::1", "2603:10a6:20b::2", "40.92.1.1", "2001:db8:1:2::1", "2001:db8:1:2::2"} {
		m := boss(fmt.Sprintf("v6-%d", i), -300)
		m.ip = ip
		w.mail(m)
	}
	relayed := boss("relayed", -300)
	relayed.ip, relayed.connector = "40.92.1.1", "Relay A"
	p := past(t, newService(t, w.mail(relayed)), theBoss(soar.ScopeIntraOrg)).Past[0]
	if want := []string{"2001:db8:1:2::/64", "40.92.1.1", soar.IPExchangeOnline}; !slices.Equal(p.IPs, want) {
		t.Errorf("addresses %q, want %q", p.IPs, want)
	}
}

func TestALinkWithoutAHostIsNoPast(t *testing.T) {
	w := weekly(newWorld(t), 2, func(*mail) {}).link("old1", "evil.test/x", "").link("old1", `https://evil.test\@wiki.contoso.com/x`, "wiki.contoso.com").
		link("old2", "https://Wiki.contoso.com:443/x", "Wiki.contoso.com:443")
	if p := past(t, newService(t, w), theBoss(soar.ScopeIntraOrg)).Past[0]; !slices.Equal(p.URLHosts, []string{"wiki.contoso.com"}) {
		t.Errorf("hosts %q", p.URLHosts)
	}
}

func TestAnAddressThatOnlyLooksLikeOneHasNoPast(t *testing.T) {
	w := weekly(newWorld(t), 3, func(m *mail) { m.p2 = "boss@contoso.com." })
	s := newService(t, w)
	for _, a := range []string{"boss@contoso.com.", "boss@contoso.com\u00a0", "boss@contoso\u3002com", "<boss@contoso.com>", "boss@contoso.com@contoso.com"} {
		if p := past(t, s, soar.PastSender{Address: a, Scope: soar.ScopeIntraOrg}).Past[0]; p.Known || p.Mails != 0 {
			t.Errorf("%q has %+v", a, p)
		}
	}
}

func TestAForgeryNeitherBorrowsNorSpoilsAPast(t *testing.T) {
	w := weekly(newWorld(t), 4, func(*mail) {})
	weekly(w, 3, func(m *mail) {
		m.id, m.direction, m.ip, m.auth = "forged"+m.id, "Inbound", "203.0.113.9", `{"SPF":"fail","DMARC":"fail"}`
	})
	weekly(w, 2, func(m *mail) {
		m.id, m.direction, m.ip, m.auth = "saas"+m.id, "Inbound", "198.51.100.1", `{"SPF":"pass","DKIM":"pass","DMARC":"pass"}`
	})
	set := past(t, newService(t, w), theBoss(soar.ScopeIntraOrg), theBoss(soar.ScopeClaimsInternal))
	if p := set.Past[0]; p.Mails != 4 || !slices.Equal(p.IPs, []string{"10.0.0.1"}) {
		t.Errorf("mailbox %+v", p)
	}
	if p := set.Past[1]; p.Mails != 2 || !slices.Equal(p.IPs, []string{"198.51.100.1"}) || p.PerDay["2026-11-12"] != 2 {
		t.Errorf("service %+v", p)
	}
}

func TestAPastBeginsWhereTheWorkspacesMailBegins(t *testing.T) {
	w := weekly(newWorld(t), 2, func(*mail) {})
	if p := past(t, newService(t, w), theBoss(soar.ScopeIntraOrg)).Past[0]; !p.Since.Equal(at(-2*7*24 - 15)) {
		t.Errorf("since %s", p.Since)
	}
}

func TestNothingIsKnownOfThePastOfNullSendersAndOrphans(t *testing.T) {
	w := weekly(newWorld(t), 2, func(*mail) {})
	s := newService(t, w)
	set := past(t, s, soar.PastSender{Address: "<>", Scope: soar.ScopeOther}, theBoss(soar.ScopeOrphan), soar.PastSender{Address: "a\n@contoso.com", Scope: soar.ScopeIntraOrg})
	for i, p := range set.Past {
		if p.Known || p.Mails != 0 {
			t.Errorf("past %d is %+v", i, p)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestAPartialAnswerLeavesThePastUnknown(t *testing.T) {
	s := newService(t, weekly(newWorld(t), 2, func(*mail) {}))
	s.Fail(loganalyticstest.Fault{Partial: "too large", PartialRows: 3})
	if set := past(t, s, theBoss(soar.ScopeIntraOrg)); set.Past[0].Known || set.Partial == "" {
		t.Errorf("%+v", set)
	}
}

func TestASetThatIsCutSaysSo(t *testing.T) {
	w := newWorld(t)
	for i := range 130 {
		m := boss(fmt.Sprintf("old%d", i), -200)
		m.ip = fmt.Sprintf("10.0.0.%d", i)
		w.mail(m)
	}
	if p := past(t, newService(t, w), theBoss(soar.ScopeIntraOrg)).Past[0]; !p.Truncated || len(p.IPs) != 100 || p.Mails != 130 {
		t.Errorf("truncated %v, %d addresses, %d mails", p.Truncated, len(p.IPs), p.Mails)
	}
}

func (w *world) audit(action, object, user, on string, hour float64, parameters ...string) *world {
	return w.row("CloudAppEvents", at(hour), map[string]kql.Value{"TimeGenerated": at(hour), "ActionType": action, "AccountObjectId": object,
		"RawEventData": dynamic(w.t, map[string]any{"UserId": user, "ObjectId": on, "MailboxOwnerUPN": on, "Parameters": fmt.Sprint(parameters)})})
}

func TestMailboxChangesAreReadFromTheLog(t *testing.T) {
	w := weekly(newWorld(t), 2, func(*mail) {}).
		audit("New-InboxRule", "B055", "", "", -10).
		audit("Set-Mailbox", "admin", "admin@contoso.com", "boss@contoso.com", -5, "ForwardingSmtpAddress").
		audit("Set-Mailbox", "admin", "admin@contoso.com", "boss@contoso.com", -4, "AuditEnabled").
		audit("UpdateInboxRules", "other", "other@contoso.com", "other@contoso.com", -4).
		audit("Add-MailboxPermission", "b055", "boss@contoso.com", "boss@contoso.com", -20*24)
	p := past(t, newService(t, w), theBoss(soar.ScopeIntraOrg)).Past[0]
	want := []string{"2026-11-19 19:00 Set-Mailbox", "2026-11-19 14:00 New-InboxRule"}
	if !p.AuditKnown || !slices.Equal(p.InboxRuleChanges, want) {
		t.Errorf("known %v, changes %q", p.AuditKnown, p.InboxRuleChanges)
	}
}

func TestAChangeIsReadHoweverItNamesTheMailbox(t *testing.T) {
	const forward = `[{"Name":"ForwardingSmtpAddress","Value":"smtp:x@evil.test"}`
	for _, c := range []struct{ on, parameters string }{
		{"boss", forward + "]"},
		{"Boss@contoso.onmicrosoft.com", forward + "]"},
		{"contoso.onmicrosoft.com/boss", forward + "]"},
		{`EURPR01A001/contoso.onmicrosoft.com/boss\Move all`, forward + "]"},
		{"{B055}", forward + "]"},
		{"b055", forward + "]"},
		{"", forward + `,{"Name":"Identity","Value":"boss"}]`},
		{"", forward + `,{"Value":"contoso.onmicrosoft.com/boss","Name":"Identity"}]`},
		{"", forward + `,{"Name":"Identity","Value":"smtp:boss@contoso.com"}]`},
	} {
		w := weekly(newWorld(t), 2, func(*mail) {})
		w.row("CloudAppEvents", at(-5), map[string]kql.Value{"TimeGenerated": at(-5), "ActionType": "Set-Mailbox", "AccountObjectId": "admin",
			"RawEventData": dynamic(t, map[string]any{"UserId": "admin@contoso.com", "ObjectId": c.on, "Parameters": c.parameters})})
		got := past(t, newService(t, w), theBoss(soar.ScopeIntraOrg), soar.PastSender{Address: "other@contoso.com", Scope: soar.ScopeIntraOrg})
		if p := got.Past[0]; !slices.Equal(p.InboxRuleChanges, []string{"2026-11-19 19:00 Set-Mailbox"}) {
			t.Errorf("%s %s: changes %q", c.on, c.parameters, p.InboxRuleChanges)
		}
		if p := got.Past[1]; len(p.InboxRuleChanges) != 0 {
			t.Errorf("%s %s: another's changes %q", c.on, c.parameters, p.InboxRuleChanges)
		}
	}
}

func TestWithoutExchangeRowsMailboxChangesAreNotKnown(t *testing.T) {
	w := weekly(newWorld(t), 2, func(*mail) {}).report(report{reporter: "r1", message: "m1", time: at(-3)})
	if p := past(t, newService(t, w), theBoss(soar.ScopeIntraOrg)).Past[0]; p.AuditKnown || p.InboxRuleChanges != nil {
		t.Errorf("known %v, changes %q", p.AuditKnown, p.InboxRuleChanges)
	}
}

func TestTheRequestCoversTheWholePast(t *testing.T) {
	s := newService(t, weekly(newWorld(t), 12, func(*mail) {}))
	if p := past(t, s, theBoss(soar.ScopeIntraOrg)).Past[0]; p.Mails != 12 {
		t.Errorf("%d mails, asked for %s", p.Mails, s.Requests()[0].Timespan)
	}
	if p := past(t, s, soar.PastSender{Address: "boss@contoso.com", Scope: soar.ScopeIntraOrg, Before: at(0).Add(-21 * 24 * time.Hour)}).Past[0]; p.Mails != 9 {
		t.Errorf("%d mails before three weeks ago", p.Mails)
	}
}
