package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"harrier/worker/app"
	"harrier/worker/runs"
	"harrier/worker/schedules"
	"harrier/workflows/soar"
)

// pauseWait is how long a worker may take to pause or resume a schedule.
const pauseWait = 30 * time.Second

type pauseFlags struct {
	until   string
	forSpan string
	reason  string
	as      string
}

func newHuntsPause(s *session) *cobra.Command {
	var f pauseFlags
	cmd := &cobra.Command{
		Use:   "pause <hunt>",
		Short: "Pause a hunt's schedule, with or without an end",
		Long: `Pause a hunt's schedule until a time, for a while, or until it is resumed. At its
end the schedule resumes by itself and the operations channel is told; the next
run hunts what was left out. A schedule that is paused already is left alone, and
"worker schedules apply" undoes no pause.

It exits 1 when the hunt has no schedule, is paused already, or when no worker
paused it within 30 seconds.`,
		Example: `  worker hunts pause internal-senders --for 2h --reason "connector is being changed"
  worker hunts pause internal-senders --until 2026-11-25T18:00:00Z
  worker hunts pause internal-senders`,
		Args: takes(1),
		RunE: func(cmd *cobra.Command, args []string) error { return s.pauseHunt(cmd.Context(), args[0], f) },
	}
	cmd.Flags().StringVar(&f.until, "until", "", "when it resumes by itself, as 2026-11-25T18:00:00Z")
	cmd.Flags().StringVar(&f.forSpan, "for", "", "after how long it resumes by itself, as 90m, 2h or 3d")
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, for the record")
	cmd.Flags().StringVar(&f.as, "as", "", "who pauses it, as a Slack user id; the operating system's user when left out")
	return cmd
}

func newHuntsResume(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "resume <hunt>",
		Short: "Resume a hunt that was paused through Harrier",
		Long: `End a pause that was set with "worker hunts pause" or in Slack. A pause of the
hunt's settings, or one that an operator set in Temporal, is left alone: it exits
1 and says whose pause it is.`,
		Example: "  worker hunts resume internal-senders",
		Args:    takes(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.onPaused(cmd.Context(), args[0], func(ctx context.Context, p schedules.Pauses, h soar.Hunt) error {
				return p.Resume(ctx, h.Slug)
			})
		},
	}
}

func (s *session) pauseHunt(ctx context.Context, name string, f pauseFlags) error {
	until, err := f.end(time.Now())
	if err := errors.Join(err, checkReason(f.reason)); err != nil {
		return err
	}
	if f.as != "" && !slackUser.MatchString(f.as) {
		return notAUser(f.as)
	}
	cfg, _, err := s.open()
	if err != nil {
		return err
	}
	by := soar.Actor{ID: f.as}
	if f.as == "" {
		by = soar.Actor{Name: osUser(s.env.Getenv)}
	}
	return s.onPaused(ctx, name, func(ctx context.Context, p schedules.Pauses, h soar.Hunt) error {
		return p.Pause(ctx, soar.PauseInput{Slug: h.Slug, Until: until, By: by, Reason: f.reason, Channel: cfg.Slack.Channels.Operations})
	})
}

// end is when a pause ends; zero is when it is resumed.
func (f pauseFlags) end(now time.Time) (time.Time, error) {
	switch {
	case f.until != "" && f.forSpan != "":
		return time.Time{}, fmt.Errorf("--until and --for are both given; give one of them")
	case f.forSpan != "":
		var span soar.Duration
		if err := span.UnmarshalText([]byte(f.forSpan)); err != nil || span <= 0 {
			return time.Time{}, fmt.Errorf("--for is %q; write it as 90m, 2h or 3d", f.forSpan)
		}
		return now.Add(span.Std()).UTC().Truncate(time.Second), nil
	case f.until == "":
		return time.Time{}, nil
	}
	until, err := time.Parse(time.RFC3339, f.until)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("--until is %q; write it as 2026-11-25T18:00:00Z", f.until)
	case !until.After(now):
		return time.Time{}, fmt.Errorf("--until is %s, which is past; give a time to come", f.until)
	}
	return until.UTC().Truncate(time.Second), nil
}

// osUser names who works at this machine.
func osUser(getenv func(string) string) string {
	for _, name := range []string{"SUDO_USER", "USER", "USERNAME", "LOGNAME"} {
		if user := getenv(name); user != "" {
			return user
		}
	}
	return "the command line"
}

// onPaused changes a hunt's pause and prints how the hunt stands then.
func (s *session) onPaused(ctx context.Context, name string, do func(context.Context, schedules.Pauses, soar.Hunt) error) error {
	return s.onServer(func(cl client.Client, catalogue *app.Catalogue) error {
		hunt, err := catalogue.Hunt(name)
		if err != nil {
			return failed(err)
		}
		ctx, cancel := context.WithTimeout(ctx, pauseWait)
		defer cancel()
		p := schedules.Pauses{Client: cl}
		if err := do(ctx, p, hunt); err != nil {
			return failed(err)
		}
		state, err := p.State(ctx, hunt.Slug)
		if err != nil {
			return failed(err)
		}
		fmt.Fprintf(s.env.Stdout, "%s: %s%s\n", hunt.Slug, oneLine(state.String()), nextRun(state))
		return nil
	})
}

func nextRun(s schedules.PauseState) string {
	if s.Next.IsZero() {
		return ""
	}
	return ", next at " + s.Next.Format(time.RFC3339)
}

func newHuntsStatus(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "status [hunt…]",
		Short: "Show each hunt's last run, coverage, gaps, next run and pause",
		Long: `Show how each hunt stands: its last run that was no dry run, until when it was
hunted completely, how many gaps there are before that, when it runs next, and
whose pause keeps it from running. It exits 0 whatever it shows; "worker hunts
coverage" lists the gaps and exits 3 when there is one.`,
		Example: "  worker hunts status\n  worker hunts status internal-senders",
		RunE:    func(cmd *cobra.Command, args []string) error { return s.huntStatus(cmd.Context(), args) },
	}
}

func (s *session) huntStatus(ctx context.Context, names []string) error {
	return s.onServer(func(cl client.Client, catalogue *app.Catalogue) error {
		hunts, err := chosen(catalogue, names)
		if err != nil {
			return failed(err)
		}
		var all []runs.Status
		for _, h := range hunts {
			status, err := runs.Reader{Client: cl}.Status(ctx, h)
			if err != nil {
				return failed(err)
			}
			all = append(all, status)
		}
		return failed(PrintStatus(s.env.Stdout, all))
	})
}

// PrintStatus prints a line a hunt, or a workspace of a hunt that has several.
func PrintStatus(w io.Writer, all []runs.Status) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "HUNT\tSCHEDULE\tLAST RUN\tHUNTED UNTIL\tGAPS\tNEXT RUN\tPAUSED")
	for _, s := range all {
		for i, r := range s.Reached {
			line := []string{"", "", "", "", ""}
			if i == 0 {
				line = []string{s.Schedule, s.Newest.String(), orDash(s.Pause.Next), paused(s.Pause)}
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n",
				soar.CoverageSlug(s.Slug, r.Workspace), line[0], line[1], orNever(r.Until), len(r.Gaps), line[2], line[3])
		}
	}
	return t.Flush()
}

func paused(s schedules.PauseState) string {
	if !s.Paused() {
		return "no"
	}
	return oneLine(s.String())
}

func orDash(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.Format(time.RFC3339)
}

func orNever(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return at.Format(time.RFC3339)
}
