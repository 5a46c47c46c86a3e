package e2e_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/activities/slack/slacktest"
	"harrier/worker/sandbox/stack"
	"harrier/workflows/soar"
)

// summaryOf is the summary of one run in the triage channel.
func (w *world) summaryOf(ctx context.Context, t *testing.T, r soar.HuntResult) slacktest.Message {
	t.Helper()
	m, err := w.Slack.ExpectMessage(ctx, stack.TriageChannel, func(m slacktest.Message) bool {
		return m.Metadata != nil && m.Metadata.EventType == "harrier_summary" && m.Metadata.EventPayload["run_id"] == r.RunID
	})
	if err != nil {
		t.Fatalf("summary of %s: %v", r.RunID, err)
	}
	return m
}

// notices are the messages of the operations channel by key.
func (w *world) notices() map[string]int {
	out := map[string]int{}
	for _, m := range w.Slack.All(stack.OperationsChannel) {
		if m.Metadata != nil && m.Metadata.EventType == "harrier_notice" {
			key, _ := m.Metadata.EventPayload["key"].(string)
			out[key]++
		}
	}
	return out
}

// covered says that a window was hunted completely.
func (w *world) covered(ctx context.Context, t *testing.T, slug string, window soar.Window) bool {
	t.Helper()
	state, err := w.Coverage(ctx, slug)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range state.Intervals {
		if c.Status == soar.CoverageComplete && !c.Window.From.After(window.From) && !c.Window.To.Before(window.To) {
			return true
		}
	}
	return false
}

func TestAHuntWithoutItsTableHasNotRunSaysSoOnceADayAndIsMadeUpFor(t *testing.T) {
	ctx, w := harrier(t)
	mend := w.LogAnalytics.Fail(loganalyticstest.Fault{MissingTable: "CloudAppEvents"})
	defer mend()
	var missed []soar.HuntResult
	for range 2 {
		r, err := w.TriggerHunt(ctx, ours)
		if err != nil {
			t.Fatal(err)
		}
		if r.Coverage != soar.CoverageNotRun || len(r.Senders) != 0 || !strings.Contains(r.Reason, "CloudAppEvents") {
			t.Fatalf("without its table: %s %q, %d senders", r.Coverage, r.Reason, len(r.Senders))
		}
		missed = append(missed, r)
		summary := w.summaryOf(ctx, t, r)
		if !summary.Contains("Not run") || !summary.Contains("CloudAppEvents") {
			t.Errorf("the summary does not say that it was not run: %q", summary.Content())
		}
		for _, clean := range []string{"Complete", "0 senders", "0 hidden", "no findings"} {
			if summary.Contains(clean) {
				t.Errorf("the summary of a run that was not run says %q: %q", clean, summary.Content())
			}
		}
	}
	told := 0
	for key, n := range w.notices() {
		if strings.HasPrefix(key, string(soar.CoverageNotRun)+":"+ours+":") {
			if told++; n != 1 {
				t.Errorf("notice %q stands %d times", key, n)
			}
		}
	}
	if told == 0 {
		t.Errorf("the operations channel was not told; its notices are %v", w.notices())
	}
	if w.covered(ctx, t, ours, missed[0].Window) {
		t.Errorf("%s counts as hunted", missed[0].Window)
	}
	mend()
	r, err := w.TriggerHunt(ctx, ours)
	if err != nil {
		t.Fatal(err)
	}
	if r.Coverage != soar.CoverageComplete || !r.Window.From.Equal(missed[0].Window.From) || !w.covered(ctx, t, ours, missed[1].Window) {
		t.Errorf("with the table back: %s over %s, %q; missed were %s and %s", r.Coverage, r.Window, r.Reason, missed[0].Window, missed[1].Window)
	}
}

func TestAWorkspaceThatLostItsTableIsNotCleanEither(t *testing.T) {
	ctx, w := harrier(t)
	whole := w.LogAnalytics.Workspace(stack.WorkspaceID)
	lost := maps.Clone(whole)
	delete(lost, "CloudAppEvents")
	w.LogAnalytics.SetWorkspace(stack.WorkspaceID, lost)
	t.Cleanup(func() { w.LogAnalytics.SetWorkspace(stack.WorkspaceID, whole) })
	window := w.told.run(t, published).Window
	for _, slug := range []string{ours, published} {
		r, err := w.Hunt(ctx, soar.HuntInput{Hunt: slug, Window: &window, DryRun: true})
		if err != nil {
			t.Fatal(err)
		}
		if r.Coverage != soar.CoverageNotRun || !strings.Contains(r.Reason, "CloudAppEvents") {
			t.Errorf("%s: %s %q", slug, r.Coverage, r.Reason)
		}
	}
}

func TestAPartialResultMarksSummaryAndCardAndLeavesItsWindowOpen(t *testing.T) {
	ctx, w := harrier(t)
	at := w.Tenant.Anchor.AddDate(0, 0, -8) // before the first window, so nobody hunted it
	sender := w.newSender(t, 0)
	bag := w.newMailbag()
	bag.send(t, letter{like: w.messageOf(t, "shared-mailbox"), id: "9a271a10-0000-4000-8000-000000000001", at: at, from: sender})
	bag.deliver(t)
	window := around(at)
	mend := w.LogAnalytics.Fail(loganalyticstest.Fault{Match: "let CloudAppEvents = CloudAppEvents", Partial: "the result was cut at its limit"})
	defer mend()
	r, err := w.Hunt(ctx, soar.HuntInput{Hunt: published, Window: &window})
	if err != nil {
		t.Fatal(err)
	}
	if r.Coverage != soar.CoveragePartial || !strings.Contains(r.Reason, "cut at its limit") || len(r.Senders) == 0 {
		t.Fatalf("a partial result: %s %q, %d senders", r.Coverage, r.Reason, len(r.Senders))
	}
	if summary := w.summaryOf(ctx, t, r); !summary.Contains("Partial") || summary.Contains("Complete.") {
		t.Errorf("the summary is not marked partial: %q", summary.Content())
	}
	card, err := w.ExpectCard(ctx, caseOf(t, r, sender.Mail))
	if err != nil {
		t.Fatal(err)
	}
	if !card.Contains("Partial run") {
		t.Errorf("the card is not marked partial: %q", card.Content())
	}
	if w.covered(ctx, t, published, window) {
		t.Error("the window counts as hunted")
	}
	mend()
	r, err = w.Hunt(ctx, soar.HuntInput{Hunt: published, Window: &window})
	if err != nil || r.Coverage != soar.CoverageComplete {
		t.Fatalf("the whole result: %s %q, %v", r.Coverage, r.Reason, err)
	}
	if !w.covered(ctx, t, published, window) {
		state, err := w.Coverage(ctx, published)
		t.Errorf("after a whole result %s does not count as hunted: %+v, %v", window, state, err)
	}
}

// caseOf is the case a run names for a sender.
func caseOf(t *testing.T, r soar.HuntResult, sender string) soar.CaseRef {
	t.Helper()
	for _, o := range r.Senders {
		if soar.FoldASCII(o.Sender) == soar.FoldASCII(sender) {
			ref, err := soar.ParseCaseRef(o.Case)
			if err != nil {
				t.Fatalf("%s: %s, %v", sender, o.Verdict, err)
			}
			return ref
		}
	}
	t.Fatalf("no finding of %s", sender)
	return soar.CaseRef{}
}
