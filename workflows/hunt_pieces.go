package workflows

import (
	"errors"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/workflows/soar"
)

// huntPieces hunts the window piece by piece, oldest first, and records each as
// it ends: what a stopped run has hunted stays hunted. A piece whose result is
// cut is halved, down to MinPiece.
func (h *hunt) huntPieces(ctx workflow.Context) {
	unhealthy := h.checkSource(ctx)
	for len(h.left) > 0 && ctx.Err() == nil {
		w := h.left[0]
		h.left = h.left[1:]
		h.piece = soar.Piece{Window: w, Coverage: soar.CoverageComplete, Workspace: h.workspace}
		h.order = soar.HuntRun{Hunt: h.loaded.Hunt, Window: w, RunID: h.result.RunID, Workspace: h.workspace}
		err := unhealthy
		if err == nil {
			err = h.huntPiece(ctx)
		}
		if halves, ok := w.Halve(); ok && tooMuch(err) {
			h.left = slices.Concat(halves, h.left)
			continue
		}
		if err != nil {
			// Could not look is kept apart from found nothing.
			h.piece.Coverage, h.piece.Reason = soar.CoverageNotRun, rootMessage(err)
		}
		h.cover(ctx)
		h.done = append(h.done, h.piece)
	}
}

// errCut is a result that holds not all rows of its piece.
var errCut = errors.New("the result is cut")

// Error types of the queries whose cure is a shorter window.
var tooMuchTypes = []string{"ResultTooLarge", "QueryTimeout"}

func tooMuch(err error) bool {
	var app *temporal.ApplicationError
	return errors.Is(err, errCut) || errors.As(err, &app) && slices.Contains(tooMuchTypes, app.Type())
}

func (h *hunt) checkSource(ctx workflow.Context) error {
	h.step = "source"
	run := soar.HuntRun{Hunt: h.loaded.Hunt, Window: h.result.Window, RunID: h.result.RunID, Workspace: h.workspace}
	health, err := activities.CheckSource.Run(queries(ctx), run)
	if err != nil {
		return err
	}
	h.spend(health.Stats)
	for _, note := range health.Notes {
		if !slices.Contains(h.result.Notes, note) {
			h.result.Notes = append(h.result.Notes, note)
		}
	}
	if !health.Healthy {
		return errors.New("source not healthy: " + strings.Join(health.Problems, "; "))
	}
	return nil
}

// spend adds up what the run's queries cost.
func (h *hunt) spend(s soar.QueryStats) { h.result.Totals.Queries = h.result.Totals.Queries.Add(s) }

// cover records the piece, up to the settling lag before the run: later rows
// of a window that was asked for by hand may still arrive.
func (h *hunt) cover(ctx workflow.Context) {
	if !h.covers() {
		return
	}
	w := h.piece.Window
	if settled := scheduledTime(ctx).Add(-h.loaded.Hunt.Settings.Lag.Std()).Truncate(time.Second); w.To.After(settled) {
		w.To = settled
	}
	if !w.From.Before(w.To) {
		return
	}
	c := soar.Cover{
		Window: w, Status: h.piece.Coverage, Reason: h.piece.Reason,
		RunID: h.result.RunID, QueryHash: h.loaded.Hunt.QueryHash(), At: workflow.Now(ctx),
	}
	if _, err := activities.CoverWindow.Run(workflowCalls(ctx), soar.CoverRequest{Slug: h.coverageSlug(), Cover: c}); err != nil {
		h.piece.Weaken("coverage not recorded: " + rootMessage(err))
	}
}
