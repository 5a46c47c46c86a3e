package soar

import (
	"fmt"
	"strings"
	"time"
)

// Window is the half-open span [From, To) of a hunt, in UTC and whole seconds:
// the query API drops fractions, so a finer edge would lose or double rows.
type Window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// NewWindow cuts both ends to whole seconds in UTC.
func NewWindow(from, to time.Time) Window {
	return Window{From: from.UTC().Truncate(time.Second), To: to.UTC().Truncate(time.Second)}
}

// Validate refuses an empty, reversed or fractional window.
func (w Window) Validate() error {
	if w.From.IsZero() || w.To.IsZero() {
		return fmt.Errorf("window %s needs both from and to, as 2026-11-24T06:00:00Z", w)
	}
	if !w.From.Before(w.To) {
		return fmt.Errorf("window %s ends before it begins; give from before to", w)
	}
	if w.From.Nanosecond() != 0 || w.To.Nanosecond() != 0 {
		return fmt.Errorf("window %s has fractions of a second; give whole seconds", w)
	}
	return nil
}

// Length is To minus From.
func (w Window) Length() time.Duration { return w.To.Sub(w.From) }

// Hull is the shortest window that holds both; a zero window adds nothing.
func (w Window) Hull(o Window) Window {
	switch {
	case w.IsZero():
		return o
	case o.IsZero():
		return w
	}
	if o.From.Before(w.From) {
		w.From = o.From
	}
	if o.To.After(w.To) {
		w.To = o.To
	}
	return w
}

// IsZero says that no window was given.
func (w Window) IsZero() bool { return w.From.IsZero() && w.To.IsZero() }

// String writes the window as an ISO 8601 interval.
func (w Window) String() string {
	return w.From.UTC().Format(time.RFC3339) + "/" + w.To.UTC().Format(time.RFC3339)
}

// CoverageStatus says how well a window was hunted.
type CoverageStatus string

const (
	// CoverageComplete: the whole window was hunted, nothing was cut.
	CoverageComplete CoverageStatus = "complete"
	// CoveragePartial: rows were returned, but not all of them.
	CoveragePartial CoverageStatus = "partial"
	// CoverageNotRun: the hunt could not run; nothing is known of the window.
	CoverageNotRun CoverageStatus = "not run"
)

// Validate refuses an unknown status.
func (s CoverageStatus) Validate() error {
	return oneOf("coverage", s, CoverageComplete, CoveragePartial, CoverageNotRun)
}

// GapsKept is how long coverage is remembered.
const GapsKept = 400 * 24 * time.Hour

// CoverageID is the id of a hunt's Coverage workflow.
func CoverageID(slug string) string { return "coverage-" + slug }

// CoverageSlug names a hunt's coverage of one workspace: the slug alone is that of
// the default workspace.
func CoverageSlug(slug, workspace string) string {
	if workspace == "" {
		return slug
	}
	return slug + "@" + workspace
}

// Names of the Coverage workflow's messages.
const (
	CoverUpdate   = "cover"
	CoverageQuery = "coverage"
)

// Cover is the update that records one hunted window.
type Cover struct {
	Window    Window         `json:"window"`
	Status    CoverageStatus `json:"status"`
	Reason    string         `json:"reason,omitempty"`
	RunID     string         `json:"run_id"`
	QueryHash string         `json:"query_hash"`
	At        time.Time      `json:"at"`
}

// Validate checks window and status.
func (c Cover) Validate() error {
	if err := c.Window.Validate(); err != nil {
		return err
	}
	return c.Status.Validate()
}

// CoverageInput starts or continues a Coverage workflow.
type CoverageInput struct {
	Slug  string        `json:"slug"`
	State CoverageState `json:"state"`
}

// CoverageState is what is known of a hunt's past: disjoint intervals in order of time.
type CoverageState struct {
	Intervals []Cover `json:"intervals,omitempty"`
}

// Apply lays a cover over the known intervals. Complete is never worsened by a
// later partial or failed run of the same time; anything else takes the newer
// word. Neighbours with the same status, reason and query merge into one.
// Applying one cover twice changes nothing.
func (s CoverageState) Apply(c Cover) CoverageState {
	var out []Cover
	pending := []Window{c.Window}
	for _, old := range s.Intervals {
		if old.Status == CoverageComplete && c.Status != CoverageComplete {
			pending = subtractAll(pending, old.Window)
			out = append(out, old)
			continue
		}
		for _, left := range subtract(old.Window, c.Window) {
			part := old
			part.Window = left
			out = append(out, part)
		}
	}
	for _, w := range pending {
		part := c
		part.Window = w
		out = append(out, part)
	}
	return CoverageState{Intervals: mergeNeighbours(sortCovers(out))}
}

