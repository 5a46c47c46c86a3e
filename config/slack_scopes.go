package config

// SlackBotScopes are the bot scopes that Harrier uses, and no others: post and
// update cards, the slash command, find a card before posting it again, check
// channels at start, approvers by user group, and names. Public channels need
// channels:history and channels:read instead of their groups: counterparts
// (https://docs.slack.dev/reference/scopes).
func SlackBotScopes() []string {
	return []string{"chat:write", "commands", "groups:history", "groups:read", "usergroups:read", "users:read"}
}
