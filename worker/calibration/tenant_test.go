package calibration_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"harrier/activities/loganalytics"
	"harrier/activities/loganalytics/kql"
	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/worker/calibration"
	"harrier/worker/sandbox/tenant"
	"harrier/workflows/soar"
)

type token struct{}

func (token) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "t", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// The sandbox's tenant, of which nothing is declared: what is drafted from a month of
// its mail loads, and finds its tools again.
func TestAnUndeclaredTenantIsDraftedFromItsMail(t *testing.T) {
	anchor := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	invented := tenant.New(tenant.Options{Seed: 1, Anchor: anchor, Rows: 20_000, Mailboxes: tenant.MinMailboxes})
	now := func() time.Time { return anchor }
	service := loganalyticstest.New(loganalyticstest.Config{Workspaces: map[string]kql.Database{"w": invented.Tables}, Now: now}).Start()
	t.Cleanup(service.Close)
	undeclared := soar.Tenant{AcceptedDomains: invented.Settings.AcceptedDomains}
	c, err := loganalytics.New(loganalytics.Config{
		WorkspaceID: "w", Endpoint: service.URL, Audience: service.URL, Credential: token{}, HTTPClient: service.Client,
		Tenant: func() soar.Tenant { return undeclared }, Now: now, Wait: soar.Duration(time.Minute), Past: soar.Duration(28 * 24 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	measured, err := c.Calibrate(t.Context(), loganalytics.CalibrateRequest{Days: 28, MinMails: 10})
	if err != nil {
		t.Fatal(err)
	}
	d, err := calibration.New(calibration.Input{Measured: measured, Tenant: undeclared, Load: inForce(t), Today: anchor.Truncate(24 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	drafted, rules := loaded(t, d)
	found := 0
	for tool, senders := range drafted.Tools {
		for _, s := range senders {
			if slices.ContainsFunc(invented.Settings.Tools[tool], func(o soar.ToolSender) bool { return o.Path == s.Path && slices.Contains(o.Senders, s.Senders[0]) }) {
				found++
			}
		}
	}
	t.Logf("%d own senders, %d services, %d tools, %d of their senders as declared in the sandbox, %d rules", len(measured.Own), len(measured.Services), len(drafted.Tools), found, len(rules))
	if found < 5 {
		t.Errorf("%d senders of tools were found again\n%s\n%s", found, d.Tenant, d.Rules)
	}
}
