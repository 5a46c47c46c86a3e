package slacktest

import "strings"

func (s *Server) authTest(*request) (reply, error) {
	return reply{
		"url": "https://" + s.config.Team.Domain + ".slack.com/", "team": s.config.Team.Name, "user": s.config.Bot.Name,
		"team_id": s.config.Team.ID, "user_id": s.config.Bot.UserID, "bot_id": s.config.Bot.BotID,
		"is_enterprise_install": false,
	}, nil
}

func (s *Server) user(id string) *User {
	for i := range s.users {
		if s.users[i].ID == id {
			return &s.users[i]
		}
	}
	return nil
}

// botUser is the app's own user, which users.info knows like any other.
func (s *Server) botUser() *User {
	return &User{ID: s.config.Bot.UserID, Name: s.config.Bot.Name, RealName: s.config.Bot.Name, Bot: true}
}

// userInfo is https://docs.slack.dev/reference/methods/users.info. The address needs a scope of its own.
func (s *Server) userInfo(req *request) (reply, error) {
	user := s.user(req.arg("user"))
	if req.arg("user") == s.config.Bot.UserID {
		user = s.botUser()
	}
	if user == nil {
		return nil, fail("user_not_found")
	}
	return reply{"user": s.profile(user)}, nil
}

func (s *Server) profile(u *User) map[string]any {
	profile := map[string]any{"real_name": u.RealName, "display_name": u.Name, "team": s.config.Team.ID}
	if u.Email != "" && contains(s.scopes, "users:read.email") {
		profile["email"] = u.Email
	}
	return map[string]any{
		"id": u.ID, "team_id": s.config.Team.ID, "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted,
		"is_bot": u.Bot, "is_restricted": u.Restricted, "is_ultra_restricted": false, "profile": profile,
	}
}

func (s *Server) userList(req *request) (reply, error) {
	all := []map[string]any{s.profile(s.botUser())}
	for i := range s.users {
		all = append(all, s.profile(&s.users[i]))
	}
	page, next, err := paginate(all, req, MaxHistoryPage)
	return reply{"members": page, "cache_ts": s.now().Unix(), "response_metadata": reply{"next_cursor": next}}, err
}

func (s *Server) userByEmail(req *request) (reply, error) {
	for i := range s.users {
		if s.users[i].Email != "" && strings.EqualFold(s.users[i].Email, req.arg("email")) {
			return reply{"user": s.profile(&s.users[i])}, nil
		}
	}
	return nil, fail("users_not_found")
}

// userGroups is https://docs.slack.dev/reference/methods/usergroups.list.
func (s *Server) userGroups(req *request) (reply, error) {
	groups := []map[string]any{}
	for _, group := range s.config.UserGroups {
		if group.Disabled && !req.flag("include_disabled") {
			continue
		}
		groups = append(groups, s.describeGroup(group, req))
	}
	return reply{"usergroups": groups}, nil
}

func (s *Server) describeGroup(group UserGroup, req *request) map[string]any {
	out := map[string]any{
		"id": group.ID, "team_id": s.config.Team.ID, "is_usergroup": true, "handle": group.Handle, "name": group.Name,
		"date_delete": 0,
	}
	if group.Disabled {
		out["date_delete"] = s.now().Unix()
	}
	if req.flag("include_users") {
		out["users"] = group.Members
	}
	if req.flag("include_count") {
		out["user_count"] = len(group.Members)
	}
	return out
}

func (s *Server) userGroupUsers(req *request) (reply, error) {
	for _, group := range s.config.UserGroups {
		if group.ID == req.arg("usergroup") && (!group.Disabled || req.flag("include_disabled")) {
			return reply{"users": group.Members}, nil
		}
	}
	return nil, fail("no_such_subteam")
}
