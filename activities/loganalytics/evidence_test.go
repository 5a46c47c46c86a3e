package loganalytics_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"harrier/activities/loganalytics"
	"harrier/activities/loganalytics/kql"
	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/workflows/soar"
)

// evidence runs a hunt and reads the evidence behind its candidates.
func evidence(t *testing.T, w *world, slug string, from, to float64) ([]soar.Candidate, soar.EvidenceSet) {
	t.Helper()
	c := newService(t, w).client()
	run := over(shipped(t, slug), from, to)
	rows, err := c.QueryHunt(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	set, err := c.QueryEvidence(t.Context(), soar.EvidenceRequest{Run: run, Candidates: rows.Candidates})
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Evidence) != len(rows.Candidates) {
		t.Fatalf("%d evidences for %d candidates", len(set.Evidence), len(rows.Candidates))
	}
	return rows.Candidates, set
}

func (w *world) url(message, host string) *world {
	return w.row("EmailUrlInfo", at(1), map[string]kql.Value{"TimeGenerated": at(1), "NetworkMessageId": message, "UrlDomain": host, "Url": "https://" + host + "/x"})
}

// link is a row of EmailUrlInfo as it is.
func (w *world) link(message, url, host string) *world {
	return w.row("EmailUrlInfo", at(1), map[string]kql.Value{"TimeGenerated": at(1), "NetworkMessageId": message, "UrlDomain": host, "Url": url})
}

func (w *world) attachment(message, name, extension string) *world {
	return w.row("EmailAttachmentInfo", at(1), map[string]kql.Value{"TimeGenerated": at(1), "NetworkMessageId": message, "FileName": name, "FileExtension": extension})
}

func TestEvidenceGathersOneMessagePerMailWithItsRecipients(t *testing.T) {
	w := newWorld(t)
	first := boss("M1", 1)
	first.urls, first.attachments, first.subject, first.internet = 1, 2, "Report", "<1@mail.prod.outlook.com>"
	first.name, first.ip, first.p1 = "The Boss", "10.0.0.1", "Bounce@contoso.com"
	for i := 1; i <= 3; i++ {
		m := first
		m.recipient, m.recipientID = fmt.Sprintf("R%d@contoso.com", i), fmt.Sprintf("r%d", i)
		w.mail(m)
	}
	again := first
	again.time, again.threat = at(4), "Phish"
	w.mail(again).url("m1", "Evil.test").attachment("m1", "a.PDF", "PDF").attachment("m1", "b.html", "")
	w.report(report{reporter: "r1", name: "Ann", message: "m1", time: at(2)}).
		report(report{reporter: "r2", name: "Bob", message: "m1", kind: 0, time: at(3)}).
		report(report{reporter: "r3", name: "Cy", message: "m1", action: "AttackSimUserSubmission", time: at(3)}).
		report(report{reporter: "admin", message: "m1", action: "AdminSubmissionSubmitted", time: at(3)})
	_, set := evidence(t, w, "internal-senders", 0, 24)
	e := set.Evidence[0]
	if !e.Whole() || len(e.Messages) != 1 {
		t.Fatalf("evidence %+v", e)
	}
	m := e.Messages[0]
	want := soar.Message{
		NetworkMessageID: "m1", InternetMessageID: "<1@mail.prod.outlook.com>", Time: at(1), P1: "Bounce@contoso.com", P2: "boss@contoso.com",
		DisplayName: "The Boss", ObjectID: "b055", Subject: "Report", Direction: "Intra-org", IP: "10.0.0.1", Recipients: []string{"r1@contoso.com", "r2@contoso.com", "r3@contoso.com"},
		RecipientCount: 3, URLHosts: []string{"evil.test"}, AttachmentTypes: []string{"html", "pdf"}, URLCount: 1, AttachmentCount: 2,
		Reporters: []string{"Ann", "Bob", "Cy"}, ReporterAddresses: []string{"r1@contoso.com", "r2@contoso.com", "r3@contoso.com"}, Phish: 1, Spam: 1, Simulations: 1, AdminReports: 1, ReportedAt: at(2), ThreatTypes: "Phish",
		Delivery: "Delivered/Inbox/folder",
	}
	if fmt.Sprintf("%+v", m) != fmt.Sprintf("%+v", want) {
		t.Errorf("got\n%+v\nwant\n%+v", m, want)
	}
}

