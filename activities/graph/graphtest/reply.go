package graphtest

import (
	"encoding/json"
	"net/http"
)

// object is a JSON object.
type object map[string]any

// reply is an answer before it is written alone or into a batch.
type reply struct {
	status     int
	retryAfter string
	body       object
	dropped    bool
}

func found(body object) reply { return reply{status: http.StatusOK, body: body} }

func failed(status int, code, message string) reply {
	return reply{status: status, body: object{"error": object{
		"code": code, "message": message,
		"innerError": object{"request-id": "00000000-0000-4000-8000-000000000000"},
	}}}
}

func unsupported(message string) reply {
	return failed(http.StatusBadRequest, "Request_UnsupportedQuery", message)
}

func (r reply) headers() map[string]string {
	h := map[string]string{"Content-Type": "application/json"}
	if r.retryAfter != "" {
		h["Retry-After"] = r.retryAfter
	}
	return h
}

func (s *Server) write(w http.ResponseWriter, r reply) {
	for name, value := range r.headers() {
		w.Header().Set(name, value)
	}
	w.WriteHeader(r.status)
	if err := json.NewEncoder(w).Encode(r.body); err != nil {
		s.config.Logger.Warn("graph answer not written", "error", err)
	}
}
