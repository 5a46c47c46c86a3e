package commands

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"harrier/worker/app"
	"harrier/worker/runs"
	"harrier/workflows/soar"
)

// The bar shows this many days, so many cells each.
const (
	barDays     = 30
	cellsPerDay = 2
)

func newHuntsCoverage(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "coverage [hunt…]",
		Short: "Draw what was hunted in the last 30 days and list the gaps",
		Long: `Draw a bar of the last 30 days for each hunt, two cells a day, and list the
gaps between what was hunted. A hunt of several workspaces has a bar for each. It
exits 3 when there is a gap.`,
		Example: "  worker hunts coverage\n  worker hunts coverage internal-senders",
		RunE:    func(cmd *cobra.Command, args []string) error { return s.coverage(cmd.Context(), args) },
	}
}

func (s *session) coverage(ctx context.Context, names []string) error {
	return s.onServer(func(cl client.Client, catalogue *app.Catalogue) error {
		hunts, err := chosen(catalogue, names)
		if err != nil {
			return failed(err)
		}
		gaps := 0
		for _, h := range hunts {
			for _, workspace := range h.Settings.WorkspaceNames() {
				state, err := runs.Reader{Client: cl}.Coverage(ctx, h.Slug, workspace)
				if err != nil {
					return failed(err)
				}
				gaps += printCoverage(s.env.Stdout, soar.CoverageSlug(h.Slug, workspace), state, time.Now().UTC())
			}
		}
		if gaps > 0 {
			return exitError{ExitIncomplete, fmt.Errorf("%s; fill one with: worker hunts backfill <hunt> --from … --to …", counted(gaps, "gap"))}
		}
		return nil
	})
}

func chosen(c *app.Catalogue, names []string) ([]soar.Hunt, error) {
	if len(names) == 0 {
		return c.Hunts(), nil
	}
	var out []soar.Hunt
	for _, name := range names {
		h, err := c.Hunt(name)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

// printCoverage returns the number of gaps.
func printCoverage(w io.Writer, slug string, state soar.CoverageState, now time.Time) int {
	from := now.Truncate(24*time.Hour).AddDate(0, 0, 1-barDays)
	fmt.Fprintf(w, "%s\n  %s  %s  %s\n", slug, from.Format(time.DateOnly), CoverageBar(state, from), now.Format(time.DateOnly))
	if len(state.Intervals) == 0 {
		fmt.Fprintln(w, "  never hunted")
		return 0
	}
	gaps := Gaps(state)
	for _, g := range gaps {
		fmt.Fprintf(w, "  gap      %s  %s\n", g.Window, orNone(oneLine(g.Reason), "not hunted"))
	}
	fmt.Fprintf(w, "  %s complete   %s in part   %s not run   %s nothing known\n", cellComplete, cellPartial, cellNotRun, cellUnknown)
	return len(gaps)
}

func orNone(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// Cells of the bar.
const (
	cellComplete = "█"
	cellPartial  = "▓"
	cellNotRun   = "░"
	cellUnknown  = "·"
)

// CoverageBar draws 30 days from the given one. A cell shows the worst of what
// is known of its half day, so that no gap hides in a full one.
func CoverageBar(state soar.CoverageState, from time.Time) string {
	var b strings.Builder
	length := 24 * time.Hour / cellsPerDay
	for i := range barDays * cellsPerDay {
		start := from.Add(time.Duration(i) * length)
		b.WriteString(cell(state, soar.NewWindow(start, start.Add(length))))
	}
	return b.String()
}

func cell(state soar.CoverageState, w soar.Window) string {
	order := map[soar.CoverageStatus]int{soar.CoverageComplete: 1, soar.CoveragePartial: 2, soar.CoverageNotRun: 3}
	signs := []string{cellUnknown, cellComplete, cellPartial, cellNotRun}
	worst := 0
	for _, c := range state.Intervals {
		if c.Window.From.Before(w.To) && w.From.Before(c.Window.To) {
			worst = max(worst, order[c.Status])
		}
	}
	// Half a day of which a part was never hunted, between parts that were, is not complete.
	if worst == 1 {
		for _, g := range Gaps(state) {
			if g.Window.From.Before(w.To) && w.From.Before(g.Window.To) {
				return cellNotRun
			}
		}
	}
	return signs[worst]
}

// Gaps are the spans inside the known coverage that were not hunted completely,
// oldest first.
func Gaps(state soar.CoverageState) []soar.Cover {
	var out []soar.Cover
	var end time.Time
	for _, c := range state.Intervals {
		if !end.IsZero() && c.Window.From.After(end) {
			out = append(out, soar.Cover{Window: soar.NewWindow(end, c.Window.From), Status: soar.CoverageNotRun})
		}
		if c.Status != soar.CoverageComplete {
			out = append(out, c)
		}
		end = c.Window.To
	}
	return out
}
