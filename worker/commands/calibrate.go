package commands

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"harrier/activities/loganalytics"
	"harrier/config"
	"harrier/worker/app"
	"harrier/worker/calibration"
	"harrier/workflows/soar"
)

func newCalibrate(s *session) *cobra.Command {
	var in loganalytics.CalibrateRequest
	cmd := &cobra.Command{
		Use:   "calibrate",
		Short: "Measure how the tenant's mail arrives, and draft settings and rules",
		Long: `Ask the workspace on which ways the mail of the past days came, and which senders
look like programs, and print: a table of the ways; a draft for tenant.yaml with
connectors and the senders of tools that a shipped rule fits; and a rule in
shadow mode, as YAML, for each automation sender that none fits. Mail that was
reported is left out of the drafts. Nothing is written: review, then save.`,
		Example: "  worker calibrate\n  worker calibrate --days 30 --min-mails 50",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return s.calibrate(cmd.Context(), in) },
	}
	flags := cmd.Flags()
	flags.IntVar(&in.Days, "days", loganalytics.CalibrateDays, fmt.Sprintf("how many days back, up to %d", loganalytics.MaxCalibrateDays))
	flags.IntVar(&in.MinMails, "min-mails", loganalytics.CalibrateMinMails, "how many mails make a sender worth a rule")
	flags.StringVar(&in.Workspace, "workspace", "", "a workspace by its name in the configuration; the default one without")
	return cmd
}

func (s *session) calibrate(ctx context.Context, in loganalytics.CalibrateRequest) error {
	cfg, log, err := s.open()
	if err != nil {
		return err
	}
	catalogue, err := app.OpenCatalogue(cfg, quiet())
	if err != nil {
		return failed(err)
	}
	adapters, err := app.Wire(cfg, catalogue, nil, log)
	if err != nil {
		return failed(err)
	}
	measured, err := adapters.LogAnalytics.Calibrate(ctx, in)
	if err != nil {
		return failed(err)
	}
	draft, err := calibration.New(calibration.Input{
		Measured: measured, Tenant: catalogue.Tenant(), Today: time.Now().UTC().Truncate(24 * time.Hour),
		Load: func(t soar.Tenant) ([]soar.Rule, error) { return config.LoadRules(cfg.Files.Suppressions, t) },
	})
	if err != nil {
		return failed(err)
	}
	return s.calibrated(measured, draft)
}

// calibrated prints what was measured and drafted. What the service gave only in part
// is never a success.
func (s *session) calibrated(measured loganalytics.Calibration, draft calibration.Draft) error {
	w := s.env.Stdout
	fmt.Fprintf(w, "# How mail came from %s\n", measured.Window)
	if err := calibration.PrintWays(w, measured); err != nil {
		return failed(err)
	}
	fmt.Fprintf(w, "\n# ---- tenant.yaml ----\n%s\n# ---- suppressions ----\n%s", draft.Tenant, draft.Rules)
	for _, part := range []struct {
		title string
		lines []string
	}{{"Known to a rule in force", draft.Covered}, {"No rule drafted", draft.Left}} {
		if len(part.lines) > 0 {
			fmt.Fprintf(w, "\n# %s:\n", part.title)
		}
		for _, line := range part.lines {
			fmt.Fprintln(w, "#  ", line)
		}
	}
	if measured.Partial != "" {
		return exitError{ExitIncomplete, fmt.Errorf("calibrate: not everything was read: %s", measured.Partial)}
	}
	return nil
}
