package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"harrier/config"
	"harrier/workflows/soar"
)

// vars is an environment.
type vars map[string]string

func (v vars) get(name string) string { return v[name] }

func slackVars(more ...string) vars {
	v := vars{"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
	for i := 0; i+1 < len(more); i += 2 {
		v[more[i]] = more[i+1]
	}
	return v
}

// example is the shipped configuration with some text replaced.
func example(t *testing.T, replace ...string) (file, dir string) {
	t.Helper()
	text, err := os.ReadFile("harrier.yaml")
	must(t, err)
	for i := 0; i+1 < len(replace); i += 2 {
		if !strings.Contains(string(text), replace[i]) {
			t.Fatalf("the example lacks %q", replace[i])
		}
	}
	dir = folder(t, map[string]string{"harrier.yaml": strings.NewReplacer(replace...).Replace(string(text))})
	return filepath.Join(dir, "harrier.yaml"), dir
}

func TestTheShippedExampleLoadsWithTheDefaults(t *testing.T) {
	c, err := config.Load("harrier.yaml", slackVars().get)
	must(t, err)
	if c.Temporal.Address != "localhost:7233" || c.Temporal.UsesTLS() || c.LogAnalytics.Wait.Std() != 3*time.Minute ||
		c.LogAnalytics.Past.Std() != 90*24*time.Hour || c.LogAnalytics.Endpoint != "https://api.loganalytics.io/v1" ||
		c.Slack.Mode != config.SocketMode || c.Files.Hunts != "hunts" || c.Audit.Dir != "audit" || c.Health.Listen != "127.0.0.1:8081" {
		t.Errorf("loaded %+v", c)
	}
	if len(c.Warnings()) > 0 {
		t.Errorf("warnings %q", c.Warnings())
	}
	p := c.Policy(time.Now())
	if p.Channel != "C0000000001" || p.OperationsChannel != "C0000000003" || p.DeadlineFor(soar.Finding{}, soar.SeverityMedium).Std() != 4*time.Hour {
		t.Errorf("policy %+v", p)
	}
}

func TestTheExampleShowsTheRealDefaults(t *testing.T) {
	text, err := os.ReadFile("harrier.yaml")
	must(t, err)
	for _, want := range []string{
		"# wait: 3m ", "# replicas: 1 ", "# past: 90d", "# deadlines: {high: 1h, medium: 4h, low: 24h}", "# mode: socket", `# listen: ":8080"`,
		"#   listen: 127.0.0.1:8081", "#   dir: audit", "#   hunts: hunts\n", "# address: localhost:7233", "# cloud: public",
		"# second_person: {over: 30d, privileged: true}", "# undo: 10m ", "# remind: 15m ", "# on_call: 5m ", "# louder_by: 3 ", "# gap_notice: 24h ",
		`#   cron: "0 8 * * *"`, "#   comment: false",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the example does not show %q", want)
		}
	}
}

func TestTheEnvironmentGoesBeforeTheFile(t *testing.T) {
	file, dir := example(t)
	c, err := config.Load(file, slackVars("TEMPORAL_ADDRESS", "temporal:7233", "AZURE_TENANT_ID", strings.Repeat("9", 8)+"-1111-1111-1111-111111111111",
		"HARRIER_LOG_ANALYTICS_WAIT", "600s", "HARRIER_LOG_ANALYTICS_REPLICAS", "3", "TEMPORAL_TLS", "true", "TEMPORAL_TLS_SERVER_CA_CERT_PATH", "ca.pem").get)
	must(t, err)
	if c.Temporal.Address != "temporal:7233" || !strings.HasPrefix(c.Azure.TenantID, "9") || c.LogAnalytics.Wait.Std() != config.MaxWait ||
		c.LogAnalytics.QueriesAtOnce() != 1 || !c.Temporal.UsesTLS() || c.Temporal.TLS.CAFile != filepath.Join(dir, "ca.pem") {
		t.Errorf("loaded %+v", c)
	}
}

