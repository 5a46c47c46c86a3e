package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	"harrier/worker/commands"
	"harrier/worker/sandbox/devserver"
	"harrier/workflows/soar"
)

// ran is a command that ended.
type ran struct {
	code           int
	stdout, stderr string
}

func run(ctx context.Context, t *testing.T, name string, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
	} else if ok && exit.ExitCode() < 0 {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return ran{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// worker runs the worker's binary as a person would.
func (w *world) worker(ctx context.Context, t *testing.T, args ...string) ran {
	t.Helper()
	command := w.Command(args...)
	return run(ctx, t, command[0], command[1:]...)
}

func TestAMistypedHuntEndsWithOneAndTheNamesNearIt(t *testing.T) {
	ctx, w := harrier(t)
	got := w.worker(ctx, t, "hunts", "run", "nope")
	if got.code != commands.ExitFailed || !strings.Contains(got.stderr, ours) || !strings.Contains(got.stderr, published) {
		t.Errorf("exit %d, %q", got.code, got.stderr)
	}
	got = w.worker(ctx, t, "hunts", "run", "internal-sender")
	if got.code != commands.ExitFailed || !strings.Contains(got.stderr, "did you mean "+ours+"?") || got.stdout != "" {
		t.Errorf("exit %d, %q", got.code, got.stderr)
	}
}

func TestADryRunOnTheCommandLinePrintsItsResultAsJSON(t *testing.T) {
	ctx, w := harrier(t)
	got := w.worker(ctx, t, "hunts", "run", ours, "--dry-run", "--json")
	var result soar.HuntResult
	if err := json.Unmarshal([]byte(got.stdout), &result); err != nil || got.code != 0 {
		t.Fatalf("exit %d, %v:\n%s\n%s", got.code, err, got.stdout, got.stderr)
	}
	if result.Slug != ours || !result.DryRun || result.Coverage != soar.CoverageComplete {
		t.Errorf("%s, dry run %t, %s", result.Slug, result.DryRun, result.Coverage)
	}
}

func TestCheckFindsTheShippedFilesFineAndEveryServiceWorking(t *testing.T) {
	ctx, w := harrier(t)
	offline := w.worker(ctx, t, "check")
	if offline.code != 0 || !strings.Contains(offline.stdout, "4 hunts") || !strings.Contains(offline.stdout, "files are fine") {
		t.Errorf("check: exit %d\n%s%s", offline.code, offline.stdout, offline.stderr)
	}
	live := w.worker(ctx, t, "check", "-live")
	if live.code != 0 {
		t.Errorf("check -live: exit %d\n%s%s", live.code, live.stdout, live.stderr)
	}
	_, rows, _ := strings.Cut(live.stdout, "WHAT TO DO\n")
	for _, service := range []string{"Log Analytics", "Graph", "Sentinel", "query", "slack token", "scopes", "triage", "escalation", "operations", "Temporal"} {
		if !strings.Contains(strings.ToLower(rows), strings.ToLower(service)) {
			t.Errorf("check -live says nothing of %s:\n%s", service, rows)
		}
	}
	for line := range strings.Lines(rows) {
		if !strings.Contains(line, "  yes  ") {
			t.Errorf("does not work: %s", line)
		}
	}
}

// temporal runs the Temporal CLI on the running server.
func (w *world) temporal(ctx context.Context, t *testing.T, args ...string) ran {
	t.Helper()
	binary, err := devserver.Binary(ctx, w.Options.Root, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return run(ctx, t, binary, append(args, "--address", w.TemporalAddress)...)
}

func (w *world) execute(ctx context.Context, t *testing.T, id, input string) ran {
	t.Helper()
	return w.temporal(ctx, t, "workflow", "execute", "--type", soar.HuntWorkflow, "--task-queue", soar.TaskQueue, "--workflow-id", id, "--input", input)
}

func TestAHuntCanBeStartedWithTheTemporalCommandLineAlone(t *testing.T) {
	ctx, w := harrier(t)
	got := w.execute(ctx, t, "by-hand-1", `{"hunt":"internal-senders","dry_run":true}`)
	if got.code != 0 || !strings.Contains(got.stdout, `"coverage":"complete"`) || !strings.Contains(got.stdout, `"slug":"internal-senders"`) {
		t.Errorf("exit %d\n%s%s", got.code, got.stdout, got.stderr)
	}
}

func TestInputWithAnUnknownFieldFailsAndNamesTheKnownOnes(t *testing.T) {
	ctx, w := harrier(t)
	got := w.execute(ctx, t, "by-hand-2", `{"hunt":"internal-senders","dryrun":true}`)
	said := got.stdout + got.stderr
	if got.code != 1 || !strings.Contains(said, "dryrun") {
		t.Errorf("exit %d\n%s", got.code, said)
	}
	for _, field := range []string{"hunt", "window", "top", "dry_run"} {
		if !strings.Contains(said, field) {
			t.Errorf("the error does not name %s:\n%s", field, said)
		}
	}
}
