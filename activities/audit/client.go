package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"go.temporal.io/sdk/temporal"
)

// Types of the errors of this package's activities.
const (
	// ErrTypeUnavailable is a folder that cannot be written to. Retryable: a person
	// can mend it, and an audit record is not given up.
	ErrTypeUnavailable = "AuditUnavailable"
	// ErrTypeRecord is a record without what names it. Not retryable.
	ErrTypeRecord = "AuditRecord"
)

// Config is what a Client needs. Dir is required.
type Config struct {
	// Dir holds the records; it is made if it is not there.
	Dir    string
	Logger *slog.Logger // default discards
}

// Client writes audit records. It is safe for concurrent use.
type Client struct {
	dir    string
	logger *slog.Logger
}

// New makes a Client and checks that its folder can be written to.
func New(config Config) (*Client, error) {
	if config.Dir == "" {
		return nil, errors.New("open audit: the folder is missing; name one that outlives the worker")
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(config.Dir, dirMode); err != nil {
		return nil, fmt.Errorf("open audit: make folder: %w", err)
	}
	probe, err := os.CreateTemp(config.Dir, ".probe-*")
	if err != nil {
		return nil, fmt.Errorf("open audit: folder %s is not writable: %w", config.Dir, err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return nil, fmt.Errorf("open audit: folder %s: %w", config.Dir, err)
	}
	return &Client{dir: config.Dir, logger: config.Logger}, nil
}

// errRecord is a record without what names it.
var errRecord = errors.New("the record is not complete")

// classify turns an error into what Temporal retries by. It is the last step.
func classify(operation string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, errRecord):
		return temporal.NewNonRetryableApplicationError(operation+": "+err.Error(), ErrTypeRecord, nil)
	}
	return temporal.NewApplicationErrorWithOptions(operation+": check the audit folder", ErrTypeUnavailable,
		temporal.ApplicationErrorOptions{Cause: err})
}

var safeName = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,99}$`)

// name keeps an id that is fit for a file name and hashes any other.
func name(id string) string {
	if safeName.MatchString(id) {
		return id
	}
	return hash(id)
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])[:16]
}

// file is the path of a record: a folder a day, in UTC.
func (c *Client) file(at time.Time, name string) string {
	return filepath.Join(c.dir, at.UTC().Format("2006"), at.UTC().Format("01"), at.UTC().Format("02"), name)
}
