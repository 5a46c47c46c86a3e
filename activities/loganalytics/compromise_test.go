package loganalytics_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"harrier/activities/loganalytics/kql"
	"harrier/workflows/soar"
)

// event is a record of the audit log as it comes; the boss's object id is B055.
type event struct {
	action, by, country, isp string
	raw                      string // JSON
	hour                     float64
}

func (w *world) event(e event) *world {
	w.t.Helper()
	var raw kql.Value
	if e.raw != "" {
		var v any
		if err := json.Unmarshal([]byte(e.raw), &v); err != nil {
			w.t.Fatalf("%s: %v", e.raw, err)
		}
		raw = kql.Dynamic{V: v}
	}
	return w.row("CloudAppEvents", at(e.hour), map[string]kql.Value{"TimeGenerated": at(e.hour), "ActionType": e.action,
		"AccountObjectId": or(e.by, "b055"), "CountryCode": e.country, "ISP": e.isp, "RawEventData": raw})
}

func bossPast(t *testing.T, w *world) soar.Past {
	t.Helper()
	return past(t, newService(t, weekly(w, 4, func(*mail) {})), theBoss(soar.ScopeIntraOrg)).Past[0]
}

func TestEachKindOfCompromiseFactIsToldInWords(t *testing.T) {
	const boss = `"UserId":"boss@contoso.com","ObjectId":"boss@contoso.com"`
	for _, c := range []struct {
		name  string
		event event
		kind  soar.CompromiseKind
		want  string
	}{
		{"a rule that deletes", event{action: "New-InboxRule", raw: `{` + boss + `,"Parameters":[{"Name":"Name","Value":".."},{"Name":"DeleteMessage","Value":"True"},{"Name":"SubjectOrBodyContainsWords","Value":"phish;hacked"}]}`},
			soar.CompromiseInboxRule, "“..” deletes mail with “phish;hacked”"},
		{"names in another case, values that are no text", event{action: "new-inboxrule", raw: `{"userid":"boss@contoso.com","parameters":[{"name":"Name","value":7},{"value":true,"name":"deletemessage"},{"NAME":"MarkAsRead","VALUE":1}]}`},
			soar.CompromiseInboxRule, "“7” deletes mail, marks it as read"},
		{"parameters as text", event{action: "Set-InboxRule", raw: `{` + boss + `,"Parameters":"[{\"Name\":\"Identity\",\"Value\":\"boss\\\\Old\"},{\"Name\":\"ForwardTo\",\"Value\":\"smtp:X@evil.test\"}]"}`},
			soar.CompromiseInboxRule, "“Old” forwards mail to x@evil.test"},
		{"a rule that moves", event{action: "New-InboxRule", raw: `{` + boss + `,"Parameters":[{"Name":"Name","Value":"a"},{"Name":"MoveToFolder","Value":"boss\\RSS Feeds"}]}`},
			soar.CompromiseInboxRule, "“a” moves mail to “RSS Feeds”"},
		{"a rule made in Outlook", event{action: "UpdateInboxRules", raw: `{"MailboxOwnerUPN":"BOSS@contoso.com","OperationProperties":[{"Name":"RuleName","Value":"z"},{"Name":"RuleActions","Value":"[{\"ActionType\":\"Forward\"}]"}]}`},
			soar.CompromiseInboxRule, "“z” forwards mail"},
		{"forwarding by an administrator", event{action: "Set-Mailbox", by: "admin", raw: `{"UserId":"admin@contoso.com","ObjectId":"boss@contoso.com","Parameters":[{"Name":"ForwardingSmtpAddress","Value":"smtp:x@evil.test"},{"Name":"DeliverToMailboxAndForward","Value":"False"}]}`},
			soar.CompromiseForwarding, "all mail goes to x@evil.test and leaves the mailbox by admin@contoso.com"},
		{"sending on behalf", event{action: "Set-Mailbox", raw: `{` + boss + `,"Parameters":[{"Name":"GrantSendOnBehalfTo","Value":"mallory"}]}`},
			soar.CompromiseDelegate, "“mallory” may send on behalf of the mailbox by boss@contoso.com"},
		{"a delegate", event{action: "Add-MailboxPermission", by: "admin", raw: `{"ObjectId":"boss","Parameters":[{"Name":"User","Value":"mallory@contoso.com"},{"Name":"AccessRights","Value":["FullAccess"]}]}`},
			soar.CompromiseDelegate, "“mallory@contoso.com” may open the mailbox (FullAccess)"},
		{"a delegate who may send", event{action: "Add-RecipientPermission", by: "admin", raw: `{"Parameters":[{"Name":"Identity","Value":"boss@contoso.com"},{"Name":"Trustee","Value":"mallory"}]}`},
			soar.CompromiseDelegate, "“mallory” may send as the mailbox"},
		{"a sign-in method by property", event{action: "Update user.", by: "admin", raw: `{"UserId":"admin@contoso.com","ObjectId":"boss@contoso.com","ModifiedProperties":[{"Name":"StrongAuthenticationMethod","NewValue":"[]"}]}`},
			soar.CompromiseMFA, "sign-in methods changed by admin@contoso.com"},
		{"a sign-in method by id of the target", event{action: "Update user.", by: "admin", raw: `{"ObjectId":"Not Available","Target":[{"ID":"User_b055","Type":2}],"UserId":"boss@contoso.com","ModifiedProperties":[{"Name":"StrongAuthenticationUserDetails"}]}`},
			soar.CompromiseMFA, "sign-in methods changed by boss@contoso.com"},
		{"security info", event{action: "User registered security info", raw: `{"UserId":"boss@contoso.com"}`},
			soar.CompromiseMFA, "user registered security info by boss@contoso.com"},
		{"security info that an administrator deleted", event{action: "Admin deleted security info", by: "admin", raw: `{"UserId":"admin@contoso.com","ObjectId":"b055"}`},
			soar.CompromiseMFA, "admin deleted security info by admin@contoso.com"},
		{"consent", event{action: "Consent to application.", raw: `{` + boss + `,"Target":[{"ID":"ServicePrincipal_1","Type":2},{"ID":"eM Client","Type":1}],"ModifiedProperties":[{"Name":"ConsentAction.Permissions","NewValue":"[] => [[Id: x, ClientId: y, Scope: Mail.ReadWrite offline_access, CreatedDateTime: ]]"}]}`},
			soar.CompromiseConsent, "“eM Client” was granted “Mail.ReadWrite offline_access”"},
		{"a grant", event{action: "Add OAuth2PermissionGrant.", raw: `{` + boss + `}`}, soar.CompromiseConsent, "“an application” was granted permissions"},
		{"a record that is no JSON object", event{action: "New-InboxRule", raw: `"nothing"`}, soar.CompromiseInboxRule, "“” was made or changed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.event.hour = -10
			p := bossPast(t, newWorld(t).event(c.event))
			if len(p.Compromise) != 1 || p.Compromise[0].Kind != c.kind || p.Compromise[0].Detail != c.want || !p.Compromise[0].At.Equal(at(-10)) {
				t.Errorf("facts %+v, want %s: %s", p.Compromise, c.kind, c.want)
			}
		})
	}
}

