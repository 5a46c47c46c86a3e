// Package cases holds the activities that call workflows: a sender's case, and
// a hunt's coverage. Each call has the short deadline its options give it, and
// Temporal repeats it, so that a worker that stops does not wait on itself.
package cases

import (
	"errors"
	"log/slog"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"harrier/workflows/soar"
)

// Config is what the activities need.
type Config struct {
	Temporal  client.Client
	TaskQueue string
	// Converter is the client's data converter; nil is the SDK's default.
	Converter converter.DataConverter
	Logger    *slog.Logger
}

// Client calls Triage and Coverage workflows.
type Client struct {
	temporal  client.Client
	taskQueue string
	converter converter.DataConverter
	log       *slog.Logger
}

// New checks the configuration.
func New(c Config) (*Client, error) {
	if c.Temporal == nil || c.TaskQueue == "" {
		return nil, errors.New("set up cases: a Temporal client and a task queue are needed")
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Converter == nil {
		c.Converter = converter.GetDefaultDataConverter()
	}
	return &Client{temporal: c.Temporal, taskQueue: c.TaskQueue, converter: c.Converter, log: c.Logger}, nil
}

// ErrTypeRefused is a sighting or window that a workflow's validator refused:
// a repeat would be refused too.
const ErrTypeRefused = "Refused"

func isNotFound(err error) bool {
	var notFound *serviceerror.NotFound
	return errors.As(err, &notFound)
}

// classify is the last step of every activity here. A refusal by a validator is final,
// but that of a case which is being cancelled; everything else is worth a repeat.
func classify(op string, err error) error {
	if err == nil {
		return nil
	}
	var app *temporal.ApplicationError
	if errors.As(err, &app) && app.Type() != string(soar.RefusedClosing) {
		return temporal.NewNonRetryableApplicationError(op+": "+app.Message(), ErrTypeRefused, nil)
	}
	return temporal.NewApplicationError(op+": "+err.Error(), "WorkflowNotReached")
}
