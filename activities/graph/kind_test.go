package graph_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"harrier/activities/graph/graphtest"
	"harrier/workflows/soar"
)

var declaring = soar.Tenant{
	PrivilegedGroups:       []string{"Tier 0 Admins"},
	ServiceAccountPatterns: []string{"svc-*"},
	Tools:                  map[string][]soar.ToolSender{"veeam": {{Path: "mailbox", Senders: []string{"backup@contoso.com"}}}},
}

func service(name string) graphtest.User {
	u := person(name)
	u.JobTitle, u.Department, u.LastInteractive = "", "", time.Time{}
	u.LastNonInteractive = start.Add(-time.Hour)
	return u
}

func TestTheKindOfAnAccountNeedsEvidence(t *testing.T) {
	with := func(u graphtest.User, change func(*graphtest.User)) graphtest.User {
		change(&u)
		return u
	}
	managed := func(u *graphtest.User) { u.ManagerID, u.JobTitle = "id-boss", "Clerk" }
	for _, c := range []struct {
		name string
		user graphtest.User
		kind soar.SenderKind
		why  string
	}{
		{"a person", person("anna"), soar.KindPerson, "not declared"},
		{"a shared mailbox", with(person("info"), func(u *graphtest.User) { u.MailboxPurpose = "shared" }), soar.KindShared, "shared"},
		{"a room", with(person("room"), func(u *graphtest.User) { u.MailboxPurpose = "equipment" }), soar.KindRoom, "equipment"},
		{"a service by name and facts", service("svc-report"), soar.KindService, "no interactive sign-in"},
		{"a tool's mailbox", service("backup"), soar.KindService, "declared as a mailbox of veeam"},
		{"facts without a declaration", service("anna"), soar.KindPerson, "not declared"},
		{"a name alone", with(person("svc-anna"), managed), soar.KindPerson, "does not bear it out"},
		{"a service that a person signs in to",
			with(service("svc-report"), func(u *graphtest.User) { u.LastInteractive = start }), soar.KindService, "no manager"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newBench(t, directory(c.user, person("boss")), declaring).profile(c.user.Mail)
			if p.Kind != c.kind || !strings.Contains(p.Why, c.why) {
				t.Errorf("%q (%s), want %q with %q", p.Kind, p.Why, c.kind, c.why)
			}
			if c.kind == soar.KindService && len(p.ServiceEvidence) < 3 {
				t.Errorf("evidence %q is too thin", p.ServiceEvidence)
			}
		})
	}
}

func TestFailedSignInsAreNobodysSignIn(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		name                         string
		interactive, program, failed time.Time
		want                         time.Time
		fact                         bool // that nobody signed in for 90 days
	}{
		{"nobody ever signed in, passwords are sprayed", time.Time{}, time.Time{}, start, time.Time{}, true},
		{"the last success is old, passwords are sprayed", start.Add(-120 * day), start.Add(-100 * day), start, start.Add(-100 * day), true},
		{"somebody signed in, then failed", start.Add(-2 * day), start.Add(-5 * day), start.Add(-day), start.Add(-2 * day), false},
		{"somebody signed in, then the program did", start.Add(-2 * day), start.Add(-day), time.Time{}, start.Add(-2 * day), false},
		{"a program signs in daily, passwords are sprayed: the success may be anybody's", time.Time{}, start.Add(-day), start, start.Add(-day), false},
		{"a program alone", time.Time{}, start.Add(-day), time.Time{}, time.Time{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := service("svc-report")
			u.LastInteractive, u.LastNonInteractive, u.LastFailed = c.interactive, c.program, c.failed
			p := newBench(t, directory(u), declaring).profile(u.Mail)
			if !p.LastInteractive.Equal(c.want) || p.Kind != soar.KindService {
				t.Errorf("last interactive sign-in %s, kind %q; want %s and a service", p.LastInteractive, p.Kind, c.want)
			}
			if strings.Contains(p.Why, "no interactive sign-in in 90 days") != c.fact {
				t.Errorf("evidence is %q", p.Why)
			}
		})
	}
}

func TestAServiceWhoseGroupsAreNotKnownIsTreatedAsAPerson(t *testing.T) {
	b := newBench(t, directory(service("svc-report")), declaring)
	b.fake.Fail(graphtest.Fault{Match: "transitiveMemberOf", Status: http.StatusForbidden})
	p := b.profile("svc-report@contoso.com")
	if p.Kind != soar.KindPerson || !strings.Contains(p.PrivilegedWhy, "could not be read") {
		t.Errorf("%q %q", p.Kind, p.PrivilegedWhy)
	}
}

func TestRolesAndNamedGroupsMakeAnAccountPrivileged(t *testing.T) {
	role, group, none := person("role"), person("group"), person("none")
	role.DirectoryRoles = []string{"Global Administrator"}
	group.Groups, none.Groups = []string{"g-0"}, []string{"g-1"}
	d := directory(role, group, none)
	d.Groups = []graphtest.Group{{ID: "g-0", DisplayName: "tier 0 admins"}, {ID: "g-1", DisplayName: "Staff"}}
	out := newBench(t, d, declaring).lookUp(ref("role"), ref("group"), ref("none")).Profiles
	for i, why := range []string{"directory role Global Administrator", "group tier 0 admins", ""} {
		if out[i].PrivilegedWhy != why || out[i].Privileged != (why != "") {
			t.Errorf("%s: privileged %t %q, want %q", out[i].UPN, out[i].Privileged, out[i].PrivilegedWhy, why)
		}
	}
}
