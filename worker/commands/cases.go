package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"harrier/worker/app"
	"harrier/worker/runs"
	"harrier/workflows/soar"
)

func newCases(s *session) *cobra.Command {
	cmd := &cobra.Command{Use: "cases", Short: "List, show and decide senders' cases without Slack", Args: cobra.NoArgs}
	cmd.AddCommand(newCasesList(s), newCasesShow(s), newCasesDecide(s), newCasesChange(s))
	return cmd
}

func newCasesShow(s *session) *cobra.Command {
	return &cobra.Command{
		Use:     "show <case>",
		Short:   "Print a case and what is remembered of its sender, as JSON",
		Long:    "Print a case and what is remembered of its sender, as JSON. The id stands on the\ncard, in a run's result and in \"worker cases list\".",
		Example: "  worker cases show case-5d41402abc4b2a76b971",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return s.showCase(cmd.Context(), args[0]) },
	}
}

// onTemporal opens Temporal for a command that needs no hunting file.
func (s *session) onTemporal(do func(client.Client) error) error {
	cfg, _, err := s.open()
	if err != nil {
		return err
	}
	cl, err := app.Dial(cfg.Temporal, slog.New(slog.DiscardHandler))
	if err != nil {
		return failed(err)
	}
	defer cl.Close()
	return do(cl)
}

func (s *session) showCase(ctx context.Context, name string) error {
	return s.onTemporal(func(cl client.Client) error {
		id, _, _ := strings.Cut(name, "/")
		value, err := cl.QueryWorkflow(ctx, id, "", soar.CaseQuery)
		if err != nil {
			return failed(fmt.Errorf("show case %s: %w; the id stands on the card and in the hunt's result", id, err))
		}
		var view soar.CaseView
		if err := value.Get(&view); err != nil {
			return failed(fmt.Errorf("show case %s: %w", id, err))
		}
		return failed(printJSON(s.env.Stdout, view))
	})
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func newCasesList(s *session) *cobra.Command {
	var state string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the newest case of each sender",
		Long: `List the newest case of each sender, the most severe first. Without --state it
lists what waits for somebody: open and unreviewed cases. The list follows a
decision within a second or two.`,
		Example: `  worker cases list
  worker cases list --state unreviewed
  worker cases list --state remembered --json
  worker cases list --state all`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			states, err := statesNamed(state)
			if err != nil {
				return err
			}
			return s.listCases(cmd.Context(), states, asJSON)
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "open, unreviewed, approved, remembered, escalated, cancelled or all")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the cases as JSON")
	return cmd
}

func statesNamed(name string) ([]soar.CaseState, error) {
	known := []soar.CaseState{soar.CaseOpen, soar.CaseUnreviewed, soar.CaseApproved, soar.CaseRemembered, soar.CaseEscalated, soar.CaseCancelled}
	switch name {
	case "":
		return known[:2], nil
	case "all":
		return nil, nil
	}
	for _, state := range known {
		if name == string(state) {
			return []soar.CaseState{state}, nil
		}
	}
	return nil, fmt.Errorf("--state is %q; write open, unreviewed, approved, remembered, escalated, cancelled or all", name)
}

func (s *session) listCases(ctx context.Context, states []soar.CaseState, asJSON bool) error {
	return s.onTemporal(func(cl client.Client) error {
		list, err := runs.Reader{Client: cl}.Cases(ctx, states...)
		if err != nil {
			return failed(err)
		}
		if asJSON {
			return failed(printJSON(s.env.Stdout, append([]runs.Case{}, list...)))
		}
		return failed(PrintCases(s.env.Stdout, list))
	})
}

// PrintCases prints a line a case. Addresses are quoted, because their authors chose them.
func PrintCases(w io.Writer, list []runs.Case) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "CASE\tSEVERITY\tSENDER\tREPORTS\tSTATE\tUNTIL\tHEADLINE")
	for _, c := range list {
		fmt.Fprintf(t, "%s\t%s\t%q\t%d phish, %d spam\t%s\t%s\t%s\n", c.Ref, c.Severity, c.Sender, c.Phish, c.Spam, c.State, until(c), strings.Join(strings.Fields(c.Headline), " "))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s\n", counted(len(list), "case"))
	return err
}

// until is an open case's deadline, or the end of what is remembered.
func until(c runs.Case) string {
	switch {
	case !c.Deadline.IsZero():
		return c.Deadline.Format(time.RFC3339)
	case !c.Until.IsZero():
		return strings.TrimSuffix(c.Until.Format(time.RFC3339)+" by "+c.By, " by ")
	}
	return "-"
}
