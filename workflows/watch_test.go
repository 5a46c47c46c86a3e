package workflows_test

import (
	"strings"
	"testing"
	"time"

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

func TestAnOrphanedCardLosesItsButtons(t *testing.T) {
	w := newWorld(t)
	w.orphans.Cases = []soar.Case{{Ref: soar.CaseRef{ID: "case-1", Number: 2}, State: soar.CaseOpen, Card: soar.Card{Channel: "C1", TS: "1.0"}}}
	out := run[soar.WatchResult](t, w, soar.WatchWorkflow, nil)
	if out.Orphans != 1 || len(w.updated) != 1 || w.updated[0].State != soar.CaseCancelled {
		t.Fatalf("orphans %d, updated %+v", out.Orphans, w.updated)
	}
}

func TestWhatAWatchCannotSeeIsAProblemAndKeepsItFromNothingElse(t *testing.T) {
	w := newWorld(t)
	w.watched.Hunts = []soar.WatchedHunt{daily("daily")}
	w.fail["ReadCoverage"] = final("temporal is away")
	w.orphans.Cases = []soar.Case{{Ref: soar.CaseRef{ID: "case-1", Number: 2}, State: soar.CaseOpen, Card: soar.Card{Channel: "C1", TS: "1.0"}}}
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
