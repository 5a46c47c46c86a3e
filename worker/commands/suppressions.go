package commands

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"harrier/config"
	"harrier/worker/backtest"
	"harrier/worker/ruletest"
	"harrier/workflows/soar"
)

func newSuppressions(s *session) *cobra.Command {
	cmd := group("suppressions", "Test, preview, score and list what hides findings")
	cmd.AddCommand(newSuppressionsTest(s), newSuppressionsPreview(s), newSuppressionsBacktest(s), newSuppressionsList(s))
	return cmd
}

func newSuppressionsTest(s *session) *cobra.Command {
	var verbose bool
	cmd := &cobra.Command{
		Use:   "test [folder]",
		Short: "Run the tests that stand beside the rules",
		Long: `Run the *.test.yaml files of a folder of suppressions, the configured one without
an argument, under its tenant.test.yaml. What fails is printed with file and
line, what was expected, what came, and the trace that explains it. Nothing
leaves this machine. It exits 1 when a test fails.`,
		Example: "  worker suppressions test\n  worker suppressions test -verbose config/suppressions",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return s.testRules(args, verbose) },
	}
	cmd.Flags().BoolVar(&verbose, "verbose", false, "print the tests that pass too")
	return cmd
}

func (s *session) testRules(args []string, verbose bool) error {
	dir := ""
	if len(args) > 0 {
		dir = args[0]
	} else {
		files, err := config.LoadFiles(s.configFile, s.env.Getenv)
		if err != nil {
			return failed(err)
		}
		dir = files.Suppressions
	}
	suite, err := ruletest.Load(dir)
	if err != nil {
		return failed(err)
	}
	results, err := suite.Run()
	if err != nil {
		return failed(err)
	}
	bad := ruletest.Print(s.env.Stdout, results, verbose)
	for _, missing := range suite.Missing() {
		fmt.Fprintln(s.env.Stdout, "note:", missing)
	}
	if bad > 0 {
		return failed(fmt.Errorf("test suppressions: %d of %d tests failed", bad, len(results)))
	}
	return nil
}

// periodFlags say which hunt's past is looked at, and how much of it.
type periodFlags struct {
	days   int
	hunt   string
	asJSON bool
}

func (f *periodFlags) add(cmd *cobra.Command, days int) {
	cmd.Flags().IntVar(&f.days, "days", days, "how many days back, one run a day")
	cmd.Flags().StringVar(&f.hunt, "hunt", "internal-senders", "the hunt whose findings are looked at")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print the result as JSON")
}

// windows are the days of a period that rows have settled for.
func (f periodFlags) windows(hunt soar.Hunt) ([]soar.Window, error) {
	return backtest.Days(time.Now().UTC().Add(-hunt.Settings.Lag.Std()).Truncate(time.Second), f.days)
}

// hunting runs dry hunts and says how far they are.
func (s *session) hunting(cl client.Client, hunt soar.Hunt) backtest.Runner {
	return func(ctx context.Context, in soar.HuntInput) (soar.HuntResult, error) {
		what := "as it is"
		if in.Trial != "" {
			what = "with the rules on trial"
		}
		id := fmt.Sprintf("%s-preview-%s-%x", soar.ScheduleID(hunt.Slug), time.Now().UTC().Format("20060102T150405.000"), len(in.Trial))
		var result soar.HuntResult
		run, err := cl.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: soar.TaskQueue}, soar.HuntWorkflow, in)
		if err != nil {
			return result, err
		}
		if err := run.Get(ctx, &result); err != nil {
			return result, err
		}
		fmt.Fprintf(s.env.Stderr, "%s  %s: %s, %s\n", in.Window, what, result.Coverage, counted(len(result.Senders), "sender"))
		return result, nil
	}
}

// caseViews asks for senders' cases, each once. A sender that never had a case is no error.
func caseViews(ctx context.Context, cl client.Client) func(id string) (soar.CaseView, bool, error) {
	type answer struct {
		view soar.CaseView
		ok   bool
	}
	asked := map[string]answer{}
	return func(id string) (soar.CaseView, bool, error) {
		if a, ok := asked[id]; ok || id == "" {
			return a.view, a.ok, nil
		}
		var a answer
		value, err := cl.QueryWorkflow(ctx, id, "", soar.CaseQuery)
		if _, none := errors.AsType[*serviceerror.NotFound](err); none {
			asked[id] = a
			return a.view, false, nil
		}
		if err == nil {
			err = value.Get(&a.view)
		}
		if err != nil {
			return a.view, false, fmt.Errorf("read case %s: %w; a worker has to run to answer", id, err)
		}
		a.ok = true
		asked[id] = a
		return a.view, true, nil
	}
}
