package loganalytics_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harrier/workflows/soar"
)

// letter is one mail of a random history: one message, of which rows come one or
// several times, and who reported it when.
type letter struct {
	scope, sender, id string
	sent              time.Time
	arrived           []time.Time
	reports           map[string]time.Time // by reporter
}

// history is all that was sent, over seven weeks.
type history []letter

func (h history) world(t testing.TB) *world {
	w := newWorld(t)
	for _, l := range h {
		direction := map[string]string{"intra-org": "Intra-org", "claims-internal": "Inbound"}[l.scope]
		for i, arrived := range l.arrived {
			// A mail that is processed again is logged with a later time of its own.
			w.mail(mail{id: l.id, p1: l.sender, p2: l.sender, direction: direction, recipientID: "r1", time: l.sent.Add(time.Duration(i) * time.Hour), ingested: arrived})
		}
		for reporter, at := range l.reports {
			w.report(report{reporter: reporter, message: l.id, time: at})
		}
	}
	return w
}

// bursts works out what sender-bursts has to find, from the mails one by one.
func (h history) bursts(w soar.Window) []string {
	var out []string
	for _, scope := range []string{"claims-internal", "intra-org"} {
		for _, sender := range h.senders() {
			if line, found := h.of(scope, sender).burst(h, w); found {
				out = append(out, scope+" "+sender+" "+line)
			}
		}
	}
	slices.Sort(out)
	return out
}

func (h history) senders() []string {
	var out []string
	for _, l := range h {
		if !slices.Contains(out, l.sender) {
			out = append(out, l.sender)
		}
	}
	return out
}

func (h history) of(scope, sender string) history {
	return slices.DeleteFunc(slices.Clone(h), func(l letter) bool { return l.scope != scope || l.sender != sender })
}

func (l letter) firstArrival() time.Time { return slices.MinFunc(l.arrived, time.Time.Compare) }

func within(t, from, to time.Time) bool { return !t.Before(from) && t.Before(to) }

// burst says of one sender's mail whether it breaks from its past. all is
// everybody's, which shows in which weeks the log has anything.
func (h history) burst(all history, w soar.Window) (string, bool) {
	sent, arrived := h.sentIn(w)
	usual, most := h.usual(all, w)
	var before, reports, earlier int
	reporters := map[string]bool{}
	pastStart := w.From.AddDate(0, 0, -42)
	for _, l := range h {
		first := l.firstArrival()
		if first.Before(w.From) && !l.sent.Before(pastStart) {
			before++
		}
		for reporter, at := range l.reports {
			settled, counts := l.settled(at)
			switch {
			case !counts:
			case within(settled, w.From, w.To):
				reports++
				reporters[reporter] = true
			case within(settled, pastStart, w.From):
				earlier++
			}
		}
	}
	burst := sent >= 20 && sent >= 3*usual && sent > most
	// 3 times the earlier rate of reports, by mails.
	storm := len(reporters) >= 3 && reports*before >= 3*earlier*max(arrived, 1)
	return fmt.Sprintf("%d/%d reports=%d by %d", sent, usual, reports, len(reporters)), burst || storm
}

// sentIn is the most mails of any one span that arrived in the window, and all that did.
func (h history) sentIn(w soar.Window) (sent, arrived int) {
	spans := map[int]int{}
	for _, l := range h {
		if within(l.firstArrival(), w.From, w.To) {
			arrived++
			back := max(0, int(math.Floor(float64(w.To.Add(-time.Hour).Sub(l.sent))/float64(w.Length()))))
			spans[back]++
			sent = max(sent, spans[back])
		}
	}
	return sent, arrived
}

func (h history) usual(all history, w soar.Window) (usual, most int) {
	first, before := w.To, 0
	for _, l := range h {
		if l.sent.Before(first) {
			first = l.sent
		}
	}
	var weeks []int
	for week := 1; week <= 6; week++ {
		from, to := w.From.AddDate(0, 0, -7*week), w.To.AddDate(0, 0, -7*week)
		if first.Before(to) && all.logged(from, to, w.To) && h.reportsOf(w, from, to) < 3 {
			weeks = append(weeks, h.count(w.From, from, to))
		}
	}
	if len(weeks) > 0 {
		slices.Sort(weeks)
		return weeks[len(weeks)/2], weeks[len(weeks)-1]
	}
	before = h.count(w.From, w.From.AddDate(0, 0, -42), w.From)
	spans := max(1, float64(w.From.Sub(first))/float64(w.Length()))
	return int(math.Round(float64(before) / spans)), 0
}

// settled is when a report counts: when it and the row of its mail were both
// there; never where the row came more than two days later.
func (l letter) settled(reported time.Time) (at time.Time, counts bool) {
	first := l.firstArrival()
	if first.After(reported) {
		return first, first.Sub(reported) <= 48*time.Hour
	}
	return reported, true
}