// reporters are the names and addresses of who reported the one message there is.
func reporters(t *testing.T, w *world) (names, addresses []string) {
	t.Helper()
	_, set := evidence(t, w, "internal-senders", 0, 24)
	if len(set.Evidence) != 1 || len(set.Evidence[0].Messages) != 1 {
		t.Fatalf("evidence %+v", set)
	}
	m := set.Evidence[0].Messages[0]
	return m.Reporters, m.ReporterAddresses
}

func TestReportersAreNamedAndTheirAddressesAreKept(t *testing.T) {
	w := newWorld(t).mail(boss("m1", 1))
	for i, user := range []string{"", " Ann@Contoso.com ", "2b1d4c6e-0000-4000-8000-1234567890ab", "Not Available", "two@at@contoso.com", "dot@contoso.com.", "@contoso.com", "bob@", "ann@contoso.com"} {
		w.report(report{reporter: fmt.Sprintf("r%d", i), user: user, name: fmt.Sprintf("Name %d", i), message: "m1", time: at(2)})
	}
	names, addresses := reporters(t, w)
	if len(names) != 9 || strings.Join(addresses, " ") != "ann@contoso.com r0@contoso.com" {
		t.Errorf("names %q, addresses %q", names, addresses)
	}
}

func TestASenderWhoReportsItsOwnMailIsNoReporterToWriteTo(t *testing.T) {
	own := report{reporter: "B055", user: "the.boss@contoso.com", name: "The Boss", message: "m1", time: at(2)}
	w := newWorld(t).mail(boss("m1", 1)).report(own).report(report{reporter: "r1", name: "Ann", message: "m1", time: at(3)})
	names, addresses := reporters(t, w)
	if strings.Join(names, " ") != "Ann The Boss" || strings.Join(addresses, " ") != "r1@contoso.com" {
		t.Errorf("names %q, addresses %q", names, addresses)
	}
}

func TestAddressesThatAreNoneDoNotTakeThePlaceOfOthers(t *testing.T) {
	w := newWorld(t).mail(boss("m1", 1))
	for i := range 12 {
		w.report(report{reporter: fmt.Sprintf("a%02d", i), user: fmt.Sprintf("id-%d", i), name: fmt.Sprintf("A%02d", i), message: "m1", time: at(2)})
		w.report(report{reporter: fmt.Sprintf("b%02d", i), name: fmt.Sprintf("B%02d", i), message: "m1", time: at(2)})
	}
	names, addresses := reporters(t, w)
	if len(names) != 10 || len(addresses) != 10 || strings.Contains(strings.Join(addresses, " "), "id-") {
		t.Errorf("%d names, addresses %q", len(names), addresses)
	}
}

