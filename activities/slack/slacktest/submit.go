package slacktest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"unicode/utf8"
)

const trouble = "We had some trouble connecting. Try again?"

// SubmitView fills in the open modal and presses its submit button. Values are by action id (or "block/action" where
// an action id occurs twice): a string, or []string for elements that take several; elements that are not named keep
// what they hold. Inputs that Slack itself refuses (required and empty, too short, too long) never reach the app.
func (s *Server) SubmitView(ctx context.Context, user, viewID string, values map[string]any) (SubmitResult, error) {
	s.mu.Lock()
	view, payload, refused, err := s.submission(user, viewID, values)
	s.mu.Unlock()
	if err != nil || len(refused) > 0 {
		return SubmitResult{Errors: refused}, err
	}
	e := &envelope{kind: "interactive", payload: payload, acceptsPayload: true}
	out, err := s.deliver(ctx, e)
	if err != nil {
		return SubmitResult{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	result := s.concludeSubmission(view, out)
	result.EnvelopeID, result.TriggerID = e.id, str(payload, "trigger_id")
	s.touch()
	return result, nil
}

func (s *Server) submission(user, viewID string, values map[string]any) (*View, map[string]any, map[string]string, error) {
	view, err := s.openView(user, viewID)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("submit view: %w", err)
	}
	if view.Submit == "" {
		return nil, nil, nil, fmt.Errorf("submit view %s: it has no submit button", view.ID)
	}
	if err := fill(view, values); err != nil {
		return nil, nil, nil, fmt.Errorf("submit view %s: %w", view.ID, err)
	}
	if refused := refusedInputs(view); len(refused) > 0 {
		view.Errors = refused
		s.touch()
		return view, nil, refused, nil
	}
	view.Errors, view.Trouble = nil, ""
	payload := s.common("view_submission", user)
	payload["view"], payload["response_urls"] = view.render(s), []any{}
	return view, payload, nil, nil
}

func fill(view *View, values map[string]any) error {
	unknown := maps.Clone(values)
	for _, block := range view.Parsed {
		for _, element := range blockElements(block) {
			blockID, actionID := str(block, "block_id"), str(element, "action_id")
			key := blockID + "/" + actionID
			picked, given := values[key]
			if !given {
				key = actionID
				picked, given = values[key]
			}
			if !given {
				continue
			}
			value, err := choose(element, picked)
			if err != nil {
				return err
			}
			put(view.state, blockID, actionID, value)
			delete(unknown, key)
		}
	}
	for key := range unknown {
		return fmt.Errorf("no element %q; there are %v", key, actionIDs(view.Parsed))
	}
	return nil
}

// refusedInputs is what the Slack client checks before it sends anything.
func refusedInputs(view *View) map[string]string {
	out := map[string]string{}
	state := stateOf(view.Parsed, view.state)
	for _, block := range view.Parsed {
		if str(block, "type") != "input" {
			continue
		}
		element := obj(block, "element")
		value := state[str(block, "block_id")][str(element, "action_id")]
		if problem := inputProblem(block, element, value); problem != "" {
			out[str(block, "block_id")] = problem
		}
	}
	return out
}

func inputProblem(block, element, value map[string]any) string {
	if isEmpty(value) {
		if flag(block, "optional") {
			return ""
		}
		return "Please complete this required field."
	}
	text, _ := value["value"].(string)
	length := float64(utf8.RuneCountInString(text))
	if least, given := element["min_length"].(float64); given && length < least {
		return fmt.Sprintf("Must be at least %.0f characters.", least)
	}
	if most, given := element["max_length"].(float64); given && length > most {
		return fmt.Sprintf("Must be at most %.0f characters.", most)
	}
	return ""
}

// concludeSubmission does what the app's answer says: https://docs.slack.dev/surfaces/modals#closing_views
func (s *Server) concludeSubmission(view *View, out outcome) SubmitResult {
	result := SubmitResult{Acked: out.acked, Warned: out.warned, Attempts: out.attempts}
	var answer struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	_ = json.Unmarshal(out.payload, &answer) // an empty answer closes the view
	switch {
	case !out.acked:
		view.Trouble = trouble
	case answer.Action == "errors" && knownBlocks(view, answer.Errors):
		view.Errors = answer.Errors
		result.Errors = answer.Errors
	case answer.Action == "update" || answer.Action == "push":
		result.ViewID = s.replaceView(view, answer.Action, answer.View)
	case answer.Action == "clear":
		s.views[view.User] = nil
		result.Closed = true
	case answer.Action == "":
		s.popView(view)
		result.Closed = true
	default:
		view.Trouble = trouble
	}
	result.Trouble = view.Trouble
	return result
}

// knownBlocks is false for errors on anything but an input, which Slack shows as trouble of the app.
func knownBlocks(view *View, errors map[string]string) bool {
	inputs := map[string]bool{}
	for _, block := range view.Parsed {
		inputs[str(block, "block_id")] = str(block, "type") == "input"
	}
	for id := range errors {
		if !inputs[id] {
			return false
		}
	}
	return len(errors) > 0
}

func (s *Server) replaceView(view *View, action string, raw json.RawMessage) string {
	body, err := s.checkView(string(raw), onModal)
	if err != nil || (action == "push" && len(s.views[view.User]) >= MaxViewStack) {
		s.log.Warn("slack view in answer refused", "view", view.ID, "error", err)
		view.Trouble = trouble
		return ""
	}
	if action == "push" {
		return s.pushView(view.User, body).ID
	}
	s.fillView(view, body)
	return view.ID
}

func (s *Server) popView(view *View) {
	stack := s.views[view.User]
	for i, open := range stack {
		if open == view {
			s.views[view.User] = stack[:i]
			return
		}
	}
}

// CloseView dismisses the open modal, and tells the app when the view asked for that with notify_on_close.
func (s *Server) CloseView(ctx context.Context, user, viewID string) error {
	s.mu.Lock()
	view, err := s.openView(user, viewID)
	if err != nil {
		s.mu.Unlock()
		return fmt.Errorf("close view: %w", err)
	}
	s.popView(view)
	if view.ClearOnClose {
		s.views[user] = nil
	}
	payload := s.common("view_closed", user)
	delete(payload, "trigger_id")
	payload["view"], payload["is_cleared"] = view.render(s), false
	s.touch()
	s.mu.Unlock()
	if !view.NotifyOnClose {
		return nil
	}
	_, err = s.deliver(ctx, &envelope{kind: "interactive", payload: payload})
	return err
}
