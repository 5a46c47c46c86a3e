package entra

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// DefaultLifetime is how long a token lasts; the service's are 60 to 90 minutes.
// https://learn.microsoft.com/en-us/entra/identity-platform/configurable-token-lifetimes
const DefaultLifetime = time.Hour

// Config describes the tenant and the applications registered in it.
type Config struct {
	TenantID string
	// Clients are application ids with their secrets.
	Clients map[string]string
	// Audiences are what tokens may be asked for; empty allows any.
	Audiences []string
	Lifetime  time.Duration    // default DefaultLifetime
	Now       func() time.Time // default time.Now
	Logger    *slog.Logger     // default discards
}

// Server is the fake. It is an http.Handler at the root of its address, and has
// to be served over TLS: the SDKs refuse any other authority.
type Server struct {
	config Config

	mu     sync.Mutex
	tokens map[string]grant
	issued int
}

// grant is what a token is good for.
type grant struct {
	audience string
	expires  time.Time
}

// New makes a fake that has issued nothing.
func New(config Config) *Server {
	if config.Lifetime <= 0 {
		config.Lifetime = DefaultLifetime
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	return &Server{config: config, tokens: map[string]grant{}}
}

// Start serves the fake over TLS on loopback; the caller closes it.
func (s *Server) Start() *httptest.Server {
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	return server
}

// Authorize says, for another fake, whether a bearer token was issued for its
// audience and is still good.
func (s *Server) Authorize(audience string) func(token string) bool {
	audience = normal(audience)
	return func(token string) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		g, known := s.tokens[token]
		return known && g.audience == audience && s.config.Now().Before(g.expires)
	}
}

// Issued counts the tokens issued so far.
func (s *Server) Issued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.issued
}

// Revoke takes back every token.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// ServeHTTP answers the metadata of the tenant and its token requests.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	tenant, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !strings.EqualFold(tenant, s.config.TenantID) {
		s.refuse(w, http.StatusBadRequest, "invalid_tenant", "AADSTS90002: Tenant '"+tenant+"' not found.")
		return
	}
	switch path {
	case "v2.0/.well-known/openid-configuration":
		s.metadata(w, "https://"+r.Host+"/"+tenant)
	case "oauth2/v2.0/token":
		s.token(w, r)
	default:
		s.refuse(w, http.StatusNotFound, "not_found", "There is nothing at /"+path+".")
	}
}

func (s *Server) metadata(w http.ResponseWriter, base string) {
	s.write(w, http.StatusOK, map[string]any{
		"issuer":                                base + "/v2.0",
		"token_endpoint":                        base + "/oauth2/v2.0/token",
		"authorization_endpoint":                base + "/oauth2/v2.0/authorize",
		"jwks_uri":                              base + "/discovery/v2.0/keys",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post"},
		"response_types_supported":              []string{"token"},
		"subject_types_supported":               []string{"pairwise"},
	})
}

// token answers the client credentials grant.
// https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
		s.refuse(w, http.StatusBadRequest, "invalid_request", "AADSTS900144: The request body must be a form.")
		return
	}
	if grantType := r.PostForm.Get("grant_type"); grantType != "client_credentials" {
		s.refuse(w, http.StatusBadRequest, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type '"+grantType+"'.")
		return
	}
	id := r.PostForm.Get("client_id")
	secret, known := s.config.Clients[id]
	if !known {
		s.refuse(w, http.StatusBadRequest, "unauthorized_client", "AADSTS700016: Application with identifier '"+id+"' was not found in the directory.")
		return
	}
	if secret == "" || subtle.ConstantTimeCompare([]byte(secret), []byte(r.PostForm.Get("client_secret"))) != 1 {
		s.refuse(w, http.StatusUnauthorized, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
		return
	}
	audience, ok := audienceOf(r.PostForm.Get("scope"))
	if !ok {
		s.refuse(w, http.StatusBadRequest, "invalid_scope", "AADSTS1002012: The provided value for scope is not valid. It must end in /.default.")
		return
	}
	if !s.offers(audience) {
		s.refuse(w, http.StatusBadRequest, "invalid_resource", "AADSTS500011: The resource principal named "+audience+" was not found in the tenant.")
		return
	}
	seconds := int(s.config.Lifetime / time.Second)
	s.config.Logger.Debug("token issued", "audience", audience)
	s.write(w, http.StatusOK, map[string]any{
		"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": s.issue(audience),
	})
}

func (s *Server) issue(audience string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.config.Now()
	for token, g := range s.tokens {
		if !now.Before(g.expires) {
			delete(s.tokens, token)
		}
	}
	token := "fake-" + rand.Text()
	s.tokens[token] = grant{audience: audience, expires: now.Add(s.config.Lifetime)}
	s.issued++
	return token
}

func (s *Server) offers(audience string) bool {
	for _, offered := range s.config.Audiences {
		if normal(offered) == audience {
			return true
		}
	}
	return len(s.config.Audiences) == 0
}

// audienceOf reads the one resource of a scope; clients add OpenID scopes to it.
func audienceOf(scope string) (string, bool) {
	for _, part := range strings.Fields(scope) {
		if audience, ok := strings.CutSuffix(part, "/.default"); ok && audience != "" {
			return normal(audience), true
		}
	}
	return "", false
}

// normal makes https://x, https://x/ and their .default scopes one audience.
func normal(audience string) string {
	return strings.ToLower(strings.TrimRight(strings.TrimSuffix(audience, "/.default"), "/"))
}

func (s *Server) refuse(w http.ResponseWriter, status int, code, description string) {
	s.write(w, status, map[string]any{
		"error": code, "error_description": description, "correlation_id": "00000000-0000-4000-8000-000000000000",
	})
}

func (s *Server) write(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.config.Logger.Warn("entra answer not written", "error", err)
	}
}
