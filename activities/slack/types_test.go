package slack_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// compiler is the TypeScript compiler with Slack's published types beside it. Where it
// is not installed, the log says that nothing was checked; in CI it has to be there.
func compiler(t *testing.T) (node, tsc string) {
	t.Helper()
	node, err := exec.LookPath("node")
	tsc = filepath.Join("types", "node_modules", "typescript", "bin", "tsc")
	for _, file := range []string{tsc, filepath.Join("types", "node_modules", "@slack", "types", "package.json")} {
		if err == nil {
			_, err = os.Stat(file)
		}
	}
	switch {
	case err == nil:
		return node, tsc
	case os.Getenv("CI") == "true":
		t.Fatalf("CI checks what is posted against Slack's types, run npm ci in activities/slack/types: %v", err)
	}
	t.Logf("NOT checked against Slack's types, run npm ci in activities/slack/types: %v", err)
	return "", ""
}

// typeOf is the type that the golden file has to have.
func typeOf(raw []byte) string {
	var about struct {
		Type string `json:"type"`
	}
	_ = json.Unmarshal(raw, &about)
	switch about.Type {
	case "modal":
		return "ModalView"
	case "home":
		return "HomeView"
	}
	return "Message"
}

var identifier = regexp.MustCompile(`[^a-z0-9]`)

// program declares every golden file as a constant of its type.
func program(t *testing.T, files []string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("import type { HomeView, KnownBlock, ModalView } from '@slack/types';\n\ntype Message = { text: string; blocks: KnownBlock[] };\n\n")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := identifier.ReplaceAllString(strings.TrimSuffix(filepath.Base(file), ".json"), "_")
		fmt.Fprintf(&b, "export const %s: %s = %s;\n", name, typeOf(raw), strings.TrimSpace(string(raw)))
	}
	return b.String()
}

// checkTypes compiles a program with Slack's types and returns what the compiler says.
func checkTypes(t *testing.T, node, tsc, source string) (string, error) {
	t.Helper()
	dir, err := os.MkdirTemp("types", "check")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for name, text := range map[string]string{
		"cards.ts": source, "tsconfig.json": `{"extends": "../tsconfig.json", "files": ["cards.ts"]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), node, tsc, "--project", dir).CombinedOutput()
	return string(out), err
}

func TestAllThatIsPostedHasSlacksPublishedTypes(t *testing.T) {
	node, tsc := compiler(t)
	if node == "" {
		return
	}
	files, err := filepath.Glob(filepath.Join("testdata", "cards", "*.json"))
	if err != nil || len(files) < 50 {
		t.Fatalf("%d golden files, error %v", len(files), err)
	}
	if out, err := checkTypes(t, node, tsc, program(t, files)); err != nil {
		t.Errorf("Slack's types do not take what is posted: %v\n%s", err, out)
	}
}

func TestTheTypeCheckWouldSeeAWrongBlock(t *testing.T) {
	node, tsc := compiler(t)
	if node == "" {
		return
	}
	wrong := []string{
		`{"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "x"}, "style": "red"}]}`,
		`{"type": "header", "text": {"type": "plain_text", "text": "x"}, "colour": "red"}`,
		`{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}`,
		`{"type": "nothing"}`,
	}
	source := "import type { KnownBlock } from '@slack/types';\n"
	for i, block := range wrong {
		source += fmt.Sprintf("export const card%d: KnownBlock[] = [%s];\n", i, block)
	}
	out, err := checkTypes(t, node, tsc, source)
	if err == nil {
		t.Error("the compiler takes them all")
	}
	for i, block := range wrong {
		if !strings.Contains(out, fmt.Sprintf("cards.ts(%d,", i+2)) {
			t.Errorf("%s is taken: %s", block, out)
		}
	}
}
