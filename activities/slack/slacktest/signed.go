package slacktest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// signedRequest is an HTTP delivery, byte for byte.
type signedRequest struct{ url, body, contentType, timestamp, signature string }

// Sign computes X-Slack-Signature over a raw body.
// https://docs.slack.dev/authentication/verifying-requests-from-slack
func Sign(secret string, at time.Time, body string) (timestamp, signature string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + timestamp + ":" + body))
	return timestamp, "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// VerifyEventsURL asks the app for the challenge that Slack sends when an address for events is set:
// https://docs.slack.dev/reference/events/url_verification
func (s *Server) VerifyEventsURL(ctx context.Context) error {
	s.mu.Lock()
	challenge := s.nextID("challenge")
	s.mu.Unlock()
	signed := signedRequest{
		url: s.config.EventsURL, contentType: "application/json",
		body: string(mustJSON(map[string]any{"type": "url_verification", "token": "verification-token-is-deprecated", "challenge": challenge})),
	}
	signed.timestamp, signed.signature = Sign(s.config.SigningSecret, s.now(), signed.body)
	answer, err := s.send(ctx, &signed)
	if err != nil {
		return err
	}
	var got struct {
		Challenge string `json:"challenge"`
		Text      string `json:"text"` // an answer in plain text
	}
	if json.Unmarshal(answer, &got) != nil || got.Challenge != challenge && got.Text != challenge {
		return fmt.Errorf("verify %s: it did not answer with the challenge", s.config.EventsURL)
	}
	return nil
}

// deliverHTTP posts once. Slack does not retry interactivity over HTTP; events it does
// (https://docs.slack.dev/apis/events-api#errors), which Redeliver stands for.
func (s *Server) deliverHTTP(ctx context.Context, e *envelope) (outcome, error) {
	const form = "application/x-www-form-urlencoded"
	signed := signedRequest{url: s.config.InteractivityURL, contentType: form}
	switch e.kind {
	case "slash_commands":
		signed.url, signed.body = s.config.CommandsURL, commandForm(e.payload)
	case kindEvents:
		signed.url, signed.body, signed.contentType = s.config.EventsURL, string(mustJSON(e.payload)), "application/json"
	default:
		signed.body = url.Values{"payload": {string(mustJSON(e.payload))}}.Encode()
	}
	signed.timestamp, signed.signature = Sign(s.config.SigningSecret, s.now(), signed.body)
	e.signed = &signed
	return s.post(ctx, e)
}

func commandForm(payload map[string]any) string {
	form := url.Values{}
	for name, value := range payload {
		form.Set(name, fmt.Sprint(value))
	}
	return form.Encode()
}

func (s *Server) post(ctx context.Context, e *envelope) (outcome, error) {
	record := s.recordDelivery(e, nil, "")
	bounded, cancel := context.WithTimeout(ctx, s.config.AckTimeout)
	defer cancel()
	body, err := s.send(bounded, e.signed)
	out := outcome{attempts: int(e.attempts.Load())}
	if ctx.Err() != nil {
		return out, fmt.Errorf("deliver %s %s: %w", e.kind, e.id, ctx.Err())
	}
	if err != nil {
		s.log.Warn("slack delivery over http failed", "envelope", e.id, "error", err)
		out.warned = true
		e.tellLate()
		return out, nil
	}
	s.markAcked(record)
	out.acked, out.payload = true, body
	return out, nil
}

// send posts and returns the JSON the app answered with, if any; a status other than 200 is no acknowledgement.
func (s *Server) send(ctx context.Context, signed *signedRequest) (json.RawMessage, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, signed.url, strings.NewReader(signed.body))
	if err != nil {
		return nil, fmt.Errorf("post to %s: %w", signed.url, err)
	}
	req.Header.Set("Content-Type", signed.contentType)
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	req.Header.Set("X-Slack-Request-Timestamp", signed.timestamp)
	req.Header.Set("X-Slack-Signature", signed.signature)
	resp, err := s.config.HTTPClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxRequestBody))
	if err != nil {
		return nil, fmt.Errorf("read answer of %s: %w", signed.url, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("post to %s: status %d instead of 200", signed.url, resp.StatusCode)
	}
	if len(body) == 0 {
		return nil, nil
	}
	if !json.Valid(body) {
		return mustJSON(map[string]any{"text": string(body)}), nil // plain text is a message in answer to a command
	}
	return body, nil
}
