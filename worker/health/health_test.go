package health_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"harrier/worker/health"
)

func get(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func passes(context.Context) error { return nil }

func TestAProcessThatRunsIsAliveWhateverItsChecksSay(t *testing.T) {
	h := health.Handler([]health.Check{{Name: "slack", Ready: func(context.Context) error { return errors.New("down") }}})
	if status, body := get(t, h, "/livez"); status != http.StatusOK || body != "ok\n" {
		t.Errorf("alive: %d %q", status, body)
	}
	if status, _ := get(t, h, "/elsewhere"); status != http.StatusNotFound {
		t.Errorf("another path: %d", status)
	}
}

func TestReadinessTakesEveryCheckAndSaysEachOnesWord(t *testing.T) {
	down := error(nil)
	h := health.Handler([]health.Check{
		{Name: "temporal", Ready: passes},
		{Name: "slack", Ready: func(context.Context) error { return down }, Status: func() string { return "socket mode, reconnected 2 times" }},
	})
	words := func(wantStatus int) map[string]string {
		t.Helper()
		status, body := get(t, h, "/readyz")
		var out map[string]string
		if err := json.Unmarshal([]byte(body), &out); err != nil || status != wantStatus {
			t.Fatalf("status %d, body %q, error %v", status, body, err)
		}
		return out
	}
	if got := words(http.StatusOK); got["temporal"] != "ok" || got["slack"] != "ok: socket mode, reconnected 2 times" {
		t.Errorf("ready says %v", got)
	}
	down = errors.New("slack refuses the app token: invalid_auth")
	if got := words(http.StatusServiceUnavailable); got["temporal"] != "ok" || got["slack"] != down.Error() {
		t.Errorf("not ready says %v", got)
	}
}

func TestACheckThatHangsIsBounded(t *testing.T) {
	h := health.Handler([]health.Check{{Name: "temporal", Ready: func(ctx context.Context) error {
		deadline, ok := ctx.Deadline()
		if !ok || time.Until(deadline) > 5*time.Second {
			return errors.New("no deadline")
		}
		return nil
	}}})
	if status, body := get(t, h, "/readyz"); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
}

func TestServeEndsWithItsContextAndRefusesAnAddressInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := taken.Addr().String()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if err := health.Serve(t.Context(), addr, health.Handler(nil), log); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("error on an address in use: %v", err)
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- health.Serve(ctx, "127.0.0.1:0", health.Handler(nil), log) }()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}