// reportsOf counts the reports, as known when the window ends, of the mail sent in a span.
func (h history) reportsOf(w soar.Window, from, to time.Time) int {
	n := 0
	for _, l := range h {
		if !l.firstArrival().Before(w.From) || !within(l.sent, from, to) {
			continue
		}
		for _, reported := range l.reports {
			if at, counts := l.settled(reported); counts && at.Before(w.To) {
				n++
			}
		}
	}
	return n
}

func (h history) count(arrivedBefore, from, to time.Time) int {
	n := 0
	for _, l := range h {
		if l.firstArrival().Before(arrivedBefore) && within(l.sent, from, to) {
			n++
		}
	}
	return n
}

// logged says that the log, as it is at the end of a window, has a row of a span.
func (h history) logged(from, to, end time.Time) bool {
	return slices.ContainsFunc(h, func(l letter) bool {
		for i, at := range l.arrived {
			if at.Before(end) && within(l.sent.Add(time.Duration(i)*time.Hour), from, to) {
				return true
			}
		}
		return false
	})
}

// before leaves the mail that the log has when a window ends.
func (h history) before(end time.Time) history {
	return slices.DeleteFunc(slices.Clone(h), func(l letter) bool { return !l.firstArrival().Before(end) })
}

// drawHistory makes senders with usual days, empty ones and wild ones, mail that
// arrives late or again, and reports.
func drawHistory(rt *rapid.T, w soar.Window) history {
	var h history
	senders := rapid.IntRange(1, 3).Draw(rt, "senders")
	for s := range senders {
		sender := fmt.Sprintf("s%d@contoso.com", s)
		scope := rapid.SampledFrom([]string{"intra-org", "claims-internal"}).Draw(rt, "scope")
		usual := rapid.IntRange(0, 12).Draw(rt, "usual")
		began := rapid.IntRange(0, 46).Draw(rt, "days of age")
		for day := range began + 1 {
			// Only the days around the weekday that counts have many mails, so that a run stays quick.
			if day%7 > 1 && day > 8 {
				continue
			}
			n := rapid.SampledFrom([]int{usual, usual, usual, 0, usual + 1, 3 * usual, 20, 60}).Draw(rt, "mails")
			for i := range n {
				h = append(h, drawLetter(rt, letter{scope: scope, sender: sender, id: fmt.Sprintf("%d-%d-%d", s, day, i)}, w, day))
			}
		}
	}
	return h
}

func drawLetter(rt *rapid.T, l letter, w soar.Window, day int) letter {
	// Fractions of the second, and times on the window's very edges.
	l.sent = w.To.AddDate(0, 0, -day).Add(-time.Duration(rapid.SampledFrom([]int{1, 1, 7, 3600, 5 * 3600, 86400, 86401}).Draw(rt, "before the end")) * time.Second)
	delay := time.Duration(rapid.SampledFrom([]int{0, 60, 900, 900, 4000, 90000}).Draw(rt, "delay")) * time.Second
	l.arrived = []time.Time{l.sent.Add(delay)}
	if rapid.IntRange(0, 9).Draw(rt, "again") == 0 {
		l.arrived = append(l.arrived, l.sent.Add(delay+30*time.Hour))
	}
	if rapid.IntRange(0, 8).Draw(rt, "reported") == 0 {
		reporter := fmt.Sprint("r", rapid.IntRange(0, 4).Draw(rt, "reporter"))
		l.reports = map[string]time.Time{reporter: l.sent.Add(time.Duration(rapid.IntRange(0, 60).Draw(rt, "hours")) * time.Hour)}
	}
	return l
}

func TestBurstsAreWhatAnIndependentCountFinds(t *testing.T) {
	run := shipped(t, "sender-bursts")
	found := 0
	rapid.Check(t, func(rt *rapid.T) {
		hours := rapid.SampledFrom([]float64{24, 24, 24, 6, 1, 11.5}).Draw(rt, "length of the window")
		from := today + rapid.Float64Range(0, 24).Draw(rt, "start")
		order := over(run, math.Round(from), math.Round(from)+hours)
		h := drawHistory(rt, order.Window)
		rows, err := newService(t, h.world(t)).client().QueryHunt(t.Context(), order)
		if err != nil {
			rt.Fatal(err)
		}
		got := make([]string, len(rows.Candidates))
		for i, c := range rows.Candidates {
			n := c.Counts
			got[i] = fmt.Sprintf("%s %s %d/%d reports=%d by %d", c.Scope, c.Sender, n.Sent, n.Usual, n.Submissions, n.Reporters)
		}
		slices.SortFunc(got, cmp.Compare)
		want := h.before(order.Window.To).bursts(order.Window)
		if !slices.Equal(got, want) {
			rt.Fatalf("window %s: got\n%q\nwant\n%q", order.Window, got, want)
		}
		found += len(want)
	})
	if found == 0 {
		t.Error("no random history had a burst: the test says nothing")
	}
	t.Logf("%d bursts", found)
}
