package load_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/worker/sandbox/stack"
	"harrier/workflows/soar"
)

// hundred is how many hunts are due at one minute.
const hundred = 100

// numbered is a hunting file of its own: each ranks its own number of senders.
func numbered(n int) (id, text string) {
	id = fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
	return id, fmt.Sprintf(`id: %s
name: Reported senders, variant %d
query: |
  CloudAppEvents
  | where ActionType == "UserSubmission"
  | extend NetworkMessageId = tostring(parse_json(RawEventData).ObjectId)
  | join kind=inner (EmailEvents | where EmailDirection == "Intra-org") on NetworkMessageId
  | summarize UserSubmissions = dcount(NetworkMessageId) by SenderFromAddress
  | where UserSubmissions < %d
  | top 2 by UserSubmissions desc
`, id, n, 1000+n)
}

func hundredHunts() stack.Options {
	files, ids := map[string]string{}, map[string]int{}
	for n := range hundred {
		id, text := numbered(n)
		files[fmt.Sprintf("variant-%03d.yaml", n)], ids[id] = text, n
	}
	return stack.Options{Rows: 2_000, Hunts: files, Settings: func(hunts map[string]map[string]any) {
		for id, n := range ids {
			hunts[id] = map[string]any{
				"slug": fmt.Sprintf("variant-%03d", n), "subject": "CloudAppEvents", "window_by": "ingestion", "scope": "intra-org",
				"schedule":     map[string]any{"cron": "0 6 * * *", "time_zone": "UTC"},
				"columns":      map[string]any{"sender": "SenderFromAddress", "sender_is": "p2", "count": "UserSubmissions"},
				"first_window": "7d", "lookback": "30d", "cards": 1,
			}
		}
	}}
}

func TestAHundredHuntsDueAtOnceAreNeverThrottledBecauseOfUs(t *testing.T) {
	s := up(t, hundredHunts())
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	began := time.Now()
	for n := range hundred {
		id := soar.ScheduleID(fmt.Sprintf("variant-%03d", n))
		if err := s.AwaitSchedule(ctx, id); err != nil {
			t.Fatalf("schedule %s: %v", id, err)
		}
		if err := s.Temporal.ScheduleClient().GetHandle(ctx, id).Trigger(ctx, client.ScheduleTriggerOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for n := range hundred {
		slug := fmt.Sprintf("variant-%03d", n)
		result, err := s.LastResult(ctx, slug)
		if err != nil {
			t.Fatalf("hunt %s: %v", slug, err)
		}
		if result.Coverage != soar.CoverageComplete || len(result.Senders) != 2 {
			t.Errorf("hunt %s: %s %q, %d senders", slug, result.Coverage, result.Reason, len(result.Senders))
		}
	}
	requests, limits := s.LogAnalytics.Requests(), loganalyticstest.DefaultLimits()
	for _, r := range requests {
		if r.Status == http.StatusTooManyRequests {
			t.Fatalf("throttled after %d requests: %.200s", len(requests), r.Query)
		}
	}
	// Without a pace the limit would have been met: the proof is worth something.
	if len(requests) < 2*limits.Requests {
		t.Errorf("only %d requests were sent, the limit is %d in %s", len(requests), limits.Requests, limits.Per)
	}
	t.Logf("%d hunts, %d requests in %s, none throttled", hundred, len(requests), time.Since(began).Round(time.Second))
}
