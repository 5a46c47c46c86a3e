package config

// SlackBotScopes are the bot scopes that Harrier uses, and no others: post and
// update cards, the slash command, find a card before posting it again, check
// channels at start, ask people who reported a mail and hear their answers, approvers
// by user group, names, and who has an address. Public channels need
// channels:history and channels:read instead of their groups: counterparts
// (https://docs.slack.dev/reference/scopes).
func SlackBotScopes() []string {
	return []string{
		"chat:write", "commands", "groups:history", "groups:read", "im:history", "im:write", "usergroups:read", "users:read", "users:read.email",
	}
}
