package interactions_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

func TestEscalateDecidesAtOnce(t *testing.T) {
	b := newBench(t, setup{})
	b.click(analyst, slack.ActionEscalate)
	b.drain()
	got := b.cases.decisions()
	if len(got) != 1 || got[0].Decision != soar.Escalate || got[0].By.ID != analyst || got[0].Case != ref || got[0].Click == "" {
		t.Fatalf("decisions are %+v", got)
	}
	if notes := b.fake.Ephemerals(analyst); len(notes) != 0 {
		t.Errorf("a quick decision needs no note, there is %q", notes[0].Text)
	}
}

func TestApproveAsksForAReasonAndDecides(t *testing.T) {
	b := newBench(t, setup{})
	b.click(analyst, slack.ActionApprove)
	form := b.expectView(analyst, "Why is this benign?")
	result, err := b.fake.SubmitView(t.Context(), analyst, form.ID, map[string]any{"reason": "known disk alert", "remember": "7d"})
	if err != nil || !result.Closed {
		t.Fatalf("submission %+v, error %v", result, err)
	}
	b.drain()
	got := b.cases.decisions()
	if len(got) != 1 || got[0].Decision != soar.Approve || got[0].Reason != "known disk alert" || got[0].Remember.Std() != 7*24*time.Hour || got[0].By.ID != analyst {
		t.Errorf("decisions are %+v", got)
	}
}

func TestAnApprovalWithoutAReasonShowsItsProblemAtTheField(t *testing.T) {
	b := newBench(t, setup{})
	b.click(analyst, slack.ActionApprove)
	form := b.expectView(analyst, "Why is this benign?")
	result, err := b.fake.SubmitView(t.Context(), analyst, form.ID, map[string]any{"reason": "   "})
	if err != nil || result.Errors[slack.BlockReason] == "" || result.Closed {
		t.Fatalf("submission %+v, error %v", result, err)
	}
	b.drain()
	if len(b.cases.decisions()) != 0 {
		t.Error("an empty reason decided")
	}
}

func TestEvidenceIsShown(t *testing.T) {
	b := newBench(t, setup{})
	b.click(member, slack.ActionEvidence)
	b.expectView(member, "Its own past")
}

func TestAListedCaseIsShownInTheSummarysThread(t *testing.T) {
	b := newBench(t, setup{})
	b.cases.set(func(v *soar.CaseView) { v.Case.Card = soar.Card{} })
	s := soar.Summary{HuntName: "h", Listed: []soar.ListedCase{{Ref: ref, Severity: soar.SeverityLow, Headline: "x", Sender: "s@contoso.com"}}}
	blocks, _ := slack.SummaryMessage(s, time.Now())
	b.card = postBlocks(b, blocks)
	b.click(member, slack.ActionShow)
	b.drain()
	if got := b.cases.shown; len(got) != 1 || got[0].Thread != b.card || got[0].Channel != channel || got[0].Case != ref || got[0].By.ID != member || got[0].Click == "" {
		t.Errorf("shown %+v", got)
	}
}

// A case that takes long to answer: the click is acknowledged, the modal opens,
// and the person hears "pending", then what became of it.
func TestASlowCaseNeverHoldsUpTheAcknowledgement(t *testing.T) {
	b := newBench(t, setup{service: func(c *interactions.Config) { c.PendingAfter = time.Millisecond }})
	b.cases.hold = make(chan struct{})
	result := b.click(analyst, slack.ActionEscalate)
	if result.Warned {
		t.Error("the person was told that the app did not answer")
	}
	b.expectNote(analyst, "Pending: your escalate is on its way and not yet recorded.")
	b.click(second, slack.ActionApprove)
	b.expectView(second, "Reading the case")
	close(b.cases.hold)
	b.expectNote(analyst, "Recorded: escalate.")
	b.expectView(second, "Probably automation, held back", "lready escalated by U0ANALYST")
	if len(b.cases.decisions()) != 1 {
		t.Errorf("%d decisions", len(b.cases.decisions()))
	}
	for _, note := range b.fake.Ephemerals(analyst) {
		if note.Contains("Nothing was recorded") {
			t.Errorf("note without a refusal: %q", note.Text)
		}
	}
}

func TestADecisionIsSentAgainWithItsOwnIDUntilItIsAnswered(t *testing.T) {
	b := newBench(t, setup{})
	b.cases.failures, b.cases.lost = 2, 1
	b.click(analyst, slack.ActionEscalate)
	b.drain()
	if got := b.cases.decisions(); len(got) != 1 || b.cases.tries < 4 {
		t.Errorf("%d decisions in %d tries, want one", len(got), b.cases.tries)
	}
	if len(b.audit.kinds()) != 0 || len(b.fake.Ephemerals(analyst)) != 0 && b.fake.Ephemerals(analyst)[0].Contains("Nothing") {
		t.Error("a decision that was recorded reads as refused")
	}
}

