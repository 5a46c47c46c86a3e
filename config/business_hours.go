package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"harrier/workflows/soar"
)

// BusinessHours are when the clocks of MEDIUM and LOW cases run. Without a time
// zone they run around the clock.
type BusinessHours struct {
	TimeZone string `yaml:"time_zone"`
	// Days are English short names, mon to sun; none is monday to friday.
	Days []string `yaml:"days"`
	// From and To are clock times, as 08:00; To may be 24:00.
	From string `yaml:"from"`
	To   string `yaml:"to"`
	// Holidays are days without hours, as 2026-12-25.
	Holidays []string `yaml:"holidays"`
}

// HoursAhead is how far ahead a case is told the business hours: each sighting
// tells them anew, and no deadline is further away.
const HoursAhead = 21 * 24 * time.Hour

// Given says that hours are asked for.
func (b BusinessHours) Given() bool {
	return b.TimeZone != "" || b.From != "" || b.To != "" || len(b.Days)+len(b.Holidays) > 0
}

// fill fills in the days and hours that are left out.
func (b *BusinessHours) fill() {
	if !b.Given() {
		return
	}
	if len(b.Days) == 0 {
		b.Days = []string{"mon", "tue", "wed", "thu", "fri"}
	}
	if b.From == "" {
		b.From = "08:00"
	}
	if b.To == "" {
		b.To = "18:00"
	}
}

// Windows are the business hours from the beginning of now's day on, in UTC and in
// order of time; hours that touch are one. A day whose clocks change is as much
// shorter or longer as the zone says. It is empty without business hours, and when
// they are not valid.
func (b BusinessHours) Windows(now time.Time, ahead time.Duration) []soar.Window {
	zone, err := LoadZone(b.TimeZone)
	from, errFrom := clockTime(b.From)
	to, errTo := clockTime(b.To)
	if !b.Given() || err != nil || errFrom != nil || errTo != nil {
		return nil
	}
	var out []soar.Window
	year, month, day := now.In(zone).Date()
	for i := 0; ; i++ {
		begin, end := from.on(year, month, day+i, zone), to.on(year, month, day+i, zone)
		if begin.After(now.Add(ahead)) {
			return out
		}
		if !b.worksOn(begin) || !begin.Before(end) {
			continue
		}
		w := soar.NewWindow(begin, end)
		if n := len(out); n > 0 && out[n-1].To.Equal(w.From) {
			out[n-1].To = w.To
			continue
		}
		out = append(out, w)
	}
}

func (b BusinessHours) worksOn(day time.Time) bool {
	return slices.Contains(b.Days, weekdayNames()[day.Weekday()]) && !slices.Contains(b.Holidays, day.Format(time.DateOnly))
}

func weekdayNames() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// clock is a clock time in minutes after midnight.
type clock int

func clockTime(text string) (clock, error) {
	if text == "24:00" {
		return 24 * 60, nil
	}
	at, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a clock time; write it as \"08:00\", in quotes", text)
	}
	return clock(at.Hour()*60 + at.Minute()), nil
}

func (c clock) on(year int, month time.Month, day int, zone *time.Location) time.Time {
	return time.Date(year, month, day, int(c)/60, int(c)%60, 0, 0, zone)
}

func (c *checker) businessHours(b BusinessHours) {
	const path = "triage.business_hours"
	if !b.Given() {
		return
	}
	if b.TimeZone == "" {
		c.fail(path+".time_zone", "is missing; write UTC or a name as Europe/Berlin")
	}
	_, err := LoadZone(b.TimeZone)
	c.check(path+".time_zone", err)
	c.each(path+".days", b.Days, func(d string) error {
		if !slices.Contains(weekdayNames(), d) {
			return fmt.Errorf("%q is not a day; write %s", d, strings.Join(weekdayNames(), ", "))
		}
		return nil
	})
	from, errFrom := clockTime(b.From)
	to, errTo := clockTime(b.To)
	c.check(path+".from", errFrom)
	c.check(path+".to", errTo)
	if errFrom == nil && errTo == nil && from >= to {
		c.fail(path+".to", "%s is not after %s; hours begin and end on one day, write to as 24:00 for midnight", b.To, b.From)
	}
	c.each(path+".holidays", b.Holidays, func(d string) error {
		if _, err := time.Parse(time.DateOnly, d); err != nil {
			return fmt.Errorf("%q is not a day; write it as 2026-12-25", d)
		}
		return nil
	})
}
