package interactions

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"harrier/activities/slack"
)

// graceDown is how long a reconnection may take before readiness is lost: Slack
// itself asks for one every few hours.
const graceDown = 30 * time.Second

// badToken are Slack's answers to a token that will not work again:
// https://docs.slack.dev/reference/methods/auth.test#errors
var badToken = []string{"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope", "org_login_required"}

// state is whether clicks can arrive and be worked on.
type state struct {
	mu      sync.Mutex
	ever    bool
	err     error
	since   time.Time // of err, or of the connection
	hellos  int
	token   error // what Slack said to its own test of the bot token
	refused error // what Slack said to another call with it
	times   int   // that it refused one
}

func (s *state) up(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ever, s.err, s.since = true, nil, at
	s.hellos++
}

func (s *state) down(err error, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.since = at
	}
	s.err = err
}

// answered learns from what Slack said to a call whether the bot token works.
func (s *state) answered(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		s.refused = nil
	case slack.Answered(err, badToken...):
		s.refused, s.times = err, s.times+1
	}
}

// testFor bounds one test of the bot token.
const testFor = 10 * time.Second

// test asks Slack whether it takes the bot token. That it does takes back no refusal that
// came meanwhile, and none for want of a scope.
func (s *state) test(ctx context.Context, ask func(context.Context) error) error {
	s.mu.Lock()
	before := s.times
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, testFor)
	defer cancel()
	err := ask(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case slack.Answered(err, badToken...):
		s.token = err
	case err == nil:
		s.token = nil
		if s.times == before && !slack.Answered(s.refused, "missing_scope") {
			s.refused = nil
		}
	}
	return err
}

// testToken asks Slack at the start and every TestEvery whether it takes the bot token:
// otherwise the first click would show that it does not.
func (s *Service) testToken(ctx context.Context) {
	ask := func(ctx context.Context) error {
		_, err := s.config.Slack.AuthTestContext(ctx)
		return err
	}
	for {
		if err := s.state.test(ctx, ask); err != nil && ctx.Err() == nil {
			s.config.Logger.Warn("slack bot token not confirmed", "error", err.Error())
		}
		if !pause(ctx, s.config.TestEvery) {
			return
		}
	}
}

// Ready is nil while clicks can arrive and be worked on. Over Socket Mode it takes a
// connection, or one lost less than half a minute ago, except where Slack refuses
// the app token. In both modes it takes a bot token that Slack takes.
func (s *Service) Ready() error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	st := &s.state
	refused := st.token
	if refused == nil {
		refused = st.refused
	}
	if refused != nil {
		return fmt.Errorf("slack refuses the bot token: %w; install the app again, or set slack.bot_token", refused)
	}
	if s.config.Mode == ModeHTTP {
		return nil
	}
	switch {
	case slack.Answered(st.err, badToken...):
		return fmt.Errorf("slack refuses the app token: %w; make a new one with connections:write and set slack.app_token", st.err)
	case !st.ever && st.err == nil:
		return errors.New("slack socket mode is not connected yet")
	case st.err == nil, st.ever && s.config.Now().Sub(st.since) < graceDown:
		return nil
	}
	return fmt.Errorf("slack socket mode is down: %w", st.err)
}

// Status says how clicks arrive, for the readiness page.
func (s *Service) Status() string {
	if s.config.Mode == ModeHTTP {
		return "signed HTTP requests"
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	st := &s.state
	out := "socket mode, connected since " + st.since.UTC().Format(time.RFC3339)
	if st.err != nil {
		out = "socket mode, reconnecting since " + st.since.UTC().Format(time.RFC3339)
	}
	if st.hellos > 1 {
		out += fmt.Sprintf(", reconnected %d times", st.hellos-1)
	}
	return out
}
