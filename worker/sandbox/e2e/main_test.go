// Package e2e tests Harrier from end to end: a real Temporal server, the real
// worker as a child process, the fakes over their real wire protocols, and one
// tenant for all tests. The tests share one running stack, because starting it
// takes ten seconds; each works on cases of its own.
package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"harrier/activities/incidents/incidentstest"
	"harrier/activities/slack/slacktest"
	"harrier/worker/sandbox/stack"
	"harrier/worker/sandbox/story"
)

// rows keep the tests quick; the whole cast is in every tenant.
const rows = 20_000

// Bounds of one test's waiting, and of everything before the first test: a cold
// build of the Temporal server and of the worker takes minutes.
const (
	testLimit  = 90 * time.Second
	startLimit = 12 * time.Minute
)

// running starts what all tests share, when the first of them asks.
var running = sync.OnceValues(start)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if opened != nil {
		opened.close()
	}
	os.Exit(code)
}

// opened is set by start, so that TestMain closes only what was started.
var opened *world

// world is the running stack and what the story left in it.
type world struct {
	*stack.Stack
	told *told
	pool *pool
	// notesRead are private notes that a test has read, by their timestamp: another
	// test waits for its own.
	notesRead []string
}

// told is the story as it stood when it ended, before any other test.
type told struct {
	report    story.Report
	err       error
	took      time.Duration
	channels  map[string][]slacktest.Message
	incidents []incidentstest.Incident
}

func start() (*world, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	root, err := stack.ModuleRoot()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "harrier-e2e-")
	if err != nil {
		return nil, err
	}
	s, err := stack.Start(ctx, story.Options(stack.Options{Root: root, Dir: dir, Seed: 1, Rows: rows, Progress: os.Stderr}))
	if err != nil {
		return nil, fmt.Errorf("start the stack: %w", err)
	}
	opened = &world{Stack: s, pool: &pool{}}
	opened.told = tell(ctx, s)
	opened.pool.report = opened.told.report
	return opened, nil
}

func tell(ctx context.Context, s *stack.Stack) *told {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	out := &told{channels: map[string][]slacktest.Message{}}
	began := time.Now()
	out.report, out.err = story.Play(ctx, s)
	out.took = time.Since(began)
	out.incidents = s.Incidents.Incidents()
	for _, channel := range []string{stack.TriageChannel, stack.EscalationChannel, stack.OperationsChannel} {
		out.channels[channel] = s.Slack.Messages(channel)
	}
	return out
}

func (w *world) close() {
	w.Close()
	_ = os.RemoveAll(w.Options.Dir)
}

// harrier is the running world with the story played. A test that fails shows
// the end of the worker's log.
func harrier(t *testing.T) (context.Context, *world) {
	t.Helper()
	w, err := running()
	if err != nil {
		t.Fatal(err)
	}
	if w.told.err != nil {
		t.Fatalf("the story did not end well: %v\nworker log:\n%s", w.told.err, w.WorkerLog())
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("end of the worker's log:\n%s", w.WorkerLog())
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	t.Cleanup(cancel)
	return ctx, w
}

// auditFiles are the audit's files of a name pattern, over all days.
func (w *world) auditFiles(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(w.Options.Dir, "audit", "*", "*", "*", pattern))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
