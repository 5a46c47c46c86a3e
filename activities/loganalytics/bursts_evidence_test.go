package loganalytics_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"harrier/workflows/soar"
)

// jane is a burst of n mails of one mailbox, each to a reader of its own, with a
// link and nobody's report.
func jane(t testing.TB, n int) *world {
	w := newWorld(t).weekly("jane@contoso.com", 5, 5, 5, 5, 5, 5)
	w.sendsAs(mail{p1: "jane@contoso.com", p2: "Jane@contoso.com", objectID: "J-1", name: "Jane Doe", subject: "Payroll", urls: 1, ip: "203.0.113.50"}, 0, n, 9)
	for i := range n {
		w.url(fmt.Sprintf("Jane@contoso.com-0-%d-9", i), "evil.test")
	}
	return w
}

func TestMailThatNobodyReportedIsTheEvidenceOfABurst(t *testing.T) {
	candidates, set := evidence(t, jane(t, 40), "sender-bursts", today, today+24)
	e := set.Evidence[0]
	if !e.Whole() || e.Total != 40 || len(candidates[0].Messages) != 40 {
		t.Fatalf("total %d, missing %q, %d ids", e.Total, e.Missing, len(candidates[0].Messages))
	}
	want := soar.Message{NetworkMessageID: "jane@contoso.com-0-39-9", Time: e.Messages[0].Time, P1: "jane@contoso.com", P2: "Jane@contoso.com", DisplayName: "Jane Doe",
		ObjectID: "j-1", Subject: "Payroll", Direction: "Intra-org", IP: "203.0.113.50", Recipients: []string{"r39@contoso.com"}, RecipientCount: 1,
		URLHosts: []string{"evil.test"}, URLCount: 1, Delivery: "Delivered/Inbox/folder"}
	if fmt.Sprintf("%+v", e.Messages[0]) != fmt.Sprintf("%+v", want) {
		t.Errorf("the newest mail is\n%+v, want\n%+v", e.Messages[0], want)
	}
	if !slices.IsSortedFunc(e.Messages, func(a, b soar.Message) int { return b.Time.Compare(a.Time) }) {
		t.Error("mails do not come newest first")
	}
}

func TestABurstsNamedMailsAreAllCarried(t *testing.T) {
	candidates, set := evidence(t, jane(t, 212), "sender-bursts", today, today+24)
	if e := set.Evidence[0]; !e.Whole() || e.Total != 50 || len(candidates[0].Messages) != 50 || candidates[0].Counts.Sent != 212 {
		t.Errorf("total %d, whole %v, %d ids, counts %+v", e.Total, e.Whole(), len(candidates[0].Messages), candidates[0].Counts)
	}
}

func TestReportsOfABurstStandOnTheirMailsWhichComeFirst(t *testing.T) {
	w := jane(t, 60).report(report{reporter: "r55", name: "Ann", message: "Jane@contoso.com-0-55-9", time: at(today + 11)})
	candidates, set := evidence(t, w, "sender-bursts", today, today+24)
	e := set.Evidence[0]
	if first := e.Messages[0]; !e.Whole() || first.Phish != 1 || first.NetworkMessageID != "jane@contoso.com-0-55-9" || !slices.Equal(first.Reporters, []string{"Ann"}) {
		t.Errorf("evidence %d, missing %q, first %+v", e.Total, e.Missing, first)
	}
	if n := candidates[0].Counts; n.Phish != 1 || n.Sent != 60 {
		t.Errorf("counts %+v", n)
	}
	for _, m := range e.Messages[1:] {
		if m.Phish+m.Spam+len(m.Reporters) != 0 || m.Orphan || !m.ReportedAt.IsZero() {
			t.Errorf("a mail that nobody reported is %+v", m)
		}
	}
}

