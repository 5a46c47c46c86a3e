package e2e_test

import (
	"cmp"
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/activities/loganalytics"
	"harrier/activities/loganalytics/kql"
	"harrier/config"
	"harrier/worker/sandbox/stack"
	"harrier/worker/sandbox/tenant"
	"harrier/workflows/soar"
)

// lastLine is the published query's own cut.
const lastLine = "| top 10 by UserSubmissions desc"

const queryTop = 10

// publishedHunt is the shipped file with its shipped settings.
func publishedHunt(t *testing.T) soar.Hunt {
	t.Helper()
	root, err := stack.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := config.LoadHunts(filepath.Join(root, "config", "hunts"), filepath.Join(root, "config", "hunts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range loaded.Hunts {
		if h.Slug == published {
			return h
		}
	}
	t.Fatalf("no hunt %s is shipped", published)
	return soar.Hunt{}
}

// windows are a week, odd hours, a day before there was any mail, and the last days.
func windows(anchor time.Time) []soar.Window {
	out := []soar.Window{
		soar.NewWindow(anchor.AddDate(0, 0, -7), anchor.Add(-10*time.Minute)),
		soar.NewWindow(anchor.Add(-61*time.Hour), anchor.Add(-5*time.Hour-13*time.Minute)),
		soar.NewWindow(anchor.AddDate(0, 0, -40), anchor.AddDate(0, 0, -39)),
	}
	for day := range 4 {
		to := anchor.AddDate(0, 0, -day)
		out = append(out, soar.NewWindow(to.AddDate(0, 0, -1), to))
	}
	return out
}

// skew is how far behind a window's end the adapter still lets a query see mail,
// so that a window gives the same rows whenever it is run.
const skew = time.Hour

// asSeenIn leaves out the mail that a run of the window cannot see: processed
// again after its end.
func asSeenIn(w soar.Window, tn *tenant.Tenant) *tenant.Tenant {
	mail := tableOf(tn.Tables["EmailEvents"])
	kept := &kql.Table{Name: mail.Name, Columns: mail.Columns}
	for i, row := range mail.Rows {
		if row[mail.at["TimeGenerated"]].(time.Time).Before(w.To.Add(skew)) {
			kept.Rows, kept.Ingested = append(kept.Rows, row), append(kept.Ingested, mail.Ingested[i])
		}
	}
	tables := maps.Clone(tn.Tables)
	tables["EmailEvents"] = kept
	return &tenant.Tenant{Tables: tables}
}

// evaluate runs a query as the service would, over what the adapter lets it see.
func evaluate(t *testing.T, tn *tenant.Tenant, h soar.Hunt, w soar.Window) []tenant.PublishedRow {
	t.Helper()
	query, err := loganalytics.Compose(h, w, loganalytics.Parameters{})
	if err != nil {
		t.Fatal(err)
	}
	options := kql.Options{Now: tn.Anchor, From: w.From.Add(-h.Settings.Lookback.Std() - time.Hour), To: w.To.Add(skew)}
	result, err := kql.Run(t.Context(), tn.Tables, query, options)
	if err != nil {
		t.Fatal(err)
	}
	out := []tenant.PublishedRow{}
	for _, r := range result.Rows {
		out = append(out, tenant.PublishedRow{Sender: r[0].(string), Count: int(r[1].(int64))})
	}
	return out
}

// inOrder sorts by count downwards and then by address, since the query has no tie-break.
func inOrder(rows []tenant.PublishedRow) []tenant.PublishedRow {
	out := slices.Clone(rows)
	slices.SortFunc(out, func(a, b tenant.PublishedRow) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Sender, b.Sender))
	})
	return out
}

// isTopOf says that cut is the first ten of all, whichever of those that tie at
// the cut it took.
func isTopOf(cut, all []tenant.PublishedRow) bool {
	want := all[:min(len(all), queryTop)]
	if len(cut) != len(want) {
		return false
	}
	left := slices.Clone(all)
	for i, r := range inOrder(cut) {
		at := slices.Index(left, r)
		if at < 0 || r.Count != want[i].Count {
			return false
		}
		left = slices.Delete(left, at, at+1)
	}
	return true
}

