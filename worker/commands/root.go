// Package commands is the worker's command line: run the worker, check a
// configuration, run and list hunts, plan and apply schedules, show cases.
package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"harrier/config"
	"harrier/worker/app"
)

// Exit codes, beside 0.
const (
	// ExitFailed: the command could not do what it was asked.
	ExitFailed = 1
	// ExitUsage: the command line is wrong.
	ExitUsage = 2
	// ExitIncomplete: a hunt or a backfill ended, but its window was not hunted
	// completely, or coverage has gaps.
	ExitIncomplete = 3
)

// Env is what a command line runs in.
type Env struct {
	Args           []string
	Getenv         func(string) string
	Stdout, Stderr io.Writer
	// Release names this build in schedules and logs.
	Release string
}

// Main runs the command line and returns the exit code.
func Main(env Env) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env.Stdout, env.Stderr = visible{env.Stdout}, visible{env.Stderr}
	root := newRoot(&env)
	root.SetArgs(longFlags(env.Args))
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	var exit exitError
	if errors.As(err, &exit) {
		if exit.err != nil {
			fmt.Fprintln(env.Stderr, "worker:", exit.err)
		}
		return exit.code
	}
	fmt.Fprintln(env.Stderr, "worker:", err)
	return ExitUsage
}

// exitError carries an exit code; any other error is one of usage.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string { return fmt.Sprint(e.err) }

func failed(err error) error {
	if err == nil {
		return nil
	}
	return exitError{ExitFailed, err}
}

// longFlags lets -live be written as well as --live, as Go programs do.
func longFlags(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = a
		if len(a) > 2 && a[0] == '-' && a[1] != '-' && isWord(a[1:]) {
			out[i] = "-" + a
		}
	}
	return out
}

func isWord(s string) bool {
	name, _, _ := strings.Cut(s, "=")
	return strings.Trim(name, "abcdefghijklmnopqrstuvwxyz-") == ""
}

// session is what every command shares: the configuration and a logger.
type session struct {
	env        *Env
	configFile string
	logLevel   string
}

func newRoot(env *Env) *cobra.Command {
	s := &session{env: env}
	root := &cobra.Command{
		Use:   "worker",
		Short: "Harrier hunts, enriches, suppresses and puts the rest before a person",
		Long: `Harrier runs Microsoft Sentinel hunts on a schedule, looks the top senders up in
the directory, hides known automation with a reason, and posts a triage card to
Slack for the rest. Without a command it runs the worker.`,
		Example: `  worker --config config/harrier.yaml
  worker check
  worker check -live
  worker hunts run internal-senders`,
		Args:          known,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return s.run(cmd.Context(), true) },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&s.configFile, "config", defaultConfig(env.Getenv), "configuration file (or HARRIER_CONFIG)")
	flags.StringVar(&s.logLevel, "log-level", "info", "debug, info, warn or error")
	root.AddCommand(newRun(s), newCheck(s), newHunts(s), newSchedules(s), newCases(s), newSuppressions(s), newCalibrate(s))
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if words := cmd.Flags().Args(); cmd.HasSubCommands() && len(words) > 0 {
			return known(cmd, words) // what it does not know is the command, not the flag
		}
		return err
	})
	return root
}

// group is a command of which only those below it do something. A word that is none of
// them is an error: nobody should think that a misspelled command did its work.
func group(use, short string) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, RunE: func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return known(cmd, args)
	}}
}

// known refuses words behind a command of which only those below it take any.
func known(cmd *cobra.Command, words []string) error {
	if len(words) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return fmt.Errorf("unknown command %q for %q; write one of %s", words[0], cmd.CommandPath(), strings.Join(names, ", "))
}

// takes asks for so many arguments.
func takes(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return fmt.Errorf("%q takes %s, not %d: %s", cmd.CommandPath(), counted(n, "argument"), len(args), cmd.UseLine())
	}
}

func defaultConfig(getenv func(string) string) string {
	if file := getenv("HARRIER_CONFIG"); file != "" {
		return file
	}
	return "config/harrier.yaml"
}

func newRun(s *session) *cobra.Command {
	var keep bool
	cmd := &cobra.Command{
		Use:     "run",
		Short:   "Run the worker until it is told to stop",
		Example: "  worker run\n  worker run --keep-schedules",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return s.run(cmd.Context(), !keep) },
	}
	cmd.Flags().BoolVar(&keep, "keep-schedules", false, "leave the schedules on the server as they are")
	return cmd
}

func (s *session) run(ctx context.Context, applySchedules bool) error {
	cfg, log, err := s.open()
	if err != nil {
		return err
	}
	return failed(app.Run(ctx, app.Options{Config: cfg, Logger: log, Release: s.env.Release, ApplySchedules: applySchedules}))
}

// open reads the configuration and sets the logger up.
func (s *session) open() (config.Config, *slog.Logger, error) {
	log, err := s.logger()
	if err != nil {
		return config.Config{}, nil, err
	}
	cfg, err := config.Load(s.configFile, s.env.Getenv)
	return cfg, log, failed(err)
}

// onServer opens catalogue and Temporal for a command that needs both.
func (s *session) onServer(do func(client.Client, *app.Catalogue) error) error {
	cfg, log, err := s.open()
	if err != nil {
		return err
	}
	catalogue, err := app.OpenCatalogue(cfg, log)
	if err != nil {
		return failed(err)
	}
	cl, err := app.Dial(cfg.Temporal, quiet())
	if err != nil {
		return failed(err)
	}
	defer cl.Close()
	return do(cl, catalogue)
}

func (s *session) logger() (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.logLevel)); err != nil {
		return nil, fmt.Errorf("--log-level is %q; write debug, info, warn or error", s.logLevel)
	}
	return slog.New(slog.NewJSONHandler(s.env.Stderr, &slog.HandlerOptions{Level: level})), nil
}
