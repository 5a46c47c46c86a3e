package interactions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"harrier/workflows/soar"
)

// Hunts are the hunts that /hunt lists and starts. TemporalHunts is the implementation.
type Hunts interface {
	// List returns the hunts in force.
	List() []soar.Hunt
	// Start starts a Hunt workflow and returns its id.
	Start(ctx context.Context, in soar.HuntInput) (workflowID string, err error)
	// Result waits until a started hunt has ended, or ctx ends.
	Result(ctx context.Context, workflowID string) (soar.HuntResult, error)
}

// TemporalHunts are the hunts as Hunt workflows.
type TemporalHunts struct {
	Client client.Client
	// InForce reads the catalogue, at each command.
	InForce func() []soar.Hunt
	Now     func() time.Time
}

// List returns the hunts in force.
func (t TemporalHunts) List() []soar.Hunt { return t.InForce() }

// Start starts a run beside the schedule's, whose id says that it came from Slack.
// The input names the hunt by its slug.
func (t TemporalHunts) Start(ctx context.Context, in soar.HuntInput) (string, error) {
	id := soar.ScheduleID(in.Hunt) + "-by-slack-" + t.Now().UTC().Format("20060102T150405.000")
	_, err := t.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: soar.TaskQueue}, soar.HuntWorkflow, in)
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
