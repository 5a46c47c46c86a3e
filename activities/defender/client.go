// Package defender tells Microsoft Defender of an escalated case: where an alert
// names a reported message, its incident gets a comment and a tag, so that whoever
// works in the Defender portal finds the case.
package defender

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"harrier/workflows/soar"
)

// Defaults of Config.
const (
	DefaultEndpoint = "https://graph.microsoft.com/v1.0"
	DefaultScope    = "https://graph.microsoft.com/.default"
	// DefaultTimeout ends a call that nobody answers.
	DefaultTimeout = 30 * time.Second
)

// Config is what a Client needs. Credential is required.
type Config struct {
	// Endpoint is Microsoft Graph with its version; default DefaultEndpoint.
	Endpoint   string
	Credential azcore.TokenCredential
	// Scope is what the token is asked for; default DefaultScope.
	Scope string
	// HTTPClient sends requests; default one with DefaultTimeout.
	HTTPClient *http.Client
	// CardURL is the address of a case's card, empty when it has none; nil links no cards.
	CardURL func(context.Context, soar.Card) string
	Now     func() time.Time // default time.Now
	Logger  *slog.Logger     // default discards
}

// Client comments on Defender incidents. It needs SecurityIncident.ReadWrite.All and
// SecurityAlert.Read.All
// (https://learn.microsoft.com/graph/api/security-incident-post-comments). It is safe
// for concurrent use.
type Client struct {
	config   Config
	pipeline runtime.Pipeline
}

// New makes a Client. It sends nothing yet.
func New(config Config) (*Client, error) {
	if config.Credential == nil {
		return nil, fmt.Errorf("make defender client: %w", errors.New("credential is missing"))
	}
	config = config.withDefaults()
	bearer := runtime.NewBearerTokenPolicy(config.Credential, []string{config.Scope}, nil)
	return &Client{config: config, pipeline: runtime.NewPipeline("harrier/defender", "v1.0.0",
		runtime.PipelineOptions{PerRetry: []policy.Policy{bearer}},
		// Temporal owns retries; below 0 is one try.
		&policy.ClientOptions{Transport: config.HTTPClient, Retry: policy.RetryOptions{MaxRetries: -1}},
	)}, nil
}

func (c Config) withDefaults() Config {
	if c.Endpoint == "" {
		c.Endpoint = DefaultEndpoint
	}
	if c.Scope == "" {
		c.Scope = DefaultScope
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
