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
type signedRequest struct{ url, body, timestamp, signature string }

// Sign computes X-Slack-Signature over a raw body.
// https://docs.slack.dev/authentication/verifying-requests-from-slack
func Sign(secret string, at time.Time, body string) (timestamp, signature string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + timestamp + ":" + body))
	return timestamp, "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// deliverHTTP posts an interaction once: Slack does not retry interactivity over HTTP.
func (s *Server) deliverHTTP(ctx context.Context, e *envelope) (outcome, error) {
	signed := signedRequest{url: s.config.InteractivityURL}
	if e.kind == "slash_commands" {
		signed.url, signed.body = s.config.CommandsURL, commandForm(e.payload)
	} else {
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
	out := outcome{attempts: e.attempts}
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
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
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
