package slacktest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// socket is one Socket Mode connection of the app.
type socket struct {
	number   int
	conn     *websocket.Conn
	writing  sync.Mutex
	draining bool          // told to disconnect: gets nothing new, its acknowledgements still count
	gone     chan struct{} // closed when the connection has ended
}

// connectionsOpen is https://docs.slack.dev/reference/methods/apps.connections.open.
func (s *Server) connectionsOpen(req *request) (reply, error) {
	ticket := s.nextID("T")
	s.tickets[ticket] = s.now()
	scheme := "ws"
	if req.secure {
		scheme = "wss"
	}
	return reply{"url": fmt.Sprintf("%s://%s/link/?ticket=%s&app_id=%s", scheme, req.host, ticket, s.config.AppID)}, nil
}

func (s *Server) takeTicket(ticket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	issued, known := s.tickets[ticket]
	delete(s.tickets, ticket)
	return known && s.now().Sub(issued) <= TicketLifetime && len(s.sockets) < MaxSockets
}

func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !s.takeTicket(r.URL.Query().Get("ticket")) {
		http.Error(w, "invalid ticket", http.StatusForbidden)
		return
	}
	// The official clients send an Origin of their own; the ticket is what authorises the connection.
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.log.Warn("slack socket upgrade failed", "error", err)
		return
	}
	k := &socket{conn: conn, gone: make(chan struct{})}
	if !s.addSocket(k) {
		_ = conn.Close()
		return
	}
	defer s.running.Done()
	s.running.Go(func() { s.ping(k) })
	s.readAcks(k)
	s.dropSocket(k)
}

// addSocket greets the app and makes the socket eligible for deliveries, in this order.
func (s *Server) addSocket(k *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closing:
		return false
	default:
	}
	s.nextSock++
	k.number = s.nextSock
	hello := map[string]any{
		"type": "hello", "num_connections": len(s.sockets) + 1,
		"connection_info": map[string]any{"app_id": s.config.AppID},
		"debug_info":      map[string]any{"host": "applink-slacktest", "build_number": 1, "approximate_connection_time": 18060},
	}
	if k.write(hello) != nil {
		return false
	}
	s.running.Add(1)
	s.sockets = append(s.sockets, k)
	s.touch()
	return true
}

func (s *Server) dropSocket(k *socket) {
	_ = k.conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets = slices.DeleteFunc(s.sockets, func(other *socket) bool { return other == k })
	close(k.gone)
	s.touch()
}

func (k *socket) write(message any) error {
	k.writing.Lock()
	defer k.writing.Unlock()
	_ = k.conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
	return k.conn.WriteJSON(message)
}

func (s *Server) ping(k *socket) {
	ticker := time.NewTicker(s.config.PingInterval)
	defer ticker.Stop()
	for {
		deadline := time.Now().Add(5 * time.Second)
		if k.conn.WriteControl(websocket.PingMessage, []byte("Ping from slacktest"), deadline) != nil {
			return
		}
		select {
		case <-ticker.C:
		case <-k.gone:
			return
		}
	}
}

// readAcks takes acknowledgements until the connection ends. Slack drops responses of 20 kB and more in silence.
func (s *Server) readAcks(k *socket) {
	for {
		_, raw, err := k.conn.ReadMessage()
		if err != nil {
			return
		}
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if json.Unmarshal(raw, &ack) != nil || (len(raw) >= MaxAckBytes && len(ack.Payload) > 0) {
			s.log.Warn("slack acknowledgement dropped", "bytes", len(raw))
			continue
		}
		s.acknowledge(ack.EnvelopeID, ack.Payload)
	}
}

func (s *Server) acknowledge(envelopeID string, payload json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.pending[envelopeID]
	if e == nil {
		return
	}
	select {
	case e.acked <- payload:
	default: // a second acknowledgement of the same envelope changes nothing
	}
}

// pickSocket takes the next socket in turn, another one than avoid when there is a choice. The caller holds mu.
func (s *Server) pickSocket(avoid *socket) *socket {
	var ready []*socket
	for _, k := range s.sockets {
		if !k.draining {
			ready = append(ready, k)
		}
	}
	if len(ready) > 1 {
		ready = slices.DeleteFunc(ready, func(k *socket) bool { return k == avoid })
	}
	if len(ready) == 0 {
		return nil
	}
	s.serial++
	return ready[s.serial%len(ready)]
}

// Sockets is how many Socket Mode connections are open and willing.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.openSockets()
}

func (s *Server) openSockets() int {
	open := 0
	for _, k := range s.sockets {
		if !k.draining {
			open++
		}
	}
	return open
}

// ExpectSockets waits until at least n Socket Mode connections are open.
func (s *Server) ExpectSockets(ctx context.Context, n int) error {
	_, err := await(ctx, s, func() (bool, bool) { return true, s.openSockets() >= n })
	if err != nil {
		return fmt.Errorf("expect %d sockets, have %d: %w", n, s.Sockets(), err)
	}
	return nil
}

// ExpectNoSocket waits until every connection is closed: a client that was killed is
// gone for the server some moments later.
func (s *Server) ExpectNoSocket(ctx context.Context) error {
	_, err := await(ctx, s, func() (bool, bool) { return true, s.openSockets() == 0 })
	if err != nil {
		return fmt.Errorf("expect no socket, have %d: %w", s.Sockets(), err)
	}
	return nil
}

// Disconnect asks every open socket to reconnect, with Slack's reason ("refresh_requested" when empty).
func (s *Server) Disconnect(reason string) {
	if reason == "" {
		reason = "refresh_requested"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets {
		k.draining = true
		_ = k.write(map[string]any{
			"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "applink-slacktest"},
		})
	}
	s.touch()
}

// CutSockets drops every connection without a word, as a broken network does.
func (s *Server) CutSockets() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets {
		_ = k.conn.Close()
	}
}
