package incidents

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"harrier/workflows/soar"
)

// APIVersion of Microsoft.SecurityInsights.
// https://learn.microsoft.com/en-us/rest/api/securityinsights/incidents/create-or-update
const APIVersion = "2025-09-01"

// Defaults of Config.
const (
	DefaultEndpoint  = "https://management.azure.com"
	DefaultAudience  = "https://management.azure.com"
	DefaultPortalURL = "https://portal.azure.com"
	// DefaultTimeout ends a call that nobody answers.
	DefaultTimeout = 30 * time.Second
)

// Config is what a Client needs. Credential, SubscriptionID, ResourceGroup and
// Workspace are required.
type Config struct {
	// Endpoint is the Azure Resource Manager; default DefaultEndpoint.
	Endpoint   string
	Credential azcore.TokenCredential
	// Audience is what the token is asked for; default DefaultAudience.
	Audience       string
	SubscriptionID string
	ResourceGroup  string
	// Workspace is the name of the Log Analytics workspace Sentinel is on.
	Workspace string
	// HTTPClient sends requests; default one with DefaultTimeout.
	HTTPClient *http.Client
	// CardURL is the address of a case's card, empty when it has none; nil links no cards.
	CardURL func(context.Context, soar.Card) string
	// Owner is the object id (GUID) of the user or group that incidents are assigned to;
	// Owners are those of people who escalate, by their Slack user id. Both may be empty.
	Owner  string
	Owners map[string]string
	// PortalURL begins links to incidents that come without one; default DefaultPortalURL.
	PortalURL string
	Now       func() time.Time // default time.Now
	Logger    *slog.Logger     // default discards
}

// Client opens incidents in one workspace. It is safe for concurrent use.
type Client struct {
	arm      *arm.Client
	insights string // Sentinel in the workspace, as a path
	config   Config
}

// New makes a Client. It sends nothing yet.
func New(config Config) (*Client, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("make incidents client: %w", err)
	}
	client, err := arm.NewClient("harrier/incidents", "v1.0.0", config.Credential, &arm.ClientOptions{
		// Sentinel's provider is registered with the workspace; registering is not ours.
		DisableRPRegistration: true,
		ClientOptions: policy.ClientOptions{
			Transport: config.HTTPClient,
			// Temporal owns retries; below 0 is one try.
			Retry: policy.RetryOptions{MaxRetries: -1},
			Cloud: cloud.Configuration{Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
				cloud.ResourceManager: {Endpoint: config.Endpoint, Audience: strings.TrimSuffix(config.Audience, "/")},
			}},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("make incidents client: %w", err)
	}
	escaped := Config{
		SubscriptionID: url.PathEscape(config.SubscriptionID), ResourceGroup: url.PathEscape(config.ResourceGroup),
		Workspace: url.PathEscape(config.Workspace),
	}
	return &Client{arm: client, insights: escaped.insights(), config: config}, nil
}

// incident is the path of an incident.
func (c *Client) incident(id string) string { return c.insights + "incidents/" + id }

// insights is the resource id of Sentinel in the workspace, with a slash behind.
func (c Config) insights() string {
	return "/subscriptions/" + c.SubscriptionID + "/resourceGroups/" + c.ResourceGroup +
		"/providers/Microsoft.OperationalInsights/workspaces/" + c.Workspace + "/providers/Microsoft.SecurityInsights/"
}

func (c Config) validate() error {
	var problems []error
	endpoint, err := url.Parse(c.Endpoint)
	if err != nil || endpoint.Scheme != "https" || endpoint.Host == "" {
		problems = append(problems, fmt.Errorf("endpoint %q: write it as https://host", c.Endpoint))
	}
	if c.Credential == nil {
		problems = append(problems, errors.New("credential is missing; give one of azidentity's"))
	}
	for _, field := range [...]struct{ name, value string }{
		{"subscription id", c.SubscriptionID}, {"resource group", c.ResourceGroup}, {"workspace", c.Workspace},
	} {
		if strings.TrimSpace(field.value) == "" {
			problems = append(problems, fmt.Errorf("%s is missing; name the one Sentinel is in", field.name))
		}
	}
	return errors.Join(problems...)
}

func (c Config) withDefaults() Config {
	if c.Endpoint == "" {
		c.Endpoint = DefaultEndpoint
	}
	if c.Audience == "" {
		c.Audience = DefaultAudience
	}
	if c.PortalURL == "" {
		c.PortalURL = DefaultPortalURL
	}
	if c.CardURL == nil {
		c.CardURL = func(context.Context, soar.Card) string { return "" }
	}
	if c.HTTPClient == nil {
		c.HTTPClient = &http.Client{Timeout: DefaultTimeout}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}
