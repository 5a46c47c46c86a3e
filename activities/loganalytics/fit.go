package loganalytics

import (
	"encoding/json"
	"fmt"
)

// maxPayload is what an activity may return. Temporal refuses 2 MB; the rest is
// for what is sent on with it.
// https://docs.temporal.io/self-hosted-guide/defaults
const maxPayload = 1_500_000

// sizeOf is the length of a value's JSON.
func sizeOf(v any) int {
	data, err := json.Marshal(v)
	if err != nil {
		return maxPayload + 1
	}
	return len(data)
}

// fit builds a result with smaller and smaller caps until it can be returned.
// Every cap leaves a trace in the result (a total above the list's length, or a
// truncation mark), so that a cut never reads as whole.
func fit[T any](hunt string, caps []int, build func(limit int) T) (T, error) {
	var out T
	size := 0
	for _, limit := range caps {
		out = build(limit)
		if size = sizeOf(out); size <= maxPayload {
			return out, nil
		}
	}
	var none T
	return none, final(ErrTypeTooLarge, "hunt %s: the result has %d bytes of at most %d; hunt a shorter window", hunt, size, maxPayload)
}

// operation names what failed: the step and the hunt.
func operation(step, slug string) string { return fmt.Sprintf("%s of hunt %s", step, slug) }
