package graph_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"go.temporal.io/sdk/temporal"

	"harrier/activities/graph"
	"harrier/activities/graph/graphtest"
	"harrier/workflows/soar"
)

const token = "graph-token-that-must-not-leak"

var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// clock is a time that moves only when told.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// credential hands out one token, or fails.
type credential struct{ err error }

func (c credential) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: token, ExpiresOn: time.Now().Add(time.Hour)}, c.err
}

// bench is a client against a fake.
type bench struct {
	t      *testing.T
	fake   *graphtest.Server
	http   *httptest.Server
	client *graph.Client
	clock  *clock
}

func newBench(t *testing.T, d graphtest.Directory, tenant soar.Tenant) *bench {
	t.Helper()
	return newBenchOfPages(t, d, tenant, 3)
}

// newBenchOfPages is a bench whose service gives so many rows a page.
func newBenchOfPages(t *testing.T, d graphtest.Directory, tenant soar.Tenant, size int) *bench {
	t.Helper()
	tenant.AcceptedDomains = append(tenant.AcceptedDomains, "contoso.com")
	b := &bench{t: t, clock: &clock{at: start}}
	b.fake = graphtest.New(graphtest.Config{
		Directory: d, PageSize: size, Now: b.clock.Now,
		Authorize: func(given string) bool { return given == token },
	})
	b.http = b.fake.Start()
	t.Cleanup(b.http.Close)
	b.client = b.newClient(tenant, credential{})
	return b
}

func (b *bench) newClient(tenant soar.Tenant, cred azcore.TokenCredential) *graph.Client {
	b.t.Helper()
	client, err := graph.New(graph.Config{
		BaseURL: b.http.URL + graphtest.Root, Credential: cred, HTTPClient: b.http.Client(),
		Tenant: tenant, Now: b.clock.Now,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return client
}

func (b *bench) lookUp(refs ...soar.SenderRef) soar.Profiles {
	b.t.Helper()
	out, err := b.client.LookUpSenders(b.t.Context(), soar.ProfilesRequest{Senders: refs})
	if err != nil {
		b.t.Fatalf("look up %v: %v", refs, err)
	}
	if len(out.Profiles) != len(refs) {
		b.t.Fatalf("%d profiles for %d senders", len(out.Profiles), len(refs))
	}
	return out
}

func (b *bench) profile(address string) soar.SenderProfile {
	b.t.Helper()
	return b.lookUp(soar.SenderRef{Address: address}).Profiles[0]
}

func (b *bench) failure(refs ...soar.SenderRef) *temporal.ApplicationError {
	b.t.Helper()
	_, err := b.client.LookUpSenders(b.t.Context(), soar.ProfilesRequest{Senders: refs})
	return applicationError(b.t, err)
}

func applicationError(t *testing.T, err error) *temporal.ApplicationError {
	t.Helper()
	var app *temporal.ApplicationError
	if !errors.As(err, &app) {
		t.Fatalf("error is %T %v, want an ApplicationError", err, err)
	}
	if err != error(app) {
		t.Fatalf("the ApplicationError is wrapped: %v", err)
	}
	return app
}

func person(name string) graphtest.User {
	return graphtest.User{
		ID: "id-" + name, UserPrincipalName: name + "@contoso.com", Mail: name + "@contoso.com",
		DisplayName: name, ProxyAddresses: []string{"SMTP:" + name + "@contoso.com"},
		AccountEnabled: true, AssignedLicenses: []string{"sku-e5"}, MailboxPurpose: "user",
		JobTitle: "Clerk", Department: "Sales", Created: start.AddDate(-3, 0, 0),
		LastInteractive: start.AddDate(0, 0, -1),
	}
}

func directory(users ...graphtest.User) graphtest.Directory {
	return graphtest.Directory{Users: users, PremiumP1: true}
}

func ref(name string) soar.SenderRef { return soar.SenderRef{Address: name + "@contoso.com"} }

func refused(status int) graphtest.Fault {
	return graphtest.Fault{Match: "/$batch", Status: status, Code: http.StatusText(status)}
}
