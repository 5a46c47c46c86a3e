package schedules_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harrier/worker/sandbox/devserver"
	"harrier/worker/schedules"
	"harrier/workflows/soar"
)

func dial(t *testing.T) client.Client {
	t.Helper()
	s, err := devserver.Start(t.Context(), devserver.Options{Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	c, err := client.Dial(client.Options{HostPort: s.Address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func manager(c client.Client, release string) *schedules.Manager {
	return schedules.New(schedules.Config{Client: c.ScheduleClient(), Release: release, RunTimeout: time.Hour})
}

func hunt(slug, cron string) soar.Hunt {
	return soar.Hunt{ID: "id-" + slug, Slug: slug, Query: "EmailEvents", File: "/etc/harrier/hunts/" + slug + ".yaml", Settings: soar.HuntSettings{
		Schedule: soar.Schedule{Cron: cron, TimeZone: "Europe/Berlin", Jitter: soar.Duration(time.Minute), CatchUp: soar.Duration(time.Hour)},
	}}
}

// apply wants these changes, by their first words, and that a second run has none.
func apply(t *testing.T, m *schedules.Manager, w schedules.Wanted, want ...string) []schedules.Change {
	t.Helper()
	changes := expect(t, m, w, want...)
	if _, err := m.Apply(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	again, err := m.Plan(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range again {
		if c.Kind != schedules.Leave && c.Kind != schedules.Delete { // the list lags behind a deletion
			t.Errorf("after Apply there is still %s", c)
		}
	}
	return changes
}

func expect(t *testing.T, m *schedules.Manager, w schedules.Wanted, want ...string) []schedules.Change {
	t.Helper()
	changes, err := m.Plan(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		got = append(got, c.String())
	}
	if !slices.EqualFunc(got, want, func(g, w string) bool { return strings.HasPrefix(g, w) }) {
		t.Errorf("planned\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return changes
}

func describe(t *testing.T, c client.Client, id string) *client.ScheduleDescription {
	t.Helper()
	d, err := c.ScheduleClient().GetHandle(t.Context(), id).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// listed waits until the schedule is in the server's list, which lags behind.
func listed(t *testing.T, c client.Client, ids ...string) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		var have []string
		list, err := c.ScheduleClient().List(t.Context(), client.ScheduleListOptions{})
		for err == nil && list.HasNext() {
			var e *client.ScheduleListEntry
			if e, err = list.Next(); err == nil {
				have = append(have, e.ID)
			}
		}
		slices.Sort(have)
		if slices.Equal(have, ids) {
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("listed %v, want %v", have, ids)
		case <-ticker.C:
		}
	}
}

func TestSchedulesFollowTheirFilesAndComeBackFromTheServerWithoutADifference(t *testing.T) {
	c := dial(t)
	m := manager(c, "v1.2.0")
	crons := []string{"0 * * * *", "*/15 6-18/4 * * *", "5/20 1,3 * * mon-fri", "0 6 1,15 jan-jun *", "30 5 * * 5-7"}
	var w schedules.Wanted
	var created []string
	for i, cron := range crons {
		slug := fmt.Sprintf("h%d", i)
		w.Hunts = append(w.Hunts, hunt(slug, cron))
		created = append(created, "create hunt-"+slug)
	}
	w.Hunts = append(w.Hunts, hunt("on-demand", ""))
	apply(t, m, w, created...)
	d := describe(t, c, "hunt-h0")
	if got := d.Schedule.Policy.Overlap.String(); got != "BufferOne" || d.Schedule.Spec.TimeZoneName != "Europe/Berlin" || d.Schedule.Policy.CatchupWindow != time.Hour {
		t.Errorf("the server has %+v, %+v", d.Schedule.Policy, d.Schedule.Spec)
	}

	w.Hunts[0].Settings.Schedule.Cron = "10 * * * *"
	w.Hunts[1].Query = "EmailEvents | take 1"
	w.Hunts[2].Settings.Schedule.Cron = ""
	listed(t, c, "hunt-h0", "hunt-h1", "hunt-h2", "hunt-h3", "hunt-h4")
	apply(t, m, w, "update hunt-h0: cron: 0 * * * * -> 10 * * * *", "update hunt-h1: hash: ", "delete hunt-h2: no hunting file asks for it")
	listed(t, c, "hunt-h0", "hunt-h1", "hunt-h3", "hunt-h4")
}

func TestAScheduleStartsTheHuntByItsId(t *testing.T) {
	c := dial(t)
	type run struct {
		id string
		in soar.HuntInput
	}
	runs := make(chan run, 1)
	w := worker.New(c, soar.TaskQueue, worker.Options{})
	w.RegisterWorkflowWithOptions(func(ctx workflow.Context, in soar.HuntInput) error {
		runs <- run{workflow.GetInfo(ctx).WorkflowExecution.ID, in}
		return nil
	}, workflow.RegisterOptions{Name: soar.HuntWorkflow})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	apply(t, manager(c, "v1.0.0"), schedules.Wanted{Hunts: []soar.Hunt{hunt("a", "0 0 1 1 *")}}, "create hunt-a")
	if err := c.ScheduleClient().GetHandle(t.Context(), "hunt-a").Trigger(t.Context(), client.ScheduleTriggerOptions{}); err != nil {
		t.Fatal(err)
	}
	got := <-runs
	if !strings.HasPrefix(got.id, "hunt-a-20") || got.in.Hunt != "id-a" || got.in.Window != nil || got.in.DryRun {
		t.Errorf("started %+v", got)
	}
}

func TestOnlyWhatHarrierMadeIsTouched(t *testing.T) {
	c := dial(t)
	for _, id := range []string{"hunt-a", "nightly-report"} {
		if _, err := c.ScheduleClient().Create(t.Context(), client.ScheduleOptions{ID: id, Paused: true, Action: &client.ScheduleWorkflowAction{Workflow: "Other", TaskQueue: "other"}}); err != nil {
			t.Fatal(err)
		}
	}
	listed(t, c, "hunt-a", "nightly-report")
	apply(t, manager(c, "v1.0.0"), schedules.Wanted{Hunts: []soar.Hunt{hunt("a", "0 * * * *")}},
		"leave hunt-a: a schedule with this id is there that Harrier did not make; delete it, or give the hunt another slug")
	if a, ok := describe(t, c, "hunt-a").Schedule.Action.(*client.ScheduleWorkflowAction); !ok || a.Workflow != "Other" {
		t.Errorf("the foreign schedule was changed: %+v", a)
	}
}

func TestAnOperatorsPauseIsKeptAndOnlyTheSettingsOwnPauseIsLifted(t *testing.T) {
	c := dial(t)
	m := manager(c, "v1.0.0")
	byOperator, bySettings := hunt("a", "0 * * * *"), hunt("b", "0 * * * *")
	bySettings.Settings.Schedule.Paused = true
	apply(t, m, schedules.Wanted{Hunts: []soar.Hunt{byOperator, bySettings}}, "create hunt-a", "create hunt-b")
	if err := c.ScheduleClient().GetHandle(t.Context(), "hunt-a").Pause(t.Context(), client.SchedulePauseOptions{Note: "maintenance"}); err != nil {
		t.Fatal(err)
	}
	if st := describe(t, c, "hunt-b").Schedule.State; !st.Paused || st.Note != schedules.PausedNote {
		t.Errorf("hunt-b is %+v", st)
	}
	byOperator.Settings.Schedule.Cron, bySettings.Settings.Schedule.Paused = "5 * * * *", false
	listed(t, c, "hunt-a", "hunt-b")
	apply(t, m, schedules.Wanted{Hunts: []soar.Hunt{byOperator, bySettings}}, "update hunt-a: cron: 0 * * * * -> 5 * * * *", "update hunt-b: hash: ")
	if st := describe(t, c, "hunt-a").Schedule.State; !st.Paused || st.Note != "maintenance" {
		t.Errorf("the operator's pause became %+v", st)
	}
	if st := describe(t, c, "hunt-b").Schedule.State; st.Paused {
		t.Errorf("the settings' pause was not lifted: %+v", st)
	}
}

func TestAScheduleWhoseFileIsBrokenIsLeftAloneAndOneWhoseFileIsGoneIsDeleted(t *testing.T) {
	c := dial(t)
	m := manager(c, "v1.0.0")
	apply(t, m, schedules.Wanted{Hunts: []soar.Hunt{hunt("broken", "0 * * * *"), hunt("gone", "0 * * * *")}}, "create hunt-broken", "create hunt-gone")
	listed(t, c, "hunt-broken", "hunt-gone")
	apply(t, m, schedules.Wanted{Broken: []string{"config/hunts/broken.yaml"}},
		"leave hunt-broken: its hunting file broken.yaml is broken, not gone; the schedule runs on", "delete hunt-gone: no hunting file asks for it")
	listed(t, c, "hunt-broken")
}

func TestAnOlderWorkerReportsAndChangesNothing(t *testing.T) {
	c := dial(t)
	apply(t, manager(c, "v1.10.0"), schedules.Wanted{Hunts: []soar.Hunt{hunt("a", "0 * * * *"), hunt("b", "0 * * * *")}}, "create hunt-a", "create hunt-b")
	listed(t, c, "hunt-a", "hunt-b")
	w := schedules.Wanted{Hunts: []soar.Hunt{hunt("a", "5 * * * *"), hunt("c", "0 * * * *")}}
	for _, release := range []string{"v1.9.0", "v1.10.0-rc.1", "dev", ""} {
		m := manager(c, release)
		expect(t, m, w, "leave hunt-a: cron: 0 * * * * -> 5 * * * *", "leave hunt-b: release v1.10.0 manages the schedules and this worker is ", "leave hunt-c: release v1.10.0")
		if _, err := m.Apply(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		listed(t, c, "hunt-a", "hunt-b")
	}
	apply(t, manager(c, "v1.11.0"), w, "update hunt-a: cron: 0 * * * * -> 5 * * * *; hash: ", "delete hunt-b", "create hunt-c")
}

func TestWhatWasChangedByHandIsBroughtBackToTheFile(t *testing.T) {
	c := dial(t)
	m := manager(c, "v1.0.0")
	w := schedules.Wanted{Hunts: []soar.Hunt{hunt("a", "0 * * * *")}}
	apply(t, m, w, "create hunt-a")
	err := c.ScheduleClient().GetHandle(t.Context(), "hunt-a").Update(t.Context(), client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			s := in.Description.Schedule
			s.Spec.Calendars[0].Hour = []client.ScheduleRange{{Start: 4}}
			s.Spec.Jitter = 0
			return &client.ScheduleUpdate{Schedule: &s}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	apply(t, m, w, "update hunt-a: jitter: 0s -> 1m0s; times: changed by hand -> 0 * * * *")
}

func TestACronThatIsNotOneIsAnErrorThatNamesTheHunt(t *testing.T) {
	_, err := schedules.New(schedules.Config{}).Plan(t.Context(), schedules.Wanted{Hunts: []soar.Hunt{hunt("a", "@daily")}})
	if err == nil || !strings.HasPrefix(err.Error(), `schedule hunt a: read cron "@daily"`) {
		t.Errorf("error %v", err)
	}
}

func TestAnIntervalAndAnOverlapPolicyComeBackFromTheServerWithoutADifference(t *testing.T) {
	c := dial(t)
	m := manager(c, "v1.0.0")
	h := hunt("a", "")
	h.Settings.Schedule.TimeZone = ""
	h.Settings.Schedule.Interval, h.Settings.Schedule.OverlapPolicy = soar.Duration(15*time.Minute), soar.OverlapSkip
	apply(t, m, schedules.Wanted{Hunts: []soar.Hunt{h}}, "create hunt-a")
	d := describe(t, c, "hunt-a").Schedule
	if len(d.Spec.Calendars) != 0 || len(d.Spec.Intervals) != 1 || d.Spec.Intervals[0].Every != 15*time.Minute || d.Policy.Overlap.String() != "Skip" {
		t.Errorf("the server has %+v, %+v", d.Spec, d.Policy)
	}
	listed(t, c, "hunt-a")
	h.Settings.Schedule.OverlapPolicy = soar.OverlapBufferOne
	h.Settings.Schedule.Interval = soar.Duration(time.Hour)
	apply(t, m, schedules.Wanted{Hunts: []soar.Hunt{h}}, "update hunt-a: interval: 15m0s -> 1h0m0s; overlap: Skip -> BufferOne; hash: ")
	h.Settings.Schedule.Interval, h.Settings.Schedule.Cron = 0, "0 * * * *"
	apply(t, m, schedules.Wanted{Hunts: []soar.Hunt{h}}, "update hunt-a: cron: none -> 0 * * * *; interval: 1h0m0s -> 0s; hash: ")
}

func TestDigestAndWatchAreKeptBesideTheHunts(t *testing.T) {
	c := dial(t)
	m := manager(c, "v1.0.0")
	digest := soar.Schedule{Cron: "0 8 * * *", TimeZone: "Europe/Berlin", CatchUp: soar.Duration(24 * time.Hour)}
	w := schedules.Wanted{Hunts: []soar.Hunt{hunt("a", "0 * * * *")}, Others: schedules.Housekeeping(digest)}
	apply(t, m, w, "create harrier-digest", "create harrier-watch", "create hunt-a")
	listed(t, c, "harrier-digest", "harrier-watch", "hunt-a")
	action, ok := describe(t, c, soar.WatchScheduleID).Schedule.Action.(*client.ScheduleWorkflowAction)
	if !ok || action.Workflow != soar.WatchWorkflow || len(action.Args) != 0 || action.WorkflowExecutionTimeout != time.Hour {
		t.Errorf("the watch starts %+v", action)
	}
	if err := c.ScheduleClient().GetHandle(t.Context(), soar.DigestScheduleID).Pause(t.Context(), client.SchedulePauseOptions{Note: "no digest, please"}); err != nil {
		t.Fatal(err)
	}
	digest.Cron = "30 7 * * *"
	w = schedules.Wanted{Broken: []string{"a.yaml"}, Others: schedules.Housekeeping(digest)}
	apply(t, m, w, "update harrier-digest: cron: 0 8 * * * -> 30 7 * * *; hash: ", "leave hunt-a: its hunting file a.yaml is broken")
	if st := describe(t, c, soar.DigestScheduleID).Schedule.State; !st.Paused || st.Note != "no digest, please" {
		t.Errorf("the operator's pause became %+v", st)
	}
	if _, err := m.Plan(t.Context(), schedules.Wanted{Others: schedules.Housekeeping(soar.Schedule{Cron: "@daily"})}); err == nil || !strings.HasPrefix(err.Error(), `schedule harrier-digest: read cron "@daily"`) {
		t.Errorf("error %v", err)
	}
}

func TestTheDigestAndTheWatchStartWithoutInput(t *testing.T) {
	c := dial(t)
	started := make(chan string, 2)
	w := worker.New(c, soar.TaskQueue, worker.Options{})
	w.RegisterWorkflowWithOptions(func(_ workflow.Context, in soar.DigestInput) error {
		started <- fmt.Sprint(soar.DigestWorkflow, in.Window.IsZero())
		return nil
	}, workflow.RegisterOptions{Name: soar.DigestWorkflow})
	w.RegisterWorkflowWithOptions(func(workflow.Context) error {
		started <- soar.WatchWorkflow
		return nil
	}, workflow.RegisterOptions{Name: soar.WatchWorkflow})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	apply(t, manager(c, "v1.0.0"), schedules.Wanted{Others: schedules.Housekeeping(soar.Schedule{Cron: "0 0 1 1 *", CatchUp: soar.Duration(time.Hour)})}, "create harrier-digest", "create harrier-watch")
	for _, id := range []string{soar.DigestScheduleID, soar.WatchScheduleID} {
		if err := c.ScheduleClient().GetHandle(t.Context(), id).Trigger(t.Context(), client.ScheduleTriggerOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	got := []string{<-started, <-started}
	slices.Sort(got)
	if !slices.Equal(got, []string{"Digesttrue", "Watch"}) {
		t.Errorf("started %v", got)
	}
}
