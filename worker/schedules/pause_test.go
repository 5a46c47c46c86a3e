package schedules_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/activities/cases"
	"harrier/worker/schedules"
	"harrier/workflows"
	"harrier/workflows/soar"
)

// pausing runs the Pause workflow with its real activities against a server that has
// the schedule hunt-a; what it tells the channel comes out of notices.
func pausing(t *testing.T) (client.Client, schedules.Pauses, <-chan soar.Notice) {
	t.Helper()
	c := dial(t)
	calls, err := cases.New(cases.Config{Temporal: c, TaskQueue: soar.TaskQueue})
	if err != nil {
		t.Fatal(err)
	}
	notices := make(chan soar.Notice, 10)
	w := worker.New(c, soar.TaskQueue, worker.Options{})
	w.RegisterWorkflowWithOptions(workflows.Pause, workflow.RegisterOptions{Name: soar.PauseWorkflow})
	activities.PauseSchedule.Register(w, calls.PauseSchedule)
	activities.ResumeSchedule.Register(w, calls.ResumeSchedule)
	activities.PostNotice.Register(w, func(_ context.Context, n soar.Notice) (soar.None, error) {
		notices <- n
		return soar.None{}, nil
	})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	apply(t, manager(c, "v1.0.0"), schedules.Wanted{Hunts: []soar.Hunt{hunt("a", "0 * * * *")}}, "create hunt-a")
	return c, schedules.Pauses{Client: c}, notices
}

func input(until time.Time) soar.PauseInput {
	return soar.PauseInput{Slug: "a", Until: until, By: soar.Actor{ID: "U1"}, Reason: "connector", Channel: "C1"}
}

func wantState(t *testing.T, p schedules.Pauses, slug string, by schedules.PausedBy, until time.Time) {
	t.Helper()
	s, err := p.State(t.Context(), slug)
	if err != nil || !s.Scheduled || s.By != by || !s.Until.Equal(until) || s.Paused() == !s.Next.IsZero() {
		t.Errorf("state %+v, %v; want paused by %q until %s", s, err, by, until)
	}
}

// fails wants an error that holds the text.
func fails(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("error %v, want one that says %q", err, text)
	}
}

