package slack_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/workflows/soar"
)

func digest() soar.Digest {
	listed := func(n int, s soar.Severity, state soar.CaseState, deadline time.Time) soar.ListedCase {
		return soar.ListedCase{
			Ref: soar.CaseRef{ID: fmt.Sprintf("case-%020d", n), Number: 1}, Severity: s, State: state, Deadline: deadline,
			Headline: "Forged backup report", Sender: "backup@contoso.com", Phish: 3, Guards: []soar.Guard{soar.GuardAuthentication, soar.GuardPath, soar.GuardIP},
		}
	}
	window := soar.NewWindow(now.AddDate(0, 0, -1), now)
	return soar.Digest{
		Window: window, Channel: triage, Runs: 31, NotRun: []string{"lookalike-senders: table EmailUrlInfo is missing; enable its connector"},
		Hidden: []soar.Hidden{{Rule: "backup-veeam", Findings: 12, Reports: 30}, {Rule: "learned case-0123456789abcdef0123/1", Findings: 2, Reports: 2}},
		Held:   []soar.HeldBy{{Rule: "monitoring-splunk", Guards: []soar.Guard{soar.GuardVolume}, Findings: 2}},
		Open: []soar.ListedCase{
			listed(1, soar.SeverityMedium, soar.CaseOpen, now.Add(5*time.Hour)), listed(2, soar.SeverityHigh, soar.CaseOpen, now.Add(40*time.Minute)),
		},
		Unreviewed: []soar.ListedCase{listed(3, soar.SeverityLow, soar.CaseUnreviewed, now.Add(-2*time.Hour))},
		Sample: []soar.Sampled{
			{
				Hunt: "user-submissions", Window: window, CaseID: "case-00000000000000000007", Sender: "backup@contoso.com", Rule: "backup-veeam",
				Subject: "[Success] SQL-Daily (12 objects)", Reports: 2, NewRecipients: 1, URLHosts: []string{"veeam.contoso.com"},
			},
			{Hunt: "user-submissions", Window: window, CaseID: "case-00000000000000000008", Sender: "splunk@contoso.com", Rule: "learned case-0123456789abcdef0123/1", Reports: 1},
		},
		Expiring: []soar.Expiring{
			{Rule: "health-report-bash", Owner: "mail-team", Until: now.AddDate(0, 0, 2), Hits: 9, Held: 1},
			{Case: soar.CaseRef{ID: "case-00000000000000000009", Number: 2}, Sender: "okta@contoso.com", Owner: "U0ANALYST", Until: now.AddDate(0, 0, 1)},
		},
	}
}

func digestOf(d soar.Digest, o slack.Options) posted {
	blocks, text := slack.DigestBlocks(d, o)
	return posted{text, blocks}
}

func TestADigestReadsAsWhoeverTakesOverNeedsIt(t *testing.T) {
	quiet := soar.Digest{Window: digest().Window, Channel: triage, Runs: 31}
	for name, d := range map[string]soar.Digest{"digest": digest(), "digest_quiet": quiet, "digest_many": manyDigest()} {
		got := digestOf(d, options)
		checkMessage(t, got.Blocks, got.Text)
		golden(t, name, wire(t, got))
	}
}

func manyDigest() soar.Digest {
	d := digest()
	for n := range 60 {
		d.NotRun = append(d.NotRun, fmt.Sprintf("hunt-%d: no permission", n))
		d.Open = append(d.Open, d.Open[n%2])
		d.Unreviewed = append(d.Unreviewed, d.Unreviewed[0])
		d.Sample = append(d.Sample, d.Sample[n%2])
		d.Expiring = append(d.Expiring, d.Expiring[n%2])
		d.Held = append(d.Held, d.Held[0])
	}
	return d
}

func TestADigestWithMoreThanFitsCountsTheRestOfEveryList(t *testing.T) {
	got := wire(t, digestOf(manyDigest(), options))
	for _, want := range []string{"• 56 more", "54 more cases", "53 more cases", "54 more were drawn", "56 more end soon", "53 more."} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
}

func accessories(p posted) (out []slackapi.ButtonBlockElement) {
	for _, b := range p.Blocks {
		if s, ok := b.(*slackapi.SectionBlock); ok && s.Accessory != nil {
			out = append(out, *s.Accessory.ButtonElement)
		}
	}
	return out
}

func TestADigestsButtonsSayWhatTheyAreOf(t *testing.T) {
	d := digest()
	for _, b := range accessories(digestOf(d, options)) {
		switch b.ActionID {
		case slack.ActionWrong:
			ref, err := slack.ParseWrongRef(b.Value)
			if err != nil || ref.Window != d.Window || ref.Hunt != "user-submissions" || !strings.HasPrefix(ref.CaseID, "case-0000000000000000000") || ref.Rule == "" {
				t.Errorf("%q is read as %+v, error %v", b.Value, ref, err)
			}
		case slack.ActionExtend:
			ref, err := slack.ParseExtendRef(b.Value)
			if err != nil || (ref.Rule == "") == (ref.Case.ID == "") || ref.Until.IsZero() {
				t.Errorf("%q is read as %+v, error %v", b.Value, ref, err)
			}
		case slack.ActionEvidence, slack.ActionShow:
			if _, err := soar.ParseCaseRef(b.Value); err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("button %s", b.ActionID)
		}
	}
	if n := len(accessories(digestOf(d, options))); n != 7 {
		t.Errorf("%d buttons, want 7", n)
	}
}

func TestADigestHidesSubjectsWhereTheyAreHidden(t *testing.T) {
	got := wire(t, digestOf(digest(), masking()))
	if strings.Contains(got, "SQL-Daily") || !strings.Contains(got, hiddenSubject) || !strings.Contains(got, "(no subject)") {
		t.Errorf("digest is %s", got)
	}
}

func TestADigestIsPostedOnceAWindowWhoeverAsks(t *testing.T) {
	b := newBench(t, nil)
	first, err := b.client.PostDigest(t.Context(), digest())
	if err != nil {
		t.Fatal(err)
	}
	b.clock.move(time.Hour)
	again, err := b.client.PostDigest(t.Context(), digest())
	if all := b.fake.All(triage); err != nil || len(all) != 1 || again != first || all[0].Metadata.EventType != "harrier_digest" {
		t.Errorf("%d digests, %+v and %+v, error %v", len(all), first, again, err)
	}
	next := digest()
	next.Window = soar.NewWindow(now, now.AddDate(0, 0, 1))
	b.clock.move(24 * time.Hour)
	if card, err := b.client.PostDigest(t.Context(), next); err != nil || card.TS == first.TS {
		t.Errorf("the next day's digest is %+v, error %v", card, err)
	}
}

func TestADigestWhoseAnswerWasLostIsFoundAgain(t *testing.T) {
	b := newBench(t, nil)
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", AcceptThenCut: true})
	if _, err := b.client.PostDigest(t.Context(), digest()); err == nil {
		t.Fatal("no error for a lost answer")
	}
	b.clock.move(time.Minute)
	card, err := b.client.PostDigest(t.Context(), digest())
	if all := b.fake.All(triage); err != nil || len(all) != 1 || card.TS != all[0].TS {
		t.Errorf("%d digests, error %v", len(all), err)
	}
}
