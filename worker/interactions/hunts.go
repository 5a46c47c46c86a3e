package interactions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"harrier/worker/runs"
	"harrier/workflows/soar"
)

// Hunts are the hunts that /hunt lists and starts. TemporalHunts is the implementation.
type Hunts interface {
	// List returns the hunts in force.
	List() []soar.Hunt
	// Start starts a Hunt workflow with an id. One that is running, or ended well, is
	// that run: nothing is started twice.
	Start(ctx context.Context, id string, in soar.HuntInput) (workflowID string, err error)
	// Result waits until a started hunt has ended, or ctx ends.
	Result(ctx context.Context, workflowID string) (soar.HuntResult, error)
}

// Runs are what is known of hunts' runs; runs.Reader is the implementation.
type Runs interface {
	Status(ctx context.Context, h soar.Hunt) (runs.Status, error)
	// Last is the newest run whose findings count; ok is false when there is none.
	Last(ctx context.Context, slug string) (run runs.Run, ok bool, err error)
}

// Pauses pause and resume hunts; schedules.Pauses is the implementation. Their errors
// say what to do.
type Pauses interface {
	Pause(ctx context.Context, in soar.PauseInput) error
	Resume(ctx context.Context, slug string) error
}

// TemporalHunts are the hunts as Hunt workflows.
type TemporalHunts struct {
	Client client.Client
	// InForce reads the catalogue, at each command.
	InForce func() []soar.Hunt
}

// List returns the hunts in force.
func (t TemporalHunts) List() []soar.Hunt { return t.InForce() }

// Start starts a run beside the schedule's. A run of the same id that failed is
// started again.
func (t TemporalHunts) Start(ctx context.Context, id string, in soar.HuntInput) (string, error) {
	_, err := t.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: soar.TaskQueue,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, soar.HuntWorkflow, in)
	if err != nil {
		return "", fmt.Errorf("start hunt %s: %w", in.Hunt, err)
	}
	return id, nil
}

// Result waits for a run's result. The error of a run that failed is its innermost one.
func (t TemporalHunts) Result(ctx context.Context, workflowID string) (soar.HuntResult, error) {
	var out soar.HuntResult
	err := t.Client.GetWorkflow(ctx, workflowID, "").Get(ctx, &out)
	if app, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return out, fmt.Errorf("hunt %s: %s", workflowID, app.Message())
	}
	if err != nil {
		return out, fmt.Errorf("read hunt %s: %w", workflowID, err)
	}
	return out, nil
}

// bySlackID is the id of a run that a command starts: the day, and the command's own
// id, so that a command that is delivered to two workers is one run.
func bySlackID(slug, command string, now time.Time) string {
	return soar.ScheduleID(slug) + "-by-slack-" + now.UTC().Format("20060102") + "-" + command
}

// errStillRunning says that a run outlasts the wait for it.
var errStillRunning = errors.New("wait for hunt: it is still running")

// awaitHunt waits for a run, at most ResultFor and not beyond Close.
func (s *Service) awaitHunt(ctx context.Context, workflowID string) (soar.HuntResult, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ResultFor)
	defer cancel()
	defer context.AfterFunc(s.taking, cancel)()
	r, err := s.config.Hunts.Result(ctx, workflowID)
	if err != nil && ctx.Err() != nil {
		return r, errStillRunning
	}
	return r, err
}
