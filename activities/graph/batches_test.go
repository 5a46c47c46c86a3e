package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/activities/graph/graphtest"
	"harrier/workflows/soar"
)

// tenSenders are ten people of whom every fact can be read, as mail of their
// mailboxes names them (with object ids) or as a forgery does (without).
func tenSenders(withIDs bool) (graphtest.Directory, []soar.SenderRef) {
	boss := person("boss")
	d := directory(boss)
	d.PremiumP2 = true
	d.Groups = []graphtest.Group{{ID: "g-1", DisplayName: "Finance"}}
	d.Applications = []graphtest.Application{
		{ID: "app-1", DisplayName: "Newsletter", Permissions: []string{"Mail.Send", "User.Read.All"}},
		{ID: "app-2", DisplayName: "Archive", Permissions: []string{"full_access_as_app"}},
		{ID: "app-3", DisplayName: "Reader", Permissions: []string{"User.Read.All"}},
	}
	var refs []soar.SenderRef
	for i := range 10 {
		u := person(fmt.Sprintf("user%d", i))
		u.ManagerID, u.Groups = boss.ID, []string{"g-1"}
		u.Rules = []graphtest.Rule{{Name: "Newsletters", MoveToFolder: "f-1"}, {Name: "..", ForwardTo: []string{"X@evil.test"}, Delete: true}}
		r := ref(fmt.Sprintf("user%d", i))
		if withIDs {
			r.ObjectIDs = []string{u.ID}
		}
		d.Users, refs = append(d.Users, u), append(refs, r)
	}
	d.Users[1].RiskLevel, d.Users[1].RiskState, d.Users[1].RiskSince = "high", "atRisk", start.Add(-time.Hour)
	d.Users[2].RiskLevel, d.Users[2].RiskState = "low", "remediated"
	return d, refs
}

func complete(t *testing.T, out soar.Profiles) {
	t.Helper()
	for i, p := range out.Profiles {
		want := soar.SenderProfile{
			Kind: soar.KindPerson, Why: "a user's account, not declared as a program's",
			ObjectID: fmt.Sprintf("id-user%d", i), UPN: fmt.Sprintf("user%d@contoso.com", i), Mail: fmt.Sprintf("user%d@contoso.com", i),
			DisplayName: fmt.Sprintf("user%d", i), MatchedBy: p.MatchedBy, Enabled: soar.Yes, UserType: "Member",
			Licensed: soar.Yes, JobTitle: "Clerk", Department: "Sales", Manager: "boss",
			Groups: []string{"Finance"}, Created: start.AddDate(-3, 0, 0), MailboxPurpose: "user",
			LastInteractive: start.AddDate(0, 0, -1), SignInKnown: soar.Yes, AsOf: p.AsOf,
			AutomaticReplies: "disabled", InboxRulesKnown: soar.Yes, InboxRules: []string{"“..” forwards to x@evil.test and deletes"},
			AtRisk: soar.No, SendAsAnyone: []string{"Archive", "Newsletter"}, SendAsAnyoneKnown: soar.Yes, SendAsAnyoneAt: start,
			Evidence: p.Evidence,
		}
		if i == 0 {
			want.AtRisk, want.Risk, want.RiskAt = soar.Yes, "high, at risk", start.Add(-time.Hour)
		}
		if got, want := fmt.Sprintf("%+v", p), fmt.Sprintf("%+v", want); got != want {
			t.Fatalf("profile %d\n got %s\nwant %s", i, got, want)
		}
		if text := strings.Join(p.Evidence, "\n"); strings.Contains(text, "not known") || len(p.Evidence) < 13 {
			t.Fatalf("profile %d has gaps:\n%s", i, text)
		}
	}
}

func TestTenSendersWithEveryFactTakeTwoBatches(t *testing.T) {
	for _, withIDs := range []bool{true, false} {
		d, refs := tenSenders(withIDs)
		b := newBench(t, d, soar.Tenant{})
		complete(t, b.lookUp(refs...))
		if got := b.fake.Batches(); got != 2 {
			t.Errorf("ids %t: %d batches, want 2", withIDs, got)
		}
	}
}

