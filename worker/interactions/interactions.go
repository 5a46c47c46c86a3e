package interactions

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	slackapi "github.com/slack-go/slack"

	"harrier/activities/audit"
	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// Cases are the cases that clicks act on. TemporalCases is the implementation.
// What a case refuses is a *soar.Refusal; any other error means that nobody knows
// yet, and the same may be sent again.
type Cases interface {
	Decide(ctx context.Context, d soar.Decide) (soar.Decided, error)
	// Change changes a case beside deciding it.
	Change(ctx context.Context, c soar.Change) (soar.Decided, error)
	// Extend moves the end of what is remembered of a sender; click is the stable id
	// of the click.
	Extend(ctx context.Context, caseID, click string, e soar.Extend) (soar.CaseView, error)
	// View reads a case by the id of its workflow.
	View(ctx context.Context, caseID string) (soar.CaseView, error)
	// Show asks the case to post its card in a summary's thread.
	Show(ctx context.Context, s soar.Show) error
}

// Cards edit a case's card in place; the Slack adapter does.
type Cards interface {
	UpdateCard(ctx context.Context, in soar.CaseRequest) (soar.None, error)
}

// Refusals keep an audit line of what was refused: a refusal leaves no event in the case.
type Refusals interface {
	RecordRefusal(ctx context.Context, r audit.Refusal) error
}

// Mode is how clicks arrive.
type Mode string

const (
	// ModeSocket receives clicks over Socket Mode.
	ModeSocket Mode = "socket"
	// ModeHTTP receives clicks as signed HTTP requests.
	ModeHTTP Mode = "http"
)

// Config of a Service.
type Config struct {
	// Slack has the bot token and, for Socket Mode, the app-level token.
	Slack *slackapi.Client
	Cases Cases
	// Cards refresh the card of a click that came too late; nil refreshes none.
	Cards Cards
	// Hunts are what /hunt lists and starts; nil answers that they are not set up.
	Hunts Hunts
	// Runs are what /hunt status shows and a dry run is compared with, Pauses what
	// /hunt pauses and resumes; nil answers that they are not set up.
	Runs   Runs
	Pauses Pauses
	// Desk is what the home tab shows; nil publishes none.
	Desk Desk
	// Approvers reads the list in force, at each click. Empty means nobody.
	Approvers func() soar.Approvers
	Audit     Refusals
	// Mode is ModeSocket when empty.
	Mode Mode
	// SigningSecrets are the secrets of HTTP requests: the one in force and, while it is changed, the one before.
	SigningSecrets []string
	// Dialer dials Socket Mode; nil is the library's own.
	Dialer *websocket.Dialer
	// Links are the portals that the evidence leads to.
	Links slack.Links
	// MaskSubjects says in which channels, by id, the evidence shows no subjects; nil is none.
	MaskSubjects func(channel string) bool
	// RuleAt says where a rule stands, for the form that extends one; nil is not known.
	RuleAt func(id string) (file string, line int)
	// Zone is where a snooze ends in the morning; nil is UTC.
	Zone *time.Location
	// PendingAfter is when a person is told that a decision is still on its way; default 1.5 s.
	PendingAfter time.Duration
	// DecideFor bounds how long a decision is sent again and again; default 10 min.
	DecideFor time.Duration
	// TryFor bounds one call to a case; default 5 s.
	TryFor time.Duration
	// ResultFor bounds how long the result of a hunt is waited for; default 5 min.
	// The response address of a command is good for half an hour:
	// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
	ResultFor time.Duration
	// PauseFor bounds how long a pause or its end is waited for; default 30 s.
	PauseFor time.Duration
	// TestEvery is how often Slack is asked whether it takes the bot token; default 1 min.
	TestEvery time.Duration
	Now       func() time.Time
	Logger    *slog.Logger
}

// maxClicks bounds the clicks that are worked on at one time. One more is not
// acknowledged: Slack then tells the person and delivers it again.
const maxClicks = 512

// maxTries bounds the calls that clicks make at one time.
const maxTries = 16

// Service handles clicks. Make one with New; Run it or mount it, then Close it.
type Service struct {
	config Config
	people *people
	seen   *seen
	state  state

	slots   chan struct{}
	tries   chan struct{}
	taking  context.Context // ends when Close begins
	shut    context.CancelFunc
	base    context.Context
	stop    context.CancelFunc
	mu      sync.Mutex
	closed  bool
	working sync.WaitGroup
}

// New checks the configuration. It calls nothing.
func New(config Config) (*Service, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	base, stop := context.WithCancel(context.Background())
	taking, shut := context.WithCancel(base)
	return &Service{
		config: config, people: newPeople(config.Slack, config.Now), seen: newSeen(config.Now),
		slots: make(chan struct{}, maxClicks), tries: make(chan struct{}, maxTries),
		taking: taking, shut: shut, base: base, stop: stop,
	}, nil
}

func (c Config) withDefaults() Config {
	if c.Mode == "" {
		c.Mode = ModeSocket
	}
	if c.PendingAfter == 0 {
		c.PendingAfter = 1500 * time.Millisecond
	}
	if c.DecideFor == 0 {
		c.DecideFor = 10 * time.Minute
	}
	if c.TryFor == 0 {
		c.TryFor = 5 * time.Second
	}
	if c.ResultFor == 0 {
		c.ResultFor = 5 * time.Minute
	}
	if c.PauseFor == 0 {
		c.PauseFor = 30 * time.Second
	}
	if c.TestEvery == 0 {
		c.TestEvery = time.Minute
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c Config) validate() error {
	var errs []error
	require := func(ok bool, message string) {
		if !ok {
			errs = append(errs, errors.New("interactions: "+message))
		}
	}
	require(c.Slack != nil, "slack client is missing")
	require(c.Cases != nil, "cases are missing")
	require(c.Approvers != nil, "approvers are missing; give a function that reads the list in force")
	require(c.Audit != nil, "audit is missing; every refusal leaves a line")
	require(c.Runs == nil || c.Hunts != nil, "runs are given without hunts; /hunt needs both")
	require(c.Mode == ModeSocket || c.Mode == ModeHTTP, "mode is "+string(c.Mode)+"; write socket or http")
	if c.Mode == ModeHTTP {
		require(len(c.SigningSecrets) > 0, "signing secret is missing; without it anybody could send clicks")
		for _, s := range c.SigningSecrets {
			require(s != "", "a signing secret is empty; without it anybody could send clicks")
		}
	}
	return errors.Join(errs...)
}

// start takes a place for one click's work, false when there is none or the
// service is closing. The work starts when it is given to run.
func (s *Service) start() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	select {
	case s.slots <- struct{}{}:
		s.working.Add(1)
		return true
	default:
		return false
	}
}

func (s *Service) run(work func(context.Context)) {
	go func() {
		defer s.working.Done()
		defer func() { <-s.slots }()
		work(s.base)
	}()
}

// release gives a place back that no work was started in.
func (s *Service) release() {
	<-s.slots
	s.working.Done()
}

// Close takes no more clicks and waits until the work behind those taken is
// done, or ctx ends; then it cuts the work short, which tells the clickers.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.shut()
	done := make(chan struct{})
	go func() {
		s.working.Wait()
		close(done)
	}()
	defer s.stop()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.stop()
		<-done
		return ctx.Err()
	}
}
