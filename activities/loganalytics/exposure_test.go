package loganalytics_test

import (
	"reflect"
	"slices"
	"testing"

	"harrier/activities/loganalytics/kql"
	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/workflows/soar"
)

func exposure(t *testing.T, s *service, groups ...[]string) soar.ExposureSet {
	t.Helper()
	set, err := s.client().QueryExposure(t.Context(), soar.ExposureRequest{Run: over(shipped(t, "internal-senders"), 0, 24), Messages: groups})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func (w *world) moved(message, recipient, action, kind, to, threat string, hour float64) *world {
	return w.row("EmailPostDeliveryEvents", at(hour), map[string]kql.Value{"TimeGenerated": at(hour), "NetworkMessageId": message,
		"RecipientEmailAddress": recipient, "Action": action, "ActionType": kind, "ActionResult": "Success", "DeliveryLocation": to, "ThreatTypes": threat})
}

func (w *world) click(message, account, kind string) *world {
	return w.row("UrlClickEvents", at(30), map[string]kql.Value{"TimeGenerated": at(30), "NetworkMessageId": message, "AccountUpn": account, "ActionType": kind})
}

// sent is one mail to three readers, the third of whom has it in quarantine.
func sent(t *testing.T) *world {
	w := newWorld(t)
	for _, r := range []string{"R1", "r2", "r3"} {
		m := boss("M1", 1)
		m.recipient = r + "@contoso.com"
		if r == "r3" {
			m.location = "Quarantine"
		}
		w.mail(m)
	}
	again := boss("M1", 2)
	again.recipient = "r1@contoso.com"
	return w.mail(again)
}

func TestExposureCountsPeopleOnce(t *testing.T) {
	w := sent(t).moved("m1", "R1@contoso.com", "Moved to quarantine", "Phish ZAP", "Quarantine", "Phish", 26).
		click("m1", "r2@contoso.com", "ClickAllowed").click("m1", "R2@contoso.com", "ClickAllowed").click("m1", "r1@contoso.com", "ClickBlocked")
	other := boss("m2", 1)
	other.recipient = "r2@contoso.com"
	set := exposure(t, newService(t, w.mail(other)), []string{"M1", "m2"}, []string{"m2"}, []string{"m9"}, nil)
	want := []soar.Exposure{
		{Known: true, Recipients: 3, InInbox: 1, Removed: 1, Clicked: 1, ClicksKnown: true, MovesKnown: true, LaterVerdict: "Phish ZAP (Phish)"},
		{Known: true, Recipients: 1, InInbox: 1, ClicksKnown: true, MovesKnown: true},
		{ClicksKnown: true, MovesKnown: true},
		{},
	}
	for i := range want {
		if !reflect.DeepEqual(set.Exposure[i], want[i]) {
			t.Errorf("group %d: got %+v, want %+v", i, set.Exposure[i], want[i])
		}
	}
}

func TestAMailThatWasGivenBackIsInTheInboxAndNoVerdict(t *testing.T) {
	w := sent(t).moved("m1", "r1@contoso.com", "Moved to quarantine", "Phish ZAP", "Quarantine", "Phish", 26).
		moved("m1", "r1@contoso.com", "Moved to inbox", "Manual remediation", "Inbox/folder", "", 27)
	got := exposure(t, newService(t, w), []string{"m1"}).Exposure[0]
	if got.InInbox != 2 || got.Removed != 0 || got.LaterVerdict != "Phish ZAP (Phish)" {
		t.Errorf("%+v", got)
	}
}

func TestEveryActionAfterDeliveryIsAVerdictUnlessItGivesBack(t *testing.T) {
	for _, c := range []struct{ action, kind, result, to, want string }{
		{"Moved to quarantine", "Phish ZAP", "Error", "Inbox/folder", "Phish ZAP (Phish)"},
		{"Moved from inbox to junk", "Spam ZAP", "Success", "Junk folder", "Spam ZAP (Phish)"},
		{"Soft delete", "Manual remediation", "", "", "Manual remediation (Phish)"},
		{"Hard delete", "", "", "", "Hard delete (Phish)"},
		{"", "Something new", "Pending", "Inbox/folder", "Something new (Phish)"},
		{"Moved to inbox", "Redelivery", "Success", "Inbox/folder", ""},
		{"Moved to inbox", "Quarantine release", "Success", "Inbox/folder", ""},
		{"Moved to inbox", "Manual remediation", "Success", "Inbox/folder", ""},
	} {
		w := sent(t).row("EmailPostDeliveryEvents", at(26), map[string]kql.Value{"TimeGenerated": at(26), "NetworkMessageId": "m1", "RecipientEmailAddress": "r1@contoso.com",
			"Action": c.action, "ActionType": c.kind, "ActionResult": c.result, "DeliveryLocation": c.to, "ThreatTypes": "Phish"})
		if got := exposure(t, newService(t, w), []string{"m1"}).Exposure[0]; got.LaterVerdict != c.want {
			t.Errorf("%+v: verdict %q", c, got.LaterVerdict)
		}
	}
}

func TestAnAlertAboutAReportIsNoVerdict(t *testing.T) {
	w := sent(t)
	for _, title := range []string{"Email reported by user as malware or phish", "Email reported by user as junk involving one user", "Admin submission result completed"} {
		w.row("AlertEvidence", at(30), map[string]kql.Value{"TimeGenerated": at(30), "NetworkMessageId": "m1", "Title": title})
	}
	if got := exposure(t, newService(t, w), []string{"m1"}).Exposure[0]; got.LaterVerdict != "" {
		t.Errorf("%+v", got)
	}
}

func TestAnAlertIsALaterVerdict(t *testing.T) {
	w := sent(t).row("AlertEvidence", at(30), map[string]kql.Value{"TimeGenerated": at(30), "NetworkMessageId": "m1", "Title": "Phish delivered", "AlertId": "fa-1"})
	if got := exposure(t, newService(t, w), []string{"m1"}).Exposure[0]; got.LaterVerdict != "alert: Phish delivered" || !slices.Equal(got.Alerts, []string{"fa-1"}) {
		t.Errorf("%+v", got)
	}
}

func TestAlertsOfSentinelNameAMessageAmongTheirEntities(t *testing.T) {
	w := sent(t)
	alert := func(hours float64, id, entities string) {
		w.row("SecurityAlert", at(hours), map[string]kql.Value{"TimeGenerated": at(hours), "SystemAlertId": id, "AlertName": "Rule", "Entities": entities})
	}
	names := func(message string) string {
		return `[{"$id":"1","Type":"account","Name":"j.doe"},{"$id":"2","Type":"mailMessage","NetworkMessageId":"` + message + `","Recipient":"r1@contoso.com"}]`
	}
	alert(30, "A1", names("M1"))
	alert(31, "A1", names("M1")) // logged again as it changed
	alert(32, "A2", names("m1"))
	alert(33, "A3", names("m9"))
	alert(34, "A4", `[{"Type":"account","Name":"m1"}]`)
	alert(35, "A5", "NetworkMessageId: not JSON")
	alert(36, "", names("m1"))
	set := exposure(t, newService(t, w), []string{"m1"}, []string{"m2"})
	if got := set.Exposure[0].SentinelAlerts; !slices.Equal(got, []string{"a1", "a2"}) {
		t.Errorf("alerts %v, want those that name the message, each once", got)
	}
	if got := set.Exposure[1].SentinelAlerts; len(got) != 0 {
		t.Errorf("another message's alerts are %v", got)
	}
}

func TestExposureOfARoleThatMayNotReadSentinelsAlertsIsKnownWithoutThem(t *testing.T) {
	w := sent(t).row("SecurityAlert", at(30), map[string]kql.Value{"TimeGenerated": at(30), "SystemAlertId": "a1", "Entities": `[{"NetworkMessageId":"m1"}]`})
	s := newService(t, w)
	s.Fail(loganalyticstest.Fault{Match: ", SecurityAlert", Status: 403})
	if got := exposure(t, s, []string{"m1"}).Exposure[0]; !got.Known || got.Recipients != 3 || len(got.SentinelAlerts) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestExposureWithoutItsOptionalTablesSaysWhatIsNotKnown(t *testing.T) {
	w := sent(t).drop("UrlClickEvents").drop("EmailPostDeliveryEvents").drop("AlertEvidence").drop("SecurityAlert")
	got := exposure(t, newService(t, w), []string{"m1"}).Exposure[0]
	if want := (soar.Exposure{Known: true, Recipients: 3, InInbox: 2}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestExposureOfAPartialAnswerIsNotKnown(t *testing.T) {
	s := newService(t, sent(t))
	s.Fail(loganalyticstest.Fault{Partial: "too large"})
	set := exposure(t, s, []string{"m1"})
	if set.Partial == "" || set.Exposure[0].Known {
		t.Errorf("%+v", set)
	}
}
