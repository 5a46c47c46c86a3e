package soar_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"harrier/workflows/soar"
)

// Gaps against a second counting: hour by hour, what was tried or
// lies behind the first success, and is in no complete interval.
func TestGapsAreEveryHourTriedOrDueThatNoCompleteCoverHolds(t *testing.T) {
	base := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	hour := func(n int) time.Time { return base.Add(time.Duration(n) * time.Hour) }
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 3))
		var state soar.CoverageState
		covered, tried, first, success, end := map[int]bool{}, map[int]bool{}, 1000, 1000, 70
		for range 1 + random.IntN(8) {
			from := random.IntN(50)
			to := from + 1 + random.IntN(12)
			status := []soar.CoverageStatus{soar.CoverageComplete, soar.CoveragePartial, soar.CoverageNotRun}[random.IntN(3)]
			state = state.Apply(soar.Cover{Window: soar.NewWindow(hour(from), hour(to)), Status: status})
			first = min(first, from)
			for h := from; h < to; h++ {
				tried[h] = true
				covered[h] = covered[h] || status == soar.CoverageComplete
			}
			if status == soar.CoverageComplete {
				success = min(success, from)
			}
		}
		if success == 1000 {
			success = first
		}
		want := map[int]bool{}
		for h := first; h < end; h++ {
			want[h] = !covered[h] && (tried[h] || h >= success)
		}
		got := map[int]bool{}
		for _, gap := range state.Gaps(hour(end)) {
			for at := gap.From; at.Before(gap.To); at = at.Add(time.Hour) {
				got[int(at.Sub(base)/time.Hour)] = true
			}
		}
		for h, missing := range want {
			if got[h] != missing {
				t.Fatalf("seed %d: hour %d is a gap: %t, want %t; %+v", seed, h, got[h], missing, state.Intervals)
			}
		}
	}
}

func TestNothingCoveredIsNoGap(t *testing.T) {
	if gaps := (soar.CoverageState{}).Gaps(time.Now()); gaps != nil {
		t.Fatalf("gaps %v", gaps)
	}
}
