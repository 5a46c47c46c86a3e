package commands

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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
approvers as at a click. While Slack does not answer, somebody whom
slack.approvers.users names decides all the same. An approval needs --reason; with
--remember it hides the sender for that long. Where a second person has to confirm,
it is proposed, and the case stays open.

A case without /number is the sender's newest. --revision takes the revision that
was looked at, which "worker cases show" prints, so that nobody approves what came
after; without it the case as it stands now is decided.

It exits 1 when the decision is refused, and says why. The refusal is audited.`,
		Example: `  worker cases decide case-5d41402abc4b2a76b971/3 approve --as U0123456789 --reason "monthly report" --remember 30d
  worker cases decide case-5d41402abc4b2a76b971/3 approve --as U0123456789 --reason "new scanner" --revision 0b1c9f7a23de
  worker cases decide case-5d41402abc4b2a76b971/3 escalate --as U0123456789`,
		Args: takes(2),
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

// desk is what acting on a case from the command line needs.
type desk struct {
	cfg      config.Config
	cases    interactions.TemporalCases
	adapters *app.Adapters
	notes    io.Writer
	by       soar.Actor
	ref      soar.CaseRef
	// shown is the case as it stood when this began.
	shown soar.Case
	// sent says that the case was asked; before that nothing can be recorded.
	sent  bool
	click string
	now   time.Time
}

// slackUser is the form of Slack's user ids. Nobody is two people to the rule of the
// second person because an id was written in another way.
var slackUser = regexp.MustCompile(`^[UW][A-Z0-9]{2,30}$`)

func notAUser(as string) error {
	return fmt.Errorf("--as is %q; write a Slack user id, as U0123456789 (in Slack: the profile's menu, Copy member ID)", as)
}

// act looks up who acts and on which case, and does it. A refusal is audited.
func (s *session) act(ctx context.Context, name, as, action string, do func(context.Context, desk) (string, error)) error {
	ref, err := caseNamed(name)
	switch {
	case err != nil:
		return err
	case as == "":
		return errors.New("--as is missing; name the Slack user who acts, as U0123456789")
	case !slackUser.MatchString(as):
		return notAUser(as)
	}
	return s.onServer(func(cl client.Client, catalogue *app.Catalogue) error {
		cfg, _, err := s.open()
		if err != nil {
			return err
		}
		adapters, err := app.Wire(cfg, catalogue, cl, quiet())
		if err != nil {
			return failed(err)
		}
		ctx, cancel := context.WithTimeout(ctx, caseWait)
		defer cancel()
		d := desk{
			cfg: cfg, cases: interactions.TemporalCases{Client: cl}, adapters: adapters, notes: s.env.Stderr,
			by: soar.Actor{ID: as}, ref: ref, click: "cli-" + rand.Text(), now: time.Now().UTC(),
		}
		done, err := d.run(ctx, do)
		if err != nil {
			return failed(d.explain(ctx, action, err))
		}
		fmt.Fprintln(s.env.Stdout, done)
		return nil
	})
}

// explain says what a failure means, and audits a refusal.
func (d *desk) explain(ctx context.Context, action string, err error) error {
	name := strings.TrimSuffix(d.ref.String(), "/0")
	refusal, ok := errors.AsType[*soar.Refusal](err)
	switch {
	case !ok && !d.sent:
		return fmt.Errorf("%s %s: nothing was recorded: %w", action, name, err)
	case !ok:
		return fmt.Errorf("%s %s: %w; if it was recorded, \"worker cases show %s\" says so", action, name, err, d.ref.ID)
	}
	hint := ""
	if refusal.Kind == soar.RefusedChanged {
		hint = "; \"worker cases show " + d.ref.ID + "\" prints it with its revision"
	}
	wanted := soar.Decide{Case: d.ref, By: d.by, Click: d.click, At: d.now}
	return errors.Join(fmt.Errorf("%s %s: nothing was recorded: %s%s", action, name, refusal.Message, hint), d.adapters.RecordRefusal(ctx, wanted, action, refusal))
}

func decidedText(d soar.Decided) string {
	if d.Proposed {
		return fmt.Sprintf("%s: proposed; the case stays %s until another approver confirms it:\n  %s", d.Case, d.State, confirmLine(d.Case))
	}
	text := fmt.Sprintf("%s: %s", d.Case, d.State)
	if !d.Until.IsZero() {
		text += " until " + d.Until.UTC().Format(time.RFC3339)
	}
	return text
}

func (d *desk) run(ctx context.Context, do func(context.Context, desk) (string, error)) (string, error) {
	view, err := standing(ctx, d.cases, d.ref.ID)
	if err != nil {
		return "", err
	}
	d.shown = view.Case
	if d.ref.Number == 0 {
		d.ref = view.Case.Ref
	}
	if err := d.whoActs(ctx); err != nil {
		return "", err
	}
	if d.shown.State == soar.CaseCancelled {
		return "", &soar.Refusal{Kind: soar.RefusedDecided, Message: "case closed: an operator ended it; nothing was decided"}
	}
	d.sent = true
	return do(ctx, *d)
}

// standing reads a sender's case; that there is none is a *soar.Refusal that says so. Any
// other error says what has to run.
func standing(ctx context.Context, cases interactions.TemporalCases, id string) (soar.CaseView, error) {
	view, err := cases.View(ctx, id)
	if _, gone := errors.AsType[*soar.Refusal](err); gone {
		return view, &soar.Refusal{Kind: soar.RefusedDecided, Message: "there is no case " + id + ", or it is forgotten; \"worker cases list --state all\" lists those that stand"}
	}
	if err != nil {
		return view, fmt.Errorf("%w; a worker has to run to answer", err)
	}
	return view, nil
}

// notLookedUp stands in the audit for the name of somebody whom Slack could not tell of.
const notLookedUp = "not looked up: Slack did not answer"

// lookUpFor bounds the question to Slack who acts, so that time is left for the case.
const lookUpFor = 10 * time.Second

// whoActs looks up in Slack who acts. While Slack cannot say, somebody whom
// slack.approvers names by user id acts all the same: cases are decided here when Slack
// is down. Groups are not known then.
func (d *desk) whoActs(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookUpFor)
	defer cancel()
	who, err := d.adapters.Actor(ctx, d.cfg.Slack, d.by.ID)
	if _, refused := errors.AsType[*soar.Refusal](err); err == nil || refused {
		d.by = who
		return err
	}
	if !slices.Contains(d.cfg.Slack.Approvers.Users, d.by.ID) {
		return fmt.Errorf("%w; while Slack does not answer, only somebody whom slack.approvers.users names can act", err)
	}
	d.by.Name = notLookedUp
	fmt.Fprintf(d.notes, "note: Slack could not say who %s is (%v); taken as an approver because slack.approvers.users names them\n", d.by.ID, err)
	return nil
}

// caseNamed reads case-<id> or case-<id>/<number>; the number is 0 where it is left out.
func caseNamed(name string) (soar.CaseRef, error) {
	if strings.Contains(name, "/") {
		return soar.ParseCaseRef(name)
	}
	if !strings.HasPrefix(name, "case-") {
		return soar.CaseRef{}, fmt.Errorf("read case %q: write it as case-<id>, or case-<id>/<number>", name)
	}
	return soar.CaseRef{ID: name}, nil
}

// maxReason is the longest reason, in characters, as in Slack's forms.
const maxReason = 500

func checkReason(reason string) error {
	if n := utf8.RuneCountInString(reason); n > maxReason {
		return fmt.Errorf("--reason has %d characters; use at most %d", n, maxReason)
	}
	return nil
}

func (s *session) decideCase(ctx context.Context, name string, kind soar.DecisionKind, f decideFlags) error {
	if err := errors.Join(kind.Validate(), checkReason(f.reason)); err != nil {
		return err
	}
	var remember soar.Duration
	if f.remember != "" {
		if err := remember.UnmarshalText([]byte(f.remember)); err != nil {
			return fmt.Errorf("--remember is %q; write it as 12h or 30d", f.remember)
		}
	}
	return s.act(ctx, name, f.as, string(kind), func(ctx context.Context, d desk) (string, error) {
		if f.revision == "" {
			f.revision = d.shown.Revision()
		}
		decided, err := d.cases.Decide(ctx, soar.Decide{
			Case: d.ref, Decision: kind, By: d.by, Approvers: d.cfg.Slack.Approvers, Reason: f.reason, Remember: remember,
			Click: d.click, Revision: f.revision, At: d.now,
		})
		return decidedText(decided), err
	})
}
