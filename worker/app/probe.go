package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	slackapi "github.com/slack-go/slack"
	"go.temporal.io/api/workflowservice/v1"

	"harrier/config"
)

// ProbeResult is what one service answered.
type ProbeResult struct {
	Service string
	Works   bool
	Detail  string
	// Cure says what to grant or set when it does not work.
	Cure string
}

// minRetention keeps closed runs long enough for case numbers to go on.
const minRetention = 90 * 24 * time.Hour

// probeTimeout bounds one question to one service.
const probeTimeout = 20 * time.Second

// Probe asks every service one question that changes nothing there.
func Probe(ctx context.Context, cfg config.Config, c *Catalogue, log *slog.Logger) []ProbeResult {
	a, err := Wire(cfg, c, nil, log)
	if err != nil {
		return []ProbeResult{{Service: "configuration", Detail: err.Error(), Cure: "mend the configuration file"}}
	}
	out := probeTokens(ctx, cfg, a)
	out = append(out, probeQuery(ctx, a))
	out = append(out, probeSlack(ctx, cfg.Slack, a)...)
	return append(out, probeTemporal(ctx, cfg.Temporal, log))
}

func result(service string, err error, fine, cure string) ProbeResult {
	if err != nil {
		return ProbeResult{Service: service, Detail: oneLine(err.Error()), Cure: cure}
	}
	return ProbeResult{Service: service, Works: true, Detail: fine}
}

func oneLine(s string) string {
	line := strings.Join(strings.Fields(s), " ")
	return line[:min(len(line), 200)]
}

func probeTokens(ctx context.Context, cfg config.Config, a *Adapters) []ProbeResult {
	var out []ProbeResult
	for _, t := range []struct{ service, scope, cure string }{
		{"token for Log Analytics", cfg.LogAnalytics.Audience + "/.default", "check tenant, client id and secret; give the application its custom role on the workspace"},
		{"token for Graph", cfg.Graph.Scope, "grant User.Read.All, MailboxSettings.Read, GroupMember.Read.All and consent to them"},
		{"token for Sentinel", strings.TrimSuffix(cfg.Sentinel.Audience, "/") + "/.default", "give the application the incident role on the workspace"},
	} {
		bounded, cancel := context.WithTimeout(ctx, probeTimeout)
		token, err := a.Credential.GetToken(bounded, policy.TokenRequestOptions{Scopes: []string{t.scope}})
		cancel()
		out = append(out, result(t.service, err, "valid until "+token.ExpiresOn.UTC().Format(time.RFC3339), t.cure))
	}
	return out
}

func probeQuery(ctx context.Context, a *Adapters) ProbeResult {
	bounded, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	err := a.LogAnalytics.Ping(bounded)
	return result("query in Log Analytics", err, "print answered", "grant workspaces/read, workspaces/query/read and query/<Table>/read on the workspace")
}

func probeSlack(ctx context.Context, c config.Slack, a *Adapters) []ProbeResult {
	scopes := &scopeReader{next: a.HTTP.Transport}
	bounded, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	client := slackClient(c, &http.Client{Transport: scopes})
	who, err := client.AuthTestContext(bounded)
	if err != nil {
		return []ProbeResult{result("slack token", err, "", "install the app from config/slack-app.yaml and give its bot token")}
	}
	out := []ProbeResult{
		{Service: "slack token", Works: true, Detail: who.User + " in " + who.Team},
		scopesResult(scopes.got),
	}
	for _, ch := range []struct{ name, id string }{{"triage", c.Channels.Triage}, {"escalation", c.Channels.Escalation}, {"operations", c.Channels.Operations}} {
		out = append(out, probeChannel(bounded, client, ch.name, ch.id))
	}
	return out
}

func scopesResult(got []string) ProbeResult {
	var missing []string
	for _, s := range config.SlackBotScopes() {
		if !slices.Contains(got, s) {
			missing = append(missing, s)
		}
	}
	if len(missing) > 0 {
		return ProbeResult{Service: "slack scopes", Detail: "missing " + strings.Join(missing, ", "), Cure: "add them to the app and install it again"}
	}
	return ProbeResult{Service: "slack scopes", Works: true, Detail: strings.Join(got, ", ")}
}

func probeChannel(ctx context.Context, client *slackapi.Client, name, id string) ProbeResult {
	service := "slack channel " + name
	info, err := client.GetConversationInfoContext(ctx, &slackapi.GetConversationInfoInput{ChannelID: id})
	switch {
	case err != nil:
		return result(service, fmt.Errorf("%s: %w", id, err), "", "give the channel's id and invite the app to it")
	case info.IsArchived:
		return ProbeResult{Service: service, Detail: id + " is archived", Cure: "name another channel"}
	case !info.IsMember:
		return ProbeResult{Service: service, Detail: "the app is not in #" + info.Name, Cure: "/invite the app in #" + info.Name}
	}
	return ProbeResult{Service: service, Works: true, Detail: "#" + info.Name}
}

// scopeReader keeps the scopes Slack names in every answer.
type scopeReader struct {
	next http.RoundTripper
	got  []string
}

// RoundTrip passes the request on and reads X-OAuth-Scopes of the answer.
func (r *scopeReader) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := r.next.RoundTrip(req)
	if err == nil && res.Header.Get("X-OAuth-Scopes") != "" {
		r.got = nil
		for _, s := range strings.Split(res.Header.Get("X-OAuth-Scopes"), ",") {
			r.got = append(r.got, strings.TrimSpace(s))
		}
	}
	return res, err
}

func probeTemporal(ctx context.Context, c config.Temporal, log *slog.Logger) ProbeResult {
	const service = "temporal"
	cl, err := Dial(c, log)
	if err != nil {
		return result(service, err, "", "start Temporal, or mend temporal.address and namespace")
	}
	defer cl.Close()
	bounded, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	ns, err := cl.WorkflowService().DescribeNamespace(bounded, &workflowservice.DescribeNamespaceRequest{Namespace: c.Namespace})
	if err != nil {
		return result(service, err, "", "create the namespace, or let the worker describe it")
	}
	kept := ns.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration()
	if kept < minRetention {
		return ProbeResult{
			Service: service, Detail: fmt.Sprintf("closed runs are kept %.0f days", kept.Hours()/24),
			Cure: "temporal operator namespace update --retention 90d -n " + c.Namespace,
		}
	}
	return ProbeResult{Service: service, Works: true, Detail: fmt.Sprintf("namespace %s keeps %.0f days", c.Namespace, kept.Hours()/24)}
}
