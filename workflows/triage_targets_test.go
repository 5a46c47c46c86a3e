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

func TestAnIncidentThatDefenderHasIsCommentedAndNoSecondOneOpened(t *testing.T) {
	w := newWorld(t)
	w.update(time.Second, soar.SeeUpdate, everywhere())
	w.update(time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
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
	for name, noted := range map[string]soar.Incident{"no incident": {}, "a resolved one": {ID: "42", Closed: true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.noted = &noted
			w.update(time.Second, soar.SeeUpdate, everywhere())
			w.update(time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
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
	w.update(time.Second, soar.SeeUpdate, everywhere())
	w.update(time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
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
	w.update(time.Second, soar.SeeUpdate, everywhere())
	w.update(time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
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
	w.update(time.Second, soar.SeeUpdate, everywhere())
	w.update(time.Minute, soar.DecideUpdate, decision(soar.Escalate, "U1", "k1"))
	paged := 0
	w.env.RegisterDelayedCallback(func() { paged = len(w.pages) }, 2*time.Minute)
	w.runFor(time.Hour)
	if paged != 1 {
		t.Fatalf("%d pages a minute after the escalation", paged)
	}
}
