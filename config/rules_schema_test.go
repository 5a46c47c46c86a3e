package config_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"harrier/config"
	"harrier/workflows/soar"
)

func rulesSchema(t *testing.T) map[string]any {
	t.Helper()
	text, err := config.RulesSchema()
	must(t, err)
	var schema map[string]any
	must(t, json.Unmarshal(text, &schema))
	return schema
}

func TestTheSchemaOfSuppressionsIsWhatTheLoaderReads(t *testing.T) {
	text, err := config.RulesSchema()
	must(t, err)
	golden(t, "suppressions.schema.json", string(text))
}

// plainValue is a YAML value as a schema sees it: a day is text.
func plainValue(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = plainValue(n.Content[i+1])
		}
		return out
	case yaml.SequenceNode:
		out := []any{}
		for _, item := range n.Content {
			out = append(out, plainValue(item))
		}
		return out
	}
	if i, err := strconv.Atoi(n.Value); err == nil && n.ShortTag() == "!!int" {
		return i
	}
	return n.Value
}

// brokenRules says where a file of suppressions breaks the schema: values and keys by
// the schema's properties, then what is required of a rule.
func brokenRules(t *testing.T, schema map[string]any, text string) []string {
	t.Helper()
	var doc yaml.Node
	must(t, yaml.Unmarshal([]byte(text), &doc))
	value := plainValue(doc.Content[0])
	out := against(schema, schema, value, "file")
	item := schema["properties"].(map[string]any)["suppressions"].(map[string]any)["items"].(map[string]any)
	rules, _ := value.(map[string]any)["suppressions"].([]any)
	for _, r := range rules {
		rule := r.(map[string]any)
		for _, key := range item["required"].([]any) {
			if _, ok := rule[key.(string)]; !ok {
				out = append(out, "lacks "+key.(string))
			}
		}
		fits := 0
		for _, way := range item["oneOf"].([]any) {
			if hasAll(rule, way.(map[string]any)["required"]) && !hasAll(rule, way.(map[string]any)["not"]) {
				fits++
			}
		}
		if fits != 1 {
			out = append(out, "neither a tool with paths nor a path with senders")
		}
		if n, ok := rule["ceiling"].(int); ok && float64(n) < item["properties"].(map[string]any)["ceiling"].(map[string]any)["minimum"].(float64) {
			out = append(out, "ceiling is too low")
		}
	}
	return out
}

// hasAll says that a rule has every key of a list of the schema; of no list it has none.
func hasAll(rule map[string]any, required any) bool {
	if of, ok := required.(map[string]any); ok {
		required = of["required"]
	}
	keys, ok := required.([]any)
	for _, key := range keys {
		if _, has := rule[key.(string)]; !has {
			return false
		}
	}
	return ok
}

func TestTheShippedSuppressionsNameTheirSchemaAndFitIt(t *testing.T) {
	schema := rulesSchema(t)
	files, err := filepath.Glob("suppressions/*.yaml")
	must(t, err)
	rules := 0
	for _, file := range files {
		if strings.HasSuffix(file, config.RuleTestSuffix) {
			continue
		}
		rules++
		text, err := os.ReadFile(file)
		must(t, err)
		if !strings.HasPrefix(string(text), "# yaml-language-server: $schema=../suppressions.schema.json\n") {
			t.Errorf("%s does not name its schema on the first line", file)
		}
		if wrong := brokenRules(t, schema, string(text)); len(wrong) > 0 {
			t.Errorf("%s: %v", file, wrong)
		}
	}
	if rules != 5 {
		t.Errorf("%d files of rules; want 5", rules)
	}
}

func TestSchemaAndLoaderRefuseTheSameMistakesInARule(t *testing.T) {
	schema := rulesSchema(t)
	const own = "suppressions:\n  - id: a\n    scenario: backup\n    path: mailbox\n    senders: [a@contoso.com]\n    url_hosts: []\n" + ruleTail
	both := func(text string) (wrong []string, loader error) {
		_, loader = config.ParseRules("a.yaml", text, soar.Tenant{})
		return brokenRules(t, schema, text), loader
	}
	for _, good := range []string{
		own,
		strings.Replace(own, "path: mailbox\n    senders: [a@contoso.com]", "tool: veeam\n    paths: [mailbox, connector]", 1),
		strings.Replace(own, "url_hosts: []", "url_hosts: [a.contoso.com, (none)]", 1),
	} {
		if wrong, err := both(good); err != nil || len(wrong) > 0 {
			t.Errorf("%s\nloader %v, schema %v", good, err, wrong)
		}
	}
	for from, to := range map[string]string{
		"id: a\n":                        "id: A b\n",
		"scenario: backup":               "scenario: backups",
		"path: mailbox":                  "path: direct",
		"    senders: [a@contoso.com]\n": "",
		"[a@contoso.com]":                "['*@contoso.com']",
		"[a@contoso.com]\n":              "[A@contoso.com]\n",
		"senders: [a@contoso.com]\n":     "senders: a@contoso.com\n",
		"url_hosts: []":                  "url_hosts: ['https://x.com']",
		"url_hosts:":                     "url_hostz:",
		"    url_hosts: []\n":            "    attachment_types: [.pdf]\n",
		"path: mailbox\n":                "path: mailbox\n    paths: [mailbox]\n",
		"path: mailbox\n    senders":     "paths: [mailbox]\n    senders",
		"owner: it-ops":                  "owner: ''",
		"    ticket: CHG1\n":             "",
		"2027-01-02":                     "2.1.2027",
		"mode: enforce":                  "mode: on",
		"ceiling: 40":                    "ceiling: 0",
		"ceiling: 40\n":                  "ceiling: many\n",
		"when: message.subject.startsWith(\"[Success]\")": "when: ''",
	} {
		text := strings.Replace(own, from, to, 1)
		if text == own {
			t.Fatalf("%q is not in the rule", from)
		}
		wrong, err := both(text)
		if err == nil || len(wrong) == 0 {
			t.Errorf("%q instead of %q: loader %v, schema %v", to, from, err, wrong)
		}
	}
}
