package loganalytics_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"harrier/activities/loganalytics"
	"harrier/activities/loganalytics/kql"
	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/workflows/soar"
)

// healthAt checks the source of a hunt of the day before a moment.
func healthAt(t *testing.T, w *world, h soar.Hunt, moment time.Time) soar.SourceHealth {
	t.Helper()
	s := newService(t, w)
	cfg := s.config()
	cfg.Now = func() time.Time { return moment }
	c, err := loganalytics.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.CheckSource(t.Context(), soar.HuntRun{Hunt: h, Window: soar.NewWindow(moment.Add(-24*time.Hour), moment), RunID: "run"})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Requests()); n > loganalytics.MaxRequestsPerActivity {
		t.Errorf("%d requests", n)
	}
	return got
}

func health(t *testing.T, w *world, h soar.Hunt) soar.SourceHealth {
	t.Helper()
	return healthAt(t, w, h, now())
}

// fresh is a workspace with rows of an hour ago.
func fresh(t *testing.T) *world {
	m := boss("m1", 0)
	m.time = now().Add(-time.Hour)
	return newWorld(t).mail(m).audit("MailItemsAccessed", "u", "u@contoso.com", "", 10*24-1)
}

func expectHealth(t *testing.T, got soar.SourceHealth, problems ...string) {
	t.Helper()
	expectAll(t, "problem", got.Problems, problems)
	if got.Healthy != (len(problems) == 0) {
		t.Errorf("healthy is %v", got.Healthy)
	}
}

func expectAll(t *testing.T, what string, got, parts []string) {
	t.Helper()
	if len(got) != len(parts) {
		t.Fatalf("%ss %q, want %q", what, got, parts)
	}
	for i, p := range parts {
		if !strings.Contains(got[i], p) {
			t.Errorf("%s %q, want %q", what, got[i], p)
		}
	}
}