func TestARecordThatIsTooLongIsReadAsFarAsItGoes(t *testing.T) {
	raw := `{"UserId":"boss@contoso.com","Parameters":[{"Name":"Name","Value":"x"},{"Name":"DeleteMessage","Value":"True"}],"ZPadding":"` + strings.Repeat("p", 9000) + `"}`
	p := bossPast(t, newWorld(t).event(event{action: "New-InboxRule", hour: -3, raw: raw}))
	if len(p.Compromise) != 1 || p.Compromise[0].Detail != "“x” deletes mail" {
		t.Errorf("facts %+v", p.Compromise)
	}
}

func TestOnlyWhatIsNearTheFirstReportedMailIsAFact(t *testing.T) {
	rule := func(hour float64) event {
		return event{action: "New-InboxRule", hour: hour, raw: fmt.Sprintf(`{"UserId":"boss@contoso.com","Parameters":[{"Name":"Name","Value":"%.0f"}]}`, hour)}
	}
	mfa := func(hour float64) event {
		return event{action: "User registered security info", hour: hour, raw: fmt.Sprintf(`{"UserId":"boss@contoso.com","Note":"%.0f"}`, hour)}
	}
	w := newWorld(t).event(rule(-6 * 24)).event(rule(-8 * 24)).event(rule(5)).event(rule(30)).event(mfa(-4 * 24)).event(mfa(-2 * 24))
	var got []string
	for _, f := range bossPast(t, w).Compromise {
		got = append(got, fmt.Sprintf("%s %.0f", f.Kind, f.At.Sub(at(0)).Hours()))
	}
	if want := []string{"inbox rule 5", "MFA change -48", "inbox rule -144"}; !slices.Equal(got, want) {
		t.Errorf("facts %q, want %q", got, want)
	}
}

