package slacktest

import "fmt"

// valueKeys names where a kind of element keeps what was chosen, and where its first value comes from. Elements
// without a state (buttons, menus) have none. https://docs.slack.dev/reference/views/view-submission
func valueKeys(kind string) (value, initial string) {
	switch kind {
	case "plain_text_input", "email_text_input", "url_text_input", "number_input":
		return "value", "initial_value"
	case "static_select", "radio_buttons":
		return "selected_option", "initial_option"
	case "multi_static_select", "checkboxes":
		return "selected_options", "initial_options"
	case "users_select":
		return "selected_user", "initial_user"
	case "multi_users_select":
		return "selected_users", "initial_users"
	case "conversations_select":
		return "selected_conversation", "initial_conversation"
	case "channels_select":
		return "selected_channel", "initial_channel"
	case "datepicker":
		return "selected_date", "initial_date"
	case "timepicker":
		return "selected_time", "initial_time"
	case "datetimepicker":
		return "selected_date_time", "initial_date_time"
	}
	return "", ""
}

type blockState = map[string]map[string]map[string]any

// stateOf is state.values of a message or view: what was chosen, else the first value, of every stateful element.
func stateOf(blocks []map[string]any, chosen blockState) blockState {
	out := blockState{}
	for _, block := range blocks {
		for _, element := range blockElements(block) {
			value, initial := valueKeys(str(element, "type"))
			if value == "" {
				continue
			}
			blockID, actionID := str(block, "block_id"), str(element, "action_id")
			state := chosen[blockID][actionID]
			if state == nil {
				state = map[string]any{"type": element["type"], value: element[initial]}
				if value == "selected_options" && element[initial] == nil {
					state[value] = []any{}
				}
			}
			put(out, blockID, actionID, state)
		}
	}
	return out
}

func put(state blockState, block, action string, value map[string]any) {
	if state[block] == nil {
		state[block] = map[string]map[string]any{}
	}
	state[block][action] = value
}

// choose turns what a person picked (a string, or a list for elements that take several) into Slack's value object.
func choose(element map[string]any, picked any) (map[string]any, error) {
	kind := str(element, "type")
	key, _ := valueKeys(kind)
	out := map[string]any{"type": kind}
	var err error
	switch key {
	case "":
		return nil, fmt.Errorf("element %q is a %s, which takes no value", str(element, "action_id"), kind)
	case "selected_option":
		out[key], err = findOption(element, picked)
	case "selected_options":
		out[key], err = findOptions(element, picked)
	case "selected_users":
		out[key] = texts(picked)
	case "selected_date_time":
		out[key] = picked
	default:
		text, isText := picked.(string)
		if !isText {
			return nil, fmt.Errorf("element %q takes a text, not %T", str(element, "action_id"), picked)
		}
		if out[key] = any(nil); text != "" {
			out[key] = text
		}
	}
	return out, err
}

func findOptions(element map[string]any, picked any) (any, error) {
	out := []any{}
	for _, value := range texts(picked) {
		option, err := findOption(element, value)
		if err != nil {
			return nil, err
		}
		out = append(out, option)
	}
	return out, nil
}

func findOption(element map[string]any, picked any) (any, error) {
	if picked == "" || picked == nil {
		return nil, nil
	}
	options := objects(element, "options")
	for _, group := range objects(element, "option_groups") {
		options = append(options, objects(group, "options")...)
	}
	for _, option := range options {
		if option["value"] == picked {
			return option, nil
		}
	}
	return nil, fmt.Errorf("element %q has no option %v", str(element, "action_id"), picked)
}

func texts(picked any) []string {
	switch picked := picked.(type) {
	case []string:
		return picked
	case []any:
		out := make([]string, 0, len(picked))
		for _, item := range picked {
			out = append(out, fmt.Sprint(item))
		}
		return out
	case string:
		if picked != "" {
			return []string{picked}
		}
	}
	return nil
}

// isEmpty reports whether a value object holds nothing, which a required input refuses.
func isEmpty(value map[string]any) bool {
	key, _ := valueKeys(str(value, "type"))
	switch held := value[key].(type) {
	case nil:
		return true
	case string:
		return held == ""
	case []any:
		return len(held) == 0
	case []string:
		return len(held) == 0
	}
	return false
}
