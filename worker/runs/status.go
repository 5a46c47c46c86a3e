package runs

import (
	"context"
	"time"

	"harrier/worker/schedules"
	"harrier/workflows/soar"
)

// Status is how a hunt stands.
type Status struct {
	Slug     string
	Name     string
	Schedule string
	Newest   Run
	// Reached is how far each workspace was hunted.
	Reached []Reached
	Pause   schedules.PauseState
}

// Reached is how far a hunt got in one workspace.
type Reached struct {
	Workspace string
	// Until is the end of what was hunted completely; zero is never.
	Until time.Time
	// Gaps are spans before Until that were not hunted completely.
	Gaps []soar.Window
}

// ReachedIn reads how far coverage reaches.
func ReachedIn(workspace string, state soar.CoverageState) Reached {
	r := Reached{Workspace: workspace}
	for _, c := range state.Intervals {
		if c.Status == soar.CoverageComplete && c.Window.To.After(r.Until) {
			r.Until = c.Window.To
		}
	}
	r.Gaps = state.Gaps(r.Until)
	return r
}

// Gaps counts the gaps of all workspaces.
func (s Status) Gaps() int {
	n := 0
	for _, r := range s.Reached {
		n += len(r.Gaps)
	}
	return n
}

// Until is how far every workspace was hunted; zero when one never was.
func (s Status) Until() time.Time {
	var least time.Time
	for i, r := range s.Reached {
		if i == 0 || r.Until.Before(least) {
			least = r.Until
		}
	}
	return least
}

// Status reads how a hunt stands.
func (r Reader) Status(ctx context.Context, h soar.Hunt) (Status, error) {
	s := Status{Slug: h.Slug, Name: h.Name, Schedule: h.Settings.Schedule.String()}
	var err error
	if s.Newest, err = r.Newest(ctx, h); err != nil {
		return s, err
	}
	for _, workspace := range h.Settings.WorkspaceNames() {
		state, err := r.Coverage(ctx, h.Slug, workspace)
		if err != nil {
			return s, err
		}
		s.Reached = append(s.Reached, ReachedIn(workspace, state))
	}
	s.Pause, err = schedules.Pauses{Client: r.Client}.State(ctx, h.Slug)
	return s, err
}
