package config

import (
	"slices"
	"time"

	"harrier/workflows/soar"
)

// LongestPause is the longest time between two runs of a hunt's schedule, 0 for a
// hunt on demand.
func LongestPause(s soar.Schedule) time.Duration {
	if s.Interval > 0 {
		return s.Interval.Std()
	}
	cron, err := ParseCron(s.Cron)
	if s.Cron == "" || err != nil {
		return 0
	}
	return cron.LongestPause()
}

// LongestPause is the longest time between two runs that a schedule asks for, seen
// over a year, in UTC. It is what the age of a gap is measured against, so the hour
// that a clock change adds does not matter.
func (c Cron) LongestPause() time.Duration {
	minutes, hours := valuesOf(c.Minute), valuesOf(c.Hour)
	var last time.Time
	var longest time.Duration
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for day := start; day.Before(start.AddDate(1, 0, 0)); day = day.AddDate(0, 0, 1) {
		if !c.runsOn(day) {
			continue
		}
		for _, h := range hours {
			for _, m := range minutes {
				at := day.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute)
				if !last.IsZero() {
					longest = max(longest, at.Sub(last))
				}
				last = at
			}
		}
	}
	if longest == 0 {
		return 366 * 24 * time.Hour // one run a year or less
	}
	return longest
}

func (c Cron) runsOn(day time.Time) bool {
	return slices.Contains(valuesOf(c.Month), int(day.Month())) && slices.Contains(valuesOf(c.DayOfMonth), day.Day()) &&
		slices.Contains(valuesOf(c.DayOfWeek), int(day.Weekday()))
}

func valuesOf(ranges []CronRange) []int {
	var out []int
	for _, r := range ranges {
		out = append(out, r.values()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
