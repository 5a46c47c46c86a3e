package interactions

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	slackapi "github.com/slack-go/slack"
)

// maxBody bounds an HTTP interaction; Slack's own are far smaller.
const maxBody = 1 << 20

// ServeHTTP takes signed interactions from Slack. The signature is checked over
// the raw body before anything is read from it; a request that fails is answered
// 401 and nothing is done.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "use POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		s.reject(w, r, unread(err), err)
		return
	}
	if err := verify(r.Header, body, s.config.SigningSecrets, s.config.Now()); err != nil {
		s.reject(w, r, http.StatusUnauthorized, err)
		return
	}
	handle, err := s.parse(body)
	if err != nil {
		s.reject(w, r, http.StatusBadRequest, err)
		return
	}
	s.answer(w, r, handle)
}

// unread is the status of a body that could not be read to its end.
func unread(err error) int {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusRequestTimeout
}

// answer acknowledges and then lets the work begin. Net/http sends a small body
// when the handler returns, and the work does not hold that up.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, handle func() (any, func(), error)) {
	ack, after, err := handle()
	switch {
	case errors.Is(err, errBusy):
		s.reject(w, r, http.StatusServiceUnavailable, err)
		return
	case err != nil:
		s.reject(w, r, http.StatusBadRequest, err)
		return
	}
	if ack != nil {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(ack) // a client that is gone needs no answer
	}
	if after != nil {
		after()
	}
}

func (s *Service) reject(w http.ResponseWriter, r *http.Request, status int, err error) {
	s.config.Logger.Warn("slack request rejected", "status", status, "remote", r.RemoteAddr, "error", err.Error())
	http.Error(w, http.StatusText(status), status)
}

// parse reads a body that was verified, an interaction, a slash command or an
// event, and returns what handles it.
func (s *Service) parse(body []byte) (handle func() (any, func(), error), err error) {
	if text := bytes.TrimSpace(body); len(text) > 0 && text[0] == '{' {
		return func() (any, func(), error) { return s.happened(text) }, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errors.New("read interaction: the body is not a form")
	}
	if form.Has("ssl_check") { // Slack looks at the certificate now and then; nobody asks for anything
		return func() (any, func(), error) { return nil, nil, nil }, nil
	}
	if form.Has("command") {
		c := slackapi.SlashCommand{
			Command: form.Get("command"), Text: form.Get("text"), UserID: form.Get("user_id"), ChannelID: form.Get("channel_id"),
			ResponseURL: form.Get("response_url"), TriggerID: form.Get("trigger_id"),
		}
		return func() (any, func(), error) { return s.command(c) }, nil
	}
	var callback slackapi.InteractionCallback
	if err := json.Unmarshal([]byte(form.Get("payload")), &callback); err != nil {
		return nil, errors.New("read interaction: the payload is not JSON of an interaction")
	}
	return func() (any, func(), error) { return s.handle(callback) }, nil
}