func TestMailThatNobodyReportedHasNoReporters(t *testing.T) {
	m := boss("m1", 1)
	m.urls = 0
	c := newService(t, newWorld(t).mail(m)).client()
	run := over(shipped(t, "sender-bursts"), 0, 24)
	set, err := c.QueryEvidence(t.Context(), soar.EvidenceRequest{Run: run, Candidates: []soar.Candidate{
		{Sender: "boss@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg, Messages: []string{"m1"}},
	}})
	if err != nil || len(set.Evidence[0].Messages) != 1 || set.Evidence[0].Messages[0].ReporterAddresses != nil {
		t.Errorf("%v: %+v", err, set)
	}
}

func TestEvidenceKeepsTheFromAsItWasWritten(t *testing.T) {
	m := boss("m1", 1)
	m.p2, m.p1, m.direction, m.connector = "Boss@Contoso.com", "bounce@esp.test", "Inbound", "Relay A"
	m.auth = `{"SPF":"pass","DKIM":"none","DMARC":"fail","CompAuth":"fail"}`
	_, set := evidence(t, newWorld(t).mail(m).report(report{reporter: "r1", message: "m1", time: at(2)}), "internal-senders", 0, 24)
	got := set.Evidence[0].Messages[0]
	if got.P2 != "Boss@Contoso.com" || got.P1 != "bounce@esp.test" || got.Connector != "Relay A" || got.Auth.DMARC != soar.AuthFail || got.Auth.DKIM != soar.AuthNotEvaluated {
		t.Errorf("message %+v", got)
	}
}

func TestTheInternalCopyGivesTheEvidenceItsDirection(t *testing.T) {
	outside, inside := boss("m1", 1), boss("m1", 1)
	outside.direction, outside.recipient, outside.recipientID = "Outbound", "x@partner.test", ""
	_, set := evidence(t, newWorld(t).mail(outside).mail(inside).mail(outside).report(report{reporter: "r1", message: "m1", time: at(2)}),
		"internal-senders", 0, 24)
	if m := set.Evidence[0].Messages[0]; m.Direction != "Intra-org" || m.RecipientCount != 2 {
		t.Errorf("message %+v", m)
	}
}

func TestEvidenceOfThePublishedHuntIsFoundByEnvelopeAlone(t *testing.T) {
	forged := boss("m2", 1)
	forged.direction = "Inbound"
	other := boss("m3", 1)
	other.p1 = "someone@contoso.com"
	w := newWorld(t).mail(boss("m1", 1)).mail(forged).mail(other)
	for _, id := range []string{"m1", "m2", "m3"} {
		w.report(report{reporter: "r1", message: id, time: at(2)})
	}
	candidates, set := evidence(t, w, "top-intra-org-senders", 0, 24)
	for i, c := range candidates {
		want := map[string]string{"boss@contoso.com": "m1", "someone@contoso.com": "m3"}[c.Sender]
		if e := set.Evidence[i]; !e.Whole() || len(e.Messages) != 1 || e.Messages[0].NetworkMessageID != want {
			t.Errorf("%s has %+v, want %s", c.Sender, e, want)
		}
	}
	if len(candidates) != 2 {
		t.Errorf("%d candidates", len(candidates))
	}
}

func TestNullSendersDoNotShareEvidence(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"m1", "m2"} {
		w.mail(mail{id: id, p1: "<>", direction: "Inbound", recipientID: "r1", time: at(1)}).report(report{reporter: "r1", message: id, time: at(2)})
	}
	candidates, set := evidence(t, w, "internal-senders", 0, 24)
	for i, c := range candidates {
		if e := set.Evidence[i]; !e.Whole() || len(e.Messages) != 1 || e.Messages[0].NetworkMessageID != c.Messages[0] {
			t.Errorf("row %d: %+v for %+v", i, e, c)
		}
	}
}

func TestAnEnvelopeHuntFindsItsNullSendersWithoutIDs(t *testing.T) {
	m := boss("m1", 1)
	m.p1 = "<>"
	candidates, set := evidence(t, newWorld(t).mail(m).report(report{reporter: "r1", message: "m1", time: at(2)}), "top-intra-org-senders", 0, 24)
	if len(candidates) != 1 || !set.Evidence[0].Whole() {
		t.Errorf("%+v has %+v", candidates, set)
	}
}

func TestAnOrphanIsKnownFromItsReportAlone(t *testing.T) {
	w := newWorld(t).report(report{reporter: "r1", message: "m1", p1: "x@relay.test", p2: "Boss@contoso.com", ip: "192.0.2.7", subject: "Pay", time: at(2)})
	_, set := evidence(t, w, "internal-senders", 48, 72)
	e := set.Evidence[0]
	if !e.Whole() {
		t.Fatalf("evidence %+v", e)
	}
	if m := e.Messages[0]; !m.Orphan || m.P1 != "x@relay.test" || m.P2 != "Boss@contoso.com" || m.IP != "192.0.2.7" || m.Subject != "Pay" || m.Direction != "" || m.Phish != 1 {
		t.Errorf("message %+v", m)
	}
}