func TestEveryCloudHasItsOwnAddresses(t *testing.T) {
	for cloud, suffix := range map[string]string{"public": ".com/", "usgov": ".us/", "china": ".cn/"} {
		c, err := config.Load("harrier.yaml", slackVars("HARRIER_AZURE_CLOUD", cloud).get)
		must(t, err)
		named, err := config.CloudNamed(cloud)
		must(t, err)
		if !strings.HasSuffix(c.Azure.AuthorityHost, suffix) || c.Graph.Endpoint != named.Graph || c.LogAnalytics.Audience != named.LogAnalyticsAudience ||
			c.Sentinel.Endpoint != named.ResourceManager || c.Sentinel.PortalURL != named.AzurePortal {
			t.Errorf("%s: %+v", cloud, c)
		}
	}
	_, err := config.Load("harrier.yaml", slackVars("HARRIER_AZURE_CLOUD", "usgovt").get)
	reads(t, err, "", `HARRIER_AZURE_CLOUD: azure.cloud: cloud "usgovt" is not known; write one of public, usgov, china; did you mean usgov?`)
}

var mark = regexp.MustCompile(`<<(.+?)>>`)

// withLines puts the number of the first line that holds the text for <<text>>.
func withLines(t *testing.T, file, want string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	return mark.ReplaceAllStringFunc(want, func(m string) string {
		before, _, found := strings.Cut("\n"+string(text), strings.Trim(m, "<>"))
		if !found {
			t.Fatalf("%s lacks %s", file, m)
		}
		return fmt.Sprint(strings.Count(before, "\n"))
	})
}

