package slacktest

import (
	"fmt"
	"unicode/utf8"
)

// surface is where blocks are shown; it decides how many there may be.
type surface int

const (
	onMessage surface = iota
	onModal
	onHome
)

func (s surface) maxBlocks() int {
	if s == onMessage {
		return MaxMessageBlocks
	}
	return MaxViewBlocks
}

// checkBlocks judges blocks as Slack does: all faults at once, each with a pointer to the place.
func checkBlocks(blocks []map[string]any, where surface) error {
	c := &checker{blockIDs: map[string]bool{}}
	if len(blocks) > where.maxBlocks() {
		c.fail("/blocks", "no more than %d items allowed", where.maxBlocks())
	}
	for i, block := range blocks {
		c.block(block, fmt.Sprintf("/blocks/%d", i))
	}
	if len(c.faults) > 0 {
		return c.refusal("invalid_blocks")
	}
	if where == onMessage && countText(blocks) > MaxBlocksText {
		return fail("msg_blocks_too_long")
	}
	return nil
}

type checker struct {
	faults   []string
	blockIDs map[string]bool
}

func (c *checker) fail(pointer, format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...)+" [json-pointer:"+pointer+"]")
}

func (c *checker) refusal(code string) error {
	messages := make([]string, len(c.faults))
	for i, fault := range c.faults {
		messages[i] = "[ERROR] " + fault
	}
	return &apiError{code: code, errors: c.faults, messages: messages}
}

func (c *checker) block(block map[string]any, at string) {
	c.blockID(block, at)
	switch kind := str(block, "type"); kind {
	case "divider":
	case "header":
		c.text(obj(block, "text"), at+"/text", textRule{max: MaxHeaderText, plain: true})
	case "section":
		c.section(block, at)
	case "context":
		c.context(block, at)
	case "actions":
		c.actions(block, at)
	case "input":
		c.input(block, at)
	case "image":
		c.image(block, at)
		if title := obj(block, "title"); title != nil {
			c.text(title, at+"/title", textRule{max: MaxImageTitle, plain: true})
		}
	case "rich_text":
		if len(list(block, "elements")) == 0 {
			c.fail(at+"/elements", "missing required field: elements")
		}
	default:
		c.fail(at+"/type", "unsupported type: %s", kind)
	}
}

func (c *checker) blockID(block map[string]any, at string) {
	id := str(block, "block_id")
	if id == "" {
		return
	}
	c.length(id, at+"/block_id", MaxBlockID)
	if c.blockIDs[id] {
		c.fail(at+"/block_id", "block_id %q already exists", id)
	}
	c.blockIDs[id] = true
}

func (c *checker) section(block map[string]any, at string) {
	text, fields := obj(block, "text"), list(block, "fields")
	if text == nil && len(fields) == 0 {
		c.fail(at, "missing required field: text or fields")
	}
	if text != nil {
		c.text(text, at+"/text", textRule{max: MaxSectionText})
	}
	if len(fields) > MaxSectionFields {
		c.fail(at+"/fields", "no more than %d items allowed", MaxSectionFields)
	}
	for i, field := range objects(block, "fields") {
		c.text(field, fmt.Sprintf("%s/fields/%d", at, i), textRule{max: MaxFieldText})
	}
	if accessory := obj(block, "accessory"); accessory != nil {
		c.element(accessory, at+"/accessory", inSection)
	}
}

func (c *checker) context(block map[string]any, at string) {
	c.count(list(block, "elements"), at+"/elements", MaxContextElements)
	for i, element := range objects(block, "elements") {
		pointer := fmt.Sprintf("%s/elements/%d", at, i)
		if str(element, "type") == "image" {
			c.image(element, pointer)
			continue
		}
		c.text(element, pointer, textRule{max: MaxSectionText})
	}
}

func (c *checker) actions(block map[string]any, at string) {
	c.count(list(block, "elements"), at+"/elements", MaxActionElements)
	seen := map[string]bool{}
	for i, element := range objects(block, "elements") {
		pointer := fmt.Sprintf("%s/elements/%d", at, i)
		c.element(element, pointer, inActions)
		if id := str(element, "action_id"); id != "" {
			if seen[id] {
				c.fail(pointer+"/action_id", "action_id %q already exists in this block", id)
			}
			seen[id] = true
		}
	}
}

func (c *checker) input(block map[string]any, at string) {
	c.text(obj(block, "label"), at+"/label", textRule{max: MaxInputLabel, plain: true})
	if hint := obj(block, "hint"); hint != nil {
		c.text(hint, at+"/hint", textRule{max: MaxInputHint, plain: true})
	}
	element := obj(block, "element")
	if element == nil {
		c.fail(at+"/element", "missing required field: element")
		return
	}
	c.element(element, at+"/element", inInput)
}

func (c *checker) image(image map[string]any, at string) {
	if str(image, "image_url") == "" {
		c.fail(at+"/image_url", "missing required field: image_url")
	}
	c.length(str(image, "image_url"), at+"/image_url", MaxURL)
	if str(image, "alt_text") == "" {
		c.fail(at+"/alt_text", "missing required field: alt_text")
	}
	c.length(str(image, "alt_text"), at+"/alt_text", MaxAltText)
}

// textRule is what a place asks of a text object.
type textRule struct {
	max   int
	plain bool // only plain_text
}

func (c *checker) text(text map[string]any, at string, rule textRule) {
	if text == nil {
		c.fail(at, "missing required field: text")
		return
	}
	kind := str(text, "type")
	if kind != "plain_text" && (rule.plain || kind != "mrkdwn") {
		c.fail(at+"/type", "unsupported text type: %q", kind)
	}
	if str(text, "text") == "" {
		c.fail(at+"/text", "must be more than 0 characters")
	}
	c.length(str(text, "text"), at+"/text", rule.max)
}

// length counts characters, as Slack does, of the text as it was sent: an entity such as &amp; is five of them.
func (c *checker) length(text, at string, limit int) {
	if utf8.RuneCountInString(text) > limit {
		c.fail(at, "must be less than %d characters", limit+1)
	}
}

func (c *checker) count(items []any, at string, limit int) {
	if len(items) == 0 {
		c.fail(at, "must have at least 1 item")
	}
	if len(items) > limit {
		c.fail(at, "no more than %d items allowed", limit)
	}
}

func countText(blocks []map[string]any) int {
	var parts []string
	collectTexts(blocks, &parts)
	total := 0
	for _, part := range parts {
		total += utf8.RuneCountInString(part)
	}
	return total
}
