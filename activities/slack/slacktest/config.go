package slacktest

import (
	"log/slog"
	"net/http"
	"slices"
	"time"
)

// Config describes a workspace and the one app installed in it. Every field is optional; see each for its default.
type Config struct {
	BotToken      string // xoxb token of the app; default "xoxb-slacktest"
	AppToken      string // xapp token for Socket Mode; default "xapp-slacktest"
	SigningSecret string // key of X-Slack-Signature on HTTP deliveries; default "slacktest-signing-secret"
	AppID         string // default "A0SLACKTEST"
	Team          Team
	Bot           Bot
	Users         []User
	UserGroups    []UserGroup
	Channels      []Channel

	// Scopes of the bot token. Nil grants every scope this fake knows; an empty slice grants none.
	Scopes []string

	// InteractivityURL, when set, receives interactions as signed HTTP POSTs; otherwise Socket Mode carries them.
	InteractivityURL string
	// CommandsURL receives slash commands over HTTP; default InteractivityURL.
	CommandsURL string
	// EventsURL receives events over HTTP; without one an app that is reached over HTTP hears of none.
	EventsURL string
	// Events the app is subscribed to. Nil is every event this fake knows; an empty slice is none.
	Events []string
	// HTTPClient delivers to InteractivityURL; default a client that opens a connection for each delivery.
	HTTPClient *http.Client

	// BaseURL is the outside address when Handler is mounted by someone else, without a trailing slash.
	BaseURL string
	// TLS makes Start serve HTTPS with a certificate that only Client (and CertPool) trusts.
	TLS bool
	// Addr is where Start listens; default "127.0.0.1:0".
	Addr string

	AckTimeout   time.Duration // how long a delivery waits for its acknowledgement; default AckDeadline (3 s)
	Redeliveries int           // Socket Mode deliveries after an unacknowledged first; default 1, below 0 is none
	PingInterval time.Duration // WebSocket pings to the app; default 10 s
	Limits       Limits
	Now          func() time.Time // clock of timestamps, triggers, response URLs and rates; default time.Now
	Logger       *slog.Logger     // default discards
}

// Team is the workspace.
type Team struct{ ID, Name, Domain string }

// Bot is the app's bot user: UserID is what <@…> names, BotID what messages carry.
type Bot struct{ UserID, BotID, Name string }

// User is a person in the workspace.
type User struct {
	ID         string
	Name       string // handle, without @
	RealName   string
	Email      string
	Restricted bool   // a guest (is_restricted)
	Deleted    bool   // deactivated
	Bot        bool   // another app's user
	Avatar     string // what the page writes into the avatar; default the initials of RealName
}

// UserGroup is a mentionable group.
type UserGroup struct {
	ID, Handle, Name string
	Members          []string // user ids
	Disabled         bool
}

// Channel is a conversation. The bot is in it when Members holds the bot's user id.
type Channel struct {
	ID, Name, Topic string
	Private         bool
	Archived        bool
	Members         []string // user ids
	IM              string   // the other person's user id when this is a direct message with the bot
}

// Limits switches Slack's limits off, or changes the rate of single methods.
type Limits struct {
	NoRates  bool            // never answer 429
	NoBlocks bool            // accept any block
	Rates    map[string]Rate // per method, over the defaults; the zero Rate is unlimited
}

func (c Config) withDefaults() Config {
	setDefault(&c.BotToken, "xoxb-slacktest")
	setDefault(&c.AppToken, "xapp-slacktest")
	setDefault(&c.SigningSecret, "slacktest-signing-secret")
	setDefault(&c.AppID, "A0SLACKTEST")
	setDefault(&c.Team.ID, "T0CONTOSO")
	setDefault(&c.Team.Name, "Contoso")
	setDefault(&c.Team.Domain, "contoso")
	setDefault(&c.Bot.UserID, "U0BOT")
	setDefault(&c.Bot.BotID, "B0BOT")
	setDefault(&c.Bot.Name, "bot")
	setDefault(&c.CommandsURL, c.InteractivityURL)
	setDefault(&c.Addr, "127.0.0.1:0")
	setDefault(&c.AckTimeout, AckDeadline)
	setDefault(&c.Redeliveries, 1)
	setDefault(&c.PingInterval, 10*time.Second)
	c.Redeliveries = max(c.Redeliveries, 0)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.HTTPClient == nil {
		c.HTTPClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	}
	if c.Events == nil {
		c.Events = allEvents()
	}
	if c.Scopes == nil {
		c.Scopes = allScopes()
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (c Channel) has(user string) bool { return slices.Contains(c.Members, user) }
