package app

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
	slackapi "github.com/slack-go/slack"
	"go.temporal.io/sdk/client"

	"harrier/activities/slack"
	"harrier/config"
	"harrier/worker/interactions"
	"harrier/worker/runs"
	"harrier/worker/schedules"
	"harrier/workflows/soar"
)

func newInteractions(cfg config.Config, a *Adapters, cl client.Client, log *slog.Logger) (*interactions.Service, error) {
	links, err := slack.LinksFor(cfg.Azure.Cloud)
	if err != nil {
		return nil, err
	}
	links.Workspace = workspaceID(cfg.Sentinel)
	zone, err := config.LoadZone(cfg.Triage.BusinessHours.TimeZone)
	if err != nil {
		return nil, err
	}
	reader := runs.Reader{Client: cl}
	return interactions.New(interactions.Config{
		Slack:          slackClient(cfg.Slack, a.HTTP),
		Cases:          interactions.TemporalCases{Client: cl},
		Cards:          a.Slack,
		Hunts:          interactions.TemporalHunts{Client: cl, InForce: a.Catalogue.Hunts},
		Runs:           reader,
		Pauses:         schedules.Pauses{Client: cl},
		Desk:           &interactions.TemporalDesk{Runs: reader, Hunts: a.Catalogue.Hunts, Expiring: a.endsSoon, Now: time.Now},
		Approvers:      func() soar.Approvers { return cfg.Slack.Approvers },
		Audit:          a.Audit,
		Mode:           interactions.Mode(cfg.Slack.Mode),
		SigningSecrets: signingSecrets(cfg.Slack),
		Dialer:         dialer(a.HTTP),
		Links:          links,
		MaskSubjects:   cfg.Slack.Masks,
		RuleAt:         a.Catalogue.ruleAt,
		Zone:           zone,
		Now:            time.Now,
		Logger:         log,
	})
}

// endsSoon are the rules and remembered approvals that end within soar.ExpiryNotice,
// with what they did in the last 30 days, counted as the digest counts it.
func (a *Adapters) endsSoon(ctx context.Context) ([]soar.Expiring, error) {
	now := time.Now()
	digest, err := a.Cases.GatherDigest(ctx, soar.DigestRequest{
		Window: soar.NewWindow(now.Add(-time.Second), now), Expiring: expiring(a.Catalogue.RuleList(), now),
	})
	return digest.Expiring, err
}

// ruleAt is where a rule stands, as its files were read.
func (c *Catalogue) ruleAt(id string) (file string, line int) {
	for _, r := range c.RuleList() {
		if r.ID == id {
			return r.File, r.Line
		}
	}
	return "", 0
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
