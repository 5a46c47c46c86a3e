package loganalytics_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"harrier/workflows/soar"
)

// runsOf are the moments at which a schedule's local minute comes round: 0 or 2
// times on the days on which the clocks change.
func runsOf(zone *time.Location, from, to time.Time, due func(local time.Time) bool) []time.Time {
	var out []time.Time
	for t := from; t.Before(to); t = t.Add(time.Minute) {
		if due(t.In(zone)) {
			out = append(out, t)
		}
	}
	return out
}

// afterOutage drops the runs of an outage but for one that is made up for at
// its end, under the time it was wanted at: schedules buffer one.
func afterOutage(runs []time.Time, from, to time.Time) []time.Time {
	var out []time.Time
	for _, r := range runs {
		if r.Before(from) || !r.Before(to) {
			out = append(out, r)
		}
	}
	return out
}

// A year's two clock changes, six hours without a worker, rows that come late,
// a worker that starts anew with what it stored, and windows hunted twice:
// every submission is counted in one window, none twice, none never.
func TestEverySubmissionIsCountedOnceThroughOutageAndClockChanges(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	daily := func(l time.Time) bool { return l.Hour() == 2 && l.Minute() == 30 }
	hourly := func(l time.Time) bool { return l.Minute() == 30 }
	for name, c := range map[string]struct {
		from time.Time
		due  func(time.Time) bool
	}{
		"daily, clocks back in October":  {time.Date(2026, 10, 22, 0, 0, 0, 0, time.UTC), daily},
		"daily, clocks forward in March": {time.Date(2027, 3, 25, 0, 0, 0, 0, time.UTC), daily},
		"hourly, six runs missed":        {time.Date(2026, 10, 24, 0, 0, 0, 0, time.UTC), hourly},
	} {
		t.Run(name, func(t *testing.T) {
			to := c.from.AddDate(0, 0, 9)
			w, ids := reportsOver(t, c.from, to.AddDate(0, 0, -4))
			service := newService(t, w).client()
			h := shipped(t, "internal-senders")
			outage := c.from.Add(55 * time.Hour)
			runs := afterOutage(runsOf(zone, c.from, to, c.due), outage, outage.Add(6*time.Hour))
			seen := map[string]int{}
			state := soar.CoverageState{}
			for i, scheduled := range runs {
				window, due := soar.NextWindow(state, scheduled.Add(-h.Settings.Lag.Std()), 48*time.Hour)
				if !due {
					continue
				}
				rows, err := service.QueryHunt(t.Context(), soar.HuntRun{Hunt: h, Window: window, RunID: "r"})
				if err != nil {
					t.Fatal(err)
				}
				if i%7 == 3 {
					continue // killed before the window was recorded: the next run hunts it again
				}
				for _, candidate := range rows.Candidates {
					for _, id := range candidate.Messages {
						seen[id]++
					}
				}
				state = restarted(t, state.Apply(soar.Cover{Window: window, Status: soar.CoverageComplete}))
			}
			for _, id := range ids {
				if seen[id] != 1 {
					t.Errorf("submission %s was counted %d times", id, seen[id])
				}
			}
			if len(state.Intervals) != 1 {
				t.Errorf("coverage has gaps: %+v", state.Intervals)
			}
		})
	}
}

// reportsOver are 60 reports of mail whose rows come early, late, or never.
func reportsOver(t *testing.T, from, to time.Time) (*world, []string) {
	random := rand.New(rand.NewPCG(7, 11))
	w := newWorld(t)
	var ids []string
	for i := range 60 {
		id := fmt.Sprintf("m%02d", i)
		m := boss(id, 0)
		m.time = from.Add(time.Duration(random.Int64N(int64(to.Sub(from)))))
		m.delay = time.Duration(random.Int64N(int64(9 * time.Hour)))
		r := report{reporter: "r1", message: id, p2: "boss@contoso.com", time: m.time.Add(time.Duration(random.Int64N(int64(3 * time.Hour))))}
		r.delay = time.Duration(random.Int64N(int64(2 * time.Hour)))
		if i%9 != 0 {
			w.mail(m)
		}
		w.report(r)
		ids = append(ids, id)
	}
	return w, ids
}

// restarted is what a new worker reads of what the last one stored.
func restarted(t *testing.T, s soar.CoverageState) soar.CoverageState {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var out soar.CoverageState
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
