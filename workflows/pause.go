package workflows

import (
	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/workflows/soar"
)

// Pause pauses a hunt's schedule until a time, or until it is cancelled, and then
// resumes it, unless an operator took the schedule over meanwhile.
func Pause(ctx workflow.Context, in soar.PauseInput) (soar.Resumed, error) {
	if _, err := activities.PauseSchedule.Run(workflowCalls(ctx), in); err != nil {
		return soar.Resumed{}, err
	}
	if in.Until.IsZero() {
		// The wait ends with its cancellation, which is how a person resumes.
		_ = workflow.Await(ctx, func() bool { return false })
	} else {
		_ = workflow.Sleep(ctx, in.Until.Sub(workflow.Now(ctx)))
	}
	free, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	resumed, err := activities.ResumeSchedule.Run(workflowCalls(free), in)
	if err != nil {
		return resumed, err
	}
	text := "Hunt " + in.Slug + " runs on its schedule again; its next run hunts what was left out."
	if !resumed.Resumed {
		text = "Hunt " + in.Slug + " stays paused: " + resumed.Why
	}
	notice := soar.Notice{Key: "resumed:" + workflow.GetInfo(ctx).WorkflowExecution.RunID, Channel: in.Channel, Text: text}
	if _, err := activities.PostNotice.Run(slackInPassing(free), notice); err != nil && in.Channel != "" {
		workflow.GetLogger(ctx).Error("notice not posted", "hunt", in.Slug, "error", err)
	}
	return resumed, nil
}
