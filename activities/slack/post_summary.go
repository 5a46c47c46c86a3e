package slack

import (
	"context"

	slackapi "github.com/slack-go/slack"

	"harrier/workflows/soar"
)

// PostSummary posts what a run found, hid and lists, once a run.
func (c *Client) PostSummary(ctx context.Context, in soar.Summary) (soar.Card, error) {
	payload := map[string]any{"run_id": in.Result.RunID}
	if cases := summaryCases(in); len(cases) > 0 {
		payload["cases"] = cases
	}
	card, err := c.deliver(ctx, message{
		channel: in.Channel,
		render: func(channel string) ([]slackapi.Block, string) {
			return SummaryMessage(c.config.options().maskedSummary(in, channel), c.config.Now())
		},
		event: MetadataSummary, payload: payload, since: in.Result.Started,
	})
	return card, c.classified("post summary of "+in.Result.Slug, err)
}
