package config

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Validate says everything that keeps a configuration from being used, joined.
func (c Config) Validate() error {
	check := checker{place: func(string) string { return "configuration" }}
	check.config(c)
	return check.err()
}

func (c *checker) config(cfg Config) {
	c.temporal(cfg.Temporal)
	c.azure(cfg.Azure)
	c.logAnalytics(cfg.LogAnalytics)
	c.https("graph.endpoint", cfg.Graph.Endpoint)
	c.sentinel(cfg.Sentinel)
	c.slack(cfg.Slack)
	c.triage(cfg.Triage)
	c.digest(cfg.Digest)
	c.paging(cfg.Paging)
	c.guards(cfg.Guards)
	c.required("audit.dir", cfg.Audit.Dir, "a folder for audit records")
	for _, f := range [][2]string{
		{"files.hunts", cfg.Files.Hunts}, {"files.hunt_settings", cfg.Files.HuntSettings},
		{"files.suppressions", cfg.Files.Suppressions}, {"files.tenant", cfg.Files.Tenant},
	} {
		c.required(f[0], f[1], "a path, from the configuration file's folder")
	}
	c.listen("health.listen", cfg.Health.Listen)
}

func (c *checker) required(path, value, want string) bool {
	if strings.TrimSpace(value) == "" {
		c.fail(path, "is missing; write %s, here or as %s", want, EnvName(path))
		return false
	}
	return true
}

func (c *checker) temporal(t Temporal) {
	if _, _, err := net.SplitHostPort(t.Address); err != nil {
		c.fail("temporal.address", "%q is not host and port; write it as localhost:7233", t.Address)
	}
	c.required("temporal.namespace", t.Namespace, "the namespace's name")
	if (t.TLS.CertFile == "") != (t.TLS.KeyFile == "") {
		c.fail("temporal.tls", "a client certificate needs cert_file and key_file; give both or none")
	}
	c.token("temporal.api_key", t.APIKey, "")
}

var guid = regexp.MustCompile(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func (c *checker) guid(path, value, what string) {
	if c.required(path, value, what) && !guid.MatchString(value) {
		c.fail(path, "%q is not a GUID; write %s, as 11111111-2222-3333-4444-555555555555", value, what)
	}
}

func (c *checker) azure(a Azure) {
	c.guid("azure.tenant_id", a.TenantID, "the directory (tenant) id")
	if a.ClientSecret.Given() || a.ClientID != "" {
		c.guid("azure.client_id", a.ClientID, "the application (client) id")
	}
	c.token("azure.client_secret", a.ClientSecret, "")
	if _, err := CloudNamed(a.Cloud); err != nil {
		c.fail("azure.cloud", "%v", err)
		return
	}
	c.https("azure.authority_host", a.AuthorityHost)
}

func (c *checker) logAnalytics(l LogAnalytics) {
	c.guid("log_analytics.workspace_id", l.WorkspaceID, "the workspace id")
	c.workspaces(l)
	c.https("log_analytics.endpoint", l.Endpoint)
	if l.Wait.Std() < time.Second || l.Wait.Std() > MaxWait {
		c.fail("log_analytics.wait", "is %s; write 1s to 600s, the query API works no longer on one query", l.Wait)
	} else if l.Wait.Std()%time.Second != 0 {
		c.fail("log_analytics.wait", "is %s; write whole seconds", l.Wait)
	}
	c.number("log_analytics.replicas", l.Replicas, 1, 100)
	c.span("log_analytics.past", l.Past, 24*time.Hour, 400*24*time.Hour)
	if l.Replicas > MaxConcurrentQueries {
		c.warn("log_analytics.replicas", "%d workers share %d concurrent queries; some will be refused and try again", l.Replicas, MaxConcurrentQueries)
	}
}

func (c *checker) sentinel(s Sentinel) {
	c.guid("sentinel.subscription_id", s.SubscriptionID, "the subscription id of the workspace")
	c.required("sentinel.resource_group", s.ResourceGroup, "the resource group of the workspace")
	c.required("sentinel.workspace", s.Workspace, "the workspace's name")
	if s.Owner != "" {
		c.guid("sentinel.owner", s.Owner, "the object id of the user or group that owns incidents")
	}
	for _, user := range slices.Sorted(maps.Keys(s.Owners)) {
		path := "sentinel.owners." + user
		c.slackID(path, user, userID, "the Slack user id of the person who escalates, as U0123456789")
		c.guid(path, s.Owners[user], "the object id of the person with this Slack user id")
	}
	c.https("sentinel.endpoint", s.Endpoint)
	c.https("sentinel.portal_url", s.PortalURL)
}

// https refuses addresses to which a token would go in the clear. Empty means
// that the cloud is not known, which is an error of its own.
func (c *checker) https(path, address string) {
	if address == "" {
		return
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		c.fail(path, "is not an address; write it as https://host/")
	case u.User != nil:
		c.fail(path, "holds a user or a password; write it as https://host/")
	case u.Scheme != "https" || u.Host == "":
		c.fail(path, "%q is not an https address; write it as https://host/", address)
	}
}

func (c *checker) listen(path, address string) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		c.fail(path, "%q is not an address to listen on; write it as 127.0.0.1:8081 or :8080", address)
	}
}

