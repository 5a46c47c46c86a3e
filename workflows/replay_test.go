package workflows_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harrier/workflows"
)

// recorded are histories of real runs, one folder a release. They are added to
// and never changed: a running workflow of any of them must go on under today's
// code. Those of a new release are written by the end-to-end tests' -record.
const recorded = "testdata/histories/*/*.json"

func histories(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.FromSlash(recorded))
	if err != nil || len(files) == 0 {
		t.Fatalf("no history in %s: %v", recorded, err)
	}
	return files
}

func TestRecordedHistoriesReplayUnderThisCode(t *testing.T) {
	quiet := sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	for _, file := range histories(t) {
		t.Run(filepath.ToSlash(file), func(t *testing.T) {
			h := read(t, file)
			replayer := worker.NewWorkflowReplayer()
			workflows.Register(replayer)
			if err := replayer.ReplayWorkflowHistoryWithOptions(quiet, h, original(h)); err != nil {
				t.Errorf("running workflows would break: %v; put the change behind a version in versions.go", err)
			}
		})
	}
}

func read(t *testing.T, file string) *history.History {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h, err := client.HistoryFromJSON(f, client.HistoryJSONOptions{})
	if err != nil || len(h.GetEvents()) == 0 {
		t.Fatalf("read %s: %d events, %v", file, len(h.GetEvents()), err)
	}
	return h
}

// original replays under the id the run had: a case's number belongs to its id.
func original(h *history.History) worker.ReplayWorkflowHistoryOptions {
	started := h.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
	return worker.ReplayWorkflowHistoryOptions{OriginalExecution: workflow.Execution{ID: started.GetWorkflowId(), RunID: started.GetOriginalExecutionRunId()}}
}

// registered notes the names workflows are registered under.
type registered struct {
	worker.WorkflowRegistry
	names []string
}

func (r *registered) RegisterWorkflowWithOptions(_ any, o workflow.RegisterOptions) {
	r.names = append(r.names, o.Name)
}

func TestEveryRegisteredWorkflowHasARecordedHistory(t *testing.T) {
	types := map[string]int{}
	for _, file := range histories(t) {
		started := read(t, file).GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
		types[started.GetWorkflowType().GetName()]++
	}
	var all registered
	workflows.Register(&all)
	if len(all.names) == 0 {
		t.Fatal("no workflow is registered")
	}
	for _, name := range all.names {
		if types[name] == 0 {
			t.Errorf("workflow %s has no recorded history; there are %v", name, types)
		}
	}
}
