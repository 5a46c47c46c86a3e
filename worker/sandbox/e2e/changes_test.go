package e2e_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/activities/slack/slacktest"
	"harrier/worker/sandbox/stack"
	"harrier/workflows/soar"
)

// changed changes a case and fails the test if the case refuses.
func (w *world) changed(ctx context.Context, t *testing.T, ref soar.CaseRef, kind soar.ChangeKind, by string, lasting time.Duration) soar.Decided {
	t.Helper()
	out, err := w.Change(ctx, soar.Change{
		Case: ref, Kind: kind, By: soar.Actor{ID: by}, Reason: "seen again", For: soar.Duration(lasting), Click: string(kind) + "-" + ref.String() + "-" + by,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// changes is a case to which most of what there is was done.
func (w *world) changes(ctx context.Context, t *testing.T) execution {
	t.Helper()
	ref, card := w.newAutomation(ctx, t, 5)
	w.changed(ctx, t, ref, soar.ChangeSnooze, stack.Analyst, 30*time.Minute)
	w.changed(ctx, t, ref, soar.ChangeWake, stack.SecondAnalyst, 0)
	w.propose(ctx, t, ref, card)
	w.changed(ctx, t, ref, soar.ChangeConfirm, stack.SecondAnalyst, 0)
	w.changed(ctx, t, ref, soar.ChangeUndo, stack.Analyst, 0)
	if err := w.Approve(ctx, stack.Analyst, card, "A weekly mail of its owner", "7d"); err != nil {
		t.Fatal(err)
	}
	w.changed(ctx, t, ref, soar.ChangeReopen, stack.SecondAnalyst, 0)
	return execution{"triage-changed", ref.ID, ""}
}

// propose approves for longer than one person alone may.
func (w *world) propose(ctx context.Context, t *testing.T, ref soar.CaseRef, card slacktest.Message) {
	t.Helper()
	form, err := w.OpenApprove(ctx, stack.Analyst, card)
	if err == nil {
		err = w.SubmitApprove(ctx, stack.Analyst, form, "A weekly mail of its owner", "90d")
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.AwaitCase(ctx, ref.ID, func(v soar.CaseView) bool { return v.Case.Proposal != nil }); err != nil {
		t.Fatal(err)
	}
}

// aroundTheCases are runs of the workflows that are neither hunts nor cases.
func (w *world) aroundTheCases(ctx context.Context, t *testing.T) []execution {
	t.Helper()
	_, watch, err := stack.Run[soar.WatchResult](ctx, w.Stack, soar.WatchWorkflow, "watch-by-hand", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, digest, err := stack.Run[soar.Digest](ctx, w.Stack, soar.DigestWorkflow, "digest-by-hand", soar.DigestInput{})
	if err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(2 * time.Second).Truncate(time.Second)
	in := soar.PauseInput{Slug: published, Until: until, By: soar.Actor{ID: stack.Analyst}, Reason: "a change of the source", Channel: stack.OperationsChannel}
	resumed, pause, err := stack.Run[soar.Resumed](ctx, w.Stack, soar.PauseWorkflow, soar.PauseID(published), in)
	if err != nil || !resumed.Resumed {
		t.Fatalf("pause: %+v, %v", resumed, err)
	}
	return []execution{{"watch", watch.GetID(), watch.GetRunID()}, {"digest", digest.GetID(), digest.GetRunID()}, {"pause", pause.GetID(), pause.GetRunID()}}
}

func TestADigestSaysWhatTheDayHidAndASuppressionSaidToBeWrongOpensACase(t *testing.T) {
	ctx, w := harrier(t)
	now := time.Now()
	digest, _, err := stack.Run[soar.Digest](ctx, w.Stack, soar.DigestWorkflow, "digest-wrong", soar.DigestInput{Window: soar.NewWindow(now.Add(-time.Hour), now.Add(time.Minute))})
	if err != nil {
		t.Fatal(err)
	}
	if len(digest.Hidden) == 0 || len(digest.Sample) == 0 || digest.Runs == 0 {
		t.Fatalf("digest %+v", digest)
	}
	message, err := w.Slack.ExpectMessage(ctx, stack.TriageChannel, func(m slacktest.Message) bool {
		return m.Metadata != nil && m.Metadata.EventType == "harrier_digest" && m.Metadata.EventPayload["window"] == digest.Window.String()
	})
	if err != nil {
		t.Fatal(err)
	}
	sample := digest.Sample[0]
	if !message.Contains(sample.Rule) || !message.Contains("This was wrong") {
		t.Errorf("the digest does not show its sample: %q", message.Content())
	}
	in := soar.HuntInput{Hunt: sample.Hunt, Window: &sample.Window, Wrong: &soar.Wrong{
		CaseID: sample.CaseID, Rule: sample.Rule, By: soar.Actor{ID: stack.Analyst}, Reason: "we do not know this mail", At: now,
	}}
	cards := w.cardPosts()
	result, err := w.Hunt(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	view, err := w.Case(ctx, sample.CaseID)
	if err != nil || view.Case.State != soar.CaseOpen {
		t.Fatalf("case %s is %q, %v; sampled %+v, of %s %s: %+v", sample.CaseID, view.Case.State, err, sample, result.Coverage, result.Reason, result.Senders)
	}
	card, err := w.ExpectCard(ctx, view.Case.Ref)
	if err != nil || !strings.Contains(card.Content(), string(soar.GuardDistrusted)) {
		t.Errorf("the card does not say what holds it: %v %q", err, card.Content())
	}
	if n := w.cardPosts() - cards; n != 1 || result.Coverage != soar.CoverageComplete {
		t.Errorf("%d cards were posted, want the one; %s %s", n, result.Coverage, result.Reason)
	}
}

func TestACaseThatIsTerminatedLosesItsButtons(t *testing.T) {
	ctx, w := harrier(t)
	ref, card := w.newAutomation(ctx, t, 6)
	if err := w.Temporal.TerminateWorkflow(ctx, ref.ID, "", "an operator's hand"); err != nil {
		t.Fatal(err)
	}
	// A listing shows what has ended some moments later.
	for range 20 {
		out, _, err := stack.Run[soar.WatchResult](ctx, w.Stack, soar.WatchWorkflow, "watch-orphans", nil)
		if err != nil {
			t.Fatal(err)
		}
		if out.Orphans > 0 {
			break
		}
		select {
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
	now, err := w.Slack.ExpectUpdate(ctx, card.Channel, card.TS, func(m slacktest.Message) bool {
		return !slices.ContainsFunc(m.Buttons(), func(b slacktest.Button) bool { return b.ActionID == "escalate" })
	})
	if err != nil {
		t.Fatalf("%v; it shows %q", err, now.Content())
	}
}
