package devserver_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"harrier/worker/sandbox/devserver"
)

func TestAServerAnswersOnLoopbackKeepsNinetyDaysAndStops(t *testing.T) {
	db := filepath.Join(t.TempDir(), "temporal.db")
	s, err := devserver.Start(t.Context(), devserver.Options{Namespace: "harrier", UI: true, DBFile: db, Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	if !strings.HasPrefix(s.Address, "127.0.0.1:") || !strings.HasPrefix(s.UI, "http://127.0.0.1:") {
		t.Errorf("server at %s, UI at %s", s.Address, s.UI)
	}
	c, err := client.NewNamespaceClient(client.Options{HostPort: s.Address})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ns, err := c.Describe(t.Context(), "harrier")
	if err != nil {
		t.Fatal(err)
	}
	if got := ns.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(); got != devserver.Retention {
		t.Errorf("retention is %s", got)
	}
	if _, err := os.Stat(db); err != nil {
		t.Errorf("the database file: %v", err)
	}
	s.Stop()
	<-s.Exited()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := c.Describe(ctx, "harrier"); err == nil {
		t.Error("the server answers after Stop")
	}
}

func TestAServerThatEndsByItselfSaysWhy(t *testing.T) {
	_, err := devserver.Start(t.Context(), devserver.Options{DBFile: filepath.Join(t.TempDir(), "no", "such", "folder", "x.db"), Progress: os.Stderr})
	if err == nil || !strings.Contains(err.Error(), "it ended by itself") {
		t.Errorf("error %v", err)
	}
}

func TestANamedBinaryThatIsNotTheTemporalCLIIsRefused(t *testing.T) {
	t.Setenv(devserver.EnvBinary, filepath.Join(t.TempDir(), "missing"))
	if _, err := devserver.Binary(t.Context(), "", &bytes.Buffer{}); err == nil || !strings.HasPrefix(err.Error(), "use HARRIER_TEMPORAL_CLI=") {
		t.Errorf("error %v", err)
	}
}

func module(t *testing.T, main string) devserver.Builder {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module tool\n\ngo 1.26\n", "tools.mod": "module tool\n\ngo 1.26\n", "hello/main.go": main} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return devserver.Builder{Dir: dir, ModFile: "tools.mod", Package: "tool/hello", Cache: filepath.Join(dir, "cache"), Every: time.Millisecond}
}

func TestABuildTellsItsProgressAndIsMadeOnce(t *testing.T) {
	b := module(t, "package main\n\nfunc main() {}\n")
	var told bytes.Buffer
	path, err := b.Build(t.Context(), &told)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"building tool/hello from tools.mod", "still building: ", "packages so far", "built tool/hello in "} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("progress lacks %q:\n%s", want, told.String())
		}
	}
	told.Reset()
	again, err := b.Build(t.Context(), &told)
	if err != nil || again != path || told.Len() > 0 {
		t.Errorf("the second build gave %s, %v and told %q", again, err, told.String())
	}
	if left, _ := filepath.Glob(filepath.Join(b.Cache, "*.lock")); len(left) > 0 {
		t.Errorf("locks left behind: %v", left)
	}
}

func TestABuildThatFailsSaysWhyAndLeavesNothing(t *testing.T) {
	b := module(t, "package main\n\nfunc main() { undefinedName() }\n")
	_, err := b.Build(t.Context(), &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "undefined: undefinedName") {
		t.Errorf("error %v", err)
	}
	path, _ := b.Path()
	if _, err := os.Stat(path); err == nil {
		t.Error("a failed build left a binary")
	}
}

func TestOfTwoBuildsAtOnceOneWaits(t *testing.T) {
	b := module(t, "package main\n\nfunc main() {}\n")
	path, err := b.Path()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(b.Cache, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".lock", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	told := &onWrite{cancel}
	if _, err := b.Build(ctx, told); err == nil || !strings.Contains(err.Error(), "wait for ") {
		t.Errorf("error %v", err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path+".lock", old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Build(t.Context(), &bytes.Buffer{}); err != nil {
		t.Errorf("a lock that nobody holds any more must not stop a build: %v", err)
	}
}

// onWrite calls f at the first thing it is told.
type onWrite struct{ f func() }

func (w *onWrite) Write(p []byte) (int, error) {
	w.f()
	return len(p), nil
}