func TestSendersByAliasDoNotCostAThirdBatch(t *testing.T) {
	d, refs := tenSenders(false)
	for i := range 2 {
		d.Users[i+1].UserPrincipalName = fmt.Sprintf("s%d@contoso.onmicrosoft.com", i)
	}
	refs = append(refs[:9:9], soar.SenderRef{Address: "x@elsewhere.test"})
	b := newBench(t, d, soar.Tenant{})
	for i, p := range b.lookUp(refs...).Profiles[:9] {
		if p.Kind != soar.KindPerson || p.InboxRulesKnown != soar.Yes || p.MailboxPurpose != "user" || len(p.Groups) != 1 {
			t.Errorf("profile %d: %+v", i, p)
		}
	}
	if got := b.fake.Batches(); got != 2 {
		t.Errorf("%d batches, want 2", got)
	}
}

func TestAWrongGuessIsNobodysFact(t *testing.T) {
	d, refs := tenSenders(false)
	other := person("other") // its user name is the alias of somebody else
	other.UserPrincipalName, other.Mail, other.ProxyAddresses = "shared-name@contoso.com", "other@contoso.com", nil
	other.MailboxPurpose, other.DirectoryRoles = "shared", []string{"Global Administrator"}
	d.Users = append(d.Users, other)
	refs[9] = soar.SenderRef{Address: "shared-name@contoso.com", ObjectIDs: []string{"id-user9"}}
	p := newBench(t, d, soar.Tenant{}).lookUp(refs...).Profiles[9]
	if p.ObjectID != "id-user9" || p.Privileged || p.MailboxPurpose != "user" {
		t.Errorf("%+v", p)
	}
}

func TestAThrottledWaveCostsOneMoreBatchAndRepeatsNothingElse(t *testing.T) {
	for _, match := range []string{
		"'user4@contoso.com'", "/users/id-user4/transitivememberof", "/users/id-user4/mailboxsettings",
		"/users/id-user9/mailfolders", "signinactivity", "riskyusers", "approleassignedto",
	} {
		t.Run(match, func(t *testing.T) {
			d, refs := tenSenders(true)
			b := newBenchOfPages(t, d, soar.Tenant{}, graphtest.DefaultPageSize)
			b.fake.Fail(graphtest.Fault{Match: match, RetryAfter: "7", Times: 1})
			if app := b.failure(refs...); app.NextRetryDelay() != 7*time.Second {
				t.Fatalf("delay %s", app.NextRetryDelay())
			}
			b.clock.Advance(7 * time.Second)
			complete2(t, b, refs)
			if got := b.fake.Batches(); got > 3 {
				t.Errorf("%d batches, want at most 3", got)
			}
			sent := b.fake.Requests()
			slices.Sort(sent)
			twice := 0
			for i := 1; i < len(sent); i++ {
				if sent[i] == sent[i-1] {
					twice++
					if !strings.Contains(strings.ToLower(sent[i]), strings.ToLower(match)) {
						t.Errorf("repeated though not throttled: %s", sent[i])
					}
				}
			}
			if twice != 1 {
				t.Errorf("%d requests repeated, want the throttled one", twice)
			}
		})
	}
}

// complete2 looks the senders up again and holds them against everything they have.
func complete2(t *testing.T, b *bench, refs []soar.SenderRef) {
	t.Helper()
	out := b.lookUp(refs...)
	for i := range out.Profiles {
		if at := out.Profiles[i].SendAsAnyoneAt; at.Before(start) {
			t.Fatalf("applications as of %s", at)
		}
		out.Profiles[i].SendAsAnyoneAt = start
	}
	complete(t, out)
}

func TestSeveralThrottledRequestsOfAWaveAreOneMoreBatch(t *testing.T) {
	d, refs := tenSenders(true)
	b := newBenchOfPages(t, d, soar.Tenant{}, graphtest.DefaultPageSize)
	for i, match := range []string{"/users/id-user1/mailboxsettings", "/users/id-user2/transitivememberof", "/users/id-user3/mailfolders", "signinactivity"} {
		b.fake.Fail(graphtest.Fault{Match: match, RetryAfter: fmt.Sprint(4 + i), Times: 1})
	}
	if app := b.failure(refs...); app.NextRetryDelay() != 7*time.Second {
		t.Fatalf("delay %s, want the longest", app.NextRetryDelay())
	}
	b.clock.Advance(7 * time.Second)
	complete2(t, b, refs)
	if got := b.fake.Batches(); got != 3 {
		t.Errorf("%d batches, want 3", got)
	}
}

