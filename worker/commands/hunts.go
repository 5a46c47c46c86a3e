package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"harrier/worker/app"
	"harrier/workflows/soar"
)

func newHunts(s *session) *cobra.Command {
	cmd := group("hunts", "List hunts, look for mistakes in them, and run them")
	cmd.AddCommand(newHuntsList(s), newHuntsLint(s), newHuntsRun(s), newHuntsStatus(s), newHuntsPause(s), newHuntsResume(s),
		newHuntsCoverage(s), newHuntsBackfill(s))
	return cmd
}

func newHuntsList(s *session) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the hunts in force",
		Example: "  worker hunts list",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, log, err := s.open()
			if err != nil {
				return err
			}
			catalogue, err := app.OpenCatalogue(cfg, log)
			if err != nil {
				return failed(err)
			}
			return failed(printHunts(s.env.Stdout, catalogue.Hunts()))
		},
	}
}

func printHunts(w io.Writer, hunts []soar.Hunt) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "SLUG\tID\tSCHEDULE\tNAME")
	for _, h := range hunts {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", h.Slug, h.ID, h.Settings.Schedule, oneLine(h.Name))
	}
	return t.Flush()
}

type huntFlags struct {
	from, to string
	top      int
	dryRun   bool
	asJSON   bool
}

func newHuntsRun(s *session) *cobra.Command {
	var f huntFlags
	cmd := &cobra.Command{
		Use:   "run <hunt>",
		Short: "Run a hunt now and wait for its result",
		Long: `Run a hunt now, by id, id prefix or slug. Without --from and --to it hunts what
is not covered yet. Its steps are printed while it runs.

With --dry-run it opens no case, posts nothing and covers nothing. It prints what
would get a card, what the summary would list, what would be hidden and by what,
and the difference from the last run that counted. A sender whose case is open
joins it instead of getting a card.

It exits 0 when the window was hunted completely, 3 when it was hunted in part or
not at all, 1 when the hunt could not be started.`,
		Example: `  worker hunts run internal-senders
  worker hunts run 2adae71b --from 2026-11-17T00:00:00Z --to 2026-11-24T00:00:00Z
  worker hunts run internal-senders --dry-run
  worker hunts run internal-senders --dry-run --json`,
		Args: takes(1),
		RunE: func(cmd *cobra.Command, args []string) error { return s.runHunt(cmd.Context(), args[0], f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", "start of the window, as 2026-11-24T06:00:00Z")
	flags.StringVar(&f.to, "to", "", "end of the window")
	flags.IntVar(&f.top, "top", 0, "stop after so many unsuppressed findings; such a run does not count as coverage")
	flags.BoolVar(&f.dryRun, "dry-run", false, "judge and report; open no case, post nothing")
	flags.BoolVar(&f.asJSON, "json", false, "print the result as JSON")
	return cmd
}

func (f huntFlags) input(hunt string) (soar.HuntInput, error) {
	in := soar.HuntInput{Hunt: hunt, Top: f.top, DryRun: f.dryRun}
	if f.from == "" && f.to == "" {
		return in, in.Validate()
	}
	from, err := time.Parse(time.RFC3339, f.from)
	if err != nil {
		return in, fmt.Errorf("--from is %q; write it as 2026-11-24T06:00:00Z", f.from)
	}
	to, err := time.Parse(time.RFC3339, f.to)
	if err != nil {
		return in, fmt.Errorf("--to is %q; write it as 2026-11-24T06:00:00Z", f.to)
	}
	w := soar.NewWindow(from, to)
	in.Window = &w
	return in, in.Validate()
}

func (s *session) runHunt(ctx context.Context, name string, f huntFlags) error {
	in, err := f.input(name)
	if err != nil {
		return err
	}
	return s.onServer(func(cl client.Client, catalogue *app.Catalogue) error {
		hunt, err := catalogue.Hunt(name)
		if err != nil {
			return failed(err)
		}
		result, err := startHunt(ctx, cl, hunt, in, s.env.Stderr)
		if err != nil {
			return failed(err)
		}
		if f.dryRun && !f.asJSON {
			return s.reportDryRun(ctx, cl, hunt, result)
		}
		return s.report(result, f.asJSON)
	})
}

func startHunt(ctx context.Context, cl client.Client, hunt soar.Hunt, in soar.HuntInput, progress io.Writer) (soar.HuntResult, error) {
	id := soar.ScheduleID(hunt.Slug) + "-by-hand-" + time.Now().UTC().Format("20060102T150405.000")
	run, err := cl.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: soar.TaskQueue}, soar.HuntWorkflow, in)
	if err != nil {
		return soar.HuntResult{}, fmt.Errorf("start hunt %s: %w", hunt.Slug, err)
	}
	fmt.Fprintf(progress, "hunt %s started as %s\n", hunt.Slug, id)
	watched, stop := context.WithCancel(ctx)
	defer stop()
	go watch(watched, cl, id, progress)
	var result soar.HuntResult
	if err := run.Get(ctx, &result); err != nil {
		return result, fmt.Errorf("hunt %s: %w", hunt.Slug, err)
	}
	return result, nil
}

// watch prints the step a hunt is at, whenever it changes.
func watch(ctx context.Context, cl client.Client, id string, w io.Writer) {
	began, last := time.Now(), ""
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		described, err := cl.DescribeWorkflowExecution(ctx, id, "")
		if err != nil || len(described.GetPendingActivities()) == 0 {
			continue
		}
		p := described.GetPendingActivities()[0]
		step := p.GetActivityType().GetName()
		if p.GetAttempt() > 1 {
			step = fmt.Sprintf("%s, attempt %d: %s", step, p.GetAttempt(), oneLine(p.GetLastFailure().GetMessage()))
		}
		if step != last {
			last = step
			fmt.Fprintf(w, "%6.1fs  %s\n", time.Since(began).Seconds(), step)
		}
	}
}

