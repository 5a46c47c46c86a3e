package soar

import "time"

// Gaps are the spans between the beginning of what is covered and end that were
// not hunted completely, oldest first. Nothing covered is no gap: nothing is known
// to be missing.
func (s CoverageState) Gaps(end time.Time) []Window {
	from, known := s.begin()
	if !known || !from.Before(end) {
		return nil
	}
	gaps := []Window{NewWindow(from, end)}
	for _, c := range s.Intervals {
		if c.Status == CoverageComplete {
			gaps = subtractAll(gaps, c.Window)
		}
	}
	return gaps
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
