package blockkit_test

import (
	"encoding/json"
	"strings"
	"testing"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
)

func asMaps(t *testing.T, blocks []slackapi.Block) []map[string]any {
	t.Helper()
	raw, err := json.Marshal(blocks)
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAMessageHasAtMostFiftyBlocksAndCountsTheRest(t *testing.T) {
	b := blockkit.ForMessage()
	for range 51 {
		b.Section(blockkit.Say("x"))
	}
	if got := b.Build(); len(got) != 50 || b.Dropped() != 1 {
		t.Errorf("%d blocks, %d dropped", len(got), b.Dropped())
	}
}

func TestElevenFieldsFillTwoSections(t *testing.T) {
	b := blockkit.ForMessage()
	var fields []blockkit.Text
	for range 11 {
		fields = append(fields, blockkit.Say(strings.Repeat("f", 2001)))
	}
	b.Fields(fields[:2]...)
	b.Fields(append(fields[:0:0], blockkit.Say("a"), blockkit.Say("b"), blockkit.Say("c"), blockkit.Say("d"), blockkit.Say("e"),
		blockkit.Say("f"), blockkit.Say("g"), blockkit.Say("h"), blockkit.Say("i"), blockkit.Say("j"), blockkit.Say("k"))...)
	got := asMaps(t, b.Build())
	if len(got) != 3 || len(got[1]["fields"].([]any)) != 10 || len(got[2]["fields"].([]any)) != 1 {
		t.Fatalf("blocks are %v", got)
	}
	if text := got[0]["fields"].([]any)[0].(map[string]any)["text"].(string); len([]rune(text)) != 2000 {
		t.Errorf("a field has %d characters", len([]rune(text)))
	}
}

func TestAllTextTogetherStaysUnderSlacksSum(t *testing.T) {
	b := blockkit.ForMessage()
	for range 10 {
		b.Plain(blockkit.Say(strings.Repeat("x", 3000)))
	}
	total := 0
	for _, block := range asMaps(t, b.Build()) {
		total += len([]rune(block["text"].(map[string]any)["text"].(string)))
	}
	if total > 13_200 || total < 9_000 {
		t.Errorf("all text has %d characters", total)
	}
}

func TestAHeaderIsCutAt150(t *testing.T) {
	b := blockkit.ForMessage()
	b.Header(blockkit.Say(strings.Repeat("&", 151)))
	text := asMaps(t, b.Build())[0]["text"].(map[string]any)["text"].(string)
	if n := len([]rune(text)); n > 150 || !strings.HasSuffix(text, "&amp;…") {
		t.Errorf("header has %d characters: %q", n, text)
	}
}

func TestButtonsKeepTheirLimits(t *testing.T) {
	b := blockkit.ForMessage()
	b.Actions("decide",
		blockkit.Button{ActionID: "a", Label: strings.Repeat("l", 76), Value: strings.Repeat("v", 2000)},
		blockkit.Button{ActionID: "a", Label: "twice", Value: "w"},
		blockkit.Button{ActionID: "b", Label: "long value", Value: strings.Repeat("v", 2001)},
		blockkit.Button{ActionID: strings.Repeat("i", 256), Label: "long id"},
		blockkit.Button{ActionID: "c", Label: ""},
	)
	elements := asMaps(t, b.Build())[0]["elements"].([]any)
	if len(elements) != 1 {
		t.Fatalf("%d buttons, want the first alone: %v", len(elements), elements)
	}
	first := elements[0].(map[string]any)
	if n := len([]rune(first["text"].(map[string]any)["text"].(string))); n != 75 || len(first["value"].(string)) != 2000 {
		t.Errorf("button text has %d characters, value %d", n, len(first["value"].(string)))
	}
}

func TestABlockIDIsUsedOnceAndNeverTooLong(t *testing.T) {
	b := blockkit.ForMessage()
	button := blockkit.Button{ActionID: "a", Label: "a"}
	b.Actions("same", button)
	b.Actions("same", button)
	b.Actions(strings.Repeat("i", 256), button)
	got := asMaps(t, b.Build())
	if got[0]["block_id"] != "same" || got[1]["block_id"] != nil || got[2]["block_id"] != nil {
		t.Errorf("block ids are %v %v %v", got[0]["block_id"], got[1]["block_id"], got[2]["block_id"])
	}
}

func TestTextIsNeverLinkedBySlackItself(t *testing.T) {
	b := blockkit.ForMessage()
	b.Section(blockkit.Quote("evil.test"))
	b.Plain(blockkit.Say(":smile:"))
	got := asMaps(t, b.Build())
	if got[0]["text"].(map[string]any)["verbatim"] != true || got[1]["text"].(map[string]any)["emoji"] != false {
		t.Errorf("texts are %v", got)
	}
}

func TestNothingToShowIsStillAMessage(t *testing.T) {
	b := blockkit.ForMessage()
	b.Section(blockkit.Text{})
	if got := b.Build(); len(got) != 1 {
		t.Errorf("%d blocks", len(got))
	}
}

func TestASelectHasItsFirstOptionChosen(t *testing.T) {
	m := blockkit.Select("x", blockkit.Option{Value: "0", Label: "Once"}, blockkit.Option{Value: "7d", Label: "7 days"}).(*slackapi.SelectBlockElement)
	if len(m.Options) != 2 || m.InitialOption != m.Options[0] {
		t.Errorf("menu is %+v", m)
	}
}