func TestAFeatureThatKeepsThrottlingIsLeftAlone(t *testing.T) {
	d, refs := tenSenders(true)
	b := newBenchOfPages(t, d, soar.Tenant{}, graphtest.DefaultPageSize)
	b.fake.Fail(graphtest.Fault{Match: "riskyusers", RetryAfter: "7"})
	for range 3 {
		b.failure(refs...)
		b.clock.Advance(7 * time.Second)
	}
	p := b.lookUp(refs...).Profiles[0]
	if p.AtRisk != soar.NotKnown || p.InboxRulesKnown != soar.Yes || !strings.Contains(strings.Join(p.Evidence, "\n"), "Entra ID Protection: not known, TooManyRequests, asked again after 09:10 UTC") {
		t.Errorf("%q", p.Evidence)
	}
}

func TestWhatIsRememberedShowsItsAge(t *testing.T) {
	d, refs := tenSenders(true)
	b := newBenchOfPages(t, d, soar.Tenant{}, graphtest.DefaultPageSize)
	b.lookUp(refs...)
	b.clock.Advance(4 * time.Minute)
	p := b.lookUp(refs...).Profiles[3]
	if !p.AsOf.Equal(start) || p.Age(b.clock.Now()) != 4*time.Minute || !slices.Contains(p.Evidence, "Read 4m0s ago, at 2026-11-24 09:00 UTC") {
		t.Errorf("as of %s, %q", p.AsOf, p.Evidence)
	}
	b.clock.Advance(3 * time.Hour)
	before := len(b.fake.Requests())
	p = b.lookUp(refs...).Profiles[3]
	if !p.AsOf.Equal(b.clock.Now()) || !strings.Contains(strings.Join(p.Evidence, "\n"), "(read 3h4m0s ago)") {
		t.Errorf("as of %s, %q", p.AsOf, p.Evidence)
	}
	if slices.ContainsFunc(b.fake.Requests()[before:], func(r string) bool { return strings.Contains(r, "appRoleAssignedTo") }) {
		t.Error("applications are read again within hours")
	}
}

func TestALongPauseOfAnOptionalFactCostsNothingElse(t *testing.T) {
	d, refs := tenSenders(true)
	b := newBench(t, d, soar.Tenant{})
	b.fake.Fail(graphtest.Fault{Match: "riskyusers", RetryAfter: "300"})
	b.fake.Fail(graphtest.Fault{Match: "signinactivity", RetryAfter: "300"})
	p := b.lookUp(refs...).Profiles[0]
	if p.Kind != soar.KindPerson || p.AtRisk != soar.NotKnown || p.SignInKnown != soar.NotKnown || p.InboxRulesKnown != soar.Yes || b.fake.Batches() != 2 {
		t.Errorf("%d batches, %+v", b.fake.Batches(), p)
	}
	b.fake.Heal()
	b.clock.Advance(6 * time.Minute)
	if p := b.lookUp(refs...).Profiles[0]; p.AtRisk != soar.Yes || p.SignInKnown != soar.Yes {
		t.Errorf("after the pause %+v", p)
	}
}

func TestAFilterThatIsRefusedIsAskedForOneByOne(t *testing.T) {
	b := newBench(t, directory(person("a"), person("b"), person("c")), soar.Tenant{})
	b.fake.Fail(graphtest.Fault{Match: "'b@contoso.com'", Status: 400, Code: "Request_UnsupportedQuery", Times: 2})
	for i, p := range b.lookUp(ref("a"), ref("b"), ref("c")).Profiles {
		if (p.Kind == soar.KindUnknown) != (i == 1) {
			t.Errorf("sender %d is %q: %s", i, p.Kind, p.Why)
		}
	}
	if b.fake.Batches() != 3 {
		t.Errorf("%d batches", b.fake.Batches())
	}
}
