package slacktest

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// visible finds a channel the bot may know of: public, or one it is in.
func (s *Server) visible(id string) (*Channel, error) {
	channel := s.channels[id]
	if channel == nil || (channel.Private && !channel.has(s.config.Bot.UserID)) {
		return nil, fail("channel_not_found")
	}
	return channel, nil
}

// joined finds a channel the bot is a member of.
func (s *Server) joined(id string) (*Channel, error) {
	channel, err := s.visible(id)
	if err == nil && !channel.has(s.config.Bot.UserID) {
		return nil, fail("not_in_channel")
	}
	return channel, err
}

// writable finds a channel the bot may post to. A user id opens the direct message with that user, as in Slack.
func (s *Server) writable(id string) (*Channel, error) {
	if strings.HasPrefix(id, "U") && s.user(id) != nil {
		return s.direct(id), nil
	}
	channel, err := s.visible(id)
	if err != nil {
		return nil, err
	}
	if channel.Archived {
		return nil, fail("is_archived")
	}
	if !channel.has(s.config.Bot.UserID) && !contains(s.scopes, "chat:write.public") {
		return nil, fail("not_in_channel")
	}
	return channel, nil
}

func (s *Server) direct(user string) *Channel {
	for _, id := range s.order {
		if s.channels[id].IM == user {
			return s.channels[id]
		}
	}
	id := s.nextID("D")
	s.addChannel(Channel{ID: id, IM: user, Private: true, Members: []string{user, s.config.Bot.UserID}})
	return s.channels[id]
}

func (s *Server) find(channel, ts string) *Message {
	for _, message := range s.messages[channel] {
		if message.TS == ts {
			return message
		}
	}
	return nil
}

func (s *Server) repliesTo(channel, ts string) []*Message {
	var out []*Message
	for _, message := range s.messages[channel] {
		if message.ThreadTS == ts {
			out = append(out, message)
		}
	}
	return out
}

func (s *Server) conversationInfo(req *request) (reply, error) {
	channel, err := s.visible(req.arg("channel"))
	if err != nil {
		return nil, err
	}
	return reply{"channel": s.describe(channel)}, nil
}

func (s *Server) describe(c *Channel) map[string]any {
	out := map[string]any{
		"id": c.ID, "name": c.Name, "name_normalized": c.Name, "is_archived": c.Archived,
		"is_channel": !c.Private && c.IM == "", "is_group": c.Private && c.IM == "", "is_im": c.IM != "",
		"is_private": c.Private, "is_member": c.has(s.config.Bot.UserID), "num_members": len(c.Members),
		"topic": map[string]any{"value": c.Topic, "creator": "", "last_set": 0},
	}
	if c.IM != "" {
		out["user"] = c.IM
	}
	return out
}

func (s *Server) members(req *request) (reply, error) {
	channel, err := s.visible(req.arg("channel"))
	if err != nil {
		return nil, err
	}
	page, next, err := paginate(channel.Members, req, 100)
	return reply{"members": page, "response_metadata": reply{"next_cursor": next}}, err
}

// conversationList is https://docs.slack.dev/reference/methods/conversations.list: the scopes follow the types asked.
func (s *Server) conversationList(req *request) (reply, error) {
	types := strings.Split(cmp.Or(req.arg("types"), "public_channel"), ",")
	prefixes := map[string]string{"public_channel": "channels", "private_channel": "groups", "im": "im"}
	for _, kind := range types {
		if prefix := prefixes[kind]; prefix != "" && !contains(s.scopes, prefix+scopeRead) {
			return nil, &apiError{code: "missing_scope", needed: prefix + scopeRead}
		}
	}
	var found []map[string]any
	for _, id := range s.order {
		channel, err := s.visible(id)
		if err == nil && contains(types, channel.kind()) && (!channel.Archived || !req.flag("exclude_archived")) {
			found = append(found, s.describe(channel))
		}
	}
	page, next, err := paginate(found, req, 100)
	return reply{"channels": page, "response_metadata": reply{"next_cursor": next}}, err
}

func (c *Channel) kind() string {
	switch {
	case c.IM != "":
		return "im"
	case c.Private:
		return "private_channel"
	}
	return "public_channel"
}

// conversationOpen opens a direct message with one person.
func (s *Server) conversationOpen(req *request) (reply, error) {
	user := req.arg("users")
	if s.user(user) == nil {
		return nil, fail("user_not_found")
	}
	before := len(s.order)
	channel := s.direct(user)
	return reply{
		"channel": s.describe(channel), "already_open": len(s.order) == before, "no_op": len(s.order) == before,
	}, nil
}

