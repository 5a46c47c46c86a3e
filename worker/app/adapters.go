package app

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"go.temporal.io/sdk/client"

	"harrier/activities/audit"
	"harrier/activities/cases"
	"harrier/activities/defender"
	"harrier/activities/graph"
	"harrier/activities/incidents"
	"harrier/activities/loganalytics"
	"harrier/activities/paging"
	"harrier/activities/slack"
	"harrier/activities/suppressions"
	"harrier/config"
	"harrier/workflows/soar"
)

// Adapters are every system Harrier talks to, wired from one configuration.
type Adapters struct {
	Catalogue    *Catalogue
	Credential   azcore.TokenCredential
	HTTP         *http.Client
	LogAnalytics *loganalytics.Client
	Graph        *graph.Client
	Suppressions *suppressions.Judger
	Cases        *cases.Client
	Slack        *slack.Client
	Incidents    *incidents.Client
	// Defender is nil where defender.comment is off, Paging where nobody is paged.
	Defender *defender.Client
	Paging   *paging.Client
	Audit    *audit.Client
	queries  *pace
}

// Wire makes the adapters. It makes no request. cl may be nil where no case is called.
func Wire(cfg config.Config, catalogue *Catalogue, cl client.Client, log *slog.Logger) (*Adapters, error) {
	a := &Adapters{Catalogue: catalogue}
	var err error
	if a.HTTP, err = httpClient(cfg.Azure.CAFile); err != nil {
		return nil, err
	}
	if a.Credential, err = credential(cfg.Azure, a.HTTP); err != nil {
		return nil, err
	}
	if err := a.wireAzure(cfg, log); err != nil {
		return nil, err
	}
	if err := a.wireTriage(cfg, log); err != nil {
		return nil, err
	}
	if err := a.wireTargets(cfg, log); err != nil {
		return nil, err
	}
	if cl != nil {
		a.Cases, err = cases.New(cases.Config{Temporal: cl, TaskQueue: soar.TaskQueue, Logger: log})
	}
	return a, err
}

func (a *Adapters) wireAzure(cfg config.Config, log *slog.Logger) (err error) {
	la := cfg.LogAnalytics
	a.queries = newPace(la.QueriesAtOnce(), la.Replicas, loganalytics.MaxRequestsPerActivity)
	a.LogAnalytics, err = loganalytics.New(loganalytics.Config{
		WorkspaceID: la.WorkspaceID, Workspaces: la.Workspaces, Endpoint: la.Endpoint, Audience: la.Audience, Credential: a.Credential,
		HTTPClient: a.queries.count(a.HTTP), Tenant: a.Catalogue.Tenant, Wait: la.Wait, Past: la.Past, Now: time.Now, Logger: log,
	})
	if err != nil {
		return fmt.Errorf("wire log analytics: %w", err)
	}
	a.Graph, err = graph.New(graph.Config{
		BaseURL: cfg.Graph.Endpoint, Credential: a.Credential, Scope: cfg.Graph.Scope,
		HTTPClient: withTimeout(a.HTTP, graph.DefaultTimeout), Tenant: a.Catalogue.Tenant(), Now: time.Now, Logger: log,
	})
	if err != nil {
		return fmt.Errorf("wire graph: %w", err)
	}
	s := cfg.Sentinel
	a.Incidents, err = incidents.New(incidents.Config{
		Endpoint: s.Endpoint, Audience: s.Audience, Credential: a.Credential, HTTPClient: a.HTTP,
		SubscriptionID: s.SubscriptionID, ResourceGroup: s.ResourceGroup, Workspace: s.Workspace, PortalURL: s.PortalURL,
		Owner: s.Owner, Owners: s.Owners, CardURL: a.cardURL,
	})
	if err != nil {
		return fmt.Errorf("wire incidents: %w", err)
	}
	return nil
}

func (a *Adapters) wireTriage(cfg config.Config, log *slog.Logger) (err error) {
	a.Suppressions, err = suppressions.NewJudger(suppressions.Config{
		Rules: a.Catalogue.Rules, Tenant: a.Catalogue.Tenant, Logger: log,
		Parse: func(text string) ([]soar.Rule, error) { return config.ParseRules("trial", text, a.Catalogue.Tenant()) },
	})
	if err != nil {
		return fmt.Errorf("wire suppressions: %w", err)
	}
	links, err := slack.LinksFor(cfg.Azure.Cloud)
	if err != nil {
		return err
	}
	links.Workspace = workspaceID(cfg.Sentinel)
	a.Slack, err = slack.New(slack.Config{
		Token: cfg.Slack.BotToken.Reveal(), APIURL: cfg.Slack.APIURL, HTTPClient: withTimeout(a.HTTP, 20*time.Second),
		EscalationChannel: cfg.Slack.Channels.Escalation, FallbackChannel: cfg.Slack.Channels.Fallback,
		PageGroup: cfg.Slack.PageGroup, MaskSubjects: cfg.Slack.Masks,
		Links: links, Now: time.Now, Logger: log,
	})
	if err != nil {
		return fmt.Errorf("wire slack: %w", err)
	}
	a.Audit, err = audit.New(audit.Config{Dir: cfg.Audit.Dir, Logger: log})
	if err != nil {
		return fmt.Errorf("wire audit: %w", err)
	}
	return nil
}

// wireTargets makes what an escalation reaches beside Sentinel and Slack.
func (a *Adapters) wireTargets(cfg config.Config, log *slog.Logger) (err error) {
	if cfg.Defender.Comment {
		a.Defender, err = defender.New(defender.Config{
			Endpoint: cfg.Graph.Endpoint, Scope: cfg.Graph.Scope, Credential: a.Credential,
			HTTPClient: withTimeout(a.HTTP, defender.DefaultTimeout), CardURL: a.cardURL, Now: time.Now, Logger: log,
		})
		if err != nil {
			return fmt.Errorf("wire defender: %w", err)
		}
	}
	if p := cfg.Paging; p.Provider != "" {
		key := p.RoutingKey
		if p.Provider == config.Webhook {
			key = p.Secret
		}
		a.Paging, err = paging.New(paging.Config{
			Provider: paging.Provider(p.Provider), URL: p.URL, Key: key.Reveal(), HTTPClient: withTimeout(a.HTTP, 20*time.Second), Now: time.Now, Logger: log,
		})
		if err != nil {
			return fmt.Errorf("wire paging: %w", err)
		}
	}
	return nil
}

// workspaceID is the resource id of the workspace, for links to its queries.
func workspaceID(s config.Sentinel) string {
	return "/subscriptions/" + s.SubscriptionID + "/resourceGroups/" + s.ResourceGroup +
		"/providers/Microsoft.OperationalInsights/workspaces/" + s.Workspace
}

func withTimeout(c *http.Client, d time.Duration) *http.Client {
	out := *c
	out.Timeout = d
	return &out
}
