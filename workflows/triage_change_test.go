package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/workflows/soar"
)

// told is a sighting under a policy as a deployment sets it.
func told(severity soar.Severity, messages ...string) soar.See {
	s := sighting("a", severity, messages...)
	s.Deadline = hours(4)
	s.Policy = soar.CasePolicy{
		Version: 1, SecondOver: hours(24 * 30), SecondPrivileged: true, UndoFor: soar.Duration(10 * time.Minute),
		RemindBefore: soar.Duration(30 * time.Minute), OnCallBefore: soar.Duration(10 * time.Minute), LouderBy: 3,
	}
	return s
}

func change(kind soar.ChangeKind, by, click string) soar.Change {
	return soar.Change{
		Case: soar.CaseRef{ID: "default-test-workflow-id", Number: 1}, Kind: kind, By: soar.Actor{ID: by}, Approvers: approvers,
		Reason: "second thoughts", Click: click,
	}
}

func (w *world) last() soar.Case { return w.updated[len(w.updated)-1] }

func TestAnApprovalIsUndoneForTenMinutesAndAnEscalationIsNot(t *testing.T) {
	w := newWorld(t)
	approve := decision(soar.Approve, "U1", "k1")
	approve.Remember = hours(24 * 7)
	w.update(time.Second, soar.SeeUpdate, told(soar.SeverityMedium, "m1"))
	w.update(time.Minute, soar.DecideUpdate, approve)
	undo := w.update(5*time.Minute, soar.ChangeUpdate, change(soar.ChangeUndo, "U2", "k2"))
	again := w.update(6*time.Minute, soar.ChangeUpdate, change(soar.ChangeUndo, "U2", "k2"))
	hidden := w.update(7*time.Minute, soar.SeeUpdate, told(soar.SeverityMedium, "m2"))
	w.update(20*time.Minute, soar.DecideUpdate, decision(soar.Approve, "U1", "k3"))
	late := w.update(31*time.Minute, soar.ChangeUpdate, change(soar.ChangeUndo, "U2", "k4"))
	w.runFor(2 * time.Hour)
	if undo.err != nil || undo.decided.State != soar.CaseOpen || again.decided != undo.decided {
		t.Fatalf("undo %+v, the same click again %+v", undo, again)
	}
	if hidden.seen.Answer != soar.SeeJoined {
		t.Fatalf("what was undone hides nothing: %+v", hidden.seen)
	}
	if refusal(late.err) != soar.RefusedInput || !strings.Contains(late.err.Error(), "reopen the case instead") {
		t.Fatalf("an undo after its time: %v", late.err)
	}
	states := []soar.CaseState{}
	for _, d := range w.decisions {
		states = append(states, d.State)
	}
	if want := []soar.CaseState{soar.CaseRemembered, soar.CaseOpen, soar.CaseApproved}; !slices.Equal(states, want) {
		t.Fatalf("the audit has %v, want %v", states, want)
	}
	if !w.last().UndoOver {
		t.Fatal("the card is redrawn when the approval can no longer be undone")
	}

	w = newWorld(t)
	w.update(time.Second, soar.SeeUpdate, told(soar.SeverityMedium, "m1"))
	w.update(time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
	escalated := w.update(2*time.Minute, soar.ChangeUpdate, change(soar.ChangeUndo, "U2", "k2"))
	w.runFor(time.Hour)
	if refusal(escalated.err) != soar.RefusedInput || !strings.Contains(escalated.err.Error(), "close its incident") {
		t.Fatalf("an escalation is undone: %v", escalated.err)
	}
}

func TestAReopenedCaseHasANewDeadlineAndTakesADecisionAgain(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, told(soar.SeverityMedium, "m1"))
	w.update(time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
	silent := change(soar.ChangeReopen, "U2", "k2")
	silent.Reason = " "
	without := w.update(20*time.Hour, soar.ChangeUpdate, silent)
	w.update(20*time.Hour+time.Second, soar.ChangeUpdate, change(soar.ChangeReopen, "U2", "k3"))
	w.env.RegisterDelayedCallback(func() {
		c := w.last()
		if c.State != soar.CaseOpen || !c.Deadline.Equal(start.Add(24*time.Hour+time.Second)) {
			t.Errorf("reopened: %s until %s", c.State, c.Deadline)
		}
	}, 21*time.Hour)
	w.runFor(30 * time.Hour)
	if refusal(without.err) != soar.RefusedInput {
		t.Fatalf("reopened without a reason: %v", without.err)
	}
	if len(w.incidents) != 2 || w.incidents[0].Ref != w.incidents[1].Ref {
		t.Fatalf("its deadline escalates the same case again: %d", len(w.incidents))
	}
}

func TestALongApprovalNeedsASecondPersonAndNobodyConfirmsTheirOwn(t *testing.T) {
	w := newWorld(t)
	long := decision(soar.Approve, "U1", "k1")
	long.Remember = hours(24 * 60)
	w.update(time.Second, soar.SeeUpdate, told(soar.SeverityMedium, "m1"))
	proposed := w.update(time.Minute, soar.DecideUpdate, long)
	own := w.update(2*time.Minute, soar.ChangeUpdate, change(soar.ChangeConfirm, "U1", "k2"))
	outsider := w.update(3*time.Minute, soar.ChangeUpdate, change(soar.ChangeConfirm, "U9", "k3"))
	second := w.update(4*time.Minute, soar.ChangeUpdate, change(soar.ChangeConfirm, "U2", "k4"))
	w.env.RegisterDelayedCallback(func() {
		if c := w.last(); c.Proposal == nil || c.State != soar.CaseOpen || c.Proposal.By.ID != "U1" {
			t.Errorf("the card shows who waits for a second person: %+v", c.Proposal)
		}
	}, 90*time.Second)
	w.runFor(time.Hour)
	if !proposed.decided.Proposed || proposed.decided.State != soar.CaseOpen {
		t.Fatalf("proposed %+v", proposed)
	}
	if refusal(own.err) != soar.RefusedActor || refusal(outsider.err) != soar.RefusedActor {
		t.Fatalf("own %v, outsider %v", own.err, outsider.err)
	}
	if second.err != nil || second.decided.State != soar.CaseRemembered {
		t.Fatalf("second %+v", second)
	}
	c := w.last()
	if c.Decision.By.ID != "U1" || c.Decision.Second == nil || c.Decision.Second.ID != "U2" || !strings.Contains(c.Decision.String(), "U1 and U2") {
		t.Fatalf("decided by %+v", c.Decision)
	}
}

// Whoever reads the audit later asks who wanted what, when and why, of each step.
func TestEveryStepOfACaseGoesIntoTheAudit(t *testing.T) {
	w := newWorld(t)
	s := told(soar.SeverityMedium, "m1")
	s.Policy.Version = soar.PolicyVersion
	long := decision(soar.Approve, "U1", "k1")
	long.Remember = hours(24 * 60)
	snooze := change(soar.ChangeSnooze, "U1", "k2")
	snooze.For = hours(3)
	w.update(time.Second, soar.SeeUpdate, s)
	w.update(1*time.Minute, soar.DecideUpdate, long)
	w.update(2*time.Minute, soar.ChangeUpdate, snooze)
	w.update(3*time.Minute, soar.ChangeUpdate, change(soar.ChangeWake, "U2", "k3"))
	w.update(4*time.Minute, soar.ChangeUpdate, change(soar.ChangeDecline, "U2", "k4"))
	long.Click = "k5"
	w.update(5*time.Minute, soar.DecideUpdate, long)
	w.update(6*time.Minute, soar.ChangeUpdate, change(soar.ChangeConfirm, "U2", "k6"))
	w.update(7*time.Minute, soar.ChangeUpdate, change(soar.ChangeUndo, "U2", "k7"))
	w.fail["OpenIncident"] = final("Sentinel is away")
	w.update(8*time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k8"))
	w.update(9*time.Minute, soar.ChangeUpdate, change(soar.ChangeRetry, "U2", "k9"))
	w.update(10*time.Minute, soar.ChangeUpdate, change(soar.ChangeReopen, "U1", "k10"))
	w.runFor(time.Hour)
	var got []string
	for _, c := range w.decisions {
		line := string(c.State)
		if p := c.Proposal; p != nil {
			line += " proposed by " + p.By.ID + " " + p.Reason
		}
		if d := c.Decision; d != nil {
			line += " " + d.String()
		}
		if z := c.Snooze; z != nil {
			line += " sleeps until " + z.Until.Format("15:04")
		}
		if n := len(c.Log); n > 0 {
			line += " " + string(c.Log[n-1].Kind) + " by " + c.Log[n-1].By + ": " + c.Log[n-1].Reason
		}
		got = append(got, line)
	}
	// An escalation is written when it is decided and, over it, when it is carried out.
	got = slices.Compact(got)
	why := ": second thoughts"
	want := []string{
		"open proposed by U1 known",
		"open proposed by U1 known sleeps until 09:02 snooze by U1" + why,
		"open proposed by U1 known wake by U2" + why,
		"open decline by U2: approval by U1" + why,
		"open proposed by U1 known decline by U2: approval by U1" + why,
		"remembered approved by U1 and U2 at 2026-03-02 06:06 UTC confirm by U2" + why,
		"open undo by U2" + why,
		"escalated escalated by U1 at 2026-03-02 06:08 UTC undo by U2" + why,
		"escalated escalated by U1 at 2026-03-02 06:08 UTC retry by U2" + why,
		"open reopen by U1" + why,
		"cancelled reopen by U1" + why, // the test ends
	}
	if !slices.Equal(got, want) {
		t.Fatalf("the audit has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAProposalDoesNotOutliveNewEvidenceNorADeadline(t *testing.T) {
	w := newWorld(t)
	long := decision(soar.Approve, "U1", "k1")
	long.Remember = hours(24 * 60)
	w.update(time.Second, soar.SeeUpdate, told(soar.SeverityMedium, "m1"))
	w.update(time.Minute, soar.DecideUpdate, long)
	w.update(2*time.Minute, soar.SeeUpdate, told(soar.SeverityMedium, "m1", "m2"))
	stale := w.update(3*time.Minute, soar.ChangeUpdate, change(soar.ChangeConfirm, "U2", "k2"))
	long.Click, long.At = "k3", start
	w.update(4*time.Minute, soar.DecideUpdate, long)
	w.runFor(10 * time.Hour)
	if refusal(stale.err) != soar.RefusedInput {
		t.Fatalf("confirmed what the case no longer shows: %v", stale.err)
	}
	if c := w.last(); c.State != soar.CaseEscalated || c.Decision.By.ID != soar.DeadlineActor.ID || c.Proposal != nil {
		t.Fatalf("at the deadline the case is %s, proposal %+v", c.State, c.Proposal)
	}
}

func TestASnoozeStopsTheClockAndWorseEvidenceEndsIt(t *testing.T) {
	w := newWorld(t)
	snooze := change(soar.ChangeSnooze, "U1", "k1")
	snooze.For = hours(3)
	w.update(time.Second, soar.SeeUpdate, told(soar.SeverityMedium, "m1"))
	w.update(time.Hour, soar.ChangeUpdate, snooze)
	w.env.RegisterDelayedCallback(func() {
		if len(w.incidents) != 0 {
			t.Error("it escalated while its clock stood")
		}
	}, 6*time.Hour+50*time.Minute)
	w.runFor(8 * time.Hour)
	if len(w.incidents) != 1 {
		t.Fatalf("%d incidents after four hours of its own and three of snooze", len(w.incidents))
	}

	w = newWorld(t)
	w.update(time.Second, soar.SeeUpdate, told(soar.SeverityMedium, "m1"))
	w.update(time.Hour, soar.ChangeUpdate, snooze)
	w.update(2*time.Hour, soar.SeeUpdate, told(soar.SeverityHigh, "m1", "m2"))
	w.env.RegisterDelayedCallback(func() {
		if c := w.last(); c.Snooze != nil {
			t.Errorf("a case that grew HIGH sleeps on until %s", c.Snooze.Until)
		}
	}, 2*time.Hour+time.Minute)
	w.runFor(3 * time.Hour)

	w = newWorld(t)
	w.update(time.Second, soar.SeeUpdate, told(soar.SeverityHigh, "m1"))
	high := w.update(time.Minute, soar.ChangeUpdate, snooze)
	w.runFor(time.Hour)
	if refusal(high.err) != soar.RefusedInput || !strings.Contains(high.err.Error(), "at most 1h") {
		t.Fatalf("a HIGH case sleeps for three hours: %v", high.err)
	}

	w = newWorld(t)
	snooze.For = soar.Duration(40 * time.Minute)
	w.update(time.Second, soar.SeeUpdate, told(soar.SeverityHigh, "m1"))
	first := w.update(time.Minute, soar.ChangeUpdate, snooze)
	snooze.Click = "k2"
	second := w.update(time.Hour, soar.ChangeUpdate, snooze)
	w.runFor(2 * time.Hour)
	if first.err != nil || refusal(second.err) != soar.RefusedInput || !strings.Contains(second.err.Error(), "20m are left") {
		t.Fatalf("a HIGH case sleeps again and again: %v, then %v", first.err, second.err)
	}
}

func TestACaseRemindsItsThreadAndThenTheOnCallGroupOnceEach(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, told(soar.SeverityMedium, "m1"))
	w.runFor(5 * time.Hour)
	if len(w.notes) != 2 || !slices.Equal(w.mentions, []bool{false, true}) {
		t.Fatalf("notes %q, mentions %v", w.notes, w.mentions)
	}
	w = newWorld(t)
	w.update(time.Second, soar.SeeUpdate, told(soar.SeverityLow, "m1"))
	w.runFor(5 * time.Hour)
	if len(w.notes) != 0 {
		t.Fatalf("a LOW case reminds: %q", w.notes)
	}
}

func TestACaseThatGrewThreefoldIsLouderOnceAFactor(t *testing.T) {
	w := newWorld(t)
	with := func(phish int, messages ...string) soar.See {
		s := told(soar.SeverityMedium, messages...)
		s.Finding.Candidate.Counts.Phish = phish
		return s
	}
	w.update(time.Second, soar.SeeUpdate, with(2, "m1"))
	w.update(2*time.Minute, soar.SeeUpdate, with(4, "m1", "m2"))
	w.update(3*time.Minute, soar.SeeUpdate, with(6, "m1", "m2", "m3"))
	w.update(4*time.Minute, soar.SeeUpdate, with(7, "m1", "m2", "m3", "m4"))
	w.runFor(time.Hour)
	if len(w.notes) != 1 || !strings.Contains(w.notes[0], "6 phish reports, 2 when") {
		t.Fatalf("notes %q", w.notes)
	}
}

func TestBusinessHoursHoldForMediumAndNotForHigh(t *testing.T) {
	// The window opens five hours after the sighting and again a day later.
	for severity, want := range map[soar.Severity]time.Duration{soar.SeverityHigh: 4 * time.Hour, soar.SeverityMedium: 27 * time.Hour} {
		w := newWorld(t)
		s := told(severity, "m1")
		s.Policy.Hours = []soar.Window{
			soar.NewWindow(start.Add(5*time.Hour), start.Add(7*time.Hour)), soar.NewWindow(start.Add(25*time.Hour), start.Add(33*time.Hour)),
		}
		w.update(0, soar.SeeUpdate, s)
		w.runFor(40 * time.Hour)
		if got := w.incidents[0].Deadline.Sub(start); got != want {
			t.Errorf("%s: deadline after %s, want %s", severity, got, want)
		}
	}
}

func TestARuleThatWasSaidToBeWrongHidesTheSenderNoMore(t *testing.T) {
	w := newWorld(t)
	hidden := told(soar.SeverityMedium, "m1")
	hidden.Judgement = soar.Judgement{Verdict: soar.VerdictSuppressed, Rule: "backup-veeam"}
	wrong := hidden
	wrong.Wrong = &soar.Wrong{CaseID: "x", Rule: "backup-veeam", By: soar.Actor{ID: "U1"}, At: start}
	first := w.update(time.Second, soar.SeeUpdate, hidden)
	opened := w.update(2*time.Second, soar.SeeUpdate, wrong)
	w.update(time.Minute, soar.DecideUpdate, decision(soar.Approve, "U1", "k1"))
	next := hidden
	next.Finding.Evidence.Messages = []soar.Message{{NetworkMessageID: "m9", P2: "j.doe@contoso.com", ObjectID: "o-1"}}
	later := w.update(2*time.Hour, soar.SeeUpdate, next)
	other := next
	other.Judgement.Rule = "monitoring-splunk"
	other.Finding.Evidence.Messages = []soar.Message{{NetworkMessageID: "m10", P2: "j.doe@contoso.com", ObjectID: "o-1"}}
	w.update(3*time.Hour, soar.DecideUpdate, func() soar.Decide {
		d := decision(soar.Approve, "U1", "k2")
		d.Case.Number = 2
		return d
	}())
	elsewhere := w.update(4*time.Hour, soar.SeeUpdate, other)
	w.runFor(5 * time.Hour)
	if first.seen.Answer != soar.SeeSuppressed || opened.seen.Answer != soar.SeeOpened || opened.seen.Held != soar.GuardDistrusted {
		t.Fatalf("before %+v, said to be wrong %+v", first.seen, opened.seen)
	}
	if later.seen.Answer != soar.SeeOpened || later.seen.Held != soar.GuardDistrusted {
		t.Fatalf("later mail of the same rule %+v", later.seen)
	}
	if elsewhere.seen.Answer != soar.SeeSuppressed {
		t.Fatalf("another rule is trusted as before: %+v", elsewhere.seen)
	}
}

func TestARetryReachesOnlyWhatFailed(t *testing.T) {
	w := newWorld(t)
	s := told(soar.SeverityHigh, "m1")
	s.Policy.Targets = []soar.EscalationTarget{soar.TargetDefender, soar.TargetPage}
	w.fail["OpenIncident"] = final("Sentinel is away")
	w.update(time.Second, soar.SeeUpdate, s)
	w.update(time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
	w.env.RegisterDelayedCallback(func() {
		if c := w.last(); !slices.Equal(c.FailedTargets(), []string{soar.TargetIncident}) {
			t.Errorf("the card says which target failed: %v", c.Problems)
		}
		delete(w.fail, "OpenIncident")
	}, 30*time.Minute)
	retry := w.update(31*time.Minute, soar.ChangeUpdate, change(soar.ChangeRetry, "U2", "k2"))
	nothing := w.update(40*time.Minute, soar.ChangeUpdate, change(soar.ChangeRetry, "U2", "k3"))
	w.runFor(time.Hour)
	if retry.err != nil || len(w.incidents) != 1 || len(w.escalated) != 1 || len(w.pages) != 1 || len(w.defender) != 1 {
		t.Fatalf("%v: %d incidents, %d escalations, %d pages, %d Defender notes", retry.err, len(w.incidents), len(w.escalated), len(w.pages), len(w.defender))
	}
	if c := w.last(); c.Incident == nil || len(c.FailedTargets()) != 0 {
		t.Fatalf("incident %+v, problems %v", c.Incident, c.Problems)
	}
	if refusal(nothing.err) != soar.RefusedInput {
		t.Fatalf("nothing failed: %v", nothing.err)
	}
}

func TestTheEndOfALearnedEntryGoesIntoTheAudit(t *testing.T) {
	w := newWorld(t)
	approve := decision(soar.Approve, "U1", "k1")
	approve.Remember = hours(48)
	w.update(time.Second, soar.SeeUpdate, told(soar.SeverityMedium, "m1"))
	w.update(time.Minute, soar.DecideUpdate, approve)
	w.runFor(60 * time.Hour)
	last := w.decisions[len(w.decisions)-1]
	if len(w.decisions) != 2 || len(last.Log) != 1 || last.Log[0].Kind != soar.ChangeLapse {
		t.Fatalf("%d records, the last with %+v", len(w.decisions), last.Log)
	}
}
