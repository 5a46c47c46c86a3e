// Package loganalyticstest is a Log Analytics query API on loopback. It speaks the wire protocol of
// https://learn.microsoft.com/azure/azure-monitor/logs/api/overview, evaluates queries over tables in memory, enforces
// the service's limits, and can be told to fail. Tests and the sandbox use the same server.
package loganalyticstest

import (
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"harrier/activities/loganalytics/kql"
)

// Limits are the service's limits; a zero field takes the value of DefaultLimits.
type Limits struct {
	Requests   int           // requests an identity may send within Per
	Per        time.Duration // the window of Requests
	Concurrent int           // queries of one identity at a time
	Rows       int           // rows of one result
	Bytes      int           // encoded bytes of one result's rows
}

// DefaultLimits are those of https://learn.microsoft.com/azure/azure-monitor/service-limits#log-queries-and-language;
// the size is the limit that the service's own partial error names.
func DefaultLimits() Limits {
	return Limits{Requests: 200, Per: 30 * time.Second, Concurrent: 5, Rows: 500_000, Bytes: 64_000_000}
}

// Config says what a Server serves.
type Config struct {
	// Workspaces maps workspace ids (customer ids) to their tables.
	Workspaces map[string]kql.Database
	// Now is the service's clock, for ago() and for the request rate; nil is time.Now.
	Now func() time.Time
	// Authorize checks a bearer token; nil accepts any that is not empty.
	Authorize func(token string) bool
	// Identity names whose token it is: limits hold for an identity, whatever tokens it has. Nil takes each token for one.
	Identity func(token string) string
	// Limits replaces limits that are too large to reach in a test.
	Limits Limits
	// Logger receives one line a request; nil discards.
	Logger *slog.Logger
}

// Request is a query the server has received.
type Request struct {
	Workspace string
	Query     string
	Timespan  string
	Wait      int // seconds; 0 when the client did not say
	Status    int // 0 until the answer is written, or when the connection was cut
}

// Server is the fake service. It is an http.Handler for the paths below /v1/.
type Server struct {
	now       func() time.Time
	authorize func(string) bool
	identity  func(string) string
	limits    Limits
	log       *slog.Logger
	mux       *http.ServeMux

	mu         sync.Mutex
	workspaces map[string]kql.Database
	requests   []*Request
	faults     []*armed
	seen       map[string][]time.Time // by identity, within the rate's window
	running    map[string]int         // by identity
	peak       int                    // of running
	throttled  int
}

// New makes a server. Tables are checked when they are set, so New panics on a table whose rows do not fit its columns.
func New(c Config) *Server {
	s := &Server{now: c.Now, authorize: c.Authorize, identity: c.Identity, limits: c.Limits.orDefault(), log: c.Logger}
	if s.now == nil {
		s.now = time.Now
	}
	if s.authorize == nil {
		s.authorize = func(token string) bool { return token != "" }
	}
	if s.identity == nil {
		s.identity = func(token string) string { return token }
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.workspaces, s.seen, s.running = map[string]kql.Database{}, map[string][]time.Time{}, map[string]int{}
	for id, db := range c.Workspaces {
		s.SetWorkspace(id, db)
	}
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("POST /v1/workspaces/{id}/query", s.query)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeFailure(w, failure{status: http.StatusNotFound, code: "PathNotFoundError", message: "The requested path does not exist"})
	})
	return s
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	for _, f := range []struct{ have, def *int }{
		{&l.Requests, &d.Requests}, {&l.Concurrent, &d.Concurrent}, {&l.Rows, &d.Rows}, {&l.Bytes, &d.Bytes},
	} {
		if *f.have == 0 {
			*f.have = *f.def
		}
	}
	if l.Per == 0 {
		l.Per = d.Per
	}
	return l
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// SetWorkspace replaces the tables of a workspace, also while queries run: those keep the tables they began with. The
// database must not change afterwards. It panics on a table whose rows do not fit its columns.
func (s *Server) SetWorkspace(id string, db kql.Database) {
	for _, t := range db {
		if err := t.Validate(); err != nil {
			panic("loganalyticstest: set workspace " + id + ": " + err.Error())
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.workspaces[id] = maps.Clone(db)
}

// Workspace returns the tables of a workspace, to be copied and set again with more rows.
func (s *Server) Workspace(id string) kql.Database {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.workspaces[id])
}

// Requests returns the requests so far, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, len(s.requests))
	for i, r := range s.requests {
		out[i] = *r
	}
	return out
}

// Running is a server that listens.
type Running struct {
	// URL is the API's endpoint, as azquery's cloud configuration takes it: https://127.0.0.1:port/v1.
	URL string
	// Client trusts the server's certificate.
	Client *http.Client
	// Close stops listening and waits for open requests.
	Close func()
}

// Start serves over TLS on a free loopback port.
func (s *Server) Start() Running {
	ts := httptest.NewTLSServer(s)
	return Running{URL: ts.URL + "/v1", Client: ts.Client(), Close: ts.Close}
}

// Throttled counts the requests that were answered 429 because a limit was reached.
func (s *Server) Throttled() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.throttled
}

// PeakConcurrent is the most queries of one identity that ran at a time.
func (s *Server) PeakConcurrent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peak
}

// admit counts a request against its identity's limits. release ends it.
func (s *Server) admit(token string) (release func(), f *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, who := s.now(), s.identity(token)
	recent := s.seen[who][:0]
	for _, at := range s.seen[who] {
		if now.Sub(at) < s.limits.Per {
			recent = append(recent, at)
		}
	}
	s.seen[who] = recent
	if len(recent) >= s.limits.Requests {
		s.throttled++
		return nil, throttled(s.limits.Per - now.Sub(recent[0]))
	}
	s.seen[who] = append(recent, now)
	if s.running[who] >= s.limits.Concurrent {
		s.throttled++
		return nil, throttled(time.Second)
	}
	s.running[who]++
	s.peak = max(s.peak, s.running[who])
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running[who]--
	}, nil
}

func (s *Server) record(r Request) *Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, &r)
	return &r
}

func (s *Server) setStatus(r *Request, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Status = status
}
