// Package loganalytics reads a Log Analytics workspace: the health of its
// tables, hunting queries, and what lies behind their findings. It is the only
// package that knows the query client, so that another client is a change of
// this package alone.
package loganalytics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/monitor/azquery"
	"go.temporal.io/sdk/activity"

	"harrier/workflows/soar"
)

// The public cloud, when a Config names no other.
// https://learn.microsoft.com/azure/azure-monitor/logs/api/access-api
const (
	DefaultEndpoint = "https://api.loganalytics.io/v1"
	DefaultAudience = "https://api.loganalytics.io"
)

// MaxWait is the longest a query may run, in the service.
// https://learn.microsoft.com/azure/azure-monitor/logs/api/timeouts
const MaxWait = 10 * time.Minute

const (
	// waitMargin is what network and decoding may take on top of the query.
	waitMargin     = 30 * time.Second
	heartbeatEvery = 10 * time.Second
)

// Config is what a Client needs. WorkspaceID, Credential, Tenant, Wait and Past
// are required.
type Config struct {
	// WorkspaceID is the workspace's GUID, not its resource id.
	WorkspaceID string
	// Endpoint and Audience are the API's address with its version and the
	// resource tokens are asked for; empty is the public cloud.
	Endpoint, Audience string
	Credential         azcore.TokenCredential
	// HTTPClient is the transport; its timeout is raised above Wait.
	HTTPClient *http.Client
	// Tenant gives the settings in force, read at each query.
	Tenant func() soar.Tenant
	// Wait is how long the service may work on one query, in whole seconds from 1s to 10m.
	Wait soar.Duration
	// Past is how far back a sender's own mail is read.
	Past   soar.Duration
	Now    func() time.Time
	Logger *slog.Logger
}

// Client runs the query activities against one workspace.
type Client struct {
	cfg  Config
	logs *azquery.LogsClient
	wait int // seconds
}

// New checks the configuration and makes a client. It makes no request.
func New(cfg Config) (*Client, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("configure log analytics: %w", err)
	}
	cfg = cfg.withDefaults()
	wait := cfg.Wait.Std()
	logs, err := azquery.NewLogsClient(cfg.Credential, &azquery.LogsClientOptions{ClientOptions: azcore.ClientOptions{
		Cloud: cloud.Configuration{Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
			azquery.ServiceNameLogs: {Endpoint: cfg.Endpoint, Audience: cfg.Audience},
		}},
		// One try: Temporal owns retries.
		Retry:     policy.RetryOptions{MaxRetries: -1},
		Transport: patient(cfg.HTTPClient, wait+waitMargin),
	}})
	if err != nil {
		return nil, fmt.Errorf("configure log analytics: %w", err)
	}
	return &Client{cfg: cfg, logs: logs, wait: int(wait / time.Second)}, nil
}

func (c Config) validate() error {
	var errs []error
	if c.WorkspaceID == "" {
		errs = append(errs, errors.New("workspace id is missing; give the workspace's GUID from its overview page"))
	}
	if c.Credential == nil {
		errs = append(errs, errors.New("credential is missing"))
	}
	if c.Tenant == nil {
		errs = append(errs, errors.New("tenant settings are missing"))
	}
	if w := c.Wait.Std(); w < time.Second || w > MaxWait || w%time.Second != 0 {
		errs = append(errs, fmt.Errorf("wait is %s; give whole seconds from 1s to %s", w, MaxWait))
	}
	if c.Past <= 0 {
		errs = append(errs, fmt.Errorf("past is %s; give how far back a sender's mail is read, such as 90d", c.Past))
	}
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	if c.Endpoint == "" {
		c.Endpoint = DefaultEndpoint
	}
	if c.Audience == "" {
		c.Audience = DefaultAudience
	}
	if c.HTTPClient == nil {
		c.HTTPClient = &http.Client{}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// patient copies a client so that it does not give up before the service does.
func patient(client *http.Client, least time.Duration) *http.Client {
	out := *client
	if out.Timeout < least {
		out.Timeout = least
	}
	return &out
}

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
}

// run asks the service once. Its error is the SDK's own, for classify.
func (c *Client) run(ctx context.Context, a ask) (answer, error) {
	stop := heartbeats(ctx)
	defer stop()
	started := c.cfg.Now()
	span := azquery.NewTimeInterval(a.span.From.UTC(), a.span.To.UTC())
	res, err := c.logs.QueryWorkspace(ctx, c.cfg.WorkspaceID,
		azquery.Body{Query: &a.query, Timespan: &span},
		&azquery.LogsClientQueryWorkspaceOptions{Options: &azquery.LogsQueryOptions{Wait: &c.wait}})
	if err != nil {
		return answer{}, err
	}
	t, err := firstTable(res.Results)
	if err != nil {
		return answer{}, err
	}
	out := answer{table: t, took: c.cfg.Now().Sub(started)}
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
