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
// whenever the connection is lost. In HTTP mode it only tests the bot token.
func (s *Service) Run(ctx context.Context) error {
	var testing sync.WaitGroup
	testing.Go(func() { s.testToken(ctx) })
	defer testing.Wait()
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
		if !pause(ctx, wait) {
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
		s.state.up(s.config.Now())
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
	case socketmode.EventTypeInteractive, socketmode.EventTypeSlashCommand, socketmode.EventTypeEventsAPI:
		if handle := s.handlerOf(event); handle != nil {
			s.take(ctx, client, event, handle)
		}
	}
}

// handlerOf is what handles a request that HTTP delivers as well.
func (s *Service) handlerOf(event socketmode.Event) func() (any, func(), error) {
	switch data := event.Data.(type) {
	case slackapi.InteractionCallback:
		return func() (any, func(), error) { return s.handle(data) }
	case slackapi.SlashCommand:
		return func() (any, func(), error) { return s.command(data) }
	}
	if event.Type == socketmode.EventTypeEventsAPI && event.Request != nil {
		return func() (any, func(), error) { return s.happened(event.Request.Payload) }
	}
	return nil
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
