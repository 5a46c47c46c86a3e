package loganalytics_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"harrier/workflows/soar"
)

// hunt runs a shipped hunt over a world, between two hours of the tests' time.
func hunt(t testing.TB, w *world, slug string, from, to float64) soar.HuntRows {
	t.Helper()
	rows, err := newService(t, w).client().QueryHunt(t.Context(), over(shipped(t, slug), from, to))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// line is a candidate in short: scope, sender, and its counts.
func line(c soar.Candidate) string {
	n := c.Counts
	return fmt.Sprintf("%s %s submissions=%d phish=%d spam=%d simulations=%d reporters=%d", c.Scope, c.Sender, n.Submissions, n.Phish, n.Spam,
		n.Simulations, n.Reporters)
}

func lines(rows soar.HuntRows) []string {
	out := make([]string, len(rows.Candidates))
	for i, c := range rows.Candidates {
		out[i] = line(c)
	}
	return out
}

func expectLines(t *testing.T, got soar.HuntRows, want ...string) {
	t.Helper()
	if got.Partial != "" {
		t.Errorf("partial: %s", got.Partial)
	}
	if !slices.Equal(lines(got), want) {
		t.Errorf("got\n%q\nwant\n%q", lines(got), want)
	}
}

// boss is a mail of one internal sender to reader r1.
func boss(id string, hour float64) mail {
	return mail{id: id, p1: "boss@contoso.com", p2: "boss@contoso.com", objectID: "b055", recipient: "r1@contoso.com", recipientID: "r1", time: at(hour)}
}

func TestSubmissionTypesCountAsNumbersAndAsText(t *testing.T) {
	w := newWorld(t).mail(boss("m1", 1)).mail(boss("m2", 1)).mail(boss("m3", 1)).mail(boss("m4", 1)).mail(boss("m5", 1)).mail(boss("m6", 1))
	for i, kind := range []any{"1", 1, "0", 0, "3", "2"} {
		w.report(report{reporter: "r1", message: fmt.Sprintf("m%d", i+1), kind: kind, time: at(2)})
	}
	w.report(report{reporter: "r2", message: "m5", content: "URL", time: at(2)})
	expectLines(t, hunt(t, w, "internal-senders", 0, 24),
		"intra-org boss@contoso.com submissions=5 phish=3 spam=2 simulations=0 reporters=1")
}

func TestReportsAreReadInEveryFormThatServicesWriteThem(t *testing.T) {
	for _, c := range []struct {
		name string
		r    report
		want string
	}{
		{"a number with a fraction", report{kind: "1.0"}, "phish=1 spam=0"},
		{"spaces", report{kind: " 1"}, "phish=1 spam=0"},
		{"a word", report{kind: "Phish"}, "phish=1 spam=0"},
		{"another word", report{kind: "Spam"}, "phish=0 spam=1"},
		{"a list", report{kind: []any{"1"}}, "phish=1 spam=0"},
		{"a kind that nobody knows", report{kind: "7"}, "phish=0 spam=1"},
		{"no kind", report{kind: ""}, "phish=0 spam=1"},
		{"content in another word", report{content: "Email"}, "phish=1 spam=0"},
		{"content in yet another word", report{content: "Message"}, "phish=1 spam=0"},
		{"no content", report{content: " "}, "phish=1 spam=0"},
		{"braces", report{message: "{M1}"}, "phish=1 spam=0"},
		{"spaces about the id", report{message: " M1 "}, "phish=1 spam=0"},
		{"braces about the reporter", report{reporter: "{R1}"}, "phish=1 spam=0"},
		{"not junk", report{kind: "Not junk"}, ""},
		{"not junk, a number", report{kind: 3}, ""},
		{"a link", report{content: "URL"}, ""},
		{"a file", report{content: "Attachment"}, ""},
	} {
		c.r.message, c.r.reporter, c.r.time = or(c.r.message, "m1"), or(c.r.reporter, "r1"), at(2)
		got := lines(hunt(t, newWorld(t).mail(boss("m1", 1)).report(c.r), "internal-senders", 0, 24))
		want := []string{}
		if c.want != "" {
			want = []string{"intra-org boss@contoso.com submissions=1 " + c.want + " simulations=0 reporters=1"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", c.name, got, want)
		}
	}
}

func TestWhoPressesBothButtonsHasReported(t *testing.T) {
	w := newWorld(t).mail(boss("m1", 1)).
		report(report{reporter: "r1", message: "m1", action: "AttackSimUserSubmission", time: at(2)}).
		report(report{reporter: "r1", message: "m1", time: at(25)})
	expectLines(t, hunt(t, w, "internal-senders", 0, 24), "intra-org boss@contoso.com submissions=0 phish=0 spam=0 simulations=1 reporters=0")
	expectLines(t, hunt(t, w, "internal-senders", 24, 48), "intra-org boss@contoso.com submissions=1 phish=1 spam=0 simulations=0 reporters=1")
}

func TestOneReporterAndMessageIsOneReport(t *testing.T) {
	w := newWorld(t).mail(boss("m1", 1)).
		report(report{reporter: "r1", message: "m1", kind: "0", time: at(2)}).
		report(report{reporter: "R1", message: "M1", kind: "1", time: at(3)}).
		report(report{reporter: "r1", message: "m1", action: "CustomSubmission", time: at(3)}).
		report(report{reporter: "r2", message: "m1", action: "CustomSubmission", kind: "0", time: at(4)})
	expectLines(t, hunt(t, w, "internal-senders", 0, 24),
		"intra-org boss@contoso.com submissions=2 phish=1 spam=1 simulations=0 reporters=2")
}

func TestAttackSimulationsAreLabelledApart(t *testing.T) {
	w := newWorld(t).mail(boss("m1", 1)).mail(boss("m2", 1)).
		report(report{reporter: "r1", message: "m1", time: at(2)}).
		report(report{reporter: "r1", message: "m2", action: "AttackSimUserSubmission", time: at(2)}).
		mail(mail{id: "m3", p1: "sim@contoso.com", p2: "sim@contoso.com", recipientID: "r1", time: at(1)}).
		report(report{reporter: "r1", message: "m3", action: "AttackSimUserSubmission", time: at(2)})
	w.mail(mail{id: "m4", p1: "sim@fabrikam.test", p2: "sim@c0ntoso.com", direction: "Inbound", recipientID: "r1", time: at(1)}).
		report(report{reporter: "r1", message: "m4", action: "AttackSimUserSubmission", time: at(2)})
	got := hunt(t, w, "internal-senders", 0, 24)
	// A simulation comes from outside; one that comes from a mailbox of the tenant is worth a look, and one is not the other's.
	expectLines(t, got, "intra-org boss@contoso.com submissions=1 phish=1 spam=0 simulations=1 reporters=1",
		"intra-org sim@contoso.com submissions=0 phish=0 spam=0 simulations=1 reporters=0")
	for i, want := range []string{"m1", "m3"} {
		if ids := got.Candidates[i].Messages; !slices.Equal(ids, []string{want}) {
			t.Errorf("messages %q, want %s", ids, want)
		}
	}
}

func TestReprocessedMailAndDuplicateKeysDoNotInflateTheCount(t *testing.T) {
	again := boss("m1", 5)
	w := newWorld(t).mail(boss("m1", 1)).mail(again).mail(again)
	for _, r := range []string{"r2", "r3"} {
		other := boss("m1", 1)
		other.recipient, other.recipientID = r+"@contoso.com", r
		w.mail(other)
	}
	w.report(report{reporter: "r1", message: "m1", time: at(2)})
	w.report(report{reporter: "r1", message: "m1", time: at(6)})
	expectLines(t, hunt(t, w, "internal-senders", 0, 24),
		"intra-org boss@contoso.com submissions=1 phish=1 spam=0 simulations=0 reporters=1")
}

func TestReportsFromSharedMailboxesAndOddRecipientIDsAreFound(t *testing.T) {
	shared, empty, upper := boss("m1", 1), boss("m2", 1), boss("m3", 1)
	shared.recipientID, empty.recipientID, upper.recipientID = "shared", "", "R1"
	w := newWorld(t).mail(shared).mail(empty).mail(upper)
	for _, id := range []string{"m1", "m2", "m3"} {
		w.report(report{reporter: "r1", message: id, time: at(2)})
	}
	expectLines(t, hunt(t, w, "internal-senders", 0, 24),
		"intra-org boss@contoso.com submissions=3 phish=3 spam=0 simulations=0 reporters=1")
}

func TestSendersAreOneWhateverTheirCase(t *testing.T) {
	a, b := boss("M1", 1), boss("m2", 1)
	a.p2, b.p2 = "Boss@Contoso.COM", "boss@contoso.com"
	w := newWorld(t).mail(a).mail(b).report(report{reporter: "r1", message: "m1", time: at(2)}).report(report{reporter: "r1", message: "M2", time: at(2)})
	expectLines(t, hunt(t, w, "internal-senders", 0, 24),
		"intra-org boss@contoso.com submissions=2 phish=2 spam=0 simulations=0 reporters=1")
}

func TestEnvelopeAndFromAreBothCarriedUnderTheirNames(t *testing.T) {
	m := boss("m1", 1)
	m.p1, m.p2, m.direction = "bounce-77@esp.test", "ceo@contoso.com", "Inbound"
	got := hunt(t, newWorld(t).mail(m).report(report{reporter: "r1", message: "m1", time: at(2)}), "internal-senders", 0, 24)
	expectLines(t, got, "claims-internal ceo@contoso.com submissions=1 phish=1 spam=0 simulations=0 reporters=1")
	if c := got.Candidates[0]; c.SenderIs != soar.P2 || !slices.Equal(c.P1, []string{"bounce-77@esp.test"}) || !slices.Equal(c.ObjectIDs, []string{"b055"}) {
		t.Errorf("candidate %+v", c)
	}
}

func TestScopesFollowDirectionAndDomain(t *testing.T) {
	w := newWorld(t)
	for i, m := range []struct{ p2, direction string }{
		{"a@contoso.com", "Intra-org"}, {"b@contoso.com", "Inbound"}, {"root@host.contoso.com", "Inbound"},
		{"c@c0ntoso.com", "Inbound"}, {"d@gmail.test", "Inbound"}, {"e@fabrikam.test", "Inbound"}, {"f@contoso.com", "Outbound"},
	} {
		id := fmt.Sprintf("m%d", i)
		w.mail(mail{id: id, p1: m.p2, p2: m.p2, direction: m.direction, recipientID: "r1", time: at(1)})
		w.report(report{reporter: "r1", message: id, time: at(2)})
	}
	const one = " submissions=1 phish=1 spam=0 simulations=0 reporters=1"
	expectLines(t, hunt(t, w, "internal-senders", 0, 24),
		"claims-internal b@contoso.com"+one, "claims-internal f@contoso.com"+one, "claims-internal root@host.contoso.com"+one, "imitates-internal c@c0ntoso.com"+one,
		"intra-org a@contoso.com"+one)
}

func TestTheInternalCopyOfAMailSpeaksForIt(t *testing.T) {
	outside := boss("m1", 1)
	outside.direction, outside.recipient, outside.recipientID = "Outbound", "x@partner.test", ""
	inside := boss("m1", 1)
	inside.recipientID = "shared"
	w := newWorld(t).mail(outside).mail(inside).report(report{reporter: "r1", message: "m1", time: at(2)})
	expectLines(t, hunt(t, w, "internal-senders", 0, 24),
		"intra-org boss@contoso.com submissions=1 phish=1 spam=0 simulations=0 reporters=1")
}

func TestTheReportersOwnCopySpeaksBeforeAnyOther(t *testing.T) {
	own, other := boss("m1", 1), boss("m1", 1)
	own.direction = "Inbound"
	other.recipient, other.recipientID = "r2@contoso.com", "r2"
	w := newWorld(t).mail(other).mail(own).report(report{reporter: "r1", message: "m1", time: at(2)})
	expectLines(t, hunt(t, w, "internal-senders", 0, 24),
		"claims-internal boss@contoso.com submissions=1 phish=1 spam=0 simulations=0 reporters=1")
}

func TestTheWorstCopySpeaksWhereNoneIsTheReporters(t *testing.T) {
	forged, relayed := boss("m1", 1), boss("m1", 1)
	forged.direction, forged.recipient, forged.recipientID = "Inbound", "r2@contoso.com", "r2"
	forged.auth = `{"SPF":"fail","DMARC":"fail"}`
	relayed.connector, relayed.recipient, relayed.recipientID = "Relay A", "r3@contoso.com", "r3"
	w := newWorld(t).mail(relayed).mail(forged).mail(relayed).report(report{reporter: "r1", message: "m1", time: at(2)})
	candidates, set := evidence(t, w, "internal-senders", 0, 24)
	if len(candidates) != 1 || candidates[0].Scope != soar.ScopeClaimsInternal {
		t.Fatalf("%+v", candidates)
	}
	if m := set.Evidence[0].Messages[0]; m.Direction != "Inbound" || m.Connector != "" || m.Auth.DMARC != soar.AuthFail || m.RecipientCount != 2 {
		t.Errorf("message %+v", m)
	}
}

func TestAWindowGivesTheSameAnswerWheneverItIsRun(t *testing.T) {
	again := boss("m1", 30)
	again.p2 = "renamed@contoso.com"
	w := newWorld(t).mail(boss("m1", 1)).report(report{reporter: "r1", message: "m1", kind: 0, time: at(2)})
	const found = "intra-org boss@contoso.com submissions=1 phish=0 spam=1 simulations=0 reporters=1"
	expectLines(t, hunt(t, w, "internal-senders", 0, 24), found)
	w.mail(again).report(report{reporter: "r1", message: "m1", kind: 1, time: at(30)})
	again.time = at(23)
	again.delay = 2 * time.Hour
	w.mail(again)
	expectLines(t, hunt(t, w, "internal-senders", 0, 24), found)
}

func TestNullSendersAreRowsOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	for i, m := range []struct{ p1, p2, direction string }{
		{"<>", "", "Inbound"}, {"<>", "<>", "Inbound"}, {"", " ", "Intra-org"},
	} {
		id := fmt.Sprintf("m%d", i)
		w.mail(mail{id: id, p1: m.p1, p2: m.p2, direction: m.direction, recipientID: "r1", time: at(1)})
		w.report(report{reporter: "r1", message: id, time: at(2)})
	}
	got := hunt(t, w, "internal-senders", 0, 24)
	const one = "  submissions=1 phish=1 spam=0 simulations=0 reporters=1"
	expectLines(t, got, "intra-org"+one, "other"+one, "other"+one)
	for i, want := range []string{"m2", "m0", "m1"} {
		if c := got.Candidates[i]; !soar.IsNullSender(c.Sender) || !slices.Equal(c.Messages, []string{want}) {
			t.Errorf("row %d is %+v, want message %s", i, c, want)
		}
	}
}

func TestAReportWithoutAMailRowBecomesAnOrphanAfterTwoDays(t *testing.T) {
	w := newWorld(t).report(report{reporter: "r1", message: "m1", p1: "x@relay.test", p2: "Boss@contoso.com", time: at(2)})
	expectLines(t, hunt(t, w, "internal-senders", 0, 24))
	expectLines(t, hunt(t, w, "internal-senders", 24, 48))
	got := hunt(t, w, "internal-senders", 48, 72)
	expectLines(t, got, "orphan boss@contoso.com submissions=1 phish=1 spam=0 simulations=0 reporters=1")
	if p1 := got.Candidates[0].P1; !slices.Equal(p1, []string{"x@relay.test"}) {
		t.Errorf("envelope %q", p1)
	}
}

func TestALateMailRowSettlesTheReportInTheWindowItArrivesIn(t *testing.T) {
	late := boss("m1", 1)
	late.delay = 30 * time.Hour
	w := newWorld(t).mail(late).report(report{reporter: "r1", message: "m1", time: at(2)})
	const found = "intra-org boss@contoso.com submissions=1 phish=1 spam=0 simulations=0 reporters=1"
	expectLines(t, hunt(t, w, "internal-senders", 0, 24))
	expectLines(t, hunt(t, w, "internal-senders", 24, 48), found)
	expectLines(t, hunt(t, w, "internal-senders", 48, 72))
}

func TestAReportWithoutAMessageIDIsKeptUnderItsOwn(t *testing.T) {
	w := newWorld(t).report(report{reporter: "r1", submission: "S-1", p1: "a@contoso.com", p2: "a@contoso.com", time: at(2)}).
		report(report{reporter: "r1", submission: "S-2", p1: "a@contoso.com", p2: "a@contoso.com", time: at(2)})
	got := hunt(t, w, "internal-senders", 48, 72)
	expectLines(t, got, "orphan a@contoso.com submissions=2 phish=2 spam=0 simulations=0 reporters=1")
	if ids := got.Candidates[0].Messages; !slices.Equal(ids, []string{"submission:s-1", "submission:s-2"}) {
		t.Errorf("messages %q", ids)
	}
}

func TestMailFromLongBeforeTheWindowIsJoined(t *testing.T) {
	w := newWorld(t).mail(boss("m1", -20*24)).report(report{reporter: "r1", message: "m1", time: at(2)})
	expectLines(t, hunt(t, w, "internal-senders", 0, 24),
		"intra-org boss@contoso.com submissions=1 phish=1 spam=0 simulations=0 reporters=1")
}

func TestSendersAreRankedByPhishThenReportersAndNoneIsCut(t *testing.T) {
	w := newWorld(t)
	n := 0
	add := func(sender, reporter, kind string) {
		n++
		id := fmt.Sprintf("m%d", n)
		w.mail(mail{id: id, p1: sender, p2: sender, recipientID: reporter, time: at(1)})
		w.report(report{reporter: reporter, message: id, kind: kind, time: at(2)})
	}
	for range 14 {
		add("backup@contoso.com", "r1", "0")
	}
	add("taken@contoso.com", "r1", "1")
	add("taken@contoso.com", "r2", "1")
	add("b@contoso.com", "r1", "0")
	add("a@contoso.com", "r1", "0")
	expectLines(t, hunt(t, w, "internal-senders", 0, 24),
		"intra-org taken@contoso.com submissions=2 phish=2 spam=0 simulations=0 reporters=2",
		"intra-org backup@contoso.com submissions=14 phish=0 spam=14 simulations=0 reporters=1",
		"intra-org a@contoso.com submissions=1 phish=0 spam=1 simulations=0 reporters=1",
		"intra-org b@contoso.com submissions=1 phish=0 spam=1 simulations=0 reporters=1")
}

func TestMoreSendersThanARunTakesIsNoticed(t *testing.T) {
	w := newWorld(t)
	for i := range soar.MaxSenders + 3 {
		id := fmt.Sprintf("m%d", i)
		w.mail(mail{id: id, p1: id + "@contoso.com", p2: id + "@contoso.com", recipientID: "r1", time: at(1)})
		w.report(report{reporter: "r1", message: id, time: at(2)})
	}
	got := hunt(t, w, "internal-senders", 0, 24)
	if !got.LimitFull || len(got.Candidates) != soar.MaxSenders || got.Rows != soar.MaxSenders+1 {
		t.Errorf("limit full %v, %d candidates of %d rows", got.LimitFull, len(got.Candidates), got.Rows)
	}
}
