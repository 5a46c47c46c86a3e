package backtest_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"harrier/worker/backtest"
	"harrier/workflows/soar"
)

var end = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func day(n int) soar.Window { return soar.NewWindow(end.AddDate(0, 0, -n-1), end.AddDate(0, 0, -n)) }

func hid(sender, rule string) soar.SenderOutcome {
	return soar.SenderOutcome{Sender: sender, CaseID: "case-" + sender, Verdict: soar.VerdictSuppressed, Rule: rule}
}

func visible(sender string, trace ...soar.RuleTrace) soar.SenderOutcome {
	return soar.SenderOutcome{Sender: sender, CaseID: "case-" + sender, Verdict: soar.VerdictTriage, Reason: "no rule", Trace: trace}
}

func run(n int, senders ...soar.SenderOutcome) soar.HuntResult {
	w := day(n)
	return soar.HuntResult{Window: w, Coverage: soar.CoverageComplete, Finished: w.To, Senders: senders}
}

func decided(state soar.CaseState, by string, at time.Time, earlier ...soar.Outcome) soar.CaseView {
	return soar.CaseView{Case: soar.Case{State: state, Decision: &soar.Decision{By: soar.Actor{ID: by}, At: at}, Earlier: earlier}}
}

// known answers for senders' cases; any other sender has none.
func known(views map[string]soar.CaseView) func(string) (soar.CaseView, bool, error) {
	return func(id string) (soar.CaseView, bool, error) {
		v, ok := views[strings.TrimPrefix(id, "case-")]
		return v, ok, nil
	}
}

func TestADecisionSpeaksOfTheFindingItFollowsSoon(t *testing.T) {
	w := day(10) // ended ten days ago
	at := func(days int) time.Time { return w.To.AddDate(0, 0, days) }
	for name, tt := range map[string]struct {
		view soar.CaseView
		want backtest.Decision
	}{
		"approved":                      {decided(soar.CaseApproved, "U1", at(1)), backtest.Benign},
		"remembered":                    {decided(soar.CaseRemembered, "U1", at(1)), backtest.Benign},
		"escalated":                     {decided(soar.CaseEscalated, "U1", at(1)), backtest.Escalated},
		"by its deadline":               {decided(soar.CaseEscalated, "deadline", at(1)), backtest.Undecided},
		"long after":                    {decided(soar.CaseEscalated, "U1", at(8)), backtest.Undecided},
		"before":                        {decided(soar.CaseEscalated, "U1", at(-3)), backtest.Undecided},
		"open":                          {soar.CaseView{Case: soar.Case{State: soar.CaseOpen}}, backtest.Undecided},
		"an earlier case speaks first":  {decided(soar.CaseEscalated, "U1", at(5), soar.Outcome{State: soar.CaseApproved, By: "U2", At: at(1)}), backtest.Benign},
		"a superseded one says nothing": {decided(soar.CaseEscalated, "U1", at(5), soar.Outcome{State: soar.CaseSuperseded, At: at(1)}), backtest.Escalated},
	} {
		if got := backtest.DecisionOn(tt.view, w); got != tt.want {
			t.Errorf("%s: %s; want %s", name, got, tt.want)
		}
	}
}

func TestAPreviewShowsWhatTheTrialHidesThatIsVisibleToday(t *testing.T) {
	without := []soar.HuntResult{run(1, visible("new"), hid("already", "old"), visible("held"), visible("tried"), hid("was", "edited"))}
	with := []soar.HuntResult{run(1,
		hid("new", "edited"), hid("already", "edited"), visible("held", soar.RuleTrace{Rule: "edited", Outcome: soar.TraceHeld}),
		visible("tried", soar.RuleTrace{Rule: "other", Outcome: soar.TraceShadow}), visible("was"))}
	p := backtest.Compare(without, with, []string{"edited", "other"})
	if len(p.Hidden) != 2 || p.Hidden[0].Outcome.Sender != "new" || p.Hidden[0].Shadow || p.Hidden[1].Outcome.Sender != "tried" || !p.Hidden[1].Shadow || p.Hidden[1].Rule != "other" {
		t.Errorf("hidden %+v", p.Hidden)
	}
	if len(p.Shown) != 1 || p.Shown[0].Outcome.Sender != "was" || p.Shown[0].Rule != "edited" {
		t.Errorf("shown %+v", p.Shown)
	}
}

