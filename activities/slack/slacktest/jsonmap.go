package slacktest

import (
	"encoding/json"
	"maps"
	"slices"
)

// Blocks are read as plain maps, because a fake that decoded them into a client's types would lose what the client
// does not know and could not judge it.

func parseBlocks(raw []byte) []map[string]any {
	var out []map[string]any
	if json.Unmarshal(raw, &out) != nil {
		return nil
	}
	return out
}

func str(m map[string]any, key string) string { text, _ := m[key].(string); return text }

func obj(m map[string]any, key string) map[string]any { o, _ := m[key].(map[string]any); return o }

func list(m map[string]any, key string) []any { l, _ := m[key].([]any); return l }

func flag(m map[string]any, key string) bool { b, _ := m[key].(bool); return b }

func objects(m map[string]any, key string) []map[string]any {
	var out []map[string]any
	for _, item := range list(m, key) {
		if o, ok := item.(map[string]any); ok {
			out = append(out, o)
		}
	}
	return out
}

// blockElements are the elements of a block that a person can use: those of actions, an accessory, an input.
func blockElements(block map[string]any) []map[string]any {
	switch str(block, "type") {
	case "actions":
		return objects(block, "elements")
	case "section":
		if accessory := obj(block, "accessory"); accessory != nil {
			return []map[string]any{accessory}
		}
	case "input":
		if element := obj(block, "element"); element != nil {
			return []map[string]any{element}
		}
	}
	return nil
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

func contains(list []string, item string) bool { return slices.Contains(list, item) }

func mustJSON(value any) json.RawMessage {
	raw, err := json.Marshal(value)
	if err != nil {
		panic("slacktest: encode: " + err.Error()) // only maps, strings and numbers get here
	}
	return raw
}
