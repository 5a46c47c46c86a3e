package schedules_test

import (
	"slices"
	"testing"
	"time"

	"harrier/worker/schedules"
)

func TestADifferenceInAnyFieldIsNamed(t *testing.T) {
	base := schedules.Schedule{
		ID: "hunt-a", Cron: "0 * * * *", Times: []schedules.Times{{Minute: 1}}, TimeZone: "UTC", Jitter: time.Minute, CatchUp: time.Hour,
		Overlap: "BufferOne", Workflow: "Hunt", WorkflowID: "hunt-a", TaskQueue: "harrier", Hunt: "id-1", Timeout: time.Hour,
		File: "a.yaml", Hash: "1", Release: "v1.0.0",
	}
	if got := schedules.Diff(base, base); len(got) != 0 {
		t.Errorf("equal schedules differ: %v", got)
	}
	for want, change := range map[string]func(*schedules.Schedule){
		"cron: 0 * * * * -> 5 * * * *": func(s *schedules.Schedule) { s.Cron = "5 * * * *"; s.Times = []schedules.Times{{Minute: 32}} },
		"times: changed by hand -> 0 * * * *": func(s *schedules.Schedule) {
			s.Times = []schedules.Times{{Minute: 2}}
		},
		"interval: 0s -> 15m0s":           func(s *schedules.Schedule) { s.Interval = 15 * time.Minute },
		"time zone: UTC -> Europe/Berlin": func(s *schedules.Schedule) { s.TimeZone = "Europe/Berlin" },
		"jitter: 1m0s -> 2m0s":            func(s *schedules.Schedule) { s.Jitter = 2 * time.Minute },
		"catch-up: 1h0m0s -> 2h0m0s":      func(s *schedules.Schedule) { s.CatchUp = 2 * time.Hour },
		"overlap: BufferOne -> Skip":      func(s *schedules.Schedule) { s.Overlap = "Skip" },
		"workflow: Hunt -> Other":         func(s *schedules.Schedule) { s.Workflow = "Other" },
		"workflow id: hunt-a -> hunt-b":   func(s *schedules.Schedule) { s.WorkflowID = "hunt-b" },
		"task queue: harrier -> other":    func(s *schedules.Schedule) { s.TaskQueue = "other" },
		"hunt: id-1 -> id-2":              func(s *schedules.Schedule) { s.Hunt = "id-2" },
		"timeout: 1h0m0s -> 0s":           func(s *schedules.Schedule) { s.Timeout = 0 },
		"file: a.yaml -> b.yaml":          func(s *schedules.Schedule) { s.File = "b.yaml" },
		"hash: 1 -> 2":                    func(s *schedules.Schedule) { s.Hash = "2" },
		"release: v1.0.0 -> none":         func(s *schedules.Schedule) { s.Release = "" },
	} {
		changed := base
		change(&changed)
		if got := schedules.Diff(base, changed); !slices.Equal(got, []string{want}) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAPauseIsNoDifferenceOfTheSchedule(t *testing.T) {
	if got := schedules.Diff(schedules.Schedule{}, schedules.Schedule{Paused: true, Note: "x"}); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}