// history is https://docs.slack.dev/reference/methods/conversations.history: newest first, without unshared replies.
func (s *Server) history(req *request) (reply, error) {
	channel, err := s.joined(req.arg("channel"))
	if err != nil {
		return nil, err
	}
	var found []*Message
	for _, message := range slices.Backward(s.messages[channel.ID]) {
		if (message.ThreadTS == "" || message.Broadcast) && between(message.TS, req) {
			found = append(found, message)
		}
	}
	return s.messagePage(found, req)
}

// replies is https://docs.slack.dev/reference/methods/conversations.replies: the root, then its replies, oldest first.
func (s *Server) replies(req *request) (reply, error) {
	channel, err := s.joined(req.arg("channel"))
	if err != nil {
		return nil, err
	}
	root := s.find(channel.ID, req.arg("ts"))
	if root == nil {
		return nil, fail("thread_not_found")
	}
	found := []*Message{root}
	for _, message := range s.repliesTo(channel.ID, root.TS) {
		if between(message.TS, req) {
			found = append(found, message)
		}
	}
	return s.messagePage(found, req)
}

func (s *Server) messagePage(found []*Message, req *request) (reply, error) {
	page, next, err := paginate(found, req, 100)
	if err != nil {
		return nil, err
	}
	out := make([]map[string]any, 0, len(page))
	for _, message := range page {
		out = append(out, s.withThread(message, req.flag("include_all_metadata")))
	}
	return reply{"messages": out, "has_more": next != "", "response_metadata": reply{"next_cursor": next}}, nil
}

// withThread adds to a root what Slack tells of its replies.
func (s *Server) withThread(message *Message, metadata bool) map[string]any {
	out := message.render(metadata)
	replies := s.repliesTo(message.Channel, message.TS)
	if len(replies) == 0 {
		return out
	}
	var users []string
	for _, reply := range replies {
		if !contains(users, reply.User) {
			users = append(users, reply.User)
		}
	}
	out["thread_ts"], out["reply_count"], out["reply_users"] = message.TS, len(replies), users
	out["latest_reply"] = replies[len(replies)-1].TS
	return out
}

// between applies oldest and latest, which leave out the edges unless inclusive is given.
func between(ts string, req *request) bool {
	low, high := compareTS(ts, req.arg("oldest")), compareTS(ts, req.arg("latest"))
	if req.flag("inclusive") {
		return (req.arg("oldest") == "" || low >= 0) && (req.arg("latest") == "" || high <= 0)
	}
	return (req.arg("oldest") == "" || low > 0) && (req.arg("latest") == "" || high < 0)
}

// compareTS compares as numbers: an app may send "1700000000" for "1700000000.000000".
func compareTS(a, b string) int {
	wholeA, fractionA, _ := strings.Cut(a, ".")
	wholeB, fractionB, _ := strings.Cut(b, ".")
	left, _ := strconv.ParseInt(wholeA, 10, 64)
	right, _ := strconv.ParseInt(wholeB, 10, 64)
	return cmp.Or(cmp.Compare(left, right), cmp.Compare((fractionA + "000000")[:6], (fractionB + "000000")[:6]))
}

// paginate cuts out the page a cursor points at. The cursor is opaque to clients, as Slack's is.
func paginate[T any](all []T, req *request, size int) ([]T, string, error) {
	if req.arg("limit") != "" && req.arg("limit") != "0" {
		limit, err := strconv.Atoi(req.arg("limit"))
		if err != nil || limit < 1 || limit > MaxHistoryPage+1 {
			return nil, "", fail("invalid_limit")
		}
		size = limit
	}
	start := 0
	if cursor := req.arg("cursor"); cursor != "" {
		raw, err := base64.StdEncoding.DecodeString(cursor)
		offset, found := strings.CutPrefix(string(raw), "offset:")
		if start, _ = strconv.Atoi(offset); err != nil || !found || start < 0 || start > len(all) {
			return nil, "", fail("invalid_cursor")
		}
	}
	end := min(start+size, len(all))
	if end == len(all) {
		return all[start:end], "", nil
	}
	return all[start:end], base64.StdEncoding.EncodeToString([]byte("offset:" + strconv.Itoa(end))), nil
}
