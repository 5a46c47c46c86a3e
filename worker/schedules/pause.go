package schedules

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"harrier/workflows/soar"
)

// PausedBy says whose a pause is.
type PausedBy string

const (
	// NotPaused is a schedule that runs.
	NotPaused PausedBy = ""
	// PausedBySettings is a pause that the hunt's settings ask for.
	PausedBySettings PausedBy = "settings"
	// PausedThroughHarrier is a pause that Harrier lifts by itself, or when it is asked to.
	PausedThroughHarrier PausedBy = "harrier"
	// PausedByOperator is a pause that was set in Temporal, and that Harrier leaves alone.
	PausedByOperator PausedBy = "operator"
)

// pauseNote is the form of soar.PauseInput.PauseNote.
var pauseNote = regexp.MustCompile(`^paused by .+ through Harrier until (resumed|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$`)

func whose(paused bool, note string) PausedBy {
	switch {
	case !paused:
		return NotPaused
	case note == PausedNote:
		return PausedBySettings
	case pauseNote.MatchString(note):
		return PausedThroughHarrier
	}
	return PausedByOperator
}

// PauseState is whether a hunt's schedule runs.
type PauseState struct {
	// Scheduled is false for a hunt that has no schedule on the server.
	Scheduled bool
	By        PausedBy
	// Note is the pause's, as it stands in Temporal.
	Note string
	// Until is when a pause ends by itself; zero is never.
	Until time.Time
	// Next is the next run; zero when none is planned.
	Next time.Time
}

// Paused says that the schedule is there and does not run.
func (s PauseState) Paused() bool { return s.By != NotPaused }

// String says it in words.
func (s PauseState) String() string {
	switch {
	case !s.Scheduled:
		return "not scheduled"
	case s.By == NotPaused:
		return "runs"
	case s.By == PausedByOperator:
		return fmt.Sprintf("paused in Temporal (%q)", s.Note)
	}
	return s.Note
}

// Pauses pauses and resumes hunts, for the command line and for Slack. Whoever
// calls has checked who asks.
type Pauses struct {
	Client client.Client
}

// State reads a hunt's schedule.
func (p Pauses) State(ctx context.Context, slug string) (PauseState, error) {
	d, err := p.Client.ScheduleClient().GetHandle(ctx, soar.ScheduleID(slug)).Describe(ctx)
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return PauseState{}, nil
	}
	if err != nil {
		return PauseState{}, fmt.Errorf("read schedule %s: %w", soar.ScheduleID(slug), err)
	}
	out := PauseState{Scheduled: true}
	if st := d.Schedule.State; st != nil {
		out.By, out.Note = whose(st.Paused, st.Note), st.Note
	}
	if m := pauseNote.FindStringSubmatch(out.Note); m != nil && out.By == PausedThroughHarrier {
		out.Until, _ = time.Parse(time.RFC3339, m[1])
	}
	if next := d.Info.NextActionTimes; len(next) > 0 && !out.Paused() {
		out.Next = next[0].UTC()
	}
	return out, nil
}

// Pause starts the workflow that pauses a hunt's schedule and resumes it at
// in.Until, and waits until the schedule is paused. It fails on a hunt without a
// schedule and on one that is paused already.
func (p Pauses) Pause(ctx context.Context, in soar.PauseInput) error {
	state, err := p.State(ctx, in.Slug)
	if err != nil {
		return err
	}
	switch {
	case !state.Scheduled:
		return fmt.Errorf("pause hunt %s: it has no schedule; it runs on demand only", in.Slug)
	case state.Paused():
		return fmt.Errorf("pause hunt %s: it is %s already; resume it first", in.Slug, state)
	}
	run, err := p.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: soar.PauseID(in.Slug), TaskQueue: soar.TaskQueue,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, soar.PauseWorkflow, in)
	if _, running := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); running {
		return fmt.Errorf("pause hunt %s: another pause of it is under way; resume it first", in.Slug)
	}
	if err != nil {
		return fmt.Errorf("pause hunt %s: %w", in.Slug, err)
	}
	return p.untilPaused(ctx, in, run)
}

// pollEvery is how often a schedule is looked at until its pause is set.
const pollEvery = 200 * time.Millisecond

// untilPaused waits for the schedule, and for the workflow, which ends without
// pausing when it is refused.
func (p Pauses) untilPaused(ctx context.Context, in soar.PauseInput, run client.WorkflowRun) error {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- run.Get(watching, nil) }()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			if ctx.Err() == nil && err != nil {
				return fmt.Errorf("pause hunt %s: %s", in.Slug, innermost(err))
			}
			if ctx.Err() == nil {
				return nil // it was resumed at once
			}
		case <-ctx.Done():
		case <-tick.C:
		}
		if ctx.Err() != nil {
			return fmt.Errorf("pause hunt %s: asked for, but no worker has done it yet: %w", in.Slug, ctx.Err())
		}
		if state, err := p.State(ctx, in.Slug); err == nil && state.Note == in.PauseNote() && state.Paused() {
			return nil
		}
	}
}

// Resume ends a pause that was asked for through Harrier, and waits until the
// schedule runs. It fails when the schedule runs already, and leaves a pause of the
// settings or of an operator alone.
func (p Pauses) Resume(ctx context.Context, slug string) error {
	state, err := p.State(ctx, slug)
	if err != nil {
		return err
	}
	switch {
	case !state.Scheduled:
		return fmt.Errorf("resume hunt %s: it has no schedule; it runs on demand only", slug)
	case state.By == PausedBySettings:
		return fmt.Errorf("resume hunt %s: its settings pause it; take schedule.paused out of the hunt settings", slug)
	case state.By == PausedByOperator:
		return fmt.Errorf("resume hunt %s: an operator paused it (%q); whoever did resumes it: temporal schedule toggle --unpause --schedule-id %s", slug, state.Note, soar.ScheduleID(slug))
	}
	found, err := p.cancel(ctx, slug)
	if err != nil || found {
		return err
	}
	if !state.Paused() {
		return fmt.Errorf("resume hunt %s: it is not paused", slug)
	}
	// Its workflow was ended by force, and left the pause behind.
	handle := p.Client.ScheduleClient().GetHandle(ctx, soar.ScheduleID(slug))
	if err := handle.Unpause(ctx, client.ScheduleUnpauseOptions{Note: "resumed through Harrier"}); err != nil {
		return fmt.Errorf("resume hunt %s: %w", slug, err)
	}
	return nil
}

// cancel ends a hunt's Pause workflow, which resumes the schedule; found is false
// when none is running.
func (p Pauses) cancel(ctx context.Context, slug string) (found bool, err error) {
	id := soar.PauseID(slug)
	described, err := p.Client.DescribeWorkflowExecution(ctx, id, "")
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return false, nil
	}
	if err == nil && described.GetWorkflowExecutionInfo().GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return false, nil
	}
	if err == nil {
		err = p.Client.CancelWorkflow(ctx, id, "")
	}
	if err != nil {
		return true, fmt.Errorf("resume hunt %s: %w", slug, err)
	}
	var resumed soar.Resumed
	if err := p.Client.GetWorkflow(ctx, id, "").Get(ctx, &resumed); err != nil {
		return true, fmt.Errorf("resume hunt %s: %s", slug, innermost(err))
	}
	if !resumed.Resumed {
		return true, fmt.Errorf("resume hunt %s: it stays paused: %s", slug, resumed.Why)
	}
	return true, nil
}

// innermost is the message of a workflow's failure without what it was wrapped in.
func innermost(err error) string {
	if app, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return app.Message()
	}
	return err.Error()
}
