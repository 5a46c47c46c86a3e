package graph_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"harrier/activities/graph/graphtest"
	"harrier/workflows/soar"
)

func TestAMailboxThatCannotBeReadSaysWhyAndCostsNothingElse(t *testing.T) {
	onPrem := person("a")
	onPrem.MailboxPurpose = ""
	for _, c := range []struct {
		name, want string
		fault      graphtest.Fault
	}{
		{"on premises", "unknown(no cloud mailbox: MailboxNotEnabledForRESTAPI)", graphtest.Fault{Match: "no fault"}},
		{"not found", "unknown(no cloud mailbox: ResourceNotFound)",
			graphtest.Fault{Match: "mailboxSettings", Status: http.StatusNotFound, Code: "ResourceNotFound"}},
		{"policy scope", "unknown(no permission: ErrorAccessDenied)",
			graphtest.Fault{Match: "mailboxSettings", Status: http.StatusForbidden, Code: "ErrorAccessDenied"}},
		{"broken", "unknown(status 500)", graphtest.Fault{Match: "mailboxSettings", Status: http.StatusInternalServerError}},
		{"left out", "unknown(no answer in the batch)", graphtest.Fault{Match: "mailboxSettings", Drop: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, directory(onPrem), soar.Tenant{})
			b.fake.Fail(c.fault)
			p := b.profile("a@contoso.com")
			if p.MailboxPurpose != c.want {
				t.Errorf("purpose %q, want %q", p.MailboxPurpose, c.want)
			}
			if p.Kind != soar.KindPerson || p.SignInKnown != soar.Yes || p.Enabled != soar.Yes {
				t.Errorf("other facts lost: %+v", p)
			}
		})
	}
}

func TestSignInDataThatIsNotThereIsNotKnown(t *testing.T) {
	silent := person("silent")
	silent.LastInteractive, silent.LastNonInteractive = time.Time{}, time.Time{}
	noLicence := directory(person("a"))
	noLicence.PremiumP1 = false
	for _, c := range []struct {
		name, address, why string
		directory          graphtest.Directory
	}{
		{"no licence", "a@contoso.com", "sign-in data unavailable (licence or permission): Authentication_RequestFromNonPremiumTenantOrB2CTenant", noLicence},
		{"no data", "silent@contoso.com", "the directory has no sign-in data of this account", directory(silent)},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newBench(t, c.directory, soar.Tenant{}).profile(c.address)
			if p.SignInKnown != soar.NotKnown || p.SignInWhy != c.why {
				t.Errorf("known %q, why %q", p.SignInKnown, p.SignInWhy)
			}
			if p.Enabled != soar.Yes || p.MailboxPurpose != "user" {
				t.Errorf("other facts lost: %+v", p)
			}
		})
	}
}

func TestEveryLookUpRefusedIsAProblemForOperations(t *testing.T) {
	for _, c := range []struct{ match, permission string }{
		{"$expand=manager", "User.Read.All"},
		{"mailboxSettings", "MailboxSettings.Read"},
	} {
		b := newBench(t, directory(person("a"), person("b")), soar.Tenant{})
		b.fake.Fail(graphtest.Fault{Match: c.match, Status: http.StatusForbidden})
		out := b.lookUp(ref("a"), ref("b"))
		if !strings.Contains(out.Problem, c.permission) || !strings.Contains(out.Problem, "403") {
			t.Errorf("%s: problem %q", c.match, out.Problem)
		}
	}
	b := newBench(t, directory(person("a"), person("b")), soar.Tenant{})
	b.fake.Fail(graphtest.Fault{Match: "/users/id-b/mailboxSettings", Status: http.StatusForbidden})
	if out := b.lookUp(ref("a"), ref("b")); out.Problem != "" {
		t.Errorf("one refusal of two is a problem: %q", out.Problem)
	}
}

func TestAFailedLookUpIsUnknownWithItsReason(t *testing.T) {
	for why, fault := range map[string]graphtest.Fault{
		"Authorization_RequestDenied": {Match: "'a@contoso.com'", Status: http.StatusForbidden, Code: "Authorization_RequestDenied"},
		"no answer in the batch":      {Match: "'a@contoso.com'", Drop: true},
	} {
		b := newBench(t, directory(person("a")), soar.Tenant{})
		b.fake.Fail(fault)
		p := b.lookUp(ref("a")).Profiles[0]
		if p.Kind != soar.KindUnknown || !strings.Contains(p.Why, why) || !strings.Contains(p.Evidence[0], why) {
			t.Errorf("%q %q %q, want unknown with %q", p.Kind, p.Why, p.Evidence, why)
		}
	}
}

func TestAnOddAddressThatIsRefusedCostsNoOtherSender(t *testing.T) {
	b := newBench(t, directory(person("a")), soar.Tenant{})
	b.fake.Fail(graphtest.Fault{Match: "b\u00e4d", Status: http.StatusBadRequest, Code: "Request_UnsupportedQuery"})
	out := b.lookUp(soar.SenderRef{Address: "b\u00e4d@contoso.com"}, ref("a")).Profiles
	if out[0].Kind != soar.KindUnknown || out[1].Kind != soar.KindPerson {
		t.Errorf("kinds %q and %q", out[0].Kind, out[1].Kind)
	}
}
