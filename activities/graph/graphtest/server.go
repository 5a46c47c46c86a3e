package graphtest

import (
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Root is the path of the API version the fake serves.
const Root = "/v1.0"

// DefaultPageSize is how many objects a page has without $top.
// https://learn.microsoft.com/en-us/graph/api/user-list
const DefaultPageSize = 100

// Config describes the fake. The zero value serves an empty directory to everybody.
type Config struct {
	Directory Directory
	// Authorize says whether a bearer token may call; nil lets any token in, but not none.
	Authorize func(token string) bool
	// PageSize is the page without $top; default DefaultPageSize.
	PageSize int
	Now      func() time.Time // clock of error dates; default time.Now
	Logger   *slog.Logger     // default discards
}

// Server is the fake. It is an http.Handler below Root.
type Server struct {
	config Config

	mu        sync.Mutex
	directory Directory
	faults    []*Fault
	batches   int
	requests  []string
}

// New makes a fake that serves the directory of the config.
func New(config Config) *Server {
	if config.PageSize <= 0 {
		config.PageSize = DefaultPageSize
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	return &Server{config: config, directory: config.Directory}
}

// Start serves the fake over TLS on loopback; the caller closes it. Its base
// URL for a client is URL plus Root, and Client() trusts its certificate.
func (s *Server) Start() *httptest.Server {
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	return server
}

// SetDirectory replaces the directory.
func (s *Server) SetDirectory(d Directory) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.directory = d
}

// Batches counts the $batch calls so far, refused ones included.
func (s *Server) Batches() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.batches
}

// Requests lists the single requests so far, decoded and below Root, in order;
// a batch is listed by its parts.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

// ServeHTTP answers one HTTP request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, Root)
	if !ok {
		s.write(w, failed(http.StatusBadRequest, "BadRequest", "Invalid version: "+r.URL.Path))
		return
	}
	if answer, refused := s.authorize(r.Header.Get("Authorization")); refused {
		s.write(w, answer)
		return
	}
	if path == "/$batch" {
		s.write(w, s.batch(r))
		return
	}
	s.write(w, s.single(call{
		method: r.Method, path: path, query: r.URL.Query(),
		header: r.Header, base: "https://" + r.Host + Root,
	}))
}

func (s *Server) authorize(header string) (reply, bool) {
	token, ok := strings.CutPrefix(header, "Bearer ")
	if !ok || token == "" {
		return failed(http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token is empty."), true
	}
	if s.config.Authorize != nil && !s.config.Authorize(token) {
		return failed(http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience."), true
	}
	return reply{}, false
}

// call is one request, alone or out of a batch.
type call struct {
	method string
	path   string // below Root, decoded
	query  url.Values
	header http.Header
	base   string // what nextLinks begin with
}

// advanced says that the call may use the advanced query capabilities.
// https://learn.microsoft.com/en-us/graph/aad-advanced-queries
func (c call) advanced() bool {
	return strings.EqualFold(c.header.Get("ConsistencyLevel"), "eventual") && c.query.Get("$count") == "true"
}

func (c call) String() string {
	if len(c.query) == 0 {
		return c.path
	}
	decoded, err := url.QueryUnescape(c.query.Encode())
	if err != nil {
		return c.path
	}
	return c.path + "?" + decoded
}

func (s *Server) single(c call) reply {
	s.mu.Lock()
	s.requests = append(s.requests, c.String())
	s.mu.Unlock()
	if answer, hit := s.fault(c.String()); hit {
		return answer
	}
	if c.method != http.MethodGet {
		return failed(http.StatusMethodNotAllowed, "Request_BadRequest", "Only GET is served here.")
	}
	s.mu.Lock()
	directory := s.directory
	s.mu.Unlock()
	s.config.Logger.Debug("graph request", "path", c.path)
	return route(view{Directory: directory, pageSize: s.config.PageSize}, c)
}
