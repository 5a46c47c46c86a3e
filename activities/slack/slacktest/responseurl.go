package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// responseURL lets the app answer one interaction: MaxResponseURLUse times within ResponseURLLifetime.
type responseURL struct {
	user    string
	channel string
	thread  string
	message *Message // the message the interaction came from; nil for a slash command
	issued  time.Time
	uses    int
}

// newResponseURL issues an address. The caller holds mu.
func (s *Server) newResponseURL(user string, message *Message) string {
	thread := message.ThreadTS
	return s.issueResponseURL(&responseURL{user: user, channel: message.Channel, thread: thread, message: message})
}

func (s *Server) issueResponseURL(u *responseURL) string {
	u.issued = s.now()
	id := s.nextID("R")
	s.replyTo[id] = u
	return s.base + "/actions/" + id
}

// serveResponseURL is https://docs.slack.dev/interactivity/handling-user-interaction#message_responses.
func (s *Server) serveResponseURL(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxRequestBody))
	args := map[string]string{}
	if err != nil || takeJSON(args, raw) != nil {
		writeJSON(w, http.StatusBadRequest, reply{"ok": false, "error": "invalid_payload"})
		return
	}
	req := &request{method: "response_url", args: args}
	status, body := http.StatusOK, reply{"ok": true}
	if err := s.respond(r.PathValue("id"), req); err != nil {
		status, body = s.urlRefusal(err)
	}
	s.finish(req, body, status)
	writeJSON(w, status, body)
}

func (s *Server) urlRefusal(err error) (int, reply) {
	var refused *apiError
	if !errors.As(err, &refused) {
		return http.StatusInternalServerError, reply{"ok": false, "error": "fatal_error"}
	}
	if refused.code == "expired_url" || refused.code == "used_url" {
		return http.StatusNotFound, s.refusal(refused)
	}
	return http.StatusBadRequest, s.refusal(refused)
}

func (s *Server) respond(id string, req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.replyTo[id]
	switch {
	case u == nil || s.now().Sub(u.issued) > ResponseURLLifetime:
		return fail("expired_url")
	case u.uses >= MaxResponseURLUse:
		return fail("used_url")
	}
	u.uses++
	return s.answerTo(u, req)
}

// answerTo changes or deletes the message of the interaction, or says something new. The caller holds mu.
func (s *Server) answerTo(u *responseURL, req *request) error {
	switch {
	case req.flag("delete_original") && u.message != nil:
		s.removeAny(u.message)
		return nil
	case req.flag("replace_original") && u.message != nil:
		return s.edit(u.message, req)
	}
	message, _, err := s.newMessage(req, s.channels[u.channel])
	if err != nil {
		return err
	}
	message.ThreadTS = u.thread
	if req.arg("response_type") == "in_channel" {
		s.store(message)
		return nil
	}
	message.Ephemeral = u.user
	s.note(message)
	return nil
}

func (s *Server) removeAny(message *Message) {
	if message.Ephemeral == "" {
		s.remove(message)
		return
	}
	for i, note := range s.notes {
		if note == message {
			s.notes = append(s.notes[:i:i], s.notes[i+1:]...)
			break
		}
	}
	s.touch()
}

// Slash types a command, e.g. "/harrier", with text after it. The app may answer in its acknowledgement.
func (s *Server) Slash(ctx context.Context, user, channel, command, text string) (ClickResult, error) {
	s.mu.Lock()
	e, u, err := s.slashCommand(user, channel, command, text)
	s.mu.Unlock()
	if err != nil {
		return ClickResult{}, err
	}
	e.late = func() {
		s.warn(Warning{User: user, Channel: channel, Text: command + " failed: the app did not respond in time."})
	}
	out, err := s.deliver(ctx, e)
	if err != nil {
		return ClickResult{}, err
	}
	s.answerCommand(u, out.payload)
	return ClickResult{
		EnvelopeID: e.id, TriggerID: str(e.payload, "trigger_id"), ResponseURL: str(e.payload, "response_url"),
		Acked: out.acked, Warned: out.warned, Attempts: out.attempts,
	}, nil
}

// slashCommand builds https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling.
func (s *Server) slashCommand(user, channelID, command, text string) (*envelope, *responseURL, error) {
	channel, person := s.channels[channelID], s.user(user)
	if channel == nil || person == nil || (channel.Private && !channel.has(user)) {
		return nil, nil, fmt.Errorf("type %s: user %q sees no channel %q", command, user, channelID)
	}
	u := &responseURL{user: user, channel: channelID}
	payload := map[string]any{
		"token": "verification-token-is-deprecated", "team_id": s.config.Team.ID, "team_domain": s.config.Team.Domain,
		"channel_id": channel.ID, "channel_name": channel.payloadName(), "user_id": user, "user_name": person.Name,
		"command": command, "text": text, "api_app_id": s.config.AppID, "is_enterprise_install": "false",
		"response_url": s.issueResponseURL(u), "trigger_id": s.newTrigger(user),
	}
	return &envelope{kind: "slash_commands", payload: payload, acceptsPayload: true}, u, nil
}

func (s *Server) answerCommand(u *responseURL, payload json.RawMessage) {
	args := map[string]string{}
	if len(payload) == 0 || takeJSON(args, payload) != nil || (args["text"] == "" && args["blocks"] == "") {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.answerTo(u, &request{args: args}); err != nil {
		s.log.Warn("slack command answer refused", "error", err)
		s.warnings = append(s.warnings, Warning{User: u.user, Channel: u.channel, Text: "The app's answer was refused: " + err.Error()})
		s.touch()
	}
}