// CoveredUntil is where complete coverage that holds at from first ends: from
// itself when nothing covers it.
func (s CoverageState) CoveredUntil(from time.Time) time.Time {
	for _, c := range s.Intervals {
		if c.Status == CoverageComplete && !c.Window.From.After(from) && c.Window.To.After(from) {
			from = c.Window.To
		}
	}
	return from
}

// begin is the start of the oldest complete interval.
func (s CoverageState) begin() (at time.Time, ok bool) {
	for _, c := range s.Intervals {
		if c.Status == CoverageComplete {
			return c.Window.From, true
		}
	}
	return time.Time{}, false
}

// Prune forgets what ended before the given time.
func (s CoverageState) Prune(before time.Time) CoverageState {
	var kept []Cover
	for _, c := range s.Intervals {
		if c.Window.To.After(before) {
			kept = append(kept, c)
		}
	}
	return CoverageState{Intervals: kept}
}

// MaxWindow bounds the window of one run. What lies further back stays a gap in
// the coverage until somebody hunts it by hand, so that an old failure never
// keeps today's mail from being hunted.
const MaxWindow = 14 * 24 * time.Hour

// MinPiece is the shortest piece a window is halved to when its result is cut.
const MinPiece = time.Hour

// Cut cuts a window into pieces of at most the given length, oldest first; 0
// leaves it whole.
func (w Window) Cut(longest time.Duration) []Window {
	if longest <= 0 || w.Length() <= longest {
		return []Window{w}
	}
	var out []Window
	for from := w.From; from.Before(w.To); from = from.Add(longest) {
		to := from.Add(longest)
		if to.After(w.To) {
			to = w.To
		}
		out = append(out, NewWindow(from, to))
	}
	return out
}

// Halve cuts a window in two at a whole second; ok is false below MinPiece.
func (w Window) Halve() (halves []Window, ok bool) {
	if w.Length() < 2*MinPiece {
		return nil, false
	}
	return w.Cut((w.Length() / 2).Truncate(time.Second) + time.Second), true
}

// Piece is how one piece of a run's window was hunted.
type Piece struct {
	Window   Window         `json:"window"`
	Coverage CoverageStatus `json:"coverage"`
	Reason   string         `json:"reason,omitempty"`
	// Workspace is where, when the hunt names several.
	Workspace string `json:"workspace,omitempty"`
}

// Weaken turns a complete piece into a partial one, with the reason.
func (p *Piece) Weaken(reason string) {
	if p.Coverage == CoverageComplete {
		p.Coverage = CoveragePartial
	}
	p.Remark(reason)
}

// Remark adds a reason without making the piece less complete.
func (p *Piece) Remark(reason string) { p.Reason = JoinReasons(p.Reason, reason) }

// JoinReasons puts two reasons into one line, each once.
func JoinReasons(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "" || strings.Contains(a, b):
		return a
	}
	return a + "; " + b
}

// NextWindow is the window a run hunts: from the first gap in complete coverage
// (or a first window before the end, where nothing is covered) to the given
// end, at most MaxWindow long. ok is false when everything up to end is covered.
func NextWindow(s CoverageState, end time.Time, first time.Duration) (w Window, ok bool) {
	from, known := s.begin()
	if !known {
		from = end.Add(-first)
	}
	if oldest := end.Add(-MaxWindow); from.Before(oldest) {
		from = oldest
	}
	w = NewWindow(s.CoveredUntil(from), end)
	return w, w.From.Before(w.To)
}

func subtract(w, cut Window) []Window {
	if !w.From.Before(cut.To) || !cut.From.Before(w.To) {
		return []Window{w}
	}
	var out []Window
	if w.From.Before(cut.From) {
		out = append(out, Window{w.From, cut.From})
	}
	if cut.To.Before(w.To) {
		out = append(out, Window{cut.To, w.To})
	}
	return out
}

func subtractAll(ws []Window, cut Window) []Window {
	var out []Window
	for _, w := range ws {
		out = append(out, subtract(w, cut)...)
	}
	return out
}

func sortCovers(cs []Cover) []Cover {
	out := append([]Cover(nil), cs...)
	for i := 1; i < len(out); i++ {
		for j := i; j > 0 && out[j].Window.From.Before(out[j-1].Window.From); j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

func mergeNeighbours(cs []Cover) []Cover {
	var out []Cover
	for _, c := range cs {
		if n := len(out); n > 0 && sameCoverage(out[n-1], c) && out[n-1].Window.To.Equal(c.Window.From) {
			out[n-1].Window.To = c.Window.To
			out[n-1].RunID, out[n-1].At = c.RunID, c.At
			continue
		}
		out = append(out, c)
	}
	return out
}

func sameCoverage(a, b Cover) bool {
	return a.Status == b.Status && a.Reason == b.Reason && a.QueryHash == b.QueryHash
}
