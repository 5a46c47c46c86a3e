package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	abs "github.com/microsoft/kiota-abstractions-go"
	"go.temporal.io/sdk/temporal"

	"harrier/activities/retryafter"
)

// defaultRetryAfter is the pause for a throttled call that names none.
const defaultRetryAfter = 10 * time.Second

// Types of the errors of this package's activities.
const (
	// ErrTypeThrottled is a call the service wants later; the error carries when. Retryable.
	ErrTypeThrottled = "GraphThrottled"
	// ErrTypeUnavailable is a service or a network that failed. Retryable.
	ErrTypeUnavailable = "GraphUnavailable"
	// ErrTypeAuthentication is a credential or token that is refused. Not retryable.
	ErrTypeAuthentication = "GraphAuthentication"
	// ErrTypeForbidden is an application without the permission. Not retryable.
	ErrTypeForbidden = "GraphForbidden"
	// ErrTypeRequest is a request the service does not understand. Not retryable.
	ErrTypeRequest = "GraphRequest"
)

// throttledError says that some requests of a page have to wait.
type throttledError struct {
	after    time.Duration
	requests int
}

func (e *throttledError) Error() string {
	return fmt.Sprintf("graph throttled %d requests and asks to wait %s", e.requests, e.after)
}

// classify turns an error into what Temporal retries by. It is the last step:
// wrapping its result again would make everything retryable.
func classify(err error, now time.Time) error {
	var throttled *throttledError
	var denied *azidentity.AuthenticationFailedError
	var api abs.ApiErrorable
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &throttled):
		return later("look up senders: "+throttled.Error(), throttled.after)
	case errors.As(err, &denied):
		return classifyToken(denied, now)
	case errors.As(err, &api):
		return classifyStatus(api, now)
	}
	return temporal.NewApplicationErrorWithOptions("look up senders: graph did not answer", ErrTypeUnavailable,
		temporal.ApplicationErrorOptions{Cause: err})
}

// classifyToken keeps the response's body out: it may repeat what was sent.
func classifyToken(denied *azidentity.AuthenticationFailedError, now time.Time) error {
	status, retryAfter := 0, ""
	if denied.RawResponse != nil {
		status, retryAfter = denied.RawResponse.StatusCode, denied.RawResponse.Header.Get("Retry-After")
	}
	message := fmt.Sprintf("look up senders: no token for graph (status %d): check tenant, client id and secret", status)
	switch {
	case status == http.StatusTooManyRequests:
		return later("look up senders: the token endpoint throttles", retryafter.Parse(retryAfter, now, defaultRetryAfter))
	case status == 0 || status >= http.StatusInternalServerError:
		return temporal.NewApplicationError(message, ErrTypeUnavailable)
	}
	return temporal.NewNonRetryableApplicationError(message, ErrTypeAuthentication, nil)
}

func classifyStatus(api abs.ApiErrorable, now time.Time) error {
	status := api.GetStatusCode()
	switch {
	case transient(status) && status != 0:
		return later(fmt.Sprintf("look up senders: graph answered %d", status), retryafter.Parse(retryAfterOf(api), now, defaultRetryAfter))
	case status == http.StatusUnauthorized:
		return temporal.NewNonRetryableApplicationError("look up senders: graph refuses the token (401): check the scope and the tenant",
			ErrTypeAuthentication, nil)
	case status == http.StatusForbidden:
		return temporal.NewNonRetryableApplicationError("look up senders: graph refuses the application (403): grant User.Read.All and consent to it",
			ErrTypeForbidden, nil)
	case status >= http.StatusBadRequest && status < http.StatusInternalServerError:
		return temporal.NewNonRetryableApplicationError(fmt.Sprintf("look up senders: graph does not take the batch (%d): check the base URL", status),
			ErrTypeRequest, nil)
	}
	return temporal.NewApplicationError(fmt.Sprintf("look up senders: graph answered %d", status), ErrTypeUnavailable)
}

func later(message string, after time.Duration) error {
	return temporal.NewApplicationErrorWithOptions(message, ErrTypeThrottled, temporal.ApplicationErrorOptions{NextRetryDelay: max(after, time.Millisecond)})
}

func retryAfterOf(api abs.ApiErrorable) string {
	headers := api.GetResponseHeaders()
	if headers == nil {
		return ""
	}
	for _, value := range headers.Get("Retry-After") {
		return value
	}
	return ""
}
