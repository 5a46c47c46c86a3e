// Command sandbox runs the whole of Harrier on one machine: a real Temporal
// server, fakes of every cloud service on loopback, an invented tenant, and
// the real worker.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"harrier/worker/sandbox/stack"
	"harrier/worker/sandbox/story"
)

// onceLimit ends a story that hangs; it takes about half a minute.
const onceLimit = 5 * time.Minute

type options struct {
	once bool
	seed uint64
	rows int
	dir  string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, parse()); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		stop()
		os.Exit(1)
	}
}

func parse() options {
	var o options
	flag.BoolVar(&o.once, "once", false, "play the story without a person, print a JSON report on stdout, and end")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the invented tenant")
	flag.IntVar(&o.rows, "rows", 100_000, "rows of EmailEvents; all of the cast, the rest a thinned sample")
	flag.StringVar(&o.dir, "dir", filepath.Join(os.TempDir(), "harrier-sandbox"), "folder for configuration, logs and audit")
	flag.Usage = usage
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "sandbox: unexpected argument %q; see -h\n", flag.Arg(0))
		os.Exit(2)
	}
	return o
}

func usage() {
	fmt.Fprint(os.Stderr, `Run Harrier with everything it needs on this machine.

  go run ./worker/sandbox            until Ctrl-C; prints where Slack and Temporal are
  go run ./worker/sandbox -once      play the story without a person and print a report
  go run ./worker/sandbox -rows 500000

`)
	flag.PrintDefaults()
}

func run(ctx context.Context, o options) error {
	root, err := stack.ModuleRoot()
	if err != nil {
		return err
	}
	so := stack.Options{Root: root, Dir: o.dir, Seed: o.seed, Rows: o.rows, Progress: os.Stderr}
	if o.once {
		return once(ctx, so)
	}
	so.SlackPort, so.TemporalPort, so.UIPort = 8500, 7233, 8233
	return serve(ctx, so)
}

// once plays in a folder and on ports of its own, so that it runs beside anything.
func once(ctx context.Context, o stack.Options) (err error) {
	if o.Dir, err = os.MkdirTemp("", "harrier-once-"); err != nil {
		return err
	}
	defer os.RemoveAll(o.Dir)
	s, err := stack.Start(ctx, story.Options(o))
	if err != nil {
		return err
	}
	defer s.Close()
	limited, cancel := context.WithTimeout(ctx, onceLimit)
	defer cancel()
	report, err := story.Play(limited, s)
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	return errors.Join(err, s.WorkerRunning(), enc.Encode(report))
}

// serve keeps everything up for a person and runs the hunts at once, so that
// there is something to see.
func serve(ctx context.Context, o stack.Options) error {
	s, err := stack.Start(ctx, o)
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Fprintf(os.Stderr, `
Harrier is running.

  Slack       %s   cards, threads, buttons, modals
  Temporal    %s   workflows, schedules, histories
  logs        %s
  config      %s

Hunt again, in another terminal:

  go run ./worker --config %s hunts run internal-senders

Ctrl-C ends everything.

`, s.SlackPage, s.UI, filepath.Join(o.Dir, "worker.log"), s.ConfigFile, s.ConfigFile)
	go func() {
		if err := story.Hunt(ctx, s); err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "sandbox:", err)
		}
	}()
	<-ctx.Done()
	fmt.Fprintln(os.Stderr, "stopping")
	return nil
}
