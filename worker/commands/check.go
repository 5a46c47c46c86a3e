package commands

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"harrier/config"
	"harrier/worker/app"
)

func newCheck(s *session) *cobra.Command {
	var live bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Validate configuration, hunts and suppressions; -live also asks the services",
		Long: `Without -live nothing leaves this machine. With it, one token is requested per
audience, one trivial query is run, the Slack token's scopes and channels are
read, and the Temporal namespace is looked at; what does not work is printed
with what to grant. It exits 1 when something does not work.`,
		Example: "  worker check\n  worker check -live",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return s.check(cmd.Context(), live) },
	}
	cmd.Flags().BoolVar(&live, "live", false, "ask the services too")
	return cmd
}

func (s *session) check(ctx context.Context, live bool) error {
	cfg, log, err := s.open()
	if err != nil {
		return err
	}
	catalogue, err := app.OpenCatalogue(cfg, quiet())
	if err != nil {
		return failed(err)
	}
	bad := printOffline(s.env.Stdout, cfg, catalogue)
	if live {
		fmt.Fprintln(s.env.Stdout)
		bad += printProbes(s.env.Stdout, app.Probe(ctx, cfg, catalogue, log))
	}
	if bad > 0 {
		return failed(fmt.Errorf("check: %s", counted(bad, "problem")))
	}
	return nil
}

// printOffline returns the number of problems.
func printOffline(w io.Writer, cfg config.Config, c *app.Catalogue) int {
	active, inactive := 0, map[string]string{}
	for _, r := range c.RuleList() {
		if r.Inactive == "" {
			active++
		} else {
			inactive[r.ID] = r.Inactive
		}
	}
	fmt.Fprintf(w, "%d hunts, %d suppressions in force, %d not configured, %d accepted domains, cloud %s\n",
		len(c.Hunts()), active, len(inactive), len(c.Tenant().AcceptedDomains), cfg.Azure.Cloud)
	for _, line := range sorted(inactive) {
		fmt.Fprintln(w, "note:", line)
	}
	for _, warning := range c.Warnings() {
		fmt.Fprintln(w, "warning:", warning)
	}
	problems := c.Problems()
	for _, p := range problems {
		fmt.Fprintln(w, "problem:", p)
	}
	if len(problems) == 0 {
		fmt.Fprintln(w, "files are fine")
	}
	return len(problems)
}

// printProbes returns the number of probes that failed.
func printProbes(w io.Writer, probes []app.ProbeResult) int {
	failures := 0
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "SERVICE\tWORKS\tDETAIL\tWHAT TO DO")
	for _, p := range probes {
		works := "yes"
		if !p.Works {
			works, failures = "NO", failures+1
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", p.Service, works, oneLine(p.Detail), oneLine(p.Cure))
	}
	if err := t.Flush(); err != nil {
		return failures + 1
	}
	return failures
}
