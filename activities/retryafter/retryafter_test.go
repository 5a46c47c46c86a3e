package retryafter_test

import (
	"net/http"
	"testing"
	"time"

	"harrier/activities/retryafter"
)

var now = time.Date(2026, 11, 25, 6, 0, 0, 0, time.UTC)

func TestEveryFormOfTheHeaderIsRead(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"3": 3 * time.Second, " 120 ": 2 * time.Minute, "0.5": 500 * time.Millisecond,
		"0": 0, "1e9": retryafter.Most,
		now.Add(7 * time.Second).Format(http.TimeFormat):  7 * time.Second,
		now.Add(-7 * time.Second).Format(http.TimeFormat): 42 * time.Second,
		"": 42 * time.Second, "soon": 42 * time.Second, "-1": 42 * time.Second, "NaN": 42 * time.Second,
	} {
		if got := retryafter.Parse(header, now, 42*time.Second); got != want {
			t.Errorf("%q is %s, want %s", header, got, want)
		}
	}
	if got := retryafter.Of(nil, now, time.Second); got != time.Second {
		t.Errorf("no response is %s", got)
	}
}
