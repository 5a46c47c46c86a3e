package soar

import "time"

// Gaps are the spans up to end that were not hunted completely, oldest first: what
// was tried and did not succeed, and what nobody tried after the first success.
// Nothing covered is no gap: nothing is known to be missing.
func (s CoverageState) Gaps(end time.Time) []Window {
	if len(s.Intervals) == 0 {
		return nil
	}
	from, known := s.begin()
	if !known {
		from = s.Intervals[0].Window.From
	}
	var gaps []Window
	for _, c := range s.Intervals {
		if before := c.Window; c.Status != CoverageComplete && before.From.Before(from) {
			gaps = append(gaps, before)
		}
	}
	if !from.Before(end) {
		return gaps
	}
	after := []Window{NewWindow(from, end)}
	for _, c := range s.Intervals {
		if c.Status == CoverageComplete {
			after = subtractAll(after, c.Window)
		}
	}
	return append(gaps, after...)
}

// Overdue are the gaps at now that are older than a hunt's schedule explains: a
// gap may be as old as the time between two runs, the settling lag, and the
// patience of whoever is told.
func (s CoverageState) Overdue(now time.Time, h WatchedHunt, patience time.Duration) []Window {
	var out []Window
	for _, gap := range s.Gaps(now) {
		if now.Sub(gap.From) > h.Every.Std()+h.Lag.Std()+patience {
			out = append(out, gap)
		}
	}
	return out
}
