package soar_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"harrier/workflows/soar"
)

var digestDay = soar.NewWindow(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))

func hid(sender, rule string, reports, newRecipients int, hosts ...string) soar.SenderOutcome {
	return soar.SenderOutcome{
		Sender: sender, CaseID: soar.CaseID(sender), Verdict: soar.VerdictSuppressed, Rule: rule, Counts: soar.Counts{Phish: reports},
		NewRecipients: newRecipients, URLHosts: hosts,
	}
}

func TestADigestCountsWhatRulesHidAndGuardsHeldOfRealRunsAlone(t *testing.T) {
	runs := []soar.HuntResult{
		{Slug: "a", Coverage: soar.CoverageComplete, Senders: []soar.SenderOutcome{
			hid("backup@contoso.com", "backup-veeam", 2, 0), hid("b2@contoso.com", "backup-veeam", 1, 0),
			{Sender: "splunk@contoso.com", Verdict: soar.VerdictTriage, Rule: "monitoring-splunk", Guards: []soar.Guard{soar.GuardVolume}},
			{Sender: "j@contoso.com", Verdict: soar.VerdictTriage},
		}},
		{Slug: "b", Coverage: soar.CoverageNotRun, Reason: "table EmailEvents is missing", Window: digestDay},
		{Slug: "a", DryRun: true, Senders: []soar.SenderOutcome{hid("x@contoso.com", "backup-veeam", 9, 0)}},
	}
	d := soar.BuildDigest(soar.DigestRequest{Window: digestDay}, runs, nil, nil)
	if d.Runs != 2 || len(d.NotRun) != 1 {
		t.Fatalf("%d runs, not run %v", d.Runs, d.NotRun)
	}
	if want := []soar.Hidden{{Rule: "backup-veeam", Findings: 2, Reports: 3}}; !slices.Equal(d.Hidden, want) {
		t.Fatalf("hidden %+v", d.Hidden)
	}
	if len(d.Held) != 1 || d.Held[0].Rule != "monitoring-splunk" || d.Held[0].Findings != 1 {
		t.Fatalf("held %+v", d.Held)
	}
}

func TestASampleDrawsEachSenderOnceTheSameAgainAndLeansToNewRecipientsAndLinks(t *testing.T) {
	var senders []soar.SenderOutcome
	for n := range 40 {
		senders = append(senders, hid(fmt.Sprintf("plain%02d@contoso.com", n), "r", 1, 0))
	}
	senders = append(senders, hid("new@contoso.com", "r", 1, 3, "evil.example"), hid("new@contoso.com", "r", 1, 3, "evil.example"))
	runs := []soar.HuntResult{{Slug: "a", Coverage: soar.CoverageComplete, Senders: senders}}
	drawn, plain := 0, 0
	const days = 400
	for day := range days {
		w := soar.NewWindow(digestDay.From.AddDate(0, 0, day), digestDay.To.AddDate(0, 0, day))
		sample := soar.BuildDigest(soar.DigestRequest{Window: w}, runs, nil, nil).Sample
		again := soar.BuildDigest(soar.DigestRequest{Window: w}, runs, nil, nil).Sample
		if len(sample) != soar.SampleSize || fmt.Sprint(sample) != fmt.Sprint(again) {
			t.Fatalf("sample %v, again %v", sample, again)
		}
		seen := map[string]bool{}
		for _, s := range sample {
			if seen[s.CaseID] {
				t.Fatalf("%s is drawn twice", s.Sender)
			}
			seen[s.CaseID] = true
			switch s.Sender {
			case "new@contoso.com":
				drawn++
			case "plain07@contoso.com":
				plain++
			}
		}
	}
	// By chance alone each of 41 would be drawn 49 times in 400 days.
	if drawn < 3*plain || plain == 0 {
		t.Fatalf("new recipients and a link were drawn %d times, a plain sender %d", drawn, plain)
	}
}

func TestWhatEndsSoonSaysWhatItHidAndHeldInTheMonth(t *testing.T) {
	month := []soar.HuntResult{{Coverage: soar.CoverageComplete, Senders: []soar.SenderOutcome{
		hid("a@contoso.com", "backup-veeam", 1, 0), hid("b@contoso.com", "learned case-1/2", 1, 0),
		{Verdict: soar.VerdictTriage, Rule: "backup-veeam", Guards: []soar.Guard{soar.GuardIP}},
	}}}
	in := soar.DigestRequest{Window: digestDay, Expiring: []soar.Expiring{{Rule: "backup-veeam"}, {Case: soar.CaseRef{ID: "case-1", Number: 2}}}}
	d := soar.BuildDigest(in, nil, month, nil)
	if d.Expiring[0].Hits != 1 || d.Expiring[0].Held != 1 || d.Expiring[1].Hits != 1 {
		t.Fatalf("expiring %+v", d.Expiring)
	}
}

func TestOpenCasesComeMostSevereFirstAndUnreviewedApart(t *testing.T) {
	listed := []soar.ListedCase{
		{Sender: "low", Severity: soar.SeverityLow, State: soar.CaseOpen}, {Sender: "old", Severity: soar.SeverityLow, State: soar.CaseUnreviewed},
		{Sender: "later", Severity: soar.SeverityHigh, State: soar.CaseOpen, Deadline: digestDay.To.Add(time.Hour)},
		{Sender: "soon", Severity: soar.SeverityHigh, State: soar.CaseOpen, Deadline: digestDay.To},
	}
	d := soar.BuildDigest(soar.DigestRequest{Window: digestDay}, nil, nil, listed)
	if len(d.Open) != 3 || d.Open[0].Sender != "soon" || d.Open[2].Sender != "low" || len(d.Unreviewed) != 1 {
		t.Fatalf("open %+v, unreviewed %+v", d.Open, d.Unreviewed)
	}
}
