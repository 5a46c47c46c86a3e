package cases

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/temporal"

	"harrier/workflows/soar"
)

// listLag is how much later than a case ends a listing may show it.
const listLag = 10 * time.Minute

// ListOrphans lists a page of the cases whose workflow ended by force since a time while
// their card could still be decided, by their memos, newest first.
func (c *Client) ListOrphans(ctx context.Context, in soar.OrphansRequest) (soar.Orphans, error) {
	out := soar.Orphans{Until: time.Now().UTC().Add(-listLag)}
	query := soar.EndedCases + " AND CloseTime >= '" + in.Since.UTC().Format(time.RFC3339Nano) + "'"
	page, err := c.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: listPage, NextPageToken: in.Page})
	if err != nil {
		return out, classify("list orphans", err)
	}
	for _, info := range page.GetExecutions() {
		if memo, ok := c.memo(info.GetMemo()); ok && undecided(memo.State) {
			run := info.GetExecution()
			out.Ended = append(out.Ended, soar.Ended{ID: run.GetWorkflowId(), RunID: run.GetRunId(), At: info.GetCloseTime().AsTime()})
		}
	}
	out.Next = page.GetNextPageToken()
	return out, nil
}

// undecided says that a case waited for a decision until somebody ended it.
func undecided(s soar.CaseState) bool { return s.Decidable() || s == soar.CaseCancelled }

// ReadOrphan reads what a case was when its run ended. It answers with none where the
// card is closed already, where another run has the case and its card now, and where
// the run is not kept any more.
func (c *Client) ReadOrphan(ctx context.Context, in soar.Ended) (soar.Orphan, error) {
	view, err := c.viewOf(ctx, in.ID, in.RunID)
	if isNotFound(err) {
		return soar.Orphan{}, nil
	}
	if err != nil {
		return soar.Orphan{}, unread(in, err)
	}
	if !view.Case.Card.Posted() || !undecided(view.Case.State) {
		return soar.Orphan{}, nil
	}
	closed, err := c.closedElsewhere(ctx, in, view.Case)
	if err != nil || closed {
		return soar.Orphan{}, unread(in, err)
	}
	return soar.Orphan{Case: &view.Case}, nil
}

// unread is classify; a history that does not replay is not asked again at once.
func unread(in soar.Ended, err error) error {
	if failed, ok := errors.AsType[*serviceerror.QueryFailed](err); ok {
		return temporal.NewNonRetryableApplicationError("read orphan "+in.ID+": "+failed.Error(), "QueryFailed", nil)
	}
	return classify("read orphan "+in.ID, err)
}

// closedElsewhere says that the run itself closed its card, or that another run looks
// after it.
func (c *Client) closedElsewhere(ctx context.Context, in soar.Ended, k soar.Case) (bool, error) {
	run, err := c.temporal.DescribeWorkflowExecution(ctx, in.ID, in.RunID)
	if err != nil {
		return isNotFound(err), ignoreNotFound(err)
	}
	canceled := run.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_CANCELED
	if canceled && !k.FailedAt("card") || run.GetWorkflowExtendedInfo().GetResetRunId() != "" {
		return true, nil
	}
	newest, err := c.temporal.DescribeWorkflowExecution(ctx, in.ID, "")
	if err != nil || sameRun(newest.GetWorkflowExecutionInfo(), in) {
		return false, ignoreNotFound(err)
	}
	view, err := c.viewOf(ctx, in.ID, newest.GetWorkflowExecutionInfo().GetExecution().GetRunId())
	return err == nil && view.Case.Card.TS == k.Card.TS, ignoreNotFound(err)
}

func sameRun(info *workflow.WorkflowExecutionInfo, in soar.Ended) bool {
	return info.GetExecution().GetRunId() == in.RunID
}

func (c *Client) viewOf(ctx context.Context, id, runID string) (soar.CaseView, error) {
	var view soar.CaseView
	value, err := c.temporal.QueryWorkflow(ctx, id, runID, soar.CaseQuery)
	if err == nil {
		err = value.Get(&view)
	}
	return view, err
}

func ignoreNotFound(err error) error {
	if isNotFound(err) {
		return nil
	}
	return err
}
