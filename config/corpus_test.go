package config_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harrier/config"
	"harrier/workflows/soar"
)

var update = flag.Bool("update", false, "write the golden files anew; read what changed before you commit it")

// TestHuntingFilesAsTheyAreInTheWildLoadOrAreRefusedAsWritten loads every case
// of testdata/corpus: a file, with those that share its name up to the first
// dot, and with its settings where there are some. What must come of each stands
// in testdata/corpus.txt.
func TestHuntingFilesAsTheyAreInTheWildLoadOrAreRefusedAsWritten(t *testing.T) {
	entries, err := os.ReadDir("testdata/corpus")
	must(t, err)
	cases := map[string][]string{}
	var names []string
	files := 0
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".")
		if cases[name] == nil {
			names = append(names, name)
		}
		cases[name] = append(cases[name], e.Name())
		files++
	}
	if files < 60 || len(names) < 55 {
		t.Fatalf("the corpus has %d files in %d cases", files, len(names))
	}
	slices.Sort(names)
	var got []string
	for _, name := range names {
		got = append(got, name+"\n"+corpusCase(t, cases[name]))
	}
	golden(t, "testdata/corpus.txt", strings.Join(got, "\n"))
}

// corpusCase is what comes of a case's files in a folder of their own.
func corpusCase(t *testing.T, files []string) string {
	t.Helper()
	dir := t.TempDir()
	settings := ""
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join("testdata/corpus", f))
		must(t, err)
		to := filepath.Join(dir, "hunts", f)
		if strings.HasSuffix(f, ".settings") {
			settings = filepath.Join(dir, f)
			to = settings
		}
		write(t, to, string(text))
	}
	h, err := config.LoadHunts(filepath.Join(dir, "hunts"), settings)
	var lines []string
	for _, hunt := range h.Hunts {
		lines = append(lines, "loads "+describe(hunt))
	}
	for _, w := range h.Warnings {
		lines = append(lines, "warns "+w)
	}
	if err != nil {
		for _, e := range strings.Split(err.Error(), "\n") {
			lines = append(lines, "refuses "+e)
		}
	}
	text := "  " + strings.Join(lines, "\n  ") + "\n"
	return strings.ReplaceAll(strings.ReplaceAll(text, filepath.Join(dir, "hunts")+"/", ""), dir+"/", "")
}

func describe(h soar.Hunt) string {
	s := h.Settings
	out := fmt.Sprintf("%s: id %s, %s, by %s, sender %s (%s), look-back %s", filepath.Base(h.File), h.ID, h.Slug, s.WindowBy,
		s.Columns.Sender, s.Columns.SenderIs, s.Lookback.Std())
	for _, f := range []struct {
		what string
		list []string
	}{{"aliases", h.Aliases}, {"tactics", h.Tactics}, {"techniques", h.Techniques}, {"parameters", s.Parameters}} {
		if len(f.list) > 0 {
			out += fmt.Sprintf(", %s %s", f.what, strings.Join(f.list, " "))
		}
	}
	if s.QueryTop > 0 {
		out += fmt.Sprintf(", top %d", s.QueryTop)
	}
	return out + fmt.Sprintf(", query of %d bytes %s, description of %d", len(h.Query), h.QueryHash(), len(h.Description))
}

// golden holds a text against a file, line by line.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		write(t, file, got)
		return
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if got == string(want) {
		return
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		g, w := lineOf(gotLines, i), lineOf(wantLines, i)
		if g != w {
			t.Fatalf("%s:%d: got\n%s\nwant\n%s", file, i+1, g, w)
		}
	}
}

func lineOf(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(no line)"
}
