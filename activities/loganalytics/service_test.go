package loganalytics_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"go.yaml.in/yaml/v3"

	"harrier/activities/loganalytics"
	"harrier/activities/loganalytics/kql"
	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/workflows/soar"
)

// secret is the token of every test: no error may show it.
const secret = "token-that-must-never-be-shown"

type token struct{}

func (token) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: secret, ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// service is the fake query API over a world's rows.
type service struct {
	*loganalyticstest.Server
	loganalyticstest.Running
	t testing.TB
}

const workspace = "00000000-0000-0000-0000-000000000001"

// now is the clock of services and clients, some days after the tests' rows.
func now() time.Time { return at(24 * 10) }

func newService(t testing.TB, w *world) *service {
	s := &service{Server: loganalyticstest.New(loganalyticstest.Config{
		Workspaces: map[string]kql.Database{workspace: w.db}, Now: now,
		Authorize: func(bearer string) bool { return bearer == secret },
		Limits:    loganalyticstest.Limits{Requests: 1_000_000},
	}), t: t}
	s.Running = s.Start()
	t.Cleanup(s.Close)
	return s
}

// failing is a service without rows that meets every query with a fault.
func failing(t testing.TB, f loganalyticstest.Fault) *service {
	s := newService(t, newWorld(t))
	s.Fail(f)
	return s
}

var contoso = soar.Tenant{AcceptedDomains: []string{"contoso.com", "contoso.onmicrosoft.com"}}

// config is a Client's configuration for the service.
func (s *service) config() loganalytics.Config {
	return loganalytics.Config{
		WorkspaceID: workspace, Endpoint: s.URL, Audience: s.URL, Credential: token{},
		HTTPClient: s.Running.Client, Tenant: func() soar.Tenant { return contoso },
		Wait: soar.Duration(60 * time.Second), Past: soar.Duration(90 * 24 * time.Hour),
		Now: now, Logger: slog.New(slog.DiscardHandler),
	}
}

// client is a Client of the service.
func (s *service) client() *loganalytics.Client {
	s.t.Helper()
	c, err := loganalytics.New(s.config())
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// shipped reads a hunt as it ships, with its settings.
func shipped(t testing.TB, slug string) soar.Hunt {
	t.Helper()
	var file struct {
		ID, Name, Query string
	}
	read(t, filepath.Join("..", "..", "config", "hunts", slug+".yaml"), &file)
	var settings struct {
		Hunts map[string]struct {
			Slug              string
			soar.HuntSettings `yaml:",inline"`
		}
	}
	read(t, filepath.Join("..", "..", "config", "hunts.yaml"), &settings)
	mine, ok := settings.Hunts[file.ID]
	if !ok || mine.Slug != slug {
		t.Fatalf("config/hunts.yaml has no settings for %s (%s)", slug, file.ID)
	}
	return soar.Hunt{ID: file.ID, Slug: slug, Name: file.Name, Query: file.Query, Settings: mine.HuntSettings}
}

func read(t testing.TB, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// over is a run of a hunt between two hours of the tests' time.
func over(h soar.Hunt, from, to float64) soar.HuntRun {
	return soar.HuntRun{Hunt: h, Window: soar.NewWindow(at(from), at(to)), RunID: "run"}
}
