package config

import (
	"slices"
	"time"

	"harrier/workflows/soar"
)

// Config is everything a deployment tells Harrier. What Harrier reads stands
// relative to the configuration file, what it writes relative to the working
// directory.
type Config struct {
	Temporal     Temporal     `yaml:"temporal"`
	Azure        Azure        `yaml:"azure"`
	LogAnalytics LogAnalytics `yaml:"log_analytics"`
	Graph        Graph        `yaml:"graph"`
	Sentinel     Sentinel     `yaml:"sentinel"`
	Slack        Slack        `yaml:"slack"`
	Triage       Triage       `yaml:"triage"`
	Digest       Digest       `yaml:"digest"`
	Paging       Paging       `yaml:"paging"`
	Defender     Defender     `yaml:"defender"`
	Guards       Guards       `yaml:"guards"`
	Audit        Audit        `yaml:"audit"`
	Files        Files        `yaml:"files"`
	Health       Health       `yaml:"health"`

	warnings []string
}

// Temporal is where workflows run.
type Temporal struct {
	Address   string `yaml:"address"`
	Namespace string `yaml:"namespace"`
	APIKey    Secret `yaml:"api_key"`
	TLS       TLS    `yaml:"tls"`
}

// UsesTLS says that the connection is encrypted: it is asked for, or a
// certificate, a CA or an API key is given.
func (t Temporal) UsesTLS() bool {
	return t.TLS.Enabled || t.TLS.CertFile != "" || t.TLS.CAFile != "" || t.TLS.ServerName != "" || t.APIKey.Given()
}

// TLS are files of a client certificate and of the server's CA.
type TLS struct {
	Enabled    bool   `yaml:"enabled"`
	CertFile   string `yaml:"cert_file"`
	KeyFile    string `yaml:"key_file"`
	CAFile     string `yaml:"ca_file"`
	ServerName string `yaml:"server_name"`
}

// Azure is the application that reads logs and the directory.
type Azure struct {
	TenantID string `yaml:"tenant_id"`
	ClientID string `yaml:"client_id"`
	// ClientSecret is empty for a managed or workload identity.
	ClientSecret Secret `yaml:"client_secret"`
	// Cloud is public, usgov or china.
	Cloud string `yaml:"cloud"`
	// AuthorityHost overrides the cloud's sign-in address.
	AuthorityHost string `yaml:"authority_host"`
	// CAFile is a CA trusted besides the system's, for private endpoints.
	CAFile string `yaml:"ca_file"`
}

// LogAnalytics are the workspaces that hunts read.
type LogAnalytics struct {
	// WorkspaceID is the default workspace's.
	WorkspaceID string `yaml:"workspace_id"`
	// Workspaces are further ones: workspace ids by the short names that hunts give them.
	Workspaces map[string]string `yaml:"workspaces"`
	Endpoint   string            `yaml:"endpoint"`
	Audience   string            `yaml:"audience"`
	// Wait is how long the service may work on one query, at most MaxWait.
	Wait soar.Duration `yaml:"wait"`
	// Replicas is the number of workers: they share the service's concurrent queries.
	Replicas int `yaml:"replicas"`
	// Past is how far back a sender's own past is read.
	Past soar.Duration `yaml:"past"`
}

// MaxWait is the longest time the query API works on one query
// (https://learn.microsoft.com/azure/azure-monitor/logs/api/timeouts).
const MaxWait = 600 * time.Second

// MaxConcurrentQueries is how many queries one identity may run at once
// (https://learn.microsoft.com/azure/azure-monitor/service-limits#log-queries-and-language).
const MaxConcurrentQueries = 5

// QueriesAtOnce is one worker's share of the concurrent queries, at least 1.
func (l LogAnalytics) QueriesAtOnce() int {
	return max(1, MaxConcurrentQueries/max(1, l.Replicas))
}

// Graph is the directory's address, where it is not the cloud's.
type Graph struct {
	Endpoint string `yaml:"endpoint"`
	Scope    string `yaml:"scope"`
}

