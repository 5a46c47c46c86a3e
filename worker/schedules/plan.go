package schedules

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"harrier/workflows/soar"
)

// Config says whose schedules a Manager keeps.
type Config struct {
	Client client.ScheduleClient
	// Converter is the client's data converter; nil is the SDK's default.
	Converter converter.DataConverter
	// Release is this worker's version, as v1.4.0.
	Release string
	// RunTimeout bounds a run of a hunt; 0 leaves it unbounded.
	RunTimeout time.Duration
}

// Manager plans and applies the schedules of hunts.
type Manager struct {
	client    client.ScheduleClient
	converter converter.DataConverter
	release   string
	timeout   time.Duration
}

// New makes a Manager.
func New(c Config) *Manager {
	return &Manager{client: c.Client, converter: defaultConverter(c.Converter), release: c.Release, timeout: c.RunTimeout}
}

// Wanted are the hunts as their files stand, and what else runs on a schedule.
type Wanted struct {
	Hunts []soar.Hunt
	// Broken are files whose hunt is there, but could not be loaded.
	Broken []string
	// Others are schedules of what is no hunt, as Housekeeping makes them.
	Others []Other
}

// Other is the schedule of a workflow that takes no input.
type Other struct {
	ID       string
	Workflow string
	Schedule soar.Schedule
	// Timeout bounds a run.
	Timeout time.Duration
}

// watchEvery is how often gaps and orphans are looked after.
const watchEvery = time.Hour

// Housekeeping are the schedules beside the hunts': the digest, and the watch over
// gaps and orphans. A watch that is still under way is not followed by another.
func Housekeeping(digest soar.Schedule) []Other {
	watch := soar.Schedule{
		Interval: soar.Duration(watchEvery), Jitter: soar.Duration(5 * time.Minute), CatchUp: soar.Duration(10 * time.Minute),
		OverlapPolicy: soar.OverlapSkip,
	}
	return []Other{
		{ID: soar.DigestScheduleID, Workflow: soar.DigestWorkflow, Schedule: digest, Timeout: 12 * time.Hour},
		{ID: soar.WatchScheduleID, Workflow: soar.WatchWorkflow, Schedule: watch, Timeout: watchEvery},
	}
}

// Kind is what happens to a schedule.
type Kind string

const (
	// Create makes a schedule that is not there.
	Create Kind = "create"
	// Update brings a schedule to what its file says.
	Update Kind = "update"
	// Delete removes the schedule of a hunt that is gone, or that runs on demand now.
	Delete Kind = "delete"
	// Leave keeps a schedule as it is although it differs, for a reason.
	Leave Kind = "leave"
)

// Change is one difference between files and server.
type Change struct {
	Kind Kind
	ID   string
	// Fields are what an update changes, as "field: have -> want".
	Fields []string
	// Reason says why a schedule is deleted or left.
	Reason string

	want Schedule
	have found
}

