package soar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"harrier/workflows/soar"
)

var epoch = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func second(n int) time.Time { return epoch.Add(time.Duration(n) * time.Second) }

func drawCover(t *rapid.T) soar.Cover {
	from := rapid.IntRange(0, 50).Draw(t, "from")
	length := rapid.IntRange(1, 20).Draw(t, "length")
	status := rapid.SampledFrom([]soar.CoverageStatus{soar.CoverageComplete, soar.CoveragePartial, soar.CoverageNotRun}).Draw(t, "status")
	return soar.Cover{Window: soar.NewWindow(second(from), second(from+length)), Status: status}
}

// statusAt reads coverage second by second: the independent view of Apply.
func statusAt(s soar.CoverageState, at time.Time) soar.CoverageStatus {
	for _, c := range s.Intervals {
		if !at.Before(c.Window.From) && at.Before(c.Window.To) {
			return c.Status
		}
	}
	return ""
}

func TestCoverageKeepsCompleteAndOtherwiseTakesTheNewestWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var state soar.CoverageState
		want := map[int]soar.CoverageStatus{}
		for range rapid.IntRange(1, 8).Draw(t, "covers") {
			c := drawCover(t)
			state = state.Apply(c)
			for s := 0; s < 80; s++ {
				inside := !second(s).Before(c.Window.From) && second(s).Before(c.Window.To)
				if inside && want[s] != soar.CoverageComplete {
					want[s] = c.Status
				}
			}
		}
		for s := 0; s < 80; s++ {
			if got := statusAt(state, second(s)); got != want[s] {
				t.Fatalf("second %d is %q, want %q in %+v", s, got, want[s], state)
			}
		}
		for i := 1; i < len(state.Intervals); i++ {
			if state.Intervals[i].Window.From.Before(state.Intervals[i-1].Window.To) {
				t.Fatalf("intervals overlap: %+v", state)
			}
		}
	})
}

func TestTheSameCoverTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCover(t)
		once := soar.CoverageState{}.Apply(drawCover(t)).Apply(c)
		twice := once.Apply(c)
		if len(once.Intervals) != len(twice.Intervals) {
			t.Fatalf("once %+v, twice %+v", once, twice)
		}
	})
}

func TestTheNextWindowBeginsWhereCompleteCoverageEnds(t *testing.T) {
	state := soar.CoverageState{}.
		Apply(soar.Cover{Window: soar.NewWindow(second(0), second(100)), Status: soar.CoverageComplete}).
		Apply(soar.Cover{Window: soar.NewWindow(second(100), second(200)), Status: soar.CoveragePartial}).
		Apply(soar.Cover{Window: soar.NewWindow(second(200), second(300)), Status: soar.CoverageNotRun})
	w, due := soar.NextWindow(state, second(400), time.Hour)
	if !due || w != soar.NewWindow(second(100), second(400)) {
		t.Fatalf("next window is %s (due %v): partial and failed runs must be hunted again", w, due)
	}
	if _, due := soar.NextWindow(state, second(100), time.Hour); due {
		t.Fatal("nothing is due up to the end of complete coverage")
	}
	later := state.Apply(soar.Cover{Window: soar.NewWindow(second(390), second(400)), Status: soar.CoverageComplete})
	if w, due := soar.NextWindow(later, second(400), time.Hour); !due || w.From != second(100) {
		t.Fatalf("a run by hand over a later window hid the gap: %s", w)
	}
	first, _ := soar.NextWindow(soar.CoverageState{}, second(7200), time.Hour)
	if first != soar.NewWindow(second(3600), second(7200)) {
		t.Fatalf("the first window is %s, want one hour", first)
	}
}

func TestAnOldGapNeverKeepsTodaysMailFromBeingHunted(t *testing.T) {
	day := func(n int) time.Time { return epoch.AddDate(0, 0, n) }
	state := soar.CoverageState{}.
		Apply(soar.Cover{Window: soar.NewWindow(day(0), day(1)), Status: soar.CoverageComplete}).
		Apply(soar.Cover{Window: soar.NewWindow(day(1), day(60)), Status: soar.CoverageNotRun})
	w, due := soar.NextWindow(state, day(60), time.Hour)
	if !due || w.To != day(60) || w.Length() != soar.MaxWindow {
		t.Fatalf("after a long outage the window is %s", w)
	}
	state = state.Apply(soar.Cover{Window: w, Status: soar.CoverageComplete})
	if w, due := soar.NextWindow(state, day(61), time.Hour); !due || w != soar.NewWindow(day(60), day(61)) {
		t.Fatalf("the next day hunts %s again", w)
	}
}

func TestAWindowIsWholeSecondsAndForward(t *testing.T) {
	fraction := soar.Window{From: epoch.Add(time.Millisecond), To: second(5)}
	for name, w := range map[string]soar.Window{
		"reversed": {From: second(5), To: second(1)}, "empty": {From: second(1), To: second(1)},
		"fraction": fraction, "no end": {From: second(1)},
	} {
		if w.Validate() == nil {
			t.Errorf("%s: %s is accepted", name, w)
		}
	}
	if err := soar.NewWindow(fraction.From, fraction.To).Validate(); err != nil {
		t.Errorf("NewWindow cuts fractions: %v", err)
	}
}