func TestAPauseStandsUntilItIsResumedAndNoApplyUndoesIt(t *testing.T) {
	c, pauses, notices := pausing(t)
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	wantState(t, pauses, "a", schedules.NotPaused, time.Time{})
	fails(t, pauses.Resume(t.Context(), "a"), "resume hunt a: it is not paused")
	if err := pauses.Pause(t.Context(), input(until)); err != nil {
		t.Fatal(err)
	}
	wantState(t, pauses, "a", schedules.PausedThroughHarrier, until)
	if note := describe(t, c, "hunt-a").Schedule.State.Note; note != "paused by U1 through Harrier until "+until.Format(time.RFC3339) {
		t.Errorf("note %q", note)
	}
	fails(t, pauses.Pause(t.Context(), input(until)), "pause hunt a: it is paused by U1 through Harrier until "+until.Format(time.RFC3339)+" already; resume it first")

	apply(t, manager(c, "v1.0.0"), schedules.Wanted{Hunts: []soar.Hunt{hunt("a", "5 * * * *")}}, "update hunt-a: cron: 0 * * * * -> 5 * * * *")
	wantState(t, pauses, "a", schedules.PausedThroughHarrier, until)

	if err := pauses.Resume(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	wantState(t, pauses, "a", schedules.NotPaused, time.Time{})
	if n := <-notices; n.Channel != "C1" || !strings.Contains(n.Text, "Hunt a runs on its schedule again") {
		t.Errorf("told %+v", n)
	}
}

func TestAPauseWithAnEndResumesByItself(t *testing.T) {
	_, pauses, notices := pausing(t)
	if err := pauses.Pause(t.Context(), input(time.Now().Add(2*time.Second).UTC().Truncate(time.Second))); err != nil {
		t.Fatal(err)
	}
	if n := <-notices; !strings.Contains(n.Text, "Hunt a runs on its schedule again") {
		t.Errorf("told %+v", n)
	}
	wantState(t, pauses, "a", schedules.NotPaused, time.Time{})
}

func TestAnOperatorsPauseIsNeitherReplacedNorResumed(t *testing.T) {
	c, pauses, notices := pausing(t)
	if err := pauses.Pause(t.Context(), input(time.Time{})); err != nil {
		t.Fatal(err)
	}
	operator := client.SchedulePauseOptions{Note: "maintenance"}
	if err := c.ScheduleClient().GetHandle(t.Context(), "hunt-a").Pause(t.Context(), operator); err != nil {
		t.Fatal(err)
	}
	fails(t, pauses.Resume(t.Context(), "a"), `resume hunt a: an operator paused it ("maintenance")`)
	if err := c.CancelWorkflow(t.Context(), soar.PauseID("a"), ""); err != nil {
		t.Fatal(err)
	}
	if n := <-notices; !strings.Contains(n.Text, `Hunt a stays paused: somebody else paused it meanwhile ("maintenance")`) {
		t.Errorf("told %+v", n)
	}
	wantState(t, pauses, "a", schedules.PausedByOperator, time.Time{})
	fails(t, pauses.Pause(t.Context(), input(time.Time{})), `pause hunt a: it is paused in Temporal ("maintenance") already`)
}

func TestAPauseThatWasLeftBehindIsResumedAndOneOfTheSettingsIsNot(t *testing.T) {
	c, pauses, _ := pausing(t)
	if err := pauses.Pause(t.Context(), input(time.Time{})); err != nil {
		t.Fatal(err)
	}
	if err := c.TerminateWorkflow(t.Context(), soar.PauseID("a"), "", "by force"); err != nil {
		t.Fatal(err)
	}
	if err := pauses.Resume(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	wantState(t, pauses, "a", schedules.NotPaused, time.Time{})
	paused := hunt("a", "0 * * * *")
	paused.Settings.Schedule.Paused = true
	apply(t, manager(c, "v1.0.0"), schedules.Wanted{Hunts: []soar.Hunt{paused}}, "update hunt-a: hash: ")
	fails(t, pauses.Resume(t.Context(), "a"), "resume hunt a: its settings pause it")
}

func TestTheSettingsPauseOutlastsOneWithAnEnd(t *testing.T) {
	c, pauses, notices := pausing(t)
	if err := pauses.Pause(t.Context(), input(time.Time{})); err != nil {
		t.Fatal(err)
	}
	paused := hunt("a", "0 * * * *")
	paused.Settings.Schedule.Paused = true
	apply(t, manager(c, "v1.0.0"), schedules.Wanted{Hunts: []soar.Hunt{paused}}, "update hunt-a: hash: ")
	wantState(t, pauses, "a", schedules.PausedBySettings, time.Time{})
	if err := c.CancelWorkflow(t.Context(), soar.PauseID("a"), ""); err != nil {
		t.Fatal(err)
	}
	if n := <-notices; !strings.Contains(n.Text, "Hunt a stays paused") {
		t.Errorf("told %+v", n)
	}
	wantState(t, pauses, "a", schedules.PausedBySettings, time.Time{})
}

func TestAHuntWithoutAScheduleIsNotPausedAndARepeatIsNoError(t *testing.T) {
	c, pauses, _ := pausing(t)
	nobody := soar.PauseInput{Slug: "on-demand", By: soar.Actor{ID: "U1"}}
	fails(t, pauses.Pause(t.Context(), nobody), "pause hunt on-demand: it has no schedule")
	fails(t, pauses.Resume(t.Context(), "on-demand"), "resume hunt on-demand: it has no schedule")
	if s, err := pauses.State(t.Context(), "on-demand"); err != nil || s.String() != "not scheduled" {
		t.Errorf("state %+v, %v", s, err)
	}
	calls, err := cases.New(cases.Config{Temporal: c, TaskQueue: soar.TaskQueue})
	if err != nil {
		t.Fatal(err)
	}
	_, err = calls.PauseSchedule(t.Context(), nobody)
	if app, ok := errors.AsType[*temporal.ApplicationError](err); !ok || !app.NonRetryable() || app.Type() != cases.ErrTypeNoSchedule {
		t.Errorf("an unknown schedule gives %v", err)
	}
	if got, err := calls.ResumeSchedule(t.Context(), nobody); err != nil || got.Resumed || got.Why != "its schedule is gone" {
		t.Errorf("resumed %+v, %v", got, err)
	}
	in := input(time.Time{})
	for range 2 {
		if _, err := calls.PauseSchedule(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	other := in
	other.By.ID = "U2"
	_, err = calls.PauseSchedule(t.Context(), other)
	if app, ok := errors.AsType[*temporal.ApplicationError](err); !ok || !app.NonRetryable() || app.Type() != cases.ErrTypePaused {
		t.Errorf("another's pause gives %v", err)
	}
	if got, err := calls.ResumeSchedule(t.Context(), other); err != nil || got.Resumed {
		t.Errorf("another's resume gives %+v, %v", got, err)
	}
	for range 2 {
		if got, err := calls.ResumeSchedule(t.Context(), in); err != nil || !got.Resumed {
			t.Errorf("resumed %+v, %v", got, err)
		}
	}
}
