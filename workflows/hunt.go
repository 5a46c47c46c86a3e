package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/workflows/soar"
)

// Hunt runs one hunt: load, then for each workspace window, source, and for each
// piece of the window query, evidence, judgement, cases and coverage; audit and
// summary at the end. It ends in minutes, waits for no person and owns no
// child. A hunt that could not run ends without an error and says so in its
// coverage, so that the schedule heals itself; only input that names no hunt,
// or a window that cannot be hunted, fails.
func Hunt(ctx workflow.Context, in soar.HuntInput) (soar.HuntResult, error) {
	h := &hunt{in: in}
	h.result.RunID = workflow.GetInfo(ctx).WorkflowExecution.RunID
	h.result.Started = workflow.Now(ctx)
	h.result.DryRun = in.DryRun
	if err := workflow.SetQueryHandler(ctx, soar.ProgressQuery, h.progress); err != nil {
		return h.result, err
	}
	return h.run(ctx)
}

type hunt struct {
	in     soar.HuntInput
	loaded soar.Loaded
	result soar.HuntResult
	// workspace is the one under way; the default one has no name.
	workspace string
	// left are the pieces still to hunt, piece is the one under way, done the others.
	left  []soar.Window
	piece soar.Piece
	done  []soar.Piece
	order soar.HuntRun
	step  string
	// cards counts the cards this run makes; listed are the cases its summary lists.
	cards  int
	listed []soar.ListedCase
}

func (h *hunt) run(ctx workflow.Context) (soar.HuntResult, error) {
	if err := h.load(ctx); err != nil {
		return h.result, err
	}
	due, err := h.huntWorkspaces(ctx)
	switch {
	case err != nil && h.in.Window == nil && ctx.Err() == nil:
		h.result.Coverage, h.result.Reason = soar.CoverageNotRun, rootMessage(err)
		h.tell(ctx)
		return h.result, err
	case err != nil:
		return h.result, err // whoever asked by hand, or cancelled, reads it
	case !due:
		return h.result, nil
	}
	h.finish(ctx)
	return h.result, nil
}

func (h *hunt) load(ctx workflow.Context) error {
	loaded, err := activities.LoadHunt.Run(quick(ctx), h.in)
	if err != nil {
		return err
	}
	h.loaded = loaded
	h.result.Hunt, h.result.Slug = loaded.Hunt.ID, loaded.Hunt.Slug
	return nil
}

// chooseWindow takes the window given, or what is not covered yet up to the
// scheduled time minus the settling lag. It says false when nothing is due.
func (h *hunt) chooseWindow(ctx workflow.Context) (due bool, err error) {
	state, err := h.coverage(ctx)
	if err != nil {
		return false, err
	}
	if h.in.Window != nil {
		h.setWindow(*h.in.Window)
		return true, h.refuseFuture(ctx)
	}
	settings := h.loaded.Hunt.Settings
	end := scheduledTime(ctx).Add(-settings.Lag.Std())
	w, due := soar.NextWindow(state, end, settings.FirstWindow.Std())
	h.setWindow(w)
	if !due {
		h.left = nil
		h.result.Coverage = soar.CoverageComplete
		h.result.Reason = "nothing to hunt: covered until " + w.From.Format(time.RFC3339)
		h.result.Finished = workflow.Now(ctx)
	}
	return due, nil
}

// refuseFuture keeps a window that has not ended from being called hunted.
func (h *hunt) refuseFuture(ctx workflow.Context) error {
	if w := h.result.Window; w.To.After(workflow.Now(ctx)) {
		return temporal.NewNonRetryableApplicationError("hunt "+w.String()+": the window ends in the future; give an end that has passed", "InvalidInput", nil)
	}
	return nil
}

func (h *hunt) setWindow(w soar.Window) {
	h.result.Window = w
	h.left = w.Cut(h.loaded.Hunt.Settings.MaxWindow.Std())
}

// coverage reads what was hunted. A hunt whose Coverage is not running gets one,
// in a step of its own, from what a closed one knew.
func (h *hunt) coverage(ctx workflow.Context) (soar.CoverageState, error) {
	slug := h.coverageSlug()
	found, err := activities.ReadCoverage.Run(workflowCalls(ctx), soar.CoverageRequest{Slug: slug})
	if err != nil || found.Found || !h.covers() {
		return found.State, err
	}
	workflow.GetLogger(ctx).Warn("no coverage is running; starting it", "hunt", slug, "intervals", len(found.State.Intervals))
	_, err = activities.StartCoverage.Run(workflowCalls(ctx), soar.CoverageStart{Slug: slug, State: found.State})
	return found.State, err
}

func (h *hunt) coverageSlug() string { return soar.CoverageSlug(h.loaded.Hunt.Slug, h.workspace) }

// covers says whether this run may count as coverage: a dry run changed
// nothing, and a smaller top judged less than the hunt asks for.
func (h *hunt) covers() bool {
	top := h.loaded.Hunt.Settings.Top
	return !h.in.DryRun && (h.in.Top == 0 || (top > 0 && h.in.Top >= top))
}

func (h *hunt) top() int {
	if h.in.Top > 0 {
		return h.in.Top
	}
	return h.loaded.Hunt.Settings.Top
}

// scheduledTime is when the schedule wanted the run, so that a late start
// hunts the same window; a run by hand has its own start.
func scheduledTime(ctx workflow.Context) time.Time {
	attributes := workflow.GetTypedSearchAttributes(ctx)
	if at, ok := attributes.GetTime(temporal.NewSearchAttributeKeyTime("TemporalScheduledStartTime")); ok {
		return at
	}
	return workflow.GetInfo(ctx).WorkflowStartTime
}

// finish sums the pieces up, writes the audit and tells people.
func (h *hunt) finish(ctx workflow.Context) {
	h.step = "finish"
	h.result.Finished = workflow.Now(ctx)
	h.result = h.result.Conclude(h.done)
	h.result.Totals = totals(h.result)
	h.result = h.result.Fit()
	h.record(ctx)
	h.tell(ctx)
}

func (h *hunt) record(ctx workflow.Context) {
	free, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	if _, err := activities.RecordRun.Run(quick(free), soar.RunRecord{Result: h.result}); err != nil {
		h.remark("audit not written: " + rootMessage(err))
	}
}

// remark says what went wrong without making the run less complete.
func (h *hunt) remark(reason string) { h.result.Reason = soar.JoinReasons(h.result.Reason, reason) }

func (h *hunt) progress() (soar.Progress, error) {
	p := soar.Progress{Window: h.result.Window, Done: h.done, Left: len(h.left), Senders: len(h.result.Senders), Step: h.step}
	for _, d := range h.done {
		p.Hunted += soar.Duration(d.Window.Length())
	}
	return p, nil
}

func totals(r soar.HuntResult) soar.RunTotals {
	t := r.Totals
	t.Findings = len(r.Senders)
	for _, s := range r.Senders {
		switch s.Verdict {
		case soar.VerdictSuppressed:
			t.Suppressed++
		case soar.VerdictTriage:
			t.Triage++
		case soar.VerdictBelowCut:
			t.BelowCut++
		}
		switch s.Answer {
		case soar.SeeOpened:
			t.Opened++
		case soar.SeeJoined:
			t.Joined++
		}
	}
	return t
}
