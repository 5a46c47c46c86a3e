package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/workflows/soar"
)

// Watch looks after what nobody else does: gaps in coverage that grow old, and
// cards whose case ended without taking its buttons off. It runs every hour and
// ends in minutes. What it cannot look at is a problem in its result and keeps it
// from nothing else.
func Watch(ctx workflow.Context) (soar.WatchResult, error) {
	w := watch{result: soar.WatchResult{Gaps: map[string][]soar.Window{}}}
	watched, err := activities.LoadWatch.Run(quick(ctx), soar.None{})
	if err != nil {
		return w.result, err
	}
	for _, hunt := range watched.Hunts {
		for _, workspace := range (soar.HuntSettings{Workspaces: hunt.Workspaces}).WorkspaceNames() {
			w.gaps(ctx, watched, hunt, soar.CoverageSlug(hunt.Slug, workspace))
		}
	}
	if workflow.GetVersion(ctx, versionSweep, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		w.orphans(ctx)
	} else {
		w.sweep(ctx)
	}
	return w.result, ctx.Err()
}

type watch struct{ result soar.WatchResult }

func (w *watch) problem(what string, err error) {
	if err != nil {
		w.result.Problems = append(w.result.Problems, what+": "+rootMessage(err))
	}
}

// gaps tells each old gap once, with the command that fills it.
func (w *watch) gaps(ctx workflow.Context, watched soar.Watched, hunt soar.WatchedHunt, slug string) {
	found, err := activities.ReadCoverage.Run(workflowCalls(ctx), soar.CoverageRequest{Slug: slug})
	if err != nil {
		w.problem("coverage of "+slug, err)
		return
	}
	overdue := found.State.Overdue(workflow.Now(ctx), hunt, watched.Policy.GapNotice.Std())
	if len(overdue) == 0 {
		return
	}
	w.result.Gaps[slug] = overdue
	for _, gap := range overdue {
		notice := soar.Notice{
			Key: "gap:" + slug + ":" + gap.From.Format(time.RFC3339), Channel: watched.Policy.OperationsChannel,
			Text: fmt.Sprintf("Hunt %s has not hunted %s completely (%s). Look why with: worker hunts coverage %s. Fill it with: worker hunts backfill %s --from %s --to %s",
				slug, gap, soar.Duration(gap.Length()), hunt.Slug, hunt.Slug, gap.From.Format(time.RFC3339), gap.To.Format(time.RFC3339)),
		}
		_, err := activities.PostNotice.Run(slackInPassing(ctx), notice)
		w.problem("notice "+notice.Key, err)
	}
}
