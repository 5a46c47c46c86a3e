package workflows_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"harrier/workflows/soar"
)

var approvers = soar.Approvers{Users: []string{"U1", "U2"}}

const caseKey = "object:o-1"

type workflowContinueAsNew = workflow.ContinueAsNewError

func decode(p *commonpb.Payloads, to any) error {
	return converter.GetDefaultDataConverter().FromPayloads(p, to)
}

type answer struct {
	seen    soar.Seen
	decided soar.Decided
	err     error
	// answered says that there was an answer, or a refusal.
	answered bool
}

// update sends an update after so much time and keeps its answer.
func (w *world) update(after time.Duration, name string, arg any) *answer {
	a := &answer{}
	w.env.RegisterDelayedCallback(func() { w.env.UpdateWorkflow(name, "", a, arg) }, after)
	return a
}

func (a *answer) Accept()          {}
func (a *answer) Reject(err error) { a.err, a.answered = err, true }
func (a *answer) Complete(out any, err error) {
	a.err, a.answered = err, true
	switch v := out.(type) {
	case soar.Seen:
		a.seen = v
	case soar.Decided:
		a.decided = v
	}
}

func sighting(hunt string, severity soar.Severity, messages ...string) soar.See {
	f := soar.Finding{Hunt: hunt, Candidate: soar.Candidate{Sender: "j.doe@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg}}
	f.Window = soar.NewWindow(start.Add(-24*time.Hour), start)
	for _, id := range messages {
		f.Evidence.Messages = append(f.Evidence.Messages, soar.Message{NetworkMessageID: id, P2: "j.doe@contoso.com", ObjectID: "o-1"})
	}
	f.Evidence.Total = len(messages)
	return soar.See{
		Hunt: hunt, Window: f.Window, At: start, Finding: f, Channel: "C1", Deadline: hours(1),
		Judgement: soar.Judgement{Verdict: soar.VerdictTriage, Severity: severity, Rememberable: true, Path: "mailbox"},
	}
}

func decision(kind soar.DecisionKind, by, click string) soar.Decide {
	return soar.Decide{
		Case: soar.CaseRef{ID: "default-test-workflow-id", Number: 1}, Decision: kind, By: soar.Actor{ID: by}, Approvers: approvers,
		Reason: "known", Click: click, At: start.Add(10 * time.Minute),
	}
}

// runFor lets the case live so long, then cancels it.
func (w *world) runFor(d time.Duration) {
	w.env.RegisterDelayedCallback(w.env.CancelWorkflow, d)
	w.env.ExecuteWorkflow(soar.TriageWorkflow, soar.TriageInput{Key: caseKey})
}

func refusal(err error) soar.RefusalKind {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return soar.RefusalKind(app.Type())
	}
	return ""
}

func TestACaseIsPostedOnceAndDecidedByTheFirstValidClick(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, sighting("a", soar.SeverityHigh, "m1"))
	w.env.RegisterDelayedCallback(func() {
		if len(w.posted) != 1 || len(w.updated) != 0 {
			t.Errorf("a fresh card was edited: %d posts, %d edits", len(w.posted), len(w.updated))
		}
	}, 1500*time.Millisecond)
	joined := w.update(2*time.Second, soar.SeeUpdate, sighting("b", soar.SeverityHigh, "m1"))
	first := w.update(time.Minute, soar.DecideUpdate, decision(soar.Approve, "U1", "k1"))
	again := w.update(61*time.Second, soar.DecideUpdate, decision(soar.Approve, "U1", "k1"))
	second := w.update(62*time.Second, soar.DecideUpdate, decision(soar.Escalate, "U2", "k2"))
	outsider := w.update(30*time.Second, soar.DecideUpdate, decision(soar.Escalate, "U9", "k3"))
	w.runFor(10 * time.Hour)
	if joined.seen.Answer != soar.SeeJoined || len(w.posted) != 1 {
		t.Fatalf("joined %+v, %d cards", joined.seen, len(w.posted))
	}
	if first.err != nil || first.decided.State != soar.CaseApproved || again.err != nil || again.decided != first.decided {
		t.Fatalf("first %+v, the same click again %+v", first, again)
	}
	if refusal(second.err) != soar.RefusedDecided || refusal(outsider.err) != soar.RefusedActor {
		t.Fatalf("second %v, outsider %v", second.err, outsider.err)
	}
	if len(w.incidents) != 0 || len(w.decisions) != 1 {
		t.Fatalf("%d incidents, %d audit records", len(w.incidents), len(w.decisions))
	}
	last := w.updated[len(w.updated)-1]
	if last.Decision == nil || last.Decision.By.ID != "U1" || len(last.Hunts) != 2 {
		t.Fatalf("the card shows %+v", last)
	}
}

