package slacktest

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// reply is the body of a successful answer; "ok" is added.
type reply map[string]any

// apiError is an answer with ok:false.
type apiError struct {
	code     string
	messages []string // response_metadata.messages
	errors   []string
	needed   string
}

func (e *apiError) Error() string { return e.code }

func fail(code string) error { return &apiError{code: code} }

// rateLimited is HTTP 429.
type rateLimited struct{ seconds int }

func (e *rateLimited) Error() string { return "ratelimited" }

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	s.noticeBase(r)
	req, err := readRequest(r)
	if err != nil {
		writeJSON(w, http.StatusOK, reply{"ok": false, "error": "invalid_form_data"})
		return
	}
	fault := s.takeFault(req)
	body, status, header := s.answer(req, fault)
	s.finish(req, body, status)
	if !hold(r.Context(), s.closing, fault.Hold) || fault.AcceptThenCut {
		// The client sees its connection end without an answer, as when a proxy dies after Slack took the post.
		panic(http.ErrAbortHandler)
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	writeJSON(w, status, body)
}

// answer runs a method, or the fault that stands in for it, and shapes what comes out as Slack does.
func (s *Server) answer(req *request, fault Fault) (reply, int, http.Header) {
	header := http.Header{}
	header.Set("X-OAuth-Scopes", strings.Join(s.Scopes(), ","))
	if fault.answers() {
		return fault.answer(header)
	}
	body, err := s.call(req)
	var limited *rateLimited
	var refused *apiError
	switch {
	case err == nil:
		body["ok"] = true
		return body, http.StatusOK, header
	case errors.As(err, &limited):
		header.Set("Retry-After", strconv.Itoa(limited.seconds))
		return reply{"ok": false, "error": "ratelimited"}, http.StatusTooManyRequests, header
	case errors.As(err, &refused):
		return s.refusal(refused), http.StatusOK, header
	}
	s.log.Error("slack method failed", "method", req.method, "error", err)
	return reply{"ok": false, "error": "fatal_error"}, http.StatusOK, header
}

func (s *Server) refusal(e *apiError) reply {
	body := reply{"ok": false, "error": e.code}
	if len(e.messages) > 0 {
		body["response_metadata"] = reply{"messages": e.messages}
	}
	if len(e.errors) > 0 {
		body["errors"] = e.errors
	}
	if e.needed != "" {
		body["needed"], body["provided"] = e.needed, strings.Join(s.Scopes(), ",")
	}
	return body
}

// call checks what Slack checks before a method looks at its arguments: token, scope, rate.
func (s *Server) call(req *request) (reply, error) {
	m, known := s.methods[req.method]
	if !known {
		return nil, fail("unknown_method")
	}
	if err := s.authenticate(req, m); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkScope(req, m); err != nil {
		return nil, err
	}
	if err := s.checkRate(req, m); err != nil {
		return nil, err
	}
	return m.run(s, req)
}

func (s *Server) authenticate(req *request, m method) error {
	want, other := s.config.BotToken, s.config.AppToken
	if m.appToken {
		want, other = other, want
	}
	switch req.token {
	case want:
		return nil
	case "":
		return fail("not_authed")
	case other:
		return fail("not_allowed_token_type")
	}
	return fail("invalid_auth")
}

func (s *Server) checkScope(req *request, m method) error {
	for _, scope := range m.scopes {
		if strings.HasPrefix(scope, ":") {
			channel := s.channels[req.arg("channel")]
			if channel == nil {
				return fail("channel_not_found")
			}
			scope = channel.scopePrefix() + scope
		}
		if !slices.Contains(s.scopes, scope) {
			return &apiError{code: "missing_scope", needed: scope}
		}
	}
	return nil
}

func (c *Channel) scopePrefix() string {
	switch {
	case c.IM != "":
		return "im"
	case c.Private:
		return "groups"
	}
	return "channels"
}

func (s *Server) checkRate(req *request, m method) error {
	if s.config.Limits.NoRates {
		return nil
	}
	rate := m.rate
	if override, ok := s.config.Limits.Rates[req.method]; ok {
		rate = override
	}
	key := req.method
	if m.perChannel {
		key += " " + req.arg("channel")
	}
	if wait := s.pacer.admit(key, rate, s.now()); wait > 0 {
		return &rateLimited{seconds: retryAfterSeconds(wait)}
	}
	return nil
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone needs no answer
}
