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
	"harrier/worker/runs"
	"harrier/workflows/soar"
)

// backfillRun bounds one run of a backfill, so that its history stays small.
const backfillRun = 30 * 24 * time.Hour

func newHuntsBackfill(s *session) *cobra.Command {
	var f huntFlags
	var again bool
	cmd := &cobra.Command{
		Use:   "backfill <hunt>",
		Short: "Hunt a past range in bounded pieces, with a progress bar",
		Long: `Hunt what is missing of a past range, in runs of at most 30 days, and each run in
pieces of the hunt's max_window. What was hunted completely is left out; with
--again it is hunted again, for example after the query changed.

It may be interrupted: the run goes on in the worker, and the same command finds
it again and goes on watching. A run that was stopped goes on at the first piece
it had not hunted. What was seen before opens no second card, a run posts at most
its hunt's number of cards, and its summary lists the rest.

It exits 3 when a piece was not hunted completely.`,
		Example: `  worker hunts backfill internal-senders --from 2026-10-01T00:00:00Z --to 2026-11-01T00:00:00Z
  worker hunts backfill internal-senders --from 2026-10-01T00:00:00Z --to 2026-11-01T00:00:00Z --again`,
		Args: takes(1),
		RunE: func(cmd *cobra.Command, args []string) error { return s.backfill(cmd.Context(), args[0], f, again) },
	}
	cmd.Flags().StringVar(&f.from, "from", "", "start of the range, as 2026-10-01T00:00:00Z (required)")
	cmd.Flags().StringVar(&f.to, "to", "", "end of the range (required)")
	cmd.Flags().BoolVar(&again, "again", false, "hunt again what was hunted completely")
	return cmd
}

func (s *session) backfill(ctx context.Context, name string, f huntFlags, again bool) error {
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
		b := backfill{cl, hunt, again, s.env.Stdout, raw(s.env.Stderr)}
		return b.runs(ctx, in.Window.Cut(backfillRun))
	})
}

// backfill fills a range of one hunt.
type backfill struct {
	client      client.Client
	hunt        soar.Hunt
	again       bool
	out, status io.Writer
}

func (b backfill) runs(ctx context.Context, spans []soar.Window) error {
	var incomplete []string
	for _, span := range spans {
		missing, err := b.missing(ctx, span)
		if err != nil {
			return failed(err)
		}
		if missing.IsZero() {
			fmt.Fprintf(b.out, "%s  complete  hunted before\n", span)
			continue
		}
		result, err := b.window(ctx, span, missing)
		if err != nil {
			return failed(err)
		}
		n := result.Totals
		fmt.Fprintf(b.out, "%s  %s  %s, %d suppressed, %d opened, %d joined\n",
			result.Window, result.Coverage, counted(n.Findings, "sender"), n.Suppressed, n.Opened, n.Joined)
		if result.Coverage != soar.CoverageComplete {
			incomplete = append(incomplete, oneLine(result.Reason))
		}
	}
	if len(incomplete) > 0 {
		return exitError{ExitIncomplete, fmt.Errorf("backfill %s: not everything was hunted: %s", b.hunt.Slug, strings.Join(incomplete, "; "))}
	}
	return nil
}

// missing is the part of a span that holds what was not hunted completely in any
// of the hunt's workspaces; zero when nothing is missing.
func (b backfill) missing(ctx context.Context, span soar.Window) (soar.Window, error) {
	if b.again {
		return span, nil
	}
	var states []soar.CoverageState
	for _, workspace := range b.hunt.Settings.WorkspaceNames() {
		state, err := runs.Reader{Client: b.client}.Coverage(ctx, b.hunt.Slug, workspace)
		if err != nil {
			return soar.Window{}, err
		}
		states = append(states, state)
	}
	return MissingOf(span, states...), nil
}

// MissingOf is the shortest window that holds what is missing of a span in any of
// the coverages; zero when nothing is.
func MissingOf(span soar.Window, states ...soar.CoverageState) soar.Window {
	var hull soar.Window
	for _, s := range states {
		for _, w := range s.Missing(span) {
			hull = hull.Hull(w)
		}
	}
	return hull
}

// window starts the run of a span's missing part, or finds the one of the span that
// is under way, and watches it to its end. The run's id is the span's, so that
// nothing is hunted twice at once.
func (b backfill) window(ctx context.Context, span, missing soar.Window) (soar.HuntResult, error) {
	const stamp = "20060102T150405Z"
	id := fmt.Sprintf("%s-backfill-%s-%s", soar.ScheduleID(b.hunt.Slug), span.From.Format(stamp), span.To.Format(stamp))
	run, err := b.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: soar.TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, soar.HuntWorkflow, soar.HuntInput{Hunt: b.hunt.ID, Window: &missing})
	if err != nil {
		return soar.HuntResult{}, fmt.Errorf("start backfill %s: %w", id, err)
	}
	watched, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); watchBackfill(watched, b.client, run, missing, b.status) }()
	var result soar.HuntResult
	err = run.Get(ctx, &result)
	stop()
	<-ended
	if err != nil {
		fmt.Fprintln(b.status)
		return result, fmt.Errorf("backfill %s: %w; run the command again to go on", id, err)
	}
	fmt.Fprintf(b.status, "\r%s\n", ProgressBar(result.Window, Ended(result)))
	return result, nil
}

// Ended is the progress of a run that has ended with a result.
func Ended(r soar.HuntResult) soar.Progress {
	p := soar.Progress{Window: r.Window, Done: r.Pieces, Hunted: soar.Duration(r.Window.Length()), Senders: r.Totals.Findings, Step: "ended"}
	if len(p.Done) == 0 { // a result names the pieces of a window that was cut
		p.Done = []soar.Piece{{Window: r.Window, Coverage: r.Coverage}}
	}
	return p
}

func watchBackfill(ctx context.Context, cl client.Client, run client.WorkflowRun, w soar.Window, out io.Writer) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var p soar.Progress
		value, err := cl.QueryWorkflow(ctx, run.GetID(), run.GetRunID(), soar.ProgressQuery)
		if err == nil && value.Get(&p) == nil {
			if !p.Window.IsZero() {
				w = p.Window // a run that was found may have begun elsewhere
			}
			fmt.Fprintf(out, "\r%s", ProgressBar(w, p))
		}
	}
}

// ProgressBar is one line: how much of a window is hunted, and what is being done.
func ProgressBar(w soar.Window, p soar.Progress) string {
	const cells = 30
	share := 1.0
	if w.Length() > 0 {
		share = min(1, float64(p.Hunted)/float64(w.Length()))
	}
	full := min(cells, int(share*cells))
	return fmt.Sprintf("[%s%s] %3.0f %%  %s done, %d left, %s, %-10s",
		strings.Repeat("█", full), strings.Repeat("·", cells-full), share*100, counted(len(p.Done), "piece"), p.Left, counted(p.Senders, "sender"), p.Step)
}
