package incidentstest

import (
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// APIVersion is the oldest API version the fake takes; older ones and previews are refused.
const APIVersion = "2024-03-01"

// Config describes the fake. Empty names take any workspace.
type Config struct {
	SubscriptionID, ResourceGroup, Workspace string
	// Authorize says whether a bearer token may call; nil lets any token in, but not none.
	Authorize func(token string) bool
	// Alerts are the alerts of the workspace by SystemAlertId.
	Alerts map[string]Alert
	// Owners says who may own an incident, by object id; nil is everybody.
	Owners func(objectID string) bool
	Now    func() time.Time // clock of what is kept; default time.Now
	Logger *slog.Logger     // default discards
}

// Incident is what the fake keeps of one incident.
type Incident struct {
	ID       string
	Number   int
	Etag     string
	Created  time.Time
	Title    string
	Severity string
	Status   string
	// Properties are all properties as they were put.
	Properties map[string]any
	Comments   []Comment
	// Alerts are the SystemAlertIds of the alerts in it, in the order they came.
	Alerts []string
}

// Alert is what an alert brings to its incidents.
type Alert struct {
	Tactics  []string
	Entities []string
	// Defender alerts are not taken into an incident from here.
	Defender bool
}

// Comment is a comment of an incident.
type Comment struct {
	ID      string
	Message string
	Created time.Time
}

// Server is the fake. It is an http.Handler at the root of its address.
type Server struct {
	config Config

	mu        sync.Mutex
	incidents []*Incident
	faults    []*Fault
	calls     int
}

// New makes a fake without incidents.
func New(config Config) *Server {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	return &Server{config: config}
}

// Start serves the fake over TLS on loopback; the caller closes it.
func (s *Server) Start() *httptest.Server {
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	return server
}

// Incidents are the incidents kept, oldest first.
func (s *Server) Incidents() []Incident {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Incident, len(s.incidents))
	for i, kept := range s.incidents {
		out[i] = *kept
		out[i].Comments = append([]Comment(nil), kept.Comments...)
		out[i].Alerts = append([]string(nil), kept.Alerts...)
	}
	return out
}

// Calls counts the requests so far, refused ones included.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Edit changes an incident as an analyst in the portal would: it gets a new etag.
func (s *Server) Edit(id string, change func(*Incident)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept := s.find(id); kept != nil {
		change(kept)
		kept.Properties["status"], kept.Properties["severity"] = kept.Status, kept.Severity
		kept.Etag = newEtag()
	}
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	a := s.answer(r)
	s.config.Logger.Debug("sentinel request", "method", r.Method, "path", r.URL.Path, "status", a.status)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if a.retryAfter != "" {
		w.Header().Set("Retry-After", a.retryAfter)
	}
	w.WriteHeader(a.status)
	if err := json.NewEncoder(w).Encode(a.body); err != nil {
		s.config.Logger.Warn("sentinel answer not written", "error", err)
	}
}

func (s *Server) answer(r *http.Request) answer {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || token == "" || s.config.Authorize != nil && !s.config.Authorize(token) {
		return failed(http.StatusUnauthorized, "InvalidAuthenticationToken", "The access token is invalid.")
	}
	if a, hit := s.fault(r.Method + " " + r.URL.Path); hit {
		return a
	}
	version := r.URL.Query().Get("api-version")
	if version < APIVersion || strings.HasSuffix(version, "-preview") {
		return failed(http.StatusBadRequest, "InvalidApiVersionParameter", "The api-version '"+version+"' is invalid.")
	}
	t, refusal := s.parse(r.URL.Path)
	if refusal != nil {
		return *refusal
	}
	switch {
	case t.relation != "" && r.Method == http.MethodPut:
		return s.putRelation(t, r.Body)
	case t.relation != "":
	case r.Method == http.MethodGet && t.comment == "":
		return s.getIncident(t)
	case r.Method == http.MethodGet:
		return s.getComment(t)
	case r.Method == http.MethodPut && t.comment == "":
		return s.putIncident(t, r.Body)
	case r.Method == http.MethodPut:
		return s.putComment(t, r.Body)
	}
	return failed(http.StatusMethodNotAllowed, "MethodNotAllowed", "The requested resource does not support http method '"+r.Method+"'.")
}

// target is an incident, or one of its comments or relations.
type target struct{ path, incident, comment, relation string }

// parse reads the path of an incident and checks the names on it.
func (s *Server) parse(path string) (target, *answer) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	fixed := [...]string{0: "subscriptions", 2: "resourcegroups", 4: "providers", 5: "microsoft.operationalinsights",
		6: "workspaces", 8: "providers", 9: "microsoft.securityinsights", 10: "incidents"}
	ok := len(parts) == 12 || len(parts) == 14 && (strings.EqualFold(parts[12], "comments") || strings.EqualFold(parts[12], "relations"))
	for i, want := range fixed {
		ok = ok && (want == "" || strings.EqualFold(parts[i], want))
	}
	if !ok {
		return target{}, refuse(http.StatusNotFound, "InvalidResourceType", "The resource type could not be found at '"+path+"'.")
	}
	for _, name := range [...]struct{ want, got, code string }{
		{s.config.SubscriptionID, parts[1], "SubscriptionNotFound"},
		{s.config.ResourceGroup, parts[3], "ResourceGroupNotFound"},
		{s.config.Workspace, parts[7], "ResourceNotFound"},
	} {
		if name.want != "" && !strings.EqualFold(name.want, name.got) {
			return target{}, refuse(http.StatusNotFound, name.code, "'"+name.got+"' could not be found.")
		}
	}
	t := target{path: path, incident: strings.ToLower(parts[11])}
	if len(parts) == 14 && strings.EqualFold(parts[12], "comments") {
		t.comment = strings.ToLower(parts[13])
	} else if len(parts) == 14 {
		t.relation = strings.ToLower(parts[13])
	}
	return t, nil
}

func (s *Server) find(id string) *Incident {
	for _, kept := range s.incidents {
		if strings.EqualFold(kept.ID, id) {
			return kept
		}
	}
	return nil
}

func newEtag() string { return strconv.Quote(uuid.NewString()) }
