package workflows_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"harrier/workflows/soar"
)

// stretch is how much of a case's life one run takes before it continues as new.
const stretch = 5 * 24 * time.Hour

// mostPayload is Temporal's limit for one payload
// (https://docs.temporal.io/cloud/limits).
const mostPayload = 2 << 20

// heavy is a sighting as large as they come: ten mails of twenty recipients each.
func heavy(day, nth int) soar.See {
	s := told(soar.SeverityMedium)
	s.Hunt = fmt.Sprintf("hunt-%d", nth)
	s.Window = soar.NewWindow(start.AddDate(0, 0, day-1), start.AddDate(0, 0, day))
	s.Finding.Window, s.Deadline = s.Window, hours(24*30)
	for m := range 10 {
		mail := soar.Message{
			NetworkMessageID: fmt.Sprintf("m-%d-%d-%d", day, nth, m), P1: "j.doe@contoso.com", P2: "j.doe@contoso.com", ObjectID: "o-1", Direction: soar.DirectionIntraOrg,
			Time: s.Window.To, Subject: strings.Repeat("Status report ", 18), RecipientCount: 20, URLHosts: []string{"a.contoso.com", "b.contoso.com"},
		}
		for r := range 20 {
			mail.Recipients = append(mail.Recipients, fmt.Sprintf("somebody.with.a.long.name-%02d@contoso.com", r))
		}
		s.Finding.Evidence.Messages = append(s.Finding.Evidence.Messages, mail)
	}
	s.Finding.Evidence.Total = 10
	return s
}

// life is what came of a case over all its runs.
type life struct {
	in                  soar.TriageInput
	clicks              []soar.Decide // not answered yet
	accepted            int
	recorded, incidents map[string]int
	heaviest            int
}

func TestACaseOfFourHundredDaysCarriesEveryDecisionOverEachNewRun(t *testing.T) {
	const runs = 80
	l := &life{in: soar.TriageInput{Key: caseKey}, recorded: map[string]int{}, incidents: map[string]int{}}
	for run := range runs {
		l.live(t, run)
	}
	l.live(t, runs) // in which the last click is answered, if it came too late
	if l.accepted < runs {
		t.Errorf("%d of %d decisions were taken", l.accepted, runs)
	}
	for what, times := range l.recorded {
		if times != 1 {
			t.Errorf("%s is recorded %d times", what, times)
		}
	}
	for ref, times := range l.incidents {
		if times != 1 {
			t.Errorf("%s has %d incidents", ref, times)
		}
	}
	if len(l.recorded) != l.accepted || len(l.incidents) != l.accepted/2 && len(l.incidents) != (l.accepted+1)/2 {
		t.Errorf("%d decisions were taken, %d recorded, %d escalated", l.accepted, len(l.recorded), len(l.incidents))
	}
	if l.heaviest >= mostPayload/2 {
		t.Errorf("a run hands %d bytes to the next", l.heaviest)
	}
	t.Logf("%d runs, %d decisions, the heaviest input has %d bytes", runs, l.accepted, l.heaviest)
}

// live is one run of five days: 25 repeats, clicks that the run before left without
// an answer, and a new one in the moment in which the run ends.
func (l *life) live(t *testing.T, run int) {
	t.Helper()
	w := newWorld(t)
	w.env.SetStartTime(start.Add(time.Duration(run) * stretch))
	answers := map[string]*answer{}
	for _, d := range l.clicks {
		answers[d.Click] = w.update(time.Minute, soar.DecideUpdate, d)
	}
	for nth := range 25 {
		w.update(time.Duration(nth+1)*4*time.Hour, soar.SeeUpdate, heavy(run*5+nth/5, nth))
	}
	w.env.RegisterDelayedCallback(func() {
		d := decision([]soar.DecisionKind{soar.Approve, soar.Escalate}[run%2], "U1", fmt.Sprintf("click-%d", run))
		d.Case.Number = max(1, lastNumber(w, l.in))
		l.clicks = append(l.clicks, d)
		answers[d.Click] = &answer{}
		w.env.SetCurrentHistoryLength(1001)
		w.env.UpdateWorkflow(soar.DecideUpdate, "", answers[d.Click], d)
		w.env.UpdateWorkflow(soar.DecideUpdate, "", &answer{}, d)
	}, stretch-time.Hour)
	w.env.ExecuteWorkflow(soar.TriageWorkflow, l.in)
	var again *workflowContinueAsNew
	if err := w.env.GetWorkflowError(); !errors.As(err, &again) {
		t.Fatalf("run %d ended with %v", run, err)
	}
	l.in = soar.TriageInput{}
	if err := decode(again.Input, &l.in); err != nil {
		t.Fatal(err)
	}
	l.count(t, w, answers)
}

// count adds what the adapters were asked for, and keeps the clicks without an answer.
func (l *life) count(t *testing.T, w *world, answers map[string]*answer) {
	t.Helper()
	raw, err := json.Marshal(l.in)
	if err != nil {
		t.Fatal(err)
	}
	l.heaviest = max(l.heaviest, len(raw))
	for _, c := range w.decisions {
		if c.Decision != nil {
			l.recorded[c.Ref.String()+" "+c.Decision.Click]++
		}
	}
	for _, c := range w.incidents {
		l.incidents[c.Ref.String()]++
	}
	var left []soar.Decide
	for _, d := range l.clicks {
		switch a := answers[d.Click]; {
		case a.err != nil:
			t.Errorf("%s on case %d: %v", d.Click, d.Case.Number, a.err)
		case a.decided.Case.Number == 0:
			left = append(left, d)
		default:
			l.accepted++
		}
	}
	l.clicks = left
}

// lastNumber is the number of the newest case that the run has shown.
func lastNumber(w *world, in soar.TriageInput) int {
	n := in.State.Case.Ref.Number
	for _, c := range w.posted {
		n = max(n, c.Ref.Number)
	}
	return n
}
