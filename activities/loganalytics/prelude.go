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
	cut, err := windowCut(h.Settings, w)
	if err != nil {
		return "", err
	}
	for _, table := range tablesToShape(h.Settings) {
		if !isName(table) {
			return "", fmt.Errorf("%q is not the name of a table; write the subject that the window cuts as the query names it", table)
		}
		// The table's name stands for what is left of its rows: the query runs unchanged.
		front.put(table, shape(table, h.Settings, cut))
	}
	return front.text()
}

// tablesToShape are the tables that the prelude stands before: the subject,
// where the prelude cuts it, and those of which the query reads Timestamp.
func tablesToShape(s soar.HuntSettings) []string {
	var out []string
	if s.WindowBy != soar.ByQuery {
		out = append(out, s.Subject)
	}
	for _, t := range s.Shim {
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// shape is a table as the query shall see it.
func shape(table string, s soar.HuntSettings, cut string) string {
	out := table
	if table == s.Subject && cut != "" {
		out += " | where " + cut
	}
	if slices.Contains(s.Shim, table) {
		out += " | extend Timestamp = TimeGenerated"
	}
	return out
}

// windowCut is the condition under which a row of the subject is in the window;
// empty where the query cuts by itself.
func windowCut(s soar.HuntSettings, w soar.Window) (string, error) {
	from, to := kqlTime(w.From), kqlTime(w.To)
	switch s.WindowBy {
	case soar.ByQuery:
		return "", nil
	case soar.ByIngestion:
		return fmt.Sprintf("ingestion_time() >= %s and ingestion_time() < %s", from, to), nil
	case soar.ByTimeGenerated:
		// A row stands at its own time or, when it came later than the lag, a lag before it came. So it
		// stands in one window, and a window that is hunted a lag after its end finds all that stands in it.
		stands := fmt.Sprintf("iff(ingestion_time() - %[1]s > TimeGenerated, ingestion_time() - %[1]s, TimeGenerated)", kqlSpan(s.Lag.Std()))
		return fmt.Sprintf("TimeGenerated >= %s and %s >= %s and %s < %s",
			kqlTime(w.From.Add(-max(s.Overlap.Std(), 0))), stands, from, stands, to), nil
	}
	return "", s.WindowBy.Validate()
}

// clockSkew is how far an event's own time may run ahead of its arrival.
const clockSkew = time.Hour

// timespan is what a hunt's query may see. The API cuts every table to it, so
// it covers the look-back of joined tables, never the window alone.
func timespan(h soar.Hunt, w soar.Window) soar.Window {
	back := max(h.Settings.Lookback.Std(), h.Settings.Hold.Std(), h.Settings.Overlap.Std(), 0)
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
	l.put("Lag", kqlSpan(run.Hunt.Settings.Lag.Std()))
	l.put("Overlap", kqlSpan(max(run.Hunt.Settings.Overlap.Std(), 0)))
}
