package interactions_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/worker/interactions"
	"harrier/worker/runs"
	"harrier/workflows/soar"
)

// What only a real server and the real workflow can show, on one of each.
func TestClicksOnARealServer(t *testing.T) {
	o := newOffice(t, 3)
	of := interactions.TemporalCases{Client: o.client}
	withHome := func(c *interactions.Config) { c.Desk = o.desk() }
	o.worker(of, withHome)
	o.worker(of, withHome)
	o.sockets(2)
	t.Run("the first decision wins, whoever clicks twice or later", o.firstWins)
	t.Run("a case that was ended by force is told so, and its card is refreshed", o.endedByForce)
	t.Run("malformed messages are refused to whoever sent them, and the deadline escalates", o.malformed)
	t.Run("the home tab shows open cases and coverage", o.atHome)
}

func (o *office) told(t *testing.T, person, part string) {
	t.Helper()
	ctx, cancel := contextFor(t, 30*time.Second)
	defer cancel()
	if _, err := o.fake.ExpectEphemeral(ctx, person, func(m slacktest.Message) bool { return m.Contains(part) }); err != nil {
		t.Fatalf("nobody told %s %q: %v", person, part, err)
	}
}

func (o *office) view(t *testing.T, ref soar.CaseRef) soar.CaseView {
	t.Helper()
	cv, err := interactions.TemporalCases{Client: o.client}.View(t.Context(), ref.ID)
	if err != nil {
		t.Fatal(err)
	}
	return cv
}

