package soar

import "strings"

// OverlapPolicy says what becomes of a run that is due while the one before it
// still runs.
type OverlapPolicy string

const (
	// OverlapSkip leaves the run out; the next one hunts its window too.
	OverlapSkip OverlapPolicy = "skip"
	// OverlapBufferOne starts one run when the one before it ends; its window begins
	// where that one's ended.
	OverlapBufferOne OverlapPolicy = "buffer_one"
)

// Validate refuses an unknown policy.
func (p OverlapPolicy) Validate() error {
	return oneOf("overlap_policy", p, OverlapBufferOne, OverlapSkip)
}

// OnDemand says that nothing but a person starts the hunt.
func (s Schedule) OnDemand() bool { return s.Cron == "" && s.Interval == 0 }

// String is the schedule in words: "cron 0 6 * * * UTC", "every 15m", "on demand".
func (s Schedule) String() string {
	out := "on demand"
	switch {
	case s.Interval > 0:
		out = "every " + s.Interval.String()
	case s.Cron != "":
		out = strings.TrimSpace("cron " + s.Cron + " " + s.TimeZone)
	}
	if s.Paused && !s.OnDemand() {
		out += " (paused)"
	}
	return out
}
