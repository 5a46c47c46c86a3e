package slacktest

import "fmt"

// place is the block an element sits in; not every element may sit everywhere.
// https://docs.slack.dev/reference/block-kit/block-elements
type place int

const (
	inSection place = iota
	inActions
	inInput
)

func (p place) allows(kind string) bool {
	switch kind {
	case "button", "overflow":
		return p != inInput
	case "image":
		return p == inSection
	case "plain_text_input", "email_text_input", "url_text_input", "number_input":
		return p == inInput
	case "datetimepicker":
		return p != inSection
	case "multi_static_select", "multi_users_select":
		return p != inActions
	case "static_select", "users_select", "conversations_select", "channels_select",
		"radio_buttons", "checkboxes", "datepicker", "timepicker":
		return true
	}
	return false
}

func (c *checker) element(element map[string]any, at string, where place) {
	kind := str(element, "type")
	if !where.allows(kind) {
		c.fail(at+"/type", "unsupported type: %s", kind)
		return
	}
	c.length(str(element, "action_id"), at+"/action_id", MaxActionID)
	if placeholder := obj(element, "placeholder"); placeholder != nil {
		c.text(placeholder, at+"/placeholder", textRule{max: MaxPlaceholder, plain: true})
	}
	if confirm := obj(element, "confirm"); confirm != nil {
		c.confirm(confirm, at+"/confirm")
	}
	switch kind {
	case "button":
		c.button(element, at)
	case "image":
		c.image(element, at)
	case "overflow":
		c.options(element, at, MaxOverflow)
	case "static_select", "multi_static_select":
		c.selectOptions(element, at)
	case "radio_buttons", "checkboxes":
		c.options(element, at, MaxChoices)
	case "plain_text_input":
		c.textInput(element, at)
	}
}

func (c *checker) button(button map[string]any, at string) {
	c.text(obj(button, "text"), at+"/text", textRule{max: MaxButtonText, plain: true})
	c.length(str(button, "value"), at+"/value", MaxButtonValue)
	c.length(str(button, "url"), at+"/url", MaxURL)
	c.length(str(button, "accessibility_label"), at+"/accessibility_label", MaxAccessLabel)
	switch style := str(button, "style"); style {
	case "", "primary", "danger":
	default:
		c.fail(at+"/style", "unsupported style: %s", style)
	}
}

func (c *checker) confirm(confirm map[string]any, at string) {
	c.text(obj(confirm, "title"), at+"/title", textRule{max: MaxConfirmTitle, plain: true})
	c.text(obj(confirm, "text"), at+"/text", textRule{max: MaxConfirmText})
	for _, name := range []string{"confirm", "deny"} {
		c.text(obj(confirm, name), at+"/"+name, textRule{max: MaxConfirmButton, plain: true})
	}
}

func (c *checker) selectOptions(element map[string]any, at string) {
	groups := objects(element, "option_groups")
	if len(groups) == 0 {
		c.options(element, at, MaxSelectOption)
		return
	}
	if len(groups) > MaxSelectOption {
		c.fail(at+"/option_groups", "no more than %d items allowed", MaxSelectOption)
	}
	for i, group := range groups {
		pointer := fmt.Sprintf("%s/option_groups/%d", at, i)
		c.text(obj(group, "label"), pointer+"/label", textRule{max: MaxOptionText, plain: true})
		c.options(group, pointer, MaxSelectOption)
	}
}

func (c *checker) options(element map[string]any, at string, limit int) {
	c.count(list(element, "options"), at+"/options", limit)
	for i, option := range objects(element, "options") {
		pointer := fmt.Sprintf("%s/options/%d", at, i)
		c.text(obj(option, "text"), pointer+"/text", textRule{max: MaxOptionText})
		if str(option, "value") == "" {
			c.fail(pointer+"/value", "missing required field: value")
		}
		c.length(str(option, "value"), pointer+"/value", MaxOptionValue)
		if description := obj(option, "description"); description != nil {
			c.text(description, pointer+"/description", textRule{max: MaxOptionDescription})
		}
	}
}

func (c *checker) textInput(element map[string]any, at string) {
	for _, name := range []string{"min_length", "max_length"} {
		length, given := element[name].(float64)
		if given && (length < 0 || length > MaxInputLength) {
			c.fail(at+"/"+name, "must be between 0 and %d", MaxInputLength)
		}
	}
	limit := MaxInputLength
	if length, given := element["max_length"].(float64); given {
		limit = int(length)
	}
	c.length(str(element, "initial_value"), at+"/initial_value", limit)
}
