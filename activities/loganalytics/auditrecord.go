package loganalytics

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// auditRecord is a record of the unified audit log. Names of fields come in any
// case, lists of names and values as lists, as text that holds a list, or as an object.
type auditRecord struct {
	raw   string
	known map[string]any
}

func readAudit(raw string) auditRecord {
	r := auditRecord{raw: raw}
	r.known, _ = lowerKeys(decode(raw)).(map[string]any)
	return r
}

// decode reads JSON, also where it is wrapped in text; nil when it is none.
func decode(raw string) any {
	var v any
	if json.Unmarshal([]byte(raw), &v) != nil {
		return nil
	}
	if text, ok := v.(string); ok {
		return decode(text)
	}
	return v
}

func lowerKeys(v any) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(object))
	for k, v := range object {
		out[strings.ToLower(k)] = v
	}
	return out
}

// field is a field of the record as text.
func (r auditRecord) field(name string) string {
	if r.known == nil {
		return capture(r.raw, `(?i)"`+regexp.QuoteMeta(name)+`"\s*:\s*"((?:[^"\\]|\\.)*)"`)
	}
	return plainText(r.known[name])
}

// value is the value of a parameter or a property of the operation, as text.
func (r auditRecord) value(name string) string {
	if r.known == nil {
		// The record was cut: what stands in what is left of it.
		return capture(r.raw, `(?i)"name"\s*:\s*"`+regexp.QuoteMeta(name)+`"\s*,\s*"value"\s*:\s*"((?:[^"\\]|\\.)*)"`)
	}
	for _, list := range []string{"parameters", "operationproperties"} {
		if v, ok := named(r.known[list], name); ok {
			return v
		}
	}
	return ""
}

// named finds a value by its name, in any form the list comes in.
func named(list any, name string) (string, bool) {
	switch l := list.(type) {
	case string:
		if inner := decode(l); inner != nil {
			return named(inner, name)
		}
	case map[string]any:
		if v, ok := lowerKeys(l).(map[string]any)[strings.ToLower(name)]; ok {
			return plainText(v), true
		}
	case []any:
		for _, element := range l {
			pair, ok := lowerKeys(element).(map[string]any)
			if ok && strings.EqualFold(plainText(pair["name"]), name) {
				return plainText(pair["value"]), true
			}
		}
	}
	return "", false
}

// plainText is a value as text: a list by its members.
func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		parts := make([]string, 0, len(v))
		for _, element := range v {
			parts = append(parts, plainText(element))
		}
		return strings.Join(parts, "; ")
	case map[string]any:
		data, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(data)
	}
	return fmt.Sprint(v)
}

func capture(text, pattern string) string {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return ""
	}
	if m := re.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// application is the name of the application that a grant is about: the directory
// lists what an operation is about by id (2) and by name (1).
func (r auditRecord) application() string {
	targets, ok := r.known["target"].([]any)
	if !ok {
		return ""
	}
	for _, t := range targets {
		target, ok := lowerKeys(t).(map[string]any)
		if ok && plainText(target["type"]) == "1" {
			return plainText(target["id"])
		}
	}
	return ""
}

var scopeIn = regexp.MustCompile(`(?i)scope:\s*([^,\]\\"]+)`)

// scope is what a grant allows, as the directory writes it into changed properties.
func (r auditRecord) scope() string {
	if m := scopeIn.FindStringSubmatch(plainText(r.known["modifiedproperties"])); m != nil {
		return m[1]
	}
	return ""
}