// Socket Mode hands clicks to the workers in turn, so each of these meets another one.
func (o *office) firstWins(t *testing.T) {
	ref := o.settled(t, o.open(1, "first", time.Hour)[0])
	first, later := o.people[0], o.people[1]
	o.act(t, first, ref, "")
	eventually(t, "decided", func() bool { return o.view(t, ref).Case.Decision != nil })
	for _, person := range []string{first, later} {
		o.late(t, person, ref)
		o.told(t, person, "Already escalated by <@"+first+"> at ")
	}
	if d := o.view(t, ref).Case.Decision; d.By.ID != first {
		t.Errorf("decided by %s", d.By.ID)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.incidents[ref] > 1 {
		t.Errorf("%d incidents", o.incidents[ref])
	}
}

// late clicks on Escalate of a card as it was when its case was open: the click was on
// its way when the case drew the card without that button.
func (o *office) late(t *testing.T, person string, ref soar.CaseRef) {
	t.Helper()
	eventually(t, "clicked", func() bool {
		old := o.view(t, ref).Case
		old.State, old.Decision, old.Incident = soar.CaseOpen, nil, nil
		if _, err := o.UpdateCard(t.Context(), soar.CaseRequest{Case: old}); err != nil {
			t.Fatal(err)
		}
		result, err := o.fake.Click(t.Context(), person, old.Card.Channel, old.Card.TS, slack.ActionEscalate)
		return err == nil && result.Acked
	})
}

// settled waits until a case knows of its card.
func (o *office) settled(t *testing.T, ref soar.CaseRef) soar.CaseRef {
	t.Helper()
	eventually(t, "the case knows its card", func() bool { return o.view(t, ref).Case.Card.Posted() })
	return ref
}

func (o *office) endedByForce(t *testing.T) {
	ref := o.settled(t, o.open(1, "forced", time.Hour)[0])
	if err := o.client.TerminateWorkflow(t.Context(), ref.ID, "", "by an operator"); err != nil {
		t.Fatal(err)
	}
	o.act(t, o.people[0], ref, "")
	o.told(t, o.people[0], "Case closed: an operator ended it; nothing was decided.")
	ctx, cancel := contextFor(t, 30*time.Second)
	defer cancel()
	card := o.card(ref)
	if _, err := o.fake.ExpectUpdate(ctx, card.Channel, card.TS, func(m slacktest.Message) bool { return len(m.Buttons()) == 0 }); err != nil {
		t.Errorf("the card keeps its buttons: %v", err)
	}
	if cv := o.view(t, ref); cv.Case.State != soar.CaseCancelled || cv.Case.Decision != nil {
		t.Errorf("the case is %s, decided %v", cv.Case.State, cv.Case.Decision)
	}
}

func (o *office) malformed(t *testing.T) {
	ref := o.open(1, "malformed", 2*time.Second)[0]
	if err := o.client.SignalWorkflow(t.Context(), ref.ID, "", "decision", "approve"); err != nil {
		t.Fatal(err)
	}
	for name, argument := range map[string]any{"text in place of an object": "approve", "an object of nothing": map[string]any{}, "another type": []int{1}} {
		handle, err := o.client.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
			WorkflowID: ref.ID, UpdateName: soar.DecideUpdate, Args: []any{argument}, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err == nil {
			err = handle.Get(t.Context(), nil)
		}
		if err == nil {
			t.Errorf("%s is taken as a decision", name)
		}
	}
	eventually(t, "escalated by the deadline", func() bool {
		d := o.view(t, ref).Case.Decision
		return d != nil && d.Kind == soar.Escalate && d.By.ID == soar.DeadlineActor.ID
	})
	o.late(t, o.people[2], ref)
	o.told(t, o.people[2], "Case closed: auto-escalated at ")
}

// desk is the home tab of a hunt that runs every hour and was last hunted 3 hours ago.
func (o *office) desk() *interactions.TemporalDesk {
	return &interactions.TemporalDesk{
		Runs: runs.Reader{Client: o.client}, Now: time.Now,
		Hunts: func() []soar.Hunt {
			return []soar.Hunt{
				{Slug: "internal-senders", Name: "Internal senders", Settings: soar.HuntSettings{Schedule: soar.Schedule{Interval: soar.Duration(time.Hour)}}},
				{Slug: "never-hunted", Name: "Never hunted", Settings: soar.HuntSettings{Schedule: soar.Schedule{Cron: "0 6 * * *"}, Workspaces: []string{"emea"}}},
				{Slug: "by-hand", Name: "By hand"},
			}
		},
		Expiring: func(context.Context) ([]soar.Expiring, error) {
			return []soar.Expiring{{Rule: "later", Until: time.Now().Add(48 * time.Hour)}, {Rule: "sooner", Until: time.Now().Add(time.Hour)}}, nil
		},
	}
}

func (o *office) atHome(t *testing.T) {
	ref := o.open(1, "waits", time.Hour)[0]
	now := time.Now().Truncate(time.Second)
	cover := soar.Cover{Window: soar.NewWindow(now.Add(-27*time.Hour), now.Add(-3*time.Hour)), Status: soar.CoverageComplete, RunID: "run-1", At: now}
	if _, err := o.cases.StartCoverage(t.Context(), soar.CoverageStart{Slug: "internal-senders"}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.cases.CoverWindow(t.Context(), soar.CoverRequest{Slug: "internal-senders", Cover: cover}); err != nil {
		t.Fatal(err)
	}
	var home slack.Home
	desk := o.desk()
	eventually(t, "listed", func() bool { // the list lags behind
		var err error
		if home, err = desk.Home(t.Context()); err != nil {
			t.Fatal(err)
		}
		return len(home.Open) == 1
	})
	if c := home.Open[0]; c.Ref != ref || c.Sender != "waits0@contoso.com" || c.State != soar.CaseOpen || c.Phish != 3 || c.Deadline.IsZero() {
		t.Errorf("listed %+v", c)
	}
	if len(home.Problems) != 0 || len(home.Coverage) != 2 {
		t.Fatalf("problems %v, coverage %+v", home.Problems, home.Coverage)
	}
	if l := home.Coverage[0]; l.Hunt != "internal-senders" || !l.Until.Equal(cover.Window.To) || !l.Overdue {
		t.Errorf("coverage %+v", l)
	}
	if l := home.Coverage[1]; l.Name != "Never hunted (emea)" || !l.Until.IsZero() {
		t.Errorf("coverage %+v", l)
	}
	if len(home.Expiring) != 2 || home.Expiring[0].Rule != "sooner" {
		t.Errorf("ends soon: %+v", home.Expiring)
	}
	if result, err := o.fake.OpenHome(t.Context(), o.people[0]); err != nil || !result.Acked {
		t.Fatalf("open home: %+v, %v", result, err)
	}
	ctx, cancel := contextFor(t, 30*time.Second)
	defer cancel()
	view, err := o.fake.ExpectHome(ctx, o.people[0], func(v slacktest.View) bool { return v.Contains("1 open case") })
	if err != nil || !view.Contains("behind its schedule") || !strings.Contains(string(view.Blocks), ref.String()) {
		t.Errorf("home tab %s, error %v", view.Blocks, err)
	}
}
