// Package defendertest is the part of Microsoft Graph's security API that keeps
// alerts and incidents, on loopback.
package defendertest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// maxComment is the longest comment the service takes, in characters.
const maxComment = 1000

// Incident is an incident as the service keeps it.
type Incident struct {
	ID       string
	WebURL   string
	Tags     []string
	Comments []string
	// Severity is "low" at first. Status is the service's word, "active" at first; MergedInto is where a "redirected"
	// incident leads.
	Status     string
	Severity   string
	MergedInto string
}

// Config says what a Server keeps.
type Config struct {
	// Alerts are incident ids by alert id.
	Alerts map[string]string
	// Authorize checks a bearer token; nil accepts any that is not empty.
	Authorize func(token string) bool
}

// Fault answers the next matching request with a status.
type Fault struct {
	Method, RetryAfter string
	Status             int
}

// Server is an http.Handler for the paths below /v1.0/security/.
type Server struct {
	config Config

	mu        sync.Mutex
	incidents map[string]*Incident
	faults    []Fault
}

// New makes a server with an incident for each that an alert names.
func New(config Config) *Server {
	if config.Authorize == nil {
		config.Authorize = func(token string) bool { return token != "" }
	}
	s := &Server{config: config, incidents: map[string]*Incident{}}
	for _, id := range config.Alerts {
		s.incidents[id] = &Incident{ID: id, WebURL: "https://security.microsoft.com/incidents/" + id, Status: "active", Severity: "low"}
	}
	return s
}

// Fail lets one request fail.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// Edit changes an incident as an analyst in the portal would.
func (s *Server) Edit(id string, change func(*Incident)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s.incidents[id])
}

// Incident is an incident as it stands.
func (s *Server) Incident(id string) Incident {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.incidents[id]; i != nil {
		return Incident{i.ID, i.WebURL, slices.Clone(i.Tags), slices.Clone(i.Comments), i.Status, i.Severity, i.MergedInto}
	}
	return Incident{}
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1.0/security/"), "/")
	switch f, failed := s.takeFault(r.Method); {
	case !s.config.Authorize(token):
		fail(w, http.StatusUnauthorized, "InvalidAuthenticationToken")
	case failed:
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		fail(w, f.Status, http.StatusText(f.Status))
	case len(path) == 2 && path[0] == "alerts_v2" && r.Method == http.MethodGet:
		s.alert(w, path[1])
	case len(path) >= 2 && path[0] == "incidents" && s.incidents[path[1]] != nil:
		s.incident(w, r, s.incidents[path[1]], path[2:])
	default:
		fail(w, http.StatusNotFound, "NotFound")
	}
}

func (s *Server) takeFault(method string) (Fault, bool) {
	at := slices.IndexFunc(s.faults, func(f Fault) bool { return f.Method == "" || f.Method == method })
	if at < 0 {
		return Fault{}, false
	}
	f := s.faults[at]
	s.faults = slices.Delete(s.faults, at, at+1)
	return f, true
}

func (s *Server) alert(w http.ResponseWriter, id string) {
	incident, ok := s.config.Alerts[id]
	if !ok {
		fail(w, http.StatusNotFound, "NotFound")
		return
	}
	write(w, http.StatusOK, map[string]any{"id": id, "incidentId": incident})
}

func (s *Server) incident(w http.ResponseWriter, r *http.Request, i *Incident, rest []string) {
	var body struct {
		Type       string   `json:"@odata.type"`
		Comment    string   `json:"comment"`
		CustomTags []string `json:"customTags"`
	}
	if r.Method != http.MethodGet && json.NewDecoder(r.Body).Decode(&body) != nil {
		fail(w, http.StatusBadRequest, "BadRequest")
		return
	}
	switch {
	case r.Method == http.MethodGet && len(rest) == 0:
		comments := []map[string]string{}
		for _, c := range i.Comments {
			comments = append(comments, map[string]string{"comment": c})
		}
		write(w, http.StatusOK, map[string]any{"id": i.ID, "incidentWebUrl": i.WebURL, "customTags": i.Tags, "comments": comments,
			"status": i.Status, "severity": i.Severity, "redirectIncidentId": i.MergedInto})
	case r.Method == http.MethodPost && slices.Equal(rest, []string{"comments"}):
		if body.Type != "microsoft.graph.security.alertComment" || body.Comment == "" || utf8.RuneCountInString(body.Comment) > maxComment {
			fail(w, http.StatusBadRequest, "BadRequest")
			return
		}
		i.Comments = append(i.Comments, body.Comment)
		write(w, http.StatusOK, map[string]any{"value": i.Comments})
	case r.Method == http.MethodPatch && len(rest) == 0:
		i.Tags = body.CustomTags
		write(w, http.StatusOK, map[string]any{"id": i.ID, "customTags": i.Tags})
	default:
		fail(w, http.StatusMethodNotAllowed, "BadRequest")
	}
}

func fail(w http.ResponseWriter, status int, code string) {
	write(w, status, map[string]any{"error": map[string]string{"code": code, "message": code}})
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
