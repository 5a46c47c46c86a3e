package stack

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// listeners serve the fakes on loopback and close together.
type listeners struct {
	certificate tls.Certificate
	servers     []*http.Server
}

// tls serves h over TLS on a free port and returns its URL.
func (l *listeners) tls(h http.Handler) (string, error) {
	return l.serve("127.0.0.1:0", h, true)
}

// plain serves h without TLS, for a browser that does not know our CA.
func (l *listeners) plain(addr string, h http.Handler) (string, error) {
	return l.serve(addr, h, false)
}

func (l *listeners) serve(addr string, h http.Handler, secure bool) (string, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("listen on %s: %w; is another sandbox running?", addr, err)
	}
	// A cut connection is what fakes are for, not news.
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	l.servers = append(l.servers, server)
	scheme := "http://"
	if secure {
		scheme = "https://"
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{l.certificate}, MinVersion: tls.VersionTLS12})
	}
	go func() { _ = server.Serve(listener) }()
	return scheme + listener.Addr().String(), nil
}

func (l *listeners) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for _, s := range l.servers {
		if s.Shutdown(ctx) != nil {
			_ = s.Close()
		}
	}
}