func TestABurstIsNotWholeWithoutOneOfItsNamedMails(t *testing.T) {
	w := jane(t, 30)
	run := over(shipped(t, "sender-bursts"), today, today+24)
	c := newService(t, w).client()
	rows, err := c.QueryHunt(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	rows.Candidates[0].Messages = append(rows.Candidates[0].Messages, "gone")
	set, err := c.QueryEvidence(t.Context(), soar.EvidenceRequest{Run: run, Candidates: rows.Candidates})
	if err != nil {
		t.Fatal(err)
	}
	if e := set.Evidence[0]; e.Whole() || !strings.Contains(e.Missing, "1 of the 31 messages that the hunt named") {
		t.Errorf("evidence %+v", e.Missing)
	}
}

func TestAHuntOfReportsAsksForNoMailThatNobodyReported(t *testing.T) {
	w := newWorld(t).mail(boss("m1", 1)).mail(boss("m2", 1)).report(report{reporter: "r1", message: "m1", time: at(2)})
	c := newService(t, w).client()
	set, err := c.QueryEvidence(t.Context(), soar.EvidenceRequest{Run: over(shipped(t, "internal-senders"), 0, 24), Candidates: []soar.Candidate{
		{Sender: "boss@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg, Messages: []string{"m1", "m2"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if e := set.Evidence[0]; e.Total != 1 || e.Whole() || e.Missing != "1 reported messages were not found again" {
		t.Errorf("evidence %+v", e)
	}
}

func TestABurstsMailsShowWhoIsExposed(t *testing.T) {
	w := jane(t, 25)
	c := newService(t, w).client()
	run := over(shipped(t, "sender-bursts"), today, today+24)
	rows, err := c.QueryHunt(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	set, err := c.QueryExposure(t.Context(), soar.ExposureRequest{Run: run, Messages: [][]string{rows.Candidates[0].Messages}})
	if err != nil {
		t.Fatal(err)
	}
	if e := set.Exposure[0]; !e.Known || e.Recipients != 25 || e.InInbox != 25 {
		t.Errorf("exposure %+v", e)
	}
}

// Any public hunt of the mail tables that names its messages is judged by them.
func TestAForeignHuntOfMailHasItsMessagesAsEvidence(t *testing.T) {
	h := soar.Hunt{ID: "x", Slug: "odd-subjects", Query: "EmailEvents | where Subject has 'Odd' | summarize Ids = make_set(NetworkMessageId) by SenderFromAddress",
		Settings: soar.HuntSettings{Subject: "EmailEvents", WindowBy: soar.ByIngestion, Lookback: soar.Duration(24 * 3600e9), Scope: soar.ScopeIntraOrg,
			Columns: soar.Columns{Sender: "SenderFromAddress", SenderIs: soar.P2, Messages: "Ids"}}}
	odd := boss("m1", 1)
	odd.subject = "Odd"
	c := newService(t, newWorld(t).mail(odd).mail(boss("m2", 1))).client()
	run := over(h, 0, 24)
	rows, err := c.QueryHunt(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	set, err := c.QueryEvidence(t.Context(), soar.EvidenceRequest{Run: run, Candidates: rows.Candidates})
	if err != nil {
		t.Fatal(err)
	}
	if e := set.Evidence[0]; !e.Whole() || e.Total != 1 || e.Messages[0].Subject != "Odd" {
		t.Errorf("evidence %+v", e)
	}
}

func TestRecipientsThatABurstIsTheFirstToReachAreNew(t *testing.T) {
	w := jane(t, 25)
	// Five of the readers know her since weeks.
	c := newService(t, w).client()
	run := over(shipped(t, "sender-bursts"), today, today+24)
	f := findings(t, w, "sender-bursts", today, today+24)[0]
	past, err := c.QueryPast(t.Context(), soar.PastRequest{Run: run, Senders: []soar.PastSender{f.PastSender()}})
	if err != nil {
		t.Fatal(err)
	}
	f = past.Apply(0, f)
	fresh := 0
	for _, m := range f.Evidence.Messages {
		fresh += m.NewRecipients
	}
	if fresh != 20 || len(past.NewRecipients) != 20 {
		t.Errorf("%d new recipients of 25, of whom 5 are known", fresh)
	}
}
