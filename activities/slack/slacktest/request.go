package slacktest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxRequestBody bounds what a client may send; Slack answers request_too_large far below it.
const maxRequestBody = 4 << 20

// request is one Web API call with its arguments, whatever way they were encoded.
type request struct {
	method string
	token  string
	args   map[string]string // values that were not strings in a JSON body are kept as their JSON
	host   string
	secure bool
}

func (r *request) arg(name string) string { return r.args[name] }

func (r *request) has(name string) bool { _, ok := r.args[name]; return ok }

func (r *request) flag(name string) bool {
	yes, err := strconv.ParseBool(r.args[name])
	return err == nil && yes
}

// readRequest takes arguments from the query, a form or a JSON object, and the token from either place Slack allows.
func readRequest(r *http.Request) (*request, error) {
	req := &request{method: r.PathValue("method"), args: map[string]string{}, host: r.Host, secure: r.TLS != nil}
	takeForm(req.args, r.URL.Query())
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequestBody))
	if err != nil {
		return nil, fmt.Errorf("read body of %s: %w", req.method, err)
	}
	if err := takeBody(req.args, r.Header.Get("Content-Type"), body); err != nil {
		return nil, fmt.Errorf("decode body of %s: %w", req.method, err)
	}
	req.token = req.args["token"]
	delete(req.args, "token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		req.token = bearer
	}
	return req, nil
}

func takeBody(args map[string]string, contentType string, body []byte) error {
	if len(body) == 0 {
		return nil
	}
	if kind, _, _ := mime.ParseMediaType(contentType); kind == "application/json" {
		return takeJSON(args, body)
	}
	form, err := url.ParseQuery(string(body))
	takeForm(args, form)
	return err
}

func takeForm(args map[string]string, form url.Values) {
	for name := range maps.Keys(form) {
		args[name] = form.Get(name)
	}
}

func takeJSON(args map[string]string, body []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return err
	}
	for name, raw := range fields {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		args[name] = text
	}
	return nil
}
