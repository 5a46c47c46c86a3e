package soar_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"harrier/workflows/soar"
)

var allButtons = []soar.Button{"approve", "escalate", "undo", "reopen", "snooze", "wake", "confirm", "decline", "retry", "forget", "extend"}

// buttonCase is a case on which one of the buttons would do something.
func buttonCase(b soar.Button, of soar.DecisionKind) soar.CaseView {
	k := soar.Case{
		Ref: soar.CaseRef{ID: caseID, Number: 1}, State: soar.CaseOpen, Opened: epoch, Deadline: epoch.Add(time.Hour),
		Judgement: soar.Judgement{Severity: soar.SeverityHigh, Rememberable: true}, Policy: soar.CasePolicy{Version: 1, UndoFor: soar.Duration(time.Hour)},
	}
	view := soar.CaseView{Case: k}
	decided := soar.Decision{Kind: of, By: soar.Actor{ID: "U9"}, At: epoch}
	state := map[soar.DecisionKind]soar.CaseState{soar.Approve: soar.CaseApproved, soar.Escalate: soar.CaseEscalated}[of]
	switch soar.ChangeKind(b) {
	case soar.ChangeUndo, soar.ChangeReopen:
		view.Case.State, view.Case.Decision = state, &decided
	case soar.ChangeRetry:
		view.Case.State, view.Case.Decision, view.Case.Problems = state, &decided, []string{"incident: away"}
	case soar.ChangeWake:
		view.Case.Snooze = &soar.Snooze{Since: epoch, Until: epoch.Add(time.Hour)}
	case soar.ChangeConfirm, soar.ChangeDecline:
		view.Case.Proposal = &decided
	case soar.ChangeForget, soar.ChangeExtend:
		view.Case.State, view.Case.Decision, view.Entry = soar.CaseRemembered, &decided, &soar.Entry{By: "U9"}
	}
	return view
}

// press uses a button as its validator would judge it.
func press(view soar.CaseView, b soar.Button, by soar.Actor, list soar.Approvers) error {
	switch b {
	case "approve", "escalate":
		return soar.MayDecide(view, soar.Decide{
			Case: view.Case.Ref, Decision: soar.DecisionKind(b), By: by, Approvers: list, Reason: "known", Click: "k",
		})
	case "forget":
		return soar.MayForgetEntry(view, by, list)
	case "extend":
		return soar.MayExtendEntry(view, by, list)
	}
	return soar.MayChange(view, soar.Change{
		Case: view.Case.Ref, Kind: soar.ChangeKind(b), By: by, Approvers: list, Reason: "why", For: soar.Duration(time.Minute), Click: "k",
	}, epoch.Add(time.Minute))
}

func TestANarrowerListHoldsForEveryButtonThatItsDecisionOrSeverityFits(t *testing.T) {
	approves := []soar.Button{"approve", "undo", "reopen", "confirm", "decline", "forget", "extend"}
	lead := func(r soar.ApproverRule) soar.ApproverRule { r.Users = []string{"U2"}; return r }
	for name, c := range map[string]struct {
		rule soar.ApproverRule
		of   soar.DecisionKind
		held []soar.Button
	}{
		"who may approve":                  {lead(soar.ApproverRule{Decision: "approve"}), soar.Approve, approves},
		"who may approve what is HIGH":     {lead(soar.ApproverRule{Decision: "approve", Severity: soar.SeverityHigh}), soar.Approve, approves},
		"who may approve what is LOW":      {lead(soar.ApproverRule{Decision: "approve", Severity: soar.SeverityLow}), soar.Approve, nil},
		"who may escalate":                 {lead(soar.ApproverRule{Decision: "escalate"}), soar.Escalate, []soar.Button{"escalate", "reopen", "retry"}},
		"who acts on what is HIGH":         {lead(soar.ApproverRule{Severity: soar.SeverityHigh}), "", allButtons},
		"who acts on what is MEDIUM":       {lead(soar.ApproverRule{Severity: soar.SeverityMedium}), "", nil},
		"who may snooze":                   {lead(soar.ApproverRule{Decision: "snooze"}), "", []soar.Button{"snooze"}},
		"who may be the second person":     {lead(soar.ApproverRule{Decision: "confirm", Severity: soar.SeverityHigh}), "", []soar.Button{"confirm"}},
		"who may open what is closed anew": {lead(soar.ApproverRule{Decision: "reopen"}), "", []soar.Button{"reopen"}},
	} {
		t.Run(name, func(t *testing.T) {
			list := soar.Approvers{Users: []string{"U1", "U2"}, Only: []soar.ApproverRule{c.rule}}
			for _, b := range allButtons {
				of := c.of
				if of == "" {
					of = soar.Approve
				}
				if b == "retry" {
					of = soar.Escalate
				}
				view := buttonCase(b, of)
				if err := press(view, b, soar.Actor{ID: "U2"}, list); err != nil && !(b == "undo" && of == soar.Escalate) {
					t.Errorf("%s by somebody on both lists: %v", b, err)
				}
				err := press(view, b, soar.Actor{ID: "U1"}, list)
				if held := kindOf(err) == soar.RefusedActor; held != slices.Contains(c.held, b) {
					t.Errorf("%s by somebody on the wide list: held %v, %v", b, held, err)
				} else if held && !strings.Contains(err.Error(), fmt.Sprintf("U1 is not among the approvers for %q on a HIGH case", b)) {
					t.Errorf("%s: the refusal says %v", b, err)
				}
			}
		})
	}
}

