package blockkit

import (
	"strconv"
	"time"

	slackapi "github.com/slack-go/slack"
)

// Button is a button of a message. Value is what a click brings back.
type Button struct {
	ActionID string
	Label    string
	Value    string
	Style    slackapi.Style
}

// element is nil for a button that cannot be shown.
func (b Button) element() *slackapi.ButtonBlockElement {
	label := Say(b.Label).Plain(MaxButtonText)
	if label == "" || units(b.ActionID) > MaxActionID || units(b.Value) > MaxButtonValue {
		return nil
	}
	text := slackapi.NewTextBlockObject(slackapi.PlainTextType, label, false, false)
	return slackapi.NewButtonBlockElement(b.ActionID, b.Value, text).WithStyle(b.Style)
}

// PlainObject is a plain_text object of at most limit characters, nil when it is empty.
func PlainObject(t Text, limit int) *slackapi.TextBlockObject {
	text := t.Plain(limit)
	if text == "" {
		return nil
	}
	return slackapi.NewTextBlockObject(slackapi.PlainTextType, text, false, false)
}

// TextInput is a multi-line input of at most maxLength characters.
func TextInput(actionID string, placeholder Text, maxLength int) slackapi.BlockElement {
	return slackapi.NewPlainTextInputBlockElement(PlainObject(placeholder, MaxPlaceholder), actionID).
		WithMultiline(true).WithMinLength(1).WithMaxLength(min(maxLength, MaxInputLength))
}

// Option is a choice of a select.
type Option struct{ Value, Label string }

// Select is a menu of options with the first one chosen.
func Select(actionID string, options ...Option) slackapi.BlockElement {
	var objects []*slackapi.OptionBlockObject
	for _, o := range options {
		label := PlainObject(Say(o.Label), MaxOptionText)
		if label == nil || o.Value == "" || units(o.Value) > MaxOptionValue || len(objects) == MaxOptions {
			continue
		}
		objects = append(objects, slackapi.NewOptionBlockObject(o.Value, label, nil))
	}
	menu := slackapi.NewOptionsSelectBlockElement(slackapi.OptTypeStatic, nil, actionID, objects...)
	if len(objects) > 0 {
		menu = menu.WithInitialOption(objects[0])
	}
	return menu
}

// Modal is the frame of a modal.
type Modal struct {
	Title, Submit, Close string
	CallbackID           string
	PrivateMetadata      string
}

// View puts blocks into the frame. Without Submit the modal only shows.
func (m Modal) View(b *Blocks) slackapi.ModalViewRequest {
	return slackapi.ModalViewRequest{
		Type:            slackapi.VTModal,
		Title:           PlainObject(Say(m.Title), MaxViewTitle),
		Submit:          PlainObject(Say(m.Submit), MaxViewButton),
		Close:           PlainObject(Say(m.Close), MaxViewButton),
		CallbackID:      m.CallbackID,
		PrivateMetadata: m.PrivateMetadata,
		Blocks:          slackapi.Blocks{BlockSet: b.Build()},
	}
}

// Remaining writes the time until t as people say it: 55 min, 3 h 20 min, 2 d 4 h.
func Remaining(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	switch {
	case minutes < 60:
		return count(minutes, "min")
	case minutes < 48*60:
		return pair(minutes/60, "h", minutes%60, "min")
	}
	return pair(minutes/(24*60), "d", minutes/60%24, "h")
}

func count(n int, unit string) string { return strconv.Itoa(n) + " " + unit }

func pair(n int, unit string, rest int, restUnit string) string {
	if rest == 0 {
		return count(n, unit)
	}
	return count(n, unit) + " " + count(rest, restUnit)
}
