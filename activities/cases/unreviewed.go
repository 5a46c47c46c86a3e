package cases

import (
	"context"

	"go.temporal.io/api/workflow/v1"

	"harrier/workflows/soar"
)

// maxUnreviewed keeps an answer far under what Temporal takes.
const maxUnreviewed = 500

// ListUnreviewed lists the cases whose LOW deadline passed without a decision,
// by their memos, at most 500.
func (c *Client) ListUnreviewed(ctx context.Context, _ soar.None) (soar.Unreviewed, error) {
	var out soar.Unreviewed
	err := c.each(ctx, soar.StandingCases, func(w *workflow.WorkflowExecutionInfo) bool {
		if memo, ok := c.memo(w.GetMemo()); ok && memo.State == soar.CaseUnreviewed {
			out.Cases = append(out.Cases, listedCase(w.GetExecution().GetWorkflowId(), memo))
		}
		return len(out.Cases) < maxUnreviewed
	})
	return out, classify("list unreviewed cases", err)
}
