package loganalytics

import (
	"time"

	"harrier/workflows/soar"
)

// How long a table may be silent. Its own past decides between the bounds.
const (
	// leastSilence leaves room for rows that are late.
	leastSilence = 6 * time.Hour
	// maxSilence is for tables with rows at every hour of a working day: in a tenant
	// with users, mail and audit events come every day. It also holds for a table
	// without enough past.
	maxSilence = 24 * time.Hour
	// maxWeekend is for a silence of such a table that reaches into a weekend: from
	// Friday's close to Monday's start, and a holiday.
	maxWeekend = 96 * time.Hour
	// weekendSlack is what a weekend's silence may be longer than the longest before.
	weekendSlack = 12 * time.Hour
	// enoughPast is what a table must have of a past to be held against: each day of
	// the week.
	enoughPast = 7 * 24 * time.Hour
)

// history is when a table had rows.
type history struct {
	// hours are the first and last row of each hour that had any, in order.
	hours []soar.Window
	rows  int
}

// silences are the spans between one hour with rows and the next.
func (h history) silences() []soar.Window {
	var out []soar.Window
	for i := 1; i < len(h.hours); i++ {
		out = append(out, soar.Window{From: h.hours[i-1].To, To: h.hours[i].From})
	}
	return out
}

func silence(w soar.Window) time.Duration { return w.To.Sub(w.From) }

// allowed is how long a table may be silent, now, after its past silences.
// history is how far back its past reaches.
func allowed(t tableUse, past []soar.Window, now soar.Window, history time.Duration) time.Duration {
	if history < enoughPast {
		return maxSilence
	}
	var weekday, weekend time.Duration
	for _, p := range past {
		if touchesWeekend(p) {
			weekend = max(weekend, silence(p))
		} else {
			weekday = max(weekday, silence(p))
		}
	}
	if !t.steady {
		// A table with few rows is silent as often as nothing happens.
		return max(maxSilence, 2*weekday, 2*weekend)
	}
	limit := clamp(2*weekday, leastSilence, maxSilence)
	if touchesWeekend(now) {
		limit = max(limit, clamp(min(2*weekend, weekend+weekendSlack), leastSilence, maxWeekend))
	}
	return limit
}

func clamp(d, least, most time.Duration) time.Duration { return min(max(d, least), most) }

// touchesWeekend says that a part of a span is a Saturday or Sunday in UTC.
func touchesWeekend(w soar.Window) bool {
	if w.To.Sub(w.From) >= 5*24*time.Hour {
		return true
	}
	for day := w.From.UTC().Truncate(24 * time.Hour); day.Before(w.To); day = day.AddDate(0, 0, 1) {
		if d := day.Weekday(); d == time.Saturday || d == time.Sunday {
			return true
		}
	}
	return false
}
