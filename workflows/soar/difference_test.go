package soar_test

import (
	"strings"
	"testing"
	"time"

	"harrier/workflows/soar"
)

func outcome(rank int, sender, caseID string, v soar.Verdict, severity soar.Severity, rule string) soar.SenderOutcome {
	return soar.SenderOutcome{
		Rank: rank, Sender: sender, CaseID: caseID, Scope: soar.ScopeIntraOrg, Verdict: v, Severity: severity, Rule: rule, Reason: "because",
	}
}

func run(senders ...soar.SenderOutcome) soar.HuntResult {
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	return soar.HuntResult{Window: soar.NewWindow(day, day.AddDate(0, 0, 1)), Coverage: soar.CoverageComplete, Senders: senders}
}

func TestTheDifferenceOfTwoRunsNamesNewGoneAndChangedSenders(t *testing.T) {
	before := run(
		outcome(1, "a@contoso.com", "case-a", soar.VerdictTriage, soar.SeverityHigh, ""),
		outcome(2, "b@contoso.com", "case-b", soar.VerdictSuppressed, "", "backup-veeam"),
		outcome(3, "c@contoso.com", "case-c", soar.VerdictTriage, soar.SeverityLow, ""),
		outcome(4, "d@contoso.com", "case-d", soar.VerdictSuppressed, "", "backup-veeam"),
	)
	after := run(
		outcome(1, "new@contoso.com", "case-n", soar.VerdictTriage, soar.SeverityMedium, ""),
		outcome(2, "B@contoso.com", "case-b", soar.VerdictTriage, soar.SeverityHigh, "backup-veeam"),
		outcome(3, "c@contoso.com", "case-c", soar.VerdictTriage, soar.SeverityLow, ""),
		outcome(4, "d@contoso.com", "case-d", soar.VerdictSuppressed, "", "learned case-d/1"),
	)
	want := `compared with the last run, 2026-11-24T00:00:00Z to 2026-11-25T00:00:00Z: 1 new, 1 gone, 2 changed, 1 the same
  + "new@contoso.com"  MEDIUM: because
  ~ "B@contoso.com"  hidden by backup-veeam -> HIGH: because
  ~ "d@contoso.com"  hidden by backup-veeam -> hidden by learned case-d/1: because
  - "a@contoso.com"  was HIGH
`
	if got := soar.Compare(before, after).String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestARunDoesNotDifferFromItself(t *testing.T) {
	r := run(outcome(1, "a@contoso.com", "case-a", soar.VerdictTriage, soar.SeverityHigh, ""))
	d := soar.Compare(r, r)
	if !d.Empty() || d.Same != 1 || !strings.HasSuffix(d.String(), "the same 1 senders\n") {
		t.Errorf("difference %+v", d)
	}
}

func TestRunsThatNameNoCasesAreComparedByAddressScopeAndWorkspace(t *testing.T) {
	before := run(outcome(1, "A@Contoso.com ", "", soar.VerdictTriage, soar.SeverityLow, ""))
	after := run(outcome(1, "a@contoso.com", "case-a", soar.VerdictTriage, soar.SeverityLow, ""))
	if d := soar.Compare(before, after); !d.Empty() || d.Same != 1 {
		t.Errorf("difference %+v", d)
	}
	after.Senders[0].Scope = soar.ScopeClaimsInternal
	if d := soar.Compare(before, after); len(d.New) != 1 || len(d.Gone) != 1 {
		t.Errorf("another scope is another sender: %+v", d)
	}
	after.Senders[0].Scope, after.Senders[0].Workspace = soar.ScopeIntraOrg, "emea"
	if d := soar.Compare(before, after); len(d.New) != 1 || len(d.Gone) != 1 {
		t.Errorf("another workspace is another finding: %+v", d)
	}
}

func TestADifferenceToAnIncompleteRunSaysSo(t *testing.T) {
	before := run()
	before.Coverage = soar.CoveragePartial
	if text := soar.Compare(before, run()).String(); !strings.Contains(text, "may only not have been seen") {
		t.Error(text)
	}
}

func TestAnAddressCannotForgeALineOfTheDifference(t *testing.T) {
	after := run(outcome(1, "x@evil.test\n  - \"a@contoso.com\"  was HIGH", "case-x", soar.VerdictTriage, soar.SeverityLow, ""))
	if text := soar.Compare(run(), after).String(); strings.Count(text, "\n") != 2 {
		t.Errorf("forged:\n%s", text)
	}
}

func TestWhatIsMissingOfAWindowIsWhatWasNotHuntedCompletely(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	cover := func(from, to int, s soar.CoverageStatus) soar.Cover {
		return soar.Cover{Window: soar.NewWindow(day(from), day(to)), Status: s}
	}
	whole := soar.NewWindow(day(1), day(11))
	state := soar.CoverageState{}
	if got := state.Missing(whole); len(got) != 1 || got[0] != whole {
		t.Errorf("of nothing hunted %v is missing", got)
	}
	state = state.Apply(cover(2, 4, soar.CoverageComplete)).Apply(cover(4, 6, soar.CoveragePartial)).Apply(cover(6, 20, soar.CoverageComplete))
	got := state.Missing(whole)
	if len(got) != 2 || got[0] != soar.NewWindow(day(1), day(2)) || got[1] != soar.NewWindow(day(4), day(6)) {
		t.Errorf("missing %v", got)
	}
}

func TestAScheduleIsSaidInWords(t *testing.T) {
	for want, s := range map[string]soar.Schedule{
		"on demand":                   {Paused: true},
		"cron 0 6 * * * UTC":          {Cron: "0 6 * * *", TimeZone: "UTC"},
		"cron 0 6 * * * UTC (paused)": {Cron: "0 6 * * *", TimeZone: "UTC", Paused: true},
		"every 15m":                   {Interval: soar.Duration(15 * time.Minute)},
		"every 24h":                   {Interval: soar.Duration(24 * time.Hour)},
		"every 1h30m":                 {Interval: soar.Duration(90 * time.Minute)},
		"every 1m30s":                 {Interval: soar.Duration(90 * time.Second)},
	} {
		if got := s.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
