package commands

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

func newCasesShow(s *session) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show <case>",
		Short: "Print a case and what is remembered of its sender",
		Long: `Print a sender's newest case as its card and evidence show it: how it stands, why
it is not hidden, the reported mails, what people did, and the revision that
"worker cases decide" takes. With --json it prints everything that is known. The id
stands on the card, in a run's result and in "worker cases list".`,
		Example: `  worker cases show case-5d41402abc4b2a76b971
  worker cases show case-5d41402abc4b2a76b971/3 --json`,
		Args: takes(1),
		RunE: func(cmd *cobra.Command, args []string) error { return s.showCase(cmd.Context(), args[0], asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the case as JSON")
	return cmd
}

func (s *session) showCase(ctx context.Context, name string, asJSON bool) error {
	ref, err := caseNamed(name)
	if err != nil {
		return err
	}
	return s.onTemporal(func(cl client.Client) error {
		ctx, cancel := context.WithTimeout(ctx, caseWait)
		defer cancel()
		view, err := standing(ctx, interactions.TemporalCases{Client: cl}, ref.ID)
		if err != nil {
			return failed(fmt.Errorf("show case %s: %w", ref.ID, err))
		}
		if newest := view.Case.Ref; ref.Number != 0 && ref.Number != newest.Number {
			fmt.Fprintf(s.env.Stderr, "note: this is %s, the sender's newest case, not %s\n", newest, ref)
		}
		if asJSON {
			return failed(printJSON(s.env.Stdout, struct {
				soar.CaseView
				Revision string `json:"revision"`
			}{view, view.Case.Revision()}))
		}
		return failed(PrintCase(s.env.Stdout, view))
	})
}

// Bounds of a case on a page; --json has all of it.
const (
	maxMails   = 20
	maxSubject = 200
)

// PrintCase prints a case for a person at a terminal of 80 columns.
func PrintCase(w io.Writer, v soar.CaseView) error {
	p, c := &page{w: w}, v.Case
	p.text("%s %s %s", c.Ref, c.Judgement.Severity, c.State)
	p.row("", "%s", c.Judgement.Headline)
	caseClock(p, c)
	caseFacts(p, c)
	caseOutcome(p, v)
	caseMails(p, c.Finding.Evidence)
	if c.RuleProposal != "" {
		p.text("a rule that would hide this mail:")
		for _, line := range strings.Split(strings.TrimRight(c.RuleProposal, "\n"), "\n") {
			p.print("    " + Visible(line))
		}
	}
	p.row("revision", "%s", c.Revision())
	return p.err
}

// caseClock says what the case waits for.
func caseClock(p *page, c soar.Case) {
	if c.State == soar.CaseOpen && !c.Deadline.IsZero() {
		p.row("deadline", "%s%s", stamp(c.DeadlineAfterSnooze()), afterSnooze(c))
	}
	if c.Snooze != nil {
		p.row("snoozed", "until %s, by %s", stamp(c.Snooze.Until), c.Snooze.By.Label())
	}
	if d := c.Proposal; d != nil {
		p.row("proposed", "approval by %s at %s, %s: %s", d.By.Label(), stamp(d.At), remembering(d.Remember), d.Reason)
		p.row("", "another approver has to confirm it:")
		p.print("  " + confirmLine(c.Ref))
	}
}

func afterSnooze(c soar.Case) string {
	if c.Snooze == nil {
		return ""
	}
	return ", after the snooze"
}

// caseFacts says who sent what, and why it is not hidden.
func caseFacts(p *page, c soar.Case) {
	f, j := c.Finding, c.Judgement
	p.row("sender", "%s (%s), %s, path %s", quoted(f.Candidate.Sender, maxSubject), which(f.Candidate.SenderIs), f.Candidate.Scope, orNone(j.Path, "not known"))
	p.row("account", "%s%s", f.Profile.Kind, after(": ", f.Profile.Why))
	if f.Profile.Privileged {
		p.row("", "privileged%s", after(": ", f.Profile.PrivilegedWhy))
	}
	p.row("reported", "%s", reported(f.Candidate.Counts))
	p.row("reach", "%s", reach(f.Exposure))
	p.row("why", "%s", j.Reason)
	for _, fact := range j.Facts {
		p.row("", "%s", fact)
	}
	for _, g := range j.Guards {
		p.row("held by", "%s%s%s", g.Guard, after(": ", g.Detail), after("; ", g.Cure))
	}
	for _, h := range c.Hunts {
		p.row("hunt", "%s %s", h.Slug, h.Window)
	}
	if c.Partial {
		p.row("", "not everything was read: the case may be larger than it looks")
	}
}

// which says which of a mail's two senders an address is.
func which(k soar.AddressKind) string {
	if k == soar.P1 {
		return "envelope"
	}
	return "From"
}

// reported is what was counted; a burst that nobody reported is not "0 reports".
func reported(n soar.Counts) string {
	var out []string
	if n.Phish+n.Spam > 0 {
		out = append(out, fmt.Sprintf("%d phish, %d spam by %s", n.Phish, n.Spam, counted(n.Reporters, "reporter")))
	}
	if n.Sent > 0 {
		out = append(out, fmt.Sprintf("%s sent, usual are %d", counted(n.Sent, "mail"), n.Usual))
	}
	return strings.Join(out, "; ")
}

func reach(e soar.Exposure) string {
	if !e.Known {
		return "not known"
	}
	clicks := "clicks not known"
	if e.ClicksKnown {
		clicks = fmt.Sprintf("%d clicked", e.Clicked)
	}
	return fmt.Sprintf("%s, %d in an inbox, %d removed, %s", counted(e.Recipients, "recipient"), e.InInbox, e.Removed, clicks)
}

// caseOutcome says what was decided and done.
func caseOutcome(p *page, v soar.CaseView) {
	c := v.Case
	if c.Decision != nil {
		p.row("decided", "%s%s", c.Decision, after(": ", c.Decision.Reason))
	}
	if e := v.Entry; e != nil {
		p.row("hidden", "until %s by %s on %s%s", stamp(e.Until), e.Case, e.Path, after(": ", e.Reason))
	}
	p.row("incident", "%s", c.IncidentURL())
	for _, problem := range c.Problems {
		p.row("problem", "%s", problem)
	}
	for _, l := range c.Log {
		p.row("log", "%s %s by %s%s", stamp(l.At), l.Kind, l.By, after(": ", l.Reason))
	}
	for _, o := range c.Earlier {
		p.row("earlier", "case %d: %s by %s at %s%s", o.Number, o.State, orNone(o.By, "nobody"), stamp(o.At), after(": ", o.Reason))
	}
}

// caseMails lists the reported mails, newest first.
func caseMails(p *page, e soar.Evidence) {
	p.row("evidence", "%s", after("not whole: ", e.Missing))
	for i, m := range e.Messages {
		if i == maxMails {
			break
		}
		p.row("mail", "%s %s", stamp(m.Time), quoted(m.Subject, maxSubject))
		envelope := ""
		if m.P1 != m.P2 {
			envelope = ", envelope " + quoted(m.P1, maxSubject)
		}
		p.row("", "from %s%s, to %s; %s", quoted(m.P2, maxSubject), envelope, counted(m.RecipientCount, "recipient"), m.NetworkMessageID)
	}
	if left := max(e.Total, len(e.Messages)) - min(maxMails, len(e.Messages)); left > 0 {
		p.row("", "%s: --json has what is known of them", counted(left, "more mail"))
	}
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return "(time not known)"
	}
	return at.UTC().Format(time.RFC3339)
}

// confirmLine is the command by which a second person says yes.
func confirmLine(ref soar.CaseRef) string {
	return "worker cases change " + ref.String() + " confirm --as <Slack user id>"
}

func remembering(d soar.Duration) string {
	if d == 0 {
		return "once"
	}
	return "for " + counted(int((d.Std()+24*time.Hour-1)/(24*time.Hour)), "day")
}

// after is a text behind what leads to it, empty when there is none.
func after(lead, text string) string {
	if text == "" {
		return ""
	}
	return lead + text
}
