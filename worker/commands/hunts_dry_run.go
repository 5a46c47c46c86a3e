package commands

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"go.temporal.io/sdk/client"

	"harrier/worker/runs"
	"harrier/workflows/soar"
)

// reportDryRun prints what a run would have done, and how it differs from the last one.
func (s *session) reportDryRun(ctx context.Context, cl client.Client, hunt soar.Hunt, r soar.HuntResult) error {
	if err := PrintDryRun(s.env.Stdout, r, hunt.Settings.Cards); err != nil {
		return failed(err)
	}
	last, ok, err := runs.Reader{Client: cl}.Last(ctx, hunt.Slug)
	switch {
	case err != nil:
		return failed(err)
	case !ok:
		fmt.Fprintln(s.env.Stdout, "no earlier run to compare with")
	default:
		fmt.Fprint(s.env.Stdout, soar.Compare(last.Result, r))
	}
	return incomplete(r)
}

// PrintDryRun prints what a run would have posted, listed and hidden; at most cards
// findings get a card of their own.
func PrintDryRun(w io.Writer, r soar.HuntResult, cards int) error {
	fmt.Fprintf(w, "%s  %s  %s  dry run: nothing was posted\n", r.Slug, r.Window, r.Coverage)
	printRemarks(w, r)
	var posted, listed, hidden, below []soar.SenderOutcome
	for _, o := range r.Senders {
		switch {
		case o.Verdict == soar.VerdictSuppressed:
			hidden = append(hidden, o)
		case o.Verdict == soar.VerdictBelowCut:
			below = append(below, o)
		case len(posted) < cards:
			posted = append(posted, o)
		default:
			listed = append(listed, o)
		}
	}
	for _, part := range []struct {
		title    string
		outcomes []soar.SenderOutcome
	}{{"would get a card", posted}, {"would be listed in the summary", listed}, {"would be hidden", hidden}, {"below the cut, not judged", below}} {
		if err := printOutcomes(w, part.title, part.outcomes); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	return nil
}

func printOutcomes(w io.Writer, title string, outcomes []soar.SenderOutcome) error {
	fmt.Fprintf(w, "\n%d %s\n", len(outcomes), title)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, o := range outcomes {
		fmt.Fprintf(t, "  %d\t%q\t%s\t%s\t%s\t%s\n", o.Rank, o.Sender, o.Scope, mails(o.Counts), o.Label(), oneLine(o.Reason))
	}
	return t.Flush()
}
