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

// The API cuts every table to the timespan, whatever the query says: a baseline
// of two weeks inside a window of an hour has to be inside the timespan too.
func TestABaselineOfTheLookbackIsNotCutToTheWindow(t *testing.T) {
	h := soar.Hunt{Slug: "mine", Settings: soar.HuntSettings{
		WindowBy: soar.ByIngestion, Subject: "CloudAppEvents", Lookback: soar.Duration(14 * 24 * time.Hour), Columns: soar.Columns{Sender: "Sender", SenderIs: soar.P2},
	}, Query: `CloudAppEvents
| extend NetworkMessageId = tostring(RawEventData.ObjectId)
| join kind=inner EmailEvents on NetworkMessageId
| join kind=leftanti (EmailEvents | where TimeGenerated between (ago(14d) .. ago(1d))) on SenderFromAddress
| project Sender = SenderFromAddress`}
	known, fresh := boss("m1", 9*24+23), boss("m2", 9*24+23)
	fresh.p2 = "new@contoso.com"
	before := boss("m0", -3*24)
	w := newWorld(t).mail(before).mail(known).mail(fresh)
	for _, id := range []string{"m1", "m2"} {
		w.report(report{reporter: "r1", message: id, time: at(9*24 + 23.5)})
	}
	s := newService(t, w)
	got, err := s.client().QueryHunt(t.Context(), over(h, 9*24+23, 10*24))
	if err != nil || len(got.Candidates) != 1 || got.Candidates[0].Sender != "new@contoso.com" {
		t.Errorf("got %+v, %v", got.Candidates, err)
	}
}

func TestEveryRequestHasATimespanThatCoversTheWindow(t *testing.T) {
	s := newService(t, fresh(t).report(report{reporter: "r1", message: "m1", time: at(9*24 + 1)}))
	run := over(shipped(t, "internal-senders"), 9*24, 10*24)
	for name, ask := range asked(s.client()) {
		before := len(s.Requests())
		if _, err := ask(t.Context(), run); err != nil {
			t.Fatal(err)
		}
		for _, r := range s.Requests()[before:] {
			from, to, both := strings.Cut(r.Timespan, "/")
			start, err1 := time.Parse(time.RFC3339, from)
			end, err2 := time.Parse(time.RFC3339, to)
			if !both || err1 != nil || err2 != nil || end.Before(run.Window.To) {
				t.Errorf("%s asks over %q", name, r.Timespan)
			}
			if start.After(run.Window.From) && !strings.HasSuffix(r.Query, "| take 0") {
				t.Errorf("%s asks over %q, after the window begins", name, r.Timespan)
			}
		}
	}
}

// A row that arrives after its window, and rows at the window's very edge: each
// is in exactly one window, by whichever time the hunt cuts.
func TestALateRowAndTheEdgesOfAWindowCountOnce(t *testing.T) {
	base := at(12)
	for _, by := range []soar.WindowBy{soar.ByIngestion, soar.ByTimeGenerated} {
		h := soar.Hunt{Slug: "mine", Query: "CloudAppEvents | project ReportId", Settings: soar.HuntSettings{
			WindowBy: by, Subject: "CloudAppEvents", Overlap: soar.Duration(time.Hour), Columns: soar.Columns{Sender: "ReportId", SenderIs: soar.P2},
		}}
		w := newWorld(t)
		for id, times := range map[string][2]time.Duration{
			"late":     {-time.Minute, 3 * time.Minute},
			"edge":     {0, 0},
			"fraction": {999999900, 999999900}, // 12:00:00.9999999
			"before":   {-100, -100},
		} {
			w.row("CloudAppEvents", base.Add(times[1]), map[string]kql.Value{"TimeGenerated": base.Add(times[0]), "ReportId": id})
		}
		c, seen := newService(t, w).client(), map[string]int{}
		for i := range 2 {
			from := base.Add(time.Duration(i-1) * 5 * time.Minute)
			window := soar.NewWindow(from, from.Add(5*time.Minute))
			// What has arrived when the window is hunted.
			rows, err := newService(t, w.until(window.To)).client().QueryHunt(t.Context(), soar.HuntRun{Hunt: h, Window: window})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows.Candidates {
				seen[r.Sender]++
			}
			if again, err := c.QueryHunt(t.Context(), soar.HuntRun{Hunt: h, Window: window}); err != nil || len(again.Candidates) != len(rows.Candidates) {
				t.Errorf("%s: the window again has %d rows, then %d (%v)", by, len(again.Candidates), len(rows.Candidates), err)
			}
		}
		for _, id := range []string{"late", "edge", "fraction", "before"} {
			if seen[id] != 1 {
				t.Errorf("%s: %s is in %d windows", by, id, seen[id])
			}
		}
	}
}

