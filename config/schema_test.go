package config_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"harrier/config"
	"harrier/workflows/soar"
)

// domain is the source of the settings' types: their comments become
// descriptions, their constants enumerations.
type domain struct {
	comments map[string]string // by Type.Field
	values   map[string][]any  // by type
}

func readDomain(t *testing.T) domain {
	t.Helper()
	d := domain{map[string]string{}, map[string][]any{}}
	files, err := filepath.Glob("../workflows/soar/*.go")
	must(t, err)
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		must(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				d.fields(n)
			case *ast.ValueSpec:
				d.constant(n)
			}
			return true
		})
	}
	return d
}

func (d domain) fields(spec *ast.TypeSpec) {
	s, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range s.Fields.List {
		for _, name := range f.Names {
			d.comments[spec.Name.Name+"."+name.Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
		}
	}
}

func (d domain) constant(spec *ast.ValueSpec) {
	kind, ok := spec.Type.(*ast.Ident)
	if !ok || len(spec.Values) != 1 {
		return
	}
	if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
		text, _ := strconv.Unquote(lit.Value)
		d.values[kind.Name] = append(d.values[kind.Name], text)
	}
}

// uncommented are descriptions of fields that need no comment in the code, and
// what a file can say beyond a comment.
func uncommented() map[string]string {
	return map[string]string{
		"HuntSettings.Schedule": "When the hunt runs. Without a schedule it runs on demand only.",
		"Schedule.Cron":         "Five fields: minute, hour, day of month, month, day of week.",
		"Schedule.Interval":     "The time between two runs, instead of a cron: 1m to 30d, counted in UTC whatever the clocks do.",
		"Schedule.TimeZone":     "The zone of the cron's hours: UTC or a name as Europe/Berlin.",
		"Schedule.Jitter":       "Runs start up to so much later, so that not all start at once; at most 1h.",
		"Schedule.CatchUp":      "How late a run may start that was due while the server was away; 1m to 365d.",
		"Schedule.Paused":       "The schedule is there and does not run.",
		"Columns.Sender":        "The column that holds the sender.",
		"Columns.Count":         "The number of reports or mails of a sender.",
		"Columns.Scope":         "The scope of a row.",
		"Columns.Phish":         "The number of reports as phish.",
		"Columns.Spam":          "The number of reports as spam.",
		"Columns.Reporters":     "The number of distinct reporters.",
		"Columns.Simulations":   "The number of reports of attack simulations.",
		"Columns.Messages":      "The network message ids.",
		"Columns.Envelope":      "The envelope senders (P1).",
		"Columns.ObjectIDs":     "The senders' object ids in the directory.",
	}
}

// limits are what the loader checks beyond the kind of a value.
func limits() map[string]map[string]any {
	return map[string]map[string]any{
		"HuntSettings.Top":         {"minimum": 0, "maximum": soar.MaxSenders},
		"HuntSettings.Cards":       {"minimum": 0, "maximum": config.MaxCards, "default": config.DefaultCards},
		"HuntSettings.QueryTop":    {"minimum": 0, "maximum": 500_000},
		"HuntSettings.Subject":     {"pattern": identifier},
		"HuntSettings.Parameters":  {"items": map[string]any{"enum": []any{"AcceptedDomains", "LookalikeDomains"}}, "uniqueItems": true},
		"HuntSettings.Workspaces":  {"items": map[string]any{"type": "string", "pattern": `^[a-z0-9]+(-[a-z0-9]+)*$`}, "uniqueItems": true},
		"HuntSettings.Overlap":     {"examples": []any{"48h"}},
		"Schedule.Interval":        {"examples": []any{"15m"}},
		"Schedule.OverlapPolicy":   {"default": string(soar.OverlapBufferOne)},
		"HuntSettings.Lookback":    {"default": "7d"},
		"HuntSettings.FirstWindow": {"default": "1d"},
		"HuntSettings.MaxWindow":   {"default": "7d"},
		"HuntSettings.Lag":         {"default": "10m"},
		"HuntSettings.Hold":        {"default": "48h"},
		"Schedule.Cron":            {"pattern": `^\s*\S+(\s+\S+){4}\s*$`, "examples": []any{"0 6 * * *"}},
		"Schedule.TimeZone":        {"default": "UTC"},
		"Schedule.Jitter":          {"default": "1m"},
		"Schedule.CatchUp":         {"default": "1d"},
		"huntSettings.Slug":        {"pattern": `^[a-z0-9]+(-[a-z0-9]+)*$`, "maxLength": config.MaxSlug},
	}
}

const (
	identifier = `^[A-Za-z_][A-Za-z0-9_]*$`
	duration   = `^([0-9]+d|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+|0)$`
)

// schemaOf writes a Go type down as JSON schema.
func (d domain) schemaOf(t *testing.T, typ reflect.Type) map[string]any {
	t.Helper()
	if values := d.values[typ.Name()]; typ.Kind() == reflect.String && len(values) > 0 {
		return map[string]any{"enum": values}
	}
	switch {
	case typ == reflect.TypeFor[soar.Duration]():
		return map[string]any{"type": "string", "pattern": duration}
	case typ.Kind() == reflect.Struct:
		return d.object(t, typ)
	case typ.Kind() == reflect.Slice:
		return map[string]any{"type": "array"}
	}
	kinds := map[reflect.Kind]string{reflect.String: "string", reflect.Int: "integer", reflect.Bool: "boolean"}
	if kinds[typ.Kind()] == "" {
		t.Fatalf("no schema for a value of type %s", typ)
	}
	return map[string]any{"type": kinds[typ.Kind()]}
}

