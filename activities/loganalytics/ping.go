package loganalytics

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"harrier/workflows/soar"
)

// Ping runs a query that reads no table in every configured workspace: it proves
// network, token and the right to query.
func (c *Client) Ping(ctx context.Context) error {
	now := c.cfg.Now().UTC()
	for _, name := range append([]string{""}, slices.Sorted(maps.Keys(c.cfg.Workspaces))...) {
		_, err := c.run(ctx, name, ask{"print Harrier = 1", soar.NewWindow(now.Add(-time.Hour), now)})
		if err != nil {
			return c.classify(ctx, fmt.Sprintf("ping %s", inWorkspace(name)), err)
		}
	}
	return nil
}
