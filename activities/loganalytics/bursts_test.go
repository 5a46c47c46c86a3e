package loganalytics_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"harrier/workflows/soar"
)

// today is the day of the bursts' tests in hours of the tests' time: six weeks
// after day0, so that a sender of every day has its whole past in the log.
const today = 42 * 24

// burst runs sender-bursts over a span of hours from the start of today, and
// says of each finding who sent how much instead of how much.
func burst(t testing.TB, w *world, from, to float64) ([]string, []soar.Candidate) {
	t.Helper()
	rows := hunt(t, w, "sender-bursts", today+from, today+to)
	if rows.Partial != "" || rows.LimitFull {
		t.Errorf("partial %q, limit full %v", rows.Partial, rows.LimitFull)
	}
	out := make([]string, len(rows.Candidates))
	for i, c := range rows.Candidates {
		out[i] = fmt.Sprintf("%s %s %d/%d", c.Scope, c.Sender, c.Counts.Sent, c.Counts.Usual)
	}
	return out, rows.Candidates
}

func expectBursts(t *testing.T, w *world, want ...string) {
	t.Helper()
	if got, _ := burst(t, w, 0, 24); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// sends lets a sender send n mails on a day counted back from today, a minute
// apart from an hour on, each to a recipient of its own.
func (w *world) sends(sender string, daysBack, n int, hour float64) *world {
	return w.sendsAs(mail{p1: sender, p2: sender, objectID: "id-" + sender}, daysBack, n, hour)
}

func (w *world) sendsAs(m mail, daysBack, n int, hour float64) *world {
	for i := range n {
		m.id = fmt.Sprintf("%s-%d-%d-%g", m.p2, daysBack, i, hour)
		m.recipient = fmt.Sprintf("r%d@contoso.com", i)
		m.recipientID = fmt.Sprintf("r%d", i)
		m.time = at(today - 24*float64(daysBack) + hour).Add(time.Duration(i) * time.Minute)
		w.mail(m)
	}
	return w
}

// weekly is a sender's number of mails on today's weekday, one week ago first.
func (w *world) weekly(sender string, mails ...int) *world {
	for i, n := range mails {
		w.sends(sender, 7*(i+1), n, 9)
	}
	return w
}

func TestAMailboxThatSendsManyTimesItsWeekdaysMedianIsABurst(t *testing.T) {
	w := newWorld(t).weekly("jane@contoso.com", 14, 13, 15, 2, 30, 14).sends("jane@contoso.com", 0, 212, 9)
	expectBursts(t, w, "intra-org jane@contoso.com 212/14")
}

func TestABurstNamesItsSenderAndAtMostFiftyMails(t *testing.T) {
	w := newWorld(t).weekly("jane@contoso.com", 14, 14).sendsAs(mail{p1: "Jane@contoso.com", p2: " Jane@Contoso.com", objectID: "J-1"}, 0, 60, 9)
	_, found := burst(t, w, 0, 24)
	c := found[0]
	if c.SenderIs != soar.P2 || !slices.Equal(c.P1, []string{"jane@contoso.com"}) || !slices.Equal(c.ObjectIDs, []string{"j-1"}) || len(c.Messages) != 50 {
		t.Errorf("candidate %+v", c)
	}
}

func TestFewMailsAreNoBurstHoweverUnusual(t *testing.T) {
	expectBursts(t, newWorld(t).sends("new@contoso.com", 0, 19, 9).weekly("jane@contoso.com", 0, 1).sends("jane@contoso.com", 0, 19, 9))
}

func TestLessThanThreeTimesTheUsualIsNoBurst(t *testing.T) {
	w := newWorld(t).weekly("jane@contoso.com", 10, 10, 10, 10, 10, 10).sends("jane@contoso.com", 0, 29, 9)
	expectBursts(t, w)
	expectBursts(t, w.sends("jane@contoso.com", 0, 1, 20), "intra-org jane@contoso.com 30/10")
}

func TestAutomationWithASpikyPastIsNoBurstWithinIt(t *testing.T) {
	w := newWorld(t).weekly("month-end@contoso.com", 2, 2, 2, 300, 2, 2).sends("month-end@contoso.com", 0, 300, 9)
	expectBursts(t, w)
	expectBursts(t, w.sends("month-end@contoso.com", 0, 1, 20), "intra-org month-end@contoso.com 301/2")
}

func TestAnAttackThatWasReportedIsNoPastOfTheNextOne(t *testing.T) {
	w := newWorld(t).weekly("jane@contoso.com", 200, 14, 14, 14, 14, 14).sends("jane@contoso.com", 0, 200, 9)
	expectBursts(t, w)
	for i := range 3 {
		w.report(report{reporter: fmt.Sprint("r", i), message: fmt.Sprintf("jane@contoso.com-7-%d-9", i), time: at(today - 7*24 + 12)})
	}
	expectBursts(t, w, "intra-org jane@contoso.com 200/14")
}

func TestOtherWeekdaysAreNoPastOfThisOne(t *testing.T) {
	w := newWorld(t).weekly("jane@contoso.com", 1, 1, 1, 1, 1, 1)
	for _, back := range []int{1, 2, 3, 6, 8, 13, 20} {
		w.sends("jane@contoso.com", back, 200, 9)
	}
	expectBursts(t, w.sends("jane@contoso.com", 0, 25, 9), "intra-org jane@contoso.com 25/1")
}

func TestANewSenderWithABigFirstDayIsABurst(t *testing.T) {
	w := newWorld(t).weekly("other@contoso.com", 1, 1, 1, 1, 1, 1).sends("new@contoso.com", 0, 20, 9)
	expectBursts(t, w, "intra-org new@contoso.com 20/0")
}

func TestASenderNotYetAWeekOldIsHeldAgainstItsDaysSoFar(t *testing.T) {
	w := newWorld(t).sends("new@contoso.com", 2, 40, 9).sends("new@contoso.com", 1, 40, 9).sends("new@contoso.com", 0, 44, 9)
	expectBursts(t, w)
	expectBursts(t, w.sends("new@contoso.com", 0, 200, 11), "intra-org new@contoso.com 244/49")
}

func TestWeeksBeforeTheSenderOrWithoutALogAreNoWeeksWithoutMail(t *testing.T) {
	// Two weeks old: of six weekdays two count.
	w := newWorld(t).weekly("other@contoso.com", 1, 1, 1, 1, 1, 1).weekly("young@contoso.com", 30, 32).sends("young@contoso.com", 0, 60, 9)
	expectBursts(t, w)
	// The log of four of six weeks was lost: a whole week of mail a median of two would be.
	w = newWorld(t).sends("old@contoso.com", 41, 1, 9).weekly("old@contoso.com", 30, 32).sends("old@contoso.com", 0, 60, 9)
	expectBursts(t, w)
	// Somebody else's mail shows that the log was there: the sender was silent.
	w.weekly("other@contoso.com", 1, 1, 1, 1, 1, 1)
	expectBursts(t, w, "intra-org old@contoso.com 60/0")
}

func TestAMailThatIsProcessedAgainIsOneMail(t *testing.T) {
	w := newWorld(t).weekly("jane@contoso.com", 5, 5, 5, 5, 5, 5)
	for range 3 {
		w.sends("jane@contoso.com", 0, 19, 9)
	}
	expectBursts(t, w)
	// A mail of last week that is logged again today was sent last week.
	late := mail{p1: "jane@contoso.com", p2: "jane@contoso.com"}
	for i := range 5 {
		late.id, late.time, late.recipientID = fmt.Sprintf("jane@contoso.com-7-%d-9", i), at(today+12), "r1"
		w.mail(late)
	}
	expectBursts(t, w)
}

func TestAMailToManyIsOneMail(t *testing.T) {
	w := newWorld(t)
	for i := range 40 {
		w.mail(mail{id: "m1", p1: "a@contoso.com", p2: "a@contoso.com", recipientID: fmt.Sprint("r", i), recipient: fmt.Sprintf("r%d@contoso.com", i), time: at(today + 9)})
	}
	expectBursts(t, w)
}

func TestAShorterWindowIsHeldAgainstTheSameHours(t *testing.T) {
	w := newWorld(t)
	for week := range 7 {
		w.sends("nightly@contoso.com", 7*week, 50, 3).sends("jane@contoso.com", 7*week, 10, 9)
	}
	w.sends("jane@contoso.com", 0, 40, 9.5)
	for _, c := range []struct {
		from, to float64
		want     []string
	}{
		{2, 6, []string{}},
		{8, 12, []string{"intra-org jane@contoso.com 50/10"}},
		{12, 13, []string{}},
		{0, 24, []string{"intra-org jane@contoso.com 50/10"}},
	} {
		if got, _ := burst(t, w, c.from, c.to); !slices.Equal(got, c.want) {
			t.Errorf("from %g to %g: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

func TestAWindowOfDaysIsHeldAgainstTheSameDays(t *testing.T) {
	w := newWorld(t)
	for day := range 45 {
		w.sends("daily@contoso.com", day, 30, 9)
	}
	if got, _ := burst(t, w, -48, 24); len(got) != 0 {
		t.Errorf("three days of an even sender are %q", got)
	}
}

func TestRowsOfAnOutageThatArriveTogetherAreNoBurst(t *testing.T) {
	w := newWorld(t)
	for day := range 43 {
		m := mail{p1: "daily@contoso.com", p2: "daily@contoso.com"}
		if day < 4 {
			m.ingested = at(today + 12)
		}
		w.sendsAs(m, day, 30, 9)
	}
	expectBursts(t, w)
	w.sendsAs(mail{p1: "daily@contoso.com", p2: "daily@contoso.com", ingested: at(today + 12)}, 1, 100, 15)
	expectBursts(t, w, "intra-org daily@contoso.com 130/30")
}

func TestABurstIsFoundInTheOneWindowInWhichItsRowsArrive(t *testing.T) {
	w := newWorld(t).weekly("jane@contoso.com", 5, 5, 5, 5, 5, 5)
	w.sendsAs(mail{p1: "jane@contoso.com", p2: "jane@contoso.com", delay: 40 * time.Minute}, 0, 60, 22.9)
	for window, want := range map[float64]int{-24: 0, 0: 1, 24: 1, 48: 0} {
		if got, _ := burst(t, w, window, window+24); len(got) != want {
			t.Errorf("window from %g: %q, want %d", window, got, want)
		}
	}
}

func TestOnlyInternalSendersBurst(t *testing.T) {
	w := newWorld(t)
	for _, m := range []mail{
		{p2: "out@contoso.com", direction: "Outbound"}, {p2: "in@contoso.com", direction: "Inbound"}, {p2: "root@Host.Contoso.com", direction: "Inbound"},
		{p2: "x@notcontoso.com", direction: "Inbound"}, {p2: "x@contoso.com.evil.test", direction: "Inbound"}, {p2: "app@partner.test"}, {p2: "<>"},
	} {
		w.sendsAs(m, 0, 25, 9)
	}
	expectBursts(t, w, "claims-internal in@contoso.com 25/0", "claims-internal root@host.contoso.com 25/0", "intra-org app@partner.test 25/0")
}

func TestAStormOfReportsIsFoundWhateverTheVolume(t *testing.T) {
	w := newWorld(t)
	for day := range 43 {
		w.sends("tool@contoso.com", day, 10, 8)
	}
	// One report in eight days is its usual: 5 reports of 420 mails.
	for i, day := range []int{3, 12, 20, 28, 36} {
		w.report(report{reporter: fmt.Sprint("r", i), message: fmt.Sprintf("tool@contoso.com-%d-1-8", day), time: at(today - 24*float64(day) + 10)})
	}
	reported := func(n int) {
		w.report(report{reporter: fmt.Sprint("s", n), message: fmt.Sprintf("tool@contoso.com-0-%d-8", n), kind: n % 2, time: at(today + 10)})
	}
	reported(1)
	reported(2)
	expectBursts(t, w)
	reported(3)
	_, found := burst(t, w, 0, 24)
	if len(found) != 1 {
		t.Fatalf("%d findings", len(found))
	}
	if n := found[0].Counts; n.Sent != 10 || n.Usual != 10 || n.Phish != 2 || n.Spam != 1 || n.Reporters != 3 || n.Submissions != 3 {
		t.Errorf("counts %+v", n)
	}
	// A sender that is reported as often every day is as it ever was.
	for day := 1; day < 20; day++ {
		for n := range 3 {
			w.report(report{reporter: fmt.Sprint("s", n), message: fmt.Sprintf("tool@contoso.com-%d-%d-8", day, n), time: at(today - 24*float64(day) + 10)})
		}
	}
	expectBursts(t, w)
}

func TestReportsOfSimulationsAreNoStorm(t *testing.T) {
	w := newWorld(t).sends("training@contoso.com", 0, 5, 8)
	for n := range 5 {
		w.report(report{reporter: fmt.Sprint("s", n), message: fmt.Sprintf("training@contoso.com-0-%d-8", n), action: "AttackSimUserSubmission", time: at(today + 10)})
	}
	expectBursts(t, w)
}

func TestReportedMailIsNamedFirstThenMailThatReachesMostPeople(t *testing.T) {
	w := newWorld(t).sends("jane@contoso.com", 0, 60, 9)
	for i := range 3 {
		w.mail(mail{id: "zz-to-many", p1: "jane@contoso.com", p2: "jane@contoso.com", recipientID: fmt.Sprint("q", i), recipient: fmt.Sprintf("q%d@contoso.com", i), time: at(today + 9)})
	}
	w.report(report{reporter: "r59", message: "jane@contoso.com-0-59-9", time: at(today + 11)})
	_, found := burst(t, w, 0, 24)
	ids := found[0].Messages
	if len(ids) != 50 || !slices.Contains(ids, "zz-to-many") || !slices.Contains(ids, "jane@contoso.com-0-59-9") || slices.Contains(ids, "jane@contoso.com-0-58-9") {
		t.Errorf("named %q", ids)
	}
	// What was reported today is named though it was sent before.
	old := newWorld(t).sends("jane@contoso.com", 0, 20, 9).sends("jane@contoso.com", 3, 1, 9)
	_, found = burst(t, old.report(report{reporter: "r0", message: "jane@contoso.com-3-0-9", time: at(today + 11)}), 0, 24)
	if ids := found[0].Messages; len(ids) != 21 || !slices.Contains(ids, "jane@contoso.com-3-0-9") {
		t.Errorf("named %q", ids)
	}
}
