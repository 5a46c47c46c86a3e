package stack

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"

	"harrier/workflows/soar"
)

// poll is how often something on the server is looked at again.
const poll = 100 * time.Millisecond

// TriggerHunt makes a hunt's schedule act now and waits for the run's result.
func (s *Stack) TriggerHunt(ctx context.Context, slug string) (soar.HuntResult, error) {
	handle := s.Temporal.ScheduleClient().GetHandle(ctx, soar.ScheduleID(slug))
	before, err := s.awaitSchedule(ctx, handle)
	if err != nil {
		return soar.HuntResult{}, fmt.Errorf("find the schedule of %s: %w", slug, err)
	}
	if err := handle.Trigger(ctx, client.ScheduleTriggerOptions{}); err != nil {
		return soar.HuntResult{}, fmt.Errorf("trigger %s: %w", slug, err)
	}
	for {
		described, err := handle.Describe(ctx)
		if err != nil {
			return soar.HuntResult{}, err
		}
		if actions := described.Info.RecentActions; described.Info.NumActions > before && len(actions) > 0 {
			last := actions[len(actions)-1].StartWorkflowResult
			return s.HuntResult(ctx, last.WorkflowID, last.FirstExecutionRunID)
		}
		if err := pause(ctx); err != nil {
			return soar.HuntResult{}, err
		}
	}
}

// awaitSchedule waits until the worker has made the schedule.
func (s *Stack) awaitSchedule(ctx context.Context, handle client.ScheduleHandle) (actions int, err error) {
	for {
		described, err := handle.Describe(ctx)
		if err == nil {
			return described.Info.NumActions, nil
		}
		if stopped := pause(ctx); stopped != nil {
			return 0, err
		}
	}
}

// AwaitSchedule waits until the worker has made a schedule.
func (s *Stack) AwaitSchedule(ctx context.Context, id string) error {
	_, err := s.awaitSchedule(ctx, s.Temporal.ScheduleClient().GetHandle(ctx, id))
	return err
}

// LastResult waits for the newest run that a hunt's schedule has started.
func (s *Stack) LastResult(ctx context.Context, slug string) (soar.HuntResult, error) {
	handle := s.Temporal.ScheduleClient().GetHandle(ctx, soar.ScheduleID(slug))
	for {
		described, err := handle.Describe(ctx)
		if err != nil {
			return soar.HuntResult{}, err
		}
		if actions := described.Info.RecentActions; len(actions) > 0 {
			last := actions[len(actions)-1].StartWorkflowResult
			return s.HuntResult(ctx, last.WorkflowID, last.FirstExecutionRunID)
		}
		if err := pause(ctx); err != nil {
			return soar.HuntResult{}, fmt.Errorf("wait for a run of %s: %w", slug, err)
		}
	}
}

// Hunt starts a hunt by hand and waits for its result.
func (s *Stack) Hunt(ctx context.Context, in soar.HuntInput) (soar.HuntResult, error) {
	run, err := s.StartHunt(ctx, in)
	if err != nil {
		return soar.HuntResult{}, err
	}
	return s.HuntResult(ctx, run.GetID(), run.GetRunID())
}

// StartHunt starts a hunt by hand.
func (s *Stack) StartHunt(ctx context.Context, in soar.HuntInput) (client.WorkflowRun, error) {
	return s.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: soar.TaskQueue}, soar.HuntWorkflow, in)
}

// AwaitRest waits until a run has nothing under way: no activity and no task.
func (s *Stack) AwaitRest(ctx context.Context, workflowID, runID string) error {
	for {
		described, err := s.Temporal.DescribeWorkflowExecution(ctx, workflowID, runID)
		if err != nil {
			return fmt.Errorf("describe %s: %w", workflowID, err)
		}
		if len(described.GetPendingActivities()) == 0 && described.GetPendingWorkflowTask() == nil {
			return nil
		}
		if err := pause(ctx); err != nil {
			return fmt.Errorf("wait for %s to rest: %w", workflowID, err)
		}
	}
}

// HuntResult waits for the result of a run.
func (s *Stack) HuntResult(ctx context.Context, workflowID, runID string) (soar.HuntResult, error) {
	var out soar.HuntResult
	err := s.Temporal.GetWorkflow(ctx, workflowID, runID).Get(ctx, &out)
	return out, err
}

// Case asks a sender's case how it stands.
func (s *Stack) Case(ctx context.Context, id string) (soar.CaseView, error) {
	var view soar.CaseView
	value, err := s.Temporal.QueryWorkflow(ctx, id, "", soar.CaseQuery)
	if err != nil {
		return view, fmt.Errorf("query %s: %w", id, err)
	}
	return view, value.Get(&view)
}

// AwaitCase waits until a case is as wanted.
func (s *Stack) AwaitCase(ctx context.Context, id string, wanted func(soar.CaseView) bool) (soar.CaseView, error) {
	for {
		view, err := s.Case(ctx, id)
		if err == nil && wanted(view) {
			return view, nil
		}
		if stopped := pause(ctx); stopped != nil {
			return view, fmt.Errorf("wait for %s, now %s: %w", id, view.Case.State, stopped)
		}
	}
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(poll):
		return nil
	}
}

// Coverage asks what is known of a hunt's windows.
func (s *Stack) Coverage(ctx context.Context, slug string) (soar.CoverageState, error) {
	var state soar.CoverageState
	value, err := s.Temporal.QueryWorkflow(ctx, soar.CoverageID(slug), "", soar.CoverageQuery)
	if err != nil {
		return state, fmt.Errorf("query the coverage of %s: %w", slug, err)
	}
	return state, value.Get(&state)
}
