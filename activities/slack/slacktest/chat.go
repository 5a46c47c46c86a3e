package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// postMessage is https://docs.slack.dev/reference/methods/chat.postMessage. The caller holds mu, as for all methods.
func (s *Server) postMessage(req *request) (reply, error) {
	channel, err := s.writable(req.arg("channel"))
	if err != nil {
		return nil, err
	}
	message, warnings, err := s.newMessage(req, channel)
	if err != nil {
		return nil, err
	}
	if err := s.thread(message, req); err != nil {
		return nil, err
	}
	s.store(message)
	body := reply{"channel": channel.ID, "ts": message.TS, "message": message.render(true)}
	if len(warnings) > 0 {
		body["response_metadata"] = reply{"warnings": warnings}
	}
	return body, nil
}

// newMessage checks text, blocks and metadata and makes a message of them that is not yet stored.
func (s *Server) newMessage(req *request, channel *Channel) (*Message, []string, error) {
	text, warnings := truncate(req.arg("text"))
	blocks, err := s.readBlocks(req.arg("blocks"))
	if err != nil {
		return nil, nil, err
	}
	if text == "" && len(parseBlocks(blocks)) == 0 {
		return nil, nil, fail("no_text")
	}
	metadata, err := readMetadata(req.arg("metadata"))
	if err != nil {
		return nil, nil, err
	}
	message := &Message{
		Channel: channel.ID, User: s.config.Bot.UserID, BotID: s.config.Bot.BotID,
		Text: text, Metadata: metadata,
	}
	message.setBlocks(blocks)
	return message, warnings, nil
}

func truncate(text string) (string, []string) {
	if utf8.RuneCountInString(text) <= MaxMessageText {
		return text, nil
	}
	return string([]rune(text)[:MaxMessageText]), []string{"message_truncated"}
}

// thread hangs a reply under its root. Slack posts a reply to a vanished root as a message of the channel.
func (s *Server) thread(message *Message, req *request) error {
	root := s.find(message.Channel, req.arg("thread_ts"))
	if root == nil {
		return nil
	}
	if root.ThreadTS != "" {
		return fail("cannot_reply_to_message")
	}
	message.ThreadTS = root.TS
	message.Broadcast = req.flag("reply_broadcast")
	return nil
}

func (s *Server) store(message *Message) {
	message.TS = s.nextTS()
	s.messages[message.Channel] = append(s.messages[message.Channel], message)
	s.touch()
	s.tellOfMessage(message)
}

// nextTS is Slack's message id: the time in microseconds, never the same twice even when the clock stands still.
func (s *Server) nextTS() string {
	at := s.now().Truncate(time.Microsecond)
	if !at.After(s.lastTS) {
		at = s.lastTS.Add(time.Microsecond)
	}
	s.lastTS = at
	return fmt.Sprintf("%d.%06d", at.Unix(), at.Nanosecond()/1000)
}

// updateMessage is https://docs.slack.dev/reference/methods/chat.update. Fields that are not given stay as they are.
func (s *Server) updateMessage(req *request) (reply, error) {
	channel, err := s.writable(req.arg("channel"))
	if err != nil {
		return nil, err
	}
	message := s.find(channel.ID, req.arg("ts"))
	if message == nil {
		return nil, fail("message_not_found")
	}
	if message.BotID != s.config.Bot.BotID || message.Deleted {
		return nil, fail("cant_update_message")
	}
	if utf8.RuneCountInString(req.arg("text")) > MaxUpdateText {
		return nil, fail("msg_too_long")
	}
	if err := s.edit(message, req); err != nil {
		return nil, err
	}
	return reply{"channel": channel.ID, "ts": message.TS, "text": message.Text, "message": message.render(true)}, nil
}

func (s *Server) edit(message *Message, req *request) error {
	blocks, text := message.Blocks, message.Text
	if req.has("blocks") {
		read, err := s.readBlocks(req.arg("blocks"))
		if err != nil {
			return err
		}
		blocks = read
	}
	if req.has("text") {
		text = req.arg("text")
	}
	if text == "" && len(parseBlocks(blocks)) == 0 {
		return fail("no_text")
	}
	if req.has("metadata") {
		metadata, err := readMetadata(req.arg("metadata"))
		if err != nil {
			return err
		}
		message.Metadata = metadata
	}
	message.Text, message.state = text, nil
	message.setBlocks(blocks)
	message.Edited = s.nextTS()
	message.Edits++
	s.touch()
	return nil
}

