package config

// SlackBotScopes are the bot scopes of the app's manifest, for cards in private channels:
// post and update cards, the slash command, find a card before posting it again, look at
// channels in "worker check -live", hear the answers of people who reported a mail, ask
// them, approvers by user group, names, and who has an address. Cards in public channels
// need channels:history and channels:read as well (https://docs.slack.dev/reference/scopes).
func SlackBotScopes() []string {
	return []string{
		"chat:write", "commands", "groups:history", "groups:read", "im:history", "im:write", "usergroups:read", "users:read", "users:read.email",
	}
}