func TestAFactIsTheSendersOwn(t *testing.T) {
	w := newWorld(t).
		event(event{action: "User registered security info", by: "other", hour: -5, raw: `{"UserId":"other@contoso.com"}`}).
		event(event{action: "Update user.", by: "b055", hour: -5, raw: `{"UserId":"boss@contoso.com","ObjectId":"other@contoso.com","ModifiedProperties":[{"Name":"StrongAuthenticationMethod"}]}`}).
		event(event{action: "Update user.", by: "admin", hour: -5, raw: `{"ObjectId":"boss@contoso.com","ModifiedProperties":[{"Name":"Department"}]}`}).
		event(event{action: "Update user.", by: "admin", hour: -5, raw: `{"ObjectId":"boss@fabrikam.com","ModifiedProperties":[{"Name":"StrongAuthenticationMethod"}]}`}).
		event(event{action: "Set-Mailbox", by: "admin", hour: -5, raw: `{"ObjectId":"boss@contoso.com","Parameters":[{"Name":"AuditEnabled","Value":"True"}]}`}).
		event(event{action: "Consent to application.", by: "other", hour: -5, raw: `{"UserId":"other@contoso.com"}`})
	if p := bossPast(t, w); len(p.Compromise) != 0 {
		t.Errorf("facts %+v", p.Compromise)
	}
}

func TestAForgeryIsNoSignOfATakeover(t *testing.T) {
	w := weekly(newWorld(t), 3, func(m *mail) { m.direction, m.auth = "Inbound", `{"DMARC":"pass"}` }).
		event(event{action: "User registered security info", hour: -5, raw: `{"UserId":"boss@contoso.com"}`})
	if p := past(t, newService(t, w), theBoss(soar.ScopeClaimsInternal)).Past[0]; len(p.Compromise) != 0 {
		t.Errorf("facts %+v", p.Compromise)
	}
}

func TestTheNewestTenFactsAreCarried(t *testing.T) {
	w := newWorld(t)
	for i := range 45 {
		w.event(event{action: "New-InboxRule", hour: -float64(i) - 1, raw: fmt.Sprintf(`{"UserId":"boss@contoso.com","Parameters":[{"Name":"Name","Value":"r%d"}]}`, i)})
	}
	p := bossPast(t, w)
	if len(p.Compromise) != 10 || !strings.HasPrefix(p.Compromise[0].Detail, "“r0”") || !strings.HasPrefix(p.Compromise[9].Detail, "“r9”") {
		t.Errorf("%d facts, %+v", len(p.Compromise), p.Compromise)
	}
}

