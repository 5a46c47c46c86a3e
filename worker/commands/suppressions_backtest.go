package commands

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"harrier/worker/app"
	"harrier/worker/backtest"
)

func newSuppressionsBacktest(s *session) *cobra.Command {
	var f periodFlags
	cmd := &cobra.Command{
		Use:   "backtest",
		Short: "Score the rules in force against what analysts decided",
		Long: `Hunt the past days again, day by day and dry, with the rules in force, and hold
what each hides against the decisions on the senders' cases: precision is what
was approved by all that was decided. A decision counts for findings up to seven
days before it; what only a deadline decided counts for nobody's word. It also
lists automation that analysts approve by hand, and rules that hid nothing.

It exits 0, or 1 when a rule hides what an analyst escalated, or 3 when not every
day was hunted completely.`,
		Example: "  worker suppressions backtest\n  worker suppressions backtest --days 60 --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return s.backtest(cmd.Context(), f) },
	}
	f.add(cmd, 30)
	return cmd
}

func (s *session) backtest(ctx context.Context, f periodFlags) error {
	return s.onServer(func(cl client.Client, catalogue *app.Catalogue) error {
		hunt, err := catalogue.Hunt(f.hunt)
		if err != nil {
			return failed(err)
		}
		windows, err := f.windows(hunt)
		if err != nil {
			return err
		}
		results, err := backtest.Period(ctx, s.hunting(cl, hunt), hunt.ID, windows, "")
		if err != nil {
			return failed(err)
		}
		findings, err := backtest.Findings(results[0], caseViews(ctx, cl))
		if err != nil {
			return failed(err)
		}
		return s.scored(backtest.Grade(catalogue.RuleList(), findings), backtest.Incomplete(results[0]), f)
	})
}

func (s *session) scored(score backtest.Score, incomplete []string, f periodFlags) error {
	var err error
	if f.asJSON {
		err = printJSON(s.env.Stdout, struct {
			backtest.Score
			Incomplete []string `json:"incomplete,omitempty"`
		}{score, incomplete})
	} else {
		err = PrintScore(s.env.Stdout, score, f.days)
	}
	if err != nil {
		return failed(err)
	}
	for _, why := range incomplete {
		fmt.Fprintln(s.env.Stderr, "not hunted completely:", oneLine(why))
	}
	switch {
	case len(score.Wrong) > 0:
		return failed(fmt.Errorf("backtest: rules hide %s that an analyst escalated", counted(len(score.Wrong), "finding")))
	case len(incomplete) > 0:
		return exitError{ExitIncomplete, fmt.Errorf("backtest: %s not hunted completely; the score is of the rest", counted(len(incomplete), "day"))}
	}
	return nil
}

// PrintScore prints a table of rules, then what they hide wrongly, miss, and which are stale.
func PrintScore(w io.Writer, s backtest.Score, days int) error {
	fmt.Fprintf(w, "%s in %s\n\n", counted(s.Findings, "finding"), counted(days, "day"))
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "RULE\tMODE\tHIDDEN\tBENIGN\tESCALATED\tUNDECIDED\tPRECISION")
	for _, r := range s.Rules {
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%d\t%d\t%s\n", r.Rule, r.Mode, r.Hidden, r.Benign, r.Escalated, r.Undecided, precision(r.Precision))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, f := range s.Wrong {
		fmt.Fprintf(w, "WRONG: rule %s hides %q of %s, which was escalated (%s)\n", f.Outcome.Rule, f.Outcome.Sender, f.Window.From.Format(time.DateOnly), f.Outcome.CaseID)
	}
	for _, m := range s.Missed {
		fmt.Fprintf(w, "missed: %q was approved and came up on %s: %s (%s)\n", m.Sender, counted(m.Findings, "day"), oneLine(m.Why), m.CaseID)
	}
	for _, id := range s.Stale {
		fmt.Fprintf(w, "stale: rule %s hid nothing\n", id)
	}
	return nil
}

func precision(p *float64) string {
	if p == nil {
		return "not known"
	}
	return fmt.Sprintf("%.0f %%", 100**p)
}
