package stack

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// BuildWorker builds the real worker into dir and tells progress while it
// compiles: the first build takes minutes.
func BuildWorker(ctx context.Context, root, dir string, progress io.Writer) (string, error) {
	binary := filepath.Join(dir, "worker")
	cmd := exec.CommandContext(ctx, "go", "build", "-v", "-trimpath", "-ldflags=-s -w", "-o", binary, "./worker")
	cmd.Dir = root
	out, err := cmd.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("build the worker: %w; is Go on the PATH?", err)
	}
	said := countPackages(out, progress)
	if err := cmd.Wait(); err != nil {
		return "", fmt.Errorf("build the worker in %s: %w\n%s", root, err, strings.Join(said, "\n"))
	}
	return binary, nil
}

// countPackages reads go build -v: a line a package. It prints a line every
// few seconds and returns the last lines, which hold an error if there is one.
func countPackages(r io.Reader, progress io.Writer) []string {
	began, told, n := time.Now(), time.Now(), 0
	var last []string
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		n++
		last = append(last, lines.Text())
		last = last[max(0, len(last)-20):]
		if time.Since(told) > 3*time.Second {
			told = time.Now()
			fmt.Fprintf(progress, "building the worker: %d packages after %.0f s, now %s\n", n, time.Since(began).Seconds(), lines.Text())
		}
	}
	return last
}

// process is a child that was started here and may be killed here.
type process struct {
	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{}
}

func startProcess(binary string, args, env []string, log io.Writer) (*process, error) {
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() { _ = cmd.Wait(); close(p.done) }()
	return p, nil
}

// kill ends the child at once, as a crash would.
func (p *process) kill() { p.end(syscall.SIGKILL, 0) }

// stop asks the child to end and kills it when it does not.
func (p *process) stop() { p.end(syscall.SIGTERM, 25*time.Second) }

func (p *process) end(signal syscall.Signal, grace time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.cmd.Process.Signal(signal)
	if grace > 0 {
		select {
		case <-p.done:
			return
		case <-time.After(grace):
			_ = p.cmd.Process.Kill()
		}
	}
	<-p.done
}

func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// ModuleRoot finds the checkout the sandbox runs from.
func ModuleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	file := strings.TrimSpace(string(out))
	if file == "" || file == os.DevNull {
		return "", errors.New("find the module: run the sandbox inside the Harrier checkout")
	}
	return filepath.Dir(file), nil
}
