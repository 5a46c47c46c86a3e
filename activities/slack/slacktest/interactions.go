package slacktest

import (
	"context"
	"fmt"
)

// Warning is what Slack tells a person whose click the app did not acknowledge in time.
type Warning struct {
	User, Channel, TS, Text string

	settled bool // a later click on the same message was acknowledged, so the page shows it no more
}

const notInTime = "This app did not respond in time. Try again, or contact whoever runs it."

// Press describes one use of an element in a message or in the modal a user has open.
type Press struct {
	User    string
	Channel string // of the message; empty for a modal
	TS      string // of the message
	View    string // id of the modal or the home tab
	Block   string // optional: without it the first element with the action id is taken
	Action  string
	Value   any // for elements that take one: an option's value, a user id, or []string for those that take several
}

// Use presses a button, or picks a value of a select or menu, and waits for the app's acknowledgement. An error means
// the person could not have done that; a click nobody answered is no error, it is in the result.
func (s *Server) Use(ctx context.Context, p Press) (ClickResult, error) {
	s.mu.Lock()
	payload, err := s.blockActions(p)
	s.mu.Unlock()
	if err != nil {
		return ClickResult{}, err
	}
	e := &envelope{kind: "interactive", payload: payload, late: func() {
		s.warn(Warning{User: p.User, Channel: p.Channel, TS: p.TS, Text: notInTime})
	}}
	out, err := s.deliver(ctx, e)
	if out.acked {
		s.settle(p)
	}
	result := ClickResult{
		EnvelopeID: e.id, TriggerID: str(payload, "trigger_id"), ResponseURL: str(payload, "response_url"),
		Acked: out.acked, Warned: out.warned, Attempts: out.attempts,
	}
	return result, err
}

func (s *Server) warn(w Warning) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.warnings = append(s.warnings, w)
	s.touch()
}

func (s *Server) settle(p Press) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, w := range s.warnings {
		if w.User == p.User && w.Channel == p.Channel && w.TS == p.TS && !w.settled {
			s.warnings[i].settled = true
			s.touch()
		}
	}
}

// blockActions builds the payload of https://docs.slack.dev/reference/interaction-payloads/block_actions-payload.
func (s *Server) blockActions(p Press) (map[string]any, error) {
	if p.View != "" {
		return s.viewActions(p)
	}
	channel, message, err := s.seen(p.User, p.Channel, p.TS)
	if err != nil {
		return nil, err
	}
	if message.state == nil {
		message.state = blockState{}
	}
	action, err := s.act(message.Parsed, message.state, p)
	if err != nil {
		return nil, fmt.Errorf("press %q in message %s: %w", p.Action, p.TS, err)
	}
	payload := s.common("block_actions", p.User)
	payload["channel"] = map[string]any{"id": channel.ID, "name": channel.payloadName()}
	payload["container"] = containerOf(message)
	payload["response_url"] = s.newResponseURL(p.User, message)
	payload["actions"] = []any{action}
	payload["state"] = map[string]any{"values": stateOf(message.Parsed, message.state)}
	if message.Ephemeral == "" {
		payload["message"] = message.render(false)
	}
	return payload, nil
}

func (s *Server) viewActions(p Press) (map[string]any, error) {
	view, err := s.usedView(p.User, p.View)
	if err != nil {
		return nil, err
	}
	action, err := s.act(view.Parsed, view.state, p)
	if err != nil {
		return nil, fmt.Errorf("press %q in view %s: %w", p.Action, p.View, err)
	}
	payload := s.common("block_actions", p.User)
	payload["container"] = map[string]any{"type": "view", "view_id": view.ID}
	payload["view"] = view.render(s)
	payload["actions"] = []any{action}
	return payload, nil
}

// common is what every interaction carries. The caller holds mu.
func (s *Server) common(kind, user string) map[string]any {
	name := user
	if u := s.user(user); u != nil {
		name = u.Name
	}
	return map[string]any{
		"type": kind, "api_app_id": s.config.AppID, "token": "verification-token-is-deprecated",
		"user":       map[string]any{"id": user, "username": name, "name": name, "team_id": s.config.Team.ID},
		"team":       map[string]any{"id": s.config.Team.ID, "domain": s.config.Team.Domain},
		"trigger_id": s.newTrigger(user), "enterprise": nil, "is_enterprise_install": false,
	}
}

