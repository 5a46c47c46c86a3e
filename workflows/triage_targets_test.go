package workflows_test

import (
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"harrier/workflows/soar"
)

// everywhere is a HIGH sighting whose escalation reaches every target, as the newest
// policy has it.
func everywhere() soar.See {
	s := told(soar.SeverityHigh, "m1")
	s.Policy.Version = soar.PolicyVersion
	s.Policy.Targets = []soar.EscalationTarget{soar.TargetDefender, soar.TargetPage}
	return s
}

// escalateEverywhere has an analyst escalate such a case after a minute.
func (w *world) escalateEverywhere() {
	w.update(time.Second, soar.SeeUpdate, everywhere())
	w.update(time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
}

func TestAnIncidentThatDefenderHasIsCommentedAndNoSecondOneOpened(t *testing.T) {
	w := newWorld(t)
	w.escalateEverywhere()
	w.runFor(time.Hour)
	if len(w.defender) != 1 || len(w.incidents) != 0 || len(w.escalated) != 1 || len(w.pages) != 1 {
		t.Fatalf("%d Defender notes, %d incidents, %d escalations, %d pages", len(w.defender), len(w.incidents), len(w.escalated), len(w.pages))
	}
	if c := w.last(); c.Defender == nil || c.Defender.ID != "42" || c.Incident != nil || len(c.Problems) != 0 {
		t.Fatalf("the card shows %+v, %+v, problems %v", c.Defender, c.Incident, c.Problems)
	}
	if c := w.escalated[0]; c.Defender == nil {
		t.Fatal("the escalation channel is told where the incident is")
	}
}

func TestWithoutAnIncidentInDefenderThatIsWorkedOnOneIsOpened(t *testing.T) {
	for name, noted := range map[string]soar.Incident{
		"no incident": {}, "a resolved one": {ID: "42", Closed: true, Severity: soar.SeverityHigh},
		"one of low severity, as every reported mail has": {ID: "42", Severity: soar.SeverityLow},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.noted = &noted
			w.escalateEverywhere()
			w.runFor(time.Hour)
			if len(w.defender) != 1 || len(w.incidents) != 1 || w.last().Incident == nil {
				t.Fatalf("%d Defender notes, %d incidents, the card shows %+v", len(w.defender), len(w.incidents), w.last().Incident)
			}
		})
	}
}

func TestADefenderThatFailsCostsNoIncident(t *testing.T) {
	w := newWorld(t)
	w.fail["NoteDefender"] = final("no permission")
	w.escalateEverywhere()
	w.env.RegisterDelayedCallback(func() { delete(w.fail, "NoteDefender") }, 30*time.Minute)
	w.update(31*time.Minute, soar.ChangeUpdate, change(soar.ChangeRetry, "U2", "k2"))
	w.runFor(time.Hour)
	if len(w.incidents) != 1 || len(w.defender) != 1 || len(w.escalated) != 1 || len(w.pages) != 1 {
		t.Fatalf("%d incidents, %d Defender notes, %d escalations, %d pages", len(w.incidents), len(w.defender), len(w.escalated), len(w.pages))
	}
	if c := w.last(); len(c.FailedTargets()) != 0 || c.Incident == nil || c.Defender == nil {
		t.Fatalf("after the retry: %+v, %+v, problems %v", c.Incident, c.Defender, c.Problems)
	}
}

func TestThePagerAndTheChannelDoNotWaitForAnIncidentThatCannotBeOpened(t *testing.T) {
	w := newWorld(t)
	w.fail["OpenIncident"] = temporal.NewApplicationError("Sentinel is down", "SentinelUnavailable")
	w.noted = &soar.Incident{}
	w.escalateEverywhere()
	looked := false
	w.env.RegisterDelayedCallback(func() {
		looked = true
		if len(w.pages) != 1 || len(w.escalated) != 1 {
			t.Errorf("a minute later: %d pages, %d escalations", len(w.pages), len(w.escalated))
		}
	}, 2*time.Minute)
	w.runFor(time.Hour)
	if c := w.last(); !looked || len(c.FailedTargets()) != 1 || c.FailedTargets()[0] != soar.TargetIncident {
		t.Fatalf("looked %t, problems %v", looked, c.Problems)
	}
}

