// Package pagingtest is a pager on loopback: PagerDuty's Events API v2 and a webhook
// that checks its signature, with the services' own limits and refusals.
package pagingtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Limits of the Events API v2 (https://developer.pagerduty.com/docs/send-alert-event).
const (
	maxBody     = 512 << 10
	maxSummary  = 1024
	maxDedupKey = 255
)

// maxAge is how old a webhook's signature may be.
const maxAge = 5 * time.Minute

// Config says who may page.
type Config struct {
	// RoutingKey is the key of the one integration; Secret is the webhook's.
	RoutingKey, Secret string
	Now                func() time.Time // default time.Now
}

// Page is an alert as it stands: repeats of a key are one.
type Page struct {
	Key     string
	Summary string
	Details map[string]any
	Repeats int
}

// Server takes pages at /v2/enqueue and /hook. It is an http.Handler.
type Server struct {
	config Config

	mu     sync.Mutex
	pages  map[string]*Page
	order  []string
	faults []Fault
}

// Fault answers the next page with a status and, where given, a Retry-After header.
type Fault struct {
	Status     int
	RetryAfter string
}

// New makes a server.
func New(config Config) *Server {
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Server{config: config, pages: map[string]*Page{}}
}

// Fail lets the next page fail.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// Pages are the alerts, oldest first.
func (s *Server) Pages() []Page {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Page
	for _, key := range s.order {
		out = append(out, *s.pages[key])
	}
	return out
}

type event struct {
	RoutingKey  string `json:"routing_key"`
	EventAction string `json:"event_action"`
	DedupKey    string `json:"dedup_key"`
	Payload     struct {
		Summary  string         `json:"summary"`
		Source   string         `json:"source"`
		Severity string         `json:"severity"`
		Details  map[string]any `json:"custom_details"`
	} `json:"payload"`
}

// ServeHTTP takes one page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if f, ok := s.takeFault(); ok {
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		w.WriteHeader(f.Status)
		return
	}
	var e event
	switch {
	case r.Method != http.MethodPost || err != nil || len(body) > maxBody:
		refuse(w, http.StatusBadRequest, "one POST of at most 512 kB")
	case json.Unmarshal(body, &e) != nil:
		refuse(w, http.StatusBadRequest, "Event object is invalid")
	case r.URL.Path == "/v2/enqueue":
		s.pagerDuty(w, e)
	case r.URL.Path == "/hook":
		if !s.signed(r.Header.Get("X-Harrier-Signature"), body) {
			refuse(w, http.StatusUnauthorized, "signature is wrong or old")
			return
		}
		e.DedupKey = r.Header.Get("Idempotency-Key")
		s.keep(e)
		w.WriteHeader(http.StatusNoContent)
	default:
		refuse(w, http.StatusNotFound, "no such path")
	}
}

func (s *Server) pagerDuty(w http.ResponseWriter, e event) {
	severities := []string{"critical", "error", "warning", "info"}
	known := strings.Contains(strings.Join(severities, " "), e.Payload.Severity)
	switch {
	case e.RoutingKey != s.config.RoutingKey:
		refuse(w, http.StatusBadRequest, "Invalid routing key")
	case e.EventAction != "trigger" || e.Payload.Summary == "" || e.Payload.Source == "" || e.Payload.Severity == "" || !known:
		refuse(w, http.StatusBadRequest, "Event object is invalid")
	case len(e.DedupKey) > maxDedupKey || utf8.RuneCountInString(e.Payload.Summary) > maxSummary:
		refuse(w, http.StatusBadRequest, "Length of a field is over its limit")
	default:
		s.keep(e)
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(map[string]string{"status": "success", "message": "Event processed", "dedup_key": e.DedupKey})
	}
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "invalid event", "message": "Event object is invalid", "errors": []string{why}})
}

func (s *Server) keep(e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.pages[e.DedupKey]; ok {
		p.Repeats++
		return
	}
	s.pages[e.DedupKey] = &Page{Key: e.DedupKey, Summary: e.Payload.Summary, Details: e.Payload.Details}
	s.order = append(s.order, e.DedupKey)
}

func (s *Server) takeFault() (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) == 0 {
		return Fault{}, false
	}
	f := s.faults[0]
	s.faults = s.faults[1:]
	return f, true
}

// signed checks a signature by its definition: t=<unix seconds>,v1=<hex of
// HMAC-SHA256(secret, seconds + "." + body)>.
func (s *Server) signed(header string, body []byte) bool {
	seconds, found := strings.CutPrefix(header, "t=")
	seconds, sum, ok := strings.Cut(seconds, ",v1=")
	at, err := strconv.ParseInt(seconds, 10, 64)
	if !found || !ok || err != nil || s.config.Now().Sub(time.Unix(at, 0)).Abs() > maxAge {
		return false
	}
	mac := hmac.New(sha256.New, []byte(s.config.Secret))
	mac.Write(append([]byte(seconds+"."), body...))
	want := hex.EncodeToString(mac.Sum(nil))
	return hmac.Equal([]byte(sum), []byte(want))
}