// Sentinel is the workspace that takes incidents.
type Sentinel struct {
	SubscriptionID string `yaml:"subscription_id"`
	ResourceGroup  string `yaml:"resource_group"`
	Workspace      string `yaml:"workspace"`
	// Owner is the object id of the user or group that incidents are assigned to; empty
	// assigns them to nobody. Owners are those of people who escalate, by Slack user id.
	Owner     string            `yaml:"owner"`
	Owners    map[string]string `yaml:"owners"`
	Endpoint  string            `yaml:"endpoint"`
	Audience  string            `yaml:"audience"`
	PortalURL string            `yaml:"portal_url"`
}

// The ways in which Slack reaches Harrier.
const (
	// SocketMode opens a WebSocket from here; no address need be public.
	SocketMode = "socket"
	// HTTPMode takes signed requests at Listen.
	HTTPMode = "http"
)

// Slack is where cards go and who may decide.
type Slack struct {
	BotToken      Secret `yaml:"bot_token"`
	AppToken      Secret `yaml:"app_token"`
	SigningSecret Secret `yaml:"signing_secret"`
	// PreviousSigningSecret is taken too while the secret is being changed.
	PreviousSigningSecret Secret   `yaml:"previous_signing_secret"`
	Mode                  string   `yaml:"mode"`
	Listen                string   `yaml:"listen"`
	APIURL                string   `yaml:"api_url"`
	Channels              Channels `yaml:"channels"`
	// Approvers may decide. An empty list means nobody and is refused at start
	// unless NobodyDecides says that it is meant.
	Approvers     soar.Approvers `yaml:"approvers"`
	NobodyDecides bool           `yaml:"nobody_decides"`
	// PageGroup is the user group that an escalated HIGH case mentions; empty mentions nobody.
	PageGroup string `yaml:"page_group"`
	// MaskSubjects are channels, by id, whose cards do not show subjects.
	MaskSubjects []string `yaml:"mask_subjects"`
}

// Masks says that a channel's cards do not show subjects.
func (s Slack) Masks(channel string) bool { return slices.Contains(s.MaskSubjects, channel) }

// Channels are Slack channels by id, not by name.
type Channels struct {
	Triage     string `yaml:"triage"`
	Escalation string `yaml:"escalation"`
	Operations string `yaml:"operations"`
	// Fallback takes cards when their own channel does not; empty is the operations channel.
	Fallback string `yaml:"fallback"`
}

// Audit is where audit records are written.
type Audit struct {
	Dir string `yaml:"dir"`
}

// Files are what else is read. Load makes them paths from the working directory.
type Files struct {
	Hunts        string `yaml:"hunts"`
	HuntSettings string `yaml:"hunt_settings"`
	Suppressions string `yaml:"suppressions"`
	Tenant       string `yaml:"tenant"`
	// Workspaces are the names that hunts may give, sorted; Load takes them from
	// log_analytics.workspaces.
	Workspaces []string `yaml:"-"`
}

// Health is where liveness and readiness are served, /livez and /readyz.
type Health struct {
	Listen string `yaml:"listen"`
}

// Default is the configuration before file and environment.
func Default() Config {
	return Config{
		Temporal:     Temporal{Address: "localhost:7233", Namespace: "default"},
		Azure:        Azure{Cloud: "public"},
		LogAnalytics: LogAnalytics{Wait: soar.Duration(3 * time.Minute), Replicas: 1, Past: soar.Duration(MaxLookback)},
		Slack:        Slack{Mode: SocketMode, Listen: ":8080", APIURL: "https://slack.com/api/"},
		Triage:       defaultTriage(),
		Digest:       Digest{Cron: "0 8 * * *", TimeZone: "UTC"},
		Audit:        Audit{Dir: "audit"},
		Files:        Files{Hunts: "hunts", HuntSettings: "hunts.yaml", Suppressions: "suppressions", Tenant: "tenant.yaml"},
		Health:       Health{Listen: "127.0.0.1:8081"},
	}
}

// Warnings are what is allowed but deserves a look, each with its place.
func (c Config) Warnings() []string { return c.warnings }
