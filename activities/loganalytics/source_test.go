package loganalytics_test

import (
	"strings"
	"testing"
	"time"

	"harrier/activities/loganalytics/kql"
	"harrier/workflows/soar"
)

func health(t *testing.T, w *world, h soar.Hunt) soar.SourceHealth {
	t.Helper()
	got, err := newService(t, w).client().CheckSource(t.Context(), over(h, 9*24, 10*24))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// fresh is a workspace with rows of an hour ago.
func fresh(t *testing.T) *world {
	m := boss("m1", 0)
	m.time = now().Add(-time.Hour)
	return newWorld(t).mail(m).audit("MailItemsAccessed", "u", "u@contoso.com", "", 10*24-1)
}

func expectHealth(t *testing.T, got soar.SourceHealth, problems ...string) {
	t.Helper()
	if got.Healthy != (len(problems) == 0) || len(got.Problems) != len(problems) {
		t.Fatalf("healthy %v: %q, want %q", got.Healthy, got.Problems, problems)
	}
	for i, p := range problems {
		if !strings.Contains(got.Problems[i], p) {
			t.Errorf("problem %q, want %q", got.Problems[i], p)
		}
	}
}

func TestFreshTablesWithoutAnySubmissionAreHealthy(t *testing.T) {
	got := health(t, fresh(t), shipped(t, "internal-senders"))
	expectHealth(t, got)
	if got.Submissions != 0 || !got.Newest["EmailEvents"].Equal(now().Add(-time.Hour)) {
		t.Errorf("%+v", got)
	}
}

func TestAMissingTableIsAProblemThatNamesIt(t *testing.T) {
	expectHealth(t, health(t, fresh(t).drop("CloudAppEvents"), shipped(t, "top-intra-org-senders")), "table CloudAppEvents does not exist")
	expectHealth(t, health(t, newWorld(t).drop("EmailEvents"), shipped(t, "internal-senders")), "CloudAppEvents", "table EmailEvents does not exist")
}

func TestAStaleTableIsAProblem(t *testing.T) {
	w := newWorld(t).mail(boss("m1", 8*24)).audit("MailItemsAccessed", "u", "u@contoso.com", "", 10*24-1)
	expectHealth(t, health(t, w, shipped(t, "internal-senders")), "the newest row of table EmailEvents is 48h0m0s old")
}

func TestWhatElseAHuntReadsIsChecked(t *testing.T) {
	h := shipped(t, "internal-senders")
	h.Query = "// UrlClickEvents\n" + h.Query
	expectHealth(t, health(t, fresh(t), h))
	h.Query += "\n| join kind=leftanti UrlClickEvents on $left.x == $right.y"
	expectHealth(t, health(t, fresh(t), h), "table UrlClickEvents does not exist or has had no row")
}

func TestSubmissionsWithoutObjectIDsAreAProblem(t *testing.T) {
	w := fresh(t).report(report{reporter: "r1", time: at(9 * 24)}).report(report{reporter: "r2", action: "CustomSubmission", time: at(9 * 24)})
	got := health(t, w, shipped(t, "internal-senders"))
	expectHealth(t, got, "none of the 2 submissions")
	w.report(report{reporter: "r3", message: "m1", time: at(9 * 24)})
	got = health(t, w, shipped(t, "internal-senders"))
	expectHealth(t, got)
	if got.Submissions != 3 || got.WithObjectID != 1 {
		t.Errorf("%+v", got)
	}
}

func TestRawEventDataMayBeTextInsideDynamic(t *testing.T) {
	w := fresh(t).row("CloudAppEvents", at(9*24), map[string]kql.Value{"TimeGenerated": at(9 * 24), "ActionType": "UserSubmission",
		"RawEventData": kql.Dynamic{V: `{"ObjectId":"m1"}`}})
	if got := health(t, w, shipped(t, "internal-senders")); got.WithObjectID != 1 {
		t.Errorf("%+v", got)
	}
}