// deleteMessage is https://docs.slack.dev/reference/methods/chat.delete. A root with replies leaves a tombstone.
func (s *Server) deleteMessage(req *request) (reply, error) {
	channel, err := s.writable(req.arg("channel"))
	if err != nil {
		return nil, err
	}
	message := s.find(channel.ID, req.arg("ts"))
	if message == nil || message.Deleted {
		return nil, fail("message_not_found")
	}
	if message.BotID != s.config.Bot.BotID {
		return nil, fail("cant_delete_message")
	}
	s.remove(message)
	return reply{"channel": channel.ID, "ts": message.TS}, nil
}

func (s *Server) remove(message *Message) {
	if len(s.repliesTo(message.Channel, message.TS)) > 0 {
		message.Text, message.Deleted, message.Metadata = "This message was deleted.", true, nil
		message.setBlocks(nil)
	} else {
		s.messages[message.Channel] = slices.DeleteFunc(s.messages[message.Channel],
			func(m *Message) bool { return m == message })
	}
	s.touch()
}

// postEphemeral is https://docs.slack.dev/reference/methods/chat.postEphemeral.
func (s *Server) postEphemeral(req *request) (reply, error) {
	channel, err := s.writable(req.arg("channel"))
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(req.arg("text")) > MaxMessageText {
		return nil, fail("msg_too_long")
	}
	if s.user(req.arg("user")) == nil || !channel.has(req.arg("user")) {
		return nil, fail("user_not_in_channel")
	}
	message, _, err := s.newMessage(req, channel)
	if err != nil {
		return nil, err
	}
	message.Ephemeral, message.ThreadTS = req.arg("user"), req.arg("thread_ts")
	s.note(message)
	return reply{"message_ts": message.TS}, nil
}

func (s *Server) note(message *Message) {
	message.TS = s.nextTS()
	s.notes = append(s.notes, message)
	s.touch()
}

// permalink is https://docs.slack.dev/reference/methods/chat.getPermalink.
func (s *Server) permalink(req *request) (reply, error) {
	channel, err := s.visible(req.arg("channel"))
	if err != nil {
		return nil, err
	}
	message := s.find(channel.ID, req.arg("message_ts"))
	if message == nil {
		return nil, fail("message_not_found")
	}
	link := fmt.Sprintf("https://%s.slack.com/archives/%s/p%s",
		s.config.Team.Domain, channel.ID, strings.ReplaceAll(message.TS, ".", ""))
	if message.ThreadTS != "" {
		link += "?thread_ts=" + message.ThreadTS + "&cid=" + channel.ID
	}
	return reply{"channel": channel.ID, "permalink": link}, nil
}

// readMetadata accepts nothing, {} (which removes metadata) and a well-formed object.
func readMetadata(raw string) (*Metadata, error) {
	if raw == "" || raw == "{}" || raw == "null" {
		return nil, nil
	}
	if len(raw) > MaxMetadataBytes {
		return nil, fail("metadata_too_large")
	}
	var metadata Metadata
	err := json.Unmarshal([]byte(raw), &metadata)
	if err == nil && metadata.EventType == "" && metadata.EventPayload == nil {
		return nil, nil // what a client sends that always writes the field
	}
	if err != nil || metadata.EventType == "" || metadata.EventPayload == nil {
		return nil, fail("invalid_metadata_format")
	}
	return &metadata, nil
}

// readBlocks checks the blocks of a message and gives them back with the ids Slack adds.
func (s *Server) readBlocks(raw string) (json.RawMessage, error) {
	if raw == "" || raw == "null" {
		return nil, nil
	}
	var blocks []map[string]any
	if json.Unmarshal([]byte(raw), &blocks) != nil {
		return nil, fail("invalid_blocks_format")
	}
	if !s.config.Limits.NoBlocks {
		if err := checkBlocks(blocks, onMessage); err != nil {
			return nil, err
		}
	}
	s.nameBlocks(blocks)
	return mustJSON(blocks), nil
}

// nameBlocks gives every block and element the id Slack makes up when the app sent none.
func (s *Server) nameBlocks(blocks []map[string]any) {
	for _, block := range blocks {
		if str(block, "block_id") == "" {
			block["block_id"] = s.nextID("b")
		}
		for _, element := range blockElements(block) {
			if str(element, "action_id") == "" {
				element["action_id"] = s.nextID("a")
			}
		}
	}
}
