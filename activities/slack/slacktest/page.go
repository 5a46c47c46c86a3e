package slacktest

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
)

//go:embed page
var pageFiles embed.FS

// contentPolicy lets the page load its own files and nothing else: an image of a message shows as its alt text.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pageRoutes serves the page a person uses, and the endpoints it talks to. They act as any user, so they are for the
// same origin only, and only under a name that no foreign DNS can point at us.
func (s *Server) pageRoutes() http.Handler {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic("slacktest: " + err.Error()) // the folder is embedded above
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.FileServerFS(files))
	mux.Handle("GET /_page/static/", http.StripPrefix("/_page/static/", http.FileServerFS(files)))
	mux.HandleFunc("GET /_page/state", s.serveState)
	mux.HandleFunc("GET /_page/events", s.serveEvents)
	mux.HandleFunc("POST /_page/click", act(s.pageClick))
	mux.HandleFunc("POST /_page/submit", act(s.pageSubmit))
	mux.HandleFunc("POST /_page/close", act(s.pageClose))
	mux.HandleFunc("POST /_page/say", act(s.pageSay))
	mux.HandleFunc("POST /_page/home", act(s.pageHome))
	return s.ownNameOnly(http.NewCrossOriginProtection().Handler(mux))
}

func (s *Server) ownNameOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.noticeBase(r)
		if !s.isOwnName(r.Host) {
			http.Error(w, "this page answers only under its own address", http.StatusMisdirectedRequest)
			return
		}
		w.Header().Set("Content-Security-Policy", contentPolicy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (s *Server) isOwnName(host string) bool {
	if configured, err := url.Parse(s.config.BaseURL); err == nil && configured.Host != "" && host == configured.Host {
		return true
	}
	name := host
	if bare, _, err := net.SplitHostPort(host); err == nil {
		name = bare
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || (ip != nil && ip.IsLoopback())
}

// serveEvents tells the page that something changed; the page then asks for the state.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	flusher, ok := w.(http.Flusher)
	if !ok {
		http.Error(w, "no streaming here", http.StatusNotImplemented)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		s.mu.Lock()
		changed, version := s.changed, s.version
		s.mu.Unlock()
		if _, err := fmt.Fprintf(w, "data: %d\n\n", version); err != nil {
			return
		}
		flusher.Flush()
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		case <-s.closing:
			return
		}
	}
}

// pageAction is everything the page can send; each endpoint reads its part.
type pageAction struct {
	User, Channel, TS, Thread, Text string
	View                            string
	Block, Action                   string
	Value                           any
	Values                          map[string]any
}

// act decodes an action and answers with its result, or with 409 and why a person could not do that.
func act[T any](do func(context.Context, pageAction) (T, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var action pageAction
		if r.Header.Get("Content-Type") != "application/json" ||
			json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&action) != nil {
			http.Error(w, "send a JSON object as application/json", http.StatusBadRequest)
			return
		}
		result, err := do(r.Context(), action)
		if err != nil {
			writeJSON(w, http.StatusConflict, map[string]any{"error": err.Error()})
			return
		}
		writeJSON(w, http.StatusOK, result)
	}
}

func (s *Server) pageClick(ctx context.Context, a pageAction) (ClickResult, error) {
	return s.Use(ctx, Press{
		User: a.User, Channel: a.Channel, TS: a.TS, View: a.View, Block: a.Block, Action: a.Action, Value: a.Value,
	})
}

func (s *Server) pageSubmit(ctx context.Context, a pageAction) (SubmitResult, error) {
	return s.SubmitView(ctx, a.User, a.View, a.Values)
}

func (s *Server) pageClose(ctx context.Context, a pageAction) (map[string]any, error) {
	return map[string]any{}, s.CloseView(ctx, a.User, a.View)
}

func (s *Server) pageHome(ctx context.Context, a pageAction) (ClickResult, error) {
	return s.OpenHome(ctx, a.User)
}

// pageSay sends what was typed: a line that starts with a slash is a command.
func (s *Server) pageSay(ctx context.Context, a pageAction) (ClickResult, error) {
	if command, text, _ := strings.Cut(a.Text, " "); strings.HasPrefix(command, "/") {
		return s.Slash(ctx, a.User, a.Channel, command, strings.TrimSpace(text))
	}
	_, err := s.Say(a.User, a.Channel, a.Thread, a.Text)
	return ClickResult{Acked: err == nil}, err
}
