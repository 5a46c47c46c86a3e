package workflows_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"harrier/workflows/soar"
)

func runHunt(t *testing.T, w *world, in soar.HuntInput) soar.HuntResult {
	t.Helper()
	w.env.ExecuteWorkflow(soar.HuntWorkflow, in)
	if err := w.env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	var out soar.HuntResult
	if err := w.env.GetWorkflowResult(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func input() soar.HuntInput { return soar.HuntInput{Hunt: "internal-senders"} }

func TestAHuntSuppressesBeforeTheCutAndRanksTheRest(t *testing.T) {
	w := newWorld(t)
	for i := range 13 {
		sender := fmt.Sprintf("tool%02d@contoso.com", i)
		w.reported(sender, 9)
		w.suppress[sender] = true
	}
	w.reported("j.doe@contoso.com", 2)
	w.settings.Top = 1
	out := runHunt(t, w, input())
	last := out.Senders[len(out.Senders)-1]
	if last.Sender != "j.doe@contoso.com" || last.Verdict != soar.VerdictTriage || last.Answer != soar.SeeOpened {
		t.Fatalf("the sender at rank 14, behind automation, is %+v", last)
	}
	if out.Totals.Suppressed != 13 || out.Coverage != soar.CoverageComplete {
		t.Fatalf("totals %+v, coverage %s", out.Totals, out.Coverage)
	}
	if w.summaries[0].Hidden["backup-veeam"] != 13 {
		t.Fatalf("the summary says what was hidden: %v", w.summaries[0].Hidden)
	}
}

func TestJudgingEndsWhenTheTopIsFullAndSaysWhatLiesBelow(t *testing.T) {
	w := newWorld(t)
	for i := range 25 {
		w.reported(fmt.Sprintf("s%02d@contoso.com", i), 30-i)
	}
	w.settings.Top = 10
	out := runHunt(t, w, input())
	if len(w.loggedPages) != 1 || out.Totals.Triage != 10 || out.Totals.BelowCut != 15 {
		t.Fatalf("pages %v, totals %+v", w.loggedPages, out.Totals)
	}
	if out.Totals.Opened != 10 || len(w.summaries[0].Listed) != 8 {
		t.Fatalf("two cards, the rest listed: %d opened, %d listed", out.Totals.Opened, len(w.summaries[0].Listed))
	}
}

func TestAWindowEndsAtTheStartMinusTheLagAndBeginsWhereCoverageEnds(t *testing.T) {
	w := newWorld(t)
	covered := soar.NewWindow(start.Add(-50*time.Hour), start.Add(-26*time.Hour))
	w.coverage.State = soar.CoverageState{}.Apply(soar.Cover{Window: covered, Status: soar.CoverageComplete})
	out := runHunt(t, w, input())
	if want := soar.NewWindow(covered.To, start.Add(-10*time.Minute)); out.Window != want {
		t.Fatalf("window %s, want %s", out.Window, want)
	}
	if len(w.covers) != 1 || w.covers[0].Window != out.Window || w.covers[0].Status != soar.CoverageComplete {
		t.Fatalf("covers %+v", w.covers)
	}
}

func TestAHuntWithoutCoverageStartsItInAStepOfItsOwn(t *testing.T) {
	w := newWorld(t)
	w.coverage.Found = false
	if out := runHunt(t, w, input()); w.coverageBegun != 1 || out.Window.Length() != 24*time.Hour {
		t.Fatalf("begun %d, first window %s", w.coverageBegun, out.Window)
	}
}

func TestWhatCouldNotRunIsNeverNothingFound(t *testing.T) {
	for name, arrange := range map[string]func(*world){
		"missing table": func(w *world) { w.fail["QueryHunt"] = final("table CloudAppEvents is missing") },
		"unhealthy": func(w *world) {
			w.health = soar.SourceHealth{Problems: []string{"EmailEvents: newest row is 3 days old"}}
		},
		"no evidence":     func(w *world) { w.reported("a@contoso.com", 1); w.fail["QueryEvidence"] = final("gone") },
		"judge is broken": func(w *world) { w.reported("a@contoso.com", 1); w.fail["Judge"] = final("gone") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			arrange(w)
			out := runHunt(t, w, input())
			if out.Coverage != soar.CoverageNotRun || out.Reason == "" {
				t.Fatalf("coverage %q, reason %q", out.Coverage, out.Reason)
			}
			if len(w.covers) != 1 || w.covers[0].Status != soar.CoverageNotRun || len(w.notices) != 1 || len(w.runs) != 1 {
				t.Fatalf("covers %v, notices %v, audit records %d", w.covers, w.notices, len(w.runs))
			}
		})
	}
}

func TestAPartialResultIsKeptAndNeverComplete(t *testing.T) {
	w := newWorld(t)
	w.reported("a@contoso.com", 1)
	w.rows.Partial = "PartialError: 64000000 bytes"
	in := input()
	short := soar.NewWindow(start.Add(-2*time.Hour), start.Add(-time.Hour))
	in.Window = &short
	out := runHunt(t, w, in)
	if out.Coverage != soar.CoveragePartial || out.Totals.Opened != 1 || !w.sightings[0].See.Partial {
		t.Fatalf("coverage %s, opened %d, card marked %v", out.Coverage, out.Totals.Opened, w.sightings[0].See.Partial)
	}
	if w.covers[0].Status != soar.CoveragePartial || !strings.Contains(w.notices[0].Text, "64000000") {
		t.Fatalf("covers %v, notices %v", w.covers, w.notices)
	}
}

// Results that are cut for windows over three hours: the pieces tile the window,
// each is hunted once, and nothing of a cut result is shown.
func TestACutResultHalvesTheWindowUntilItFits(t *testing.T) {
	for name, cut := range map[string]func(*soar.HuntRows){
		"partial":      func(r *soar.HuntRows) { r.Partial = "64000000 bytes" },
		"sender limit": func(r *soar.HuntRows) { r.LimitFull = true },
	} {
		w := newWorld(t)
		w.reported("a@contoso.com", 1)
		w.query = func(piece soar.Window) soar.HuntRows {
			rows := w.rows
			if piece.Length() > 3*time.Hour {
				cut(&rows)
			}
			return rows
		}
		out := runHunt(t, w, input())
		if out.Coverage != soar.CoverageComplete || len(out.Pieces) < 8 {
			t.Fatalf("%s: coverage %s in %d pieces: %s", name, out.Coverage, len(out.Pieces), out.Reason)
		}
		end := out.Window.From
		for i, p := range out.Pieces {
			if !p.Window.From.Equal(end) || p.Window.Length() > 3*time.Hour {
				t.Fatalf("%s: piece %d is %s after %s", name, i, p.Window, end)
			}
			end = p.Window.To
		}
		if !end.Equal(out.Window.To) || len(w.sightings) != len(out.Pieces) {
			t.Fatalf("%s: ends at %s, %d sightings of %d pieces", name, end, len(w.sightings), len(out.Pieces))
		}
	}
}

func TestALongGapIsHuntedInBoundedPiecesAndToldOnce(t *testing.T) {
	w := newWorld(t)
	w.settings.MaxWindow = hours(24)
	w.reported("a@contoso.com", 1)
	in := input()
	month := soar.NewWindow(start.AddDate(0, 0, -31), start.AddDate(0, 0, -1))
	in.Window = &month
	failing := start.AddDate(0, 0, -10)
	w.query = func(piece soar.Window) soar.HuntRows {
		if !piece.From.After(failing) && piece.To.After(failing) {
			rows := w.rows
			rows.Partial = "always cut"
			return rows
		}
		return w.rows
	}
	out := runHunt(t, w, in)
	if len(w.summaries) != 1 || len(w.runs) != 1 {
		t.Fatalf("%d summaries, %d audits", len(w.summaries), len(w.runs))
	}
	partial := 0
	var covered time.Duration
	for _, c := range w.covers {
		if c.Status == soar.CoveragePartial {
			partial++
		}
		covered += c.Window.Length()
	}
	if covered != month.Length() || partial != 1 || out.Coverage != soar.CoveragePartial {
		t.Fatalf("covered %s, %d partial pieces, run %s", covered, partial, out.Coverage)
	}
}

func TestADirectoryThatIsDownCostsNoCard(t *testing.T) {
	w := newWorld(t)
	w.reported("a@contoso.com", 1)
	w.fail["LookUpSenders"] = final("graph: 503")
	runHunt(t, w, input())
	p := w.sightings[0].See.Finding.Profile
	if p.Kind != soar.KindUnknown || !strings.Contains(p.Why, "503") {
		t.Fatalf("profile %+v", p)
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.coverage.Found = false
	w.reported("a@contoso.com", 1)
	in := input()
	in.DryRun = true
	out := runHunt(t, w, in)
	if len(w.sightings)+len(w.summaries)+len(w.covers)+w.coverageBegun != 0 {
		t.Fatal("a dry run opened, posted or covered something")
	}
	if len(out.Senders) != 1 || out.Senders[0].Verdict != soar.VerdictTriage || len(w.runs) != 1 {
		t.Fatalf("it still judges and audits: %+v", out)
	}
}

func TestARunWithASmallerTopDoesNotCover(t *testing.T) {
	w := newWorld(t)
	in := input()
	in.Top = 3
	runHunt(t, w, in)
	if len(w.covers) != 0 {
		t.Fatalf("covers %v", w.covers)
	}
}

func TestWhatAnAnalystApprovedIsReportedAsSuppressedWithItsReason(t *testing.T) {
	w := newWorld(t)
	w.reported("a@contoso.com", 1)
	id := soar.CaseID("intra-org:a@contoso.com")
	w.seen[id] = soar.Seen{Answer: soar.SeeSuppressed, Case: soar.CaseRef{ID: id, Number: 3}, Reason: "approved by U1: newsletter"}
	out := runHunt(t, w, input())
	if s := out.Senders[0]; s.Verdict != soar.VerdictSuppressed || !strings.Contains(s.Reason, "U1") || !strings.Contains(s.Rule, "/3") {
		t.Fatalf("%+v", s)
	}
}

func TestTheSummarySaysWhenTheQuerysOwnTopWasFull(t *testing.T) {
	w := newWorld(t)
	w.settings.QueryTop = 2
	w.reported("a@contoso.com", 1)
	w.reported("b@contoso.com", 1)
	if runHunt(t, w, input()); w.summaries[0].QueryTop != 2 {
		t.Fatalf("summary %+v", w.summaries[0])
	}
}

func TestACaseThatCouldNotBeToldLeavesTheWindowOpen(t *testing.T) {
	w := newWorld(t)
	w.reported("a@contoso.com", 1)
	w.fail["SeeCase"] = final("refused")
	out := runHunt(t, w, input())
	if out.Coverage != soar.CoveragePartial || w.covers[0].Status != soar.CoveragePartial {
		t.Fatalf("coverage %s, covers %v", out.Coverage, w.covers)
	}
}

func TestWhatAnalystsApprovedDoesNotFillTheTop(t *testing.T) {
	w := newWorld(t)
	for i := range 12 {
		sender := fmt.Sprintf("tool%02d@contoso.com", i)
		w.reported(sender, 9)
		id := soar.CaseID("intra-org:" + sender)
		w.seen[id] = soar.Seen{Answer: soar.SeeSuppressed, Case: soar.CaseRef{ID: id, Number: 1}, Reason: "approved by U1"}
	}
	w.reported("j.doe@contoso.com", 2)
	w.settings.Top = 5
	out := runHunt(t, w, input())
	for _, s := range out.Senders {
		if s.Sender == "j.doe@contoso.com" && s.Answer != soar.SeeOpened {
			t.Fatalf("the taken-over mailbox is %+v", s)
		}
	}
}

func TestAWindowThatHasNotEndedIsRefused(t *testing.T) {
	w := newWorld(t)
	in := input()
	future := soar.NewWindow(start.Add(-time.Hour), start.Add(48*time.Hour))
	in.Window = &future
	w.env.ExecuteWorkflow(soar.HuntWorkflow, in)
	if err := w.env.GetWorkflowError(); err == nil || !strings.Contains(err.Error(), "ends in the future") {
		t.Fatalf("error %v", err)
	}
	if len(w.covers) != 0 {
		t.Fatalf("a future was covered: %v", w.covers)
	}
}

func TestAWindowByHandIsCoveredOnlyAsFarAsRowsHaveSettled(t *testing.T) {
	w := newWorld(t)
	in := input()
	until := soar.NewWindow(start.Add(-time.Hour), start)
	in.Window = &until
	runHunt(t, w, in)
	if want := start.Add(-10 * time.Minute); len(w.covers) != 1 || !w.covers[0].Window.To.Equal(want) {
		t.Fatalf("covers %v, want up to %s", w.covers, want)
	}
}

func TestASlackThatIsDownNeitherHoldsAHuntNorUncoversItsWindow(t *testing.T) {
	w := newWorld(t)
	w.reported("a@contoso.com", 1)
	w.fail["PostSummary"] = errors.New("slack: 503")
	w.fail["PostNotice"] = errors.New("slack: 503")
	out := runHunt(t, w, input())
	if out.Coverage != soar.CoverageComplete || w.covers[0].Status != soar.CoverageComplete {
		t.Fatalf("coverage %s, covers %v", out.Coverage, w.covers)
	}
	if took := w.env.Now().Sub(start); took > 15*time.Minute {
		t.Fatalf("the hunt took %s", took)
	}
}

func TestATroubleOnTheWayIsTold(t *testing.T) {
	w := newWorld(t)
	w.fail["RecordRun"] = final("disk full")
	runHunt(t, w, input())
	if len(w.notices) != 1 || !strings.Contains(w.notices[0].Text, "disk full") {
		t.Fatalf("notices %v", w.notices)
	}
}

func TestTheSummaryListsWhatNobodyReviewed(t *testing.T) {
	w := newWorld(t)
	w.unreviewed.Cases = []soar.ListedCase{{Ref: soar.CaseRef{ID: "case-1", Number: 1}, Severity: soar.SeverityLow}}
	if runHunt(t, w, input()); len(w.summaries[0].Unreviewed) != 1 {
		t.Fatalf("summary %+v", w.summaries[0])
	}
}

// Ten senders of the worst size fit one message, and five hundred one result.
func TestPayloadsStayFarUnderTemporalsLimit(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("x", 250)
	for i := range soar.MaxSenders {
		sender := fmt.Sprintf("s%03d@contoso.com", i)
		w.reported(sender, 1)
		if i < 10 {
			var messages []soar.Message
			for k := range 30 {
				m := soar.Message{NetworkMessageID: fmt.Sprintf("m-%d-%d", i, k), P2: sender}
				for range 100 {
					m.URLHosts = append(m.URLHosts, long)
				}
				messages = append(messages, m)
			}
			w.evidence[sender] = messages
		}
	}
	w.judgement = func(soar.Finding) soar.Judgement {
		j := soar.Judgement{Verdict: soar.VerdictTriage, Severity: soar.SeverityMedium, Reason: long}
		for range 10 {
			j.Trace = append(j.Trace, soar.RuleTrace{Rule: "r", Condition: long})
		}
		return j
	}
	w.env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, args converter.EncodedValues) {
		var raw json.RawMessage
		if args.Get(&raw) == nil && len(raw) > 1_600_000 {
			t.Errorf("%s is sent %d bytes", info.ActivityType.Name, len(raw))
		}
	})
	if out := runHunt(t, w, input()); out.Totals.Triage != soar.MaxSenders {
		t.Fatalf("totals %+v", out.Totals)
	}
	for _, s := range w.sightings[:10] {
		if len(s.See.Finding.Evidence.Messages) < 30 && s.See.Finding.Evidence.Whole() {
			t.Fatal("cut evidence is called whole")
		}
	}
}

func TestNoRuleHidesASenderWhoseCaseIsOpen(t *testing.T) {
	w := newWorld(t)
	w.reported("backup@contoso.com", 3)
	w.suppress["backup@contoso.com"] = true
	id := soar.CaseID("intra-org:backup@contoso.com")
	w.seen[id] = soar.Seen{Answer: soar.SeeJoined, Case: soar.CaseRef{ID: id, Number: 1}, State: soar.CaseOpen}
	s := runHunt(t, w, input()).Senders[0]
	if s.Verdict != soar.VerdictTriage || s.Case == "" || s.Rule != "backup-veeam" || len(s.Guards) != 1 {
		t.Fatalf("%+v", s)
	}
}
