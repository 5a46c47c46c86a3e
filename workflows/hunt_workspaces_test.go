package workflows_test

import (
	"strings"
	"testing"
	"time"

	"harrier/workflows/soar"
)

func TestARunCoversEachWorkspaceAndReportsEach(t *testing.T) {
	w := newWorld(t)
	w.settings.Workspaces = []string{"emea", "apac"}
	emea := soar.NewWindow(start.Add(-3*time.Hour), start.Add(-2*time.Hour))
	w.coverages = map[string]soar.CoverageFound{
		"internal-senders@emea": {Found: true, State: soar.CoverageState{}.Apply(soar.Cover{Window: emea, Status: soar.CoverageComplete})},
	}
	w.reported("a@contoso.com", 3)
	out := runHunt(t, w, input())
	if len(out.Workspaces) != 2 || out.Coverage != soar.CoverageComplete {
		t.Fatalf("workspaces %+v, coverage %s: %s", out.Workspaces, out.Coverage, out.Reason)
	}
	if got := out.Workspaces[0].Window; got.From != emea.To {
		t.Fatalf("emea is hunted from where its own coverage ends, %s, not %s", emea.To, got.From)
	}
	if got := out.Workspaces[1].Window.Length(); got != 24*time.Hour {
		t.Fatalf("apac, never hunted, gets a first window, not %s", got)
	}
	if out.Window != out.Workspaces[1].Window {
		t.Fatalf("the run's window %s reaches over both", out.Window)
	}
	if strings.Join(w.coverSlugs, " ") != "internal-senders@emea internal-senders@apac" {
		t.Fatalf("covered %v", w.coverSlugs)
	}
	if len(out.Senders) != 2 || out.Senders[0].Workspace != "emea" || out.Senders[1].Workspace != "apac" {
		t.Fatalf("senders %+v", out.Senders)
	}
}

func TestTheTroubleOfOneWorkspaceKeepsNoOtherFromBeingHunted(t *testing.T) {
	w := newWorld(t)
	w.settings.Workspaces = []string{"emea", "apac"}
	w.reported("a@contoso.com", 3)
	w.brokenWorkspace = "emea"
	out := runHunt(t, w, input())
	if out.Coverage != soar.CoveragePartial || out.Workspaces[0].Coverage != soar.CoverageNotRun || out.Workspaces[1].Coverage != soar.CoverageComplete {
		t.Fatalf("%s: %+v", out.Coverage, out.Workspaces)
	}
	if !strings.Contains(out.Reason, "workspace emea") || len(w.notices) != 1 {
		t.Fatalf("the reason names the workspace and is told once: %q, %d notices", out.Reason, len(w.notices))
	}
	if len(out.Senders) != 1 || out.Senders[0].Workspace != "apac" {
		t.Fatalf("senders %+v", out.Senders)
	}
}

func TestAWorkspaceThatIsCoveredDoesNotKeepTheOtherFromBeingDue(t *testing.T) {
	w := newWorld(t)
	w.settings.Workspaces = []string{"emea", "apac"}
	all := soar.NewWindow(start.Add(-30*time.Hour), start)
	w.coverages = map[string]soar.CoverageFound{
		"internal-senders@emea": {Found: true, State: soar.CoverageState{}.Apply(soar.Cover{Window: all, Status: soar.CoverageComplete})},
	}
	out := runHunt(t, w, input())
	if out.Coverage != soar.CoverageComplete || len(w.queried) != 1 || out.Reason != "" {
		t.Fatalf("%s %q, queried %v", out.Coverage, out.Reason, w.queried)
	}
}

