package e2e_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"harrier/activities/slack/slacktest"
	"harrier/worker/sandbox/stack"
	"harrier/workflows/soar"
)

// answer is what a run says of one sender.
type answer struct {
	Case     string
	Answer   soar.SeeAnswer
	Verdict  soar.Verdict
	Rule     string
	Severity soar.Severity
	Guards   []soar.Guard
	Rank     int
	Counts   soar.Counts
}

func answers(r soar.HuntResult) map[string]answer {
	out := map[string]answer{}
	for _, o := range r.Senders {
		key := string(o.Scope) + " " + o.Sender + " " + strings.Join(o.Messages, " ")
		out[key] = answer{o.Case, o.Answer, o.Verdict, o.Rule, o.Severity, o.Guards, o.Rank, o.Counts}
	}
	return out
}

// cardPosts counts the cards that were ever posted.
func (w *world) cardPosts() int {
	n := 0
	for _, c := range w.Slack.Calls("chat.postMessage") {
		if strings.Contains(c.Args["metadata"], "harrier_case") {
			n++
		}
	}
	return n
}

// others are the messages of a channel that are no summaries.
func (w *world) others(channel string) []string {
	var out []string
	for _, m := range w.Slack.All(channel) {
		if m.Metadata == nil || m.Metadata.EventType != "harrier_summary" {
			out = append(out, m.TS)
		}
	}
	return out
}

// expectEscalations waits until the channel knows of every case that the story escalated:
// it is told beside the incident, after the case counts as escalated.
func (w *world) expectEscalations(ctx context.Context, t *testing.T) {
	t.Helper()
	for _, c := range w.told.report.Cases {
		if c.Decision != string(soar.Escalate) {
			continue
		}
		_, err := w.Slack.ExpectMessage(ctx, stack.EscalationChannel, func(m slacktest.Message) bool {
			return m.Metadata != nil && strings.HasPrefix(fmt.Sprint(m.Metadata.EventPayload["case"]), c.ID)
		})
		if err != nil {
			t.Fatalf("escalation of %s: %v", c.ID, err)
		}
	}
}

func TestTheSameWindowHuntedAgainChangesNothing(t *testing.T) {
	ctx, w := harrier(t)
	window := w.told.run(t, ours).Window
	cards, incidents := w.cardPosts(), len(w.Incidents.Incidents())
	w.expectEscalations(ctx, t)
	triage, escalations := w.others(stack.TriageChannel), w.others(stack.EscalationChannel)
	var runs []soar.HuntResult
	for range 2 {
		result, err := w.Hunt(ctx, soar.HuntInput{Hunt: ours, Window: &window})
		if err != nil || result.Coverage != soar.CoverageComplete {
			t.Fatalf("hunt %s again: %s %s, %v", window, result.Coverage, result.Reason, err)
		}
		runs = append(runs, result)
	}
	once, twice := answers(runs[0]), answers(runs[1])
	if len(once) != len(w.told.run(t, ours).Findings) {
		t.Errorf("%d findings, the story's run had %d", len(once), len(w.told.run(t, ours).Findings))
	}
	for key, want := range once {
		if got := twice[key]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: again it is\n%+v\nbefore it was\n%+v", key, got, want)
		}
	}
	for _, f := range w.told.run(t, ours).Findings {
		key := string(f.Scope) + " " + f.Sender + " " + strings.Join(f.Messages, " ")
		if ref, _ := soar.ParseCaseRef(twice[key].Case); ref.ID != f.Case || twice[key].Verdict != f.Verdict {
			t.Errorf("%s: %s in %q, in the story %s in %q", key, twice[key].Verdict, ref.ID, f.Verdict, f.Case)
		}
	}
	if n := w.cardPosts() - cards; n != 0 {
		t.Errorf("%d cards were posted", n)
	}
	if now := w.others(stack.TriageChannel); !slices.Equal(now, triage) {
		t.Errorf("messages besides summaries: %v, before %v", now, triage)
	}
	if now := w.others(stack.EscalationChannel); !slices.Equal(now, escalations) || len(w.Incidents.Incidents()) != incidents {
		t.Errorf("escalations: %v, before %v; %d incidents, before %d", now, escalations, len(w.Incidents.Incidents()), incidents)
	}
}
