package interactions

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	slackapi "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// Waits between connections that ended for good (the token is refused).
const (
	reconnectFirst = time.Second
	reconnectMax   = time.Minute
)

// ackFor bounds an acknowledgement; Slack takes none after three seconds.
const ackFor = 2 * time.Second

// Run receives clicks over Socket Mode until ctx ends, and connects again
// whenever the connection is lost. In HTTP mode it only waits.
func (s *Service) Run(ctx context.Context) error {
	if s.config.Mode == ModeHTTP {
		<-ctx.Done()
		return nil
	}
	for wait := reconnectFirst; ; wait = min(2*wait, reconnectMax) {
		err := s.connect(ctx)
		if ctx.Err() != nil {
			return nil
		}
		s.state.down(err, s.config.Now())
		s.config.Logger.Error("slack socket mode ended, connecting again", "error", err.Error())
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// connect serves one Socket Mode client, which reconnects by itself, until it gives up.
func (s *Service) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var options []socketmode.Option
	if s.config.Dialer != nil {
		options = append(options, socketmode.OptionDialer(s.config.Dialer))
	}
	client := socketmode.New(s.config.Slack, options...)
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	for {
		select {
		case event := <-client.Events:
			s.event(ctx, client, event)
		case err := <-ended:
			return fmt.Errorf("serve socket mode: %w", errors.Join(err, ctx.Err()))
		}
	}
}

func (s *Service) event(ctx context.Context, client *socketmode.Client, event socketmode.Event) {
	switch event.Type {
	case socketmode.EventTypeHello:
		s.state.up()
		s.config.Logger.Info("slack socket mode connected")
	case socketmode.EventTypeConnecting:
		s.state.down(errors.New("slack socket mode is connecting"), s.config.Now())
	case socketmode.EventTypeConnectionError:
		if e, ok := event.Data.(*slackapi.ConnectionErrorEvent); ok {
			s.state.down(e.ErrorObj, s.config.Now())
			s.config.Logger.Warn("slack socket mode not connected", "error", e.ErrorObj.Error())
		}
	case socketmode.EventTypeErrorBadMessage:
		s.config.Logger.Warn("slack sent a message that is not readable")
	case socketmode.EventTypeInteractive:
		if callback, ok := event.Data.(slackapi.InteractionCallback); ok {
			s.take(ctx, client, event, func() (any, func(), error) { return s.handle(callback) })
		}
	case socketmode.EventTypeSlashCommand:
		if c, ok := event.Data.(slackapi.SlashCommand); ok {
			s.take(ctx, client, event, func() (any, func(), error) { return s.command(c) })
		}
	case socketmode.EventTypeEventsAPI:
		s.acknowledge(ctx, client, event.Request.EnvelopeID, nil)
	}
}

// take acknowledges first; an interaction there is no place for is not
// acknowledged, and Slack delivers it again.
func (s *Service) take(ctx context.Context, client *socketmode.Client, event socketmode.Event, handle func() (any, func(), error)) {
	ack, after, err := handle()
	if errors.Is(err, errBusy) {
		s.config.Logger.Error("slack click not acknowledged", "error", err.Error())
		return
	}
	s.acknowledge(ctx, client, event.Request.EnvelopeID, ack)
	if after != nil {
		after()
	}
}

func (s *Service) acknowledge(ctx context.Context, client *socketmode.Client, envelope string, payload any) {
	ctx, cancel := context.WithTimeout(ctx, ackFor)
	defer cancel()
	if err := client.AckCtx(ctx, envelope, payload); err != nil {
		s.config.Logger.Error("slack click not acknowledged", "error", err.Error())
	}
}

// graceDown is how long a reconnection may take before readiness is lost: Slack
// itself asks for one every few hours.
const graceDown = 30 * time.Second

// state is whether clicks can arrive.
type state struct {
	mu    sync.Mutex
	ever  bool
	err   error
	since time.Time
}

func (s *state) up() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ever, s.err = true, nil
}

func (s *state) down(err error, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.since = at
	}
	s.err = err
}

// Ready is nil while clicks can arrive: over Socket Mode with a connection, or
// one lost less than half a minute ago; over HTTP always.
func (s *Service) Ready() error {
	if s.config.Mode == ModeHTTP {
		return nil
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	switch {
	case !s.state.ever && s.state.err == nil:
		return errors.New("slack socket mode is not connected yet")
	case s.state.err == nil, s.state.ever && s.config.Now().Sub(s.state.since) < graceDown:
		return nil
	}
	return fmt.Errorf("slack socket mode is down: %w", s.state.err)
}
