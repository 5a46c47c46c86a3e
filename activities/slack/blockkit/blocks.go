package blockkit

import (
	slackapi "github.com/slack-go/slack"
)

// Blocks collects the blocks of one message or modal and keeps every limit: it
// cuts what is too long, leaves out what is empty, and counts what found no room.
type Blocks struct {
	max     int
	text    int // characters left for all texts together
	blocks  []slackapi.Block
	ids     map[string]bool
	dropped int
}

// ForMessage collects the blocks of a message.
func ForMessage() *Blocks { return newBlocks(MaxMessageBlocks, MaxBlocksText) }

// ForModal collects the blocks of a modal.
func ForModal() *Blocks { return newBlocks(MaxModalBlocks, MaxModalText) }

func newBlocks(max, text int) *Blocks {
	return &Blocks{max: max, text: text, ids: map[string]bool{}}
}

// Room is how many more blocks there is room for.
func (b *Blocks) Room() int { return b.max - len(b.blocks) }

// TextRoom is how many more characters there is room for.
func (b *Blocks) TextRoom() int { return b.text }

// Dropped counts blocks that found no room.
func (b *Blocks) Dropped() int { return b.dropped }

// Header adds a headline in large plain text.
func (b *Blocks) Header(t Text) {
	if text := b.plain(t, MaxHeaderText); text != nil {
		b.add(slackapi.NewHeaderBlock(text))
	}
}

// Section adds a paragraph with formats, as plain text where the text has none.
func (b *Blocks) Section(t Text) {
	if text := b.markdown(t, MaxSectionText); text != nil {
		b.add(slackapi.NewSectionBlock(text, nil, nil))
	}
}

// Plain adds a paragraph in which nothing is read as a link, mention or format.
func (b *Blocks) Plain(t Text) {
	if text := b.plain(t, MaxSectionText); text != nil {
		b.add(slackapi.NewSectionBlock(text, nil, nil))
	}
}

// SectionWithButton adds a paragraph with a button beside it.
func (b *Blocks) SectionWithButton(t Text, button Button) {
	text := b.markdown(t, MaxSectionText)
	if text == nil {
		return
	}
	var accessory *slackapi.Accessory
	if element := button.element(); element != nil {
		accessory = slackapi.NewAccessory(element)
	}
	b.add(slackapi.NewSectionBlock(text, nil, accessory))
}

// Fields adds texts in two columns, ten to a block; a text without formats is plain text.
func (b *Blocks) Fields(texts ...Text) {
	var fields []*slackapi.TextBlockObject
	flush := func() {
		if len(fields) > 0 {
			b.add(slackapi.NewSectionBlock(nil, fields, nil))
			fields = nil
		}
	}
	for _, t := range texts {
		if text := b.markdown(t, MaxFieldText); text != nil {
			fields = append(fields, text)
		}
		if len(fields) == MaxSectionFields {
			flush()
		}
	}
	flush()
}

// Context adds small print, ten texts to a block.
func (b *Blocks) Context(texts ...Text) {
	var elements []slackapi.MixedElement
	flush := func() {
		if len(elements) > 0 {
			b.add(slackapi.NewContextBlock("", elements...))
			elements = nil
		}
	}
	for _, t := range texts {
		if text := b.markdown(t, MaxContextText); text != nil {
			elements = append(elements, *text)
		}
		if len(elements) == MaxContextElements {
			flush()
		}
	}
	flush()
}

// Divider adds a line.
func (b *Blocks) Divider() { b.add(slackapi.NewDividerBlock()) }

// Actions adds a row of buttons. A second button with the same action id is
// left out, and so is one whose value is too long: cut, it would name something else.
func (b *Blocks) Actions(blockID string, buttons ...Button) {
	seen := map[string]bool{}
	var elements []slackapi.BlockElement
	for _, button := range buttons {
		element := button.element()
		if element == nil || seen[button.ActionID] || len(elements) == MaxActionElements {
			continue
		}
		seen[button.ActionID] = true
		elements = append(elements, element)
	}
	if len(elements) > 0 {
		b.add(slackapi.NewActionBlock(b.blockID(blockID), elements...))
	}
}

// Input adds a labelled input; its block id is where errors are shown.
func (b *Blocks) Input(blockID string, label, hint Text, element slackapi.BlockElement) {
	text := b.plain(label, MaxInputLabel)
	if text == nil {
		return
	}
	b.add(slackapi.NewInputBlock(b.blockID(blockID), text, b.plain(hint, MaxInputHint), element))
}

// Build returns the blocks, never none.
func (b *Blocks) Build() []slackapi.Block {
	if len(b.blocks) == 0 {
		b.Plain(Say("(nothing to show)"))
	}
	return b.blocks
}

func (b *Blocks) add(block slackapi.Block) {
	if len(b.blocks) == b.max {
		b.dropped++
		return
	}
	b.blocks = append(b.blocks, block)
}

// blockID is empty, so that Slack makes one up, where the id cannot be used.
func (b *Blocks) blockID(id string) string {
	if units(id) > MaxBlockID || b.ids[id] {
		return ""
	}
	b.ids[id] = true
	return id
}

func (b *Blocks) plain(t Text, limit int) *slackapi.TextBlockObject {
	text := t.Plain(min(limit, b.text))
	if text == "" {
		return nil
	}
	b.text -= units(text)
	return slackapi.NewTextBlockObject(slackapi.PlainTextType, text, false, false)
}

// markdown is verbatim: Slack makes no links of addresses, hosts or channel names
// by itself. Words alone become plain text, in which nothing is read as a format.
func (b *Blocks) markdown(t Text, limit int) *slackapi.TextBlockObject {
	if t.onlyWords() {
		return b.plain(t, limit)
	}
	text := t.Markdown(min(limit, b.text))
	if text == "" {
		return nil
	}
	b.text -= units(text)
	return slackapi.NewTextBlockObject(slackapi.MarkdownType, text, false, true)
}
