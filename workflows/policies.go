package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"harrier/workflows/soar"
)

// Every timeout and retry of Harrier stands here. Temporal owns retries: the
// SDKs behind the activities do not retry and nothing sleeps in an activity.

// queries run on their own queue. The service ends a query after ten minutes,
// so an attempt gets two more; a heartbeat tells a stopped worker from a slow
// query. A query that ran out of time is not repeated: its window is halved.
func queries(ctx workflow.Context) workflow.Context {
	policy := retries(5*time.Second, 2*time.Minute, 6)
	policy.NonRetryableErrorTypes = []string{"QueryTimeout"}
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              soar.QueryTaskQueue,
		StartToCloseTimeout:    12 * time.Minute,
		HeartbeatTimeout:       30 * time.Second,
		ScheduleToCloseTimeout: time.Hour,
		RetryPolicy:            policy,
	})
}

// quick activities answer in seconds: configuration, judging, audit.
func quick(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    30 * time.Second,
		ScheduleToCloseTimeout: 10 * time.Minute,
		RetryPolicy:            retries(time.Second, 30*time.Second, 20),
	})
}

// directory look-ups give up early: a card without a profile is better than a
// profile without a card.
func directory(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    time.Minute,
		ScheduleToCloseTimeout: 3 * time.Minute,
		RetryPolicy:            retries(2*time.Second, 30*time.Second, 8),
	})
}

// workflowCalls have a short deadline, so that a worker that stops does not
// wait on itself.
func workflowCalls(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    5 * time.Second,
		ScheduleToCloseTimeout: 2 * time.Minute,
		RetryPolicy:            retries(500*time.Millisecond, 10*time.Second, 0),
	})
}

// slack posts wait for their turn: the adapter hands an early call back with a
// delay, so the limit is the time and not the number of attempts.
func slack(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    30 * time.Second,
		ScheduleToCloseTimeout: 6 * time.Hour,
		RetryPolicy:            retries(time.Second, time.Minute, 0),
	})
}

// slackInPassing is for what a run says on its way: a hunt ends in minutes, and
// a notice is worth less than what waits behind it.
func slackInPassing(ctx workflow.Context) workflow.Context { return slackFor(ctx, 5*time.Minute) }

// slackUntil is for what has to be said before a moment, and is worth nothing after it.
func slackUntil(ctx workflow.Context, end time.Time) workflow.Context {
	return slackFor(ctx, min(max(end.Sub(workflow.Now(ctx)), 5*time.Minute), 6*time.Hour))
}

func slackFor(ctx workflow.Context, within time.Duration) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    30 * time.Second,
		ScheduleToCloseTimeout: within,
		RetryPolicy:            retries(time.Second, 30*time.Second, 0),
	})
}

// outcomes reach other systems: an incident that cannot be opened within a
// quarter of an hour is said on the card instead of waited for.
func outcomes(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    time.Minute,
		ScheduleToCloseTimeout: 15 * time.Minute,
		RetryPolicy:            retries(2*time.Second, time.Minute, 0),
	})
}

// retries with attempts 0 are limited by ScheduleToClose alone.
func retries(first, most time.Duration, attempts int32) *temporal.RetryPolicy {
	return &temporal.RetryPolicy{
		InitialInterval: first, BackoffCoefficient: 2, MaximumInterval: most, MaximumAttempts: attempts,
	}
}
