package graph

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Pauses for a throttled call that names none, and the longest one believed.
const (
	defaultRetryAfter = 10 * time.Second
	maxRetryAfter     = 10 * time.Minute
)

// parseRetryAfter reads a Retry-After header in any form it is seen in: whole
// or broken seconds, an HTTP date, or nothing.
func parseRetryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseFloat(header, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second))
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(at.Sub(now), time.Second), maxRetryAfter)
	}
	return defaultRetryAfter
}
