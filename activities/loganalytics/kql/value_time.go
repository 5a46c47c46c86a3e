package kql

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// TimespanText writes a duration as the service does, [-][d.]hh:mm:ss[.fffffff].
func TimespanText(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	var b strings.Builder
	b.WriteString(sign)
	if days := d / day; days > 0 {
		b.WriteString(strconv.Itoa(int(days)) + ".")
	}
	for i, part := range []time.Duration{d / time.Hour % 24, d / time.Minute % 60, d / time.Second % 60} {
		if i > 0 {
			b.WriteByte(':')
		}
		b.WriteString(pad(int(part), 2))
	}
	if ticks := int(d % time.Second / 100); ticks > 0 {
		b.WriteString("." + pad(ticks, 7))
	}
	return b.String()
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	if len(s) < width {
		return strings.Repeat("0", width-len(s)) + s
	}
	return s
}

const day = 24 * time.Hour

// parseTimespan reads [-][d.]hh:mm[:ss[.fffffff]], a number of days, or a literal such as 1.5h.
func parseTimespan(s string) (time.Duration, bool) {
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	d, ok := parsePositiveSpan(s)
	if neg {
		d = -d
	}
	return d, ok
}

func parsePositiveSpan(s string) (time.Duration, bool) {
	if i := strings.IndexByte(s, ':'); i >= 0 {
		return parseClock(s)
	}
	num := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyz")
	f, err := strconv.ParseFloat(num, 64)
	if err != nil {
		return 0, false
	}
	unit := day
	if num != s {
		u, ok := timeUnits()[s[len(num):]]
		if !ok {
			return 0, false
		}
		unit = u
	}
	return time.Duration(f * float64(unit)), math.Abs(f*float64(unit)) < math.MaxInt64
}

func parseClock(s string) (time.Duration, bool) {
	var total time.Duration
	if i := strings.IndexByte(s, '.'); i >= 0 && i < strings.IndexByte(s, ':') {
		n, err := strconv.Atoi(s[:i])
		if err != nil || n > 100000 {
			return 0, false
		}
		total, s = time.Duration(n)*day, s[i+1:]
	}
	parts := strings.Split(s, ":")
	units := []time.Duration{time.Hour, time.Minute, time.Second}
	if len(parts) > 3 {
		return 0, false
	}
	for i, p := range parts {
		f, err := strconv.ParseFloat(p, 64)
		if err != nil || f < 0 || f > 1e6 {
			return 0, false
		}
		total += time.Duration(math.Round(f * float64(units[i])))
	}
	return total, true
}

// datetimeLayouts are the forms of https://learn.microsoft.com/kusto/query/scalar-data-types/datetime that occur.
func datetimeLayouts() []string {
	return []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
		"2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02", "2006-1-2", "2006-01", "2006",
		"1/2/2006 15:04:05", "1/2/2006 3:04:05 PM", "1/2/2006", time.RFC1123, time.RFC1123Z}
}

func parseDatetime(s string) (time.Time, bool) {
	for _, layout := range datetimeLayouts() {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
