package slacktest

import (
	"encoding/json"
	"slices"
	"strings"
)

// Metadata is a message's hidden data. https://docs.slack.dev/messaging/message-metadata
type Metadata struct {
	EventType    string         `json:"event_type"`
	EventPayload map[string]any `json:"event_payload"`
}

// Message is a message as the workspace holds it.
type Message struct {
	Channel   string
	TS        string
	ThreadTS  string // root of the thread this is a reply in; empty for a message of the channel itself
	User      string
	BotID     string // set when the app wrote it
	Text      string
	Blocks    json.RawMessage  // as sent, with the block_id and action_id Slack adds where they are missing
	Parsed    []map[string]any // Blocks decoded; shared, so read only
	Metadata  *Metadata
	Edited    string // timestamp of the last edit; empty when never edited
	Edits     int    // how many times it was changed
	Broadcast bool   // a reply that is shown in the channel too
	Ephemeral string // the one user who sees it; empty for everyone
	Deleted   bool   // a tombstone: its replies are still there

	state map[string]map[string]map[string]any // chosen values of selects, by block and action
}

// Button is an element of a message that can be pressed.
type Button struct{ BlockID, ActionID, Text, Value, Style, URL string }

// Buttons lists a message's buttons in reading order.
func (m Message) Buttons() []Button {
	var out []Button
	for _, block := range m.Parsed {
		for _, element := range blockElements(block) {
			if str(element, "type") != "button" {
				continue
			}
			out = append(out, Button{
				BlockID: str(block, "block_id"), ActionID: str(element, "action_id"),
				Text: str(obj(element, "text"), "text"), Value: str(element, "value"),
				Style: str(element, "style"), URL: str(element, "url"),
			})
		}
	}
	return out
}

// Content is everything a reader sees: the text of all blocks, or the fallback text when there are none, with
// Slack's entities still escaped.
func (m Message) Content() string {
	if len(m.Parsed) == 0 {
		return m.Text
	}
	var parts []string
	collectTexts(m.Parsed, &parts)
	return strings.Join(parts, "\n")
}

// Contains reports whether the fallback text or any block holds part.
func (m Message) Contains(part string) bool {
	return strings.Contains(m.Text, part) || strings.Contains(m.Content(), part)
}

func collectTexts(node any, parts *[]string) {
	switch node := node.(type) {
	case []map[string]any:
		for _, item := range node {
			collectTexts(item, parts)
		}
	case []any:
		for _, item := range node {
			collectTexts(item, parts)
		}
	case map[string]any:
		if text, ok := node["text"].(string); ok {
			*parts = append(*parts, text)
		}
		for _, key := range readingOrder(node) {
			collectTexts(node[key], parts)
		}
	}
}

func readingOrder(node map[string]any) []string {
	keys := sortedKeys(node)
	slices.SortStableFunc(keys, func(a, b string) int { return rank(a) - rank(b) })
	return keys
}

func rank(key string) int {
	if at := slices.Index([]string{"title", "label", "text", "fields", "elements"}, key); at >= 0 {
		return at
	}
	return 10
}

// render is the message as the Web API and interactions show it.
func (m *Message) render(withMetadata bool) map[string]any {
	out := map[string]any{"type": "message", "user": m.User, "ts": m.TS, "text": m.Text}
	if m.BotID != "" {
		out["bot_id"] = m.BotID
	}
	if len(m.Parsed) > 0 {
		out["blocks"] = m.Blocks
	}
	if m.ThreadTS != "" {
		out["thread_ts"] = m.ThreadTS
	}
	if m.Edited != "" {
		out["edited"] = map[string]any{"user": m.User, "ts": m.Edited}
	}
	if m.Broadcast {
		out["subtype"] = "thread_broadcast"
	}
	if m.Deleted {
		out["subtype"] = "tombstone"
	}
	if withMetadata && m.Metadata != nil {
		out["metadata"] = m.Metadata
	}
	return out
}

func (m *Message) copy() Message {
	out := *m
	out.state = nil
	return out
}

func (m *Message) setBlocks(raw json.RawMessage) {
	m.Blocks, m.Parsed = raw, parseBlocks(raw)
}
