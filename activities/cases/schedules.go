package cases

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"harrier/workflows/soar"
)

// Types of the errors for which a repeat of a pause cannot help.
const (
	// ErrTypeNoSchedule is a hunt that has no schedule.
	ErrTypeNoSchedule = "NoSchedule"
	// ErrTypePaused is a schedule that somebody else paused.
	ErrTypePaused = "AlreadyPaused"
)

// PauseSchedule pauses a hunt's schedule with a note that says who asked and until
// when. A repeat changes nothing; a schedule that somebody else paused is left as it
// is, because resuming it would undo their pause.
func (c *Client) PauseSchedule(ctx context.Context, in soar.PauseInput) (soar.None, error) {
	id := soar.ScheduleID(in.Slug)
	handle := c.temporal.ScheduleClient().GetHandle(ctx, id)
	described, err := handle.Describe(ctx)
	if isNotFound(err) {
		return soar.None{}, temporal.NewNonRetryableApplicationError(
			fmt.Sprintf("pause %s: there is no such schedule; the hunt runs on demand only, or its schedule is not applied yet", id), ErrTypeNoSchedule, nil)
	}
	if err != nil {
		return soar.None{}, classify("pause "+id, err)
	}
	note := in.PauseNote()
	if state := described.Schedule.State; state != nil && state.Paused {
		if state.Note == note {
			return soar.None{}, nil
		}
		return soar.None{}, temporal.NewNonRetryableApplicationError(
			fmt.Sprintf("pause %s: it is paused already (%q) and stays so; resume it first to give the pause an end", id, state.Note), ErrTypePaused, nil)
	}
	return soar.None{}, classify("pause "+id, handle.Pause(ctx, client.SchedulePauseOptions{Note: note}))
}

// ResumeSchedule resumes a hunt's schedule if the pause is exactly the one of in;
// any other pause is somebody else's and stays.
func (c *Client) ResumeSchedule(ctx context.Context, in soar.PauseInput) (soar.Resumed, error) {
	id := soar.ScheduleID(in.Slug)
	handle := c.temporal.ScheduleClient().GetHandle(ctx, id)
	described, err := handle.Describe(ctx)
	if isNotFound(err) {
		return soar.Resumed{Why: "its schedule is gone"}, nil
	}
	if err != nil {
		return soar.Resumed{}, classify("resume "+id, err)
	}
	switch state := described.Schedule.State; {
	case state == nil || !state.Paused:
		return soar.Resumed{Resumed: true, Why: "it was resumed before"}, nil
	case state.Note != in.PauseNote():
		return soar.Resumed{Why: fmt.Sprintf("somebody else paused it meanwhile (%q)", state.Note)}, nil
	}
	err = handle.Unpause(ctx, client.ScheduleUnpauseOptions{Note: "resumed through Harrier"})
	return soar.Resumed{Resumed: err == nil}, classify("resume "+id, err)
}