func TestARunSaysWhatItsQueriesCostAndWhatWasShimmed(t *testing.T) {
	w := newWorld(t)
	w.health = soar.SourceHealth{Healthy: true, Notes: []string{"Timestamp stands for TimeGenerated in EmailEvents"}, Stats: soar.QueryStats{Queries: 2, CPUMillis: 5}}
	w.rows.Stats = soar.QueryStats{Queries: 1, CPUMillis: 30, Scanned: 1000, Rows: 1}
	out := runHunt(t, w, input())
	if want := (soar.QueryStats{Queries: 3, CPUMillis: 35, Scanned: 1000, Rows: 1}); out.Totals.Queries != want {
		t.Fatalf("cost %+v, want %+v", out.Totals.Queries, want)
	}
	if len(out.Notes) != 1 || out.Coverage != soar.CoverageComplete {
		t.Fatalf("notes %v, coverage %s", out.Notes, out.Coverage)
	}
}

func TestATrialIsJudgedInADryRunAlone(t *testing.T) {
	w := newWorld(t)
	w.reported("a@contoso.com", 3)
	in := input()
	in.DryRun, in.Trial = true, "suppressions: []"
	out := runHunt(t, w, in)
	if len(w.trials) != 1 || w.trials[0] != in.Trial || len(w.sightings) != 0 || !strings.HasPrefix(out.Senders[0].CaseID, "case-") {
		t.Fatalf("trials %v, %d sightings, case id %q", w.trials, len(w.sightings), out.Senders[0].CaseID)
	}
	in.DryRun = false
	if err := in.Validate(); err == nil {
		t.Fatal("a trial in a real run is refused")
	}
}

func TestAWrongSuppressionIsToldToItsCaseAlone(t *testing.T) {
	w := newWorld(t)
	w.reported("backup@contoso.com", 3)
	w.reported("splunk@contoso.com", 3)
	w.suppress["backup@contoso.com"], w.suppress["splunk@contoso.com"] = true, true
	dry := input()
	dry.DryRun = true
	id := runHunt(t, w, dry).Senders[0].CaseID

	again := newWorld(t)
	again.rows, again.evidence, again.suppress = w.rows, w.evidence, w.suppress
	again.seen[id] = soar.Seen{Answer: soar.SeeOpened, Case: soar.CaseRef{ID: id, Number: 1}, State: soar.CaseOpen, NewCard: true, Held: soar.GuardDistrusted}
	window := soar.NewWindow(start.Add(-24*time.Hour), start.Add(-time.Hour))
	in := input()
	in.Window = &window
	in.Wrong = &soar.Wrong{CaseID: id, Rule: "backup-veeam", By: soar.Actor{ID: "U1"}, Reason: "not ours"}
	out := runHunt(t, again, in)
	told := 0
	for _, s := range again.sightings {
		if err := s.See.Validate(); err != nil {
			t.Errorf("what a rule hides is told in a way that its case refuses: %v", err)
		}
		if s.See.Wrong != nil {
			told++
			if s.CaseID != id || s.See.Listed {
				t.Fatalf("told %s, listed %t", s.CaseID, s.See.Listed)
			}
		}
	}
	if told != 1 || len(again.summaries) != 0 {
		t.Fatalf("told %d cases, %d summaries", told, len(again.summaries))
	}
	for _, s := range out.Senders {
		if s.CaseID == id && (s.Verdict != soar.VerdictTriage || s.Guards[0] != soar.GuardDistrusted) {
			t.Fatalf("the sender is %s, guards %v", s.Verdict, s.Guards)
		}
	}
}

func TestTheDaysOfACaseAreLeftOutOfItsSendersPastAlone(t *testing.T) {
	w := newWorld(t)
	w.reported("a@contoso.com", 3)
	w.reported("b@contoso.com", 2)
	suspect := soar.NewWindow(start.AddDate(0, 0, -9), start.AddDate(0, 0, -7))
	finding := soar.Finding{Candidate: w.rows.Candidates[0], Evidence: soar.Evidence{Messages: w.evidence["a@contoso.com"]}}
	w.caseDays = map[string][]soar.Window{soar.CaseID(soar.CaseKey(finding)): {suspect}}
	runHunt(t, w, input())
	for _, s := range w.pastAsked[0].Senders {
		if got := len(s.Excluded); (s.Address == "a@contoso.com") != (got == 1) {
			t.Errorf("%s: %d spans left out", s.Address, got)
		}
	}
}
