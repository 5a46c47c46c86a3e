package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"harrier/workflows/soar"
)

// RulesSchema is the JSON schema of suppression files, made of the type that the
// loader reads: editors complete and check by it. An error names a field of the type
// that is not described.
func RulesSchema() ([]byte, error) {
	entry := reflect.TypeFor[ruleEntry]()
	properties, about := map[string]any{}, ruleFields()
	var missing []string
	for i := range entry.NumField() {
		key := entry.Field(i).Tag.Get("yaml")
		if key == "" {
			continue
		}
		described, ok := about[key]
		if !ok {
			missing = append(missing, key)
			continue
		}
		properties[key] = withKind(entry.Field(i).Type, described)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("make the schema of suppressions: %s not described; add to ruleFields", strings.Join(missing, ", "))
	}
	rule := map[string]any{
		"type": "object", "additionalProperties": false, "properties": properties,
		"required": []any{"id", "scenario", "when", "reason", "owner", "ticket", "created", "expires", "mode", "ceiling"},
		"oneOf":    []any{map[string]any{"required": []any{"tool", "paths"}}, map[string]any{"required": []any{"path", "senders"}, "not": map[string]any{"required": []any{"paths"}}}},
	}
	text, err := json.MarshalIndent(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Harrier's suppressions",
		"type": "object", "additionalProperties": false, "required": []any{"suppressions"},
		"properties": map[string]any{"suppressions": map[string]any{"type": "array", "items": rule}},
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("make the schema of suppressions: %w", err)
	}
	return append(text, '\n'), nil
}

// withKind adds to a description the kind of a Go value.
func withKind(typ reflect.Type, described map[string]any) map[string]any {
	switch {
	case typ == reflect.TypeFor[date]():
		described["type"], described["pattern"] = "string", `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
	case typ.Kind() == reflect.Slice:
		described["type"], described["uniqueItems"] = "array", true
	case typ.Kind() == reflect.Int:
		described["type"] = "integer"
	default:
		described["type"] = "string"
	}
	return described
}

// Patterns of what the loader checks beyond the kind of a value. A leading "@" stands
// for a whole domain of envelope senders.
const (
	addressPattern  = `^[^@*?A-Z \t<>",;]+@[a-z0-9_][a-z0-9_.-]*$`
	envelopePattern = `^[^@*?A-Z \t<>",;]*@[a-z0-9_][a-z0-9_.-]*$`
	namePattern     = `^[a-z0-9]+(-[a-z0-9]+)*$`
	hostPattern     = `^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$`
	urlHostPattern  = `^(\(none\)|\(odd\)|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?)$`
	clientPattern   = `^(\*|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?)$`
	pathPattern     = `^(mailbox|connector:.+|saas:.+)$`
	givenPattern    = `\S`
)

// ruleFields describe the keys of a rule, by key.
func ruleFields() map[string]map[string]any {
	text := func(about, pattern string) map[string]any {
		return map[string]any{"description": about, "pattern": pattern}
	}
	list := func(about, pattern string) map[string]any {
		return map[string]any{"description": about, "items": map[string]any{"type": "string", "pattern": pattern}}
	}
	return map[string]map[string]any{
		"id":               {"description": "Unique name of the rule; it stands on cards, in summaries and in the audit.", "pattern": namePattern, "maxLength": MaxSlug},
		"scenario":         {"description": "The kind of automation.", "enum": anyOf(scenarios[:])},
		"tool":             {"description": "The tool of the tenant settings whose senders the rule covers.", "pattern": namePattern, "maxLength": MaxSlug},
		"paths":            {"description": "The kinds of path the tool's rule trusts.", "items": map[string]any{"enum": anyOf(rulePaths[:])}, "minItems": 1},
		"path":             text("The one path the rule trusts, instead of tool and paths: mailbox, connector:<name> or saas:<aligned domain>.", pathPattern),
		"senders":          list("Exact From addresses, lower case. They go with path.", addressPattern),
		"envelopes":        list("Exact envelope senders (P1) besides From; on saas also @domain, and then no other is taken.", envelopePattern),
		"recipients":       list("The only recipients. Left out, the sender's own past decides.", addressPattern),
		"url_hosts":        list("The only hosts of links, [] for none; (none) and (odd) take links without a readable host. Left out, no link. Needed on saas and for the help desk.", urlHostPattern),
		"attachment_types": list("The only file types. Left out, no attachment.", `^[a-z0-9]{1,16}$`),
		"client_hosts":     list("The only hosts in the Internet message id; on a connector * alone takes any. Left out, the sender's own past decides.", clientPattern),
		"when":             text("A CEL expression over one mail, true for the tool's mail. It only narrows what the path proved.", givenPattern),
		"reason":           text("Why this mail is benign; cards and audit show it.", givenPattern),
		"owner":            text("Who answers for the rule.", givenPattern),
		"ticket":           text("The change or ticket that approved it.", givenPattern),
		"created":          {"description": "The day the rule was made or renewed."},
		"expires":          {"description": "The last day the rule is in force, at most a year after created."},
		"mode":             {"description": "enforce hides; shadow only says what it would hide.", "enum": anyOf([]soar.RuleMode{soar.RuleEnforce, soar.RuleShadow})},
		"ceiling":          {"description": "The most mails a day of one sender that the rule hides.", "minimum": 1},
	}
}

func anyOf[T ~string](values []T) []any {
	out := make([]any, 0, len(values))
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}
