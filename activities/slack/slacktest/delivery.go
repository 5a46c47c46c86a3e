package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// envelope is one interaction on its way to the app.
type envelope struct {
	id, kind       string // kind is "interactive", "slash_commands" or "events_api"
	payload        map[string]any
	acceptsPayload bool
	acked          chan json.RawMessage
	attempts       atomic.Int64
	late           func()         // called once, when the first attempt was not acknowledged in time
	signed         *signedRequest // over HTTP, the very bytes, so that they can be sent again
}

// Delivery is one attempt to hand an interaction to the app.
type Delivery struct {
	EnvelopeID   string
	Kind         string // "interactive", "slash_commands" or "events_api"
	Socket       int    // number of the connection, from 1; 0 over HTTP or when there was none
	RetryAttempt int
	RetryReason  string // "timeout" or "socket_closed"
	Acked        bool
	At           time.Time
}

// outcome is what became of an interaction after all attempts.
type outcome struct {
	acked    bool
	warned   bool // the first attempt was not acknowledged in time, so the person saw a warning
	attempts int
	payload  json.RawMessage
}

var (
	errNoAnswer   = errors.New("timeout")
	errSocketGone = errors.New("socket_closed")
)

// deliver hands an interaction to the app until it is acknowledged or the attempts are used up.
func (s *Server) deliver(ctx context.Context, e *envelope) (outcome, error) {
	s.mu.Lock()
	e.id, e.acked = s.nextID("e"), make(chan json.RawMessage, 1)
	s.pending[e.id] = e
	s.mu.Unlock()
	if s.config.InteractivityURL != "" {
		return s.deliverHTTP(ctx, e)
	}
	return s.deliverSocket(ctx, e, s.config.Redeliveries+1)
}

func (s *Server) deliverSocket(ctx context.Context, e *envelope, attempts int) (outcome, error) {
	var out outcome
	var last *socket
	reason := ""
	for range attempts {
		k, payload, err := s.attempt(ctx, e, last, reason)
		last, out.attempts = k, int(e.attempts.Load())
		if err == nil {
			out.acked, out.payload = true, payload
			return out, nil
		}
		if ctx.Err() != nil {
			return out, fmt.Errorf("deliver %s %s: %w", e.kind, e.id, ctx.Err())
		}
		if !out.warned {
			e.tellLate()
		}
		reason, out.warned = err.Error(), true
	}
	return out, nil
}

// attempt sends an envelope to one socket and waits for its acknowledgement, both within the deadline.
func (s *Server) attempt(ctx context.Context, e *envelope, avoid *socket, reason string) (*socket, json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.AckTimeout)
	defer cancel()
	k, err := await(ctx, s, func() (*socket, bool) { k := s.pickSocket(avoid); return k, k != nil })
	record := s.recordDelivery(e, k, reason)
	if err != nil || k.write(e.message(reason)) != nil {
		return k, nil, errNoAnswer
	}
	select {
	case payload := <-e.acked:
		s.markAcked(record)
		return k, payload, nil
	case <-k.gone:
		return k, nil, errSocketGone
	case <-ctx.Done():
		return k, nil, errNoAnswer
	case <-s.closing:
		return k, nil, errSocketGone
	}
}

func (e *envelope) tellLate() {
	if e.late != nil {
		e.late()
	}
}

func (e *envelope) message(reason string) map[string]any {
	message := map[string]any{
		"envelope_id": e.id, "type": e.kind, "payload": e.payload, "accepts_response_payload": e.acceptsPayload,
	}
	if n := e.attempts.Load(); n > 1 {
		message["retry_attempt"], message["retry_reason"] = n-1, reason
	}
	return message
}

// recordDelivery counts an attempt and returns its place in the list.
func (s *Server) recordDelivery(e *envelope, k *socket, reason string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	attempts := int(e.attempts.Add(1))
	record := Delivery{EnvelopeID: e.id, Kind: e.kind, RetryAttempt: attempts - 1, RetryReason: reason, At: s.now()}
	if k != nil {
		record.Socket = k.number
	}
	s.sent = append(s.sent, record)
	s.touch()
	return len(s.sent) - 1
}

func (s *Server) markAcked(record int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent[record].Acked = true
	s.touch()
}

// Deliveries returns every attempt to deliver an interaction, oldest first.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Delivery(nil), s.sent...)
}

// Redeliver sends an interaction once more: over Socket Mode the same envelope with the next retry_attempt (as Slack
// does up to minutes later), over HTTP the same signed bytes. It reports whether the app acknowledged.
func (s *Server) Redeliver(ctx context.Context, envelopeID string) (bool, error) {
	s.mu.Lock()
	e := s.pending[envelopeID]
	s.mu.Unlock()
	if e == nil {
		return false, fmt.Errorf("redeliver %s: no such envelope", envelopeID)
	}
	if e.signed != nil {
		out, err := s.post(ctx, e)
		return out.acked, err
	}
	select {
	case <-e.acked: // a late acknowledgement of an earlier attempt does not answer this one
	default:
	}
	_, _, err := s.attempt(ctx, e, nil, errNoAnswer.Error())
	return err == nil, ctx.Err()
}
