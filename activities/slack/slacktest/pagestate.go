package slacktest

import (
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"
)

// pageMessages is how many messages of a channel the page shows at most; the newest are kept.
const pageMessages = 200

type pageUser struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	RealName string `json:"real_name"`
	Avatar   string `json:"avatar"`
	Guest    bool   `json:"guest"`
	App      bool   `json:"app"`
}

type pageChannel struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Topic    string        `json:"topic"`
	Private  bool          `json:"private"`
	Archived bool          `json:"archived"`
	IM       string        `json:"im"`
	Member   bool          `json:"member"`
	Members  int           `json:"members"`
	Messages []pageMessage `json:"messages"`
}

type pageMessage struct {
	TS        string          `json:"ts"`
	ThreadTS  string          `json:"thread_ts"`
	User      string          `json:"user"`
	App       bool            `json:"app"`
	Text      string          `json:"text"`
	Blocks    json.RawMessage `json:"blocks"`
	State     blockState      `json:"state"`
	Edited    bool            `json:"edited"`
	Broadcast bool            `json:"broadcast"`
	Private   bool            `json:"private"` // only visible to the one who looks
}

type pageView struct {
	ID      string            `json:"id"`
	Hash    string            `json:"hash"`
	Title   string            `json:"title"`
	Submit  string            `json:"submit"`
	Close   string            `json:"close"`
	Blocks  json.RawMessage   `json:"blocks"`
	State   blockState        `json:"state"`
	Errors  map[string]string `json:"errors"`
	Trouble string            `json:"trouble"`
	Depth   int               `json:"depth"`
}

type pageWarning struct {
	Number  int    `json:"number"`
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	Text    string `json:"text"`
}

type pageState struct {
	Version  int               `json:"version"`
	Team     string            `json:"team"`
	AppUser  string            `json:"app_user"`
	Me       string            `json:"me"`
	Users    []pageUser        `json:"users"`
	Groups   map[string]string `json:"groups"`
	Channels []pageChannel     `json:"channels"`
	View     *pageView         `json:"view"`
	Home     *pageView         `json:"home"` // the app's home tab, once it is published
	Warnings []pageWarning     `json:"warnings"`
	Sockets  int               `json:"sockets"`
	HTTP     bool              `json:"http"` // interactions go to a URL instead of a socket
}

func (s *Server) serveState(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	state := s.pageState(r.URL.Query().Get("user"))
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, state)
}

// pageState is the workspace as one user sees it. The caller holds mu.
func (s *Server) pageState(me string) pageState {
	if s.user(me) == nil && len(s.users) > 0 {
		me = s.users[0].ID
	}
	state := pageState{
		Version: s.version, Team: s.config.Team.Name, AppUser: s.config.Bot.UserID, Me: me,
		Groups: map[string]string{}, Warnings: []pageWarning{}, Sockets: s.openSockets(), HTTP: s.config.InteractivityURL != "",
	}
	for _, user := range append([]User{*s.botUser()}, s.users...) {
		state.Users = append(state.Users, pageUser{
			ID: user.ID, Name: user.Name, RealName: user.RealName, Avatar: user.avatar(),
			Guest: user.Restricted, App: user.Bot,
		})
	}
	for _, group := range s.config.UserGroups {
		state.Groups[group.ID] = group.Handle
	}
	for _, id := range s.order {
		if channel := s.channels[id]; !channel.Private || channel.has(me) {
			state.Channels = append(state.Channels, s.pageChannel(channel, me))
		}
	}
	for i, warning := range s.warnings {
		if warning.User == me && !warning.settled {
			state.Warnings = append(state.Warnings, pageWarning{i, warning.Channel, warning.TS, warning.Text})
		}
	}
	state.View = s.pageView(me)
	if home := s.homes[me]; home != nil {
		state.Home = &pageView{ID: home.ID, Hash: home.Hash, Blocks: home.Blocks, State: stateOf(home.Parsed, home.state)}
	}
	return state
}

func (s *Server) pageChannel(c *Channel, me string) pageChannel {
	out := pageChannel{
		ID: c.ID, Name: c.Name, Topic: c.Topic, Private: c.Private, Archived: c.Archived, IM: c.IM,
		Member: c.has(me), Members: len(c.Members), Messages: []pageMessage{},
	}
	messages := s.messages[c.ID]
	for _, message := range messages[max(0, len(messages)-pageMessages):] {
		out.Messages = append(out.Messages, message.onPage())
	}
	for _, note := range s.notes {
		if note.Channel == c.ID && note.Ephemeral == me {
			out.Messages = append(out.Messages, note.onPage())
		}
	}
	return out
}

func (m *Message) onPage() pageMessage {
	out := pageMessage{
		TS: m.TS, ThreadTS: m.ThreadTS, User: m.User, App: m.BotID != "", Text: m.Text, Blocks: m.Blocks,
		State: stateOf(m.Parsed, m.state), Edited: m.Edited != "", Broadcast: m.Broadcast, Private: m.Ephemeral != "",
	}
	if out.Blocks == nil {
		out.Blocks = json.RawMessage("[]")
	}
	return out
}

func (s *Server) pageView(me string) *pageView {
	stack := s.views[me]
	if len(stack) == 0 {
		return nil
	}
	view := stack[len(stack)-1]
	return &pageView{
		ID: view.ID, Hash: view.Hash, Title: view.Title, Submit: view.Submit, Close: view.Close, Blocks: view.Blocks,
		State: stateOf(view.Parsed, view.state), Errors: view.Errors, Trouble: view.Trouble, Depth: len(stack),
	}
}

// avatar is what stands in the square beside a name.
func (u User) avatar() string {
	if u.Avatar != "" {
		return u.Avatar
	}
	initials, words := "", strings.Fields(u.RealName)
	for _, word := range words[:min(len(words), 2)] {
		letter, _ := utf8.DecodeRuneInString(word)
		initials += string(letter)
	}
	return strings.ToUpper(initials)
}
