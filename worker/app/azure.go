package app

import (
	"crypto/tls"
	"fmt"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"harrier/config"
)

// httpClient trusts the system's CAs and, where one is named, a private one.
func httpClient(caFile string) (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		pool, err := poolWith(caFile)
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	return &http.Client{Transport: transport}, nil
}

// credential is a client secret, or the identity of the machine where none is given.
func credential(c config.Azure, transport *http.Client) (azcore.TokenCredential, error) {
	options := azcore.ClientOptions{
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: c.AuthorityHost},
		Transport: transport,
		Retry:     policy.RetryOptions{MaxRetries: -1},
	}
	known, err := config.CloudNamed(c.Cloud)
	if err != nil {
		return nil, err
	}
	// An authority of one's own cannot be found by instance discovery, which asks the public cloud.
	private := c.AuthorityHost != known.Authority
	if c.ClientSecret.Given() {
		cred, err := azidentity.NewClientSecretCredential(c.TenantID, c.ClientID, c.ClientSecret.Reveal(),
			&azidentity.ClientSecretCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: private})
		if err != nil {
			return nil, fmt.Errorf("set up the client secret of application %s: %w", c.ClientID, err)
		}
		return cred, nil
	}
	cred, err := azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{
		ClientOptions: options, TenantID: c.TenantID, DisableInstanceDiscovery: private,
	})
	if err != nil {
		return nil, fmt.Errorf("set up the machine's identity: %w; or give AZURE_CLIENT_SECRET", err)
	}
	return cred, nil
}