// String is a line for people.
func (c Change) String() string {
	detail := c.Reason
	if len(c.Fields) > 0 {
		detail = strings.Join(append(slices.Clone(c.Fields), nonEmpty(c.Reason)...), "; ")
	}
	if detail == "" {
		return fmt.Sprintf("%s %s", c.Kind, c.ID)
	}
	return fmt.Sprintf("%s %s: %s", c.Kind, c.ID, detail)
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// Plan says what Apply would do, in the order of ids. Nothing is changed.
func (m *Manager) Plan(ctx context.Context, w Wanted) ([]Change, error) {
	wanted, err := m.wanted(w)
	if err != nil {
		return nil, err
	}
	have, err := m.have(ctx, wanted)
	if err != nil {
		return nil, err
	}
	return plan(m.release, wanted, have, w.Broken), nil
}

func (m *Manager) wanted(w Wanted) (map[string]Schedule, error) {
	out := map[string]Schedule{}
	var errs []error
	for _, h := range w.Hunts {
		s, ok, err := want(h, m.release, m.timeout)
		if err != nil {
			errs = append(errs, err)
		} else if ok {
			out[s.ID] = s
		}
	}
	for _, o := range w.Others {
		s, err := wantOther(o, m.release)
		errs = append(errs, err)
		out[o.ID] = s
	}
	return out, errors.Join(errs...)
}

func wantOther(o Other, release string) (Schedule, error) {
	s, err := timed(o.ID, o.Schedule)
	if err != nil {
		return s, fmt.Errorf("schedule %s: %w", o.ID, err)
	}
	s.Workflow, s.Timeout, s.Release = o.Workflow, o.Timeout, release
	s.Hash, err = hashOf(o)
	return s, err
}

// have describes Harrier's schedules, and what else bears a wanted id.
func (m *Manager) have(ctx context.Context, wanted map[string]Schedule) (map[string]found, error) {
	ids, err := m.owned(ctx)
	if err != nil {
		return nil, err
	}
	for id := range wanted {
		ids = append(ids, id)
	}
	out := map[string]found{}
	for _, id := range ids {
		if _, done := out[id]; done {
			continue
		}
		f, ok, err := m.describe(ctx, id)
		if err != nil {
			return nil, err
		}
		if ok {
			out[id] = f
		}
	}
	return out, nil
}

// plan compares what is wanted with what is there. It is pure.
func plan(release string, wanted map[string]Schedule, have map[string]found, broken []string) []Change {
	var out []Change
	for id, w := range wanted {
		h, there := have[id]
		if c, differs := decide(w, h, there); differs {
			out = append(out, c)
		}
	}
	for id, h := range have {
		if _, ok := wanted[id]; !ok && h.owned {
			out = append(out, remove(h, broken))
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.ID, b.ID) })
	if newest := newestRelease(have); older(release, newest) {
		return leaveAll(out, fmt.Sprintf("release %s manages the schedules and this worker is %s; start that release, or a newer one", newest, shown(release)))
	}
	return out
}

func decide(w Schedule, h found, there bool) (c Change, differs bool) {
	c = Change{ID: w.ID, want: w, have: h}
	if !there {
		c.Kind = Create
		return c, true
	}
	if !h.owned {
		c.Kind, c.Reason = Leave, "a schedule with this id is there that Harrier did not make; delete it, or give the hunt another slug"
		return c, true
	}
	c.Kind, c.Fields = Update, Diff(h.Schedule, w)
	if pause := pauseChange(h.Schedule, w); pause != "" {
		c.Fields = append(c.Fields, pause)
	}
	return c, len(c.Fields) > 0
}

// pauseChange says what happens to a pause: the settings' own pause is set and
// lifted, and outlasts one with an end that was asked for through Harrier; a pause
// of anybody else is never lifted.
func pauseChange(have, want Schedule) string {
	switch {
	case want.Paused && !have.Paused:
		return "paused: false -> true"
	case want.Paused && whose(have.Paused, have.Note) == PausedThroughHarrier:
		return "paused: " + have.Note + " -> " + PausedNote
	case !want.Paused && whose(have.Paused, have.Note) == PausedBySettings:
		return "paused: true -> false"
	}
	return ""
}

func remove(h found, broken []string) Change {
	c := Change{Kind: Delete, ID: h.ID, have: h, Reason: "no hunting file asks for it"}
	isIts := func(file string) bool { return h.File == "" || filepath.Base(file) == h.File }
	if slices.ContainsFunc(broken, isIts) {
		c.Kind, c.Reason = Leave, fmt.Sprintf("its hunting file %s is broken, not gone; the schedule runs on", shown(h.File))
	}
	return c
}

func newestRelease(have map[string]found) string {
	newest := ""
	for _, h := range have {
		if h.owned && older(newest, h.Release) {
			newest = h.Release
		}
	}
	return newest
}

func leaveAll(changes []Change, why string) []Change {
	for i := range changes {
		changes[i].Kind, changes[i].Reason = Leave, why
	}
	return changes
}
