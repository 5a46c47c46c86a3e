package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

func (s *Stack) write(name string, data []byte) error {
	if err := os.WriteFile(filepath.Join(s.Options.Dir, name), data, 0o600); err != nil {
		return fmt.Errorf("write the sandbox's configuration: %w", err)
	}
	return nil
}

// writeConfig writes what an operator would: the configuration and the
// tenant's own settings. Hunts and suppressions are the shipped ones.
func (s *Stack) writeConfig() error {
	tenantYAML, err := yaml.Marshal(s.Tenant.Settings)
	if err != nil {
		return err
	}
	if err := s.write("tenant.yaml", tenantYAML); err != nil {
		return err
	}
	if err := s.writeHunts(); err != nil {
		return err
	}
	settings, err := s.huntSettings()
	if err != nil {
		return err
	}
	if err := s.write("hunts.yaml", settings); err != nil {
		return err
	}
	s.ConfigFile = filepath.Join(s.Options.Dir, "harrier.yaml")
	text, err := yaml.Marshal(s.settings())
	if err != nil {
		return err
	}
	return s.write("harrier.yaml", text)
}

// huntsDir holds the shipped hunting files, or a copy of them with more beside.
func (s *Stack) huntsDir() string {
	if len(s.Options.Hunts) == 0 {
		return filepath.Join(s.Options.Root, "config", "hunts")
	}
	return filepath.Join(s.Options.Dir, "hunts")
}

func (s *Stack) writeHunts() error {
	if len(s.Options.Hunts) == 0 {
		return nil
	}
	if err := os.CopyFS(s.huntsDir(), os.DirFS(filepath.Join(s.Options.Root, "config", "hunts"))); err != nil {
		return fmt.Errorf("copy the shipped hunts: %w", err)
	}
	for name, text := range s.Options.Hunts {
		if err := s.write(filepath.Join("hunts", name), []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

// huntSettings are the shipped ones, with what this sandbox changes.
func (s *Stack) huntSettings() ([]byte, error) {
	shipped := filepath.Join(s.Options.Root, "config", "hunts.yaml")
	data, err := os.ReadFile(shipped)
	if err != nil || s.Options.Settings == nil {
		return data, err
	}
	var file struct {
		Hunts map[string]map[string]any `yaml:"hunts"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("read %s: %w", shipped, err)
	}
	s.Options.Settings(file.Hunts)
	return yaml.Marshal(file)
}

type object = map[string]any

func (s *Stack) settings() object {
	e, dir := s.endpoints, s.Options.Dir
	return object{
		"temporal": object{"address": s.TemporalAddress, "namespace": "default"},
		"azure": object{
			"tenant_id": TenantID, "client_id": ClientID, "client_secret": clientSecret,
			"authority_host": e.entra + "/", "ca_file": filepath.Join(dir, "ca.pem"),
		},
		"log_analytics": object{"workspace_id": WorkspaceID, "endpoint": e.logAnalytics + "/v1", "audience": audienceLogs},
		"graph":         object{"endpoint": e.graph + "/v1.0", "scope": audienceGraph + "/.default"},
		"sentinel": object{
			"subscription_id": subscriptionID, "resource_group": resourceGroup, "workspace": workspaceName,
			"endpoint": e.arm, "audience": audienceARM,
		},
		"slack": object{
			"bot_token": s.Slack.BotToken(), "app_token": s.Slack.AppToken(), "signing_secret": s.Slack.SigningSecret(),
			"api_url":    e.slack + "/api/",
			"channels":   object{"triage": TriageChannel, "escalation": EscalationChannel, "operations": OperationsChannel},
			"approvers":  object{"groups": []string{OnCall}},
			"page_group": OnCall,
		},
		"defender": object{"comment": true},
		"paging":   object{"provider": "pagerduty", "url": e.pager + "/v2/enqueue", "routing_key": routingKey},
		"triage":   object{"sender_deadlines": s.senderDeadlines()},
		"audit":    object{"dir": filepath.Join(dir, "audit")},
		"health":   object{"listen": "127.0.0.1:0"},
		"files": object{
			"hunts":         s.huntsDir(),
			"suppressions":  filepath.Join(s.Options.Root, "config", "suppressions"),
			"hunt_settings": filepath.Join(dir, "hunts.yaml"), "tenant": filepath.Join(dir, "tenant.yaml"),
		},
	}
}

func (s *Stack) senderDeadlines() map[string]string {
	out := map[string]string{}
	if s.Options.Deadlines == nil {
		return out
	}
	for sender, d := range s.Options.Deadlines(s.Tenant) {
		out[strings.ToLower(sender)] = d.String()
	}
	return out
}