func TestADeadlineEscalatesAndNeverApproves(t *testing.T) {
	for severity, want := range map[soar.Severity]soar.CaseState{
		soar.SeverityHigh: soar.CaseEscalated, soar.SeverityMedium: soar.CaseEscalated, soar.SeverityLow: soar.CaseUnreviewed,
	} {
		w := newWorld(t)
		w.update(time.Second, soar.SeeUpdate, sighting("a", severity, "m1"))
		late := w.update(2*time.Hour, soar.DecideUpdate, decision(soar.Approve, "U1", "late"))
		w.runFor(3 * time.Hour)
		got := w.decisions[0]
		if got.State != want {
			t.Errorf("%s: state %s, want %s", severity, got.State, want)
		}
		if want == soar.CaseEscalated {
			if len(w.incidents) != 1 || len(w.escalated) != 1 || got.Decision.By.ID != soar.DeadlineActor.ID || got.Incident == nil {
				t.Errorf("%s: incidents %d, escalations %d, %+v", severity, len(w.incidents), len(w.escalated), got)
			}
			if refusal(late.err) != soar.RefusedDecided {
				t.Errorf("%s: a click after the deadline: %v", severity, late.err)
			}
		} else if late.err != nil || len(w.incidents) != 0 {
			t.Errorf("an unreviewed case still takes a decision: %v", late.err)
		}
	}
}

func TestASlackThatIsDownKeepsNoDeadlineFromEscalating(t *testing.T) {
	w := newWorld(t)
	w.fail["PostCard"] = errors.New("slack: 503")
	w.update(time.Second, soar.SeeUpdate, sighting("a", soar.SeverityHigh, "m1"))
	w.runFor(2 * time.Hour)
	if len(w.incidents) != 1 {
		t.Fatalf("%d incidents", len(w.incidents))
	}
}

func TestAnIncidentThatFailsIsSaidAndTheRestIsDone(t *testing.T) {
	w := newWorld(t)
	w.fail["OpenIncident"] = final("sentinel: 403 AuthorizationFailed")
	w.update(time.Second, soar.SeeUpdate, sighting("a", soar.SeverityHigh, "m1"))
	w.update(time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
	w.runFor(3 * time.Hour)
	if len(w.escalated) != 1 || len(w.decisions) != 1 {
		t.Fatalf("%d escalations, %d records", len(w.escalated), len(w.decisions))
	}
	if p := w.updated[len(w.updated)-1].Problems; len(p) != 1 || p[0] != "incident: sentinel: 403 AuthorizationFailed" {
		t.Fatalf("the card says %q", p)
	}
}

func TestACardThatFailedIsTriedAgainAtTheNextSighting(t *testing.T) {
	w := newWorld(t)
	w.fail["PostCard"] = final("slack: is_archived")
	w.update(time.Second, soar.SeeUpdate, sighting("a", soar.SeverityMedium, "m1"))
	w.env.RegisterDelayedCallback(func() { delete(w.fail, "PostCard") }, time.Minute)
	w.update(2*time.Minute, soar.SeeUpdate, sighting("b", soar.SeverityMedium, "m2"))
	w.runFor(30 * time.Minute)
	if len(w.posted) != 1 {
		t.Fatalf("%d cards", len(w.posted))
	}
}

func TestAListedCaseGetsItsCardWhenAskedFor(t *testing.T) {
	w := newWorld(t)
	s := sighting("a", soar.SeverityMedium, "m1")
	s.Listed = true
	w.update(time.Second, soar.SeeUpdate, s)
	ref := soar.CaseRef{ID: "default-test-workflow-id", Number: 1}
	w.env.RegisterDelayedCallback(func() {
		if len(w.posted) != 0 {
			t.Error("a listed case was posted unasked")
		}
	}, time.Minute)
	w.update(2*time.Minute, soar.ShowUpdate, soar.Show{Case: ref, By: soar.Actor{ID: "U1"}, Channel: "C1", Thread: "77.0"})
	w.update(3*time.Minute, soar.ShowUpdate, soar.Show{Case: ref, By: soar.Actor{ID: "U2"}, Channel: "C1", Thread: "77.0"})
	w.runFor(10 * time.Minute)
	if len(w.posted) != 1 || w.posted[0].Card.Thread != "77.0" {
		t.Fatalf("posted %+v", w.posted)
	}
}

func TestACancelledCaseLeavesNoLiveButtons(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, sighting("a", soar.SeverityMedium, "m1"))
	w.runFor(time.Minute)
	if n := len(w.updated); n == 0 || w.updated[n-1].State != soar.CaseCancelled {
		t.Fatalf("the card was left as %+v", w.updated)
	}
}

