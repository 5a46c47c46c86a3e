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
