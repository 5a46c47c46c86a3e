package app

import (
	"context"

	"go.temporal.io/sdk/temporal"

	"harrier/workflows/soar"
)

// errTypeNotConfigured is a target that a case was told of and that the configuration
// no longer names.
const errTypeNotConfigured = "NotConfigured"

// noteDefender and pageOnCall are registered whether they are configured or not: a
// case keeps the targets it was told, and says what it could not reach.
func (a *Adapters) noteDefender(ctx context.Context, in soar.CaseRequest) (soar.Incident, error) {
	if a.Defender == nil {
		return soar.Incident{}, temporal.NewNonRetryableApplicationError("defender.comment is off in the configuration of this worker", errTypeNotConfigured, nil)
	}
	return a.Defender.NoteDefender(ctx, in)
}

// cardURL is where an incident leads back to.
func (a *Adapters) cardURL(ctx context.Context, card soar.Card) string {
	return a.Slack.CardURL(ctx, card)
}

func (a *Adapters) pageOnCall(ctx context.Context, in soar.CaseRequest) (soar.None, error) {
	if a.Paging == nil {
		return soar.None{}, temporal.NewNonRetryableApplicationError("paging is not in the configuration of this worker", errTypeNotConfigured, nil)
	}
	return a.Paging.PageOnCall(ctx, in)
}
