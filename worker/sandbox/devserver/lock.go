package devserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// A lock is a file that its owner touches every beat; one that was not touched
// for stale belongs to nobody any more.
const (
	beat  = time.Second
	stale = 15 * time.Second
)

// lock waits until it owns the file, and gives the way to let it go.
func lock(ctx context.Context, path string, progress io.Writer) (unlock func(), err error) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for told := false; ; told = true {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err == nil {
			return hold(f), nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > stale {
			_ = os.Remove(path) // whoever loses this race waits for the winner
			continue
		}
		if !told {
			fmt.Fprintln(progress, "another process is building the Temporal CLI; waiting for it")
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s: %w", path, ctx.Err())
		case <-ticker.C:
		}
	}
}

func hold(f *os.File) (unlock func()) {
	path := f.Name()
	_ = f.Close()
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(beat)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case now := <-ticker.C:
				_ = os.Chtimes(path, now, now)
			}
		}
	}()
	return func() {
		close(done)
		_ = os.Remove(path)
	}
}
