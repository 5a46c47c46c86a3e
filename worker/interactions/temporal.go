package interactions

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"harrier/workflows/soar"
)

// TemporalCases are the cases as Triage workflows.
type TemporalCases struct{ Client client.Client }

// Decide sends the decision as an update whose id is the click's, so that a
// repeat is the same update. A refusal by the case, or a case that is closed, is
// a *soar.Refusal.
func (t TemporalCases) Decide(ctx context.Context, d soar.Decide) (soar.Decided, error) {
	var out soar.Decided
	err := t.update(ctx, client.UpdateWorkflowOptions{
		WorkflowID: d.Case.ID, UpdateName: soar.DecideUpdate, UpdateID: d.Click, Args: []any{d},
	}, &out)
	return out, wrap("decide "+d.Case.String(), err)
}

// Change sends the change as Decide sends a decision.
func (t TemporalCases) Change(ctx context.Context, c soar.Change) (soar.Decided, error) {
	var out soar.Decided
	err := t.update(ctx, client.UpdateWorkflowOptions{
		WorkflowID: c.Case.ID, UpdateName: soar.ChangeUpdate, UpdateID: c.Click, Args: []any{c},
	}, &out)
	return out, wrap(string(c.Kind)+" "+c.Case.String(), err)
}

// Extend moves the end of what is remembered of a sender.
func (t TemporalCases) Extend(ctx context.Context, caseID, click string, e soar.Extend) (soar.CaseView, error) {
	var out soar.CaseView
	err := t.update(ctx, client.UpdateWorkflowOptions{WorkflowID: caseID, UpdateName: soar.ExtendUpdate, UpdateID: click, Args: []any{e}}, &out)
	return out, wrap("extend "+caseID, err)
}

// View reads a case. Of one whose workflow was ended by force before a decision the
// state is cancelled: nobody decides it any more. A case that does not exist any more
// is a *soar.Refusal.
func (t TemporalCases) View(ctx context.Context, caseID string) (soar.CaseView, error) {
	var out soar.CaseView
	ended, err := t.query(ctx, caseID, enums.QUERY_REJECT_CONDITION_NOT_OPEN, &out)
	if ended {
		_, err = t.query(ctx, caseID, enums.QUERY_REJECT_CONDITION_NONE, &out)
	}
	if ended && out.Case.State.Decidable() {
		out.Case.State = soar.CaseCancelled
	}
	return out, wrap("read case "+caseID, refusal(err))
}

// query asks a case, unless its workflow is in a state that reject names.
func (t TemporalCases) query(ctx context.Context, caseID string, reject enums.QueryRejectCondition, out *soar.CaseView) (rejected bool, err error) {
	r, err := t.Client.QueryWorkflowWithOptions(ctx, &client.QueryWorkflowWithOptionsRequest{
		WorkflowID: caseID, QueryType: soar.CaseQuery, QueryRejectCondition: reject,
	})
	if err != nil || r.QueryRejected != nil {
		return err == nil, err
	}
	return false, r.QueryResult.Get(out)
}

// Show asks the case for its card in a thread. The update's id is the click's, so that
// a click after a card that failed asks again; however many people ask, the case has one.
func (t TemporalCases) Show(ctx context.Context, s soar.Show) error {
	err := t.update(ctx, client.UpdateWorkflowOptions{
		WorkflowID: s.Case.ID, UpdateName: soar.ShowUpdate, UpdateID: stableID("show", s.Case.String(), s.Channel, s.Thread, s.Click), Args: []any{s},
	}, nil)
	return wrap("show "+s.Case.String(), err)
}

// update sends an update and waits until it is completed or refused.
func (t TemporalCases) update(ctx context.Context, options client.UpdateWorkflowOptions, out any) error {
	options.WaitForStage = client.WorkflowUpdateStageCompleted
	handle, err := t.Client.UpdateWorkflow(ctx, options)
	if err == nil {
		err = handle.Get(ctx, out)
	}
	return refusal(err)
}

// refusal turns what the case answered into a *soar.Refusal. Any other error
// stays an error: the update may have been applied all the same.
func refusal(err error) error {
	if _, ok := errors.AsType[*serviceerror.NotFound](err); ok {
		return &soar.Refusal{Kind: soar.RefusedDecided, Message: "case closed: it takes no more decisions"}
	}
	e, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok {
		return err
	}
	kind := soar.RefusalKind(e.Type())
	if kind.Validate() != nil {
		return err
	}
	return &soar.Refusal{Kind: kind, Message: e.Message()}
}

// wrap names the operation, except of a refusal, which is for a person to read.
func wrap(operation string, err error) error {
	if err == nil {
		return nil
	}
	if r, ok := errors.AsType[*soar.Refusal](err); ok {
		return r
	}
	return fmt.Errorf("%s: %w", operation, err)
}