func TestEveryButtonIsANameForANarrowerListAndNothingElseIs(t *testing.T) {
	for _, b := range allButtons {
		if err := b.Validate(); err != nil {
			t.Error(err)
		}
	}
	for _, b := range []soar.Button{"", "lapse", "distrust", "Approve"} {
		if b.Validate() == nil {
			t.Errorf("%q is a button", b)
		}
	}
}

// An unreviewed case was decided by nobody: no right to decide is needed to look again.
func TestWhatNobodyDecidedIsReopenedByAnyApprover(t *testing.T) {
	view := buttonCase("", "")
	view.Case.State = soar.CaseUnreviewed
	list := soar.Approvers{Users: []string{"U1"}, Only: []soar.ApproverRule{{Decision: "approve", Users: []string{"U2"}}, {Decision: "escalate", Users: []string{"U2"}}}}
	if err := press(view, "reopen", soar.Actor{ID: "U1"}, list); err != nil {
		t.Error(err)
	}
}

// clocked is an open case of a severity that somebody snoozes and wakes.
func clocked(severity soar.Severity) soar.TriageState {
	return soar.TriageState{Case: soar.Case{
		Ref: soar.CaseRef{ID: caseID, Number: 1}, State: soar.CaseOpen, Opened: epoch, Deadline: epoch.Add(4 * time.Hour), Span: soar.Duration(4 * time.Hour),
		Judgement: soar.Judgement{Severity: severity}, Policy: soar.CasePolicy{Version: 1, UndoFor: soar.Duration(time.Hour)},
	}}
}

// does carries a change out if it is allowed.
func does(st *soar.TriageState, kind soar.ChangeKind, after, span time.Duration) error {
	c := soar.Change{
		Case: st.Case.Ref, Kind: kind, By: soar.Actor{ID: "U1"}, Approvers: approvers, Reason: "why", For: soar.Duration(span),
		Click: fmt.Sprint(kind, after), At: epoch.Add(after),
	}
	st.Tick(c.At)
	if err := soar.MayChange(st.View(), c, c.At); err != nil {
		return err
	}
	st.Apply(c)
	return nil
}

func TestSnoozesOfACaseTogetherLastNoLongerThanOneMay(t *testing.T) {
	st := clocked(soar.SeverityHigh)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(does(&st, soar.ChangeSnooze, 0, 30*time.Minute))
	must(does(&st, soar.ChangeWake, 20*time.Minute, 0))
	if left := st.Case.SnoozeLeft(); left != 40*time.Minute {
		t.Fatalf("woken after 20 minutes it may sleep %s more", left)
	}
	if err := does(&st, soar.ChangeSnooze, 30*time.Minute, time.Hour); kindOf(err) != soar.RefusedInput || !strings.Contains(err.Error(), "at most 1h in all, and of that 40m are left") {
		t.Fatalf("an hour more: %v", err)
	}
	must(does(&st, soar.ChangeSnooze, 30*time.Minute, 40*time.Minute))
	if err := does(&st, soar.ChangeSnooze, 2*time.Hour, time.Minute); kindOf(err) != soar.RefusedInput || st.Case.SnoozeLeft() != 0 {
		t.Fatalf("once all is used up, and slept out: %v, %s left", err, st.Case.SnoozeLeft())
	}
	if want := epoch.Add(5 * time.Hour); !st.Case.Deadline.Equal(want) {
		t.Fatalf("deadline %s, want %s", st.Case.Deadline, want)
	}
}

// An approval that is taken back gives no more time to sleep; a case that is opened
// again, with a reason, begins anew.
func TestOnlyReopeningLetsACaseBeSnoozedAnew(t *testing.T) {
	st := clocked(soar.SeverityMedium)
	steps := func(list ...error) {
		t.Helper()
		for i, err := range list {
			if err != nil {
				t.Fatal(i, err)
			}
		}
	}
	steps(does(&st, soar.ChangeSnooze, 0, 20*time.Hour))
	approve := decide(&st, soar.Approve, 0)
	approve.At = epoch.Add(2 * time.Hour) // it is decided while it sleeps
	st.Decide(approve)
	steps(does(&st, soar.ChangeUndo, 2*time.Hour+time.Minute, 0))
	if left := st.Case.SnoozeLeft(); left != 22*time.Hour || st.Case.Snooze != nil {
		t.Fatalf("after an undo %s are left", left)
	}
	approve.At, approve.Click = epoch.Add(3*time.Hour), "again"
	st.Decide(approve)
	steps(does(&st, soar.ChangeReopen, 4*time.Hour, 0))
	if left := st.Case.SnoozeLeft(); left != soar.MaxSnooze {
		t.Fatalf("reopened, %s are left", left)
	}
	// A case that became HIGH has slept longer than a HIGH one may.
	steps(does(&st, soar.ChangeSnooze, 5*time.Hour, 2*time.Hour))
	st.Tick(epoch.Add(7 * time.Hour))
	st.Case.Judgement.Severity = soar.SeverityHigh
	if left := st.Case.SnoozeLeft(); left != 0 {
		t.Fatalf("HIGH now, and %s are left", left)
	}
}
