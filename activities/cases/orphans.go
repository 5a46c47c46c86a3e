package cases

import (
	"context"
	"time"

	"go.temporal.io/api/workflow/v1"

	"harrier/workflows/soar"
)

// orphansFor is how far back ended cases are looked at; a Watch looks every hour.
const orphansFor = 3 * time.Hour

// maxOrphans bounds one look, so that its result stays small.
const maxOrphans = 20

// ListOrphans lists cases whose workflow was terminated or timed out of late while
// their card could still be decided.
func (c *Client) ListOrphans(ctx context.Context, _ soar.None) (soar.Orphans, error) {
	var out soar.Orphans
	since := time.Now().UTC().Add(-orphansFor).Format(time.RFC3339)
	query := "WorkflowType = '" + soar.TriageWorkflow + "' AND ExecutionStatus IN ('Terminated', 'TimedOut', 'Failed') AND CloseTime >= '" + since + "'"
	err := c.each(ctx, query, func(info *workflow.WorkflowExecutionInfo) bool {
		memo, ok := c.memo(info.GetMemo())
		if !ok || !memo.State.Decidable() {
			return true
		}
		if found, ok := c.orphan(ctx, info.GetExecution().GetWorkflowId(), info.GetExecution().GetRunId()); ok {
			out.Cases = append(out.Cases, found)
		}
		return len(out.Cases) < maxOrphans
	})
	return out, classify("list orphans", err)
}

// orphan reads what a case was when its run ended. One that cannot be read, or
// whose sender has a newer run that took the case over, is left out.
func (c *Client) orphan(ctx context.Context, id, runID string) (soar.Case, bool) {
	value, err := c.temporal.QueryWorkflow(ctx, id, runID, soar.CaseQuery)
	if err != nil {
		c.log.WarnContext(ctx, "orphan not read", "case", id, "error", err)
		return soar.Case{}, false
	}
	var view soar.CaseView
	if err := value.Get(&view); err != nil || !view.Case.Card.Posted() || !view.Case.State.Decidable() {
		return soar.Case{}, false
	}
	return view.Case, true
}