func TestFortyThousandRowsBecomeAsManyAsARunTakesAndATotal(t *testing.T) {
	var rows strings.Builder
	for i := range 40_000 {
		if i > 0 {
			rows.WriteByte(',')
		}
		fmt.Fprintf(&rows, `["s%d@contoso.com",1]`, i)
	}
	body := `{"tables":[{"name":"PrimaryResult","columns":[{"name":"SenderMailFromAddress","type":"string"},{"name":"UserSubmissions","type":"long"}],"rows":[` + rows.String() + `]}]}`
	got, err := failing(t, loganalyticstest.Fault{Body: body}).client().QueryHunt(t.Context(), published1(t))
	if err != nil || got.Rows != 40_000 || len(got.Candidates) != soar.MaxSenders || !got.LimitFull || got.Stats.Rows != 40_000 {
		t.Errorf("%d of %d rows, limit full %v, %v", len(got.Candidates), got.Rows, got.LimitFull, err)
	}
}

func TestShimAndCutShareOneStatementForTheSubject(t *testing.T) {
	h := soar.Hunt{Slug: "mine", Query: "CloudAppEvents", Settings: soar.HuntSettings{WindowBy: soar.ByIngestion, Subject: "CloudAppEvents", Shim: []string{"EmailEvents", "CloudAppEvents"}}}
	got, err := loganalytics.Compose(h, soar.NewWindow(at(0), at(1)), loganalytics.Parameters{})
	want := `let CloudAppEvents = CloudAppEvents | where ingestion_time() >= datetime(2026-11-20T00:00:00Z) and ingestion_time() < datetime(2026-11-20T01:00:00Z) | extend Timestamp = TimeGenerated;
let EmailEvents = EmailEvents | extend Timestamp = TimeGenerated;
CloudAppEvents`
	if err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
	h.Settings.WindowBy = soar.ByQuery
	if got, err := loganalytics.Compose(h, soar.NewWindow(at(0), at(1)), loganalytics.Parameters{}); err != nil || strings.Contains(got, "ingestion_time") || strings.Count(got, "extend Timestamp") != 2 {
		t.Errorf("%v\n%s", err, got)
	}
	h.Settings.Shim = []string{"EmailEvents; print 1"}
	if _, err := loganalytics.Compose(h, soar.NewWindow(at(0), at(1)), loganalytics.Parameters{}); err == nil || !strings.Contains(err.Error(), "is not the name of a table") {
		t.Errorf("got %v", err)
	}
}

func TestAHuntThatReadsTimestampRunsThroughTheShim(t *testing.T) {
	h := soar.Hunt{Slug: "mine", Query: "EmailEvents\n| where Timestamp > ago(2d)\n| project Sender = SenderFromAddress", Settings: soar.HuntSettings{
		WindowBy: soar.ByIngestion, Subject: "EmailEvents", Shim: []string{"EmailEvents"}, Columns: soar.Columns{Sender: "Sender", SenderIs: soar.P2},
	}}
	got, err := newService(t, newWorld(t).mail(boss("m1", 9*24+1))).client().QueryHunt(t.Context(), over(h, 9*24, 10*24))
	if err != nil || len(got.Candidates) != 1 {
		t.Errorf("%+v, %v", got.Candidates, err)
	}
}
