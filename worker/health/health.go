// Package health serves liveness and readiness on a loopback or private address.
package health

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Check is one thing that has to work before the process is ready.
type Check struct {
	Name string
	// Ready returns what is wrong, or nil.
	Ready func(ctx context.Context) error
	// Status says how it works, in place of "ok"; nil says no more.
	Status func() string
}

// Handler answers /livez (the process runs) and /readyz (every check passes,
// with each check's word as JSON, status 503 otherwise).
func Handler(checks []Check) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { ready(w, r, checks) })
	return mux
}

func ready(w http.ResponseWriter, r *http.Request, checks []Check) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	status, words := http.StatusOK, map[string]string{}
	for _, c := range checks {
		words[c.Name] = c.word()
		if err := c.Ready(ctx); err != nil {
			status, words[c.Name] = http.StatusServiceUnavailable, err.Error()
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(words)
}

// word is what a check says when it passes.
func (c Check) word() string {
	if c.Status == nil {
		return "ok"
	}
	return "ok: " + c.Status()
}

// Serve listens on addr until ctx ends.
func Serve(ctx context.Context, addr string, h http.Handler, log *slog.Logger) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	log.InfoContext(ctx, "listening", "address", listener.Addr().String())
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, MaxHeaderBytes: 1 << 16}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(grace)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	return nil
}
