package e2e_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/worker/sandbox/stack"
	"harrier/worker/sandbox/story"
	"harrier/workflows"
	"harrier/workflows/soar"
)

// record names the release whose histories are written, to be replayed by every
// later one:
//
//	go test ./worker/sandbox/e2e -run TestRealHistoriesReplay -record v0.1.0
var record = flag.String("record", "", "write the histories of real runs into workflows/testdata/histories/<this release>")

// execution is one workflow run by its name among the recorded histories.
type execution struct{ name, id, run string }

// performed are runs of every kind, each of them finished or at rest.
func (w *world) performed(ctx context.Context, t *testing.T) []execution {
	t.Helper()
	day := soar.NewWindow(w.Tenant.Anchor.AddDate(0, 0, -1), w.Tenant.Anchor.Add(-15*time.Minute))
	out := []execution{
		w.huntOf(ctx, t, "hunt-complete", soar.HuntInput{Hunt: ours, Window: &day}),
		w.huntOf(ctx, t, "hunt-published-dry", soar.HuntInput{Hunt: published, Window: &day, DryRun: true}),
		{"coverage", soar.CoverageID(ours), ""},
	}
	mend := w.LogAnalytics.Fail(loganalyticstest.Fault{MissingTable: "CloudAppEvents"})
	out = append(out, w.huntOf(ctx, t, "hunt-not-run", soar.HuntInput{Hunt: ours, Window: &day}))
	mend()
	out = append(out,
		w.storyCase(t, "triage-approved", func(c story.CaseReport) bool { return c.Status == soar.CaseApproved }),
		w.storyCase(t, "triage-escalated", func(c story.CaseReport) bool { return c.DecidedBy == stack.SecondAnalyst }),
		w.storyCase(t, "triage-deadline", func(c story.CaseReport) bool { return c.DecidedBy == soar.DeadlineActor.ID }),
	)
	out = append(out, w.remembered(ctx, t), w.twoCases(ctx, t), w.changes(ctx, t))
	return append(out, w.aroundTheCases(ctx, t)...)
}

func (w *world) storyCase(t *testing.T, name string, fits func(story.CaseReport) bool) execution {
	t.Helper()
	at := slices.IndexFunc(w.told.report.Cases, fits)
	if at < 0 {
		t.Fatalf("the story has no case for %s", name)
	}
	return execution{name, w.told.report.Cases[at].ID, ""}
}

func (w *world) huntOf(ctx context.Context, t *testing.T, name string, in soar.HuntInput) execution {
	t.Helper()
	run, err := w.StartHunt(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.HuntResult(ctx, run.GetID(), run.GetRunID()); err != nil {
		t.Fatal(err)
	}
	return execution{name, run.GetID(), run.GetRunID()}
}

// remembered is a case that was approved and now hides its sender.
func (w *world) remembered(ctx context.Context, t *testing.T) execution {
	t.Helper()
	ref, card := w.newAutomation(ctx, t, 2)
	if err := w.Approve(ctx, stack.Analyst, card, "A weekly mail of its owner", "30d"); err != nil {
		t.Fatal(err)
	}
	return execution{"triage-remembered", ref.ID, ""}
}

// twoCases is a sender that was approved once and then reported again.
func (w *world) twoCases(ctx context.Context, t *testing.T) execution {
	t.Helper()
	role := "reprocessed"
	first, card := w.openCard(ctx, t, ofSender(w.sender(t, role)))
	if err := w.Approve(ctx, stack.Analyst, card, "A colleague's shift plan", "0"); err != nil {
		t.Fatal(err)
	}
	second := w.nextCase(ctx, t, role, first, 1)
	if _, err := w.ExpectCard(ctx, second); err != nil {
		t.Fatal(err)
	}
	return execution{"triage-two-cases", first.ID, ""}
}

// history waits until a run is at rest and reads it.
func (w *world) history(ctx context.Context, t *testing.T, e execution) *history.History {
	t.Helper()
	if err := w.AwaitRest(ctx, e.id, e.run); err != nil {
		t.Fatalf("%s: %v", e.name, err)
	}
	out := &history.History{}
	events := w.Temporal.GetWorkflowHistory(ctx, e.id, e.run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
		out.Events = append(out.Events, event)
	}
	return out
}

func TestRealHistoriesReplay(t *testing.T) {
	ctx, w := harrier(t)
	quiet := sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	for _, e := range w.performed(ctx, t) {
		replayer := worker.NewWorkflowReplayer()
		workflows.Register(replayer)
		h := w.history(ctx, t, e)
		if len(h.Events) < 5 {
			t.Errorf("%s has only %d events", e.name, len(h.Events))
		}
		data := w.anonymous(t, h)
		original := workflow.Execution{ID: e.id, RunID: h.Events[0].GetWorkflowExecutionStartedEventAttributes().GetOriginalExecutionRunId()}
		options := worker.ReplayWorkflowHistoryOptions{OriginalExecution: original}
		if err := replayer.ReplayWorkflowHistoryWithOptions(quiet, h, options); err != nil {
			t.Errorf("%s does not replay: %v", e.name, err)
		}
		t.Logf("%s: %d events, %d bytes", e.name, len(h.Events), len(data))
		if *record != "" {
			w.keep(t, e.name, data)
		}
	}
}

func (w *world) keep(t *testing.T, name string, data []byte) {
	t.Helper()
	dir := filepath.Join(w.Options.Root, "workflows", "testdata", "histories", *record)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".json"), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// anonymous is a history as JSON that names neither the machine it was recorded
// on nor its folders.
func (w *world) anonymous(t *testing.T, h *history.History) []byte {
	t.Helper()
	data, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	w.strip(tree)
	if data, err = json.MarshalIndent(tree, "", " "); err != nil {
		t.Fatal(err)
	}
	return append(data, '\n')
}

func (w *world) strip(node any) {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			w.strip(child)
		}
	case map[string]any:
		for key, child := range node {
			text, isText := child.(string)
			switch {
			case isText && key == "identity":
				node[key] = "worker"
			case isText && key == "data":
				node[key] = w.withoutRoot(text)
			default:
				w.strip(child)
			}
		}
	}
}

// withoutRoot makes the checkout's paths relative inside a payload.
func (w *world) withoutRoot(payload string) string {
	data, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		return payload
	}
	return base64.StdEncoding.EncodeToString(bytes.ReplaceAll(data, []byte(w.Options.Root+string(filepath.Separator)), nil))
}
