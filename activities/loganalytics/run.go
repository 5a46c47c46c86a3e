package loganalytics

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/monitor/azquery"
	"go.temporal.io/sdk/activity"

	"harrier/workflows/soar"
)

// ask is one query and the rows it may see.
type ask struct {
	query string
	// span is the API's timespan: it cuts every table by TimeGenerated.
	span soar.Window
}

// answer is the first table of a response.
type answer struct {
	table
	// partial is the service's error when it returned only a part.
	partial string
	took    time.Duration
	stats   soar.QueryStats
}

// run asks a workspace by its configured name once; an empty name is the default
// one. Its error is the SDK's own, for classify.
func (c *Client) run(ctx context.Context, workspace string, a ask) (answer, error) {
	id, err := c.cfg.workspace(workspace)
	if err != nil {
		return answer{}, err
	}
	stop := heartbeats(ctx)
	defer stop()
	started := c.cfg.Now()
	span, statistics := azquery.NewTimeInterval(a.span.From.UTC(), a.span.To.UTC()), true
	res, err := c.logs.QueryWorkspace(ctx, id, azquery.Body{Query: &a.query, Timespan: &span},
		&azquery.LogsClientQueryWorkspaceOptions{Options: &azquery.LogsQueryOptions{Wait: &c.wait, Statistics: &statistics}})
	if err != nil {
		return answer{}, err
	}
	t, err := firstTable(res.Results)
	if err != nil {
		return answer{}, err
	}
	out := answer{table: t, took: c.cfg.Now().Sub(started), stats: statsOf(res.Statistics, len(t.rows))}
	if res.Error != nil {
		// A nil error with Results.Error set is a part of the result. The whole
		// text, since its outer code says nothing.
		out.partial = cut(res.Error.Error(), maxPartial)
		c.cfg.Logger.Warn("query returned a part of its result", "error", out.partial)
	}
	return out, nil
}

// heartbeats tells Temporal that a long query is still waited for.
func heartbeats(ctx context.Context) (stop func()) {
	if !activity.IsActivity(ctx) {
		return func() {}
	}
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(heartbeatEvery)
		defer tick.Stop()
		for {
			activity.RecordHeartbeat(ctx)
			select {
			case <-done:
				return
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return func() { close(done); <-ended }
}