// Temporal is away for a while: the person hears "pending", then what became of it,
// and never that nothing was recorded.
func TestWhileTemporalIsDownTheDecisionIsPendingAndThenRecorded(t *testing.T) {
	b := newBench(t, setup{service: func(c *interactions.Config) { c.PendingAfter = 10 * time.Millisecond }})
	b.cases.failures = 3
	b.click(analyst, slack.ActionEscalate)
	b.expectNote(analyst, "Pending: your escalate is on its way and not yet recorded.")
	b.expectNote(analyst, "Recorded: escalate.")
	b.drain()
	for _, note := range b.fake.Ephemerals(analyst) {
		if note.Contains("Nothing was recorded") {
			t.Errorf("note without a refusal: %q", note.Text)
		}
	}
	if len(b.cases.decisions()) != 1 || len(b.audit.kinds()) != 0 {
		t.Errorf("%d decisions, audit %v", len(b.cases.decisions()), b.audit.kinds())
	}
}

func TestADecisionThatNobodyAnswersIsNotCalledRefused(t *testing.T) {
	b := newBench(t, setup{service: func(c *interactions.Config) { c.DecideFor = 50 * time.Millisecond }})
	b.cases.hold = make(chan struct{})
	b.click(analyst, slack.ActionEscalate)
	note := b.expectNote(analyst, "No answer from the case")
	if note.Contains("Nothing was recorded") || len(b.audit.kinds()) != 0 {
		t.Errorf("note is %q, audit %v", note.Text, b.audit.kinds())
	}
}

func TestTheSameEnvelopeTwiceHasOneEffect(t *testing.T) {
	b := newBench(t, setup{})
	result := b.click(analyst, slack.ActionEscalate)
	for range 2 {
		if _, err := b.fake.Redeliver(t.Context(), result.EnvelopeID); err != nil {
			t.Fatal(err)
		}
	}
	b.drain()
	if b.cases.tries != 1 || len(b.cases.decisions()) != 1 {
		t.Errorf("%d tries, %d decisions", b.cases.tries, len(b.cases.decisions()))
	}
}

func TestAnEnvelopeWhoseFirstDeliveriesWereLostIsWorkedOn(t *testing.T) {
	with := setup{late: true, workspace: func(c *slacktest.Config) { c.Redeliveries, c.AckTimeout = 20, 300*time.Millisecond }}
	b := newBench(t, with)
	lost := b.deaf()
	clicked := make(chan slacktest.ClickResult, 1)
	go func() {
		result, _ := b.fake.Click(t.Context(), analyst, channel, b.card, slack.ActionEscalate) // the result is what is judged
		clicked <- result
	}()
	<-lost
	b.start(with)
	result := <-clicked
	b.drain()
	if !result.Acked || result.Attempts < 2 || len(b.cases.decisions()) != 1 {
		t.Errorf("%+v, %d decisions", result, len(b.cases.decisions()))
	}
}

func TestTheFirstDecisionWinsAndTheLaterClickerIsToldByWhom(t *testing.T) {
	b := newBench(t, setup{})
	b.click(analyst, slack.ActionApprove)
	form := b.expectView(analyst, "Why is this benign?")
	if _, err := b.fake.SubmitView(t.Context(), analyst, form.ID, map[string]any{"reason": "known"}); err != nil {
		t.Fatal(err)
	}
	b.expectDecisions(1)
	b.click(second, slack.ActionEscalate)
	note := b.expectNote(second, "Already approved by <@"+analyst+"> at ")
	b.drain()
	if note.Contains("Nothing was recorded") || len(b.cases.decisions()) != 1 || b.audit.kinds()[0] != soar.RefusedDecided {
		t.Errorf("note %q, %d decisions, audit %v", note.Text, len(b.cases.decisions()), b.audit.kinds())
	}
}

func TestWhoIsNotOnTheListDecidesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		user string
		list *soar.Approvers
		part string
	}{
		"a member of the channel":       {member, nil, "is not an approver"},
		"an empty list":                 {analyst, &soar.Approvers{}, "is not an approver"},
		"a guest in a group that is":    {guest, &soar.Approvers{Groups: []string{approver}}, "is a guest"},
		"somebody of another workspace": {stranger, &soar.Approvers{Groups: []string{approver}}, "another organisation"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, setup{list: c.list})
			b.click(c.user, slack.ActionEscalate)
			note := b.expectNote(c.user, c.part)
			b.click(c.user, slack.ActionApprove)
			b.expectView(c.user, c.part)
			b.drain()
			if !note.Contains("Nothing was recorded: ") || len(b.cases.decisions()) != 0 || b.cases.view.Case.State != soar.CaseOpen {
				t.Errorf("note %q, %d decisions", note.Text, len(b.cases.decisions()))
			}
			if kinds := b.audit.kinds(); len(kinds) != 2 || kinds[0] != soar.RefusedActor {
				t.Errorf("audit has %v", kinds)
			}
		})
	}
}

