// Package retryafter reads the Retry-After header as services really send it.
package retryafter

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Most is the longest wait a header can ask for.
const Most = time.Hour

// Parse reads whole or broken seconds or an HTTP date to come
// (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after), at most Most.
// Anything else, and nothing at all, is the given wait.
func Parse(header string, now time.Time, otherwise time.Duration) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseFloat(header, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, Most.Seconds()) * float64(time.Second))
	}
	if at, err := http.ParseTime(header); err == nil && at.After(now) {
		return min(Most, at.Sub(now))
	}
	return otherwise
}

// Of reads the header of a response, which may be nil.
func Of(res *http.Response, now time.Time, otherwise time.Duration) time.Duration {
	if res == nil {
		return otherwise
	}
	return Parse(res.Header.Get("Retry-After"), now, otherwise)
}
