package devserver

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
)

// Builder builds a command of a module file of its own into a cache. Several
// processes may build at once: one does, the others wait for it.
type Builder struct {
	// Dir is the folder of the module, ModFile its module file's name in it.
	Dir, ModFile string
	// Package is the command's import path.
	Package string
	// Cache is the folder that binaries are kept in, one for each state of ModFile.
	Cache string
	// Every is how often progress is told.
	Every time.Duration
}

// DefaultBuilder builds the Temporal CLI that tools.mod pins.
func DefaultBuilder(ctx context.Context, root string) (Builder, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return Builder{}, errNoGo
	}
	if root == "" {
		out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
		mod := strings.TrimSpace(string(out))
		if err != nil || mod == "" || mod == os.DevNull {
			return Builder{}, fmt.Errorf("find Harrier's module: run this inside the repository, or name a Temporal CLI in %s", EnvBinary)
		}
		root = filepath.Dir(mod)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return Builder{}, fmt.Errorf("find the user's cache folder: %w", err)
	}
	return Builder{
		Dir: root, ModFile: "tools.mod", Package: "github.com/temporalio/cli/cmd/temporal",
		Cache: filepath.Join(cache, "harrier"), Every: 10 * time.Second,
	}, nil
}

// Path is where the binary stands, or will.
func (b Builder) Path() (string, error) {
	text, err := os.ReadFile(filepath.Join(b.Dir, b.ModFile))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", b.ModFile, err)
	}
	sum := sha256.Sum256(append(text, runtime.Version()...))
	name := filepath.Base(b.Package) + "-" + hex.EncodeToString(sum[:6])
	return filepath.Join(b.Cache, executable(name)), nil
}

// Build gives the cached binary, and builds it when there is none.
func (b Builder) Build(ctx context.Context, progress io.Writer) (string, error) {
	path, err := b.Path()
	if err != nil {
		return "", err
	}
	if exists(path) {
		return path, nil
	}
	if err := os.MkdirAll(b.Cache, 0o755); err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	unlock, err := lock(ctx, path+".lock", progress)
	if err != nil {
		return "", err
	}
	defer unlock()
	if exists(path) { // another process was faster
		return path, nil
	}
	return path, b.run(ctx, path, progress)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (b Builder) run(ctx context.Context, path string, progress io.Writer) error {
	fmt.Fprintf(progress, "building %s from %s; the first time takes some minutes\n", b.Package, b.ModFile)
	partial := path + ".partial"
	cmd := exec.CommandContext(ctx, "go", "build", "-v", "-trimpath", "-modfile="+b.ModFile, "-o", partial, b.Package)
	cmd.Dir = b.Dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	t := &teller{started: time.Now(), out: progress}
	cmd.Stderr = t
	stop := t.every(b.Every)
	err := cmd.Run()
	stop()
	if err != nil {
		return fmt.Errorf("build %s: %w\n%s", b.Package, err, t.failed())
	}
	fmt.Fprintf(progress, "built %s in %s\n", b.Package, time.Since(t.started).Round(time.Second))
	if err := os.Rename(partial, path); err != nil {
		return fmt.Errorf("keep %s: %w", path, err)
	}
	return nil
}

// teller counts the packages that go build -v names and tells the count.
type teller struct {
	started  time.Time
	out      io.Writer
	packages atomic.Int64
	text     bytes.Buffer
}

// Write counts lines; only what is not a package's name is kept for errors.
func (t *teller) Write(p []byte) (int, error) {
	t.packages.Add(int64(bytes.Count(p, []byte("\n"))))
	t.text.Write(p)
	return len(p), nil
}

func (t *teller) every(d time.Duration) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	ticker := time.NewTicker(d)
	go func() {
		defer close(ended)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				fmt.Fprintf(t.out, "still building: %s, %d packages so far\n", time.Since(t.started).Round(time.Second), t.packages.Load())
			}
		}
	}()
	return func() { close(done); <-ended }
}

// failed is what go build said besides package names.
func (t *teller) failed() string {
	var out []string
	for s := bufio.NewScanner(&t.text); s.Scan(); {
		if strings.ContainsAny(s.Text(), " :") {
			out = append(out, s.Text())
		}
	}
	return strings.Join(out, "\n")
}
