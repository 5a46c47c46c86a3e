package soar

import (
	"fmt"
	"strings"
	"time"
)

// Duration is a time.Duration written as text ("24h0m0s") in JSON and YAML, so
// that a person can read it in a file and in the Temporal UI.
type Duration time.Duration

// MarshalText writes the duration in Go's form.
func (d Duration) MarshalText() ([]byte, error) {
	return []byte(time.Duration(d).String()), nil
}

// UnmarshalText reads a Go duration ("36h", "15m") or whole days ("7d"). ISO
// 8601 durations are refused with the form to write instead, because P30M means
// thirty months where people expect thirty minutes.
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	var days int
	var rest string
	if n, _ := fmt.Sscanf(s, "%dd%s", &days, &rest); n == 1 && fmt.Sprintf("%dd", days) == s {
		*d = Duration(time.Duration(days) * 24 * time.Hour)
		return nil
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("read duration %q: write it as 90s, 15m, 36h or 7d", s)
	}
	*d = Duration(v)
	return nil
}

// Std is the duration as the standard library has it.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes the duration for people, in Go's form without the zeros at its end: 15m,
// not 15m0s.
func (d Duration) String() string {
	text := time.Duration(d).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}
