package paging

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"harrier/activities/retryafter"
)

// Types of the errors; only ErrTypeRefused is final.
const (
	ErrTypeRefused     = "PageRefused"
	ErrTypeThrottled   = "PagingThrottled"
	ErrTypeUnavailable = "PagingUnavailable"
)

// defaultWait is for a 429 that does not say how long.
const defaultWait = 30 * time.Second

// refusal is an answer that is no success.
type refusal struct {
	status           int
	retryAfter, said string
}

func (e *refusal) Error() string {
	return fmt.Sprintf("%d %s: %.300s", e.status, http.StatusText(e.status), strings.TrimSpace(e.said))
}

// classify is the last step. What it returns names neither the address, which may
// hold a key, nor the key.
func (c *Client) classify(operation string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	var answer *refusal
	if !errors.As(err, &answer) {
		return temporal.NewApplicationErrorWithOptions(c.without(operation+": "+innermost(err)), ErrTypeUnavailable, temporal.ApplicationErrorOptions{})
	}
	message := c.without(operation + ": " + answer.Error())
	switch {
	case answer.status == http.StatusTooManyRequests:
		wait := retryafter.Parse(answer.retryAfter, c.config.Now(), defaultWait)
		return temporal.NewApplicationErrorWithOptions(message, ErrTypeThrottled, temporal.ApplicationErrorOptions{NextRetryDelay: wait})
	case answer.status >= 500 || answer.status == http.StatusRequestTimeout:
		return temporal.NewApplicationErrorWithOptions(message, ErrTypeUnavailable, temporal.ApplicationErrorOptions{})
	}
	return temporal.NewNonRetryableApplicationError(message+"; check paging in the configuration", ErrTypeRefused, nil)
}

// innermost is the cause without the request's address.
func innermost(err error) string {
	var request *url.Error
	if errors.As(err, &request) {
		return request.Err.Error()
	}
	return err.Error()
}

func (c *Client) without(message string) string {
	return strings.ReplaceAll(strings.ReplaceAll(message, c.config.Key, "***"), c.config.URL, "the pager")
}
