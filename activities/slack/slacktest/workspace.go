package slacktest

import (
	"fmt"
	"slices"
	"strings"
)

// Scopes are what the bot token may do now.
func (s *Server) Scopes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.scopes)
}

// SetScopes changes what the bot token may do, as a reinstallation does.
func (s *Server) SetScopes(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scopes = scopes
	s.touch()
}

// Archive archives a channel, or brings it back.
func (s *Server) Archive(channel string, archived bool) error {
	return s.change(channel, func(c *Channel) { c.Archived = archived })
}

// Invite adds a user, or the bot, to a channel.
func (s *Server) Invite(channel, user string) error {
	return s.change(channel, func(c *Channel) {
		if !c.has(user) {
			c.Members = append(c.Members, user)
		}
	})
}

// Kick removes a user, or the bot, from a channel.
func (s *Server) Kick(channel, user string) error {
	return s.change(channel, func(c *Channel) {
		c.Members = slices.DeleteFunc(c.Members, func(member string) bool { return member == user })
	})
}

func (s *Server) change(channel string, do func(*Channel)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	if c == nil {
		return fmt.Errorf("change channel %q: no such channel", channel)
	}
	do(c)
	s.touch()
	return nil
}

// Direct is the id of the direct conversation between a person and the app, which it opens where there is none.
func (s *Server) Direct(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.direct(user).ID
}

// Say posts a message as a person, in the channel or, with a thread's root timestamp, as a reply.
func (s *Server) Say(user, channel, thread, text string) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	if c == nil || s.user(user) == nil || !c.has(user) || c.Archived || text == "" {
		return Message{}, fmt.Errorf("say in %q as %q: needs a text, and a member of a channel that is not archived", channel, user)
	}
	message := &Message{Channel: channel, User: user, Text: escape(text), ThreadTS: thread}
	s.store(message)
	return message.copy(), nil
}

// SayAsApp posts a message as another app, which may give it any metadata.
func (s *Server) SayAsApp(app Bot, channel, thread, text string, metadata *Metadata) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	if c == nil || c.Archived || app.BotID == "" || app.BotID == s.config.Bot.BotID || text == "" {
		return Message{}, fmt.Errorf("say in %q as app %q: needs a text, a channel that is not archived, and another bot's id", channel, app.BotID)
	}
	message := &Message{Channel: channel, User: app.UserID, BotID: app.BotID, Text: escape(text), ThreadTS: thread, Metadata: metadata}
	s.store(message)
	return message.copy(), nil
}

// escape is what Slack's own client does to what a person types.
// https://docs.slack.dev/messaging/formatting-message-text#escaping
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}