func TestAPreviewMarksSendersWhoseCaseWasEscalatedEvenByItsDeadlineOrLongAgo(t *testing.T) {
	p := backtest.Compare(
		[]soar.HuntResult{run(1, visible("a"), visible("b"), visible("c"), visible("d"))},
		[]soar.HuntResult{run(1, hid("a", "r"), hid("b", "r"), hid("c", "r"), hid("d", "r"))}, []string{"r"})
	err := p.Recall(known(map[string]soar.CaseView{
		"a": decided(soar.CaseEscalated, "deadline", end.AddDate(0, 0, -200)),
		"b": decided(soar.CaseApproved, "U1", end, soar.Outcome{State: soar.CaseEscalated, By: "U2", At: end.AddDate(0, 0, -3)}),
		"c": {Case: soar.Case{State: soar.CaseRemembered}, Entry: &soar.Entry{}},
	}))
	if err != nil {
		t.Fatal(err)
	}
	if p.Escalated() != 2 || p.Hidden[0].By != "deadline" || p.Hidden[1].By != "U2" || !p.Hidden[2].Learned || p.Hidden[3].Learned {
		t.Errorf("hidden %+v", p.Hidden)
	}
	broken := errors.New("no worker answers")
	if err := p.Recall(func(string) (soar.CaseView, bool, error) { return soar.CaseView{}, false, broken }); !errors.Is(err, broken) {
		t.Errorf("a case that could not be read must not pass for none: %v", err)
	}
}

func rules() []soar.Rule {
	return []soar.Rule{
		{ID: "good", Mode: soar.RuleEnforce}, {ID: "bad", Mode: soar.RuleEnforce}, {ID: "idle", Mode: soar.RuleEnforce},
		{ID: "shy", Mode: soar.RuleShadow}, {ID: "off", Mode: soar.RuleEnforce, Inactive: "no tool"}, {ID: "quiet", Mode: soar.RuleEnforce},
	}
}

func TestRulesAreScoredByWhatAnalystsDecided(t *testing.T) {
	results := []soar.HuntResult{
		run(2, hid("g1", "good"), hid("x", "bad"), visible("s", soar.RuleTrace{Rule: "shy", Outcome: soar.TraceShadow}), visible("p1"), visible("ann", soar.RuleTrace{})),
		run(1, hid("g1", "good"), hid("g2", "bad"), visible("p1"), hid("q", "quiet"), soar.SenderOutcome{Sender: "low", Verdict: soar.VerdictBelowCut}),
	}
	results[0].Senders[4].Guards = []soar.Guard{soar.GuardPerson}
	benign := decided(soar.CaseApproved, "U1", end)
	findings, err := backtest.Findings(results, known(map[string]soar.CaseView{
		"g1": benign, "g2": benign, "p1": benign, "ann": benign, "x": decided(soar.CaseEscalated, "U1", end), "s": benign,
	}))
	if err != nil {
		t.Fatal(err)
	}
	s := backtest.Grade(rules(), findings)
	var got []string
	for _, r := range s.Rules {
		got = append(got, r.Rule)
	}
	if s.Findings != 9 || strings.Join(got, " ") != "bad good shy quiet" || *s.Rules[0].Precision != 0.5 || *s.Rules[1].Precision != 1 || s.Rules[1].Hidden != 2 || s.Rules[3].Precision != nil {
		t.Errorf("%d findings, rules %+v", s.Findings, s.Rules)
	}
	if len(s.Wrong) != 1 || s.Wrong[0].Outcome.Sender != "x" {
		t.Errorf("wrong %+v", s.Wrong)
	}
	if strings.Join(s.Stale, " ") != "idle" {
		t.Errorf("stale %v: an inactive rule is not stale, a shadow rule that would have hidden neither", s.Stale)
	}
	if len(s.Missed) != 2 || s.Missed[0].Sender != "p1" || s.Missed[0].Findings != 2 || s.Missed[1].Sender != "s" {
		t.Errorf("missed %+v: persons are no automation", s.Missed)
	}
}

