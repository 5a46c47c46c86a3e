package app

import (
	"context"

	"harrier/activities/audit"
	"harrier/config"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

// Actor looks up in Slack who acts from the command line, as at a click. Somebody who
// may not decide is a *soar.Refusal; any other error means that Slack could not say.
func (a *Adapters) Actor(ctx context.Context, cfg config.Slack, id string) (soar.Actor, error) {
	return interactions.Resolve(ctx, slackClient(cfg, a.HTTP), id, cfg.Approvers)
}

// RecordRefusal leaves the audit line of what was refused at the command line.
func (a *Adapters) RecordRefusal(ctx context.Context, d soar.Decide, action string, refusal *soar.Refusal) error {
	return a.Audit.RecordRefusal(ctx, audit.Refusal{
		At: d.At, Case: d.Case, Action: action, By: d.By, Kind: refusal.Kind, Message: refusal.Message, Click: d.Click,
	})
}
