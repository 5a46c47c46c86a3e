package load_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/worker/sandbox/stack"
	"harrier/workflows/soar"
)

const (
	kills    = 20
	backfill = "internal-senders"
	// backfillLimit bounds one backfill: a killed query is noticed after its heartbeat's 30 seconds.
	backfillLimit = 12 * time.Minute
)

// quiet hunts day by day and by hand alone, so that nothing but the backfill runs.
func quiet(anchor time.Time) stack.Options {
	return stack.Options{Rows: 5_000, Anchor: anchor, Settings: func(hunts map[string]map[string]any) {
		for _, settings := range hunts {
			settings["schedule"] = map[string]any{"cron": "0 6 * * *", "paused": true}
			settings["max_window"] = "1d"
		}
	}}
}

// left is what a backfill leaves behind.
type left struct {
	printed  string
	cases    map[string]seen
	coverage []soar.Window
	cards    map[string]int
}

// seen is a case without what depends on the clock of the run.
type seen struct {
	Number   int
	State    soar.CaseState
	Counts   soar.Counts
	Severity soar.Severity
	Guards   []soar.Guard
	Messages []string
}

func TestABackfillThatIsKilledTwentyTimesLeavesWhatAnUndisturbedOneDoes(t *testing.T) {
	anchor := time.Now().Truncate(time.Second)
	range30 := soar.NewWindow(anchor.AddDate(0, 0, -30).Add(-time.Hour), anchor.Add(-time.Hour))
	calm := filled(t, up(t, quiet(anchor)), range30, nil)
	if len(calm.cases) < 20 {
		t.Fatalf("the undisturbed backfill has only %d cases", len(calm.cases))
	}
	s := up(t, quiet(anchor))
	killed := filled(t, s, range30, func(ctx context.Context) { killAtRandom(ctx, t, s) })
	if calm.printed != killed.printed {
		t.Errorf("undisturbed it printed\n%s\nkilled\n%s", calm.printed, killed.printed)
	}
	compare(t, calm, killed)
}

func compare(t *testing.T, calm, killed left) {
	t.Helper()
	for id, want := range calm.cases {
		got, ok := killed.cases[id]
		if !ok {
			t.Errorf("case %s is missing", id)
			continue
		}
		if got.Number != want.Number || got.State != want.State || got.Counts != want.Counts || got.Severity != want.Severity ||
			!slices.Equal(got.Guards, want.Guards) || !slices.Equal(got.Messages, want.Messages) {
			t.Errorf("case %s is\n%+v\nundisturbed it was\n%+v", id, got, want)
		}
	}
	if len(killed.cases) != len(calm.cases) {
		t.Errorf("%d cases, undisturbed %d", len(killed.cases), len(calm.cases))
	}
	for id, n := range killed.cards {
		if n > 1 {
			t.Errorf("case %s has %d cards", id, n)
		}
	}
	if len(killed.cards) != len(calm.cards) {
		t.Errorf("%d cases have a card, undisturbed %d", len(killed.cards), len(calm.cards))
	}
	if !slices.Equal(killed.coverage, calm.coverage) {
		t.Errorf("covered %v, undisturbed %v", killed.coverage, calm.coverage)
	}
}

// filled runs the backfill as a person would and reads what it left.
func filled(t *testing.T, s *stack.Stack, w soar.Window, disturb func(context.Context)) left {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), backfillLimit)
	defer cancel()
	args := s.Command("hunts", "backfill", backfill, "--from", w.From.Format(time.RFC3339), "--to", w.To.Format(time.RFC3339))
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Env = &stdout, &stderr, os.Environ()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	if disturb != nil {
		disturb(ctx)
		select {
		case err := <-ended:
			t.Fatalf("the backfill ended before the last kill: %v\n%s", err, stderr.String())
		default:
		}
	}
	if err := <-ended; err != nil {
		t.Fatalf("backfill: %v\n%s\n%s", err, stdout.String(), stderr.String())
	}
	return read(ctx, t, s, stdout.String())
}

// killAtRandom kills the worker again and again while the backfill runs.
func killAtRandom(ctx context.Context, t *testing.T, s *stack.Stack) {
	t.Helper()
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for range kills {
		timer := time.NewTimer(time.Duration(200+random.IntN(2500)) * time.Millisecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		}
		s.KillWorker()
		if err := s.StartWorker(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// read waits until the cards that are due are there, and reads everything.
func read(ctx context.Context, t *testing.T, s *stack.Stack, printed string) left {
	t.Helper()
	out := left{printed: printed, cases: map[string]seen{}, cards: map[string]int{}}
	views, err := s.Cases(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for id, v := range views {
		if err := s.AwaitRest(ctx, id, ""); err != nil {
			t.Fatal(err)
		}
		out.cases[id] = seen{
			Number: v.Case.Ref.Number, State: v.Case.State, Counts: v.Case.Finding.Candidate.Counts, Severity: v.Case.Judgement.Severity,
			Guards: v.Case.Judgement.GuardNames(), Messages: slices.Sorted(slices.Values(v.Case.Finding.MessageIDs())),
		}
	}
	for _, m := range s.Slack.All(stack.TriageChannel) {
		if m.Metadata != nil && m.Metadata.EventType == "harrier_case" {
			ref, _ := m.Metadata.EventPayload["case"].(string)
			out.cards[strings.Split(ref, "/")[0]]++
		}
	}
	state, err := s.Coverage(ctx, backfill)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range state.Intervals {
		if c.Status != soar.CoverageComplete {
			t.Errorf("%s is %s: %s", c.Window, c.Status, c.Reason)
		}
		out.coverage = append(out.coverage, c.Window)
	}
	return out
}
