package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a container without zone files must know every zone
)

// CronRange are the values Start, Start+Step, … up to End.
type CronRange struct{ Start, End, Step int }

// Cron is a schedule of five fields. Every field is a list of ranges; all fields
// must match.
type Cron struct {
	Minute, Hour, DayOfMonth, Month, DayOfWeek []CronRange
}

type cronField struct {
	name     string
	min, max int
	names    []string
}

func cronFields() [5]cronField {
	months := []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
	days := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	return [5]cronField{
		{"minute", 0, 59, nil}, {"hour", 0, 23, nil}, {"day of month", 1, 31, nil},
		{"month", 1, 12, months}, {"day of week", 0, 7, days},
	}
}

// ParseCron reads "minute hour day-of-month month day-of-week" with *, lists,
// ranges, steps and the English short names. A day of month together with a day
// of week is refused: cron programs disagree whether that means "and" or "or".
func ParseCron(text string) (Cron, error) {
	parts := strings.Fields(text)
	if len(parts) != 5 {
		return Cron{}, fmt.Errorf("read cron %q: it has %d fields; write five, minute hour day-of-month month day-of-week, as 0 * * * *", text, len(parts))
	}
	var parsed [5][]CronRange
	var errs []error
	for i, f := range cronFields() {
		ranges, err := f.parse(parts[i])
		if err != nil {
			errs = append(errs, fmt.Errorf("read cron %q: %s %w", text, f.name, err))
		}
		parsed[i] = ranges
	}
	if err := errors.Join(errs...); err != nil {
		return Cron{}, err
	}
	c := Cron{Minute: parsed[0], Hour: parsed[1], DayOfMonth: parsed[2], Month: parsed[3], DayOfWeek: sundays(parsed[4])}
	if !strings.HasPrefix(parts[2], "*") && !strings.HasPrefix(parts[4], "*") {
		return Cron{}, fmt.Errorf("read cron %q: day of month and day of week are both given, and cron programs disagree on what that means; write * for one of them", text)
	}
	if !c.everRuns() {
		return Cron{}, fmt.Errorf("read cron %q: no month it names has such a day, it would never run", text)
	}
	return c, nil
}

func (f cronField) parse(text string) ([]CronRange, error) {
	var out []CronRange
	for _, item := range strings.Split(text, ",") {
		r, err := f.item(item)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (f cronField) item(text string) (CronRange, error) {
	span, stepText, stepped := strings.Cut(text, "/")
	r := CronRange{Start: f.min, End: f.top(), Step: 1}
	if span != "*" {
		from, to, ranged := strings.Cut(span, "-")
		var err error
		if r.Start, err = f.number(from); err != nil {
			return r, err
		}
		if ranged {
			if r.End, err = f.number(to); err != nil {
				return r, err
			}
		} else if !stepped {
			r.End = r.Start
		}
	}
	if stepped {
		n, err := strconv.Atoi(stepText)
		if err != nil || n < 1 || n > f.max {
			return r, fmt.Errorf("has step %q; write 1 to %d", stepText, f.max)
		}
		r.Step = n
	}
	if r.Start > r.End {
		return r, fmt.Errorf("range %q ends before it begins", text)
	}
	return r, nil
}

// top is the end of "*": the second Sunday, 7, is only a spelling.
func (f cronField) top() int {
	if f.max == 7 {
		return 6
	}
	return f.max
}

func (f cronField) number(text string) (int, error) {
	for i, name := range f.names {
		if strings.EqualFold(text, name) {
			return f.min + i, nil
		}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.min || n > f.max {
		return 0, fmt.Errorf("is %q; write %d to %d", text, f.min, f.max)
	}
	return n, nil
}

// sundays writes day 7 as day 0.
func sundays(ranges []CronRange) []CronRange {
	var out []CronRange
	for _, r := range ranges {
		for _, v := range r.values() {
			if v == 7 {
				r.End = 6
				out = append(out, CronRange{0, 0, 1})
			}
		}
		if r.Start <= r.End {
			out = append(out, r)
		}
	}
	return out
}

func (r CronRange) values() []int {
	var out []int
	for v := r.Start; v <= r.End; v += r.Step {
		out = append(out, v)
	}
	return out
}

// everRuns says that a named day of month exists in a named month.
func (c Cron) everRuns() bool {
	first := 32
	for _, r := range c.DayOfMonth {
		first = min(first, r.Start)
	}
	for _, r := range c.Month {
		for _, m := range r.values() {
			if first <= time.Date(2024, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day() {
				return true
			}
		}
	}
	return false
}

// LoadZone loads a time zone by its IANA name; empty is UTC. The machine's own
// zone is refused: a schedule must not depend on where a worker runs.
func LoadZone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	if strings.EqualFold(name, "local") {
		return nil, fmt.Errorf("time zone %q depends on the machine; write UTC or a name as Europe/Berlin", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q is not known; write UTC or a name as Europe/Berlin", name)
	}
	return zone, nil
}

// clockChanges says that a schedule runs, in a zone with summer time, at hours
// that clocks skip or repeat: 00:00 to 03:59.
func (c Cron) clockChanges(zone *time.Location) bool {
	_, winter := time.Date(2026, 1, 1, 12, 0, 0, 0, zone).Zone()
	_, summer := time.Date(2026, 7, 1, 12, 0, 0, 0, zone).Zone()
	if winter == summer {
		return false
	}
	for _, r := range c.Hour {
		if r.Start <= 3 && r.End < 23 {
			return true
		}
	}
	return false
}
