package cases

import (
	"context"

	"go.temporal.io/api/workflowservice/v1"

	"harrier/workflows/soar"
)

// Bounds of one listing.
const (
	listPage       = 500
	maxListPages   = 20
	maxUnreviewed  = 50
	runningTriages = "WorkflowType = '" + soar.TriageWorkflow + "' AND ExecutionStatus = 'Running'"
)

// ListUnreviewed lists the cases whose LOW deadline passed without a decision,
// by their memos, at most 50.
func (c *Client) ListUnreviewed(ctx context.Context, _ soar.None) (soar.Unreviewed, error) {
	var out soar.Unreviewed
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: runningTriages, PageSize: listPage}
	for range maxListPages {
		page, err := c.temporal.ListWorkflow(ctx, request)
		if err != nil {
			return out, classify("list unreviewed cases", err)
		}
		for _, execution := range page.GetExecutions() {
			memo, ok := c.memo(execution.GetMemo())
			if ok && memo.State == soar.CaseUnreviewed && len(out.Cases) < maxUnreviewed {
				out.Cases = append(out.Cases, listedCase(execution.GetExecution().GetWorkflowId(), memo))
			}
		}
		if len(page.GetNextPageToken()) == 0 {
			break
		}
		request.NextPageToken = page.GetNextPageToken()
	}
	return out, nil
}

func listedCase(id string, m soar.TriageMemo) soar.ListedCase {
	return soar.ListedCase{
		Ref: soar.CaseRef{ID: id, Number: m.Number}, Severity: m.Severity, Headline: m.Headline,
		Sender: m.Sender, Phish: m.Phish, Spam: m.Spam,
	}
}
