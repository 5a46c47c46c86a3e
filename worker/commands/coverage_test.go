package commands_test

import (
	"strings"
	"testing"
	"time"

	"harrier/worker/commands"
	"harrier/workflows/soar"
)

var day0 = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func at(days float64) time.Time { return day0.Add(time.Duration(days * 24 * float64(time.Hour))) }

func cover(from, to float64, status soar.CoverageStatus) soar.Cover {
	return soar.Cover{Window: soar.NewWindow(at(from), at(to)), Status: status}
}

func TestTheBarShowsAGapAndThenItsFilling(t *testing.T) {
	state := soar.CoverageState{}.
		Apply(cover(0, 10, soar.CoverageComplete)).
		Apply(cover(10.25, 29, soar.CoverageComplete)). // six hours were missed
		Apply(cover(29, 30, soar.CoveragePartial))
	bar := []rune(commands.CoverageBar(state, day0))
	if len(bar) != 60 || bar[19] != '█' || bar[20] != '░' || bar[21] != '█' || bar[58] != '▓' {
		t.Fatalf("bar %s", string(bar))
	}
	gaps := commands.Gaps(state)
	if len(gaps) != 2 || gaps[0].Window != soar.NewWindow(at(10), at(10.25)) {
		t.Fatalf("gaps %+v", gaps)
	}
	filled := state.Apply(cover(10, 10.25, soar.CoverageComplete)).Apply(cover(29, 30, soar.CoverageComplete))
	if bar := commands.CoverageBar(filled, day0); bar != strings.Repeat("█", 60) || len(commands.Gaps(filled)) != 0 {
		t.Fatalf("after filling: %s, gaps %+v", bar, commands.Gaps(filled))
	}
}

func TestTheProgressBarFillsWithTheWindow(t *testing.T) {
	w := soar.NewWindow(at(0), at(30))
	half := commands.ProgressBar(w, soar.Progress{Hunted: soar.Duration(15 * 24 * time.Hour), Left: 3, Step: "query"})
	if strings.Count(half, "█") != 15 || !strings.Contains(half, " 50 %") || !strings.Contains(half, "3 left") {
		t.Fatal(half)
	}
}