func TestALongHistoryContinuesAsNewWithoutLosingTheCase(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, sighting("a", soar.SeverityMedium, "m1"))
	w.env.RegisterDelayedCallback(func() { w.env.SetCurrentHistoryLength(5000) }, 3*time.Minute)
	w.update(2*time.Minute, soar.SeeUpdate, sighting("b", soar.SeverityMedium, "m2"))
	w.env.ExecuteWorkflow(soar.TriageWorkflow, soar.TriageInput{Key: caseKey})
	err := w.env.GetWorkflowError()
	var again *workflowContinueAsNew
	if !errors.As(err, &again) {
		t.Fatalf("ended with %v", err)
	}
	var in soar.TriageInput
	if err := decode(again.Input, &in); err != nil {
		t.Fatal(err)
	}
	c := in.State.Case
	if c.Ref.Number != 1 || c.State != soar.CaseOpen || !c.Card.Posted() || len(c.Hunts) != 2 {
		t.Fatalf("carried over: %+v", c)
	}
}

func TestNumbersGoOnFromAnEarlierRun(t *testing.T) {
	w := newWorld(t)
	a := w.update(time.Second, soar.SeeUpdate, sighting("a", soar.SeverityMedium, "m1"))
	w.env.RegisterDelayedCallback(w.env.CancelWorkflow, time.Minute)
	w.env.ExecuteWorkflow(soar.TriageWorkflow, soar.TriageInput{Key: caseKey, FirstNumber: 5})
	if a.seen.Case.Number != 5 {
		t.Fatalf("first case is %s", a.seen.Case)
	}
}

// A new message of the sender arrives together with a decision, or while its
// outcome is under way: what was decided is carried out on the case it was
// decided on.
func TestADecisionIsCarriedOutThoughTheNextCaseOpensAtOnce(t *testing.T) {
	for name, between := range map[string]time.Duration{"same moment": 0, "while the incident is retried": 3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.update(time.Second, soar.SeeUpdate, sighting("a", soar.SeverityHigh, "m1"))
			w.env.RegisterDelayedCallback(func() { w.fail["OpenIncident"] = errors.New("sentinel: 503") }, 30*time.Second)
			w.env.RegisterDelayedCallback(func() {
				w.env.UpdateWorkflow(soar.DecideUpdate, "", &answer{}, decision(soar.Escalate, "U1", "k1"))
				if between == 0 {
					w.env.UpdateWorkflow(soar.SeeUpdate, "", &answer{}, sighting("a", soar.SeverityHigh, "m2"))
				}
			}, time.Minute)
			if between > 0 {
				w.update(time.Minute+between, soar.SeeUpdate, sighting("a", soar.SeverityHigh, "m2"))
			}
			w.env.RegisterDelayedCallback(func() { delete(w.fail, "OpenIncident") }, 2*time.Minute)
			w.runFor(30 * time.Minute)
			if len(w.incidents) != 1 || w.incidents[0].Ref.Number != 1 {
				t.Fatalf("incidents %+v", refs(w.incidents))
			}
			if len(w.escalated) != 1 || w.escalated[0].Ref.Number != 1 || w.escalated[0].Incident == nil {
				t.Fatalf("escalations %+v", refs(w.escalated))
			}
			if w.decisions[0].Ref.Number != 1 || w.decisions[0].Decision == nil {
				t.Fatalf("audit %+v", refs(w.decisions))
			}
			if len(w.posted) != 2 || w.posted[1].Ref.Number != 2 {
				t.Fatalf("cards %+v", refs(w.posted))
			}
			if last := lastOf(w.updated, 1); last == nil || last.State != soar.CaseEscalated || last.Incident == nil {
				t.Fatalf("the first card was left as %+v", last)
			}
		})
	}
}

func refs(cases []soar.Case) (out []string) {
	for _, c := range cases {
		out = append(out, c.Ref.String()+" "+string(c.State))
	}
	return out
}

func lastOf(cases []soar.Case, number int) *soar.Case {
	for i := len(cases) - 1; i >= 0; i-- {
		if cases[i].Ref.Number == number {
			return &cases[i]
		}
	}
	return nil
}

func TestANewerCaseTakesThePlaceOfOneThatNobodyReviewed(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, sighting("a", soar.SeverityLow, "m1"))
	high := w.update(3*time.Hour, soar.SeeUpdate, sighting("a", soar.SeverityHigh, "m2"))
	w.runFor(10 * time.Hour)
	if high.seen.Answer != soar.SeeOpened || len(w.posted) != 2 {
		t.Fatalf("answer %+v, cards %v", high.seen, refs(w.posted))
	}
	if len(w.incidents) != 1 || w.incidents[0].Ref.Number != 2 {
		t.Fatalf("the deadline of the new case: incidents %v", refs(w.incidents))
	}
	if last := lastOf(w.updated, 1); last == nil || last.State != soar.CaseSuperseded {
		t.Fatalf("the old card was left as %+v", last)
	}
}

