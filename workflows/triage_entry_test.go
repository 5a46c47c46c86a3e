package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/workflows/soar"
)

// remembered opens a case a minute in and lets U1 approve it for a while.
func (w *world) remembered(s soar.See, span time.Duration) *answer {
	approve := decision(soar.Approve, "U1", "k1")
	approve.Remember = soar.Duration(span)
	w.update(time.Second, soar.SeeUpdate, s)
	return w.update(time.Minute, soar.DecideUpdate, approve)
}

func TestWhatIsRememberedIsExtendedByAnotherApproverAndThatIsAudited(t *testing.T) {
	w := newWorld(t)
	w.remembered(told(soar.SeverityMedium, "m1"), 48*time.Hour)
	extend := func(by string) soar.Extend {
		return soar.Extend{By: soar.Actor{ID: by}, Approvers: approvers, Until: start.Add(96 * time.Hour)}
	}
	own := w.update(2*time.Minute, soar.ExtendUpdate, extend("U1"))
	other := w.update(3*time.Minute, soar.ExtendUpdate, extend("U2"))
	w.runFor(50 * time.Hour)
	if refusal(own.err) != soar.RefusedActor || other.err != nil {
		t.Fatalf("own %v, other %v", own.err, other.err)
	}
	last := w.decisions[len(w.decisions)-1]
	if len(w.decisions) != 2 || len(last.Log) != 1 || last.Log[0].Kind != soar.ChangeExtend || last.Log[0].By != "U2" || last.State != soar.CaseRemembered {
		t.Fatalf("%d records, the last %s with %+v", len(w.decisions), last.State, last.Log)
	}
}

func TestMailOfAPersonIsHiddenInItsShapeOnlyAndUndoneAsAnyApproval(t *testing.T) {
	person := func(id, subject string) soar.See {
		s := told(soar.SeverityMedium, id)
		m := &s.Finding.Evidence.Messages[0]
		m.Subject, m.Recipients, m.RecipientCount = subject, []string{"ann@contoso.com"}, 1
		s.Finding.Profile = soar.SenderProfile{Kind: soar.KindPerson, ObjectID: "o-1"}
		s.Judgement.Rememberable = false
		s.Judgement.Guards = []soar.GuardHit{{Guard: soar.GuardPerson}}
		return s
	}
	w := newWorld(t)
	long := w.update(30*time.Second, soar.DecideUpdate, func() soar.Decide {
		d := decision(soar.Approve, "U1", "k0")
		d.Remember = hours(24 * 30)
		return d
	}())
	week := w.remembered(person("m1", "Newsletter 7"), 7*24*time.Hour)
	same := w.update(2*time.Minute, soar.SeeUpdate, person("m2", "Newsletter 8"))
	w.update(3*time.Minute, soar.ChangeUpdate, change(soar.ChangeUndo, "U2", "k2"))
	again := w.update(4*time.Minute, soar.DecideUpdate, func() soar.Decide {
		d := decision(soar.Approve, "U1", "k3")
		d.Remember = hours(24 * 7)
		return d
	}())
	other := w.update(5*time.Minute, soar.SeeUpdate, person("m3", "Urgent payment"))
	w.runFor(time.Hour)
	if refusal(long.err) != soar.RefusedGuard || week.err != nil || same.seen.Answer != soar.SeeSuppressed {
		t.Fatalf("thirty days %v, a week %v, the same shape %+v", long.err, week.err, same.seen)
	}
	if again.err != nil || other.seen.Answer != soar.SeeOpened || other.seen.Case.Number != 2 {
		t.Fatalf("approved again %v, another shape %+v", again.err, other.seen)
	}
}

func TestAThirdPersonsApprovalProposesARuleInTheThread(t *testing.T) {
	w := newWorld(t)
	people := soar.Approvers{Users: []string{"U1", "U2", "U3"}}
	for i, by := range people.Users {
		s := told(soar.SeverityMedium, fmt.Sprintf("m%d", i))
		m := &s.Finding.Evidence.Messages[0]
		m.P1, m.Subject = m.P2, fmt.Sprintf("Job %d done", i)
		d := decision(soar.Approve, by, "k"+by)
		d.Case.Number, d.Approvers = i+1, people
		w.update(time.Duration(10*i+1)*time.Minute, soar.SeeUpdate, s)
		w.update(time.Duration(10*i+5)*time.Minute, soar.DecideUpdate, d)
	}
	w.runFor(2 * time.Hour)
	said := slices.DeleteFunc(w.notes, func(n string) bool { return !strings.Contains(n, "a rule would hide it") })
	if len(said) != 1 || !strings.Contains(w.last().RuleProposal, "j.doe@contoso.com") {
		t.Fatalf("notes %q, rule %q", said, w.last().RuleProposal)
	}
}

func TestAProposalThatNewEvidenceEndedIsSaidInTheThread(t *testing.T) {
	w := newWorld(t)
	long := decision(soar.Approve, "U1", "k1")
	long.Remember = hours(24 * 60)
	w.update(time.Second, soar.SeeUpdate, told(soar.SeverityMedium, "m1"))
	w.update(time.Minute, soar.DecideUpdate, long)
	w.update(2*time.Minute, soar.SeeUpdate, told(soar.SeverityMedium, "m1", "m2"))
	w.runFor(time.Hour)
	if len(w.notes) != 1 || !strings.Contains(w.notes[0], "does not wait for a second person any more") {
		t.Fatalf("notes %q", w.notes)
	}
}

func TestACaseThatALateProfileMakesHighWaitsNoLongerThanAHighCase(t *testing.T) {
	w := newWorld(t)
	w.profile = soar.SenderProfile{Kind: soar.KindPerson, ObjectID: "o-1"}
	w.judgement = func(soar.Finding) soar.Judgement {
		return soar.Judgement{Verdict: soar.VerdictTriage, Severity: soar.SeverityHigh, Headline: "Likely taken-over mailbox"}
	}
	s := unknownSender("m1")
	s.Policy.HighWithin = hours(1)
	w.update(0, soar.SeeUpdate, s)
	w.update(time.Minute, soar.ChangeUpdate, func() soar.Change {
		c := change(soar.ChangeSnooze, "U1", "k1")
		c.For = hours(20)
		return c
	}())
	w.runFor(3 * time.Hour)
	if len(w.incidents) != 1 {
		t.Fatalf("%d incidents: a snoozed case that turned out to be HIGH has to wake", len(w.incidents))
	}
	if got := w.incidents[0].Deadline.Sub(start); got != 70*time.Minute {
		t.Fatalf("its deadline was after %s", got)
	}
}

func TestTwoDeadlinesOfOneCaseAreTwoRecords(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, told(soar.SeverityMedium, "m1"))
	w.update(5*time.Hour, soar.ChangeUpdate, change(soar.ChangeReopen, "U1", "k1"))
	w.runFor(10 * time.Hour)
	var clicks []string
	for _, d := range w.decisions {
		if d.Decision != nil {
			clicks = append(clicks, d.Decision.Click)
		}
	}
	if len(clicks) != 2 || clicks[0] == clicks[1] {
		t.Fatalf("decided by %q", clicks)
	}
}
