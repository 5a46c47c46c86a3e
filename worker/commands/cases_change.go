package commands

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"harrier/workflows/soar"
)

type changeFlags struct {
	as, reason, forSpan string
}

func newCasesChange(s *session) *cobra.Command {
	var f changeFlags
	cmd := &cobra.Command{
		Use:   "change <case> undo|reopen|snooze|wake|confirm|decline|retry",
		Short: "Undo, reopen, snooze, confirm or retry a case",
		Long: `Change a case beside deciding it, as the buttons on its card do: take an approval
back (undo), open a closed case again (reopen), stop its clock for a while and let
it go on (snooze, wake), say the second person's yes or no to an approval
(confirm, decline), or carry a failed escalation out again (retry).

It exits 1 when the change is refused, and says why. The refusal is audited.`,
		Example: `  worker cases change case-5d41402abc4b2a76b971/3 undo --as U0123456789 --reason "wrong sender"
  worker cases change case-5d41402abc4b2a76b971/3 snooze --as U0123456789 --for 2h
  worker cases change case-5d41402abc4b2a76b971/3 confirm --as U0123456789`,
		Args: takes(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.changeCase(cmd.Context(), args[0], soar.ChangeKind(args[1]), f)
		},
	}
	cmd.Flags().StringVar(&f.as, "as", "", "who changes it, as a Slack user id (required)")
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, for the record")
	cmd.Flags().StringVar(&f.forSpan, "for", "", "how long a snooze lasts, as 2h; at most "+soar.Duration(soar.MaxSnooze).String())
	return cmd
}

func (s *session) changeCase(ctx context.Context, name string, kind soar.ChangeKind, f changeFlags) error {
	if err := errors.Join(kind.Validate(), checkReason(f.reason)); err != nil {
		return err
	}
	var span soar.Duration
	if f.forSpan != "" {
		if err := span.UnmarshalText([]byte(f.forSpan)); err != nil {
			return fmt.Errorf("--for is %q; write it as 30m or 2h", f.forSpan)
		}
	}
	return s.act(ctx, name, f.as, string(kind), func(ctx context.Context, d desk) (string, error) {
		decided, err := d.cases.Change(ctx, soar.Change{
			Case: d.ref, Kind: kind, By: d.by, Approvers: d.cfg.Slack.Approvers, Reason: f.reason, For: span, Click: d.click, At: d.now,
		})
		if err != nil || kind != soar.ChangeSnooze {
			return decidedText(decided), err
		}
		return decidedText(decided) + d.snoozedText(ctx), nil
	})
}

// snoozedText says until when the case is snoozed. That it is was recorded: a case that
// does not answer now only leaves it out.
func (d desk) snoozedText(ctx context.Context) string {
	view, err := d.cases.View(ctx, d.ref.ID)
	if err != nil || view.Case.Snooze == nil {
		return ""
	}
	return ", " + snoozed(view.Case.Snooze.Until, view.Case.DeadlineAfterSnooze())
}
