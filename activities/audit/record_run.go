package audit

import (
	"context"
	"fmt"
	"time"

	"harrier/workflows/soar"
)

// runLine is the first line of a run's file: the result without its senders.
type runLine struct {
	Record   string              `json:"record"` // run
	RunID    string              `json:"run_id"`
	Hunt     string              `json:"hunt"`
	Slug     string              `json:"slug"`
	Window   soar.Window         `json:"window"`
	Coverage soar.CoverageStatus `json:"coverage"`
	Reason   string              `json:"reason,omitempty"`
	DryRun   bool                `json:"dry_run,omitempty"`
	Started  time.Time           `json:"started"`
	Finished time.Time           `json:"finished"`
	Totals   soar.RunTotals      `json:"totals"`
	// Workspaces and Notes are set where there are any.
	Workspaces []soar.WorkspaceResult `json:"workspaces,omitempty"`
	Notes      []string               `json:"notes,omitempty"`
}

// findingLine is one finding of a run, complete in itself.
type findingLine struct {
	Record string      `json:"record"` // finding
	RunID  string      `json:"run_id"`
	Slug   string      `json:"slug"`
	Window soar.Window `json:"window"`
	DryRun bool        `json:"dry_run,omitempty"`
	At     time.Time   `json:"at"`
	soar.SenderOutcome
}

// RecordRun writes a run's file: one line for the run and one a finding. The
// same run is the same file.
func (c *Client) RecordRun(ctx context.Context, in soar.RunRecord) (soar.None, error) {
	r := in.Result
	err := c.recordRun(ctx, r)
	if err == nil {
		c.logger.Info("run recorded", "run_id", r.RunID, "slug", r.Slug, "findings", len(r.Senders))
	}
	return soar.None{}, classify("record run "+r.RunID, err)
}

func (c *Client) recordRun(ctx context.Context, r soar.HuntResult) error {
	if r.RunID == "" || r.Slug == "" || r.Started.IsZero() {
		return fmt.Errorf("%w: a run has run_id, slug and started", errRecord)
	}
	records := []any{runLine{
		Record: "run", RunID: r.RunID, Hunt: r.Hunt, Slug: r.Slug, Window: r.Window, Coverage: r.Coverage, Reason: r.Reason,
		DryRun: r.DryRun, Started: r.Started, Finished: r.Finished, Totals: r.Totals, Workspaces: r.Workspaces, Notes: r.Notes,
	}}
	for _, s := range r.Senders {
		records = append(records, findingLine{
			Record: "finding", RunID: r.RunID, Slug: r.Slug, Window: r.Window, DryRun: r.DryRun, At: r.Finished, SenderOutcome: s,
		})
	}
	content, err := lines(records...)
	if err != nil {
		return err
	}
	return write(ctx, c.file(r.Started, "run-"+name(r.Slug)+"-"+name(r.RunID)+".jsonl"), content)
}