func TestAMemberOfAnApproverGroupDecides(t *testing.T) {
	b := newBench(t, setup{})
	b.click(grouped, slack.ActionEscalate)
	b.drain()
	if got := b.cases.decisions(); len(got) != 1 || len(got[0].By.Groups) != 1 || got[0].By.Groups[0] != approver {
		t.Errorf("decisions are %+v", got)
	}
}

func TestNobodyDecidesWhileSlackCannotSayWhoTheyAre(t *testing.T) {
	b := newBench(t, setup{service: func(c *interactions.Config) { c.DecideFor = 50 * time.Millisecond }})
	b.fake.Fail(slacktest.Fault{Method: "usergroups.users.list", HTTPStatus: 503, Times: -1})
	b.click(grouped, slack.ActionEscalate)
	b.expectNote(grouped, "was not sent")
	b.drain()
	if len(b.cases.decisions()) != 0 {
		t.Error("decided without knowing the group")
	}
}

func TestAnExpiredTriggerAsksToClickAgain(t *testing.T) {
	b := newBench(t, setup{})
	b.fake.Fail(slacktest.Fault{Method: "views.open", ErrorCode: "expired_trigger_id"})
	b.click(analyst, slack.ActionApprove)
	b.expectNote(analyst, "click again")
	b.click(analyst, slack.ActionApprove)
	b.expectView(analyst, "Why is this benign?")
}

func TestClicksArriveAgainAfterAReconnect(t *testing.T) {
	b := newBench(t, setup{})
	b.fake.Disconnect("")
	b.click(analyst, slack.ActionEscalate)
	b.drain()
	if len(b.cases.decisions()) != 1 {
		t.Error("the click after the reconnect was lost")
	}
	if err := b.service.Ready(); err != nil {
		t.Errorf("not ready after a reconnect: %v", err)
	}
}

func TestReadinessFollowsTheConnection(t *testing.T) {
	b := newBench(t, setup{})
	config := interactions.Config{Slack: nil}
	if _, err := interactions.New(config); err == nil || !strings.Contains(err.Error(), "slack client is missing") {
		t.Errorf("error is %v", err)
	}
	b.click(analyst, slack.ActionEvidence) // a handled click proves that hello was read
	if err := b.service.Ready(); err != nil {
		t.Errorf("connected, yet %v", err)
	}
}

func TestAClosedServiceTakesNoClicks(t *testing.T) {
	b := newBench(t, setup{workspace: func(c *slacktest.Config) { c.Redeliveries, c.AckTimeout = -1, 100*time.Millisecond }})
	b.drain()
	result, err := b.fake.Click(t.Context(), analyst, channel, b.card, slack.ActionEscalate)
	if err != nil || result.Acked || !result.Warned {
		t.Errorf("result %+v, error %v", result, err)
	}
	if len(b.cases.decisions()) != 0 {
		t.Error("a closed service decided")
	}
}

func TestClosingCutsShortWhatDoesNotEnd(t *testing.T) {
	b := newBench(t, setup{})
	b.cases.hold = make(chan struct{})
	b.click(analyst, slack.ActionEscalate)
	ctx, cancel := contextFor(t, 20*time.Millisecond)
	defer cancel()
	if err := b.service.Close(ctx); err == nil || !errors.Is(err, ctx.Err()) {
		t.Errorf("close says %v", err)
	}
	b.expectNote(analyst, "click again")
}

// A case that does not answer must not take the machine from those who still click.
func TestACrowdsCallsTakeTurnsAndEveryClickIsAcknowledgedAndTold(t *testing.T) {
	b := newBench(t, setup{service: func(c *interactions.Config) { c.PendingAfter = 10 * time.Millisecond }})
	b.cases.hold = make(chan struct{})
	for range 40 {
		b.click(analyst, slack.ActionEscalate)
	}
	b.expectNote(analyst, "Pending: your escalate")
	if tries := b.cases.sent(); tries > 16 {
		t.Errorf("%d calls at one time", tries)
	}
	close(b.cases.hold)
	b.drain()
	if n := len(b.cases.decisions()); n != 1 {
		t.Errorf("%d decisions", n)
	}
	if n := b.audit.kinds(); len(n) != 39 {
		t.Errorf("%d refusals are in the audit", len(n))
	}
}
