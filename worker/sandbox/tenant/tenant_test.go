package tenant_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"harrier/config"
	"harrier/worker/sandbox/tenant"
	"harrier/workflows/soar"
)

func anchor() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }

// small has the whole cast and next to no ordinary mail.
func small(seed uint64, at time.Time) *tenant.Tenant {
	return tenant.New(tenant.Options{Seed: seed, Anchor: at, Rows: 1, Mailboxes: 500})
}

func TestTheSameSeedAndAnchorGiveTheSameTenant(t *testing.T) {
	o := tenant.Options{Seed: 7, Anchor: anchor(), Rows: 30_000, Mailboxes: 600}
	if !reflect.DeepEqual(tenant.New(o), tenant.New(o)) {
		t.Error("two tenants of one seed and anchor differ")
	}
	other := o
	other.Seed = 8
	if reflect.DeepEqual(tenant.New(o).Tables, tenant.New(other).Tables) {
		t.Error("tenants of two seeds are the same")
	}
}

func TestRowsHaveTheColumnsAndTypesOfTheSchema(t *testing.T) {
	for name, table := range small(1, anchor()).Tables {
		if !reflect.DeepEqual(table.Columns, tenant.Columns()[name]) {
			t.Errorf("table %s: columns are not those of the schema", name)
		}
		if err := table.Validate(); err != nil {
			t.Error(err)
		}
	}
	if len(tenant.Columns()) != 11 {
		t.Errorf("schema has %d tables, want 11", len(tenant.Columns()))
	}
}

func TestNothingIsNewerThanTheAnchorAndNothingIsThereBeforeItHappened(t *testing.T) {
	tn := tenant.New(tenant.Options{Seed: 3, Anchor: anchor(), Rows: 30_000})
	long := map[string]bool{part(t, tn, tenant.RoleBurst).Sender: true, part(t, tn, tenant.RoleSteady).Sender: true}
	for name, table := range tn.Tables {
		for i, r := range rowsOf(table) {
			at := r.time("TimeGenerated")
			if in := table.Ingested[i]; in.After(tn.Anchor) || in.Before(at) {
				t.Fatalf("%s row %d: happened %s, ingested %s, anchor %s", name, i, at, in, tn.Anchor)
			}
			if name != "IdentityInfo" && at.Before(tn.Anchor.AddDate(0, 0, -31)) && !long[r.text("SenderFromAddress")] {
				t.Fatalf("%s row %d is older than the tenant: %s", name, i, at)
			}
		}
	}
}

func TestATenantHasTheSizeItWasAskedFor(t *testing.T) {
	start := time.Now()
	tn := tenant.New(tenant.Options{Seed: 1, Anchor: anchor()})
	t.Logf("invented in %s", time.Since(start).Round(time.Millisecond))
	if n := len(tn.Tables["EmailEvents"].Rows); n != 100_000 {
		t.Errorf("EmailEvents has %d rows, want 100000", n)
	}
	people := 0
	for _, u := range tn.Directory.Users {
		if u.MailboxPurpose == "user" && u.ManagerID+u.JobTitle != "" && !u.Deleted {
			people++
		}
	}
	if people != 2000 {
		t.Errorf("%d people, want 2000", people)
	}
	counts := submissionCounts(tn)
	t.Logf("submissions: %v", counts)
	for _, want := range []struct {
		what      string
		low, high int
	}{{"all", 600, 800}, {"intra-org", 75, 115}, {"claims-internal", 50, 80}, {"imitates-internal", 6, 6}, {"orphan", 30, 30}, {"simulation", 20, 40}, {"not junk", 35, 45}} {
		if n := counts[want.what]; n < want.low || n > want.high {
			t.Errorf("%d submissions of kind %s, want %d to %d", n, want.what, want.low, want.high)
		}
	}
}

