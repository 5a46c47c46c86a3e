package graphtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
)

// MaxBatch is how many requests one $batch may hold.
// https://learn.microsoft.com/en-us/graph/json-batching
const MaxBatch = 20

type batchStep struct {
	ID      string            `json:"id"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
}

type batchAnswer struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    object            `json:"body"`
}

func (s *Server) batch(r *http.Request) reply {
	s.mu.Lock()
	s.batches++
	s.mu.Unlock()
	if answer, hit := s.fault("/$batch"); hit {
		return answer
	}
	if r.Method != http.MethodPost {
		return failed(http.StatusMethodNotAllowed, "BadRequest", "A batch is a POST.")
	}
	var in struct {
		Requests []batchStep `json:"requests"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return failed(http.StatusBadRequest, "BadRequest", "Invalid batch payload format.")
	}
	if refusal, bad := checkSteps(in.Requests); bad {
		return refusal
	}
	answers := make([]batchAnswer, 0, len(in.Requests))
	for _, step := range in.Requests {
		if a := s.step(step, "https://"+r.Host+Root); !a.dropped {
			answers = append(answers, batchAnswer{ID: step.ID, Status: a.status, Headers: a.headers(), Body: a.body})
		}
	}
	// The service promises no order; a client that relies on one shall notice here.
	slices.Reverse(answers)
	return found(object{"responses": answers})
}

func checkSteps(steps []batchStep) (reply, bool) {
	if len(steps) > MaxBatch {
		return failed(http.StatusBadRequest, "MaximumValueExceeded", "Number of batch request steps exceeds the maximum value of 20."), true
	}
	if len(steps) == 0 {
		return failed(http.StatusBadRequest, "BadRequest", "Invalid batch payload format."), true
	}
	seen := map[string]bool{}
	for _, step := range steps {
		if step.ID == "" || seen[step.ID] {
			return failed(http.StatusBadRequest, "BadRequest", "Request Id has to be unique in a batch."), true
		}
		seen[step.ID] = true
	}
	return reply{}, false
}

func (s *Server) step(step batchStep, base string) reply {
	u, err := url.Parse(step.URL)
	if err != nil || u.IsAbs() || u.Path == "" || u.Path[0] != '/' {
		return failed(http.StatusBadRequest, "BadRequest", "Invalid batch request URL: "+step.URL)
	}
	header := http.Header{}
	for name, value := range step.Headers {
		header.Set(name, value)
	}
	return s.single(call{method: step.Method, path: u.Path, query: u.Query(), header: header, base: base})
}
