package loganalytics

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"harrier/workflows/soar"
)

// The parameters a hunting query may ask for.
const (
	ParamAcceptedDomains  = "AcceptedDomains"
	ParamLookalikeDomains = "LookalikeDomains"
)

// Parameters are the values of a query's parameters: lower-case domains.
type Parameters struct {
	AcceptedDomains  []string
	LookalikeDomains []string
}

// placeholder is what Sentinel's hunting page fills in and a query API does not.
var placeholder = regexp.MustCompile(`\{\{[^{}]*\}\}`)

// Compose puts a hunt's window and parameters in front of its query, which
// stays as it is but for {{StartTimeISO}} and {{EndTimeISO}}. It fails on any
// other placeholder, on a parameter it does not know, and on a subject that is
// not the name of a table.
func Compose(h soar.Hunt, w soar.Window, p Parameters) (string, error) {
	if err := w.Validate(); err != nil {
		return "", fmt.Errorf("compose hunt %s: %w", h.Slug, err)
	}
	query := strings.NewReplacer("{{StartTimeISO}}", isoTime(w.From), "{{EndTimeISO}}", isoTime(w.To)).Replace(h.Query)
	if left := placeholder.FindString(query); left != "" {
		return "", fmt.Errorf("compose hunt %s: the query holds %s; only {{StartTimeISO}} and {{EndTimeISO}} are filled in", h.Slug, left)
	}
	front, err := prelude(h, w, p)
	if err != nil {
		return "", fmt.Errorf("compose hunt %s: %w", h.Slug, err)
	}
	return front + query, nil
}

func prelude(h soar.Hunt, w soar.Window, p Parameters) (string, error) {
	var front lets
	for _, name := range h.Settings.Parameters {
		switch name {
		case ParamAcceptedDomains:
			front.strings(name, p.AcceptedDomains)
		case ParamLookalikeDomains:
			front.strings(name, p.LookalikeDomains)
		default:
			return "", fmt.Errorf("parameter %q is not known; use %s or %s", name, ParamAcceptedDomains, ParamLookalikeDomains)
		}
	}
	switch s := h.Settings; s.WindowBy {
	case soar.ByQuery:
	case soar.ByIngestion:
		if !isName(s.Subject) {
			return "", fmt.Errorf("subject %q is not the name of a table; write the table that the window cuts", s.Subject)
		}
		// The subject's name stands for its rows of the window: the query runs unchanged.
		front.put(s.Subject, fmt.Sprintf("%s | where ingestion_time() >= %s and ingestion_time() < %s", s.Subject, kqlTime(w.From), kqlTime(w.To)))
	default:
		return "", s.WindowBy.Validate()
	}
	return front.text()
}

// clockSkew is how far an event's own time may run ahead of its arrival.
const clockSkew = time.Hour

// timespan is what a hunt's query may see. The API cuts every table to it, so
// it covers the look-back of joined tables, never the window alone.
func timespan(h soar.Hunt, w soar.Window) soar.Window {
	back := max(h.Settings.Lookback.Std(), h.Settings.Hold.Std(), 0)
	return soar.NewWindow(w.From.Add(-back-time.Hour), w.To.Add(clockSkew))
}

// needs says that a hunt asks for a parameter.
func needs(h soar.Hunt, parameter string) bool {
	return slices.Contains(h.Settings.Parameters, parameter)
}

// reportedLets defines what reported.kql needs.
func reportedLets(l *lets, run soar.HuntRun) {
	l.time("WindowStart", run.Window.From)
	l.time("WindowEnd", run.Window.To)
	l.put("Hold", kqlSpan(run.Hunt.Settings.Hold.Std()))
	l.string("CutBy", string(run.Hunt.Settings.WindowBy))
}
