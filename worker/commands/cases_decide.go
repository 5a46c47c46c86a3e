package commands

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"harrier/config"
	"harrier/worker/app"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

// caseWait is how long a case may take to answer.
const caseWait = 30 * time.Second

type decideFlags struct {
	as, reason, remember string
	revision             string
}

func newCasesDecide(s *session) *cobra.Command {
	var f decideFlags
	cmd := &cobra.Command{
		Use:   "decide <case> approve|escalate",
		Short: "Decide a case, as the buttons on its card do",
		Long: `Decide a case as a Slack user, who is looked up in Slack and checked against the
approvers as at a click. An approval needs --reason; with --remember it hides the
sender for that long. Where a second person has to confirm, it is proposed, and
the case stays open.

A case without /number is the sender's newest. --revision takes the revision that
was looked at ("worker cases show" has the case), so that nobody approves what came
after; without it the case as it stands now is decided.

It exits 1 when the decision is refused, and says why. The refusal is audited.`,
		Example: `  worker cases decide case-5d41402abc4b2a76b971/3 approve --as U0123456789 --reason "monthly report" --remember 30d
  worker cases decide case-5d41402abc4b2a76b971/3 escalate --as U0123456789`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.decideCase(cmd.Context(), args[0], soar.DecisionKind(args[1]), f)
		},
	}
	cmd.Flags().StringVar(&f.as, "as", "", "who decides, as a Slack user id (required)")
	cmd.Flags().StringVar(&f.reason, "reason", "", "why the mail is benign")
	cmd.Flags().StringVar(&f.remember, "remember", "", "how long an approval hides the sender, as 30d; once when left out")
	cmd.Flags().StringVar(&f.revision, "revision", "", "the revision of the case that was looked at")
	return cmd
}

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
  worker cases change case-5d41402abc4b2a76b971/3 snooze --as U0123456789 --for 2h`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.changeCase(cmd.Context(), args[0], soar.ChangeKind(args[1]), f)
		},
	}
	cmd.Flags().StringVar(&f.as, "as", "", "who changes it, as a Slack user id (required)")
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, for the record")
	cmd.Flags().StringVar(&f.forSpan, "for", "", "how long a snooze lasts, as 2h; at most "+soar.MaxSnooze.String())
	return cmd
}

// desk is what acting on a case from the command line needs.
type desk struct {
	cfg      config.Config
	client   client.Client
	adapters *app.Adapters
	by       soar.Actor
	ref      soar.CaseRef
	click    string
	now      time.Time
}

// act looks up who acts and on which case, and does it. A refusal is audited.
func (s *session) act(ctx context.Context, name, as, action string, do func(context.Context, desk) (soar.Decided, error)) error {
	if as == "" {
		return errors.New("--as is missing; name the Slack user who acts, as U0123456789")
	}
	return s.onServer(func(cl client.Client, catalogue *app.Catalogue) error {
		cfg, _, err := s.open()
		if err != nil {
			return err
		}
		adapters, err := app.Wire(cfg, catalogue, cl, slog.New(slog.DiscardHandler))
		if err != nil {
			return failed(err)
		}
		ctx, cancel := context.WithTimeout(ctx, caseWait)
		defer cancel()
		d := desk{cfg: cfg, client: cl, adapters: adapters, by: soar.Actor{ID: as}, click: "cli-" + rand.Text(), now: time.Now().UTC()}
		decided, err := d.run(ctx, name, do)
		if refusal, ok := errors.AsType[*soar.Refusal](err); ok {
			wanted := soar.Decide{Case: d.ref, By: d.by, Click: d.click, At: d.now}
			return failed(errors.Join(fmt.Errorf("%s %s: nothing was recorded: %s", action, name, refusal.Message), adapters.RecordRefusal(ctx, wanted, action, refusal)))
		}
		if err != nil {
			return failed(fmt.Errorf("%s %s: %w; if it was recorded, \"worker cases show\" says so", action, name, err))
		}
		fmt.Fprintf(s.env.Stdout, "%s: %s%s\n", decided.Case, decided.State, untilText(decided.Until))
		return nil
	})
}

func untilText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return " until " + at.UTC().Format(time.RFC3339)
}

func (d *desk) run(ctx context.Context, name string, do func(context.Context, desk) (soar.Decided, error)) (soar.Decided, error) {
	var err error
	if d.ref, err = d.caseNamed(ctx, name); err != nil {
		return soar.Decided{}, err
	}
	if d.by, err = d.adapters.Actor(ctx, d.cfg.Slack, d.by.ID); err != nil {
		return soar.Decided{}, err
	}
	return do(ctx, *d)
}

// caseNamed reads a case's name; without a number it is the sender's newest case.
func (d *desk) caseNamed(ctx context.Context, name string) (soar.CaseRef, error) {
	if strings.Contains(name, "/") {
		return soar.ParseCaseRef(name)
	}
	view, err := interactions.TemporalCases{Client: d.client}.View(ctx, name)
	if err != nil {
		return soar.CaseRef{ID: name}, err
	}
	return view.Case.Ref, nil
}

func (s *session) decideCase(ctx context.Context, name string, kind soar.DecisionKind, f decideFlags) error {
	if err := kind.Validate(); err != nil {
		return err
	}
	var remember soar.Duration
	if f.remember != "" {
		if err := remember.UnmarshalText([]byte(f.remember)); err != nil {
			return fmt.Errorf("--remember is %q; write it as 12h or 30d", f.remember)
		}
	}
	return s.act(ctx, name, f.as, string(kind), func(ctx context.Context, d desk) (soar.Decided, error) {
		cases := interactions.TemporalCases{Client: d.client}
		if f.revision == "" {
			view, err := cases.View(ctx, d.ref.ID)
			if err != nil {
				return soar.Decided{}, err
			}
			f.revision = view.Case.Revision()
		}
		return cases.Decide(ctx, soar.Decide{
			Case: d.ref, Decision: kind, By: d.by, Approvers: d.cfg.Slack.Approvers, Reason: f.reason, Remember: remember,
			Click: d.click, Revision: f.revision, At: d.now,
		})
	})
}

func (s *session) changeCase(ctx context.Context, name string, kind soar.ChangeKind, f changeFlags) error {
	if err := kind.Validate(); err != nil {
		return err
	}
	var span soar.Duration
	if f.forSpan != "" {
		if err := span.UnmarshalText([]byte(f.forSpan)); err != nil {
			return fmt.Errorf("--for is %q; write it as 30m or 2h", f.forSpan)
		}
	}
	return s.act(ctx, name, f.as, string(kind), func(ctx context.Context, d desk) (soar.Decided, error) {
		return d.change(ctx, soar.Change{
			Case: d.ref, Kind: kind, By: d.by, Approvers: d.cfg.Slack.Approvers, Reason: f.reason, For: span, Click: d.click, At: d.now,
		})
	})
}
