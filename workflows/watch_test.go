package workflows_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"harrier/workflows/soar"
)

func run[Out any](t *testing.T, w *world, name string, in any) Out {
	t.Helper()
	w.env.ExecuteWorkflow(name, in)
	var out Out
	if err := w.env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if err := w.env.GetWorkflowResult(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func hunted(windows ...soar.Window) soar.CoverageFound {
	var s soar.CoverageState
	for _, w := range windows {
		s = s.Apply(soar.Cover{Window: w, Status: soar.CoverageComplete})
	}
	return soar.CoverageFound{Found: true, State: s}
}

func daily(slug string, workspaces ...string) soar.WatchedHunt {
	return soar.WatchedHunt{Slug: slug, Workspaces: workspaces, Every: hours(24), Lag: soar.Duration(10 * time.Minute)}
}

func TestAGapThatGrowsOldIsToldOnceWithTheCommandThatFillsIt(t *testing.T) {
	w := newWorld(t)
	w.policy.GapNotice = hours(24)
	w.watched = soar.Watched{Policy: w.policy, Hunts: []soar.WatchedHunt{daily("daily"), daily("fresh"), daily("holed", "emea"), daily("never")}}
	w.coverages = map[string]soar.CoverageFound{
		"daily":      hunted(soar.NewWindow(start.Add(-200*time.Hour), start.Add(-60*time.Hour))),
		"fresh":      hunted(soar.NewWindow(start.Add(-200*time.Hour), start.Add(-25*time.Hour))),
		"holed@emea": hunted(soar.NewWindow(start.Add(-200*time.Hour), start.Add(-100*time.Hour)), soar.NewWindow(start.Add(-90*time.Hour), start)),
		"never":      {},
	}
	out := run[soar.WatchResult](t, w, soar.WatchWorkflow, nil)
	if len(w.notices) != 2 || len(out.Gaps) != 2 || len(out.Problems) != 0 {
		t.Fatalf("%d notices, gaps %v, problems %v", len(w.notices), out.Gaps, out.Problems)
	}
	tail, hole := w.notices[0], w.notices[1]
	if !strings.Contains(tail.Text, "worker hunts backfill daily --from 2026-02-27T18:00:00Z") || tail.Channel != "C9" {
		t.Fatalf("notice %+v", tail)
	}
	if hole.Key != "gap:holed@emea:2026-02-26T02:00:00Z" || !strings.Contains(hole.Text, "backfill holed --from 2026-02-26T02:00:00Z --to 2026-02-26T12:00:00Z") {
		t.Fatalf("notice %+v", hole)
	}
}

// listOrphans shows all in one page, the newest first, unless the test has pages of its own.
func (w *world) listOrphans(in soar.OrphansRequest) soar.Orphans {
	w.orphansAsked = append(w.orphansAsked, in)
	if w.orphanPages != nil {
		return w.orphanPages(in)
	}
	return w.endedSince(in.Since)
}

func (w *world) endedSince(since time.Time) soar.Orphans {
	out := soar.Orphans{Until: w.env.Now().Add(-10 * time.Minute)}
	for i, c := range w.orphans {
		at := start.Add(-time.Hour).Add(time.Duration(i) * time.Second)
		if !at.Before(since) {
			out.Ended = append(out.Ended, soar.Ended{ID: c.Ref.ID, RunID: c.Ref.ID, At: at})
		}
	}
	slices.Reverse(out.Ended)
	return out
}

func (w *world) readOrphan(_ context.Context, in soar.Ended) (soar.Orphan, error) {
	if w.unreadable[in.ID] {
		return soar.Orphan{}, final("history does not replay")
	}
	for _, c := range w.orphans {
		if c.Ref.ID == in.RunID {
			return soar.Orphan{Case: &c}, nil
		}
	}
	return soar.Orphan{}, nil
}

// orphaned are cases whose run ended with a card in Slack.
func orphaned(n int) []soar.Case {
	out := make([]soar.Case, n)
	for i := range out {
		out[i] = soar.Case{
			Ref: soar.CaseRef{ID: fmt.Sprintf("case-%03d", i), Number: 2}, State: soar.CaseOpen, Card: soar.Card{Channel: "C1", TS: fmt.Sprintf("%d.0", i)},
		}
	}
	return out
}

func TestAnOrphanedCardLosesItsButtons(t *testing.T) {
	w := newWorld(t)
	w.orphans = orphaned(1)
	out := run[soar.WatchResult](t, w, soar.WatchWorkflow, nil)
	if out.Orphans != 1 || len(w.updated) != 1 || w.updated[0].State != soar.CaseCancelled {
		t.Fatalf("orphans %d, updated %+v", out.Orphans, w.updated)
	}
	if asked := w.orphansAsked[0].Since; !asked.Equal(start.AddDate(0, 0, -7)) || !out.Sweep.Until.Equal(start.Add(-10*time.Minute)) {
		t.Errorf("asked since %s, the next asks since %s", asked, out.Sweep.Until)
	}
}

func TestAWatchGoesOnWhereTheOneBeforeCameTo(t *testing.T) {
	w := newWorld(t)
	w.orphans = orphaned(1)
	until := start.Add(-20 * 24 * time.Hour)
	w.env.SetLastCompletionResult(soar.WatchResult{Sweep: soar.Sweep{
		Until: until, Again: []soar.Ended{{ID: "case-000", RunID: "case-000", At: until}, {ID: "case-x", RunID: "case-x", At: until}},
	}})
	w.orphanPages = func(soar.OrphansRequest) soar.Orphans { return soar.Orphans{Until: start} }
	out := run[soar.WatchResult](t, w, soar.WatchWorkflow, nil)
	if !w.orphansAsked[0].Since.Equal(until) || out.Orphans != 1 || len(out.Sweep.Again) != 0 || !out.Sweep.Until.Equal(start) {
		t.Fatalf("asked %+v, result %+v", w.orphansAsked, out)
	}
}

func TestABatchOfOrphansOnSeveralPagesIsSweptTheOldestFirstOverSeveralWatches(t *testing.T) {
	all, edited := orphaned(700), map[string]int{}
	var last soar.WatchResult
	for _, want := range []int{300, 300, 100, 0} {
		w := newWorld(t)
		w.orphans = all
		w.orphanPages = func(in soar.OrphansRequest) soar.Orphans { return pageOf(w.endedSince(in.Since), in) }
		w.env.SetLastCompletionResult(last)
		last = run[soar.WatchResult](t, w, soar.WatchWorkflow, nil)
		if last.Orphans != want || len(w.updated) != want || len(last.Problems) != 0 {
			t.Fatalf("%d edited, want %d: %+v", len(w.updated), want, last.Problems)
		}
		for _, c := range w.updated {
			edited[c.Ref.ID]++
		}
		if want == 300 && (edited["case-000"] != 1 || edited["case-699"] != 0) {
			t.Error("the oldest is not swept first")
		}
	}
	if len(edited) != len(all) {
		t.Errorf("%d of %d edited", len(edited), len(all))
	}
	for id, times := range edited {
		if times != 1 {
			t.Errorf("the card of %s was edited %d times", id, times)
		}
	}
}

// pageOf is a page of 100.
func pageOf(all soar.Orphans, in soar.OrphansRequest) soar.Orphans {
	from := 0
	if len(in.Page) > 0 {
		from, _ = strconv.Atoi(string(in.Page))
	}
	to := min(from+100, len(all.Ended))
	out := soar.Orphans{Until: all.Until, Ended: all.Ended[from:to]}
	if to < len(all.Ended) {
		out.Next = []byte(strconv.Itoa(to))
	}
	return out
}

func TestACardThatTakesNoEditIsTriedAgainByTheNextWatchAndIsAProblem(t *testing.T) {
	w := newWorld(t)
	w.orphans, w.unreadable = orphaned(3), map[string]bool{"case-001": true}
	out := run[soar.WatchResult](t, w, soar.WatchWorkflow, nil)
	if out.Orphans != 2 || len(out.Sweep.Again) != 1 || out.Sweep.Again[0].ID != "case-001" || len(out.Problems) != 1 ||
		out.Problems[0] != "1 cards of ended cases not edited, the last: case-001: history does not replay" {
		t.Fatalf("%+v", out)
	}
	gone := newWorld(t)
	gone.orphans = orphaned(1)
	gone.fail["UpdateCard"] = temporal.NewNonRetryableApplicationError("message_not_found", soar.ErrTypeMessageGone, nil)
	if out := run[soar.WatchResult](t, gone, soar.WatchWorkflow, nil); len(out.Sweep.Again) != 0 || len(out.Problems) != 1 {
		t.Errorf("a card that is gone: %+v", out)
	}
}

func TestAWatchThatCannotListOrphansHandsOverWhatItWasHanded(t *testing.T) {
	for name, fail := range map[string]func(*world){
		"Temporal is away":        func(w *world) { w.fail["ListOrphans"] = final("temporal is away") },
		"an older worker answers": func(w *world) { w.orphanPages = func(soar.OrphansRequest) soar.Orphans { return soar.Orphans{} } },
	} {
		w := newWorld(t)
		fail(w)
		before := soar.Sweep{Until: start.Add(-5 * time.Hour), Again: []soar.Ended{{ID: "case-1", RunID: "r", At: start.Add(-6 * time.Hour)}}}
		w.env.SetLastCompletionResult(soar.WatchResult{Sweep: before})
		out := run[soar.WatchResult](t, w, soar.WatchWorkflow, nil)
		if len(out.Problems) != 1 || !out.Sweep.Until.Equal(before.Until) || len(out.Sweep.Again) != 1 {
			t.Errorf("%s: %+v", name, out)
		}
	}
}

func TestWhatAWatchCannotSeeIsAProblemAndKeepsItFromNothingElse(t *testing.T) {
	w := newWorld(t)
	w.watched.Hunts = []soar.WatchedHunt{daily("daily")}
	w.fail["ReadCoverage"] = final("temporal is away")
	w.orphans = orphaned(1)
	out := run[soar.WatchResult](t, w, soar.WatchWorkflow, nil)
	if len(out.Problems) != 1 || out.Orphans != 1 {
		t.Fatalf("%+v", out)
	}
}

func TestADigestIsOfTheDayBeforeItsStart(t *testing.T) {
	w := newWorld(t)
	w.watched = soar.Watched{DigestChannel: "C1", Expiring: []soar.Expiring{{Rule: "backup-veeam"}}}
	out := run[soar.Digest](t, w, soar.DigestWorkflow, soar.DigestInput{})
	if out.Window != soar.NewWindow(start.Add(-24*time.Hour), start) || len(w.digests) != 1 || w.digestAsked[0].Expiring[0].Rule != "backup-veeam" {
		t.Fatalf("digest %+v", out)
	}
}

func TestAPauseEndsAtItsTimeByItself(t *testing.T) {
	w := newWorld(t)
	w.resumeAnswer.Resumed = true
	until := start.Add(5 * time.Hour)
	run[soar.Resumed](t, w, soar.PauseWorkflow, soar.PauseInput{Slug: "daily", Until: until, Channel: "C1"})
	if len(w.paused) != 1 || len(w.resumed) != 1 || w.env.Now().Before(until) {
		t.Fatalf("paused %d, resumed %d at %s", len(w.paused), len(w.resumed), w.env.Now())
	}
	if len(w.notices) != 1 || !strings.Contains(w.notices[0].Text, "runs on its schedule again") {
		t.Fatalf("notices %+v", w.notices)
	}
}

func TestAPauseWithoutAnEndLastsUntilItIsCancelled(t *testing.T) {
	w := newWorld(t)
	w.resumeAnswer.Why = "an operator paused it"
	w.env.RegisterDelayedCallback(func() {
		if len(w.resumed) != 0 {
			t.Error("it was resumed before anybody said so")
		}
		w.env.CancelWorkflow()
	}, 100*time.Hour)
	run[soar.Resumed](t, w, soar.PauseWorkflow, soar.PauseInput{Slug: "daily", Channel: "C1"})
	if len(w.resumed) != 1 || !strings.Contains(w.notices[0].Text, "stays paused: an operator paused it") {
		t.Fatalf("resumed %d, notices %+v", len(w.resumed), w.notices)
	}
}
