package workflows_test

import (
	"go/parser"
	"go/token"
	"iter"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Workflow code replays: it may import little. Adapters, clocks, random
// numbers, files and networks stay out.
var allowed = []string{
	"errors", "fmt", "strings", "slices", "sort", "time",
	"go.temporal.io/sdk/temporal", "go.temporal.io/sdk/workflow", "go.temporal.io/sdk/worker",
	"harrier/activities", "harrier/workflows/soar",
}

func TestWorkflowCodeImportsOnlyWhatReplays(t *testing.T) {
	for file, path := range imports(t, "*.go") {
		if !slices.Contains(allowed, path) {
			t.Errorf("%s imports %s", file, path)
		}
	}
}

func TestTheDomainImportsTheStandardLibraryOnly(t *testing.T) {
	for file, path := range imports(t, "soar/*.go") {
		if strings.Contains(path, ".") || strings.HasPrefix(path, "harrier") {
			t.Errorf("%s imports %s", file, path)
		}
	}
}

// imports yields every import of the files that are no tests.
func imports(t *testing.T, pattern string) iter.Seq2[string, string] {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return func(yield func(string, string) bool) {
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, imp := range f.Imports {
				path, _ := strconv.Unquote(imp.Path.Value)
				if !yield(file, path) {
					return
				}
			}
		}
	}
}
