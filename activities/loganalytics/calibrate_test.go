package loganalytics_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/activities/loganalytics"
	"harrier/activities/loganalytics/kql"
	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/workflows/soar"
)

// program sends a mail every four hours of the last week.
func (w *world) program(prefix string, each func(i int, m *mail)) *world {
	for i := range 40 {
		m := mail{id: fmt.Sprint(prefix, i), time: now().Add(-time.Duration(4*i+1) * time.Hour), recipient: fmt.Sprintf("r%d@contoso.com", i%25),
			subject: fmt.Sprintf("Backup Exec Alert: Job Completed (Job: \"J%d\") on 2026-11-%02d", i, i%28+1)}
		each(i, &m)
		w.mail(m)
	}
	return w
}

// programs is a tenant with a relay's backup program, a mailbox that is driven
// by a script, a service, people, and an attack in the backup's name.
func programs(t *testing.T) *world {
	const passed = `{"SPF":"pass","DKIM":"pass","DMARC":"pass"}`
	w := newWorld(t).program("b", func(i int, m *mail) {
		m.p1, m.p2, m.name, m.connector, m.ip = "backup@contoso.com", "Backup@Contoso.com", "Backup", "OnPrem relay", "192.0.2.20"
		m.recipient, m.internet, m.auth = []string{"ann@contoso.com", "ben@contoso.com"}[i%2], fmt.Sprintf("<%d@be01.contoso.com>", i), `{"SPF":"none"}`
	}).program("h", func(i int, m *mail) {
		m.p1, m.p2, m.objectID, m.internet = "svc-health@contoso.com", "svc-health@contoso.com", "0b1", fmt.Sprintf("<%d@AM0PR0%d.eurprd.prod.outlook.com>", i, i%9)
	}).program("s", func(i int, m *mail) {
		m.p1, m.p2, m.direction, m.auth = fmt.Sprintf("bounce-%d@mail.tracker.test", i%3), "notify@tracker.test", "Inbound", passed
		m.subject = fmt.Sprintf("[PROJ-%d] assigned to you", i)
	}).program("p", func(i int, m *mail) {
		m.p1, m.p2, m.objectID, m.subject = "ann@contoso.com", "ann@contoso.com", "a22", strings.Repeat("lunch ", i+1)
	}).program("o", func(i int, m *mail) {
		m.p1, m.p2, m.direction = "alerts@contoso.com", "alerts@vendor.test", "Outbound"
	}).program("f", func(i int, m *mail) { // no DMARC pass: no rule could name it
		m.p1, m.p2, m.direction, m.auth = "x@bulk.test", "x@bulk.test", "Inbound", `{"SPF":"pass","DMARC":"none"}`
	})
	for i := range 40 {
		w.row("EmailUrlInfo", now(), map[string]kql.Value{"TimeGenerated": now().Add(-time.Duration(4*i+1) * time.Hour),
			"NetworkMessageId": fmt.Sprint("B", i), "UrlDomain": "be01.contoso.com"})
	}
	// Part of the same relay's mail: one that somebody reported, and one that nobody did.
	for _, id := range []string{"evil1", "evil2"} {
		w.mail(mail{id: id, p1: "backup@contoso.com", p2: "backup@contoso.com", connector: "OnPrem relay", ip: "192.0.2.99", subject: "Backup failed",
			recipient: "cfo@contoso.com", internet: "<1@ws-0417.contoso.com>", auth: `{"SPF":"none"}`, time: now().Add(-30 * time.Hour)}).
			row("EmailUrlInfo", now(), map[string]kql.Value{"TimeGenerated": now().Add(-30 * time.Hour), "NetworkMessageId": id, "UrlDomain": id + ".test"}).
			row("EmailAttachmentInfo", now(), map[string]kql.Value{"TimeGenerated": now().Add(-30 * time.Hour), "NetworkMessageId": id, "FileName": "restore.html"})
	}
	return w.report(report{reporter: "r9", message: "EVIL1", time: now().Add(-29 * time.Hour)})
}