func TestFreshTablesWithoutAnySubmissionAreHealthy(t *testing.T) {
	got := health(t, fresh(t), shipped(t, "internal-senders"))
	expectHealth(t, got)
	if got.Submissions != 0 || !got.Newest["EmailEvents"].Equal(now().Add(-time.Hour)) || got.Stats.Queries != 2 || len(got.Notes) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestAMissingTableIsAProblemThatNamesItOnceAndSaysWhatToConnect(t *testing.T) {
	expectHealth(t, health(t, fresh(t).drop("CloudAppEvents"), shipped(t, "top-intra-org-senders")),
		"table CloudAppEvents does not exist in the workspace; connect the Microsoft Defender XDR data connector")
	expectHealth(t, health(t, newWorld(t).drop("EmailEvents"), shipped(t, "internal-senders")),
		"table EmailEvents (line 37 of the query) does not exist", "table CloudAppEvents does not exist or has had no row")
	s := failing(t, loganalyticstest.Fault{MissingTable: "CloudAppEvents"})
	got, err := s.client().CheckSource(t.Context(), published1(t))
	if err != nil {
		t.Fatal(err)
	}
	expectHealth(t, got, "table CloudAppEvents does not exist")
}

func TestATableOfAnotherConnectorIsNamedToo(t *testing.T) {
	h := byQuery("CloudAppEvents\n| join kind=inner SigninLogs on $left.ReportId == $right.Id\n| project ReportId")
	h.File, h.Settings.Columns = "config/hunts/mine.yaml", soar.Columns{Sender: "ReportId"}
	expectHealth(t, health(t, fresh(t), h), "table SigninLogs (line 2 of the query in config/hunts/mine.yaml) does not exist in the workspace; connect the data connector that fills it")
}

func TestAMissingColumnIsAProblemWithItsFileAndLine(t *testing.T) {
	h := shipped(t, "top-intra-org-senders")
	h.File = "config/hunts/mine.yaml"
	h.Query = "CloudAppEvents\n| where Timestamp > ago(1h)\n| project SenderMailFromAddress = ReportId, UserSubmissions = 1"
	expectHealth(t, health(t, fresh(t), h), "column Timestamp (line 2 of the query in config/hunts/mine.yaml) does not exist")
	h.Settings.Shim = []string{"CloudAppEvents"}
	got := health(t, fresh(t), h)
	expectHealth(t, got)
	expectAll(t, "note", got.Notes, []string{"Timestamp stands for TimeGenerated in CloudAppEvents"})
}

func TestAQueryThatCannotBeReadIsAnErrorThatNamesItsLine(t *testing.T) {
	for _, c := range []struct{ query, kind, say string }{
		{"CloudAppEvents\n| joi x", loganalytics.ErrTypeBadQuery, "(line 2 of the query)"},
		{"CloudAppEvents | where ActionType == '{{Tenant}}'", loganalytics.ErrTypeHuntSettings, "{{Tenant}}"},
		{"CloudAppEvents | project Other = 1", loganalytics.ErrTypeHuntSettings, "SenderMailFromAddress"},
	} {
		h := shipped(t, "top-intra-org-senders")
		h.Query = c.query
		_, err := newService(t, fresh(t)).client().CheckSource(t.Context(), over(h, 9*24, 10*24))
		expectFinal(t, err, c.kind, c.say, "top-intra-org-senders")
	}
}

func TestAQueryIsCheckedForItsColumnsHoweverItEnds(t *testing.T) {
	const core = "CloudAppEvents | project SenderMailFromAddress = ReportId, UserSubmissions = 1"
	for query, cut := range map[string]bool{
		core: true, core + ";\n": true, core + ";\n\n  // done\n": true, core + "\n// done;\n// really": true,
		core + "; // all of them": false, core + " // all of them": false,
	} {
		h := shipped(t, "top-intra-org-senders")
		h.Query = query
		s := newService(t, fresh(t))
		got, err := s.client().CheckSource(t.Context(), over(h, 9*24, 10*24))
		if err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		expectHealth(t, got)
		sent := s.Requests()
		if last := sent[len(sent)-1]; strings.HasSuffix(last.Query, "\n| take 0") != cut || last.Timespan != "2026-11-29T23:59:59Z/2026-11-30T00:00:00Z" {
			t.Errorf("asked %s over %s", last.Query, last.Timespan)
		}
	}
}

// Nothing may stand behind render.
func TestAQueryThatDrawsIsCheckedAsItIs(t *testing.T) {
	h := shipped(t, "top-intra-org-senders")
	h.Query = "CloudAppEvents | summarize UserSubmissions = count() by SenderMailFromAddress = ReportId\n| render barchart"
	s := failing(t, loganalyticstest.Fault{MissingTable: "CloudAppEvents"})
	if _, err := s.client().CheckSource(t.Context(), over(h, 9*24, 10*24)); err != nil {
		t.Fatal(err)
	}
	sent := s.Requests()
	if last := sent[len(sent)-1].Query; !strings.HasSuffix(last, h.Query) {
		t.Errorf("asked %s", last)
	}
}

func TestATableOfRareEventsThatIsThereMayBeEmpty(t *testing.T) {
	h := byQuery("AlertEvidence | project Title")
	h.Settings.Subject, h.Settings.Columns = "AlertEvidence", soar.Columns{Sender: "Title"}
	got := health(t, fresh(t), h)
	expectHealth(t, got)
	expectAll(t, "note", got.Notes, []string{"table AlertEvidence has had no row since"})
	expectHealth(t, health(t, fresh(t).drop("AlertEvidence"), h), "table AlertEvidence")
}

func TestWhatElseAHuntReadsIsChecked(t *testing.T) {
	h := shipped(t, "internal-senders")
	h.Query = "// UrlClickEvents\n" + h.Query
	if got := health(t, fresh(t), h); len(got.Notes) != 0 {
		t.Errorf("a comment is read: %q", got.Notes)
	}
	h.Query += "\n| join kind=leftanti UrlClickEvents on $left.SenderFromAddress == $right.AccountUpn"
	got := health(t, fresh(t), h)
	expectHealth(t, got)
	expectAll(t, "note", got.Notes, []string{"table UrlClickEvents has had no row since"})
	expectHealth(t, health(t, fresh(t).drop("UrlClickEvents"), h), "table UrlClickEvents")
}

func TestAPartOfTheCheckIsNoCheck(t *testing.T) {
	s := newService(t, fresh(t))
	s.Fail(loganalyticstest.Fault{Partial: "too much", Match: "let Submissions", Nth: 1})
	got, err := s.client().CheckSource(t.Context(), over(shipped(t, "internal-senders"), 9*24, 10*24))
	if err != nil {
		t.Fatal(err)
	}
	expectHealth(t, got, "the service returned a part of the check")
}

func TestSubmissionsWithoutObjectIDsAreAProblem(t *testing.T) {
	w := fresh(t).report(report{reporter: "r1", time: at(9 * 24)}).report(report{reporter: "r2", action: "CustomSubmission", time: at(9 * 24)}).
		report(report{reporter: "r3", content: "URL", time: at(9 * 24)})
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

// reportsOn adds a day's submissions, named of them with their message.
func (w *world) reportsOn(ago, count, named int) *world {
	for i := range count {
		r := report{reporter: "r1", submission: fmt.Sprint("s", ago, "-", i), time: now().AddDate(0, 0, -ago).Add(time.Duration(-1-i%20) * time.Hour)}
		if i < named {
			r.message = fmt.Sprint("m", ago, "-", i)
		}
		w.report(r)
	}
	return w
}

func TestSubmissionsThatStopToNameTheirMessagesAreAProblem(t *testing.T) {
	for _, c := range []struct {
		name           string
		past, named    int // a day
		today, namedIn int
		want           []string
	}{
		{"all lost in a large tenant", 40, 39, 30, 0, []string{"0 of the last day's 30 submissions in CloudAppEvents have RawEventData.ObjectId, before that 546 of 560 had it"}},
		{"most lost", 40, 39, 30, 5, []string{"5 of the last day's 30"}},
		{"some are always without", 40, 20, 30, 14, nil},
		{"one without, by chance", 2, 1, 1, 0, nil},
		{"a small tenant, one without", 1, 1, 1, 0, nil},
		{"a small tenant, all lost", 1, 1, 4, 0, []string{"0 of the last day's 4"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := fresh(t).reportsOn(0, c.today, c.namedIn)
			for ago := 1; ago < 15; ago++ {
				w.reportsOn(ago, c.past, c.named)
			}
			expectHealth(t, health(t, w, shipped(t, "internal-senders")), c.want...)
		})
	}
}

func TestADayWithoutSubmissionsIsAProblemOnlyWhereThatDayAlwaysHadMany(t *testing.T) {
	for _, c := range []struct {
		lastWeek, weekBefore int
		want                 []string
	}{
		{40, 30, []string{"no submission of the last 24 hours, and had at least 30 on the same day"}},
		{40, 3, nil},
		{0, 40, nil},
		{5, 5, nil},
	} {
		w := fresh(t).reportsOn(1, 40, 40).reportsOn(7, c.lastWeek, c.lastWeek).reportsOn(14, c.weekBefore, c.weekBefore)
		expectHealth(t, health(t, w, shipped(t, "internal-senders")), c.want...)
	}
}
