package workflows

import (
	"go.temporal.io/sdk/workflow"

	"harrier/workflows/soar"
)

// huntWorkspaces hunts each workspace that the hunt names, one after the other,
// and says false when nothing was due in any. The trouble of one of several keeps
// no other from being hunted; a hunt of one alone fails with it.
func (h *hunt) huntWorkspaces(ctx workflow.Context) (due bool, err error) {
	names := h.loaded.Hunt.Settings.WorkspaceNames()
	for _, name := range names {
		h.workspace, h.result.Window = name, soar.Window{}
		before := len(h.done)
		dueHere, err := h.huntWorkspace(ctx)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err != nil && len(names) == 1 {
			return false, err
		}
		if err != nil {
			h.done = append(h.done, soar.Piece{Window: h.result.Window, Coverage: soar.CoverageNotRun, Reason: rootMessage(err), Workspace: name})
			dueHere = true
		}
		due = due || dueHere
		h.closeWorkspace(h.done[before:])
	}
	if due && len(names) > 1 {
		h.result.Reason = ""
	}
	return due, nil
}

func (h *hunt) huntWorkspace(ctx workflow.Context) (due bool, err error) {
	due, err = h.chooseWindow(ctx)
	if err == nil && due {
		h.huntPieces(ctx)
	}
	return due, err
}

// closeWorkspace keeps what became of one of several workspaces. The run's own
// window reaches over all of theirs.
func (h *hunt) closeWorkspace(pieces []soar.Piece) {
	if h.workspace == "" {
		return
	}
	here := soar.HuntResult{}.Conclude(pieces)
	h.result.Workspaces = append(h.result.Workspaces, soar.WorkspaceResult{
		Workspace: h.workspace, Window: h.result.Window, Coverage: here.Coverage, Reason: here.Reason,
	})
	for _, w := range h.result.Workspaces {
		h.result.Window = h.result.Window.Hull(w.Window)
	}
}
