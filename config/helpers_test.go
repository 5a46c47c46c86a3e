package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder writes files (path: text) into a new folder and gives its path.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// reads wants an error whose lines are exactly these, file names without folder.
func reads(t *testing.T, err error, dir string, want ...string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if dir != "" {
		got = strings.ReplaceAll(got, dir+string(filepath.Separator), "")
	}
	if got != strings.Join(want, "\n") {
		t.Errorf("got error\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
