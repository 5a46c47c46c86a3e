package schedules

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"harrier/config"
	"harrier/workflows/soar"
)

// The memo fields by which Harrier knows its own. The schedule's memo names the
// owner and cannot be changed later; the action's memo names what it was made
// from and is changed with it.
const (
	MemoOwner   = "harrier_owner"
	Owner       = "harrier"
	MemoFile    = "harrier_file"
	MemoHash    = "harrier_hash"
	MemoRelease = "harrier_release"
)

// overlapOf is the service's name of a policy; the default lets one run wait for
// the one before it.
func overlapOf(p soar.OverlapPolicy) enums.ScheduleOverlapPolicy {
	if p == soar.OverlapSkip {
		return enums.SCHEDULE_OVERLAP_POLICY_SKIP
	}
	return enums.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE
}

// Schedule is what Harrier sets of a Temporal Schedule, in a form in which what
// a file wants and what the server has can be compared.
type Schedule struct {
	ID string
	// Cron is the expression the times were made from; Times are what counts.
	Cron  string
	Times []Times
	// Interval is the time between two runs, where it is not by Cron.
	Interval time.Duration
	TimeZone string
	Jitter   time.Duration
	CatchUp  time.Duration
	Overlap  string
	// Workflow, WorkflowID, TaskQueue, Hunt and Timeout are the run that is started;
	// Hunt is the hunt's id, empty for what is no hunt.
	Workflow   string
	WorkflowID string
	TaskQueue  string
	Hunt       string
	Timeout    time.Duration
	// File, Hash and Release are what the schedule was made from.
	File    string
	Hash    string
	Release string
	Paused  bool
	Note    string
}

// PausedNote is the note of a schedule that its settings pause; any other note
// on a paused schedule is an operator's.
const PausedNote = "paused by its hunt settings"

// want is the schedule of a hunt; ok is false for a hunt on demand.
func want(h soar.Hunt, release string, timeout time.Duration) (s Schedule, ok bool, err error) {
	if h.Settings.Schedule.OnDemand() {
		return Schedule{}, false, nil
	}
	s, err = timed(soar.ScheduleID(h.Slug), h.Settings.Schedule)
	if err != nil {
		return Schedule{}, false, fmt.Errorf("schedule hunt %s: %w", h.Slug, err)
	}
	s.Workflow, s.Hunt, s.Timeout, s.Release = soar.HuntWorkflow, h.ID, timeout, release
	s.File = filepath.Base(h.File)
	h.File = ""
	s.Hash, err = hashOf(h)
	return s, err == nil, err
}

// timed is a schedule's times and policies.
func timed(id string, set soar.Schedule) (Schedule, error) {
	s := Schedule{
		ID: id, WorkflowID: id, TaskQueue: soar.TaskQueue, Cron: set.Cron, Interval: set.Interval.Std(), TimeZone: zone(set.TimeZone),
		Jitter: set.Jitter.Std(), CatchUp: set.CatchUp.Std(), Overlap: overlapOf(set.OverlapPolicy).String(), Paused: set.Paused,
	}
	if s.Paused {
		s.Note = PausedNote
	}
	if s.Cron == "" {
		return s, nil
	}
	cron, err := config.ParseCron(s.Cron)
	if err != nil {
		return Schedule{}, err
	}
	s.Times = []Times{timesOf(calendar(cron, s.Cron))}
	return s, nil
}

// hashOf names what a schedule was made from, as it is now.
func hashOf(of any) (string, error) {
	text, err := json.Marshal(of)
	if err != nil {
		return "", fmt.Errorf("hash a schedule: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6]), nil
}

func zone(name string) string {
	if name == "" {
		return "UTC"
	}
	return name
}

// Times are the clock times and days of a calendar, one bit a value: the server
// returns ranges in another form than they were given in.
type Times struct {
	Second, Minute, Hour, Day, Month, Weekday uint64
	// Year says that years are limited, which Harrier never does.
	Year bool
}

func timesOf(c client.ScheduleCalendarSpec) Times {
	return Times{
		Second: bits(c.Second, 0, 0), Minute: bits(c.Minute, 0, 0), Hour: bits(c.Hour, 0, 0),
		Day: bits(c.DayOfMonth, 1, 31), Month: bits(c.Month, 1, 12), Weekday: bits(c.DayOfWeek, 0, 6), Year: len(c.Year) > 0,
	}
}

// bits expands ranges; no range is from..to. An End before Start is Start, a
// Step of 0 is 1, as the service has it.
func bits(ranges []client.ScheduleRange, from, to int) uint64 {
	if len(ranges) == 0 {
		ranges = []client.ScheduleRange{{Start: from, End: to}}
	}
	var out uint64
	for _, r := range ranges {
		for v := r.Start; v <= max(r.Start, r.End); v += max(1, r.Step) {
			out |= 1 << uint(v)
		}
	}
	return out
}

func calendar(c config.Cron, comment string) client.ScheduleCalendarSpec {
	return client.ScheduleCalendarSpec{
		Minute: ranges(c.Minute), Hour: ranges(c.Hour), DayOfMonth: ranges(c.DayOfMonth),
		Month: ranges(c.Month), DayOfWeek: ranges(c.DayOfWeek), Comment: comment,
	}
}

func ranges(in []config.CronRange) []client.ScheduleRange {
	out := make([]client.ScheduleRange, len(in))
	for i, r := range in {
		out[i] = client.ScheduleRange{Start: r.Start, End: r.End, Step: r.Step}
	}
	return out
}

// Diff names the fields in which a schedule differs from what is wanted, in a
// fixed order, each as "field: have -> want". A pause is not among them.
func Diff(have, want Schedule) []string {
	var out []string
	for _, f := range []struct{ name, have, want string }{
		{"cron", have.Cron, want.Cron},
		{"interval", have.Interval.String(), want.Interval.String()},
		{"time zone", have.TimeZone, want.TimeZone},
		{"jitter", have.Jitter.String(), want.Jitter.String()},
		{"catch-up", have.CatchUp.String(), want.CatchUp.String()},
		{"overlap", have.Overlap, want.Overlap},
		{"workflow", have.Workflow, want.Workflow},
		{"workflow id", have.WorkflowID, want.WorkflowID},
		{"task queue", have.TaskQueue, want.TaskQueue},
		{"hunt", have.Hunt, want.Hunt},
		{"timeout", have.Timeout.String(), want.Timeout.String()},
		{"file", have.File, want.File},
		{"hash", have.Hash, want.Hash},
		{"release", have.Release, want.Release},
	} {
		if f.have != f.want {
			out = append(out, fmt.Sprintf("%s: %s -> %s", f.name, shown(f.have), shown(f.want)))
		}
	}
	if have.Cron == want.Cron && !slices.Equal(have.Times, want.Times) {
		out = append(out, "times: changed by hand -> "+shown(want.Cron))
	}
	return out
}

func shown(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