func TestAnEscalationThatHangsKeepsNoLaterDeadlineFromEscalating(t *testing.T) {
	w := newWorld(t)
	w.fail["PostEscalation"] = errors.New("slack: 503")
	w.update(time.Second, soar.SeeUpdate, sighting("a", soar.SeverityHigh, "m1"))
	w.update(time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
	w.update(2*time.Minute, soar.SeeUpdate, sighting("a", soar.SeverityHigh, "m2"))
	w.runFor(2 * time.Hour)
	if len(w.incidents) != 2 {
		t.Fatalf("incidents %v", refs(w.incidents))
	}
}

func TestALongHistoryKeepsNoDeadlineFromEscalating(t *testing.T) {
	w := newWorld(t)
	w.fail["PostCard"] = errors.New("slack: 503")
	w.env.RegisterDelayedCallback(func() { w.env.SetCurrentHistoryLength(5000) }, time.Minute)
	s := sighting("a", soar.SeverityHigh, "m1")
	s.Deadline = soar.Duration(2 * time.Minute)
	w.update(time.Second, soar.SeeUpdate, s)
	w.runFor(3 * time.Minute)
	if len(w.incidents) != 1 {
		t.Fatalf("%d incidents", len(w.incidents))
	}
}

func TestAnAcceptedDecisionOutlivesACancellation(t *testing.T) {
	w := newWorld(t)
	w.fail["OpenIncident"] = errors.New("sentinel: 503")
	w.update(time.Second, soar.SeeUpdate, sighting("a", soar.SeverityHigh, "m1"))
	w.update(time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
	w.env.RegisterDelayedCallback(func() { delete(w.fail, "OpenIncident") }, 3*time.Minute)
	w.runFor(2 * time.Minute)
	if len(w.incidents) != 1 || len(w.escalated) != 1 || len(w.decisions) != 1 {
		t.Fatalf("incidents %v, escalations %v, audit %v", refs(w.incidents), refs(w.escalated), refs(w.decisions))
	}
}

func TestAClockInAMessageIsNotBelieved(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, sighting("a", soar.SeverityHigh, "m1"))
	d := decision(soar.Approve, "U1", "k1")
	d.Remember = hours(24)
	d.At = start.AddDate(50, 0, 0)
	a := w.update(time.Minute, soar.DecideUpdate, d)
	zero := w.update(2*time.Minute, soar.SeeUpdate, func() soar.See { s := sighting("a", soar.SeverityHigh, "m2"); s.At = time.Time{}; return s }())
	w.runFor(time.Hour)
	if until := a.decided.Until; until.After(start.Add(26 * time.Hour)) {
		t.Fatalf("remembered until %s", until)
	}
	if zero.err != nil {
		t.Fatal(zero.err)
	}
}

func TestACardThatCannotBePostedIsTold(t *testing.T) {
	w := newWorld(t)
	w.fail["PostCard"] = final("slack: is_archived")
	s := sighting("a", soar.SeverityLow, "m1")
	s.Operations = "C9"
	w.update(time.Second, soar.SeeUpdate, s)
	w.runFor(time.Minute)
	if len(w.notices) != 1 || w.notices[0].Channel != "C9" {
		t.Fatalf("notices %v", w.notices)
	}
}

func TestACardThatTheFallbackChannelTookIsKept(t *testing.T) {
	w := newWorld(t)
	taken := soar.Card{Channel: "C8", TS: "9.0"}
	w.fail["PostCard"] = temporal.NewNonRetryableApplicationError("slack: is_archived", "Channel", nil, taken)
	w.update(time.Second, soar.SeeUpdate, sighting("a", soar.SeverityHigh, "m1"))
	w.update(time.Minute, soar.DecideUpdate, decision(soar.Approve, "U1", "k1"))
	w.runFor(time.Hour)
	if n := len(w.updated); n == 0 || w.updated[n-1].Card != taken {
		t.Fatalf("updated %+v", refs(w.updated))
	}
}

func TestACaseThatRisesInSeveritySaysSoInItsThread(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, sighting("a", soar.SeverityLow, "m1"))
	w.update(time.Minute, soar.SeeUpdate, sighting("b", soar.SeverityLow, "m2"))
	w.update(2*time.Minute, soar.SeeUpdate, sighting("b", soar.SeverityHigh, "m3"))
	w.runFor(10 * time.Minute)
	if len(w.posted) != 1 || len(w.notes) != 1 || !strings.Contains(w.notes[0], "Now HIGH") {
		t.Fatalf("%d cards, notes %q", len(w.posted), w.notes)
	}
}
