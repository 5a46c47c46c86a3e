package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"harrier/workflows/soar"
)

// newest is a sighting under the newest policy.
func newest(severity soar.Severity, messages ...string) soar.See {
	s := told(severity, messages...)
	s.Policy.Version = soar.PolicyVersion
	return s
}

func slackError(kind string) error {
	return temporal.NewNonRetryableApplicationError("Slack says "+kind, kind, nil)
}

func TestACardThatSlackRefusedIsPostedWhenTheTokenIsMended(t *testing.T) {
	w := newWorld(t)
	w.fail["PostCard"], w.fail["PostNotice"] = slackError("SlackAccessDenied"), slackError("SlackAccessDenied")
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityLow, "m1"))
	w.env.RegisterDelayedCallback(func() { delete(w.fail, "PostCard"); delete(w.fail, "PostNotice") }, time.Hour)
	w.runFor(3 * time.Hour)
	if len(w.posted) != 1 {
		t.Fatalf("%d cards two hours after the token was mended", len(w.posted))
	}
	if c := w.posted[0]; slices.ContainsFunc(c.Problems, func(p string) bool { return strings.HasPrefix(p, "card: ") }) {
		t.Fatalf("the card shows that it could not be posted: %v", c.Problems)
	}
	if !w.requests[0].Again {
		t.Fatal("an earlier activity may have posted the card: the adapter has to look")
	}
}

func TestACardThatFailsForGoodIsNotTriedForEver(t *testing.T) {
	w := newWorld(t)
	tries := 0
	w.fail["PostCard"] = slackError("SlackAccessDenied")
	w.count = map[string]*int{"PostCard": &tries}
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityLow, "m1"))
	w.runFor(30 * 24 * time.Hour)
	if tries < 50 || tries > 110 {
		t.Fatalf("%d tries in a month", tries)
	}
}

func TestACardThatSomebodyDeletedIsPostedAnew(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityMedium, "m1"))
	w.env.RegisterDelayedCallback(func() { w.fail["UpdateCard"] = slackError(soar.ErrTypeMessageGone) }, time.Minute)
	w.update(2*time.Minute, soar.SeeUpdate, newest(soar.SeverityHigh, "m1", "m2"))
	w.env.RegisterDelayedCallback(func() { delete(w.fail, "UpdateCard") }, 3*time.Minute)
	w.runFor(30 * time.Minute)
	if len(w.posted) != 2 || w.posted[1].Judgement.Severity != soar.SeverityHigh {
		t.Fatalf("%d cards were posted", len(w.posted))
	}
}

func TestADecidedCaseLosesItsButtonsWhenSlackIsMended(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityMedium, "m1"))
	w.env.RegisterDelayedCallback(func() { w.fail["UpdateCard"] = slackError("SlackAccessDenied") }, time.Minute)
	w.update(2*time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
	w.env.RegisterDelayedCallback(func() { delete(w.fail, "UpdateCard") }, 20*time.Minute)
	w.runFor(2 * time.Hour)
	if n := len(w.updated); n == 0 || w.updated[n-1].State != soar.CaseEscalated {
		t.Fatalf("the card was left as %+v", w.updated)
	}
}

func TestTheOnCallGroupIsCalledWhenSlackIsBackBeforeTheDeadline(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityMedium, "m1")) // 4 hours
	w.env.RegisterDelayedCallback(func() {
		// The test environment tries ten times at the most: four minutes apart is long enough.
		w.fail["PostReply"] = temporal.NewApplicationErrorWithOptions("Slack is down", "SlackUnavailable",
			temporal.ApplicationErrorOptions{NextRetryDelay: 4 * time.Minute})
	}, 3*time.Hour)
	w.env.RegisterDelayedCallback(func() { delete(w.fail, "PostReply") }, 3*time.Hour+56*time.Minute)
	w.runFor(4 * time.Hour)
	if !slices.Contains(w.mentions, true) {
		t.Fatalf("notes %q, mentions %v", w.notes, w.mentions)
	}
}