func TestWhatIsWrongIsNamedWithPlaceAndCure(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		env      []string
		want     string
	}{
		"wait too long":       {"# wait: 3m ", "wait: 1000s ", nil, `harrier.yaml:<<wait: 1000s>>: log_analytics.wait: is 16m40s; write 1s to 600s, the query API works no longer on one query`},
		"wait of nothing":     {"# wait: 3m ", "wait: 0s ", nil, `harrier.yaml:<<wait: 0s>>: log_analytics.wait: is 0s; write 1s to 600s, the query API works no longer on one query`},
		"wait as a row limit": {"", "", []string{"HARRIER_LOG_ANALYTICS_WAIT", "30000"}, `HARRIER_LOG_ANALYTICS_WAIT: read duration "30000": write it as 90s, 15m, 36h or 7d`},
		"no replicas":         {"# replicas: 1 ", "replicas: 0 ", nil, `harrier.yaml:<<replicas: 0>>: log_analytics.replicas: is 0; write 1 to 100`},
		"unset secret": {"# client_secret: ${AZURE_CLIENT_SECRET}", "client_secret: ${AZURE_SECRET}", nil,
			`harrier.yaml:<<client_secret: ${AZURE_SECRET}>>: azure.client_secret: the environment variable AZURE_SECRET is not set; set it, or leave the key out`},
		"variable elsewhere": {"# namespace: default ", "namespace: ${HOME} ", nil,
			`harrier.yaml:<<namespace: ${HOME}>>: temporal.namespace: ${…} is filled in for secrets alone; write the value, or set TEMPORAL_NAMESPACE in the environment`},
		"no bot token":    {"", "", []string{"SLACK_BOT_TOKEN", ""}, `harrier.yaml:<<slack:>>: slack.bot_token: is missing; set SLACK_BOT_TOKEN to the app's bot token`},
		"wrong token":     {"", "", []string{"SLACK_BOT_TOKEN", "xapp-2"}, `SLACK_BOT_TOKEN: slack.bot_token: does not begin with xoxb-; it is another kind of secret`},
		"token with line": {"", "", []string{"SLACK_BOT_TOKEN", "xoxb-1\nadmin: true"}, `SLACK_BOT_TOKEN: slack.bot_token: holds white space; give the secret alone, without quotes or a line break`},
		"no signing secret": {"# mode: socket ", "mode: http ", nil,
			`harrier.yaml:<<slack:>>: slack.signing_secret: is missing; set SLACK_SIGNING_SECRET to the app's signing secret; unsigned clicks are never taken`},
		"unknown mode": {"# mode: socket ", "mode: events ", nil, `harrier.yaml:<<mode: events>>: slack.mode: "events" is not known; write socket or http`},
		"channel name": {"triage: C0000000001", "triage: '#triage'", nil,
			`harrier.yaml:<<triage: '#triage'>>: slack.channels.triage: "#triage" is not an id; write a channel's id, as C0123456789 (open the channel's details, at the bottom)`},
		"nobody approves": {"users: [U0000000001]", "users: []", nil,
			`harrier.yaml:<<approvers:>>: slack.approvers: nobody may decide: the list is empty; list users (U…) or groups (S…), or write slack.nobody_decides: true if that is meant`},
		"no approvers key": {"approvers:              # who may decide; nobody else, whatever channel they are in\n    users: [U0000000001]", "", nil,
			`harrier.yaml:<<slack:>>: slack.approvers: nobody may decide: the list is empty; list users (U…) or groups (S…), or write slack.nobody_decides: true if that is meant`},
		"approver by name": {"users: [U0000000001]", "users: [anna]", nil, `harrier.yaml:<<users: [anna]>>: slack.approvers.users[0]: "anna" is not an id; write a user's id, as U0123456789`},
		"page group by handle": {"# page_group: S0000000001 ", "page_group: oncall-team ", nil,
			`harrier.yaml:<<page_group: oncall-team>>: slack.page_group: "oncall-team" is not an id; write a user group's id, as S0123456789`},
		"owners by name, in order": {"# owners:  ", "owners: {zoe: 22222222-3333-4444-5555-666666666666, U1: nobody, anna: 22222222-3333-4444-5555-666666666666} #",
			nil, `harrier.yaml:<<owners:>>: sentinel.owners.U1: "nobody" is not a GUID; write the object id of the person with this Slack user id, as 11111111-2222-3333-4444-555555555555
harrier.yaml:<<owners:>>: sentinel.owners.anna: "anna" is not an id; write the Slack user id of the person who escalates, as U0123456789
harrier.yaml:<<owners:>>: sentinel.owners.zoe: "zoe" is not an id; write the Slack user id of the person who escalates, as U0123456789`},
		"token in the clear": {"# api_url: https://slack.com/api/", "api_url: http://slack.test/", nil,
			`harrier.yaml:<<api_url: http:>>: slack.api_url: "http://slack.test/" is not an https address; write it as https://host/`},
		"password in an address": {"# api_url: https://slack.com/api/", "api_url: https://u:hunter2@x/", nil,
			`harrier.yaml:<<api_url: https://u:>>: slack.api_url: holds a user or a password; write it as https://host/`},
		"not a GUID":     {"33333333-3333", "3333", nil, `harrier.yaml:<<workspace_id: 3333>>: log_analytics.workspace_id: "3333-3333-3333-333333333333" is not a GUID; write the workspace id, as 11111111-2222-3333-4444-555555555555`},
		"typing error":   {"workspace_id", "workspce_id", nil, "harrier.yaml:<<workspce_id>>: log_analytics: unknown key \"workspce_id\"; did you mean \"workspace_id\"?\nharrier.yaml:<<log_analytics:>>: log_analytics.workspace_id: is missing; write the workspace id, here or as HARRIER_LOG_ANALYTICS_WORKSPACE_ID"},
		"half a key":     {"", "", []string{"TEMPORAL_TLS_CLIENT_CERT_PATH", "c.pem"}, `harrier.yaml:<<temporal:>>: temporal.tls: a client certificate needs cert_file and key_file; give both or none`},
		"no such number": {"", "", []string{"TEMPORAL_TLS", "maybe"}, `TEMPORAL_TLS: expected true or false, found "maybe"`},
	} {
		t.Run(name, func(t *testing.T) {
			file, dir := example(t, c.old, c.new)
			_, err := config.Load(file, slackVars(c.env...).get)
			reads(t, err, dir, withLines(t, file, c.want))
		})
	}
}

func TestNobodyMayDecideOnlyWhenItIsMeantAndThatIsAWarning(t *testing.T) {
	file, dir := example(t, "users: [U0000000001]", "users: []", "# nobody_decides: false", "nobody_decides: true")
	c, err := config.Load(file, slackVars().get)
	must(t, err)
	if got := strings.ReplaceAll(strings.Join(c.Warnings(), "\n"), dir+"/", ""); got != withLines(t, file, "harrier.yaml:<<approvers:>>: slack.approvers: nobody may decide: every case runs into its deadline") {
		t.Errorf("warnings %q", got)
	}
}

