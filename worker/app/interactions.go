package app

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
	slackapi "github.com/slack-go/slack"
	"go.temporal.io/sdk/client"

	"harrier/activities/audit"
	"harrier/activities/slack"
	"harrier/config"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

func newInteractions(cfg config.Config, a *Adapters, cl client.Client, log *slog.Logger) (*interactions.Service, error) {
	links, err := slack.LinksFor(cfg.Azure.Cloud)
	if err != nil {
		return nil, err
	}
	links.Workspace = workspaceID(cfg.Sentinel)
	return interactions.New(interactions.Config{
		Slack:          slackClient(cfg.Slack, a.HTTP),
		Cases:          interactions.TemporalCases{Client: cl},
		Hunts:          interactions.TemporalHunts{Client: cl, InForce: a.Catalogue.Hunts, Now: time.Now},
		Approvers:      func() soar.Approvers { return cfg.Slack.Approvers },
		Audit:          refusals{a.Audit},
		Mode:           interactions.Mode(cfg.Slack.Mode),
		SigningSecrets: signingSecrets(cfg.Slack),
		Dialer:         dialer(a.HTTP),
		Links:          links,
		Now:            time.Now,
		Logger:         log,
	})
}

func slackClient(c config.Slack, transport *http.Client) *slackapi.Client {
	return slackapi.New(c.BotToken.Reveal(), slackapi.OptionAPIURL(c.APIURL),
		slackapi.OptionHTTPClient(withTimeout(transport, 20*time.Second)), slackapi.OptionAppLevelToken(c.AppToken.Reveal()))
}

// dialer trusts for WebSockets what the HTTP client trusts.
func dialer(c *http.Client) *websocket.Dialer {
	out := &websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: 30 * time.Second}
	if t, ok := c.Transport.(*http.Transport); ok {
		out.TLSClientConfig = t.TLSClientConfig
	}
	return out
}

func signingSecrets(c config.Slack) []string {
	var out []string
	for _, s := range []config.Secret{c.SigningSecret, c.PreviousSigningSecret} {
		if s.Given() {
			out = append(out, s.Reveal())
		}
	}
	return out
}

// refusals writes the audit line of a refused click.
type refusals struct{ audit *audit.Client }

// Refused records who wanted what and why it was not taken.
func (r refusals) Refused(ctx context.Context, d soar.Decide, refusal *soar.Refusal) error {
	return r.audit.RecordRefusal(ctx, audit.Refusal{
		At: d.At, Case: d.Case, Action: string(d.Decision), By: d.By, Kind: refusal.Kind, Message: refusal.Message, Click: d.Click,
	})
}