func TestAPeriodIsHuntedDayByDayWithAndWithoutTheTrial(t *testing.T) {
	windows, err := backtest.Days(end, 3)
	if err != nil || len(windows) != 3 || windows[2] != day(0) || windows[0] != day(2) {
		t.Fatalf("windows %v, %v", windows, err)
	}
	var mu sync.Mutex
	var asked []soar.HuntInput
	results, err := backtest.Period(t.Context(), func(_ context.Context, in soar.HuntInput) (soar.HuntResult, error) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, in)
		return soar.HuntResult{Window: *in.Window, Slug: in.Trial}, nil
	}, "senders", windows, "", "trial")
	if err != nil || len(results) != 2 || len(results[0]) != 3 || results[0][1].Slug != "" || results[1][2].Slug != "trial" || results[1][2].Window != day(0) {
		t.Fatalf("results %v, %v", results, err)
	}
	for _, in := range asked {
		if !in.DryRun || in.Top != soar.MaxSenders || in.Validate() != nil {
			t.Errorf("asked %+v: a preview never opens a case, and judges everything", in)
		}
	}
	if _, err := backtest.Period(t.Context(), func(context.Context, soar.HuntInput) (soar.HuntResult, error) {
		return soar.HuntResult{}, errors.New("no worker")
	}, "senders", windows, ""); err == nil || !strings.Contains(err.Error(), day(2).String()) {
		t.Errorf("error %v", err)
	}
	for _, n := range []int{0, -1, 91} {
		if _, err := backtest.Days(end, n); err == nil {
			t.Errorf("%d days are taken", n)
		}
	}
	partial := soar.HuntResult{Window: day(0), Coverage: soar.CoveragePartial, Reason: "cut"}
	if got := backtest.Incomplete([]soar.HuntResult{run(1), partial}); len(got) != 1 || !strings.HasSuffix(got[0], "partial: cut") {
		t.Errorf("incomplete %v", got)
	}
}

func TestRulesStandInOneOfSixStatesAndTheirHitsAreCounted(t *testing.T) {
	until := end.AddDate(0, 0, 10)
	list := []soar.Rule{
		{ID: "off", Mode: soar.RuleEnforce, Inactive: "no tool x", Expires: until}, {ID: "on", Owner: "team", Mode: soar.RuleEnforce, Expires: until},
		{ID: "on", Mode: soar.RuleEnforce, Inactive: "one sender of two", Expires: until}, {ID: "shy", Mode: soar.RuleShadow, Expires: until},
		{ID: "old", Mode: soar.RuleEnforce, Expires: end.AddDate(0, 0, -2)}, {ID: "odd", Mode: soar.RuleEnforce, Expires: until},
	}
	lines := append(backtest.Rules(list, map[string]string{"odd": "when is missing"}, end), backtest.Standing{Name: "learned case-1/1"})
	dry := run(1, hid("z", "on"))
	dry.DryRun = true
	backtest.Count(lines, []soar.HuntResult{dry,
		run(3, hid("a", "on"), visible("b", soar.RuleTrace{Rule: "on", Outcome: soar.TraceHeld}, soar.RuleTrace{Rule: "on", Outcome: soar.TraceHeld})),
		run(2, hid("a", "on"), visible("c", soar.RuleTrace{Rule: "shy", Outcome: soar.TraceShadow}), hid("d", "learned case-1/1")),
	})
	want := []backtest.Standing{
		{Name: "odd", State: "refused", Why: "when is missing", Expires: until}, {Name: "off", State: "inactive", Why: "no tool x", Expires: until},
		{Name: "old", State: "expired", Why: "on 2026-11-22", Expires: end.AddDate(0, 0, -2)},
		{Name: "on", Owner: "team", State: "enforce", Expires: until, Hits: 2, Held: 1, Last: day(2).To},
		{Name: "shy", State: "shadow", Expires: until, Hits: 1, Last: day(2).To}, {Name: "learned case-1/1", Hits: 1, Last: day(2).To},
	}
	for _, w := range want {
		found := false
		for _, l := range lines {
			found = found || l == w
		}
		if !found {
			t.Errorf("%+v\nis not among %+v", w, lines)
		}
	}
	if len(lines) != len(want) {
		t.Errorf("%d lines; want %d", len(lines), len(want))
	}
}