func TestAHighCaseThatOnlyASummaryListsGetsItsCardBeforeItEscalates(t *testing.T) {
	w := newWorld(t)
	s := newest(soar.SeverityHigh, "m1")
	s.Listed = true
	w.update(time.Second, soar.SeeUpdate, s)
	w.runFor(4*time.Hour - time.Minute)
	if len(w.posted) != 1 || !slices.Contains(w.mentions, true) {
		t.Fatalf("%d cards, notes %q, mentions %v", len(w.posted), w.notes, w.mentions)
	}
}

// While a case is cancelled Slack may be away: whatever comes then is refused.
func TestACaseThatIsBeingCancelledTakesNothingMore(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityMedium, "m1"))
	w.env.RegisterDelayedCallback(func() {
		w.fail["RecordDecision"] = temporal.NewApplicationError("the disk is full", "AuditUnavailable")
		w.env.CancelWorkflow()
	}, time.Minute)
	later := w.update(61*time.Second, soar.SeeUpdate, newest(soar.SeverityHigh, "m2"))
	click := w.update(62*time.Second, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
	snooze := change(soar.ChangeSnooze, "U1", "k2")
	snooze.For = soar.Duration(time.Minute)
	changed := w.update(63*time.Second, soar.ChangeUpdate, snooze)
	w.env.RegisterDelayedCallback(func() { delete(w.fail, "RecordDecision") }, 2*time.Minute)
	w.env.ExecuteWorkflow(soar.TriageWorkflow, soar.TriageInput{Key: caseKey})
	if refusal(later.err) != soar.RefusedClosing || refusal(click.err) != soar.RefusedDecided || refusal(changed.err) != soar.RefusedDecided {
		t.Fatalf("sighting %v, click %v, change %v", later.err, click.err, changed.err)
	}
	if len(w.posted) != 1 || len(w.incidents) != 0 {
		t.Fatalf("%d cards, %d incidents", len(w.posted), len(w.incidents))
	}
	if err := w.env.GetWorkflowError(); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Fatalf("the run ended with %v", err)
	}
	if memo := w.memo; memo.State != soar.CaseCancelled || memo.Number != 1 {
		t.Fatalf("its memo says %+v", memo)
	}
}

func TestWhatAnApprovalHidIsSaidWhenItIsUndone(t *testing.T) {
	w := newWorld(t)
	approve := decision(soar.Approve, "U1", "k1")
	approve.Remember = hours(24 * 7)
	later := newest(soar.SeverityMedium, "m2")
	later.Window = soar.NewWindow(start, start.Add(24*time.Hour))
	later.Finding.Window = later.Window
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityMedium, "m1"))
	w.update(time.Minute, soar.DecideUpdate, approve)
	hidden := w.update(2*time.Minute, soar.SeeUpdate, later)
	w.update(3*time.Minute, soar.ChangeUpdate, change(soar.ChangeUndo, "U2", "k2"))
	w.runFor(time.Hour)
	if hidden.seen.Answer != soar.SeeSuppressed {
		t.Fatalf("the approval hides nothing: %+v", hidden.seen)
	}
	const want = "worker hunts run a --from 2026-03-02T06:00:00Z --to 2026-03-03T06:00:00Z"
	if !slices.ContainsFunc(w.notes, func(n string) bool { return strings.Contains(n, want) }) {
		t.Fatalf("notes %q, want one with %q", w.notes, want)
	}
}

func TestTheSameWindowInAWorseLightIsNotAnsweredFromMemory(t *testing.T) {
	w := newWorld(t)
	again := newest(soar.SeverityHigh, "m1")
	again.RunID = "run-2"
	again.Judgement.Guards = []soar.GuardHit{{Guard: soar.GuardCompromise, Detail: "new inbox rule"}}
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityLow, "m1"))
	worse := w.update(time.Minute, soar.SeeUpdate, again)
	w.runFor(10 * time.Minute)
	if worse.seen.Answer != soar.SeeJoined || w.last().Judgement.Severity != soar.SeverityHigh {
		t.Fatalf("answer %+v, the card shows %s", worse.seen, w.last().Judgement.Severity)
	}
}

