package e2e_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"harrier/activities/slack/slacktest"
	"harrier/worker/sandbox/stack"
	"harrier/workflows/soar"
)

// refusal is what the audit keeps of a click that was not taken.
type refusal struct {
	Action, Kind, Message string
	By                    soar.Actor
}

// refusals are the audit's files of the refused clicks of a case.
func (w *world) refusals(t *testing.T, ref soar.CaseRef) []refusal {
	t.Helper()
	var out []refusal
	for _, file := range w.auditFiles(t, "refusal-"+strings.Replace(ref.String(), "/", "-", 1)+"-*.json") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var r refusal
		if err := json.Unmarshal(data, &r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, r)
	}
	return out
}

// noteFor waits for a note to one person that says so.
func (w *world) noteFor(ctx context.Context, t *testing.T, user, part string) slacktest.Message {
	t.Helper()
	note, err := w.Slack.ExpectEphemeral(ctx, user, func(m slacktest.Message) bool { return m.Contains(part) && !slices.Contains(w.notesRead, m.TS) })
	if err != nil {
		t.Fatalf("%q: %v", part, err)
	}
	w.notesRead = append(w.notesRead, note.TS)
	return note
}

func TestAClickOfSomebodyWhoMayNotDecideIsRefusedAndKept(t *testing.T) {
	ctx, w := harrier(t)
	ref, card := w.openCard(ctx, t, nil)
	click, err := w.Slack.Click(ctx, stack.Outsider, card.Channel, card.TS, "escalate")
	if err != nil || !click.Acked {
		t.Fatalf("click: %v, acknowledged: %t", err, click.Acked)
	}
	note := w.noteFor(ctx, t, stack.Outsider, "is not an approver")
	if !note.Contains("Nothing was recorded") || note.Channel != card.Channel {
		t.Errorf("note in %s: %q", note.Channel, note.Content())
	}
	kept := w.refusals(t, ref)
	if len(kept) != 1 || kept[0].Kind != string(soar.RefusedActor) || kept[0].By.ID != stack.Outsider || kept[0].Action != string(soar.Escalate) {
		t.Errorf("the audit has %+v", kept)
	}
	view, err := w.Case(ctx, ref.ID)
	if err != nil || view.Case.State != soar.CaseOpen || view.Case.Decision != nil {
		t.Errorf("the case is %s, decided %v, %v", view.Case.State, view.Case.Decision, err)
	}
}

func TestASecondDecisionIsToldWhoDecidedAndWhen(t *testing.T) {
	ctx, w := harrier(t)
	ref, card := w.openCard(ctx, t, nil)
	form, err := w.OpenApprove(ctx, stack.SecondAnalyst, card)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Escalate(ctx, stack.Analyst, card); err != nil {
		t.Fatal(err)
	}
	if err := w.SubmitApprove(ctx, stack.SecondAnalyst, form, "Known to me", "0"); err != nil {
		t.Fatal(err)
	}
	view, err := w.Case(ctx, ref.ID)
	if err != nil {
		t.Fatal(err)
	}
	at := view.Case.Decision.At.UTC().Format("2006-01-02 15:04 MST")
	note := w.noteFor(ctx, t, stack.SecondAnalyst, "Already escalated by")
	if !note.Contains(stack.Analyst) || !note.Contains(at) {
		t.Errorf("the note does not say who and when (%s): %q", at, note.Content())
	}
	if view.Case.State != soar.CaseEscalated || view.Case.Decision.By.ID != stack.Analyst {
		t.Errorf("the case is %s by %v", view.Case.State, view.Case.Decision)
	}
	if kept := w.refusals(t, ref); len(kept) != 1 || kept[0].Kind != string(soar.RefusedDecided) {
		t.Errorf("the audit has %+v", kept)
	}
}
