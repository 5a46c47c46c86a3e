package slack

import (
	"context"
	"errors"

	"harrier/workflows/soar"
)

// UpdateCard edits a case's card in place, by channel and timestamp.
func (c *Client) UpdateCard(ctx context.Context, in soar.CaseRequest) (soar.None, error) {
	return soar.None{}, c.classified("update card of "+in.Case.Ref.String(), c.updateCard(ctx, in.Case))
}

var errNoCard = &gone{kind: ErrTypeMessageGone, what: "the case has no card in Slack"}

func (c *Client) updateCard(ctx context.Context, cs soar.Case) error {
	if !cs.Card.Posted() {
		return errNoCard
	}
	blocks, text := Card(cs, c.config.options(), c.config.Now())
	err := c.edit(ctx, cs.Card, blocks, text)
	if !blocksRefused(err) {
		return err
	}
	c.config.Logger.Error("slack refused the blocks, editing to the minimal card", "case", cs.Ref.String(), "error", describe(err))
	blocks, text = minimalCard(cs, c.config.Now())
	if again := c.update(ctx, cs.Card, blocks, text); again != nil {
		return errors.Join(again, err)
	}
	return nil
}
