package slacktest

import (
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server is the workspace. Make one with New; it is safe for concurrent use.
type Server struct {
	config  Config
	log     *slog.Logger
	methods map[string]method
	handler http.Handler
	http    *httptest.Server
	closing chan struct{}
	running sync.WaitGroup

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced whenever anything below changes
	version  int
	base     string // the address clients reach us at, learned from requests when nothing else says it
	scopes   []string
	channels map[string]*Channel
	order    []string // channel ids in the order they were made
	users    []User
	messages map[string][]*Message // by channel, oldest first
	notes    []*Message            // ephemeral
	warnings []Warning
	views    map[string][]*View // by user, the open stack
	homes    map[string]*View
	triggers map[string]*trigger
	replyTo  map[string]*responseURL
	tickets  map[string]time.Time
	faults   []*Fault
	calls    []Call
	pacer    pacer
	lastTS   time.Time
	serial   int
	sockets  []*socket
	nextSock int
	pending  map[string]*envelope
	sent     []Delivery
}

// New makes a workspace. It serves nothing until Start, or until Handler is mounted.
func New(config Config) *Server {
	config = config.withDefaults()
	s := &Server{
		config:   config,
		log:      config.Logger,
		methods:  methods(),
		closing:  make(chan struct{}),
		changed:  make(chan struct{}),
		base:     config.BaseURL,
		scopes:   slices.Clone(config.Scopes),
		channels: map[string]*Channel{},
		users:    slices.Clone(config.Users),
		messages: map[string][]*Message{},
		views:    map[string][]*View{},
		homes:    map[string]*View{},
		triggers: map[string]*trigger{},
		replyTo:  map[string]*responseURL{},
		tickets:  map[string]time.Time{},
		pacer:    pacer{calls: map[string][]time.Time{}},
		pending:  map[string]*envelope{},
	}
	for _, channel := range config.Channels {
		s.addChannel(channel)
	}
	s.handler = s.routes()
	return s
}

func (s *Server) addChannel(channel Channel) {
	channel.Members = slices.Clone(channel.Members)
	s.channels[channel.ID] = &channel
	s.order = append(s.order, channel.ID)
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serveAPI)
	mux.HandleFunc("GET /link/", s.serveSocket)
	mux.HandleFunc("POST /actions/{id}", s.serveResponseURL)
	mux.Handle("/", s.pageRoutes())
	return mux
}

// Handler serves the Web API under /api/, Socket Mode under /link/, response URLs under /actions/ and the page at /.
func (s *Server) Handler() http.Handler { return s.handler }

// Start listens on Config.Addr (loopback by default) until Close. It panics when it cannot listen, as httptest does.
func (s *Server) Start() *Server {
	s.http = newHTTPServer(s.config.Addr, s.handler)
	if s.config.TLS {
		s.http.StartTLS()
	} else {
		s.http.Start()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.config.BaseURL == "" {
		s.base = s.http.URL
	}
	return s
}

// Close ends sockets, deliveries and the listener, and waits for everything this server started.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.closing:
		s.mu.Unlock()
		return
	default:
	}
	close(s.closing)
	s.mu.Unlock()
	s.CutSockets()
	if s.http != nil {
		s.http.CloseClientConnections()
		s.http.Close()
	}
	s.running.Wait()
	s.config.HTTPClient.CloseIdleConnections()
}

// URL is the address of the page, without a trailing slash.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.base
}

// APIURL is what slack.OptionAPIURL takes.
func (s *Server) APIURL() string { return s.URL() + "/api/" }

// BotToken is the token the Web API accepts.
func (s *Server) BotToken() string { return s.config.BotToken }

// AppToken is the token apps.connections.open accepts.
func (s *Server) AppToken() string { return s.config.AppToken }

// SigningSecret is the key of X-Slack-Signature.
func (s *Server) SigningSecret() string { return s.config.SigningSecret }

// Client is an HTTP client that trusts the certificate of Start with TLS.
func (s *Server) Client() *http.Client { return s.http.Client() }

// CertPool holds the certificate of Start with TLS, for a client that builds its own transport or WebSocket dialer.
func (s *Server) CertPool() *x509.CertPool {
	pool := x509.NewCertPool()
	if s.http != nil && s.http.Certificate() != nil {
		pool.AddCert(s.http.Certificate())
	}
	return pool
}

// noticeBase remembers how clients reach a mounted Handler whose address nobody configured.
func (s *Server) noticeBase(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.base != "" {
		return
	}
	address := url.URL{Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		address.Scheme = "https"
	}
	s.base = address.String()
}

// touch tells everyone who waits that something changed. The caller holds mu.
func (s *Server) touch() {
	s.version++
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) now() time.Time { return s.config.Now() }

// nextID makes a Slack-looking id that is the same in every run. The caller holds mu.
func (s *Server) nextID(prefix string) string {
	s.serial++
	return prefix + strings.ToUpper(base36(s.serial+36*36*36))
}
