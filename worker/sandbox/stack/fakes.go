package stack

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"harrier/activities/defender/defendertest"
	"harrier/activities/graph/graphtest"
	"harrier/activities/incidents/incidentstest"
	"harrier/activities/loganalytics/kql"
	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/activities/paging/pagingtest"
	"harrier/activities/slack/slacktest"
	"harrier/worker/sandbox/entra"
)

// Ids of the sandbox's tenant and application; invented.
const (
	TenantID       = "7f1f5a54-8c0e-4a57-9d0c-2f8f6d1c0a01"
	ClientID       = "3c0b1a8e-5d5e-4f0a-8a52-6d0f4b7e9c02"
	clientSecret   = "sandbox-secret"
	routingKey     = "sandbox-routing-key-0123456789ab"
	WorkspaceID    = "b6d9d8a2-1f53-4b3c-9a0d-7c1e2f3a4b03"
	subscriptionID = "0d2c1b3a-4e5f-4a6b-8c7d-9e0f1a2b3c04"
	resourceGroup  = "rg-soc"
	workspaceName  = "law-soc"

	TriageChannel     = "C0TRIAGE"
	EscalationChannel = "C0ESCALATE"
	OperationsChannel = "C0OPS"
	// Analyst and SecondAnalyst may decide, by the user group OnCall; Outsider may not.
	Analyst       = "U0AMIRA"
	SecondAnalyst = "U0BJORN"
	Outsider      = "U0CARLA"
	OnCall        = "S0ONCALL"
	bot           = "U0HARRIER"
)

// Audiences of the tokens the fakes take.
const (
	audienceLogs  = "https://api.loganalytics.io"
	audienceGraph = "https://graph.microsoft.com"
	audienceARM   = "https://management.azure.com"
)

func (s *Stack) startFakes() (err error) {
	certificate, ca, err := loopbackCertificate()
	if err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	s.listeners.certificate = certificate
	if err := s.write("ca.pem", ca); err != nil {
		return err
	}
	s.Entra = entra.New(entra.Config{TenantID: TenantID, Clients: map[string]string{ClientID: clientSecret}})
	s.LogAnalytics = loganalyticstest.New(loganalyticstest.Config{
		Workspaces: map[string]kql.Database{WorkspaceID: s.Tenant.Tables}, Authorize: s.Entra.Authorize(audienceLogs),
		// Every token is the one application's.
		Identity: func(string) string { return ClientID },
	})
	s.Graph = graphtest.New(graphtest.Config{Directory: s.Tenant.Directory, Authorize: s.Entra.Authorize(audienceGraph)})
	s.Defender = defendertest.New(defendertest.Config{Alerts: s.defenderAlerts(), Authorize: s.Entra.Authorize(audienceGraph)})
	s.Pager = pagingtest.New(pagingtest.Config{RoutingKey: routingKey})
	s.Incidents = incidentstest.New(incidentstest.Config{
		SubscriptionID: subscriptionID, ResourceGroup: resourceGroup, Workspace: workspaceName, Authorize: s.Entra.Authorize(audienceARM),
		Alerts: s.sentinelAlerts(),
	})
	return s.serveFakes()
}

// sentinelAlerts are the alerts of the tenant as Sentinel keeps them.
func (s *Stack) sentinelAlerts() map[string]incidentstest.Alert {
	out := map[string]incidentstest.Alert{}
	for _, a := range s.Tenant.Alerts {
		out[a.ID] = incidentstest.Alert{Tactics: a.Tactics, Entities: a.Entities}
	}
	return out
}

// defenderAlerts are the incidents of Defender's alerts, each of its own.
func (s *Stack) defenderAlerts() map[string]string {
	out := map[string]string{}
	for i, id := range s.Tenant.Defender {
		out[id] = strconv.Itoa(9301 + i)
	}
	return out
}

// serveGraph is Microsoft Graph: its directory, and its part that keeps Defender's incidents.
func (s *Stack) serveGraph(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, graphtest.Root+"/security/") {
		s.Defender.ServeHTTP(w, r)
		return
	}
	s.Graph.ServeHTTP(w, r)
}

func (s *Stack) serveFakes() (err error) {
	e := &s.endpoints
	if e.entra, err = s.listeners.tls(s.Entra); err != nil {
		return err
	}
	if e.logAnalytics, err = s.listeners.tls(s.LogAnalytics); err != nil {
		return err
	}
	if e.graph, err = s.listeners.tls(http.HandlerFunc(s.serveGraph)); err != nil {
		return err
	}
	if e.arm, err = s.listeners.tls(s.Incidents); err != nil {
		return err
	}
	if e.pager, err = s.listeners.tls(s.Pager); err != nil {
		return err
	}
	return s.serveSlack()
}

// serveSlack serves one workspace twice: over TLS for the worker, and without
// for a person's browser, which does not know our CA.
func (s *Stack) serveSlack() (err error) {
	workspace := slackWorkspace()
	for _, id := range s.Options.Channels {
		workspace.Channels = append(workspace.Channels, slacktest.Channel{ID: id, Name: strings.ToLower(id), Private: true, Members: []string{bot, Analyst, SecondAnalyst}})
	}
	s.Slack = slacktest.New(workspace)
	if s.endpoints.slack, err = s.listeners.tls(s.Slack.Handler()); err != nil {
		return err
	}
	s.SlackPage, err = s.listeners.plain(fmt.Sprintf("127.0.0.1:%d", s.Options.SlackPort), s.Slack.Handler())
	return err
}

func slackWorkspace() slacktest.Config {
	members := []string{bot, Analyst, SecondAnalyst, Outsider}
	return slacktest.Config{
		Team: slacktest.Team{ID: "T0CONTOSO", Name: "Contoso SOC", Domain: "contoso-soc"},
		Bot:  slacktest.Bot{UserID: bot, BotID: "B0HARRIER", Name: "harrier"},
		Users: []slacktest.User{
			{ID: Analyst, Name: "amira", RealName: "Amira Haddad", Email: "amira@contoso.com"},
			{ID: SecondAnalyst, Name: "bjorn", RealName: "Björn Lund", Email: "bjorn@contoso.com"},
			{ID: Outsider, Name: "carla", RealName: "Carla Ruiz", Email: "carla@contoso.com"},
		},
		UserGroups: []slacktest.UserGroup{{ID: OnCall, Handle: "soc-oncall", Name: "SOC on call", Members: []string{Analyst, SecondAnalyst}}},
		Channels: []slacktest.Channel{
			{ID: TriageChannel, Name: "soc-triage", Topic: "Cards to decide", Private: true, Members: members},
			{ID: EscalationChannel, Name: "soc-escalations", Topic: "Escalated cases", Private: true, Members: members},
			{ID: OperationsChannel, Name: "soc-operations", Topic: "What Harrier could not do", Private: true, Members: members},
		},
		Scopes: []string{"chat:write", "commands", "groups:history", "groups:read", "usergroups:read", "users:read",
			"im:history", "im:write", "users:read.email"},
	}
}
