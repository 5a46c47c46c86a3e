package commands_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"harrier/config/lint"
	"harrier/worker/commands"
)

// worker runs the command line over a configuration without a single secret.
func worker(t *testing.T, query string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"harrier.yaml":       "slack: {bot_token: '${NOT_SET}'}\n",
		"hunts.yaml":         "hunts: {}\n",
		"hunts/senders.yaml": "id: 11111111-2222-4333-8444-555555555555\nname: Senders\nquery: |\n  " + query + "\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	code = commands.Main(commands.Env{
		Args:   append([]string{"--config", filepath.Join(dir, "harrier.yaml"), "hunts", "lint"}, args...),
		Getenv: func(string) string { return "" }, Stdout: &out, Stderr: &errs,
	})
	return code, strings.ReplaceAll(out.String(), dir+string(filepath.Separator), ""), errs.String()
}

func TestLintExitsByWhatItFinds(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no Node.js
	const clean = "EmailEvents | where Subject has 'x' | project SenderFromAddress"
	const doubtful = "EmailEvents | where SenderFromAddress == 'a@x.test'"
	const wrong = "EmailEvents | where Subject has '{{Term}}' | project SenderFromAddress"
	for name, c := range map[string]struct {
		query string
		args  []string
		code  int
		want  string
	}{
		"clean":            {clean, nil, 0, "2 files: 0 errors, 0 warnings; syntax not checked\n"},
		"warnings":         {doubtful, nil, 0, "hunts/senders.yaml:4:41: warning: == with SenderFromAddress"},
		"strict":           {doubtful, []string{"--strict"}, 1, "hunts/senders.yaml:4:41: error: == with SenderFromAddress"},
		"errors":           {wrong, nil, 1, "hunts/senders.yaml:4:1: error: query: nothing fills in {{Term}}"},
		"no such file":     {clean, []string{"none.yaml"}, 1, "none.yaml:1:1: error: read none.yaml"},
		"clean, in one go": {clean, []string{"--strict"}, 0, "0 warnings"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, said := worker(t, c.query, c.args...)
			if code != c.code || !strings.Contains(out, c.want) {
				t.Errorf("exit %d, printed\n%s%s\nwant %d and %s", code, out, said, c.code, c.want)
			}
			if !strings.Contains(said, "npm install @kusto/language-service-next@12.4.1") {
				t.Errorf("does not say that syntax was not checked: %s", said)
			}
		})
	}
}

func TestLintPrintsJSON(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, out, _ := worker(t, "EmailEvents | where SenderFromAddress == 'a@x.test'", "--json")
	var r lint.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) != 1 || r.Findings[0].Rule != "address-case" || r.Findings[0].Line != 4 || r.Findings[0].Severity != lint.Warning {
		t.Errorf("findings %+v", r.Findings)
	}
}
