package incidentstest

import (
	"net/http"
	"strings"
)

// Fault makes matching requests fail; nothing is kept of them.
type Fault struct {
	// Match is a part of "METHOD /path", such as "/comments/" or "PUT"; empty matches all.
	Match string
	// Status is the answer's status; default 429. Code defaults to the service's word for it.
	Status int
	Code   string
	// RetryAfter is the header's text, in any form; empty leaves it out.
	RetryAfter string
	// Skip lets this many matching requests pass first.
	Skip int
	// Times is how often it fails; 0 is for ever.
	Times int

	passed, done int
}

type answer struct {
	status     int
	retryAfter string
	body       map[string]any
}

// Fail adds a fault. Faults are tried in the order they were added.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal takes all faults away.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *Server) fault(request string) (answer, bool) {
	for _, f := range s.faults {
		if !strings.Contains(request, f.Match) || f.Times > 0 && f.done >= f.Times {
			continue
		}
		if f.passed < f.Skip {
			f.passed++
			continue
		}
		f.done++
		status, code := f.Status, f.Code
		if status == 0 {
			status = http.StatusTooManyRequests
		}
		if code == "" {
			code = map[int]string{
				http.StatusForbidden: "AuthorizationFailed", http.StatusTooManyRequests: "TooManyRequests",
				http.StatusUnauthorized: "InvalidAuthenticationToken",
			}[status]
		}
		a := failed(status, code, http.StatusText(status))
		a.retryAfter = f.RetryAfter
		return a, true
	}
	return answer{}, false
}

func failed(status int, code, message string) answer {
	return answer{status: status, body: map[string]any{"error": map[string]any{"code": code, "message": message}}}
}

func refuse(status int, code, message string) *answer {
	a := failed(status, code, message)
	return &a
}