func TestAHuntOfAnOlderReleaseTakesNoPolicyFromAnOpenCase(t *testing.T) {
	w := newWorld(t)
	older := sighting("b", soar.SeverityMedium, "m2")
	older.Policy = soar.CasePolicy{}
	approve := decision(soar.Approve, "U1", "k1")
	approve.Remember = hours(24 * 90)
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityMedium, "m1"))
	w.update(time.Minute, soar.SeeUpdate, older)
	proposed := w.update(2*time.Minute, soar.DecideUpdate, approve)
	w.runFor(time.Hour)
	if !proposed.decided.Proposed {
		t.Fatalf("90 days without a second person: %+v, %v", proposed.decided, proposed.err)
	}
}

func TestASnoozeKeepsTheWorkingTimeThoughTheCalendarBeginsLater(t *testing.T) {
	day := func(n, from, to int) soar.Window {
		midnight := start.Truncate(24*time.Hour).AddDate(0, 0, n)
		return soar.NewWindow(midnight.Add(time.Duration(from)*time.Hour), midnight.Add(time.Duration(to)*time.Hour))
	}
	w := newWorld(t) // at 06:00
	first := newest(soar.SeverityMedium, "m1")
	first.Policy.Hours = []soar.Window{day(0, 6, 18), day(1, 6, 18), day(2, 6, 18)}
	repeat := newest(soar.SeverityMedium, "m1", "m2")
	repeat.Policy.Hours = []soar.Window{day(1, 6, 18), day(2, 6, 18)}
	snooze := change(soar.ChangeSnooze, "U1", "k1")
	snooze.For = hours(24)
	w.update(time.Second, soar.SeeUpdate, first)
	w.update(time.Hour, soar.ChangeUpdate, snooze) // three of four hours are left
	w.update(24*time.Hour+time.Minute, soar.SeeUpdate, repeat)
	w.runFor(25*time.Hour + 2*time.Hour)
	if len(w.incidents) != 0 {
		t.Fatalf("escalated %d incidents with working time left", len(w.incidents))
	}
}

func TestAProposalThatADeadlineEndedStaysInTheLog(t *testing.T) {
	w := newWorld(t)
	approve := decision(soar.Approve, "U1", "k1")
	approve.Remember = hours(24 * 90)
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityMedium, "m1"))
	w.update(time.Minute, soar.DecideUpdate, approve)
	w.runFor(6 * time.Hour)
	c := w.last()
	if c.State != soar.CaseEscalated || !slices.ContainsFunc(c.Log, func(e soar.LogEntry) bool { return strings.Contains(e.Reason, "U1") && e.Kind == soar.ChangeLapse }) {
		t.Fatalf("%s, log %+v", c.State, c.Log)
	}
}

func TestACaseOfTheFirstReleaseDoesNotSayThatItGrew(t *testing.T) {
	w := newWorld(t)
	old := sighting("a", soar.SeverityMedium, "m1")
	old.Finding.Candidate.Counts.Phish = 5
	state := soar.TriageState{}
	state.See(caseKey, "default-test-workflow-id", old)
	state.Case.Said = 0 // as v0.1.0 left it
	state.Case.Card = soar.Card{Channel: "C1", TS: "1.0"}
	again := newest(soar.SeverityMedium, "m2")
	again.Finding.Candidate.Counts.Phish = 5
	w.update(time.Second, soar.SeeUpdate, again)
	w.env.RegisterDelayedCallback(w.env.CancelWorkflow, time.Hour)
	w.env.ExecuteWorkflow(soar.TriageWorkflow, soar.TriageInput{Key: caseKey, State: state})
	if slices.ContainsFunc(w.notes, func(n string) bool { return strings.HasPrefix(n, "Grown") }) {
		t.Fatalf("notes %q", w.notes)
	}
}

func TestACaseThatRoseSaysSoUnderItsNewCardWhereTheOldOneIsGone(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityMedium, "m1"))
	w.env.RegisterDelayedCallback(func() { w.fail["UpdateCard"] = slackError(soar.ErrTypeMessageGone) }, time.Minute)
	w.update(2*time.Minute, soar.SeeUpdate, newest(soar.SeverityHigh, "m1", "m2"))
	w.runFor(30 * time.Minute)
	if len(w.posted) != 2 || !slices.ContainsFunc(w.notes, func(n string) bool { return strings.HasPrefix(n, "Now HIGH") }) {
		t.Fatalf("%d cards, notes %q", len(w.posted), w.notes)
	}
}

