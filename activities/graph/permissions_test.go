package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harrier/activities/graph/graphtest"
	"harrier/workflows/soar"
)

// grantable are the permissions that a deployment may leave out.
var grantable = []string{
	"User.Read.All", "MailboxSettings.Read", "GroupMember.Read.All", "RoleManagement.Read.Directory", "AuditLog.Read.All",
	"Application.Read.All", "IdentityRiskyUser.Read.All",
}

// conspicuous is an account of which every check says something.
func conspicuous() graphtest.Directory {
	u := person("a")
	u.ManagerID, u.Groups, u.AutomaticReplies = "id-boss", []string{"g-0"}, "alwaysEnabled"
	u.Rules = []graphtest.Rule{{Name: "..", ForwardTo: []string{"x@evil.test"}}}
	u.RiskLevel, u.RiskState = "high", "confirmedCompromised"
	d := directory(u, person("boss"))
	d.PremiumP2 = true
	d.Groups = []graphtest.Group{{ID: "g-0", DisplayName: "Tier 0 Admins"}}
	d.Applications = []graphtest.Application{{ID: "app-1", DisplayName: "Newsletter", Permissions: []string{"Mail.Send"}}}
	return d
}

func TestNoMissingPermissionOrLicenceEverBecomesANegativeFact(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := conspicuous()
		d.Missing = rapid.SliceOfDistinct(rapid.SampledFrom(grantable), rapid.ID[string]).Draw(r, "missing")
		d.PremiumP1, d.PremiumP2 = rapid.Bool().Draw(r, "p1"), rapid.Bool().Draw(r, "p2")
		p := newBench(t, d, declaring).profile("a@contoso.com")
		lacks := func(permission string) bool { return slices.Contains(d.Missing, permission) }
		told := func(check string) string {
			for _, line := range p.Evidence {
				if strings.HasPrefix(line, check) {
					return line
				}
			}
			return ""
		}
		if lacks("User.Read.All") {
			if p.Kind != soar.KindUnknown || p.Licensed != soar.NotKnown || p.Enabled != soar.NotKnown {
				r.Fatalf("not allowed to look, and yet %+v", p)
			}
			return
		}
		check := func(name string, unknown, isKnown bool) {
			if unknown == isKnown || unknown != strings.Contains(told(name), "not known") {
				r.Fatalf("%s: not readable %t, known %t, told %q", name, unknown, isKnown, told(name))
			}
		}
		check("Visible inbox rules", lacks("MailboxSettings.Read"), len(p.InboxRules) == 1)
		check("Automatic replies", lacks("MailboxSettings.Read"), p.AutomaticReplies == "alwaysEnabled")
		check("Mailbox", lacks("MailboxSettings.Read"), p.MailboxPurpose == "user")
		check("Entra ID Protection", lacks("IdentityRiskyUser.Read.All") || !d.PremiumP2, p.AtRisk == soar.Yes)
		check("Applications", lacks("Application.Read.All"), slices.Equal(p.SendAsAnyone, []string{"Newsletter"}))
		check("Interactive sign-in", lacks("AuditLog.Read.All") || !d.PremiumP1, p.SignInKnown == soar.Yes && !p.LastInteractive.IsZero())
		check("Groups and roles", lacks("GroupMember.Read.All"), p.Privileged)
		if p.AtRisk == soar.No || len(p.ServiceEvidence) > 0 || p.Kind != soar.KindPerson {
			r.Fatalf("a negative fact: %+v", p)
		}
	})
}

func TestARoleWhoseNameIsHiddenIsAPrivilegeAllTheSame(t *testing.T) {
	d := conspicuous()
	d.Users[0].DirectoryRoles, d.Users[0].Groups = []string{"Global Administrator"}, nil
	d.Missing = []string{"RoleManagement.Read.Directory"}
	if p := newBench(t, d, declaring).profile("a@contoso.com"); !p.Privileged {
		t.Errorf("%q", p.Evidence)
	}
}

