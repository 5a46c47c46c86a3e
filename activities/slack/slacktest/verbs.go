package slacktest

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// ClickResult is what became of a click or command.
type ClickResult struct {
	EnvelopeID  string
	TriggerID   string
	ResponseURL string
	Acked       bool // acknowledged, by whichever attempt
	Warned      bool // not acknowledged in time at first, so the person saw "this app did not respond in time"
	Attempts    int
}

// SubmitResult is what became of a submitted modal.
type SubmitResult struct {
	EnvelopeID string // empty when Slack itself refused the input
	TriggerID  string
	Acked      bool
	Warned     bool
	Attempts   int
	Errors     map[string]string // by block id; the modal is still open
	Trouble    string            // what the modal shows when the app did not answer, or answered nonsense
	Closed     bool              // this view is gone
	ViewID     string            // the view shown instead, after update or push
}

// await waits until ready is true. ready runs with mu held.
func await[T any](ctx context.Context, s *Server, ready func() (T, bool)) (T, error) {
	for {
		s.mu.Lock()
		value, ok := ready()
		changed := s.changed
		s.mu.Unlock()
		if ok {
			return value, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return value, ctx.Err()
		case <-s.closing:
			return value, fmt.Errorf("slack workspace closed")
		}
	}
}

// ExpectMessage waits for the first message in a channel or its threads that match accepts; nil accepts any.
func (s *Server) ExpectMessage(ctx context.Context, channel string, match func(Message) bool) (Message, error) {
	found, err := await(ctx, s, func() (Message, bool) { return first(s.messages[channel], match) })
	if err != nil {
		return Message{}, fmt.Errorf("expect message in %s: %w; there are: %s", channel, err, summary(s.All(channel)))
	}
	return found, nil
}

// ExpectUpdate waits until a message has been changed at least once and match accepts it as it is now.
func (s *Server) ExpectUpdate(ctx context.Context, channel, ts string, match func(Message) bool) (Message, error) {
	updated := func(m Message) bool { return m.TS == ts && m.Edits > 0 && (match == nil || match(m)) }
	found, err := await(ctx, s, func() (Message, bool) { return first(s.messages[channel], updated) })
	if err != nil {
		return Message{}, fmt.Errorf("expect update of %s in %s: %w; there are: %s", ts, channel, err, summary(s.All(channel)))
	}
	return found, nil
}

// ExpectEphemeral waits for the first note to a user that match accepts; nil accepts any.
func (s *Server) ExpectEphemeral(ctx context.Context, user string, match func(Message) bool) (Message, error) {
	forUser := func(m Message) bool { return m.Ephemeral == user && (match == nil || match(m)) }
	found, err := await(ctx, s, func() (Message, bool) { return first(s.notes, forUser) })
	if err != nil {
		return Message{}, fmt.Errorf("expect ephemeral for %s: %w; there are: %s", user, err, summary(s.Ephemerals(user)))
	}
	return found, nil
}

// ExpectView waits until a user has a modal open and returns the one on top.
func (s *Server) ExpectView(ctx context.Context, user string) (View, error) {
	return s.ExpectViewWhere(ctx, user, nil)
}

// ExpectViewWhere waits until the modal on top is one that match accepts.
func (s *Server) ExpectViewWhere(ctx context.Context, user string, match func(View) bool) (View, error) {
	found, err := await(ctx, s, func() (View, bool) {
		view := s.top(user)
		return view, view.ID != "" && (match == nil || match(view))
	})
	if err != nil {
		return View{}, fmt.Errorf("expect modal of %s: %w", user, err)
	}
	return found, nil
}

func (s *Server) top(user string) View {
	stack := s.views[user]
	if len(stack) == 0 {
		return View{}
	}
	return stack[len(stack)-1].copy()
}

// OpenView is the modal a user has on top, if any.
func (s *Server) OpenView(user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	view := s.top(user)
	return view, view.ID != ""
}

// ExpectHome waits until a user's home tab is published and match accepts it; nil accepts any.
func (s *Server) ExpectHome(ctx context.Context, user string, match func(View) bool) (View, error) {
	found, err := await(ctx, s, func() (View, bool) {
		home := s.homes[user]
		if home == nil || match != nil && !match(home.copy()) {
			return View{}, false
		}
		return home.copy(), true
	})
	if err != nil {
		return View{}, fmt.Errorf("expect home tab of %s: %w", user, err)
	}
	return found, nil
}

// Home is what views.publish put on a user's app home, if anything.
func (s *Server) Home(user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if home := s.homes[user]; home != nil {
		return home.copy(), true
	}
	return View{}, false
}

// Messages are the messages of a channel that are not replies, oldest first.
func (s *Server) Messages(channel string) []Message {
	return slices.DeleteFunc(s.All(channel), func(m Message) bool { return m.ThreadTS != "" && !m.Broadcast })
}

// Thread is a root message and its replies, oldest first.
func (s *Server) Thread(channel, ts string) []Message {
	return slices.DeleteFunc(s.All(channel), func(m Message) bool { return m.TS != ts && m.ThreadTS != ts })
}

// All are the messages and replies of a channel, oldest first.
func (s *Server) All(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return copies(s.messages[channel], nil)
}

// Ephemerals are the notes only one user sees, oldest first.
func (s *Server) Ephemerals(user string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return copies(s.notes, func(m *Message) bool { return m.Ephemeral == user })
}

// Warnings are what Slack told users about clicks the app did not acknowledge in time.
func (s *Server) Warnings(user string) []Warning {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Warning
	for _, warning := range s.warnings {
		if warning.User == user {
			out = append(out, warning)
		}
	}
	return out
}

// Click presses a button of a message: Use for the common case.
func (s *Server) Click(ctx context.Context, user, channel, ts, actionID string) (ClickResult, error) {
	return s.Use(ctx, Press{User: user, Channel: channel, TS: ts, Action: actionID})
}

func first(messages []*Message, match func(Message) bool) (Message, bool) {
	for _, message := range messages {
		if found := message.copy(); match == nil || match(found) {
			return found, true
		}
	}
	return Message{}, false
}

func copies(messages []*Message, keep func(*Message) bool) []Message {
	var out []Message
	for _, message := range messages {
		if keep == nil || keep(message) {
			out = append(out, message.copy())
		}
	}
	return out
}

func summary(messages []Message) string {
	if len(messages) == 0 {
		return "none"
	}
	lines := make([]string, len(messages))
	for i, m := range messages {
		lines[i] = fmt.Sprintf("%s (%d edits) %q", m.TS, m.Edits, m.Text)
	}
	return strings.Join(lines, "; ")
}
