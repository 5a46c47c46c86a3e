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

func TestASenderIsFoundByObjectIDThenUPNThenMailThenProxyAddress(t *testing.T) {
	sales := graphtest.User{
		ID: "id-sales", UserPrincipalName: "s01@contoso.onmicrosoft.com", Mail: "sales.team@contoso.com",
		ProxyAddresses: []string{"SMTP:sales.team@contoso.com", "smtp:Sales@contoso.com"}, MailboxPurpose: "shared",
	}
	other := person("other")
	b := newBench(t, directory(sales, other), soar.Tenant{})
	for _, c := range []struct {
		ref    soar.SenderRef
		by, id string
	}{
		{soar.SenderRef{Address: "other@contoso.com", ObjectIDs: []string{"ID-SALES"}}, "object id", "id-sales"},
		{soar.SenderRef{Address: "S01@contoso.onmicrosoft.com"}, "UPN", "id-sales"},
		{soar.SenderRef{Address: "<sales.team@contoso.com>"}, "mail", "id-sales"},
		{soar.SenderRef{Address: "sales@contoso.com"}, "proxy address", "id-sales"},
		{soar.SenderRef{Address: "other@contoso.com", ObjectIDs: []string{"unknown", "not an id'"}}, "UPN", "id-other"},
	} {
		p := b.lookUp(c.ref).Profiles[0]
		if p.MatchedBy != c.by || p.ObjectID != c.id {
			t.Errorf("%+v: %s by %q, want %s by %q", c.ref, p.ObjectID, p.MatchedBy, c.id, c.by)
		}
	}
}

func TestWhoIsNotOneLivingUserIsNotResolved(t *testing.T) {
	twinA, twinB := person("a"), person("b")
	twinA.ProxyAddresses = append(twinA.ProxyAddresses, "smtp:twin@contoso.com")
	twinB.ProxyAddresses = append(twinB.ProxyAddresses, "SMTP:twin@contoso.com")
	gone, guest := person("gone"), person("guest")
	gone.Deleted, gone.Mail = true, ""
	longer := person("begone")
	longer.Deleted = true
	guest.UserType, guest.MailboxPurpose = "Guest", ""
	b := newBench(t, directory(twinA, twinB, longer, gone, guest), soar.Tenant{})
	for _, c := range []struct {
		ref  soar.SenderRef
		kind soar.SenderKind
	}{
		{ref("nobody"), soar.KindNotFound},
		{soar.SenderRef{Address: "x@elsewhere.test"}, soar.KindExternal},
		{ref("twin"), soar.KindAmbiguous},
		{ref("gone"), soar.KindDeleted},
		{soar.SenderRef{Address: "alias@contoso.com", ObjectIDs: []string{gone.ID}}, soar.KindDeleted},
		{ref("one"), soar.KindNotFound}, // "gone" ends with it
		{ref("guest"), soar.KindGuest},
	} {
		p := b.lookUp(c.ref).Profiles[0]
		if p.Kind != c.kind || p.Kind.Resolved() || p.Why == "" {
			t.Errorf("%s: kind %q (%s), want %q", c.ref.Address, p.Kind, p.Why, c.kind)
		}
	}
}

func TestANullSenderIsNotLookedUp(t *testing.T) {
	b := newBench(t, directory(person("a")), soar.Tenant{})
	for _, address := range []string{"", "<>", "  ", "< >"} {
		p := b.lookUp(soar.SenderRef{Address: address, ObjectIDs: []string{"id-a"}}).Profiles[0]
		if p.Kind != soar.KindUnknown || p.Why != "null sender" {
			t.Errorf("%q: %q %q", address, p.Kind, p.Why)
		}
	}
	for _, address := range []string{"a\x00@contoso.com", strings.Repeat("a", 400) + "@contoso.com"} {
		if p := b.profile(address); p.Kind != soar.KindUnknown {
			t.Errorf("%q: %q", address, p.Kind)
		}
	}
	if b.fake.Batches() != 0 {
		t.Errorf("%d batches for nobody", b.fake.Batches())
	}
}

func TestAnAddressIsOnlyEverALiteral(t *testing.T) {
	obrien, tagged := person("o'brien"), person("test+tag")
	b := newBench(t, directory(person("anna"), person("adam"), obrien, tagged), soar.Tenant{})
	injected := b.profile("x' or startswith(displayName,'a")
	if injected.Kind != soar.KindExternal || injected.ObjectID != "" {
		t.Errorf("injected filter found %q %q", injected.Kind, injected.ObjectID)
	}
	if sent := b.fake.Requests()[0]; !strings.Contains(sent, "mail eq 'x'' or startswith(displayname,''a'") {
		t.Errorf("the quotes are not doubled: %s", sent)
	}
	for _, u := range []graphtest.User{obrien, tagged} {
		if p := b.profile(u.Mail); p.ObjectID != u.ID {
			t.Errorf("%s: found %q (%s)", u.Mail, p.ObjectID, p.Why)
		}
	}
}