func TestAListThatIsCutKeepsItsTotal(t *testing.T) {
	w := newWorld(t)
	for i := range 70 {
		id := fmt.Sprintf("m%02d", i)
		w.mail(boss(id, 1)).report(report{reporter: "r1", message: id, time: at(2).Add(time.Duration(i) * time.Minute)})
	}
	candidates, set := evidence(t, w, "internal-senders", 0, 24)
	e := set.Evidence[0]
	if e.Total != 70 || len(e.Messages) != 30 || e.Whole() || len(candidates[0].Messages) != 50 {
		t.Errorf("total %d, %d messages, whole %v, %d ids", e.Total, len(e.Messages), e.Whole(), len(candidates[0].Messages))
	}
	if first := e.Messages[0].NetworkMessageID; first != "m69" {
		t.Errorf("the newest report comes first, got %s", first)
	}
}

func TestEvidenceIsNotWholeWithoutItsLinksOrMessages(t *testing.T) {
	link, file := boss("m1", 1), mail{id: "m2", p1: "a@contoso.com", p2: "a@contoso.com", recipientID: "r1", attachments: 1, time: at(1)}
	link.urls = 2
	w := newWorld(t).mail(link).mail(file).report(report{reporter: "r1", message: "m1", time: at(2)}).report(report{reporter: "r1", message: "m2", time: at(2)})
	c := newService(t, w).client()
	run := over(shipped(t, "internal-senders"), 0, 24)
	set, err := c.QueryEvidence(t.Context(), soar.EvidenceRequest{Run: run, Candidates: []soar.Candidate{
		{Sender: "boss@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg},
		{Sender: "a@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg},
		{Sender: "gone@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg, Messages: []string{"m9"}},
		{Sender: "nobody@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg},
		{Sender: "line\nbreak@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"2 links", "1 attachments", "1 reported messages were not found", "no reported message", "control characters"} {
		if e := set.Evidence[i]; !strings.Contains(e.Missing, want) || e.Whole() {
			t.Errorf("evidence %d: %+v, want %q", i, e, want)
		}
	}
}

func TestALinkNeverShowsAHostItDoesNotGoTo(t *testing.T) {
	for _, c := range []struct{ url, host, want string }{
		{"https://wiki.contoso.com/x", "Wiki.contoso.com", "wiki.contoso.com"},
		{"https://wiki.contoso.com:8443/@user?a=b@c", "wiki.contoso.com:8443", "wiki.contoso.com"},
		{"mailto:help@contoso.com", "contoso.com", "contoso.com"},
		{"evil.test/login", "", "(none)"},
		{"https://wiki.contoso.com/x", "", "(none)"},
		{"data:text/html;base64,AAAA", "", "(none)"},
		{`https://evil.test\@wiki.contoso.com/x`, "wiki.contoso.com", "(odd)"},
		{`https:\\evil.test\x`, "wiki.contoso.com", "(odd)"},
		{"https://wiki.contoso.com@evil.test/x", "wiki.contoso.com", "(odd)"},
		{"https://wiki.contoso.com%2eevil.test/x", "wiki.contoso.com", "(odd)"},
		{"https://wiki.contoso.com /x", "wiki.contoso.com", "(odd)"},
		{"https://evil.test/x", `evil.test\@wiki.contoso.com`, "(odd)"},
	} {
		m := boss("m1", 1)
		m.urls = 1
		_, set := evidence(t, newWorld(t).mail(m).link("m1", c.url, c.host).report(report{reporter: "r1", message: "m1", time: at(2)}), "internal-senders", 0, 24)
		if e := set.Evidence[0]; !e.Whole() || strings.Join(e.Messages[0].URLHosts, " ") != c.want {
			t.Errorf("%s of %s: %+v, want %s", c.url, c.host, e, c.want)
		}
	}
}

func TestEvidenceIsNotWholeWithFewerPartsThanTheMailHas(t *testing.T) {
	m := boss("m1", 1)
	m.urls, m.attachments = 2, 2
	r := report{reporter: "r1", message: "m1", time: at(2)}
	w := newWorld(t).mail(m).url("m1", "a.test").url("m1", "a.test").link("m1", "https://a.test/y", "a.test").attachment("m1", "a.csv", "csv").
		attachment("m1", "a.csv", "csv").report(r)
	_, set := evidence(t, w, "internal-senders", 0, 24)
	if e := set.Evidence[0]; e.Whole() || e.Missing != "a message has 2 attachments and EmailAttachmentInfo shows 1 of them" {
		t.Errorf("%+v", e)
	}
	_, set = evidence(t, w.attachment("m1", "b.csv", "csv"), "internal-senders", 0, 24)
	if e := set.Evidence[0]; !e.Whole() {
		t.Errorf("%+v", e)
	}
	m.urls, m.time = 3, at(3)
	_, set = evidence(t, w.mail(m), "internal-senders", 0, 24)
	if e := set.Evidence[0]; e.Whole() || e.Missing != "a message has 3 links and EmailUrlInfo shows 2 of them" {
		t.Errorf("%+v", e)
	}
}

func TestWhatOneRowSaidOfAMessageIsNotTakenBackByALaterOne(t *testing.T) {
	first, later, other := boss("m1", 1), boss("m1", 3), boss("m1", 2)
	first.auth, first.threat = `{"SPF":"fail","DMARC":"fail"}`, "Phish"
	other.recipient, other.recipientID, other.threat, later.auth = "r2@contoso.com", "r2", "Malware", "{}"
	_, set := evidence(t, newWorld(t).mail(first).mail(later).mail(other).report(report{reporter: "r1", message: "m1", time: at(4)}), "internal-senders", 0, 24)
	if m := set.Evidence[0].Messages[0]; m.Auth.DMARC != soar.AuthFail || m.ThreatTypes != "Malware, Phish" {
		t.Errorf("message %+v", m)
	}
	again := boss("m1", 5)
	again.auth = `{"SPF":"pass","DMARC":"pass"}`
	_, set = evidence(t, newWorld(t).mail(first).mail(again).mail(later).report(report{reporter: "r1", message: "m1", time: at(4)}), "internal-senders", 0, 24)
	if m := set.Evidence[0].Messages[0]; m.Auth.DMARC != soar.AuthPass {
		t.Errorf("the newest word on authentication is %+v", m.Auth)
	}
}

func TestTheReportersOwnCopyIsTheEvidence(t *testing.T) {
	own, other := boss("m1", 1), boss("m1", 1)
	own.connector, own.recipientID = "Relay A", ""
	other.recipient, other.recipientID, other.direction = "r2@contoso.com", "r2", "Inbound"
	_, set := evidence(t, newWorld(t).mail(other).mail(own).report(report{reporter: "r1", message: "m1", time: at(2)}), "internal-senders", 0, 24)
	if m := set.Evidence[0].Messages[0]; m.Connector != "Relay A" || m.Direction != "Intra-org" {
		t.Errorf("message %+v", m)
	}
}

func TestHostsOfExchangeOnlineAreOneAddressInTheEvidence(t *testing.T) {
	for _, c := range []struct{ ip, direction, connector, want string }{
		{"2603:10a6:20b:1::5", "Intra-org", "", soar.IPExchangeOnline},
		{"::ffff:40.107.3.3", "Intra-org", "", soar.IPExchangeOnline},
		{"52.103.1.1", "Intra-org", "", soar.IPExchangeOnline},
		{"104.47.127.1", "Intra-org", "", soar.IPExchangeOnline},
		{"104.47.128.1", "Intra-org", "", "104.47.128.1"},
		{"40.107.3.3", "Inbound", "", "40.107.3.3"},
		{"40.107.3.3", "Intra-org", "Relay A", "40.107.3.3"},
		{"2001:db8:1:2:3::5", "Inbound", "", "2001:db8:1:2::/64"},
		{"2001:db8::5", "Intra-org", "Relay A", "2001:db8::5"},
		{"no address", "Intra-org", "", "no address"},
		{"", "Intra-org", "", ""},
	} {
		if got := loganalytics.FoldIP(c.ip, c.direction, c.connector); got != c.want {
			t.Errorf("%+v is %q", c, got)
		}
	}
}

func TestALongFromIsNeverTheAddressItBeginsWith(t *testing.T) {
	m := boss("m1", 1)
	m.p2 = "boss@contoso.com" + strings.Repeat(" ", 390) + "x@evil.test"
	candidates, set := evidence(t, newWorld(t).mail(m).report(report{reporter: "r1", message: "m1", time: at(2)}), "internal-senders", 0, 24)
	e := set.Evidence[0]
	if !e.Whole() || soar.NormalAddress(e.Messages[0].P2) == "boss@contoso.com" || soar.NormalAddress(candidates[0].Sender) == "boss@contoso.com" {
		t.Errorf("%q has %+v", candidates[0].Sender, e)
	}
}

func TestEvidenceOfAPartialAnswerIsNeverWhole(t *testing.T) {
	w := newWorld(t).mail(boss("m1", 1)).report(report{reporter: "r1", message: "m1", time: at(2)})
	s := newService(t, w)
	s.Fail(loganalyticstest.Fault{Partial: "too large"})
	set, err := s.client().QueryEvidence(t.Context(), soar.EvidenceRequest{Run: over(shipped(t, "internal-senders"), 0, 24),
		Candidates: []soar.Candidate{{Sender: "boss@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg}}})
	if err != nil || set.Evidence[0].Whole() || !strings.Contains(set.Partial, "too large") {
		t.Errorf("%v: %+v", err, set)
	}
}

func TestOptionalTablesMayBeMissing(t *testing.T) {
	w := newWorld(t).drop("EmailUrlInfo").drop("EmailAttachmentInfo").mail(boss("m1", 1)).report(report{reporter: "r1", message: "m1", time: at(2)})
	_, set := evidence(t, w, "internal-senders", 0, 24)
	if !set.Evidence[0].Whole() {
		t.Errorf("%+v", set)
	}
}

func TestAnInjectedSenderFindsNothingOfOthers(t *testing.T) {
	w := newWorld(t).mail(boss("m1", 1)).report(report{reporter: "r1", message: "m1", time: at(2)})
	run := over(shipped(t, "internal-senders"), 0, 24)
	evil := `x" or 1==1 //@evil.test`
	c := newService(t, w).client()
	set, err := c.QueryEvidence(t.Context(), soar.EvidenceRequest{Run: run, Candidates: []soar.Candidate{{Sender: evil, SenderIs: soar.P2, Scope: soar.ScopeIntraOrg}}})
	if err != nil || len(set.Evidence[0].Messages) != 0 {
		t.Errorf("%v: %+v", err, set)
	}
	past, err := c.QueryPast(t.Context(), soar.PastRequest{Run: run, Senders: []soar.PastSender{{Address: evil, AddressIs: soar.P2, Scope: soar.ScopeIntraOrg, Before: at(24)}}})
	if err != nil || past.Past[0].Mails != 0 {
		t.Errorf("%v: %+v", err, past)
	}
}

func TestNoCandidatesIsNoQuery(t *testing.T) {
	s := newService(t, newWorld(t))
	set, err := s.client().QueryEvidence(t.Context(), soar.EvidenceRequest{Run: over(shipped(t, "internal-senders"), 0, 24)})
	if err != nil || len(set.Evidence) != 0 || len(s.Requests()) != 0 {
		t.Errorf("%v: %+v after %d requests", err, set, len(s.Requests()))
	}
}
