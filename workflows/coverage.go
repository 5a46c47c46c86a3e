package workflows

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"harrier/workflows/soar"
)

// Coverage keeps which windows of one hunt were hunted, for GapsKept. It never
// ends by itself and continues as new before its history grows long.
func Coverage(ctx workflow.Context, in soar.CoverageInput) error {
	state := in.State
	if err := registerCoverage(ctx, &state); err != nil {
		return err
	}
	long := func() bool { return historyIsLong(ctx) }
	if err := workflow.Await(ctx, long); err != nil {
		return err
	}
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	return workflow.NewContinueAsNewError(ctx, soar.CoverageWorkflow, soar.CoverageInput{Slug: in.Slug, State: state})
}

func registerCoverage(ctx workflow.Context, state *soar.CoverageState) error {
	cover := func(ctx workflow.Context, c soar.Cover) (soar.CoverageState, error) {
		*state = state.Apply(c).Prune(workflow.Now(ctx).Add(-soar.GapsKept))
		return *state, nil
	}
	valid := func(c soar.Cover) error {
		if err := c.Validate(); err != nil {
			return temporal.NewNonRetryableApplicationError("cover: "+err.Error(), "InvalidCover", nil)
		}
		return nil
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, soar.CoverUpdate, cover, workflow.UpdateHandlerOptions{Validator: valid}); err != nil {
		return err
	}
	return workflow.SetQueryHandler(ctx, soar.CoverageQuery, func() (soar.CoverageState, error) { return *state, nil })
}

func historyIsLong(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return info.GetContinueAsNewSuggested() || info.GetCurrentHistoryLength() > historyLimit
}
