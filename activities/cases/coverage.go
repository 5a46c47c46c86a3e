package cases

import (
	"context"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"harrier/workflows/soar"
)

// ReadCoverage asks a hunt's Coverage workflow what was hunted. Found is false
// when none is running; what a closed one knew is returned all the same.
func (c *Client) ReadCoverage(ctx context.Context, in soar.CoverageRequest) (soar.CoverageFound, error) {
	id := soar.CoverageID(in.Slug)
	value, err := c.temporal.QueryWorkflow(ctx, id, "", soar.CoverageQuery)
	if isNotFound(err) {
		return soar.CoverageFound{}, nil
	}
	if err != nil {
		return soar.CoverageFound{}, classify("read "+id, err)
	}
	described, err := c.temporal.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		return soar.CoverageFound{}, classify("read "+id, err)
	}
	status := described.GetWorkflowExecutionInfo().GetStatus()
	found := soar.CoverageFound{Found: status == enums.WORKFLOW_EXECUTION_STATUS_RUNNING}
	if err := value.Get(&found.State); err != nil {
		return soar.CoverageFound{}, classify("read "+id, err)
	}
	return found, nil
}

// StartCoverage starts the Coverage workflow of a hunt that has none running.
func (c *Client) StartCoverage(ctx context.Context, in soar.CoverageStart) (soar.None, error) {
	id := soar.CoverageID(in.Slug)
	_, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: c.taskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, soar.CoverageWorkflow, soar.CoverageInput(in))
	return soar.None{}, classify("start "+id, err)
}

// CoverWindow records a hunted window; the same window and status twice changes nothing.
func (c *Client) CoverWindow(ctx context.Context, in soar.CoverRequest) (soar.CoverageState, error) {
	var state soar.CoverageState
	id := soar.CoverageID(in.Slug)
	handle, err := c.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: soar.CoverUpdate,
		UpdateID: fmt.Sprintf("cover-%s-%s", in.Cover.RunID, in.Cover.Window),
		Args:     []any{in.Cover}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, &state)
	}
	return state, classify("cover "+id, err)
}