// token refuses what cannot be a secret, without printing it.
func (c *checker) token(path string, s Secret, prefix string) {
	switch v := s.Reveal(); {
	case v == "":
	case strings.ContainsAny(v, " \t\r\n"):
		c.fail(path, "holds white space; give the secret alone, without quotes or a line break")
	case !strings.HasPrefix(v, prefix):
		c.fail(path, "does not begin with %s; it is another kind of secret", prefix)
	}
}

func (c *checker) secret(path string, s Secret, prefix, want string) {
	if !s.Given() {
		c.fail(path, "is missing; set %s to %s", EnvName(path), want)
	}
	c.token(path, s, prefix)
}

func (c *checker) slack(s Slack) {
	c.secret("slack.bot_token", s.BotToken, "xoxb-", "the app's bot token")
	switch s.Mode {
	case SocketMode:
		c.secret("slack.app_token", s.AppToken, "xapp-", "an app-level token with connections:write")
	case HTTPMode:
		c.secret("slack.signing_secret", s.SigningSecret, "", "the app's signing secret; unsigned clicks are never taken")
		c.listen("slack.listen", s.Listen)
	default:
		c.fail("slack.mode", "%q is not known; write socket or http", s.Mode)
	}
	c.token("slack.previous_signing_secret", s.PreviousSigningSecret, "")
	c.required("slack.api_url", s.APIURL, "https://slack.com/api/")
	c.https("slack.api_url", s.APIURL)
	c.channels(s.Channels)
	c.ids("slack.mask_subjects", s.MaskSubjects, channelID, "a channel's id, as C0123456789")
	if s.PageGroup != "" {
		c.slackID("slack.page_group", s.PageGroup, groupID, "a user group's id, as S0123456789")
	}
	c.approvers(s)
}

var (
	channelID = regexp.MustCompile(`^[CG][A-Z0-9]+$`)
	userID    = regexp.MustCompile(`^[UW][A-Z0-9]+$`)
	groupID   = regexp.MustCompile(`^S[A-Z0-9]+$`)
)

func (c *checker) channels(ch Channels) {
	for _, f := range []struct{ path, id string }{
		{"slack.channels.triage", ch.Triage}, {"slack.channels.escalation", ch.Escalation}, {"slack.channels.operations", ch.Operations},
	} {
		if c.required(f.path, f.id, "a channel's id, as C0123456789") {
			c.slackID(f.path, f.id, channelID, "a channel's id, as C0123456789 (open the channel's details, at the bottom)")
		}
	}
	if ch.Fallback != "" {
		c.slackID("slack.channels.fallback", ch.Fallback, channelID, "a channel's id, as C0123456789")
	}
}

func (c *checker) slackID(path, id string, form *regexp.Regexp, want string) {
	if !form.MatchString(id) {
		c.fail(path, "%q is not an id; write %s", id, want)
	}
}

func (c *checker) approvers(s Slack) {
	const path = "slack.approvers"
	switch {
	case s.Approvers.Empty() && !s.NobodyDecides:
		c.fail(path, "nobody may decide: the list is empty; list users (U…) or groups (S…), or write slack.nobody_decides: true if that is meant")
	case s.Approvers.Empty():
		c.warn(path, "nobody may decide: every case runs into its deadline")
	case s.NobodyDecides:
		c.fail("slack.nobody_decides", "is true, but approvers are listed; take one away")
	}
	c.ids(path+".users", s.Approvers.Users, userID, "a user's id, as U0123456789")
	c.ids(path+".groups", s.Approvers.Groups, groupID, "a user group's id, as S0123456789")
	c.approverRules(s.Approvers)
}

func (c *checker) ids(path string, ids []string, form *regexp.Regexp, want string) {
	for i, id := range ids {
		c.slackID(fmt.Sprintf("%s[%d]", path, i), id, form, want)
	}
}
