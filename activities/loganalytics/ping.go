package loganalytics

import (
	"context"
	"time"

	"harrier/workflows/soar"
)

// Ping runs a query that reads no table: it proves network, token and the right
// to query the workspace.
func (c *Client) Ping(ctx context.Context) error {
	now := c.cfg.Now().UTC()
	_, err := c.run(ctx, ask{"print Harrier = 1", soar.NewWindow(now.Add(-time.Hour), now)})
	return c.classify(ctx, "ping", err)
}
