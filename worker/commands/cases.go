package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"harrier/worker/app"
	"harrier/worker/runs"
	"harrier/workflows/soar"
)

func newCases(s *session) *cobra.Command {
	cmd := group("cases", "List, show and decide senders' cases without Slack")
	cmd.AddCommand(newCasesList(s), newCasesShow(s), newCasesDecide(s), newCasesChange(s))
	return cmd
}

// onTemporal opens Temporal for a command that needs no hunting file.
func (s *session) onTemporal(do func(client.Client) error) error {
	cfg, _, err := s.open()
	if err != nil {
		return err
	}
	cl, err := app.Dial(cfg.Temporal, quiet())
	if err != nil {
		return failed(err)
	}
	defer cl.Close()
	return do(cl)
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
lists what waits for somebody: open and unreviewed cases. Cancelled are those that
an operator ended before anybody decided. The list follows a decision within a
second or two.`,
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

// PrintCases prints a case in three lines that fit a terminal of 80 columns. Addresses
// are quoted, because their authors chose them.
func PrintCases(w io.Writer, list []runs.Case) error {
	for _, c := range list {
		p := page{w: w}
		p.text("%s %s %s", orNone(string(c.Severity), "-"), c.Ref, stands(c))
		counts := soar.Counts{Phish: c.Phish, Spam: c.Spam, Sent: c.Sent, Usual: c.Usual}
		p.row("", "%s %s%s", quoted(c.Sender, maxSender), mails(counts), after(", approved by ", c.By))
		p.row("", "%s", c.Headline)
		if p.err != nil {
			return p.err
		}
	}
	_, err := fmt.Fprintf(w, "%s\n", counted(len(list), "case"))
	return err
}

// maxSender bounds an address in a list, in characters.
const maxSender = 60

// mails is what was counted, in a list; a burst that nobody reported is not "0 phish".
func mails(n soar.Counts) string {
	if n.Phish+n.Spam == 0 && n.Sent > 0 {
		return fmt.Sprintf("%s, usual %d", counted(n.Sent, "mail"), n.Usual)
	}
	return fmt.Sprintf("%d phish, %d spam", n.Phish, n.Spam)
}

// stands is a case's state, with an open case's deadline or the end of what is remembered.
func stands(c runs.Case) string {
	switch {
	case !c.Snoozed.IsZero():
		return string(c.State) + ", " + snoozed(c.Snoozed, c.Deadline)
	case !c.Deadline.IsZero():
		return string(c.State) + ", decide by " + stamp(c.Deadline)
	case !c.Until.IsZero():
		return string(c.State) + " until " + stamp(c.Until)
	}
	return string(c.State)
}

// snoozed says until when a case's clock stands, and what the deadline is then.
func snoozed(until, deadline time.Time) string {
	if deadline.IsZero() {
		return "snoozed until " + stamp(until)
	}
	return "snoozed until " + stamp(until) + ", then decide by " + stamp(deadline)
}
