package slacktest

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Events of the Events API that this fake sends: https://docs.slack.dev/reference/events
const (
	EventAppHomeOpened = "app_home_opened"
	EventMessageIM     = "message.im"
)

// allEvents are what an app is subscribed to unless Config.Events says otherwise.
func allEvents() []string { return []string{EventAppHomeOpened, EventMessageIM} }

// kindEvents is an envelope of the Events API.
const kindEvents = "events_api"

// subscribed says that the app asked for an event and has the scope it takes.
func (s *Server) subscribed(event string) bool {
	reachable := s.config.InteractivityURL == "" || s.config.EventsURL != ""
	return reachable && slices.Contains(s.config.Events, event) && (event != EventMessageIM || slices.Contains(s.scopes, "im:history"))
}

// event wraps what happened as https://docs.slack.dev/apis/events-api#callback-field
func (s *Server) event(inner map[string]any) *envelope {
	return &envelope{kind: kindEvents, payload: map[string]any{
		"type": "event_callback", "token": "verification-token-is-deprecated", "team_id": s.config.Team.ID, "api_app_id": s.config.AppID,
		"event": inner, "event_id": s.nextID("Ev"), "event_time": s.now().Unix(), "is_ext_shared_channel": false,
		"authorizations": []any{map[string]any{
			"team_id": s.config.Team.ID, "user_id": s.config.Bot.UserID, "enterprise_id": nil, "is_bot": true, "is_enterprise_install": false,
		}},
	}}
}

// OpenHome opens the app's home tab as a person, and waits until the app has
// acknowledged the event. An app that is not subscribed hears nothing of it.
func (s *Server) OpenHome(ctx context.Context, user string) (ClickResult, error) {
	s.mu.Lock()
	e, err := s.homeOpened(user)
	s.mu.Unlock()
	if err != nil || e == nil {
		return ClickResult{}, err
	}
	out, err := s.deliver(ctx, e)
	return ClickResult{EnvelopeID: e.id, Acked: out.acked, Warned: out.warned, Attempts: out.attempts}, err
}

// homeOpened is https://docs.slack.dev/reference/events/app_home_opened. The caller holds mu.
func (s *Server) homeOpened(user string) (*envelope, error) {
	if s.user(user) == nil {
		return nil, fmt.Errorf("open home: no user %q in this workspace", user)
	}
	channel := s.direct(user)
	if !s.subscribed(EventAppHomeOpened) {
		return nil, nil
	}
	inner := map[string]any{"type": EventAppHomeOpened, "user": user, "channel": channel.ID, "tab": "home", "event_ts": s.nextTS()}
	if home := s.homes[user]; home != nil {
		inner["view"] = home.render(s)
	}
	return s.event(inner), nil
}

// tellOfMessage sends https://docs.slack.dev/reference/events/message.im for a message in a
// direct conversation, the app's own among them. It waits for nothing. The caller holds mu.
func (s *Server) tellOfMessage(m *Message) {
	channel := s.channels[m.Channel]
	if channel == nil || channel.IM == "" || !s.subscribed(EventMessageIM) {
		return
	}
	select {
	case <-s.closing:
		return
	default:
	}
	inner := m.render(false)
	inner["channel"], inner["channel_type"], inner["event_ts"], inner["team"] = m.Channel, "im", m.TS, s.config.Team.ID
	e := s.event(inner)
	s.running.Go(func() {
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		s.running.Go(func() {
			select {
			case <-s.closing:
				stop()
			case <-ctx.Done():
			}
		})
		if _, err := s.deliver(ctx, e); err != nil && !errors.Is(err, context.Canceled) {
			s.log.Warn("slack event not delivered", "event", EventMessageIM, "error", err)
		}
	})
}
