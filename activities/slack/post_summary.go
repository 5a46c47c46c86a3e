package slack

import (
	"context"

	"harrier/workflows/soar"
)

// PostSummary posts what a run found, hid and lists, once a run.
func (c *Client) PostSummary(ctx context.Context, in soar.Summary) (soar.Card, error) {
	blocks, text := SummaryMessage(in, c.config.Now())
	payload := map[string]any{"run_id": in.Result.RunID}
	if cases := summaryCases(in); len(cases) > 0 {
		payload["cases"] = cases
	}
	card, err := c.deliver(ctx, message{
		channel: in.Channel, blocks: blocks, text: text,
		event: MetadataSummary, field: "run_id", payload: payload, since: in.Result.Started,
	})
	return card, c.classified("post summary of "+in.Result.Slug, err)
}