func calibrated(t *testing.T, w *world, in loganalytics.CalibrateRequest) loganalytics.Calibration {
	t.Helper()
	got, err := newService(t, w).client().Calibrate(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCalibratingDraftsEachProgramOnItsWay(t *testing.T) {
	got := calibrated(t, programs(t), loganalytics.CalibrateRequest{})
	var lines []string
	for _, s := range slices.Concat(got.Own, got.Services) {
		lines = append(lines, fmt.Sprintf("%s %s own=%v same=%v envelopes=%v clients=%v ips=%v(%d) to=%d hosts=%v mails=%d reported=%d days=%d shapes=%d",
			s.Sender, s.Path, s.OwnDomain, s.SameSender, s.Envelopes, s.ClientFamilies, s.IPs, s.IPCount, s.RecipientCount, s.URLHosts, s.Mails, s.Reported, s.ActiveDays, s.SubjectShapes))
	}
	expectTexts(t, lines,
		"backup@contoso.com connector:OnPrem relay own=true same=true envelopes=[backup@contoso.com] clients=[be01.contoso.com] ips=[192.0.2.20](2) to=3 hosts=[be01.contoso.com] mails=41 reported=1 days=7 shapes=2",
		"svc-health@contoso.com mailbox own=true same=true envelopes=[svc-health@contoso.com] clients=[prod.outlook.com] ips=[](0) to=25 hosts=[] mails=40 reported=0 days=7 shapes=1",
		"notify@tracker.test saas:tracker.test own=false same=false envelopes=[bounce-0@mail.tracker.test bounce-1@mail.tracker.test bounce-2@mail.tracker.test] clients=[] ips=[](0) to=25 hosts=[] mails=40 reported=0 days=7 shapes=1")
	if len(got.Own) != 2 || got.Partial != "" || got.Window != soar.NewWindow(now().AddDate(0, 0, -7), now()) || got.Stats.Queries != 2 {
		t.Errorf("%d own, partial %q, window %v, %+v", len(got.Own), got.Partial, got.Window, got.Stats)
	}
}

// A link that an attacker sent once in a program's name must not go into its rule.
func TestWhatWasReportedOrSeenOnOneDayAloneIsNoHabit(t *testing.T) {
	backup := calibrated(t, programs(t), loganalytics.CalibrateRequest{}).Own[0]
	want := []string{"client ws-0417.contoso.com", "IP 192.0.2.99", "link host evil2.test", "file type html"}
	if !slices.Equal(backup.Rare, want) || len(backup.AttachmentTypes) != 0 {
		t.Errorf("rare %q, types %q", backup.Rare, backup.AttachmentTypes)
	}
	if !slices.Equal(backup.Recipients, []string{"ann@contoso.com", "ben@contoso.com", "cfo@contoso.com"}) {
		t.Errorf("recipients %q", backup.Recipients)
	}
}

func TestTheTotalsAreOfAllMailByWay(t *testing.T) {
	got := calibrated(t, programs(t), loganalytics.CalibrateRequest{})
	var lines []string
	for _, w := range got.Totals {
		lines = append(lines, fmt.Sprintf("%s %q own=%v same=%v %s/%s/%s mails=%d senders=%d", w.Direction, w.Connector, w.OwnDomain, w.SameSender, w.SPF, w.DKIM, w.DMARC, w.Mails, w.Senders))
	}
	slices.Sort(lines)
	expectTexts(t, lines,
		`Inbound "" own=false same=false pass/pass/pass mails=40 senders=1`,
		`Inbound "" own=false same=true pass//none mails=40 senders=1`,
		`Intra-org "" own=true same=true // mails=80 senders=2`,
		`Intra-org "OnPrem relay" own=true same=true none// mails=42 senders=1`)
}

func TestCalibratingKeepsToItsBounds(t *testing.T) {
	w := programs(t)
	if got := calibrated(t, w, loganalytics.CalibrateRequest{Senders: 1, Days: 30}); len(got.Own) != 1 || len(got.Services) != 1 || got.Own[0].Sender != "backup@contoso.com" {
		t.Errorf("%d own, %d services", len(got.Own), len(got.Services))
	}
	if got := calibrated(t, w, loganalytics.CalibrateRequest{MinMails: 41}); len(got.Own) != 1 || len(got.Services) != 0 {
		t.Errorf("%d own, %d services", len(got.Own), len(got.Services))
	}
	for _, in := range []loganalytics.CalibrateRequest{{Days: 31}, {Days: -1}, {MinMails: -1}, {Senders: 201}} {
		s := newService(t, w)
		_, err := s.client().Calibrate(t.Context(), in)
		expectFinal(t, err, loganalytics.ErrTypeHuntSettings, "1 to 30 days")
		if len(s.Requests()) != 0 {
			t.Error("it asked all the same")
		}
	}
}

func TestCalibratingWorksWithoutTheTablesOfDetails(t *testing.T) {
	got := calibrated(t, programs(t).drop("EmailUrlInfo").drop("EmailAttachmentInfo").drop("CloudAppEvents"), loganalytics.CalibrateRequest{})
	if len(got.Own) != 2 || got.Own[0].Mails != 42 {
		t.Errorf("%+v", got.Own)
	}
}

func TestAPartOfACalibrationSaysSo(t *testing.T) {
	s := newService(t, programs(t))
	s.Fail(loganalyticstest.Fault{Partial: "too much", Match: "let Sent", Nth: 1})
	got, err := s.client().Calibrate(t.Context(), loganalytics.CalibrateRequest{})
	if err != nil || !strings.Contains(got.Partial, "too much") {
		t.Errorf("%q, %v", got.Partial, err)
	}
}

func TestCalibratingWithoutItsTableNamesIt(t *testing.T) {
	_, err := newService(t, newWorld(t).drop("EmailEvents")).client().Calibrate(t.Context(), loganalytics.CalibrateRequest{})
	expectFinal(t, err, loganalytics.ErrTypeMissingTable, "table EmailEvents", "calibrate the workspace")
}

func expectTexts(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
