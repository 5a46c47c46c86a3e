package runs

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/converter"

	"harrier/config"
	"harrier/workflows/soar"
)

// ourID is the form of the ids that Harrier gives to runs of hunts: one of these belongs
// to the hunt that it names, or is a preview or a look at an old window, and is not read.
var ourID = regexp.MustCompile(`^hunt-[a-z0-9-]+-((by-hand-|by-slack-|backfill-|preview-|)\d{4}|wrong-[0-9a-f]+$)`)

// maxUnnamed bounds the runs under other ids that are read to find one.
const maxUnnamed = 200

// unnamed is the newest run that is taken among those that somebody started under an id
// of their own, as "temporal workflow execute" does, and that ended after a time.
func (r Reader) unnamed(ctx context.Context, hunt soar.Hunt, only string, after time.Time, takes func(Run) (bool, error)) (found Run, err error) {
	left := maxUnnamed
	query := fmt.Sprintf("WorkflowType = '%s' AND TemporalScheduledById IS NULL", soar.HuntWorkflow)
	listing := r.each(ctx, query+only, func(info *workflow.WorkflowExecutionInfo) bool {
		if ourID.MatchString(info.GetExecution().GetWorkflowId()) {
			return true
		}
		if ended := info.GetCloseTime(); ended != nil && !ended.AsTime().After(after) {
			return false
		}
		left--
		run, own := r.run(ctx, info, ByHand), false
		if own, err = r.isOf(ctx, hunt, run); own {
			own, err = takes(run)
		}
		if own {
			found = run
		}
		return err == nil && !own && left > 0
	})
	return found, errors.Join(listing, err)
}

// isOf says that a run is one of a hunt: by its result, or by its input while it has none.
func (r Reader) isOf(ctx context.Context, hunt soar.Hunt, run Run) (bool, error) {
	if !run.Running && !run.Failed {
		return run.Result.Slug == hunt.Slug, nil
	}
	in, err := r.input(ctx, run)
	if errors.Is(err, errNoInput) {
		return false, nil // it names no hunt
	}
	_, unknown := config.Resolve([]soar.Hunt{hunt}, in.Hunt)
	return err == nil && unknown == nil, err
}

// errNoInput says that a run was not started with the input of a hunt.
var errNoInput = errors.New("it was not started with the input of a hunt")

// asked is what a run was started with, read leniently: it may be of another release.
type asked struct {
	Hunt string `json:"hunt"`
	Top  int    `json:"top"`
}

func (r Reader) input(ctx context.Context, run Run) (in asked, err error) {
	first, err := r.Client.GetWorkflowHistory(ctx, run.ID, run.RunID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT).Next()
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return in, errNoInput
	}
	if err != nil {
		return in, fmt.Errorf("read how %s was started: %w", run.ID, err)
	}
	payloads := first.GetWorkflowExecutionStartedEventAttributes().GetInput().GetPayloads()
	conv := r.Converter
	if conv == nil {
		conv = converter.GetDefaultDataConverter()
	}
	if len(payloads) == 0 || conv.FromPayload(payloads[0], &in) != nil {
		return in, errNoInput
	}
	return in, nil
}