// submissionCounts counts user submissions by what their mail is.
func submissionCounts(tn *tenant.Tenant) map[string]int {
	direction, from := map[string]string{}, map[string]string{}
	for _, r := range rowsOf(tn.Tables["EmailEvents"]) {
		direction[r.text("NetworkMessageId")], from[r.text("NetworkMessageId")] = r.text("EmailDirection"), r.text("SenderFromAddress")
	}
	counts := map[string]int{}
	for _, r := range rowsOf(tn.Tables["CloudAppEvents"]) {
		if !strings.HasSuffix(r.text("ActionType"), "Submission") {
			continue
		}
		counts["all"]++
		id := fmt.Sprint(r.raw()["ObjectId"])
		_, _, imitates := soar.Lookalike(soar.DomainOf(from[id]), tn.Settings.AcceptedDomains)
		switch {
		case r.text("ActionType") == "AttackSimUserSubmission":
			counts["simulation"]++
		case fmt.Sprint(r.raw()["SubmissionType"]) == "3":
			counts["not junk"]++
		case direction[id] == "":
			counts["orphan"]++
		case direction[id] == soar.DirectionIntraOrg:
			counts["intra-org"]++
		case tn.Settings.IsInternal(from[id]):
			counts["claims-internal"]++
		case imitates && r.text("ActionType") == "UserSubmission":
			counts["imitates-internal"]++
		}
	}
	return counts
}

func TestCountsOfLinksAndAttachmentsAgreeWithTheirTables(t *testing.T) {
	tn := tenant.New(tenant.Options{Seed: 2, Anchor: anchor(), Rows: 20_000})
	links, files := map[string]int{}, map[string]int{}
	for _, r := range rowsOf(tn.Tables["EmailUrlInfo"]) {
		links[r.text("NetworkMessageId")]++
	}
	for _, r := range rowsOf(tn.Tables["EmailAttachmentInfo"]) {
		files[r.text("NetworkMessageId")+r.text("RecipientEmailAddress")]++
	}
	for _, r := range rowsOf(tn.Tables["EmailEvents"]) {
		id := r.text("NetworkMessageId")
		if int64(links[id]) != r.number("UrlCount") || int64(files[id+r.text("RecipientEmailAddress")]) != r.number("AttachmentCount") {
			t.Fatalf("message %s: %d links and %d files for %d and %d", id, links[id], files[id], r.number("UrlCount"), r.number("AttachmentCount"))
		}
	}
}

func TestTheSettingsAreWhatTheLoaderAccepts(t *testing.T) {
	want := small(1, anchor()).Settings
	text, err := yaml.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "tenant.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := config.LoadTenant(file)
	if err != nil {
		t.Fatalf("load settings: %v", err)
	}
	tools := []string{"bash", "commvault", "datadog", "entra-id", "jira", "ldap", "okta", "powershell", "prometheus", "python", "servicenow", "splunk", "veeam", "veritas", "zendesk"}
	for _, tool := range tools {
		if len(got.Tools[tool]) == 0 {
			t.Errorf("no sender of %s", tool)
		}
	}
	if len(got.Tools) != len(tools) {
		t.Errorf("%d tools, want %d", len(got.Tools), len(tools))
	}
}

func TestAddressesOfTheDirectoryAreUniqueButForTheAmbiguousOne(t *testing.T) {
	owners := map[string][]string{}
	for _, u := range small(1, anchor()).Directory.Users {
		for _, p := range u.ProxyAddresses {
			_, address, _ := strings.Cut(strings.ToLower(p), ":")
			if !slices.Contains(owners[address], u.ID) {
				owners[address] = append(owners[address], u.ID)
			}
		}
	}
	for address, ids := range owners {
		if want := 1 + btoi(address == "info@contoso.com"); len(ids) != want {
			t.Errorf("%s belongs to %d objects, want %d", address, len(ids), want)
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		tenant.New(tenant.Options{Seed: 1, Anchor: anchor()})
	}
}