func (d domain) object(t *testing.T, typ reflect.Type) map[string]any {
	t.Helper()
	properties := map[string]any{}
	for i := range typ.NumField() {
		f := typ.Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if key == "" || key == "-" {
			continue
		}
		name := typ.Name() + "." + f.Name
		about := uncommented()[name]
		if about == "" {
			about = d.comments[name]
		}
		if rest, ok := strings.CutPrefix(about, f.Name+" "); ok {
			about = key + " " + rest
		}
		if about == "" {
			t.Errorf("%s has no comment; write one in its source, editors show it", name)
		}
		properties[key] = described(d.schemaOf(t, f.Type), name, about)
		if typ == reflect.TypeFor[soar.Columns]() && f.Type.Name() == "string" {
			properties[key].(map[string]any)["pattern"] = identifier
		}
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
}

func described(schema map[string]any, name, about string) map[string]any {
	schema["description"] = about
	for k, v := range limits()[name] {
		schema[k] = v
	}
	return schema
}

func settingsSchema(t *testing.T) map[string]any {
	t.Helper()
	d := readDomain(t)
	entry := d.object(t, reflect.TypeFor[soar.HuntSettings]())
	entry["properties"].(map[string]any)["slug"] = described(map[string]any{"type": "string"}, "huntSettings.Slug",
		"The hunt's short name, in its schedule and on cards. Without it, made of the hunt's title.")
	return map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "Harrier's settings of hunts",
		"type":    "object", "additionalProperties": false, "required": []any{"hunts"},
		"properties": map[string]any{"hunts": map[string]any{
			"type": "object", "description": "Settings by the id in the hunting file.",
			"additionalProperties": map[string]any{"$ref": "#/$defs/settings"},
		}},
		"$defs": map[string]any{"settings": entry},
	}
}

func TestTheSchemaOfHuntSettingsIsWhatTheCodeReads(t *testing.T) {
	text, err := json.MarshalIndent(settingsSchema(t), "", "  ")
	must(t, err)
	golden(t, "hunts.schema.json", string(text)+"\n")
	shipped, err := os.ReadFile("hunts.yaml")
	must(t, err)
	if !strings.HasPrefix(string(shipped), "# yaml-language-server: $schema=hunts.schema.json\n") {
		t.Error("hunts.yaml does not name its schema on the first line")
	}
}

// against says where a value breaks a schema, as far as this one goes.
func against(root, schema map[string]any, value any, path string) []string {
	if schema["$ref"] != nil {
		schema = root["$defs"].(map[string]any)["settings"].(map[string]any)
	}
	var out []string
	bad := func(format string, args ...any) { out = append(out, path+": "+fmt.Sprintf(format, args...)) }
	if kind := schema["type"]; kind != nil && kind != kindOf(value) {
		bad("is a %s, not a %s", kindOf(value), kind)
		return out
	}
	if enum, ok := schema["enum"].([]any); ok && !contains(enum, value) {
		bad("%v is not one of %v", value, enum)
	}
	if pattern, ok := schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(fmt.Sprint(value)) {
		bad("%v does not match %s", value, pattern)
	}
	if n, ok := value.(int); ok && schema["maximum"] != nil && (n < schema["minimum"].(int) || n > schema["maximum"].(int)) {
		bad("%d is out of range", n)
	}
	switch v := value.(type) {
	case []any:
		for i, item := range v {
			if items, ok := schema["items"].(map[string]any); ok {
				out = append(out, against(root, items, item, fmt.Sprintf("%s[%d]", path, i))...)
			}
		}
	case map[string]any:
		out = append(out, againstKeys(root, schema, v, path)...)
	}
	return out
}

func againstKeys(root, schema map[string]any, value map[string]any, path string) []string {
	var out []string
	properties, _ := schema["properties"].(map[string]any)
	for key, v := range value {
		of, known := properties[key].(map[string]any)
		if !known {
			of, known = schema["additionalProperties"].(map[string]any)
		}
		if !known {
			out = append(out, path+": unknown key "+key)
			continue
		}
		out = append(out, against(root, of, v, path+"."+key)...)
	}
	return out
}

func kindOf(v any) string {
	switch v.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case int:
		return "integer"
	case bool:
		return "boolean"
	}
	return "string"
}

func contains(list []any, v any) bool {
	for _, item := range list {
		if item == v {
			return true
		}
	}
	return false
}

func TestTheSchemaTakesWhatTheLoaderTakesAndRefusesItsTypingErrors(t *testing.T) {
	schema := settingsSchema(t)
	check := func(text string) []string {
		var value any
		must(t, yaml.Unmarshal([]byte(text), &value))
		return against(schema, schema, value, "settings")
	}
	good, err := filepath.Glob("testdata/corpus/settings-good.settings")
	must(t, err)
	for _, file := range append(good, "hunts.yaml") {
		text, err := os.ReadFile(file)
		must(t, err)
		if wrong := check(string(text)); len(wrong) > 0 {
			t.Errorf("%s: %v", file, wrong)
		}
	}
	for _, lines := range []string{
		"lookback: P30M", "lookback: 7", "lookbak: 7d", "slug: My Hunt", "window_by: time", "columns: {sender_is: p3}", "columns: {sender: 'a b'}",
		"cards: 51", "top: -1", "schedule: {cron: '0 * * *'}", "schedule: daily", "parameters: [Domains]", "scope: internal", "subject: 'Email Events'",
		"workspaces: [EMEA]", "workspaces: emea", "schedule: {interval: P15M}", "schedule: {cron: 0 6 * * *, overlap_policy: allow_all}", "overlap: 2 days",
	} {
		if _, _, err := settings(t, plain, lines); err == nil {
			t.Errorf("the loader takes %s", lines)
		}
		if wrong := check("hunts: {a: {" + lines + "}}"); len(wrong) != 1 {
			t.Errorf("the schema says of %s: %v", lines, wrong)
		}
	}
}
