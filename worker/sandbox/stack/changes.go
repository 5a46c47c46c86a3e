package stack

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/client"

	"harrier/workflows/soar"
)

// Change changes a case as Slack's handler does, for an approver of the on-call group.
func (s *Stack) Change(ctx context.Context, c soar.Change) (soar.Decided, error) {
	c.Approvers = soar.Approvers{Groups: []string{OnCall}}
	c.By.Groups = []string{OnCall}
	var out soar.Decided
	handle, err := s.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: c.Case.ID, UpdateName: soar.ChangeUpdate, UpdateID: c.Click, Args: []any{c},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return out, fmt.Errorf("%s %s: %w", c.Kind, c.Case, err)
	}
	return out, handle.Get(ctx, &out)
}

// Run runs a workflow that is no hunt to its end.
func Run[Out any](ctx context.Context, s *Stack, name, id string, in any) (Out, client.WorkflowRun, error) {
	var out Out
	run, err := s.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: soar.TaskQueue}, name, in)
	if err != nil {
		return out, nil, fmt.Errorf("start %s: %w", name, err)
	}
	return out, run, run.Get(ctx, &out)
}
