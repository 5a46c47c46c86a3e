package loganalyticstest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

type interval struct{ from, to time.Time }

// parseTimespan reads the API's timespan: an ISO 8601 duration up to now, or start/end, start/duration, duration/end.
// Empty is no limit. https://learn.microsoft.com/azure/azure-monitor/logs/api/request-format
func parseTimespan(s string, now time.Time) (interval, error) {
	if s == "" {
		return interval{}, nil
	}
	first, second, both := strings.Cut(s, "/")
	if !both {
		from, ok := shift(now, first, -1)
		if !ok {
			return interval{}, fmt.Errorf("timespan %q is not an ISO 8601 interval or duration", s)
		}
		return interval{from, now}, nil
	}
	span, ok := parseInterval(first, second)
	if !ok || !span.from.Before(span.to) {
		return interval{}, fmt.Errorf("timespan %q is not an ISO 8601 interval with its start before its end", s)
	}
	return span, nil
}

func parseInterval(first, second string) (interval, bool) {
	from, errFrom := time.Parse(time.RFC3339, first)
	to, errTo := time.Parse(time.RFC3339, second)
	ok := true
	switch {
	case errFrom != nil && errTo != nil:
		return interval{}, false
	case errFrom != nil:
		from, ok = shift(to, first, -1)
	case errTo != nil:
		to, ok = shift(from, second, 1)
	}
	return interval{from.UTC(), to.UTC()}, ok
}

const durationPattern = `^P(?:(\d{1,5})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,5})S)?)?$`

// shift moves t by an ISO 8601 duration. In the date part M is months, in the time part minutes.
func shift(t time.Time, duration string, sign int) (time.Time, bool) {
	m := regexp.MustCompile(durationPattern).FindStringSubmatch(duration)
	if m == nil || strings.HasSuffix(duration, "T") || duration == "P" {
		return t, false
	}
	var n [8]int
	for i := 1; i < len(m); i++ {
		n[i], _ = strconv.Atoi(m[i]) // the pattern leaves a few digits or none
	}
	t = t.AddDate(sign*n[1], sign*n[2], sign*(7*n[3]+n[4]))
	clock := time.Duration(n[5])*time.Hour + time.Duration(n[6])*time.Minute + time.Duration(n[7])*time.Second
	return t.Add(time.Duration(sign) * clock), true
}