func TestSecretsAreFilledInWholeAndNothingElseIsTouched(t *testing.T) {
	for _, secret := range []string{"abc#def", "p$1#w", "1111$2222", "${HOME}", `a"b'c\d`} {
		file, _ := example(t, "# client_secret: ${AZURE_CLIENT_SECRET}", "client_secret: ${MY_SECRET}", "resource_group: security", "resource_group: $a ${b} $$")
		c, err := config.Load(file, slackVars("MY_SECRET", secret).get)
		must(t, err)
		if c.Azure.ClientSecret.Reveal() != secret || c.Sentinel.ResourceGroup != "$a ${b} $$" {
			t.Errorf("secret %q became %q, resource group %q", secret, c.Azure.ClientSecret.Reveal(), c.Sentinel.ResourceGroup)
		}
	}
}

func TestASecretInTheFileIsAWarningThatDoesNotPrintIt(t *testing.T) {
	file, _ := example(t, "# client_secret: ${AZURE_CLIENT_SECRET}", "client_secret: hunter2")
	c, err := config.Load(file, slackVars().get)
	must(t, err)
	w := strings.Join(c.Warnings(), "\n")
	if !strings.Contains(w, withLines(t, file, "harrier.yaml:<<client_secret: hunter2>>: azure.client_secret: the secret stands in the file")) || strings.Contains(w, "hunter2") {
		t.Errorf("warnings %q", w)
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	const value = "hunter2"
	c := config.Default()
	c.Slack.BotToken, c.Azure.ClientSecret, c.Paging.RoutingKey, c.Paging.Secret = value, value, value, value
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		fmt.Fprintf(&out, verb, c)
		fmt.Fprintf(&out, verb, &c.Slack)
		fmt.Fprintf(&out, verb, c.Slack.BotToken)
		fmt.Fprintf(&out, verb, []config.Secret{value})
	}
	must(t, json.NewEncoder(&out).Encode(c))
	must(t, yaml.NewEncoder(&out).Encode(c))
	slog.New(slog.NewJSONHandler(&out, nil)).Info("config", "config", c, "token", c.Slack.BotToken)
	slog.New(slog.NewTextHandler(&out, nil)).Info("config", "config", c, "token", c.Slack.BotToken)
	_ = json.NewEncoder(&out).Encode(map[string]any{"error": fmt.Errorf("post with %v", c.Slack.BotToken).Error()})
	for _, leak := range []string{value, fmt.Sprintf("%x", value), fmt.Sprintf("%X", value)} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q was printed in\n%s", leak, out.String())
		}
	}
	if !strings.Contains(out.String(), "***") || c.Slack.BotToken.Reveal() != value {
		t.Error("a secret must print *** and reveal itself on demand")
	}
}

func TestTheSlackAppAsksForTheScopesTheCodeUses(t *testing.T) {
	text, err := os.ReadFile("slack-app.yaml")
	must(t, err)
	var app struct {
		Features struct {
			SlashCommands []struct{ Command string } `yaml:"slash_commands"`
		}
		OAuth    struct{ Scopes struct{ Bot []string } } `yaml:"oauth_config"`
		Settings struct {
			Interactivity struct {
				Enabled bool `yaml:"is_enabled"`
			}
			SocketMode bool `yaml:"socket_mode_enabled"`
		}
	}
	must(t, yaml.Unmarshal(text, &app))
	if !slices.Equal(app.OAuth.Scopes.Bot, config.SlackBotScopes()) {
		t.Errorf("manifest %v, code %v", app.OAuth.Scopes.Bot, config.SlackBotScopes())
	}
	if len(app.Features.SlashCommands) != 1 || app.Features.SlashCommands[0].Command != "/hunt" || !app.Settings.Interactivity.Enabled || !app.Settings.SocketMode {
		t.Errorf("manifest %+v", app)
	}
}
