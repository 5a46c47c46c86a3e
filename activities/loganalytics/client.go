// Package loganalytics reads a Log Analytics workspace: the health of its
// tables, hunting queries, and what lies behind their findings. It is the only
// package that knows the query client, so that another client is a change of
// this package alone.
package loganalytics

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/monitor/azquery"

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
	// WorkspaceID is the default workspace's GUID, not its resource id.
	WorkspaceID string
	// Workspaces are further workspaces: GUIDs by the names that hunts give them.
	Workspaces map[string]string
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

// MaxRequestsPerActivity is how many requests one activity makes at the most.
// The service counts requests, so what starts activities can stay within its
// limit of 200 requests in 30 seconds by counting activities.
// https://learn.microsoft.com/azure/azure-monitor/service-limits#la-query-api
const MaxRequestsPerActivity = 2

// Client runs the query activities against the configured workspaces.
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
	for name, id := range c.Workspaces {
		if name == "" || id == "" {
			errs = append(errs, fmt.Errorf("workspace %q has the id %q; give both a name and the workspace's GUID", name, id))
		}
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