func TestAReminderOfACardThatWasDeletedPostsItAnewAndCallsTheOnCallGroup(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityMedium, "m1"))
	w.env.RegisterDelayedCallback(func() { w.failOnce = map[string]error{"PostReply": slackError(soar.ErrTypeMessageGone)} }, time.Minute)
	w.runFor(4*time.Hour - time.Minute)
	if len(w.posted) != 2 || !slices.Equal(w.mentions, []bool{false, true}) {
		t.Fatalf("%d cards, notes %q, mentions %v", len(w.posted), w.notes, w.mentions)
	}
}

func TestAReminderTriesACardAgainThatSlackRefused(t *testing.T) {
	w := newWorld(t)
	w.fail["PostCard"] = slackError("SlackAccessDenied")
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityHigh, "m1"))
	w.env.RegisterDelayedCallback(func() { delete(w.fail, "PostCard") }, 3*time.Hour+48*time.Minute)
	w.runFor(4*time.Hour - time.Minute)
	if len(w.posted) != 1 || !slices.Contains(w.mentions, true) {
		t.Fatalf("%d cards, notes %q, mentions %v", len(w.posted), w.notes, w.mentions)
	}
}

// An app that was installed anew may edit none of its old messages.
func TestACardThatTakesNoEditIsNotPostedAnewWithEverySighting(t *testing.T) {
	w := newWorld(t)
	w.fail["UpdateCard"] = slackError(soar.ErrTypeMessageGone)
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityLow, "m0"))
	for i := range 10 {
		w.update(time.Duration(i+1)*time.Minute, soar.SeeUpdate, newest(soar.SeverityLow, "m0", "m"+string(rune('1'+i))))
	}
	w.runFor(time.Hour)
	if n := len(w.posted); n < 2 || n > 4 {
		t.Fatalf("%d cards", n)
	}
}

func TestADecidedCardThatIsGoneIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	tries := 0
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityLow, "m1"))
	w.env.RegisterDelayedCallback(func() {
		w.fail["UpdateCard"], w.count = slackError(soar.ErrTypeMessageGone), map[string]*int{"UpdateCard": &tries}
	}, time.Minute)
	w.update(2*time.Minute, soar.DecideUpdate, decision(soar.Approve, "U1", "k1"))
	w.runFor(10 * 24 * time.Hour)
	if tries > 5 {
		t.Fatalf("%d edits of a message that is gone", tries)
	}
}

func TestACardThatIsMendedDoesNotSayThatItFailed(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityMedium, "m1"))
	w.env.RegisterDelayedCallback(func() { w.fail["UpdateCard"] = slackError("SlackAccessDenied") }, time.Minute)
	w.update(2*time.Minute, soar.SeeUpdate, newest(soar.SeverityMedium, "m1", "m2"))
	w.env.RegisterDelayedCallback(func() { delete(w.fail, "UpdateCard") }, 3*time.Minute)
	w.runFor(time.Hour)
	if c := w.updated[0]; len(c.Problems) != 0 {
		t.Fatalf("the mended card shows %v", c.Problems)
	}
}

func TestEvidenceThatEndsAnApprovalSaysWhatItHid(t *testing.T) {
	w := newWorld(t)
	approve := decision(soar.Approve, "U1", "k1")
	approve.Remember = hours(24 * 7)
	guarded := newest(soar.SeverityHigh, "m3")
	guarded.Judgement.Guards = []soar.GuardHit{{Guard: soar.GuardCompromise, Detail: "new inbox rule"}}
	w.update(time.Second, soar.SeeUpdate, newest(soar.SeverityMedium, "m1"))
	w.update(time.Minute, soar.DecideUpdate, approve)
	w.update(2*time.Minute, soar.SeeUpdate, newest(soar.SeverityMedium, "m2"))
	w.update(3*time.Minute, soar.SeeUpdate, guarded)
	w.runFor(time.Hour)
	if !slices.ContainsFunc(w.notes, func(n string) bool { return strings.Contains(n, "worker hunts run a --from") }) {
		t.Fatalf("notes %q", w.notes)
	}
}
