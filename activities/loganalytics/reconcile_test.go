package loganalytics_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"harrier/activities/loganalytics/kql"
)

const reportedTitle = "Email reported by user as malware or phish"

// alert adds one row of evidence, hours ago.
func (w *world) alert(id, title, message string, ago float64) *world {
	at := now().Add(-time.Duration(ago * float64(time.Hour)))
	return w.row("AlertEvidence", at.Add(5*time.Minute), map[string]kql.Value{"TimeGenerated": at, "AlertId": id, "Title": title, "NetworkMessageId": message})
}

// submitted adds the submission of a message, hours ago.
func (w *world) submitted(message string, ago float64, delay time.Duration) *world {
	return w.report(report{reporter: "r1", message: message, time: now().Add(-time.Duration(ago * float64(time.Hour))), delay: delay})
}

func TestAlertsOfReportedMailWithoutSubmissionsAreAProblem(t *testing.T) {
	for _, c := range []struct {
		name     string
		world    func(*world)
		problems []string
		notes    []string
	}{
		{"each has its submission, in another case", func(w *world) {
			w.alert("a1", reportedTitle, "AbC", 20).submitted("aBc", 20.1, time.Minute)
		}, nil, nil},
		{"one has none", func(w *world) { w.alert("a1", reportedTitle, "M9", 20) },
			[]string{`1 of 1 alerts "Email reported by user…" in AlertEvidence since 2026-11-27T00:00:00Z have no submission in CloudAppEvents, the last one of 2026-11-29T04:00:00Z (NetworkMessageId m9); ` +
				"reports are lost on their way to CloudAppEvents: check that the Microsoft Defender XDR data connector has this table"}, nil},
		{"it is too young", func(w *world) { w.alert("a1", reportedTitle, "m9", 1.9) }, nil, nil},
		{"submissions are usually late here", func(w *world) {
			w.alert("a1", reportedTitle, "m9", 7).submitted("other", 30, 4*time.Hour)
		}, nil, nil},
		{"an investigation added mails that nobody reported", func(w *world) {
			w.alert("a1", reportedTitle, "m1", 20).alert("a1", reportedTitle, "m2", 20).alert("a1", reportedTitle, "m3", 19).submitted("m2", 20.1, 0)
		}, nil, nil},
		{"other alerts", func(w *world) {
			w.alert("a1", "Email messages removed after delivery", "m1", 20).alert("a2", reportedTitle, "", 20)
		}, nil, nil},
		{"a junk report, by an admin's submission", func(w *world) {
			w.alert("a1", "Email reported by user as junk", "m1", 20)
			w.report(report{reporter: "r1", message: "m1", action: "AdminSubmission", time: now().Add(-20 * time.Hour)})
		}, nil, nil},
		{"lost, and then the source works again", func(w *world) {
			w.alert("a1", reportedTitle, "m1", 20).alert("a2", reportedTitle, "m2", 10).submitted("m2", 10.1, 0)
		}, nil, []string{"1 of 2 alerts"}},
		{"lost for good, days ago", func(w *world) { w.alert("a1", reportedTitle, "m1", 100) }, nil, nil},
		{"without alert ids, each mail is an alert", func(w *world) {
			w.alert("", reportedTitle, "m1", 20).alert("", reportedTitle, "m2", 10).submitted("m1", 20.1, 0)
		}, []string{"1 of 2 alerts"}, nil},
		{"no alerts connected", func(w *world) { w.drop("AlertEvidence") }, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := fresh(t)
			c.world(w)
			got := health(t, w, shipped(t, "internal-senders"))
			expectHealth(t, got, c.problems...)
			expectAll(t, "note", got.Notes, c.notes)
		})
	}
}

func TestOneOddAlertAmongManyIsANoteAndTwoInARowAreAProblem(t *testing.T) {
	w := fresh(t)
	for i := range 20 {
		id := fmt.Sprint("m", i)
		w.alert(id, reportedTitle, id, 60-float64(i)).submitted(id, 60.1-float64(i), 0)
	}
	w.alert("odd", reportedTitle, "odd", 30)
	got := health(t, w, shipped(t, "internal-senders"))
	expectHealth(t, got)
	expectAll(t, "note", got.Notes, []string{"1 of 21 alerts"})
	w.alert("odd2", reportedTitle, "odd2", 29)
	expectHealth(t, health(t, w, shipped(t, "internal-senders")), "2 of 22 alerts")
}

// A window that reaches back over an outage runs all the same, and says what is lost in it.
func TestALossInsideALongWindowIsTold(t *testing.T) {
	w := fresh(t).alert("a1", reportedTitle, "m1", 100)
	run := over(shipped(t, "internal-senders"), 5*24, 10*24)
	got, err := newService(t, w).client().CheckSource(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	expectHealth(t, got)
	if len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "m1") {
		t.Errorf("notes %q", got.Notes)
	}
}
