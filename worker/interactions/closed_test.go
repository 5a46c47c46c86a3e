package interactions_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"harrier/activities/slack"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

// cards keep the cases whose card was edited.
type cards struct {
	mu     sync.Mutex
	edited []soar.Case
}

func (c *cards) UpdateCard(_ context.Context, in soar.CaseRequest) (soar.None, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.edited = append(c.edited, in.Case)
	return soar.None{}, nil
}

func withCards(c *cards) setup {
	return setup{service: func(config *interactions.Config) { config.Cards = c }}
}

func byDeadline(at time.Time) func(*soar.CaseView) {
	return func(v *soar.CaseView) {
		v.Case.State = soar.CaseEscalated
		v.Case.Decision = &soar.Decision{Kind: soar.Escalate, By: soar.DeadlineActor, At: at, Click: "deadline"}
	}
}

func TestAClickAfterTheDeadlineIsToldSoAndTheCardThatWasLeftBehindIsRefreshed(t *testing.T) {
	c := &cards{}
	b := newBench(t, withCards(c))
	at := time.Now().Add(-time.Hour)
	b.cases.set(byDeadline(at))
	b.click(analyst, slack.ActionEscalate)
	b.expectNote(analyst, "Case closed: auto-escalated at "+at.UTC().Format("2006-01-02 15:04 MST"))
	b.drain()
	if len(c.edited) != 1 || c.edited[0].State != soar.CaseEscalated || c.edited[0].Card.TS != b.card {
		t.Errorf("edited %+v", c.edited)
	}
	if kinds := b.audit.kinds(); len(kinds) != 1 || kinds[0] != soar.RefusedDecided {
		t.Errorf("the audit has %v", kinds)
	}
}

func TestALateClickLeavesTheCardToTheCaseThatIsEditingIt(t *testing.T) {
	c := &cards{}
	b := newBench(t, withCards(c))
	b.cases.set(byDeadline(time.Now().Add(-time.Second)))
	b.click(analyst, slack.ActionEscalate)
	b.expectNote(analyst, "Case closed: auto-escalated at ")
	b.drain()
	if len(c.edited) != 0 {
		t.Errorf("edited %+v", c.edited)
	}
}

// An unreviewed case takes a decision, though its clock is not stopped any more: what
// is refused does not read as the end of the case.
func TestAChangeThatComesTooLateForAnOpenCaseDoesNotCallItClosed(t *testing.T) {
	c := &cards{}
	b := newBench(t, withCards(c))
	b.as(func(*soar.Case) {})
	b.click(analyst, slack.ActionSnooze)
	form := b.expectView(analyst, "Stop the clock for")
	b.cases.set(func(v *soar.CaseView) { v.Case.State = soar.CaseUnreviewed })
	if _, err := b.fake.SubmitView(t.Context(), analyst, form.ID, map[string]any{slack.BlockFor: "1h"}); err != nil {
		t.Fatal(err)
	}
	b.drain()
	for _, note := range b.fake.Ephemerals(analyst) {
		if note.Contains("operator ended it") {
			t.Errorf("note %q", note.Text)
		}
	}
	if len(c.edited) != 0 || len(b.fake.Ephemerals(analyst)) != 1 {
		t.Errorf("edited %+v, notes %+v", c.edited, b.fake.Ephemerals(analyst))
	}
}
