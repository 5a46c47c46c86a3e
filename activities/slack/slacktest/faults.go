package slacktest

import (
	"context"
	"maps"
	"net/http"
	"time"
)

// Fault makes calls go wrong. The fields that say when are all optional; of those that say how, give one kind.
type Fault struct {
	Method  string // "chat.postMessage"; empty matches every method
	Channel string // only calls with this channel argument
	Skip    int    // let this many matching calls pass first
	Times   int    // how many calls fail; 0 is one, below 0 is all from then on

	HTTPStatus int    // answer with this status, e.g. 429 or 503, before the method runs
	RetryAfter string // verbatim Retry-After header of that answer; empty sends none
	ErrorCode  string // answer ok:false with this code, e.g. "account_inactive"

	// AcceptThenCut lets the method do its work and then drops the connection without an answer: the ambiguous post.
	AcceptThenCut bool
	// Hold lets the method do its work and keeps the answer back until this is closed or the client gives up.
	Hold <-chan struct{}
}

func (f Fault) answers() bool { return f.HTTPStatus != 0 || f.ErrorCode != "" }

func (f Fault) answer(header http.Header) (reply, int, http.Header) {
	if f.RetryAfter != "" {
		header.Set("Retry-After", f.RetryAfter)
	}
	status, code := f.HTTPStatus, f.ErrorCode
	if status == 0 {
		status = http.StatusOK
	}
	if code == "" {
		code = "internal_error"
		if status == http.StatusTooManyRequests {
			code = "ratelimited"
		}
	}
	return reply{"ok": false, "error": code}, status, header
}

func (f Fault) matches(req *request) bool {
	return (f.Method == "" || f.Method == req.method) && (f.Channel == "" || f.Channel == req.arg("channel"))
}

// Fail adds a fault. Faults are looked at in the order they were added; the first that matches a call is the one used.
func (s *Server) Fail(fault Fault) {
	if fault.Times == 0 {
		fault.Times = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &fault)
}

// Heal removes all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *Server) takeFault(req *request) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, fault := range s.faults {
		if fault.Times == 0 || !fault.matches(req) {
			continue
		}
		if fault.Skip > 0 {
			fault.Skip--
			continue
		}
		if fault.Times > 0 {
			fault.Times--
		}
		return *fault
	}
	return Fault{}
}

// hold waits for release, and is false when the client went away or the server closes first.
func hold(ctx context.Context, closing, release <-chan struct{}) bool {
	if release == nil {
		return true
	}
	select {
	case <-release:
		return true
	case <-ctx.Done():
	case <-closing:
	}
	return false
}

// Call is one Web API call as the server saw it. The token is not kept.
type Call struct {
	Method string
	Args   map[string]string
	At     time.Time
	Status int    // HTTP status of the answer
	Error  string // Slack's error code; empty when ok
	TS     string // timestamp in the answer, for the methods that give one
}

func (s *Server) finish(req *request, body reply, status int) {
	code, _ := body["error"].(string)
	ts, _ := body["ts"].(string)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, Call{
		Method: req.method, Args: maps.Clone(req.args), At: s.now(), Status: status, Error: code, TS: ts,
	})
	s.touch()
}

// Calls returns every call so far, or only those of the named methods, oldest first.
func (s *Server) Calls(methods ...string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Call
	for _, call := range s.calls {
		if len(methods) == 0 || contains(methods, call.Method) {
			out = append(out, call)
		}
	}
	return out
}
