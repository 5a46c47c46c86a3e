// Package slack posts cases, summaries and notices to Slack.
//
// What is posted are pure functions of domain values (Card, SummaryMessage,
// ApproveModal, EvidenceModal); the activities around them see to it that a post
// is made once, at a rate Slack takes, in a channel that exists.
package slack

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
)

// Config of the Slack adapter.
type Config struct {
	// Token is the bot token, xoxb-…
	Token string
	// APIURL ends in a slash; empty is https://slack.com/api/.
	APIURL     string
	HTTPClient *http.Client
	// EscalationChannel is the id of the channel for escalated cases.
	EscalationChannel string
	// FallbackChannel is the id of the channel for what its own channel does not take.
	FallbackChannel string
	// PageGroup is the id of a user group that an escalated HIGH case mentions; empty mentions nobody.
	PageGroup string
	Links     Links
	// MaskSubjects says which channels, by id, show no subjects; nil is none.
	MaskSubjects func(channel string) bool
	Now          func() time.Time
	Logger       *slog.Logger
}

// Client is the Slack adapter. It is safe for concurrent use; all activities of
// a worker share one, so that they share its pace.
type Client struct {
	api    *slackapi.Client
	config Config
	pace   *pacer
	ledger *ledger
	index  *index
	self   self
}

// requestTimeout ends a call that Slack does not answer.
const requestTimeout = 15 * time.Second

// New checks the configuration; it calls nothing.
func New(config Config) (*Client, error) {
	if !strings.HasPrefix(config.Token, "xoxb-") {
		return nil, errors.New("slack: bot token is missing or not one; give the token that starts with xoxb-")
	}
	for name, id := range map[string]string{"escalation": config.EscalationChannel, "fallback": config.FallbackChannel} {
		if strings.HasPrefix(id, "#") {
			return nil, errors.New("slack: " + name + " channel is a name; give its id (C…), names change")
		}
	}
	if config.EscalationChannel == "" {
		return nil, errors.New("slack: escalation channel is missing; give the id (C…) of the channel for escalated cases")
	}
	config = config.withDefaults()
	options := []slackapi.Option{slackapi.OptionHTTPClient(config.HTTPClient)}
	if config.APIURL != "" {
		options = append(options, slackapi.OptionAPIURL(config.APIURL))
	}
	return &Client{
		api: slackapi.New(config.Token, options...), config: config,
		pace: newPacer(config.Now), ledger: newLedger(config.Now), index: newIndex(),
	}, nil
}

// options are what cards need of the configuration.
func (c Config) options() Options {
	return Options{Links: c.Links, Pages: !blockkit.MentionGroup(c.PageGroup).IsEmpty(), MaskSubjects: c.MaskSubjects}
}

func (c Config) withDefaults() Config {
	if c.HTTPClient == nil {
		c.HTTPClient = &http.Client{Timeout: requestTimeout}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}
