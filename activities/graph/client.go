package graph

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	jsonser "github.com/microsoft/kiota-serialization-json-go"
	msgraphcore "github.com/microsoftgraph/msgraph-sdk-go-core"
	coreauth "github.com/microsoftgraph/msgraph-sdk-go-core/authentication"

	"harrier/workflows/soar"
)

// Defaults of Config.
const (
	DefaultBaseURL = "https://graph.microsoft.com/v1.0"
	DefaultScope   = "https://graph.microsoft.com/.default"
	// DefaultTimeout ends a call that nobody answers.
	DefaultTimeout = 30 * time.Second
)

// Config is what a Client needs. Credential is required.
type Config struct {
	// BaseURL is the API with its version; default DefaultBaseURL.
	BaseURL    string
	Credential azcore.TokenCredential
	// Scope is what the token is asked for; default DefaultScope.
	Scope string
	// HTTPClient sends requests, without retries of its own; default one with DefaultTimeout.
	HTTPClient *http.Client
	// Tenant names privileged groups, service account patterns and the tenant's own tools.
	Tenant soar.Tenant
	Now    func() time.Time // default time.Now
	Logger *slog.Logger     // default discards
}

// Client looks up senders. It is safe for concurrent use.
type Client struct {
	adapter  *msgraphcore.GraphRequestAdapterBase
	cache    *cache
	asked    *asked
	features *features
	senders  *senders
	tenant   soar.Tenant
	now      func() time.Time
	logger   *slog.Logger
}

// New makes a Client. It sends nothing yet.
func New(config Config) (*Client, error) {
	config = config.withDefaults()
	base, err := url.Parse(config.BaseURL)
	if err != nil || base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("make graph client: base URL %q: write it as https://host/v1.0", config.BaseURL)
	}
	if config.Credential == nil {
		return nil, errors.New("make graph client: credential is missing; give one of azidentity's")
	}
	adapter, err := newAdapter(config, base.Hostname())
	if err != nil {
		return nil, fmt.Errorf("make graph client: %w", err)
	}
	return &Client{
		adapter: adapter, cache: newCache(config.Now), asked: newAsked(config.Now), features: newFeatures(config.Now), senders: newSenders(config.Now),
		tenant: config.Tenant, now: config.Now, logger: config.Logger,
	}, nil
}

// newAdapter passes the JSON factories in, so that nothing depends on Kiota's
// global registries, and the plain HTTP client, so that Kiota's retry and its
// sleeps are not in the way.
func newAdapter(config Config, host string) (*msgraphcore.GraphRequestAdapterBase, error) {
	auth, err := coreauth.NewAzureIdentityAuthenticationProviderWithScopesAndValidHosts(
		config.Credential, []string{config.Scope}, []string{host})
	if err != nil {
		return nil, err
	}
	adapter, err := msgraphcore.NewGraphRequestAdapterBaseWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		auth, msgraphcore.GraphClientOptions{},
		jsonser.NewJsonParseNodeFactory(), jsonser.NewJsonSerializationWriterFactory(), config.HTTPClient)
	if err != nil {
		return nil, err
	}
	adapter.SetBaseUrl(strings.TrimSuffix(config.BaseURL, "/"))
	return adapter, nil
}

func (c Config) withDefaults() Config {
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	if c.Scope == "" {
		c.Scope = DefaultScope
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
