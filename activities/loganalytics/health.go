package loganalytics

import (
	"fmt"
	"slices"
	"time"

	"harrier/workflows/soar"
)

// source is what the tables of a hunt show of themselves.
type source struct {
	now, from time.Time
	// lacks is why nothing could be read of them.
	lacks   unfit
	partial string
	stats   soar.QueryStats
	tables  map[string]history
	reports []reportHour
	alerts  []reportAlert
}

func newSource(a answer, from, now time.Time) source {
	s := source{now: now, from: from, partial: a.partial, stats: a.stats, tables: map[string]history{}}
	for i := range a.rows {
		r := a.row(i)
		first, last := r.time("First"), r.time("Last")
		switch r.text("Fact") {
		case "hour":
			h := s.tables[r.text("Name")]
			h.hours = append(h.hours, soar.Window{From: first, To: last})
			h.rows += r.number("Number")
			s.tables[r.text("Name")] = h
		case "submissions":
			s.reports = append(s.reports, reportHour{
				at: first, count: r.number("Number"), named: r.number("Known"), delay: time.Duration(r.number("Delay")) * time.Second,
			})
		case "alert":
			s.alerts = append(s.alerts, reportAlert{at: first, message: cut(r.text("Name"), maxAddress), known: r.number("Known") > 0})
		}
	}
	for _, h := range s.tables {
		slices.SortFunc(h.hours, func(a, b soar.Window) int { return a.From.Compare(b.From) })
	}
	slices.SortFunc(s.alerts, func(a, b reportAlert) int { return a.at.Compare(b.at) })
	return s
}

// health judges a source for a hunt of a window. lacks is what the workspace
// lacks for the hunt's own query.
func (s source) health(w soar.Window, tables []tableUse, lacks unfit) soar.SourceHealth {
	out := soar.SourceHealth{Newest: map[string]time.Time{}}
	problem := func(text string) {
		if text != "" {
			out.Problems = append(out.Problems, text)
		}
	}
	if s.partial != "" {
		problem("the service returned a part of the check: " + s.partial)
	}
	problem(lacks.text)
	if s.lacks.table == "" || s.lacks.table != lacks.table {
		problem(s.lacks.text)
	}
	if s.lacks.text == "" {
		for _, t := range tables {
			if t.name != lacks.table {
				s.judgeTable(t, w, lacks, &out)
			}
		}
		for _, judged := range []func(soar.Window) (string, string){s.judgeNames, s.judgeQuiet, s.judgeAlerts} {
			text, note := judged(w)
			problem(text)
			if note != "" {
				out.Notes = append(out.Notes, note)
			}
		}
	}
	for _, r := range s.reports {
		out.Submissions += r.count
		out.WithObjectID += r.named
	}
	out.Healthy = len(out.Problems) == 0
	return out
}

// judgeTable holds a table against its own past.
func (s source) judgeTable(t tableUse, w soar.Window, lacks unfit, out *soar.SourceHealth) {
	h := s.tables[t.name]
	if h.rows == 0 {
		switch {
		case t.needed && (t.steady || !slices.Contains(otherTables, t.name)):
			out.Problems = append(out.Problems, fmt.Sprintf("table %s does not exist or has had no row since %s; connect %s", t.name, isoTime(s.from), connectorOf(t.name)))
		case lacks.text == "":
			// The query ran, so the table is there: empty is not silent.
			out.Notes = append(out.Notes, fmt.Sprintf("table %s has had no row since %s", t.name, isoTime(s.from)))
		}
		return
	}
	newest := h.hours[len(h.hours)-1].To
	out.Newest[t.name] = newest
	if !t.needed {
		return
	}
	past, reach := h.silences(), s.now.Sub(h.hours[0].From)
	silent := soar.Window{From: newest, To: s.now}
	if limit := allowed(t, past, silent, reach); silence(silent) > limit {
		out.Problems = append(out.Problems, fmt.Sprintf("the newest row of table %s is %s old (at most %s is usual for it); check the data connector and the workspace's daily cap",
			t.name, silence(silent).Round(time.Minute), limit.Round(time.Minute)))
	}
	if reach < 2*enoughPast { // a weekend is held against another one
		return
	}
	for i, p := range past {
		others := slices.Concat(past[:i:i], past[i+1:])
		if p.From.Before(w.To) && p.To.After(w.From) && silence(p) > allowed(t, others, p, reach) {
			out.Notes = append(out.Notes, fmt.Sprintf("table %s has no row from %s to %s, longer than its past explains; what happened then is not in the workspace",
				t.name, isoTime(p.From), isoTime(p.To)))
		}
	}
}
