package commands

import (
	"context"
	"errors"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"harrier/workflows/soar"
)

// change sends a change as an update whose id is the click's. What the case refuses
// is a *soar.Refusal.
func (d desk) change(ctx context.Context, c soar.Change) (soar.Decided, error) {
	var out soar.Decided
	handle, err := d.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: c.Case.ID, UpdateName: soar.ChangeUpdate, UpdateID: c.Click, Args: []any{c},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, &out)
	}
	return out, refusalIn(err)
}

func refusalIn(err error) error {
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return &soar.Refusal{Kind: soar.RefusedDecided, Message: "there is no such case, or its memory has ended"}
	}
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok || soar.RefusalKind(app.Type()).Validate() != nil {
		return err
	}
	return &soar.Refusal{Kind: soar.RefusalKind(app.Type()), Message: app.Message()}
}