func TestARefusedFeatureIsTriedThreeTimesThenLeftForAnHour(t *testing.T) {
	d := conspicuous()
	d.PremiumP1, d.PremiumP2, d.Missing = false, false, []string{"Application.Read.All"}
	b := newBench(t, d, declaring)
	asked := func() int {
		n := 0
		for _, r := range b.fake.Requests() {
			if strings.Contains(r, "signInActivity") || strings.Contains(r, "riskyUsers") || strings.Contains(r, "appRoleAssignedTo") {
				n++
			}
		}
		return n
	}
	for range 3 {
		b.profile("a@contoso.com")
		b.clock.Advance(3 * time.Minute)
	}
	before := asked()
	p := b.profile("a@contoso.com")
	if asked() != before || p.SignInKnown != soar.NotKnown || p.Enabled != soar.Yes || !strings.Contains(p.SignInWhy, "asked again after") {
		t.Errorf("%d more requests, %q", asked()-before, p.SignInWhy)
	}
	d.PremiumP1, d.PremiumP2, d.Missing = true, true, nil
	b.fake.SetDirectory(d)
	b.clock.Advance(time.Hour)
	if p := b.profile("a@contoso.com"); p.SignInKnown != soar.Yes || p.AtRisk != soar.Yes || p.SendAsAnyoneKnown != soar.Yes {
		t.Errorf("after an hour %+v", p)
	}
}

func TestRulesThatAnIntruderWouldMakeAreTold(t *testing.T) {
	for _, c := range []struct {
		name string
		rule graphtest.Rule
		want string
	}{
		{"forwarding", graphtest.Rule{Name: "a", ForwardTo: []string{"X@evil.test", "y@evil.test"}}, "“a” forwards to x@evil.test"},
		{"redirecting", graphtest.Rule{Name: "a", RedirectTo: []string{"x@evil.test"}}, "“a” redirects to x@evil.test"},
		{"deleting", graphtest.Rule{Name: "a", Delete: true}, "“a” deletes"},
		{"hiding", graphtest.Rule{Name: "a", MarkAsRead: true, MoveToFolder: "rss"}, "“a” moves away and marks as read"},
		{"sorting", graphtest.Rule{Name: "a", MoveToFolder: "projects"}, ""},
		{"switched off", graphtest.Rule{Name: "a", Delete: true, Disabled: true}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := person("a")
			u.Rules = []graphtest.Rule{c.rule}
			p := newBench(t, directory(u), soar.Tenant{}).profile(u.Mail)
			if got := strings.Join(p.InboxRules, "|"); got != c.want || p.InboxRulesKnown != soar.Yes {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestAnAutomaticRepliesTextIsNeverKept(t *testing.T) {
	p := newBench(t, conspicuous(), soar.Tenant{}).profile("a@contoso.com")
	if text := strings.Join(p.Evidence, " ") + p.AutomaticReplies; strings.Contains(text, "clinic") || !strings.Contains(text, "on (alwaysEnabled)") {
		t.Errorf("%q", text)
	}
}

func TestAListOfRisksThatIsCutLeavesTheOthersNotKnown(t *testing.T) {
	d := directory(person("a"))
	d.PremiumP2 = true
	for i := range 2501 { // five pages of 500 are read
		d.Users = append(d.Users, graphtest.User{ID: fmt.Sprintf("risky-%d", i), UserPrincipalName: "r", RiskLevel: "low", RiskState: "atRisk"})
	}
	last := person("z")
	last.RiskLevel, last.RiskState = "high", "atRisk"
	d.Users = append([]graphtest.User{last}, d.Users...)
	out := newBench(t, d, soar.Tenant{}).lookUp(ref("a"), ref("z")).Profiles
	if out[0].AtRisk != soar.NotKnown || out[1].AtRisk != soar.Yes {
		t.Errorf("%q and %q", out[0].AtRisk, out[1].AtRisk)
	}
}

func TestTheVerdictSaysWhatAndWhy(t *testing.T) {
	d := conspicuous()
	d.Users = append(d.Users, person("plain"))
	b := newBench(t, d, declaring)
	for address, want := range map[string]string{
		"a@contoso.com": "privileged person: group Tier 0 Admins", "plain@contoso.com": "person: a user's account, not declared as a program's",
		"x@elsewhere.test": "external: outside the accepted domains and not in the directory", "<>": "unknown: null sender",
	} {
		what, why := b.profile(address).Verdict()
		if got := what + ": " + why; got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
