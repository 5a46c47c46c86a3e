package soar

// Missing are the parts of a window that were not hunted completely, oldest first.
func (s CoverageState) Missing(w Window) []Window {
	missing := []Window{w}
	for _, c := range s.Intervals {
		if c.Status == CoverageComplete {
			missing = subtractAll(missing, c.Window)
		}
	}
	return missing
}
