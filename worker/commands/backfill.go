package commands

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"harrier/worker/app"
	"harrier/workflows/soar"
)

// backfillRun bounds one run of a backfill, so that its history stays small.
const backfillRun = 30 * 24 * time.Hour

func newHuntsBackfill(s *session) *cobra.Command {
	var f huntFlags
	cmd := &cobra.Command{
		Use:   "backfill <hunt>",
		Short: "Hunt a past range in bounded pieces, with a progress bar",
		Long: `Hunt a past range, piece by piece. It may be interrupted: the runs go on in the
worker, and the same command finds them again and goes on watching. What was
seen before opens no second card. It exits 3 when a piece was not hunted
completely.`,
		Example: "  worker hunts backfill internal-senders --from 2026-10-01T00:00:00Z --to 2026-11-01T00:00:00Z",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return s.backfill(cmd.Context(), args[0], f) },
	}
	cmd.Flags().StringVar(&f.from, "from", "", "start of the range, as 2026-10-01T00:00:00Z (required)")
	cmd.Flags().StringVar(&f.to, "to", "", "end of the range (required)")
	return cmd
}

func (s *session) backfill(ctx context.Context, name string, f huntFlags) error {
	in, err := f.input(name)
	if err != nil {
		return err
	}
	if in.Window == nil {
		return fmt.Errorf("backfill %s: give --from and --to", name)
	}
	return s.onServer(func(cl client.Client, catalogue *app.Catalogue) error {
		hunt, err := catalogue.Hunt(name)
		if err != nil {
			return failed(err)
		}
		return s.backfillRuns(ctx, cl, hunt, in.Window.Cut(backfillRun))
	})
}

func (s *session) backfillRuns(ctx context.Context, cl client.Client, hunt soar.Hunt, windows []soar.Window) error {
	var incomplete []string
	for _, w := range windows {
		result, err := backfillWindow(ctx, cl, hunt, w, s.env.Stderr)
		if err != nil {
			return failed(err)
		}
		n := result.Totals
		fmt.Fprintf(s.env.Stdout, "%s  %s  %d senders, %d suppressed, %d opened, %d joined\n",
			w, result.Coverage, n.Findings, n.Suppressed, n.Opened, n.Joined)
		if result.Coverage != soar.CoverageComplete {
			incomplete = append(incomplete, result.Reason)
		}
	}
	if len(incomplete) > 0 {
		return exitError{ExitIncomplete, fmt.Errorf("backfill %s: not everything was hunted: %s", hunt.Slug, strings.Join(incomplete, "; "))}
	}
	return nil
}

// backfillWindow starts the run of a window, or finds the one that was started
// before, and watches it to its end.
func backfillWindow(ctx context.Context, cl client.Client, hunt soar.Hunt, w soar.Window, progress io.Writer) (soar.HuntResult, error) {
	const stamp = "20060102T150405Z"
	id := fmt.Sprintf("%s-backfill-%s-%s", soar.ScheduleID(hunt.Slug), w.From.Format(stamp), w.To.Format(stamp))
	run, err := cl.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: soar.TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, soar.HuntWorkflow, soar.HuntInput{Hunt: hunt.ID, Window: &w})
	if err != nil {
		return soar.HuntResult{}, fmt.Errorf("start backfill %s: %w", id, err)
	}
	watched, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); watchBackfill(watched, cl, run, w, progress) }()
	var result soar.HuntResult
	err = run.Get(ctx, &result)
	stop()
	<-ended
	if err != nil {
		return result, fmt.Errorf("backfill %s: %w; run the command again to go on", id, err)
	}
	return result, nil
}

func watchBackfill(ctx context.Context, cl client.Client, run client.WorkflowRun, w soar.Window, out io.Writer) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			fmt.Fprintf(out, "\r%s\n", ProgressBar(w, soar.Progress{Hunted: soar.Duration(w.Length()), Step: "ended"}))
			return
		case <-tick.C:
		}
		var p soar.Progress
		value, err := cl.QueryWorkflow(ctx, run.GetID(), run.GetRunID(), soar.ProgressQuery)
		if err == nil && value.Get(&p) == nil {
			fmt.Fprintf(out, "\r%s", ProgressBar(w, p))
		}
	}
}

// ProgressBar is one line: how much of a window is hunted, and what is being done.
func ProgressBar(w soar.Window, p soar.Progress) string {
	const cells = 30
	share := float64(p.Hunted) / float64(w.Length())
	full := min(cells, int(share*cells))
	return fmt.Sprintf("[%s%s] %3.0f %%  %d pieces done, %d left, %d senders, %-10s",
		strings.Repeat("█", full), strings.Repeat("·", cells-full), share*100, len(p.Done), p.Left, p.Senders, p.Step)
}
