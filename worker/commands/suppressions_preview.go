package commands

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"harrier/activities/suppressions"
	"harrier/config"
	"harrier/worker/app"
	"harrier/worker/backtest"
	"harrier/workflows/soar"
)

func newSuppressionsPreview(s *session) *cobra.Command {
	var f periodFlags
	cmd := &cobra.Command{
		Use:   "preview <rule file>",
		Short: "Show what a file of rules would have hidden in the past days",
		Long: `Hunt the past days again, day by day and dry, with the rules of the file laid
over before those in force and without them, and print what would have been
hidden that is visible today. A rule of the file takes the place of the one in
force with its id. Findings of a sender whose case was escalated, by a person or
by its deadline, stand in red. Nothing is opened, posted or changed.

It exits 0 when no such finding would be hidden, 1 when one would, 3 when not
every day was hunted completely.`,
		Example: "  worker suppressions preview new-rule.yaml\n  worker suppressions preview new-rule.yaml --days 30 --hunt internal-phish",
		Args:    takes(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return s.preview(cmd.Context(), args[0], f) },
	}
	f.add(cmd, 14)
	return cmd
}

func (s *session) preview(ctx context.Context, file string, f periodFlags) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return failed(fmt.Errorf("preview %s: %w", file, err))
	}
	return s.onServer(func(cl client.Client, catalogue *app.Catalogue) error {
		trial, err := readTrial(s.env.Stderr, file, string(text), catalogue.Tenant())
		if err != nil {
			return failed(err)
		}
		hunt, err := catalogue.Hunt(f.hunt)
		if err != nil {
			return failed(err)
		}
		windows, err := f.windows(hunt)
		if err != nil {
			return err
		}
		results, err := backtest.Period(ctx, s.hunting(cl, hunt), hunt.ID, windows, "", string(text))
		if err != nil {
			return failed(err)
		}
		p := backtest.Compare(results[0], results[1], trial)
		if err := p.Recall(caseViews(ctx, cl)); err != nil {
			return failed(err)
		}
		return s.previewed(p, append(backtest.Incomplete(results[0]), backtest.Incomplete(results[1])...), f)
	})
}

// maxTrial bounds a file on trial, in bytes: it goes with every page of ten findings,
// through Temporal's history.
const maxTrial = 100_000

// readTrial checks the file as the loader would and returns the ids of its rules.
func readTrial(notes io.Writer, file, text string, tenant soar.Tenant) ([]string, error) {
	if len(text) > maxTrial {
		return nil, fmt.Errorf("preview %s: the file has %d bytes; preview at most %d, the rules that changed", file, len(text), maxTrial)
	}
	rules, err := config.ParseRules(file, text, tenant)
	if err != nil {
		return nil, err
	}
	set, err := suppressions.Compile(rules, tenant)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range rules {
		ids = append(ids, r.ID)
		if r.Inactive != "" {
			fmt.Fprintf(notes, "note: rule %s is inactive: %s\n", r.ID, r.Inactive)
		}
	}
	if set.Len() == 0 && len(rules) == 0 {
		return nil, fmt.Errorf("%s: there is no rule in it; write one in the list suppressions", file)
	}
	return ids, nil
}

// previewed prints a preview and gives the exit.
func (s *session) previewed(p backtest.Preview, incomplete []string, f periodFlags) error {
	if f.asJSON {
		out := struct {
			backtest.Preview
			Escalated  int      `json:"escalated"`
			Incomplete []string `json:"incomplete,omitempty"`
		}{p, p.Escalated(), incomplete}
		if err := printJSON(s.env.Stdout, out); err != nil {
			return failed(err)
		}
	} else {
		PrintPreview(raw(s.env.Stdout), p, f.days, colours(s.env))
	}
	for _, why := range incomplete {
		fmt.Fprintln(s.env.Stderr, "not hunted completely:", oneLine(why))
	}
	switch n := p.Escalated(); {
	case n > 0:
		return failed(fmt.Errorf("preview: %s of senders whose case was escalated would be hidden; do not enforce this", counted(n, "finding")))
	case len(incomplete) > 0:
		return exitError{ExitIncomplete, fmt.Errorf("preview: %s not hunted completely; what they would show is not known", counted(len(incomplete), "run"))}
	}
	return nil
}

// Terminal codes of red text.
const (
	red   = "\x1b[31m"
	plain = "\x1b[0m"
)

// colours says that red may be printed: on a terminal, unless NO_COLOR is set
// (https://no-color.org).
func colours(env *Env) bool {
	file, ok := raw(env.Stdout).(*os.File)
	if !ok || env.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// PrintPreview prints a line a finding that would be hidden or come to light, and the
// verdict. Addresses and subjects are quoted, because their authors chose them.
func PrintPreview(w io.Writer, p backtest.Preview, days int, coloured bool) {
	for _, c := range p.Hidden {
		text := fmt.Sprintf("%s  %q  %s%s  %q  %s  %s", c.Window.From.Format(time.DateOnly), c.Outcome.Sender, c.Rule, shadow(c), c.Outcome.Subject,
			mails(c.Outcome.Counts), c.Outcome.CaseID)
		text = Visible(text)
		switch {
		case !c.Escalated.IsZero():
			text = fmt.Sprintf("ESCALATED by %s on %s  %s", oneLine(c.By), c.Escalated.Format(time.DateOnly), text)
			if coloured {
				text = red + text + plain
			}
		case c.Learned:
			text += "  (an approval hides the sender today)"
		}
		fmt.Fprintln(w, text)
	}
	for _, c := range p.Shown {
		text := fmt.Sprintf("comes to light: %s  %q  hidden today by %s  %s", c.Window.From.Format(time.DateOnly), c.Outcome.Sender, c.Rule, oneLine(c.Outcome.Reason))
		fmt.Fprintln(w, Visible(text))
	}
	parts := []string{fmt.Sprintf("In %s, %s would have been hidden that %s visible today", counted(days, "day"), counted(len(p.Hidden), "finding"), isAre(len(p.Hidden)))}
	if len(p.Shown) > 0 {
		parts = append(parts, counted(len(p.Shown), "finding")+" would come to light")
	}
	verdict := "none of an escalated sender"
	if n := p.Escalated(); n > 0 {
		verdict = fmt.Sprintf("%d OF AN ESCALATED SENDER", n)
		if coloured {
			verdict = red + verdict + plain
		}
	}
	fmt.Fprintln(w, strings.Join(append(parts, verdict), "; ")+".")
}

func shadow(c backtest.Change) string {
	if c.Shadow {
		return " (shadow)"
	}
	return ""
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