func TestThePagerDoesNotWaitForSlack(t *testing.T) {
	w := newWorld(t)
	w.fail["PostEscalation"] = temporal.NewApplicationError("Slack is down", "SlackUnavailable")
	w.escalateEverywhere()
	paged := 0
	w.env.RegisterDelayedCallback(func() { paged = len(w.pages) }, 2*time.Minute)
	w.runFor(time.Hour)
	if paged != 1 {
		t.Fatalf("%d pages a minute after the escalation", paged)
	}
}

func TestNobodyIsToldLaterBecauseSlackTakesNoEdit(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, everywhere())
	w.env.RegisterDelayedCallback(func() {
		w.fail["UpdateCard"] = temporal.NewApplicationErrorWithOptions("Slack is down", "SlackUnavailable", temporal.ApplicationErrorOptions{NextRetryDelay: 20 * time.Minute})
	}, 30*time.Second)
	w.update(time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
	var told [4]int
	w.env.RegisterDelayedCallback(func() { told = [4]int{len(w.pages), len(w.defender), len(w.escalated), len(w.decisions)} }, 3*time.Minute)
	w.runFor(2 * time.Hour)
	if told != [4]int{1, 1, 1, 2} {
		t.Fatalf("two minutes after the escalation: pages, Defender notes, escalations and audit records %v", told)
	}
}

func TestTheAuditHasAnEscalationThoughNoTargetAnswers(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"PostEscalation", "OpenIncident", "NoteDefender", "PageOnCall"} {
		w.fail[name] = temporal.NewApplicationErrorWithOptions("away", "Unavailable", temporal.ApplicationErrorOptions{NextRetryDelay: 10 * time.Minute})
	}
	w.escalateEverywhere()
	written := 0
	w.env.RegisterDelayedCallback(func() { written = len(w.decisions) }, 2*time.Minute)
	w.runFor(time.Hour)
	if written != 1 {
		t.Fatalf("%d audit records a minute after the decision", written)
	}
}

func TestASentinelIncidentDoesNotWaitForLongForADefenderThatDoesNotAnswer(t *testing.T) {
	w := newWorld(t)
	w.fail["NoteDefender"] = temporal.NewApplicationErrorWithOptions("Graph is down", "DefenderUnavailable", temporal.ApplicationErrorOptions{NextRetryDelay: 5 * time.Minute})
	w.escalateEverywhere()
	opened := 0
	w.env.RegisterDelayedCallback(func() { opened = len(w.incidents) }, 4*time.Minute)
	w.runFor(time.Hour)
	if opened != 1 {
		t.Fatalf("%d incidents three minutes after the escalation", opened)
	}
}

// What the first escalation found in Defender may be gone at the second.
func TestASecondEscalationDoesNotRelyOnTheIncidentOfTheFirst(t *testing.T) {
	for name, change2 := range map[string]func(*world){
		"Defender fails":    func(w *world) { w.fail["NoteDefender"] = final("403") },
		"the alert is gone": func(w *world) { w.noted = &soar.Incident{} },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.escalateEverywhere()
			w.update(10*time.Minute, soar.ChangeUpdate, change(soar.ChangeReopen, "U1", "k2"))
			w.env.RegisterDelayedCallback(func() { change2(w) }, 11*time.Minute)
			w.update(12*time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U2", "k3"))
			w.runFor(time.Hour)
			if len(w.incidents) != 1 || w.last().Incident == nil || w.last().Defender != nil {
				t.Fatalf("%d incidents; the card shows %+v and %+v", len(w.incidents), w.last().Incident, w.last().Defender)
			}
		})
	}
}

func TestWhatFailedAtAnEarlierEscalationIsForgottenWhenTheCaseIsReopened(t *testing.T) {
	w := newWorld(t)
	w.fail["PageOnCall"] = final("401")
	w.escalateEverywhere()
	w.update(10*time.Minute, soar.ChangeUpdate, change(soar.ChangeReopen, "U1", "k2"))
	w.update(12*time.Minute, soar.DecideUpdate, decision(soar.Approve, "U2", "k3"))
	w.runFor(time.Hour)
	if c := w.last(); c.State != soar.CaseApproved || len(c.FailedTargets()) != 0 {
		t.Fatalf("%s with problems %v", c.State, c.Problems)
	}
}
