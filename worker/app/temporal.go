package app

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"harrier/config"
)

// Dial connects to Temporal. The error names the address and what to check.
func Dial(c config.Temporal, log *slog.Logger) (client.Client, error) {
	options, err := temporalOptions(c, log)
	if err != nil {
		return nil, err
	}
	cl, err := client.Dial(options)
	if err != nil {
		return nil, fmt.Errorf("connect to temporal at %s, namespace %s: %w; check temporal.address, or start the sandbox", c.Address, c.Namespace, err)
	}
	return cl, nil
}

func temporalOptions(c config.Temporal, log *slog.Logger) (client.Options, error) {
	options := client.Options{HostPort: c.Address, Namespace: c.Namespace, Logger: sdklog.NewStructuredLogger(slog.New(turns{log.Handler()}))}
	if c.APIKey.Given() {
		options.Credentials = client.NewAPIKeyStaticCredentials(c.APIKey.Reveal())
	}
	if !c.UsesTLS() {
		return options, nil
	}
	tlsConfig, err := temporalTLS(c.TLS)
	options.ConnectionOptions.TLS = tlsConfig
	return options, err
}

func temporalTLS(c config.TLS) (*tls.Config, error) {
	out := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.ServerName}
	if c.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("read temporal client certificate %s: %w", c.CertFile, err)
		}
		out.Certificates = []tls.Certificate{pair}
	}
	if c.CAFile != "" {
		pool, err := poolWith(c.CAFile)
		if err != nil {
			return nil, err
		}
		out.RootCAs = pool
	}
	return out, nil
}

// poolWith is the system's CAs and one more.
func poolWith(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read CA file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read CA file %s: no certificate in PEM form in it", file)
	}
	return pool, nil
}