func containerOf(m *Message) map[string]any {
	out := map[string]any{
		"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.Ephemeral != "",
	}
	if m.ThreadTS != "" {
		out["thread_ts"] = m.ThreadTS
	}
	return out
}

// payloadName is how interactions name a channel: not at all when it is private.
func (c *Channel) payloadName() string {
	switch {
	case c.IM != "":
		return "directmessage"
	case c.Private:
		return "privategroup"
	}
	return c.Name
}

// act finds the element, remembers what was chosen and describes the action.
func (s *Server) act(blocks []map[string]any, state blockState, p Press) (map[string]any, error) {
	block, element := findElement(blocks, p.Block, p.Action)
	if element == nil {
		return nil, fmt.Errorf("no such element; there are %v", actionIDs(blocks))
	}
	action := map[string]any{}
	switch kind := str(element, "type"); kind {
	case "button":
		action = map[string]any{"type": kind, "text": element["text"]}
		for _, key := range []string{"value", "style"} {
			if element[key] != nil {
				action[key] = element[key]
			}
		}
	case "overflow":
		option, err := findOption(element, p.Value)
		if err != nil || option == nil {
			return nil, fmt.Errorf("menu needs an option: %w", err)
		}
		action = map[string]any{"type": kind, "selected_option": option}
	default:
		value, err := choose(element, p.Value)
		if err != nil {
			return nil, err
		}
		put(state, str(block, "block_id"), str(element, "action_id"), value)
		for key, v := range value {
			action[key] = v
		}
	}
	action["action_id"], action["block_id"] = element["action_id"], block["block_id"]
	action["action_ts"] = s.nextTS()
	s.touch()
	return action, nil
}

func findElement(blocks []map[string]any, blockID, actionID string) (block, element map[string]any) {
	for _, block := range blocks {
		if blockID != "" && str(block, "block_id") != blockID {
			continue
		}
		for _, element := range blockElements(block) {
			if str(element, "action_id") == actionID {
				return block, element
			}
		}
	}
	return nil, nil
}

func actionIDs(blocks []map[string]any) []string {
	var out []string
	for _, block := range blocks {
		for _, element := range blockElements(block) {
			out = append(out, str(element, "action_id"))
		}
	}
	return out
}

// seen finds a message the user can see: in a channel they may look into, or a note to them.
func (s *Server) seen(user, channelID, ts string) (*Channel, *Message, error) {
	channel := s.channels[channelID]
	if channel == nil || (channel.Private && !channel.has(user)) {
		return nil, nil, fmt.Errorf("user %s sees no channel %q", user, channelID)
	}
	if s.user(user) == nil {
		return nil, nil, fmt.Errorf("no user %q in this workspace", user)
	}
	if message := s.find(channelID, ts); message != nil {
		return channel, message, nil
	}
	for _, note := range s.notes {
		if note.Channel == channelID && note.TS == ts && note.Ephemeral == user {
			return channel, note, nil
		}
	}
	return nil, nil, fmt.Errorf("no message %s in channel %s that %s can see", ts, channelID, user)
}

// usedView is the user's home tab or the view on top of the stack.
func (s *Server) usedView(user, id string) (*View, error) {
	if home := s.homes[user]; home != nil && home.ID == id && len(s.views[user]) == 0 {
		if home.state == nil {
			home.state = blockState{}
		}
		return home, nil
	}
	return s.openView(user, id)
}

// openView finds the view on top of the user's stack, the only one that can be used.
func (s *Server) openView(user, id string) (*View, error) {
	stack := s.views[user]
	if len(stack) == 0 {
		return nil, fmt.Errorf("user %s has no modal open", user)
	}
	top := stack[len(stack)-1]
	if id != "" && top.ID != id {
		return nil, fmt.Errorf("user %s has view %s open, not %s", user, top.ID, id)
	}
	if top.state == nil {
		top.state = blockState{}
	}
	return top, nil
}
