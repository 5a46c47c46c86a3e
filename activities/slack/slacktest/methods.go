package slacktest

// method is one Web API method: who may call it, how often, and what it does.
type method struct {
	run        func(*Server, *request) (reply, error)
	scopes     []string // any one is enough; "read" and "history" stand for the conversation's own scope
	rate       Rate
	perChannel bool
	appToken   bool
}

// conversation scopes depend on the kind of channel, so methods name them by suffix.
const (
	scopeRead    = ":read"
	scopeHistory = ":history"
)

func methods() map[string]method {
	return map[string]method{
		"auth.test":             {run: (*Server).authTest, rate: tier(600)},
		"apps.connections.open": {run: (*Server).connectionsOpen, rate: tier(50), appToken: true},

		"chat.postMessage":   {run: (*Server).postMessage, scopes: []string{"chat:write"}, rate: PostRate(), perChannel: true},
		"chat.update":        {run: (*Server).updateMessage, scopes: []string{"chat:write"}, rate: tier(50)},
		"chat.delete":        {run: (*Server).deleteMessage, scopes: []string{"chat:write"}, rate: tier(50)},
		"chat.postEphemeral": {run: (*Server).postEphemeral, scopes: []string{"chat:write"}, rate: tier(100)},
		"chat.getPermalink":  {run: (*Server).permalink, rate: tier(600)},

		"conversations.info":    {run: (*Server).conversationInfo, scopes: []string{scopeRead}, rate: tier(50)},
		"conversations.history": {run: (*Server).history, scopes: []string{scopeHistory}, rate: tier(50)},
		"conversations.replies": {run: (*Server).replies, scopes: []string{scopeHistory}, rate: tier(50)},
		"conversations.members": {run: (*Server).members, scopes: []string{scopeRead}, rate: tier(100)},
		"conversations.list":    {run: (*Server).conversationList, rate: tier(20)},
		"conversations.open":    {run: (*Server).conversationOpen, scopes: []string{"im:write"}, rate: tier(50)},

		"users.info":            {run: (*Server).userInfo, scopes: []string{"users:read"}, rate: tier(100)},
		"users.list":            {run: (*Server).userList, scopes: []string{"users:read"}, rate: tier(20)},
		"users.lookupByEmail":   {run: (*Server).userByEmail, scopes: []string{"users:read.email"}, rate: tier(50)},
		"usergroups.list":       {run: (*Server).userGroups, scopes: []string{"usergroups:read"}, rate: tier(20)},
		"usergroups.users.list": {run: (*Server).userGroupUsers, scopes: []string{"usergroups:read"}, rate: tier(20)},

		"views.open":    {run: (*Server).viewOpen, rate: tier(100)},
		"views.push":    {run: (*Server).viewPush, rate: tier(100)},
		"views.update":  {run: (*Server).viewUpdate, rate: tier(100)},
		"views.publish": {run: (*Server).viewPublish, rate: tier(100)},
	}
}

func allScopes() []string {
	return []string{
		"chat:write", "commands", "channels:read", "channels:history", "groups:read", "groups:history",
		"im:read", "im:history", "im:write", "users:read", "users:read.email", "usergroups:read",
	}
}
