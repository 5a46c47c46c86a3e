package commands

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"harrier/activities/suppressions"
	"harrier/worker/app"
	"harrier/worker/backtest"
	"harrier/worker/runs"
	"harrier/workflows/soar"
)

// Bounds of what a list counts.
const (
	hitDays = 30
	// maxListedRuns bounds the results that are read: a hunt every 15 minutes makes 2,900 in 30 days.
	maxListedRuns = 5000
)

func newSuppressionsList(s *session) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List rules and learned entries with what they hid in the last 30 days",
		Long: `List every rule of the files, and what was learned from approvals, each with its
state, the findings it hid in the last 30 days (in shadow mode: would have
hidden), those that fitted and that a guard held, the last hit, owner and expiry.
Hits are read from the results of hunts that Temporal keeps.`,
		Example: "  worker suppressions list\n  worker suppressions list --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return s.listSuppressions(cmd.Context(), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the list as JSON")
	return cmd
}

func (s *session) listSuppressions(ctx context.Context, asJSON bool) error {
	return s.onServer(func(cl client.Client, catalogue *app.Catalogue) error {
		now := time.Now().UTC()
		lines := backtest.Rules(catalogue.RuleList(), refused(catalogue), now)
		learned, err := runs.Reader{Client: cl}.Cases(ctx, soar.CaseRemembered)
		if err != nil {
			return failed(err)
		}
		for _, c := range learned {
			lines = append(lines, backtest.Standing{
				Name: backtest.LearnedPrefix + c.Ref, Owner: c.By, State: "learned", Why: fmt.Sprintf("%q", c.Sender), Expires: c.Until,
			})
		}
		results, cut, err := resultsSince(ctx, cl, now.AddDate(0, 0, -hitDays))
		if err != nil {
			return failed(err)
		}
		backtest.Count(lines, results)
		if cut {
			fmt.Fprintf(s.env.Stderr, "note: only the newest %d runs are counted\n", maxListedRuns)
		}
		if asJSON {
			return failed(printJSON(s.env.Stdout, lines))
		}
		return failed(PrintStandings(s.env.Stdout, lines))
	})
}

// refused says of each rule why it does not compile.
func refused(c *app.Catalogue) map[string]string {
	out := map[string]string{}
	for _, r := range c.RuleList() {
		if _, err := suppressions.Compile([]soar.Rule{r}, c.Tenant()); err != nil {
			out[r.ID] = strings.ReplaceAll(err.Error(), "\n", "; ")
		}
	}
	return out
}

// resultsSince reads the results of hunts that ended after a time; cut says that there
// are more than are read.
func resultsSince(ctx context.Context, cl client.Client, since time.Time) (out []soar.HuntResult, cut bool, err error) {
	request := &workflowservice.ListWorkflowExecutionsRequest{PageSize: 500, Query: fmt.Sprintf(
		"WorkflowType = '%s' AND ExecutionStatus = 'Completed' AND CloseTime >= '%s'", soar.HuntWorkflow, since.Format(time.RFC3339))}
	for {
		page, err := cl.ListWorkflow(ctx, request)
		if err != nil {
			return nil, false, fmt.Errorf("list hunts: %w", err)
		}
		for _, info := range page.GetExecutions() {
			if len(out) == maxListedRuns {
				return out, true, nil
			}
			run := info.GetExecution()
			var result soar.HuntResult
			if err := cl.GetWorkflow(ctx, run.GetWorkflowId(), run.GetRunId()).Get(ctx, &result); err != nil {
				return nil, false, fmt.Errorf("read the result of %s: %w", run.GetWorkflowId(), err)
			}
			out = append(out, result)
		}
		if len(page.GetNextPageToken()) == 0 {
			return out, false, nil
		}
		request.NextPageToken = page.GetNextPageToken()
	}
}

// PrintStandings prints a line a rule or entry.
func PrintStandings(w io.Writer, lines []backtest.Standing) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tSTATE\tHITS\tHELD\tLAST HIT\tOWNER\tEXPIRES\tWHY")
	for _, l := range lines {
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\n", l.Name, l.State, l.Hits, l.Held, dayOf(l.Last), oneLine(l.Owner), dayOf(l.Expires), oneLine(l.Why))
	}
	return t.Flush()
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.DateOnly)
}
