package kql

import (
	"strings"
	"time"
)

func time1(f func(time.Time) Value, ret Type) builtin {
	return builtin{sig: "d", ret: ret, fn: func(a []Value) Value { return f(a[0].(time.Time)) }}
}

// edge is startof… or endof… with an optional offset in units.
func edge(part string, end bool) builtin {
	return builtin{sig: "d?i", ret: TypeDatetime, fn: func(a []Value) Value {
		t := startOf(part, a[0].(time.Time))
		if len(a) == 2 {
			t = addPart(part, a[1].(int64), t)
		}
		if end {
			t = addPart(part, 1, t).Add(-100)
		}
		return t
	}}
}

func startOf(part string, t time.Time) time.Time {
	y, m, d := t.Date()
	switch part {
	case "year":
		return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
	case "quarter":
		return time.Date(y, (m-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	case "month":
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	case "week":
		return time.Date(y, m, d-int(t.Weekday()), 0, 0, 0, 0, time.UTC)
	case "day":
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return t.Truncate(partLength(part))
}

// partLength is the length of the parts that always have one; 0 for an unknown part.
func partLength(part string) time.Duration {
	switch part {
	case "week":
		return 7 * day
	case "day":
		return day
	case "hour":
		return time.Hour
	case "minute":
		return time.Minute
	case "second":
		return time.Second
	case "millisecond":
		return time.Millisecond
	case "microsecond":
		return time.Microsecond
	case "nanosecond":
		return time.Nanosecond
	}
	return 0
}

func addPart(part string, n int64, t time.Time) time.Time {
	switch part {
	case "year":
		return addMonths(t, 12*int(n))
	case "quarter":
		return addMonths(t, 3*int(n))
	case "month":
		return addMonths(t, int(n))
	}
	return t.Add(time.Duration(n) * partLength(part))
}

// addMonths keeps to the last day of a shorter month, unlike AddDate.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month(), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC).AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

func knownPart(part string) bool {
	return part == "year" || part == "quarter" || part == "month" || partLength(part) > 0
}

func timeFunctions() map[string]builtin {
	return map[string]builtin{
		"startofday": edge("day", false), "startofweek": edge("week", false), "startofmonth": edge("month", false),
		"startofyear": edge("year", false), "endofday": edge("day", true), "endofweek": edge("week", true),
		"endofmonth": edge("month", true), "endofyear": edge("year", true),
		"datetime_add": {sig: "sid", ret: TypeDatetime, fn: func(a []Value) Value {
			part := strings.ToLower(a[0].(string))
			if !knownPart(part) {
				return nil
			}
			return addPart(part, a[1].(int64), a[2].(time.Time))
		}},
		"datetime_diff":                    {sig: "sdd", ret: TypeLong, fn: datetimeDiff},
		"datetime_part":                    {sig: "sd", ret: TypeLong, fn: func(a []Value) Value { return datetimePart(a[0].(string), a[1].(time.Time)) }},
		"make_datetime":                    {sig: "iii?iir", ret: TypeDatetime, fn: makeDatetime},
		"format_datetime":                  {sig: "ds", ret: TypeString, fn: func(a []Value) Value { return formatDatetime(a[0].(time.Time), a[1].(string)) }},
		"format_timespan":                  {sig: "ts", ret: TypeString, fn: func(a []Value) Value { return formatTimespan(a[0].(time.Duration), a[1].(string)) }},
		"unixtime_seconds_todatetime":      fromUnix(time.Second),
		"unixtime_milliseconds_todatetime": fromUnix(time.Millisecond),
		"unixtime_microseconds_todatetime": fromUnix(time.Microsecond),
		"unixtime_nanoseconds_todatetime":  fromUnix(time.Nanosecond),
	}
}

func fromUnix(unit time.Duration) builtin {
	return builtin{sig: "n", ret: TypeDatetime, fn: func(a []Value) Value {
		f, _ := asFloat(a[0])
		secs := int64(f * (float64(unit) / float64(time.Second)))
		if n, ok := a[0].(int64); ok {
			per := int64(time.Second / unit)
			return time.Unix(floorDiv(n, per), (n-floorDiv(n, per)*per)*int64(unit)).UTC()
		}
		return time.Unix(secs, 0).UTC()
	}}
}

// datetimeDiff counts the part's borders between two moments, as the service does.
func datetimeDiff(a []Value) Value {
	part := strings.ToLower(a[0].(string))
	x, y := a[1].(time.Time), a[2].(time.Time)
	months := int64(x.Year()-y.Year())*12 + int64(x.Month()) - int64(y.Month())
	switch part {
	case "year":
		return int64(x.Year() - y.Year())
	case "quarter":
		return int64(x.Year()-y.Year())*4 + int64(x.Month()-1)/3 - int64(y.Month()-1)/3
	case "month":
		return months
	}
	if !knownPart(part) {
		return nil
	}
	return int64(startOf(part, x).Sub(startOf(part, y)) / partLength(part))
}

func datetimePart(part string, t time.Time) Value {
	switch strings.ToLower(part) {
	case "year":
		return int64(t.Year())
	case "quarter":
		return int64(t.Month()-1)/3 + 1
	case "month":
		return int64(t.Month())
	case "week_of_year", "weekofyear":
		_, w := t.ISOWeek()
		return int64(w)
	case "day":
		return int64(t.Day())
	case "dayofyear":
		return int64(t.YearDay())
	case "hour":
		return int64(t.Hour())
	case "minute":
		return int64(t.Minute())
	case "second":
		return int64(t.Second())
	case "millisecond":
		return int64(t.Nanosecond() / int(time.Millisecond))
	case "microsecond":
		return int64(t.Nanosecond() / int(time.Microsecond))
	}
	return nil
}

func makeDatetime(a []Value) Value {
	n := [5]int64{}
	for i := 0; i < len(a) && i < 5; i++ {
		n[i] = a[i].(int64)
	}
	secs := 0.0
	if len(a) == 6 {
		secs = a[5].(float64)
	}
	t := time.Date(int(n[0]), time.Month(n[1]), int(n[2]), int(n[3]), int(n[4]), 0, 0, time.UTC)
	if t.Day() != int(n[2]) || t.Hour() != int(n[3]) || t.Minute() != int(n[4]) || secs < 0 || secs >= 60 {
		return nil
	}
	return t.Add(time.Duration(secs * float64(time.Second)))
}

func calendarFunctions() map[string]builtin {
	part := func(name string) builtin {
		return time1(func(t time.Time) Value { return datetimePart(name, t) }, TypeInt)
	}
	return map[string]builtin{
		"dayofweek": time1(func(t time.Time) Value { return time.Duration(t.Weekday()) * day }, TypeTimespan),
		"hourofday": part("hour"), "getyear": part("year"), "getmonth": part("month"), "monthofyear": part("month"),
		"dayofmonth": part("day"), "dayofyear": part("dayofyear"), "week_of_year": part("week_of_year"),
	}
}

// formatRuns calls f for every run of one letter and copies what is not a letter.
func formatRuns(format string, f func(letter byte, n int) string) string {
	var b strings.Builder
	for i := 0; i < len(format); {
		n := 1
		for i+n < len(format) && format[i+n] == format[i] {
			n++
		}
		if c := format[i]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			b.WriteString(f(c, n))
		} else {
			b.WriteString(format[i : i+n])
		}
		i += n
	}
	return b.String()
}

func formatDatetime(t time.Time, format string) Value {
	return formatRuns(format, func(letter byte, n int) string {
		switch letter {
		case 'y':
			return lastDigits(pad(t.Year(), 4), n)
		case 'M':
			return pad(int(t.Month()), n)
		case 'd':
			return pad(t.Day(), n)
		case 'H':
			return pad(t.Hour(), n)
		case 'h':
			return pad((t.Hour()+11)%12+1, n)
		case 'm':
			return pad(t.Minute(), n)
		case 's':
			return pad(t.Second(), n)
		case 'f', 'F':
			return fraction(t.Nanosecond(), letter, n)
		case 't':
			return t.Format("PM")
		}
		return strings.Repeat(string(letter), n)
	})
}

func lastDigits(s string, n int) string {
	if n < len(s) {
		return s[len(s)-n:]
	}
	return s
}

func fraction(nanos int, letter byte, n int) string {
	s := pad(nanos, 9)[:min(n, 7)]
	if letter == 'F' {
		s = strings.TrimRight(s, "0")
	}
	return s
}

func formatTimespan(d time.Duration, format string) Value {
	d = max(d, -d)
	return formatRuns(format, func(letter byte, n int) string {
		switch letter {
		case 'd':
			return pad(int(d/day), n)
		case 'H', 'h':
			return pad(int(d/time.Hour%24), n)
		case 'm':
			return pad(int(d/time.Minute%60), n)
		case 's':
			return pad(int(d/time.Second%60), n)
		case 'f', 'F':
			return fraction(int(d%time.Second), letter, n)
		}
		return strings.Repeat(string(letter), n)
	})
}
