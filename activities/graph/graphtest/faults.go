package graphtest

import (
	"net/http"
	"strings"
)

// Fault makes matching requests fail.
type Fault struct {
	// Match is a part of the decoded request below Root, such as
	// "/mailboxSettings", "signInActivity" or a user's id; "/$batch" is the
	// batch itself. Letters match in any case.
	Match string
	// Status is the answer's status; default 429.
	Status int
	// Code and Message fill the error; default what the service says for the status.
	Code, Message string
	// RetryAfter is the header's text, in any form; empty leaves it out.
	RetryAfter string
	// Drop leaves the answer out of its batch.
	Drop bool
	// Times is how often it fails; 0 is for ever.
	Times int

	done int
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

func (s *Server) fault(request string) (reply, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if !strings.Contains(strings.ToLower(request), strings.ToLower(f.Match)) {
			continue
		}
		if f.Times > 0 && f.done >= f.Times {
			continue
		}
		f.done++
		return f.reply(), true
	}
	return reply{}, false
}

func (f *Fault) reply() reply {
	status, code, message := f.Status, f.Code, f.Message
	if status == 0 {
		status = http.StatusTooManyRequests
	}
	if code == "" {
		code = map[int]string{
			http.StatusForbidden:          "Authorization_RequestDenied",
			http.StatusTooManyRequests:    "TooManyRequests",
			http.StatusServiceUnavailable: "ServiceUnavailable",
		}[status]
	}
	if message == "" {
		message = http.StatusText(status)
	}
	answer := failed(status, code, message)
	answer.retryAfter = f.RetryAfter
	answer.dropped = f.Drop
	return answer
}