func TestACountryIsNewAgainstTwoWeeksOfUse(t *testing.T) {
	home := func(w *world, days int) *world {
		for i := 1; i <= days; i++ {
			w.event(event{action: "MailItemsAccessed", country: "DE", hour: -24 * float64(i)})
		}
		return w
	}
	for _, c := range []struct {
		name  string
		world *world
		want  string
		known bool
	}{
		{"a new country", home(newWorld(t), 20).event(event{action: "MailItemsAccessed", country: "ng", hour: -2}), "NG, where the account was never used before", true},
		{"a country of last month", home(newWorld(t), 20).event(event{action: "UserLoggedIn", country: "NG", hour: -30 * 24}).event(event{action: "UserLoggedIn", country: "NG", hour: -2}), "", true},
		{"a refused sign-in from anywhere", home(newWorld(t), 20).event(event{action: "UserLoginFailed", country: "NG", hour: -2}), "", true},
		{"a host of Microsoft", home(newWorld(t), 20).event(event{action: "Send", country: "US", isp: "Microsoft Corporation", hour: -2}), "", true},
		{"somebody else's travel", home(newWorld(t), 20).event(event{action: "UserLoggedIn", by: "other", country: "NG", hour: -2}), "", true},
		{"a new country a week ago", home(newWorld(t), 20).event(event{action: "UserLoggedIn", country: "NG", hour: -7 * 24}), "", true},
		{"a short history", home(newWorld(t), 5).event(event{action: "UserLoggedIn", country: "NG", hour: -2}), "", false},
		{"no history", newWorld(t).event(event{action: "UserLoggedIn", country: "NG", hour: -2}), "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := bossPast(t, c.world)
			got := ""
			if len(p.Compromise) > 0 {
				got = p.Compromise[0].Detail
			}
			if got != c.want || slices.Contains(p.CompromiseKnown, soar.CompromiseCountry) != c.known {
				t.Errorf("facts %+v, known %q; want %q, known %t", p.Compromise, p.CompromiseKnown, c.want, c.known)
			}
		})
	}
}

func TestWithoutItsLogAKindOfFactIsNotKnown(t *testing.T) {
	exchange := []soar.CompromiseKind{soar.CompromiseInboxRule, soar.CompromiseForwarding, soar.CompromiseDelegate}
	directory := []soar.CompromiseKind{soar.CompromiseMFA, soar.CompromiseConsent}
	mailboxes := event{action: "New-InboxRule", by: "other", hour: -40 * 24, raw: `{"UserId":"other@contoso.com"}`}
	used := event{action: "MailItemsAccessed", by: "other", hour: -20}
	people := event{action: "Change user license.", by: "admin", hour: -4 * 24}
	late := event{action: "Change user license.", by: "admin", hour: -40 * 24}
	for _, c := range []struct {
		name  string
		world *world
		want  []soar.CompromiseKind
	}{
		{"no log at all", newWorld(t), nil},
		{"mailboxes whose use alone is logged", newWorld(t).event(used), nil},
		{"a mailboxes' log that fell silent", newWorld(t).event(mailboxes), nil},
		{"a directory's log that fell silent", newWorld(t).event(late), nil},
		{"the mailboxes' log alone", newWorld(t).event(mailboxes).event(used), exchange},
		{"the directory's log alone", newWorld(t).event(people), directory},
		{"both", newWorld(t).event(mailboxes).event(used).event(people), slices.Concat(exchange, directory)},
	} {
		p := bossPast(t, c.world)
		if !slices.Equal(p.CompromiseKnown, c.want) || len(p.Compromise) != 0 {
			t.Errorf("%s: known %q, want %q", c.name, p.CompromiseKnown, c.want)
		}
	}
}

func TestDaysWithACaseAreNoPast(t *testing.T) {
	w := weekly(newWorld(t), 4, func(*mail) {})
	poison := boss("poison", -2*7*24-14)
	poison.ip, poison.recipient = "203.0.113.9", "victim@contoso.com"
	w.mail(poison)
	sender := theBoss(soar.ScopeIntraOrg)
	sender.Excluded = []soar.Window{soar.NewWindow(at(-2*7*24-20), at(-2*7*24-1)), soar.NewWindow(at(-2*7*24-20), at(-2*7*24-10))}
	p := past(t, newService(t, w), sender).Past[0]
	if p.Mails != 3 || !slices.Equal(p.IPs, []string{"10.0.0.1"}) || p.Recipients != 1 || !slices.Equal(p.LeftOut, []string{"2026-11-05"}) {
		t.Errorf("past %+v", p)
	}
	usual := soar.Past{Since: at(-90 * 24), PerDay: map[string]int{"2026-11-05": 900, "2026-10-29": 2, "2026-10-22": 2, "2026-11-12": 2}, LeftOut: p.LeftOut}
	if median, days := usual.UsualForWeekday(at(-24)); median != 2 || days != 5 {
		t.Errorf("usual %d over %d days", median, days)
	}
}
