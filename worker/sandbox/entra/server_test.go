package entra_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"harrier/worker/sandbox/entra"
)

const (
	tenant = "11111111-2222-4333-8444-555555555555"
	client = "66666666-7777-4888-8999-000000000000"
	secret = "secret-that-must-not-leak"
)

func started(t *testing.T, config entra.Config) (*entra.Server, *httptest.Server) {
	t.Helper()
	config.TenantID, config.Clients = tenant, map[string]string{client: secret}
	fake := entra.New(config)
	server := fake.Start()
	t.Cleanup(server.Close)
	return fake, server
}

// application is who asks for a token.
type application struct{ tenant, client, secret string }

func registered() application { return application{tenant, client, secret} }

func credential(t *testing.T, server *httptest.Server, app application) *azidentity.ClientSecretCredential {
	t.Helper()
	cred, err := azidentity.NewClientSecretCredential(app.tenant, app.client, app.secret, &azidentity.ClientSecretCredentialOptions{
		DisableInstanceDiscovery: true,
		ClientOptions: policy.ClientOptions{
			Transport: server.Client(), Retry: policy.RetryOptions{MaxRetries: -1},
			Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: server.URL},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return cred
}

func scope(s string) policy.TokenRequestOptions {
	return policy.TokenRequestOptions{Scopes: []string{s}}
}

func TestAzidentityGetsATokenThatIsGoodForItsAudienceAlone(t *testing.T) {
	fake, server := started(t, entra.Config{})
	cred := credential(t, server, registered())
	token, err := cred.GetToken(t.Context(), scope("https://graph.microsoft.com/.default"))
	if err != nil {
		t.Fatal(err)
	}
	if !fake.Authorize("https://graph.microsoft.com/")(token.Token) {
		t.Error("the token is not good for its own audience")
	}
	if fake.Authorize("https://management.azure.com")(token.Token) || fake.Authorize("https://graph.microsoft.com")("fake-other") {
		t.Error("a token is good for what it was not issued for")
	}
	if left := time.Until(token.ExpiresOn); left < 50*time.Minute || left > entra.DefaultLifetime {
		t.Errorf("the token lasts %s", left)
	}
	if again, err := cred.GetToken(t.Context(), scope("https://graph.microsoft.com/.default")); err != nil || again.Token != token.Token || fake.Issued() != 1 {
		t.Errorf("the token is not kept: %v, %d issued", err, fake.Issued())
	}
}

func TestATokenEndsWithItsLifetimeAndWhenRevoked(t *testing.T) {
	var now atomic.Int64
	now.Store(time.Now().Unix())
	fake, server := started(t, entra.Config{Lifetime: 20 * time.Minute, Now: func() time.Time { return time.Unix(now.Load(), 0) }})
	good := fake.Authorize("https://slack.test")
	cred := credential(t, server, registered())
	token, err := cred.GetToken(t.Context(), scope("https://slack.test/.default"))
	if err != nil || !good(token.Token) {
		t.Fatalf("token: %v", err)
	}
	now.Add(int64(20 * 60))
	if good(token.Token) {
		t.Error("the token outlives its lifetime")
	}
	other, err := credential(t, server, registered()).GetToken(t.Context(), scope("https://slack.test/.default"))
	if err != nil || !good(other.Token) {
		t.Fatalf("token: %v", err)
	}
	fake.Revoke()
	if good(other.Token) {
		t.Error("a revoked token is good")
	}
}

func TestWhatTheServiceRefusesIsRefusedWithItsCode(t *testing.T) {
	_, server := started(t, entra.Config{Audiences: []string{"https://graph.microsoft.com"}})
	for _, c := range []struct {
		application
		scope, code string
	}{
		{application{tenant, client, "wrong"}, "https://graph.microsoft.com/.default", "AADSTS7000215"},
		{application{tenant, "other", secret}, "https://graph.microsoft.com/.default", "AADSTS700016"},
		{registered(), "https://nowhere.test/.default", "AADSTS500011"},
		{registered(), "https://graph.microsoft.com/User.Read", "AADSTS1002012"},
	} {
		_, err := credential(t, server, c.application).GetToken(t.Context(), scope(c.scope))
		var denied *azidentity.AuthenticationFailedError
		if !errors.As(err, &denied) || !strings.Contains(err.Error(), c.code) {
			t.Errorf("%+v: %v, want %s", c, err, c.code)
			continue
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
	if _, err := credential(t, server, application{"other-tenant", client, secret}).GetToken(t.Context(), scope("https://graph.microsoft.com/.default")); err == nil {
		t.Error("a foreign tenant gets a token")
	}
}