func TestThePublishedQueryGivesWhatItsPlainReadingGivesRowForRow(t *testing.T) {
	h := publishedHunt(t)
	whole := h
	whole.Query = strings.TrimSuffix(strings.TrimSpace(h.Query), lastLine)
	if whole.Query == h.Query || !strings.HasSuffix(strings.TrimSpace(h.Query), lastLine) {
		t.Fatalf("the query does not end in %q", lastLine)
	}
	compared, repeated := 0, 0
	for seed := range uint64(3) {
		anchor := time.Date(2026, 11, 24, 9, 17, 0, 0, time.UTC).Add(time.Duration(seed) * 53 * time.Hour)
		tn := tenant.New(tenant.Options{Seed: seed + 1, Anchor: anchor, Rows: 2_000, Mailboxes: 500})
		for _, w := range windows(anchor) {
			want := tenant.PublishedHunt(asSeenIn(w, tn), w)
			if got := inOrder(evaluate(t, tn, whole, w)); !slices.Equal(got, want) {
				t.Errorf("seed %d, %s: all rows are\n%v\nwant\n%v", seed, w, got, want)
			}
			if got := evaluate(t, tn, h, w); !isTopOf(got, want) {
				t.Errorf("seed %d, %s: the ten rows are\n%v\nnot the top of\n%v", seed, w, got, want)
			}
			compared += len(want)
			repeated += countOf(want, "priya.nair@contoso.com") / 2
		}
	}
	if compared < 100 {
		t.Errorf("only %d rows were compared", compared)
	}
	// One report of a mail with two rows: the join without a kind counts both.
	if repeated == 0 {
		t.Error("no window had the mail that was processed again, so nothing shows what the join keeps")
	}
}

func countOf(rows []tenant.PublishedRow, sender string) int {
	for _, r := range rows {
		if r.Sender == sender {
			return r.Count
		}
	}
	return 0
}

func TestTheWorkerRunsThePublishedHuntToTheSameRows(t *testing.T) {
	ctx, w := harrier(t)
	visible := w.visibleSenders()
	for _, window := range windows(w.Tenant.Anchor) {
		result := w.dryRun(ctx, t, published, window)
		var got []tenant.PublishedRow
		for _, o := range result.Senders {
			got = append(got, tenant.PublishedRow{Sender: o.Sender, Count: o.Counts.Submissions})
		}
		all := tenant.PublishedHunt(asSeenIn(window, w.Tenant), window)
		for i, r := range all {
			all[i].Sender = cmp.Or(visible[r.Sender], r.Sender)
		}
		if !isTopOf(got, inOrder(all)) {
			t.Errorf("%s: the run has\n%v\nnot the top of\n%v", window, inOrder(got), inOrder(all))
		}
		if full := len(all) >= queryTop; result.Totals.QueryTopFull != full {
			t.Errorf("%s: query's top full: %t, want %t", window, result.Totals.QueryTopFull, full)
		}
	}
}

// dryRun hunts a window and changes nothing.
func (w *world) dryRun(ctx context.Context, t *testing.T, slug string, window soar.Window) soar.HuntResult {
	t.Helper()
	result, err := w.Hunt(ctx, soar.HuntInput{Hunt: slug, Window: &window, DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	if result.Coverage != soar.CoverageComplete {
		t.Fatalf("dry run of %s over %s: %s: %s", slug, window, result.Coverage, result.Reason)
	}
	return result
}

// visibleSenders are the From of each envelope sender, where there is only one:
// what a result shows instead of the envelope.
func (w *world) visibleSenders() map[string]string {
	mail := tableOf(w.Tenant.Tables["EmailEvents"])
	out := map[string]string{}
	for i := range mail.Rows {
		if mail.text(i, "EmailDirection") != soar.DirectionIntraOrg {
			continue
		}
		p1, p2 := mail.text(i, "SenderMailFromAddress"), soar.FoldASCII(mail.text(i, "SenderFromAddress"))
		if known, there := out[p1]; there && known != p2 {
			p2 = ""
		}
		out[p1] = p2
	}
	return out
}