func TestMoreThanTenSendersAreSeveralPages(t *testing.T) {
	var refs []soar.SenderRef
	for i := range 11 {
		refs = append(refs, ref(fmt.Sprintf("nobody%d", i)))
	}
	b := newBench(t, directory(), soar.Tenant{})
	b.lookUp(refs...)
	if got := b.fake.Batches(); got != 4 {
		t.Errorf("%d batches for 11 senders, want 4", got)
	}
}

func TestMembershipsAreReadPageByPageUpToACap(t *testing.T) {
	few, many := person("few"), person("many")
	var groups []graphtest.Group
	for i := range 5*999 + 1 {
		id := fmt.Sprintf("g-%d", i)
		groups = append(groups, graphtest.Group{ID: id, DisplayName: "Group " + id})
		many.Groups = append(many.Groups, id)
	}
	few.Groups, few.DirectoryRoles = many.Groups[:1000], []string{"Helpdesk Administrator"}
	d := directory(few, many)
	d.Groups = groups
	b := newBench(t, d, soar.Tenant{})
	out := b.lookUp(ref("few"), ref("many")).Profiles
	if len(out[0].Groups) != 1000 || out[0].Truncated || !out[0].Privileged {
		t.Errorf("few: %d groups, truncated %t, privileged %t", len(out[0].Groups), out[0].Truncated, out[0].Privileged)
	}
	if len(out[1].Groups) != 5*999 || !out[1].Truncated || out[1].PrivilegedWhy == "" {
		t.Errorf("many: %d groups, truncated %t, %q", len(out[1].Groups), out[1].Truncated, out[1].PrivilegedWhy)
	}
}

func TestThePageAfterAnAdvancedQueryCarriesItsHeader(t *testing.T) {
	var users []graphtest.User
	for i := range 4 { // the fake's page is 3
		u := person(strings.Repeat("x", i) + "gone")
		u.Deleted = true
		users = append(users, u)
	}
	slices.Reverse(users)
	b := newBench(t, directory(users...), soar.Tenant{})
	if p := b.profile("gone@contoso.com"); p.Kind != soar.KindDeleted {
		t.Errorf("kind %q (%s), want deleted from page 2", p.Kind, p.Why)
	}
}

func TestAnswersAreKeptForMinutesAndMissesForLess(t *testing.T) {
	b := newBench(t, directory(person("a")), soar.Tenant{})
	b.lookUp(ref("a"), ref("new"))
	b.clock.Advance(time.Minute)
	b.lookUp(ref("a"), ref("new"))
	if got := b.fake.Batches(); got != 2 {
		t.Fatalf("%d batches within a minute, want 2", got)
	}
	b.fake.SetDirectory(directory(person("a"), person("new")))
	b.clock.Advance(61 * time.Second)
	before := len(b.fake.Requests())
	if p := b.lookUp(ref("a"), ref("new")).Profiles[1]; p.Kind != soar.KindPerson {
		t.Errorf("a user made since is %q after two minutes", p.Kind)
	}
	for _, r := range b.fake.Requests()[before:] {
		if strings.Contains(r, "'a@contoso.com'") {
			t.Errorf("asked again for a user that is kept: %s", r)
		}
	}
}

func TestAnyAddressFindsNobodyElse(t *testing.T) {
	b := newBench(t, directory(person("anna"), person("o'brien")), soar.Tenant{})
	check := func(fail func(string, ...any), address string) {
		p := b.profile(address)
		switch {
		case p.Kind == soar.KindNotFound, p.Kind == soar.KindExternal:
		case p.Kind == soar.KindUnknown:
			if strings.Contains(p.Why, "did not answer") {
				fail("%q: %s", address, p.Why)
			}
		case !strings.EqualFold(strings.Trim(address, "<> \t\r\n"), p.Mail):
			fail("%q found %s", address, p.Mail)
		}
	}
	for _, address := range []string{
		"anna@contoso.com", "'", "''", "o'brien@contoso.com", "a&$count=true", "%27", "+", "#?/", "' or id eq 'id-anna",
		"smtp:anna@contoso.com", "{+baseurl}", "/users/me-token-to-replace", "ann\u0430@contoso.com", "\xff@contoso.com",
	} {
		check(t.Errorf, address)
	}
	part := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"'", "''", "\\", "%27", " or ", " eq ", "id-anna", "(", ")", "anna@contoso.com"}))
	rapid.Check(t, func(r *rapid.T) {
		check(r.Fatalf, strings.Join(rapid.SliceOfN(part, 0, 6).Draw(r, "parts"), ""))
	})
}
