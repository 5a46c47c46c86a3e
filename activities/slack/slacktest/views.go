package slacktest

import (
	"encoding/json"
	"strings"
	"time"
)

// View is an open modal, or somebody's app home.
type View struct {
	ID, User, Type, CallbackID        string
	Title, Submit, Close              string
	PrivateMetadata, ExternalID, Hash string
	RootID, PreviousID                string
	Blocks                            json.RawMessage
	Parsed                            []map[string]any // Blocks decoded; shared, so read only
	NotifyOnClose, ClearOnClose       bool
	Errors                            map[string]string // by block_id, what the last submission was refused for
	Trouble                           string            // what the modal says when the app did not answer

	body  map[string]any // as the app sent it
	state map[string]map[string]map[string]any
}

// Contains reports whether any text of the view holds part.
func (v View) Contains(part string) bool {
	var parts []string
	collectTexts(v.Parsed, &parts)
	return strings.Contains(v.Title+"\n"+strings.Join(parts, "\n"), part)
}

type trigger struct {
	user string
	at   time.Time
	used bool
}

// newTrigger issues a trigger_id. The caller holds mu.
func (s *Server) newTrigger(user string) string {
	id := s.nextID("1234567890.") + "." + strings.ToLower(s.nextID("t"))
	s.triggers[id] = &trigger{user: user, at: s.now()}
	return id
}

func (s *Server) useTrigger(id string) (*trigger, error) {
	trigger := s.triggers[id]
	switch {
	case trigger == nil:
		return nil, fail("invalid_trigger_id")
	case trigger.used:
		return nil, fail("exchanged_trigger_id")
	case s.now().Sub(trigger.at) > TriggerLifetime:
		return nil, fail("expired_trigger_id")
	}
	trigger.used = true
	return trigger, nil
}

// viewOpen is https://docs.slack.dev/reference/methods/views.open. It takes the place of what the user has open.
func (s *Server) viewOpen(req *request) (reply, error) {
	return s.showView(req, false)
}

// viewPush is https://docs.slack.dev/reference/methods/views.push.
func (s *Server) viewPush(req *request) (reply, error) {
	return s.showView(req, true)
}

func (s *Server) showView(req *request, push bool) (reply, error) {
	body, err := s.checkView(req.arg("view"), onModal)
	if err != nil {
		return nil, err
	}
	if id := str(body, "external_id"); id != "" && s.findView("", id) != nil {
		return nil, fail("duplicate_external_id")
	}
	trigger, err := s.useTrigger(req.arg("trigger_id"))
	if err != nil {
		return nil, err
	}
	if push && len(s.views[trigger.user]) >= MaxViewStack {
		return nil, fail("push_limit_reached")
	}
	if !push {
		s.views[trigger.user] = nil
	}
	return reply{"view": s.pushView(trigger.user, body).render(s)}, nil
}

func (s *Server) pushView(user string, body map[string]any) *View {
	view := &View{ID: s.nextID("V"), User: user}
	view.RootID = view.ID
	if stack := s.views[user]; len(stack) > 0 {
		view.RootID, view.PreviousID = stack[0].ID, stack[len(stack)-1].ID
	}
	s.fillView(view, body)
	s.views[user] = append(s.views[user], view)
	return view
}

// fillView puts new content into a view. What the person typed stays where block and action ids are the same.
func (s *Server) fillView(view *View, body map[string]any) {
	blocks := objects(body, "blocks")
	s.nameBlocks(blocks)
	view.body, view.Blocks, view.Parsed = body, mustJSON(blocks), blocks
	view.Type, view.CallbackID, view.ExternalID = str(body, "type"), str(body, "callback_id"), str(body, "external_id")
	view.PrivateMetadata = str(body, "private_metadata")
	view.Title, view.Submit = str(obj(body, "title"), "text"), str(obj(body, "submit"), "text")
	view.Close = str(obj(body, "close"), "text")
	view.NotifyOnClose, view.ClearOnClose = flag(body, "notify_on_close"), flag(body, "clear_on_close")
	view.Errors, view.Trouble = nil, ""
	view.Hash = s.nextTS() + "." + strings.ToLower(s.nextID("h"))
	s.touch()
}

func (s *Server) findView(id, external string) *View {
	for _, stack := range s.views {
		for _, view := range stack {
			if (id != "" && view.ID == id) || (external != "" && view.ExternalID == external) {
				return view
			}
		}
	}
	return nil
}

// viewUpdate is https://docs.slack.dev/reference/methods/views.update.
func (s *Server) viewUpdate(req *request) (reply, error) {
	view := s.findView(req.arg("view_id"), req.arg("external_id"))
	if view == nil {
		return nil, fail("not_found")
	}
	if hash := req.arg("hash"); hash != "" && hash != view.Hash {
		return nil, fail("hash_conflict")
	}
	body, err := s.checkView(req.arg("view"), onModal)
	if err != nil {
		return nil, err
	}
	s.fillView(view, body)
	return reply{"view": view.render(s)}, nil
}

// viewPublish is https://docs.slack.dev/reference/methods/views.publish.
func (s *Server) viewPublish(req *request) (reply, error) {
	user := req.arg("user_id")
	if s.user(user) == nil {
		return nil, fail("user_not_found")
	}
	home := s.homes[user]
	if hash := req.arg("hash"); hash != "" && (home == nil || hash != home.Hash) {
		return nil, fail("hash_conflict")
	}
	body, err := s.checkView(req.arg("view"), onHome)
	if err != nil {
		return nil, err
	}
	if home == nil {
		home = &View{ID: s.nextID("V"), User: user}
		home.RootID = home.ID
		s.homes[user] = home
	}
	s.fillView(home, body)
	return reply{"view": home.render(s)}, nil
}

// render is the view as Slack shows it to the app.
func (v *View) render(s *Server) map[string]any {
	out := map[string]any{
		"id": v.ID, "team_id": s.config.Team.ID, "app_id": s.config.AppID, "bot_id": s.config.Bot.BotID,
		"app_installed_team_id": s.config.Team.ID, "type": v.Type, "blocks": v.Blocks, "callback_id": v.CallbackID,
		"private_metadata": v.PrivateMetadata, "external_id": v.ExternalID, "hash": v.Hash,
		"root_view_id": v.RootID, "previous_view_id": nil, "notify_on_close": v.NotifyOnClose,
		"clear_on_close": v.ClearOnClose, "state": map[string]any{"values": stateOf(v.Parsed, v.state)},
		"title": v.body["title"], "submit": v.body["submit"], "close": v.body["close"],
	}
	if v.PreviousID != "" {
		out["previous_view_id"] = v.PreviousID
	}
	return out
}

func (v *View) copy() View {
	out := *v
	out.body, out.state = nil, nil
	return out
}
