package loganalytics_test

import (
	"fmt"
	"testing"
	"time"

	"harrier/activities/loganalytics"
	"harrier/activities/loganalytics/kql"
	"harrier/workflows/soar"
)

// monday begins a week, four weeks after day0.
var monday = time.Date(2026, 12, 21, 0, 0, 0, 0, time.UTC)

// busy is a tenant with mail and audit events in every hour in which it works,
// in the three weeks up to a moment, without those that end says are gone.
func busy(t *testing.T, works func(time.Time) bool, until time.Time) *world {
	w := newWorld(t)
	for at := until.AddDate(0, 0, -21).Truncate(time.Hour); at.Before(until); at = at.Add(time.Hour) {
		if !works(at) {
			continue
		}
		m := boss(fmt.Sprint("m", at.Unix()), 0)
		m.time = at.Add(10 * time.Minute)
		w.mail(m).row("CloudAppEvents", at.Add(20*time.Minute), map[string]kql.Value{"TimeGenerated": at.Add(20 * time.Minute), "ActionType": "MailItemsAccessed"})
	}
	return w
}

func always(time.Time) bool { return true }

func everyFour(at time.Time) bool { return at.Hour()%4 == 0 }

// officeHours are those of a small tenant: nothing at night, nothing at the weekend.
func officeHours(at time.Time) bool {
	return at.Weekday() != time.Saturday && at.Weekday() != time.Sunday && at.Hour() >= 8 && at.Hour() < 18
}

// without is an outage from a moment on.
func without(works func(time.Time) bool, from, to time.Time) func(time.Time) bool {
	return func(at time.Time) bool { return works(at) && (at.Before(from) || !at.Before(to)) }
}

func TestASmallTenantStaysHealthyThroughNightsWeekendsAndDaysWithoutReports(t *testing.T) {
	w := busy(t, officeHours, monday.AddDate(0, 0, 7))
	for i := range 3 { // and then nobody reports for ten days
		id := fmt.Sprint("reported", i)
		m := boss(id, 0)
		m.time = monday.AddDate(0, 0, -5-i)
		w.mail(m).report(report{reporter: "r1", message: id, time: m.time.Add(9 * time.Hour)})
	}
	h := shipped(t, "internal-senders")
	for hours := 0; hours < 7*24; hours += 5 {
		moment := monday.Add(time.Duration(hours) * time.Hour)
		if got := healthAt(t, w.until(moment), h, moment); !got.Healthy || len(got.Notes) != 0 {
			t.Errorf("%s: %q %q", moment.Format("Mon 15:04"), got.Problems, got.Notes)
		}
	}
}

// until is a workspace with the rows that have arrived by a moment.
func (w *world) until(moment time.Time) *world {
	out := &world{t: w.t, db: kql.Database{}}
	for name := range w.db {
		out.db[name] = arrived(w.db, name, moment)[name]
	}
	return out
}

func TestAStaleTableIsAProblem(t *testing.T) {
	w := newWorld(t).mail(boss("m1", 8*24)).audit("MailItemsAccessed", "u", "u@contoso.com", "", 10*24-1)
	expectHealth(t, health(t, w, shipped(t, "internal-senders")), "the newest row of table EmailEvents is 48h0m0s old (at most 24h0m0s is usual for it)")
}

func TestASilenceIsHeldAgainstTheTablesOwnPast(t *testing.T) {
	h := shipped(t, "internal-senders")
	tuesday, friday := monday.Add(33*time.Hour), monday.Add(4*24*time.Hour+17*time.Hour)
	for _, c := range []struct {
		name  string
		works func(time.Time) bool
		dead  time.Time
		after time.Duration
		sick  bool
	}{
		{"a large tenant, five hours", always, tuesday, 5 * time.Hour, false},
		{"a large tenant, seven hours", always, tuesday, 7 * time.Hour, true},
		{"a large tenant, seven hours on a Sunday", always, monday.Add(-18 * time.Hour), 7 * time.Hour, true},
		{"rows every four hours, under eight", everyFour, tuesday, 7 * time.Hour, false},
		{"rows every four hours, over eight", everyFour, tuesday, 8 * time.Hour, true},
		{"a small tenant, the night", officeHours, tuesday, 20 * time.Hour, false},
		{"a small tenant, a working day", officeHours, tuesday, 26 * time.Hour, true},
		{"a small tenant, the weekend", officeHours, friday, 63 * time.Hour, false},
		{"a small tenant, Monday evening", officeHours, friday, 77 * time.Hour, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			moment := c.dead.Add(c.after)
			got := healthAt(t, busy(t, without(c.works, c.dead, moment), moment), h, moment)
			if got.Healthy == c.sick || c.sick && len(got.Problems) != 2 {
				t.Errorf("%s: %q", moment.Format("Mon 15:04"), got.Problems)
			}
		})
	}
}

func TestASilenceInsideTheWindowIsToldOnceTheSourceWorksAgain(t *testing.T) {
	moment := monday.Add(3*24*time.Hour + 12*time.Hour)
	from := moment.Add(-20 * time.Hour)
	got := healthAt(t, busy(t, without(always, from, from.Add(9*time.Hour)), moment), shipped(t, "internal-senders"), moment)
	expectHealth(t, got)
	expectAll(t, "note", got.Notes, []string{
		"table CloudAppEvents has no row from 2026-12-23T15:20:00Z to 2026-12-24T01:20:00Z, longer than its past explains", "table EmailEvents has no row",
	})
}

// With a week of past there is no second weekend to hold the first against.
func TestAYoungTenantsWeekendIsNoGap(t *testing.T) {
	moment := monday.Add(34 * time.Hour)
	born := func(at time.Time) bool { return officeHours(at) && at.After(moment.AddDate(0, 0, -9)) }
	h := shipped(t, "internal-senders")
	w := busy(t, born, moment)
	s := newService(t, w)
	cfg := s.config()
	cfg.Now = func() time.Time { return moment }
	c, err := loganalytics.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.CheckSource(t.Context(), soar.HuntRun{Hunt: h, Window: soar.NewWindow(moment.AddDate(0, 0, -7), moment)})
	if err != nil || !got.Healthy || len(got.Notes) != 0 {
		t.Errorf("%q %q %v", got.Problems, got.Notes, err)
	}
}

func TestATableWithFewRowsMayBeSilentAsLongAsItWasBefore(t *testing.T) {
	h := byQuery("AlertEvidence | project Title")
	h.Settings.Subject, h.Settings.Columns = "AlertEvidence", soar.Columns{Sender: "Title"}
	w := busy(t, always, monday)
	for _, ago := range []int{14, 11, 9, 3} {
		w.row("AlertEvidence", monday.AddDate(0, 0, -ago), map[string]kql.Value{"TimeGenerated": monday.AddDate(0, 0, -ago)})
	}
	expectHealth(t, healthAt(t, w, h, monday))
	w = busy(t, always, monday)
	for ago := 14; ago > 3; ago-- {
		w.row("AlertEvidence", monday.AddDate(0, 0, -ago), map[string]kql.Value{"TimeGenerated": monday.AddDate(0, 0, -ago)})
	}
	expectHealth(t, healthAt(t, w, h, monday), "the newest row of table AlertEvidence is 96h0m0s old (at most 48h0m0s")
}
