// Package app wires Harrier: configuration, adapters, Temporal workers,
// schedules, clicks and health. It is the one place where they meet.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"

	"harrier/config"
	"harrier/worker/health"
	"harrier/worker/interactions"
	"harrier/worker/schedules"
)

// huntTimeout ends a run of a hunt that hangs, before the next day's is due.
const huntTimeout = 12 * time.Hour

// dialEvery is how often a Temporal server that is not up yet is tried again.
const dialEvery = 3 * time.Second

// Options are what a worker runs with.
type Options struct {
	Config  config.Config
	Logger  *slog.Logger
	Release string
	// ApplySchedules makes the schedules on the server those of the files.
	ApplySchedules bool
}

// Run runs the worker until ctx ends, then lets what is under way finish.
func Run(ctx context.Context, o Options) error {
	catalogue, err := OpenCatalogue(o.Config, o.Logger)
	if err != nil {
		return err
	}
	logProblems(ctx, catalogue, o.Logger)
	cl, err := dialUntilUp(ctx, o)
	if err != nil {
		return err
	}
	defer cl.Close()
	adapters, err := Wire(o.Config, catalogue, cl, o.Logger)
	if err != nil {
		return err
	}
	workers, err := newWorkers(cl, adapters, o.Logger)
	if err != nil {
		return err
	}
	for _, w := range workers {
		if err := w.Start(); err != nil {
			return fmt.Errorf("start worker: %w", err)
		}
		defer w.Stop()
	}
	if o.ApplySchedules {
		applySchedules(ctx, cl, catalogue, o)
	}
	go reloadOnHangup(ctx, catalogue, func() {
		if o.ApplySchedules {
			applySchedules(ctx, cl, catalogue, o)
		}
	})
	return serve(ctx, cl, adapters, o)
}

func logProblems(ctx context.Context, c *Catalogue, log *slog.Logger) {
	for _, w := range c.Warnings() {
		log.WarnContext(ctx, "configuration warning", "warning", w)
	}
	for _, p := range c.Problems() {
		log.ErrorContext(ctx, "configuration problem", "problem", p)
	}
}

// dialUntilUp waits for a server that starts later than the worker, as it does under compose.
func dialUntilUp(ctx context.Context, o Options) (client.Client, error) {
	for {
		cl, err := Dial(o.Config.Temporal, o.Logger)
		if err == nil {
			return cl, nil
		}
		o.Logger.WarnContext(ctx, "temporal not reached yet", "error", err)
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(dialEvery):
		}
	}
}

// applySchedules logs what changed. A server that refuses does not keep the
// worker from serving the cases that are open.
func applySchedules(ctx context.Context, cl client.Client, c *Catalogue, o Options) {
	changes, err := Schedules(cl, o.Release).Apply(ctx, c.Wanted())
	for _, change := range changes {
		o.Logger.InfoContext(ctx, "schedule", "change", change.String())
	}
	if err != nil {
		o.Logger.ErrorContext(ctx, "schedules not applied", "error", err)
	}
}

// Schedules keeps the hunts' schedules on a server.
func Schedules(cl client.Client, release string) *schedules.Manager {
	return schedules.New(schedules.Config{Client: cl.ScheduleClient(), Release: release, RunTimeout: huntTimeout})
}

// reloadOnHangup reads hunts, rules and tenant settings again on SIGHUP.
func reloadOnHangup(ctx context.Context, c *Catalogue, after func()) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			c.Reload(ctx)
			after()
		}
	}
}

// serve takes clicks and answers health checks until ctx ends or one of them fails.
func serve(ctx context.Context, cl client.Client, a *Adapters, o Options) error {
	clicks, err := newInteractions(o.Config, a, cl, o.Logger)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 2)
	go func() { failed <- serveClicks(running, clicks, o) }()
	go func() {
		failed <- health.Serve(running, o.Config.Health.Listen, health.Handler(checks(cl, clicks, a.Catalogue)), o.Logger)
	}()
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop()
	grace, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return errors.Join(err, clicks.Close(grace))
}

func serveClicks(ctx context.Context, clicks *interactions.Service, o Options) error {
	if o.Config.Slack.Mode != config.HTTPMode {
		return clicks.Run(ctx)
	}
	ctx, stop := context.WithCancel(ctx)
	ran := make(chan error, 1)
	go func() { ran <- clicks.Run(ctx) }()
	err := health.Serve(ctx, o.Config.Slack.Listen, clicks, o.Logger)
	stop()
	return errors.Join(err, <-ran)
}

func checks(cl client.Client, clicks *interactions.Service, c *Catalogue) []health.Check {
	return []health.Check{
		{Name: "temporal", Ready: func(ctx context.Context) error {
			_, err := cl.CheckHealth(ctx, &client.CheckHealthRequest{})
			return err
		}},
		{Name: "slack", Ready: func(context.Context) error { return clicks.Ready() }, Status: clicks.Status},
		{Name: "hunts", Ready: func(context.Context) error {
			if len(c.Hunts()) == 0 {
				return errors.New("no hunt is loaded; run worker check")
			}
			return nil
		}},
	}
}