func (s *session) report(r soar.HuntResult, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(s.env.Stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(r); err != nil {
			return failed(err)
		}
	} else if err := printResult(s.env.Stdout, r); err != nil {
		return failed(err)
	}
	return incomplete(r)
}

// incomplete is the exit of a run that did not hunt its whole window.
func incomplete(r soar.HuntResult) error {
	if r.Coverage != soar.CoverageComplete {
		return exitError{ExitIncomplete, fmt.Errorf("hunt %s over %s: %s: %s", r.Slug, r.Window, r.Coverage, oneLine(r.Reason))}
	}
	return nil
}

func printResult(w io.Writer, r soar.HuntResult) error {
	fmt.Fprintf(w, "%s  %s  %s\n", r.Slug, r.Window, r.Coverage)
	printRemarks(w, r)
	n := r.Totals
	fmt.Fprintf(w, "%s: %d suppressed, %d to triage (%d opened, %d joined), %d below the cut\n\n",
		counted(n.Findings, "sender"), n.Suppressed, n.Triage, n.Opened, n.Joined, n.BelowCut)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "RANK\tSENDER\tSCOPE\tPHISH\tSPAM\tVERDICT\tWHY\tCASE")
	for _, o := range r.Senders {
		verdict := string(o.Verdict)
		if o.Severity != "" {
			verdict = string(o.Severity)
		}
		fmt.Fprintf(t, "%d\t%q\t%s\t%d\t%d\t%s\t%s\t%s\n", o.Rank, o.Sender, o.Scope, o.Counts.Phish, o.Counts.Spam, verdict, oneLine(o.Reason), o.Case)
	}
	return t.Flush()
}

// printRemarks says what a reader has to know of a run beside what it found.
func printRemarks(w io.Writer, r soar.HuntResult) {
	if r.Reason != "" {
		fmt.Fprintln(w, oneLine(r.Reason))
	}
	for _, note := range r.Notes {
		fmt.Fprintln(w, "note:", oneLine(note))
	}
	for _, ws := range r.Workspaces {
		fmt.Fprintf(w, "workspace %s  %s  %s  %s\n", ws.Workspace, ws.Window, ws.Coverage, oneLine(ws.Reason))
	}
}
