package loganalytics_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harrier/workflows/soar"
)

// Splitting a span into windows, whatever their edges, counts each submission
// in exactly one of them, late rows and repeated rows included.
func TestWindowsOfAnyCutCountEachSubmissionOnce(t *testing.T) {
	h := shipped(t, "internal-senders")
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		seconds := func(label string, most int) time.Duration {
			return time.Duration(rapid.IntRange(0, most*3600).Draw(rt, label)) * time.Second
		}
		count := rapid.IntRange(1, 12).Draw(rt, "reports")
		for i := range count {
			id := fmt.Sprintf("m%d", i)
			m, r := boss(id, 0), report{reporter: "r1", message: id, p2: "boss@contoso.com"}
			m.time = day0.Add(seconds("sent", 24))
			r.time = m.time.Add(seconds("reported after", 48))
			r.delay = seconds("report's delay", 6) + time.Duration(rapid.IntRange(0, 999).Draw(rt, "ms"))*time.Millisecond
			if rapid.Bool().Draw(rt, "mail row comes") {
				m.delay = seconds("mail's delay", 120)
				w.mail(m)
				m.delay += seconds("processed again", 24)
				w.mail(m)
			}
			w.report(r)
			r.delay += seconds("logged again", 24)
			w.report(r)
		}
		c := newService(t, w).client()
		counted, from := 0, 0
		for from < 12*24 {
			to := from + rapid.IntRange(1, 72).Draw(rt, "hours")
			rows, err := c.QueryHunt(t.Context(), over(h, float64(from), float64(to)))
			if err != nil {
				rt.Fatal(err)
			}
			counted += total(rows)
			from = to
		}
		if counted != count {
			rt.Fatalf("%d submissions were counted %d times", count, counted)
		}
	})
}

func total(rows soar.HuntRows) int {
	n := 0
	for _, c := range rows.Candidates {
		n += c.Counts.Submissions
	}
	return n
}
