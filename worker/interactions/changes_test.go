package interactions_test

import (
	"testing"
	"time"

	"harrier/activities/slack"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

// shortly gives requests a moment only.
func shortly(with setup) setup {
	with.service = func(c *interactions.Config) { c.DecideFor = 300 * time.Millisecond }
	return with
}

// as puts the case into a state and its real card of that state into the channel.
func (b *bench) as(do func(*soar.Case)) {
	b.t.Helper()
	b.cases.set(func(v *soar.CaseView) {
		v.Case.Judgement.Severity, v.Case.Policy = soar.SeverityMedium, soar.CasePolicy{Version: 1, UndoFor: soar.Duration(10 * time.Minute)}
		do(&v.Case)
	})
	b.card = b.post()
	b.cases.set(func(v *soar.CaseView) { v.Case.Card = soar.Card{Channel: channel, TS: b.card} })
}

func approved(c *soar.Case) {
	c.State = soar.CaseApproved
	c.Decision = &soar.Decision{Kind: soar.Approve, By: soar.Actor{ID: analyst}, At: time.Now(), Reason: "known", Click: "click-0"}
}

func escalated(c *soar.Case) {
	c.State = soar.CaseEscalated
	c.Decision = &soar.Decision{Kind: soar.Escalate, By: soar.Actor{ID: analyst}, At: time.Now().Add(-time.Hour), Click: "click-0"}
}

func proposed(c *soar.Case) {
	c.Proposal = &soar.Decision{Kind: soar.Approve, By: soar.Actor{ID: analyst}, At: time.Now(), Reason: "known", Remember: soar.Duration(60 * 24 * time.Hour), Click: "click-0"}
}

func TestAButtonOfAChangeMakesItOnce(t *testing.T) {
	snoozed := func(c *soar.Case) {
		c.Snooze = &soar.Snooze{By: soar.Actor{ID: analyst}, Since: time.Now(), Until: time.Now().Add(time.Hour)}
	}
	failed := func(c *soar.Case) {
		escalated(c)
		c.Problems = []string{"incident: refused"}
	}
	for action, c := range map[string]struct {
		stands func(*soar.Case)
		kind   soar.ChangeKind
	}{
		slack.ActionUndo:    {approved, soar.ChangeUndo},
		slack.ActionWake:    {snoozed, soar.ChangeWake},
		slack.ActionConfirm: {proposed, soar.ChangeConfirm},
		slack.ActionDecline: {proposed, soar.ChangeDecline},
		slack.ActionRetry:   {failed, soar.ChangeRetry},
	} {
		t.Run(action, func(t *testing.T) {
			b := newBench(t, setup{})
			b.as(c.stands)
			b.cases.mu.Lock()
			b.cases.failures, b.cases.tries = 1, 0
			b.cases.mu.Unlock()
			result := b.click(second, action)
			if _, err := b.fake.Redeliver(t.Context(), result.EnvelopeID); err != nil {
				t.Fatal(err)
			}
			b.drain()
			got := b.cases.changed
			if len(got) != 1 || got[0].Kind != c.kind || got[0].By.ID != second || got[0].Case != ref || got[0].Click == "" || b.cases.tries != 2 {
				t.Errorf("changes %+v in %d tries, refused %+v", got, b.cases.tries, b.audit.all())
			}
		})
	}
}

func TestSnoozeAsksForHowLong(t *testing.T) {
	b := newBench(t, setup{})
	b.as(func(*soar.Case) {})
	b.click(analyst, slack.ActionSnooze)
	form := b.expectView(analyst, "Stop the clock for")
	if result, err := b.fake.SubmitView(t.Context(), analyst, form.ID, map[string]any{slack.BlockFor: "4h"}); err != nil || !result.Closed {
		t.Fatalf("submission %+v, error %v", result, err)
	}
	b.drain()
	if got := b.cases.changed; len(got) != 1 || got[0].Kind != soar.ChangeSnooze || got[0].For.Std() != 4*time.Hour || got[0].By.ID != analyst {
		t.Errorf("changes %+v, refused %+v", got, b.audit.all())
	}
}

func TestReopenAsksForAReason(t *testing.T) {
	b := newBench(t, setup{})
	b.as(escalated)
	b.click(analyst, slack.ActionReopen)
	form := b.expectView(analyst, "Why is it opened again?")
	if result, err := b.fake.SubmitView(t.Context(), analyst, form.ID, map[string]any{"reason": " "}); err != nil || result.Errors[slack.BlockReason] == "" {
		t.Fatalf("submission %+v, error %v", result, err)
	}
	if result, err := b.fake.SubmitView(t.Context(), analyst, form.ID, map[string]any{"reason": "it was real"}); err != nil || !result.Closed {
		t.Fatalf("submission %+v, error %v", result, err)
	}
	b.drain()
	if got := b.cases.changed; len(got) != 1 || got[0].Kind != soar.ChangeReopen || got[0].Reason != "it was real" {
		t.Errorf("changes %+v, refused %+v", got, b.audit.all())
	}
}

func TestWhoMayNotChangeIsToldAloneAndTheAuditNamesTheChange(t *testing.T) {
	for action, stands := range map[string]func(*soar.Case){
		slack.ActionUndo: approved, slack.ActionConfirm: proposed, slack.ActionDecline: proposed,
	} {
		b := newBench(t, setup{})
		b.as(stands)
		b.click(member, action)
		b.expectNote(member, "Nothing was recorded: <@"+member+"> is not an approver")
		b.drain()
		got := b.audit.all()
		if len(got) != 1 || got[0].Action != action || got[0].Kind != soar.RefusedActor || got[0].By.ID != member || got[0].Case != ref || got[0].At.IsZero() {
			t.Errorf("%s: the audit has %+v", action, got)
		}
		if len(b.cases.changed) != 0 || len(b.fake.All(channel)) != 2 {
			t.Errorf("%s: %+v, %d messages that everybody sees", action, b.cases.changed, len(b.fake.All(channel)))
		}
	}
}

func TestTheFormsOfChangesAreForApproversAlone(t *testing.T) {
	for action, stands := range map[string]func(*soar.Case){slack.ActionSnooze: func(*soar.Case) {}, slack.ActionReopen: escalated} {
		b := newBench(t, setup{})
		b.as(stands)
		b.click(member, action)
		b.expectView(member, "is not an approver")
		b.drain()
		if got := b.audit.all(); len(got) != 1 || got[0].Action != action {
			t.Errorf("%s: the audit has %+v", action, got)
		}
	}
}

func TestNobodyConfirmsTheirOwnApproval(t *testing.T) {
	b := newBench(t, setup{})
	b.as(proposed)
	b.click(analyst, slack.ActionConfirm)
	b.expectNote(analyst, "nobody confirms their own approval")
	b.drain()
	if len(b.cases.changed) != 0 || b.cases.view.Case.State != soar.CaseOpen {
		t.Errorf("changes %+v, the case is %s", b.cases.changed, b.cases.view.Case.State)
	}
}

func TestAnEscalationIsNotUndone(t *testing.T) {
	b := newBench(t, setup{})
	b.as(approved)
	b.cases.set(func(v *soar.CaseView) { escalated(&v.Case) })
	b.click(analyst, slack.ActionUndo)
	b.expectNote(analyst, "Nothing was recorded: an escalation is not undone")
}

// An approval that waits for a second person reads as what it is.
func TestAnApprovalThatNeedsASecondPersonIsToldSo(t *testing.T) {
	b := newBench(t, setup{})
	b.cases.proposes = true
	b.click(analyst, slack.ActionApprove)
	form := b.expectView(analyst, "Why is this benign?")
	if _, err := b.fake.SubmitView(t.Context(), analyst, form.ID, map[string]any{"reason": "known", "remember": "90d"}); err != nil {
		t.Fatal(err)
	}
	b.expectNote(analyst, "Another approver has to confirm it")
}

func TestANoteIsAnsweredByTheClicksOwnAddress(t *testing.T) {
	b := newBench(t, setup{})
	b.click(member, slack.ActionEscalate)
	b.expectNote(member, "is not an approver")
	b.drain()
	if n := len(b.fake.Calls("chat.postEphemeral")); n != 0 {
		t.Errorf("%d notes were posted at Slack's rate", n)
	}
	if n := len(b.fake.Calls("response_url")); n != 1 {
		t.Errorf("%d answers by a response address", n)
	}
}
