// Package load puts the whole of Harrier under load and lets it crash: the real
// worker as a child process, a real Temporal server and the fakes with the real
// limits. Each test has a stack of its own.
package load_test

import (
	"context"
	"io"
	"testing"
	"time"

	"harrier/worker/sandbox/stack"
)

// startLimit bounds what comes first: a cold build of the worker takes minutes.
const startLimit = 12 * time.Minute

// up starts a stack and stops it with the test. A failed test shows the end of the
// worker's log.
func up(t *testing.T, o stack.Options) *stack.Stack {
	t.Helper()
	root, err := stack.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	o.Root, o.Dir, o.Seed, o.Progress = root, t.TempDir(), 1, io.Discard
	ctx, cancel := context.WithTimeout(t.Context(), startLimit)
	defer cancel()
	s, err := stack.Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("end of the worker's log:\n%s", s.WorkerLog())
		}
		s.Close()
	})
	return s
}
