package interactions

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"harrier/activities/slack"
	"harrier/config"
	"harrier/worker/runs"
	"harrier/workflows/soar"
)

// Desk is what the home tab shows. TemporalDesk is the implementation.
type Desk interface {
	// Home reads it. What could not be read is among its problems; an error says that
	// nothing could.
	Home(ctx context.Context) (slack.Home, error)
}

// TemporalDesk reads the home tab from Temporal: open cases from the memos of their
// workflows, coverage by a query each.
type TemporalDesk struct {
	Runs runs.Reader
	// Hunts are the hunts in force.
	Hunts func() []soar.Hunt
	// Expiring reads the rules and the remembered approvals that end soon, with what
	// they did. It is costly, and asked at most every expiringFor.
	Expiring func(ctx context.Context) ([]soar.Expiring, error)
	Now      func() time.Time
	// Patience is how long a tab waits for what ends soon; 0 is 5 s. The reading goes on
	// for the next tab.
	Patience time.Duration

	mu   sync.Mutex
	last *count
}

// count is one reading of what ends soon, which all tabs of a while share.
type count struct {
	done chan struct{} // closed when the rest is set
	ends []soar.Expiring
	err  error
	at   time.Time
}

// Bounds of the home tab.
const (
	maxDeskCases = 100
	// queriesAtOnce bounds the coverage that is asked for at one time.
	queriesAtOnce = 8
	expiringFor   = 10 * time.Minute
	// countFor bounds one reading of what ends soon: results of 30 days are read for it.
	countFor = 2 * time.Minute
	// behind is how much later than its schedule explains a hunt may be.
	behind = 30 * time.Minute
)

// Home reads cases, coverage and what ends soon side by side.
func (d *TemporalDesk) Home(ctx context.Context) (slack.Home, error) {
	home := slack.Home{AsOf: d.Now()}
	var cases, coverage, expiring error
	var reading sync.WaitGroup
	reading.Go(func() { home.Open, home.More, cases = d.open(ctx) })
	reading.Go(func() { home.Coverage, coverage = d.coverage(ctx, home.AsOf) })
	reading.Go(func() { home.Expiring, expiring = d.expiring(ctx) })
	reading.Wait()
	if cases != nil && coverage != nil {
		return home, errors.Join(cases, coverage)
	}
	for what, err := range map[string]error{"Open cases": cases, "Coverage": coverage, "What ends soon": expiring} {
		if err != nil {
			home.Problems = append(home.Problems, what+" could not be read: "+err.Error())
		}
	}
	slices.Sort(home.Problems)
	return home, nil
}

// open lists the cases that wait for a decision, the most severe first where there
// are too many.
func (d *TemporalDesk) open(ctx context.Context) (open []soar.ListedCase, more int, err error) {
	list, err := d.Runs.Cases(ctx, soar.CaseOpen, soar.CaseUnreviewed)
	for _, c := range list {
		ref, bad := soar.ParseCaseRef(c.Ref)
		if bad != nil {
			continue // no case was opened of it yet
		}
		if len(open) == maxDeskCases {
			more++
			continue
		}
		open = append(open, soar.ListedCase{
			Ref: ref, State: c.State, Severity: c.Severity, Sender: c.Sender, Headline: c.Headline, Phish: c.Phish, Spam: c.Spam, Sent: c.Sent, Usual: c.Usual,
			Deadline: c.Deadline, Snoozed: c.Snoozed,
		})
	}
	return open, more, err
}

// hunted is one hunt in one workspace.
type hunted struct {
	hunt      soar.Hunt
	workspace string
	every     time.Duration
}

// coverage reads how far the scheduled hunts have come. One that cannot be read is
// left out, and is the error.
func (d *TemporalDesk) coverage(ctx context.Context, now time.Time) ([]slack.CoverageLine, error) {
	var all []hunted
	for _, h := range d.Hunts() {
		every := config.LongestPause(h.Settings.Schedule)
		if every == 0 || h.Settings.Schedule.Paused {
			continue // on demand only
		}
		for _, w := range h.Settings.WorkspaceNames() {
			all = append(all, hunted{h, w, every})
		}
	}
	lines, errs := make([]*slack.CoverageLine, len(all)), make([]error, len(all))
	slots := make(chan struct{}, queriesAtOnce)
	var reading sync.WaitGroup
	for i, h := range all {
		reading.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			state, err := d.Runs.Coverage(ctx, h.hunt.Slug, h.workspace)
			if errs[i] = err; err == nil {
				lines[i] = h.line(state, now)
			}
		})
	}
	reading.Wait()
	return present(lines), errors.Join(errs...)
}

func present(lines []*slack.CoverageLine) []slack.CoverageLine {
	var out []slack.CoverageLine
	for _, l := range lines {
		if l != nil {
			out = append(out, *l)
		}
	}
	return out
}

func (h hunted) line(state soar.CoverageState, now time.Time) *slack.CoverageLine {
	reached := runs.ReachedIn(h.workspace, state)
	name := h.hunt.Name
	if h.workspace != "" {
		name += " (" + h.workspace + ")"
	}
	late := reached.Until.Add(h.every + h.hunt.Settings.Lag.Std() + behind)
	return &slack.CoverageLine{
		Hunt: h.hunt.Slug, Name: name, Until: reached.Until, Gaps: reached.Gaps, Overdue: !reached.Until.IsZero() && late.Before(now),
	}
}

// errCounting says that what ends soon takes longer than a tab waits.
var errCounting = errors.New("it is still being counted; open this tab again in a minute")

// expiring gives what ends soon, or what was read a short while ago. Cases and coverage
// do not wait for a reading that takes long.
func (d *TemporalDesk) expiring(ctx context.Context) ([]soar.Expiring, error) {
	if d.Expiring == nil {
		return nil, nil
	}
	c := d.counted(ctx)
	patience := time.NewTimer(cmp.Or(d.Patience, 5*time.Second))
	defer patience.Stop()
	select {
	case <-c.done:
		return slices.Clone(c.ends), c.err
	case <-patience.C:
	case <-ctx.Done():
	}
	return nil, errCounting
}

// counted is the reading that is under way or still holds, else a new one, which does not
// end with the tab that asked for it.
func (d *TemporalDesk) counted(ctx context.Context) *count {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last != nil && d.last.holds(d.Now()) {
		return d.last
	}
	c := &count{done: make(chan struct{})}
	d.last = c
	go func() {
		defer close(c.done)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), countFor)
		defer cancel()
		c.ends, c.err = d.Expiring(ctx)
		slices.SortStableFunc(c.ends, func(a, b soar.Expiring) int { return a.Until.Compare(b.Until) })
		c.at = d.Now()
	}()
	return c
}

// holds says that a reading is under way, or went well a short while ago.
func (c *count) holds(now time.Time) bool {
	select {
	case <-c.done:
		return c.err == nil && now.Sub(c.at) < expiringFor
	default:
		return true
	}
}
