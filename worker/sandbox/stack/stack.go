// Package stack is everything a laptop lacks: a real Temporal server, fakes of
// Entra, Log Analytics, Graph with Defender's incidents, Azure Resource Manager, a pager
// and Slack that speak the real wire protocols on loopback, an invented tenant, and the real worker as a
// child process that can be killed.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"harrier/activities/defender/defendertest"
	"harrier/activities/graph/graphtest"
	"harrier/activities/incidents/incidentstest"
	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/activities/paging/pagingtest"
	"harrier/activities/slack/slacktest"
	"harrier/worker/sandbox/devserver"
	"harrier/worker/sandbox/entra"
	"harrier/worker/sandbox/tenant"
)

// Options say what to start. Zero ports are free ones.
type Options struct {
	// Dir holds configuration, audit and the worker's binary.
	Dir string
	// Root is the checkout the worker is built from.
	Root string
	Seed uint64
	Rows int
	// SlackPort, TemporalPort and UIPort are fixed where commands are pasted.
	SlackPort, TemporalPort, UIPort int
	// Deadlines shorten the deadline of single senders of the tenant.
	Deadlines func(*tenant.Tenant) map[string]time.Duration
	// Settings changes the shipped hunt settings, which it gets by hunt id; nil keeps them.
	Settings func(map[string]map[string]any)
	// Hunts are hunting files beside the shipped ones, by file name.
	Hunts map[string]string
	// Channels are ids of private channels beside the three of the sandbox.
	Channels []string
	// Anchor is the tenant's present; zero is now.
	Anchor time.Time
	// Days is how far back the tenant's mail goes; 0 is the tenant's default.
	Days int
	// Progress is told what takes long.
	Progress io.Writer
}

// Stack is the running sandbox.
type Stack struct {
	Options      Options
	Tenant       *tenant.Tenant
	Entra        *entra.Server
	LogAnalytics *loganalyticstest.Server
	Graph        *graphtest.Server
	Defender     *defendertest.Server
	Incidents    *incidentstest.Server
	Pager        *pagingtest.Server
	Slack        *slacktest.Server
	Temporal     client.Client
	// SlackPage, TemporalAddress and UI are for people.
	SlackPage, TemporalAddress, UI string
	// ConfigFile is the worker's configuration.
	ConfigFile string

	binary    string
	listeners listeners
	endpoints endpoints
	server    *devserver.Server
	worker    *process
	logFile   *os.File
}

// endpoints are where the worker finds the fakes.
type endpoints struct{ entra, logAnalytics, graph, arm, pager, slack string }

// Start brings everything up. On an error what was started is stopped again.
func Start(ctx context.Context, o Options) (*Stack, error) {
	s := &Stack{Options: o}
	if err := s.start(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context) error {
	if err := os.MkdirAll(s.Options.Dir, 0o755); err != nil {
		return fmt.Errorf("make the sandbox's folder: %w", err)
	}
	// Case numbers begin anew with each sandbox: an older audit would seem to be theirs.
	if err := os.RemoveAll(filepath.Join(s.Options.Dir, "audit")); err != nil {
		return fmt.Errorf("clear the sandbox's audit: %w", err)
	}
	if err := s.buildWorker(ctx); err != nil {
		return err
	}
	if err := s.startTemporal(ctx); err != nil {
		return err
	}
	s.say("inventing the tenant: seed %d", s.Options.Seed)
	if s.Options.Anchor.IsZero() {
		s.Options.Anchor = time.Now()
	}
	s.Tenant = tenant.New(tenant.Options{Seed: s.Options.Seed, Rows: s.Options.Rows, Days: s.Options.Days, Anchor: s.Options.Anchor})
	if err := s.startFakes(); err != nil {
		return err
	}
	if err := s.writeConfig(); err != nil {
		return err
	}
	return s.StartWorker(ctx)
}

func (s *Stack) say(format string, args ...any) {
	fmt.Fprintf(s.Options.Progress, format+"\n", args...)
}

func (s *Stack) buildWorker(ctx context.Context) (err error) {
	s.say("building the worker (the first time takes some minutes: the Graph models are large)")
	s.binary, err = BuildWorker(ctx, s.Options.Root, s.Options.Dir, s.Options.Progress)
	return err
}

func (s *Stack) startTemporal(ctx context.Context) (err error) {
	s.server, err = devserver.Start(ctx, devserver.Options{
		Root: s.Options.Root, Progress: s.Options.Progress,
		Port: s.Options.TemporalPort, UIPort: s.Options.UIPort, UI: true,
	})
	if err != nil {
		return err
	}
	s.TemporalAddress, s.UI = s.server.Address, s.server.UI
	s.Temporal, err = client.Dial(client.Options{
		HostPort: s.TemporalAddress, Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		return fmt.Errorf("connect to the dev server: %w", err)
	}
	return nil
}

// StartWorker starts the worker and waits until it is ready for clicks.
func (s *Stack) StartWorker(ctx context.Context) error {
	if s.logFile == nil {
		f, err := os.Create(filepath.Join(s.Options.Dir, "worker.log"))
		if err != nil {
			return err
		}
		s.logFile = f
	}
	// A click for the worker before this one would be lost.
	if err := s.Slack.ExpectNoSocket(ctx); err != nil {
		return err
	}
	w, err := startProcess(s.binary, []string{"--config", s.ConfigFile}, nil, s.logFile)
	if err != nil {
		return err
	}
	s.worker = w
	ready, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	go func() {
		select {
		case <-w.done:
			cancel()
		case <-ready.Done():
		}
	}()
	if err := s.Slack.ExpectSockets(ready, 1); err != nil {
		return fmt.Errorf("the worker did not come up: %w; its log is %s:\n%s", err, s.logFile.Name(), tail(s.logFile.Name()))
	}
	return nil
}

// KillWorker ends the worker as a crash would.
func (s *Stack) KillWorker() { s.worker.kill() }

// StopWorker ends the worker as an upgrade would.
func (s *Stack) StopWorker() { s.worker.stop() }

// Command runs the worker's binary as a person would on a terminal.
func (s *Stack) Command(args ...string) []string {
	return append([]string{s.binary, "--config", s.ConfigFile}, args...)
}

// Close stops everything that was started.
func (s *Stack) Close() {
	if s.worker != nil && s.worker.running() {
		s.worker.stop()
	}
	if s.Temporal != nil {
		s.Temporal.Close()
	}
	s.listeners.close()
	if s.server != nil {
		s.server.Stop()
	}
	if s.logFile != nil {
		_ = s.logFile.Close()
	}
}

// WorkerRunning says that the worker has not ended by itself.
func (s *Stack) WorkerRunning() error {
	if !s.worker.running() {
		return errors.New("the worker ended; its log is " + s.logFile.Name() + ":\n" + tail(s.logFile.Name()))
	}
	return nil
}

// WorkerLog is the end of the worker's log.
func (s *Stack) WorkerLog() string {
	if s.logFile == nil {
		return "the worker was never started"
	}
	return tail(s.logFile.Name())
}

func tail(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-3000):])
}
