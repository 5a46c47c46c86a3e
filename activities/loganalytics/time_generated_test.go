package loganalytics_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harrier/activities/loganalytics"
	"harrier/activities/loganalytics/kql"
	"harrier/workflows/soar"
)

// byTime is a hunt whose window is cut by TimeGenerated.
func byTime(lag, overlap time.Duration) soar.Hunt {
	return soar.Hunt{Slug: "mine", Query: "CloudAppEvents | project ReportId", Settings: soar.HuntSettings{
		WindowBy: soar.ByTimeGenerated, Subject: "CloudAppEvents", Lag: soar.Duration(lag), Overlap: soar.Duration(overlap),
		Columns: soar.Columns{Sender: "ReportId", SenderIs: soar.P2},
	}}
}

// A window is hunted a lag after its end, with the rows that have come by then:
// each row that is not later than lag and overlap allow is in exactly one
// window, and no row is in two.
func TestWindowsByTimeGeneratedTakeEachRowOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seconds := func(label string, least, most int) time.Duration {
			return time.Duration(rapid.IntRange(least, most).Draw(rt, label)) * time.Second
		}
		lag, overlap := seconds("lag", 0, 2*3600), seconds("overlap", 0, 24*3600)
		w, delays := newWorld(t), map[string]time.Duration{}
		for i := range rapid.IntRange(1, 15).Draw(rt, "rows") {
			id := fmt.Sprint("row", i)
			at := day0.Add(seconds("time", 0, 24*3600) + time.Duration(rapid.IntRange(0, 999).Draw(rt, "ms"))*time.Millisecond)
			delays[id] = seconds("delay", -60, 60*3600)
			if rapid.Bool().Draw(rt, "in time") {
				delays[id] = seconds("small delay", 0, int((lag+overlap)/time.Second))
			}
			w.row("CloudAppEvents", at.Add(delays[id]), map[string]kql.Value{"TimeGenerated": at, "ReportId": id})
		}
		seen := huntedByTime(rt, w, byTime(lag, overlap), lag)
		for id, delay := range delays {
			if seen[id] > 1 || seen[id] == 0 && delay <= lag+overlap {
				rt.Fatalf("%s came %s late (lag %s, overlap %s) and is in %d windows", id, delay, lag, overlap, seen[id])
			}
		}
	})
}

// huntedByTime counts in how many windows each row is.
func huntedByTime(rt *rapid.T, w *world, h soar.Hunt, lag time.Duration) map[string]int {
	seen := map[string]int{}
	for from := day0.Add(-time.Hour); from.Before(day0.AddDate(0, 0, 5)); {
		window := soar.NewWindow(from, from.Add(time.Duration(rapid.IntRange(1, 30*3600).Draw(rt, "length"))*time.Second))
		query, err := loganalytics.Compose(h, window, loganalytics.Parameters{})
		if err != nil {
			rt.Fatal(err)
		}
		span := loganalytics.Timespan(h, window)
		there := arrived(w.db, "CloudAppEvents", window.To.Add(lag))
		res, err := kql.Run(rt.Context(), there, query, kql.Options{From: span.From, To: span.To})
		if err != nil {
			rt.Fatal(err)
		}
		for _, row := range res.Rows {
			seen[row[0].(string)]++
		}
		from = window.To
	}
	return seen
}

// arrived is a workspace as it was at a moment.
func arrived(db kql.Database, table string, by time.Time) kql.Database {
	all := db[table]
	some := &kql.Table{Name: all.Name, Columns: all.Columns}
	for i, at := range all.Ingested {
		if !at.After(by) {
			some.Rows, some.Ingested = append(some.Rows, all.Rows[i]), append(some.Ingested, at)
		}
	}
	return kql.Database{table: some}
}

func TestTheTimespanCoversTheOverlap(t *testing.T) {
	h := byTime(time.Hour, 72*time.Hour)
	window := soar.NewWindow(at(100), at(101))
	if span := loganalytics.Timespan(h, window); span.From.After(at(100-72)) || span.To.Before(at(101)) {
		t.Errorf("timespan %s to %s", span.From, span.To)
	}
}

func TestANegativeOverlapIsNone(t *testing.T) {
	window := soar.NewWindow(at(0), at(1))
	got, err := loganalytics.Compose(byTime(0, -time.Hour), window, loganalytics.Parameters{})
	want, _ := loganalytics.Compose(byTime(0, 0), window, loganalytics.Parameters{})
	if err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
}

// What a hunt by TimeGenerated counts, its evidence finds.
func TestEvidenceSeesTheRowsOfAWindowByTimeGenerated(t *testing.T) {
	h := shipped(t, "top-intra-org-senders")
	h.Settings.WindowBy, h.Settings.Lag, h.Settings.Overlap = soar.ByTimeGenerated, soar.Duration(time.Hour), soar.Duration(6*time.Hour)
	w := newWorld(t)
	for i, r := range []struct{ time, delay float64 }{
		{30, 0.1},  // in the window, in time
		{22, 5},    // before the window, came in it
		{23.5, .5}, // before the window, came within the lag
		{47, 2},    // in the window, came after the lag, so in the next
		{15, 12},   // came in the window, older than the overlap
		{47.5, .9}, // in the window, came after its end within the lag
	} {
		id := fmt.Sprint("m", i)
		w.mail(boss(id, r.time-1)).report(report{reporter: "r1", message: id, time: at(r.time), delay: time.Duration(r.delay * float64(time.Hour))})
	}
	c := newService(t, w).client()
	run := over(h, 24, 48)
	rows, err := c.QueryHunt(t.Context(), run)
	if err != nil || len(rows.Candidates) != 1 || rows.Candidates[0].Counts.Submissions != 3 {
		t.Fatalf("got %v %+v, want the reports of m0, m1 and m5", err, rows.Candidates)
	}
	set, err := c.QueryEvidence(t.Context(), soar.EvidenceRequest{Run: run, Candidates: rows.Candidates})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, m := range set.Evidence[0].Messages {
		got[m.NetworkMessageID] = true
	}
	if e := set.Evidence[0]; e.Total != 3 || e.Missing != "" || !got["m0"] || !got["m1"] || !got["m5"] {
		t.Errorf("evidence %v of %d (%s)", got, e.Total, e.Missing)
	}
}
