package backtest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"harrier/workflows/soar"
)

// Piece is how long a window of a period is: what a daily hunt sees. One long window
// would gather a sender's mails of weeks into one finding, and of those all have to fit.
const Piece = 24 * time.Hour

// MaxDays bounds a period: older mail is seldom kept in a workspace, and each day is a run.
const MaxDays = 90

// Days are the windows of the last n days before end, oldest first.
func Days(end time.Time, n int) ([]soar.Window, error) {
	if n < 1 || n > MaxDays {
		return nil, fmt.Errorf("--days is %d; give 1 to %d", n, MaxDays)
	}
	return soar.NewWindow(end.AddDate(0, 0, -n), end).Cut(Piece), nil
}

// Runner runs one hunt to its end.
type Runner func(context.Context, soar.HuntInput) (soar.HuntResult, error)

// Period hunts the windows one after the other, dry, with each of the given texts on
// trial ("" is the rules in force alone) at the same time. It returns the results by
// text and window. No result of a dry run changes anything, so that a failed or
// interrupted one is simply run again.
func Period(ctx context.Context, run Runner, hunt string, windows []soar.Window, trials ...string) ([][]soar.HuntResult, error) {
	out := make([][]soar.HuntResult, len(trials))
	for i := range windows {
		results, err := together(ctx, run, hunt, windows[i], trials)
		if err != nil {
			return nil, fmt.Errorf("hunt %s over %s: %w", hunt, windows[i], err)
		}
		for k, r := range results {
			out[k] = append(out[k], r)
		}
	}
	return out, nil
}

func together(ctx context.Context, run Runner, hunt string, w soar.Window, trials []string) ([]soar.HuntResult, error) {
	results, errs := make([]soar.HuntResult, len(trials)), make([]error, len(trials))
	var all sync.WaitGroup
	for k, trial := range trials {
		all.Go(func() {
			results[k], errs[k] = run(ctx, soar.HuntInput{Hunt: hunt, Window: &w, Top: soar.MaxSenders, DryRun: true, Trial: trial})
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}

// Incomplete says which windows were not hunted completely, and why.
func Incomplete(results []soar.HuntResult) []string {
	var out []string
	for _, r := range results {
		if r.Coverage != soar.CoverageComplete {
			out = append(out, fmt.Sprintf("%s: %s: %s", r.Window, r.Coverage, r.Reason))
		}
	}
	return out
}
