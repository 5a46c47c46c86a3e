package incidents

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"go.temporal.io/sdk/temporal"

	"harrier/activities/retryafter"
	"harrier/workflows/soar"
)

// Types of the errors of this package's activities.
const (
	// ErrTypeThrottled is a call the service wants later; the error carries when. Retryable.
	ErrTypeThrottled = "SentinelThrottled"
	// ErrTypeUnavailable is a service or a network that failed. Retryable.
	ErrTypeUnavailable = "SentinelUnavailable"
	// ErrTypeAuthentication is a credential or token that is refused. Not retryable.
	ErrTypeAuthentication = "SentinelAuthentication"
	// ErrTypeForbidden is an application without the role. Not retryable.
	ErrTypeForbidden = "SentinelForbidden"
	// ErrTypeWorkspace is a subscription, group or workspace that is not there, or has no Sentinel. Not retryable.
	ErrTypeWorkspace = "SentinelWorkspace"
	// ErrTypeRequest is an incident the service does not take. Not retryable.
	ErrTypeRequest = "SentinelRequest"
)

// classify turns an error into what Temporal retries by. It is the last step:
// wrapping its result again would make everything retryable. Bodies of
// responses stay out of it.
func classify(err error, ref soar.CaseRef, now time.Time) error {
	operation := "open incident of " + ref.String() + ": "
	var denied *azidentity.AuthenticationFailedError
	var response *azcore.ResponseError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &denied):
		return classifyToken(operation, denied.RawResponse, now)
	case errors.As(err, &response):
		return classifyResponse(operation, response, now)
	}
	return temporal.NewApplicationErrorWithOptions(operation+"Sentinel did not answer", ErrTypeUnavailable,
		temporal.ApplicationErrorOptions{Cause: err})
}

func classifyToken(operation string, raw *http.Response, now time.Time) error {
	status := 0
	if raw != nil {
		status = raw.StatusCode
	}
	message := fmt.Sprintf("%sno token for Azure Resource Manager (status %d): check tenant, client id and secret", operation, status)
	switch {
	case status == http.StatusTooManyRequests:
		return later(message, raw, now)
	case status == 0 || status >= http.StatusInternalServerError:
		return temporal.NewApplicationError(message, ErrTypeUnavailable)
	}
	return temporal.NewNonRetryableApplicationError(message, ErrTypeAuthentication, nil)
}

func classifyResponse(operation string, response *azcore.ResponseError, now time.Time) error {
	answered := fmt.Sprintf("%sSentinel answered %d %s", operation, response.StatusCode, response.ErrorCode)
	refuse := func(kind, cure string) error {
		return temporal.NewNonRetryableApplicationError(answered+": "+cure, kind, nil)
	}
	switch status := response.StatusCode; status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return later(answered, response.RawResponse, now)
	case http.StatusUnauthorized:
		return refuse(ErrTypeAuthentication, "check tenant and audience")
	case http.StatusForbidden:
		return refuse(ErrTypeForbidden, "give the application the role Microsoft Sentinel Responder on the workspace")
	case http.StatusNotFound:
		return refuse(ErrTypeWorkspace, "check subscription, resource group and workspace, and that Sentinel is on it")
	case http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestTimeout:
		return temporal.NewApplicationError(answered, ErrTypeUnavailable)
	default:
		if status >= http.StatusInternalServerError {
			return temporal.NewApplicationError(answered, ErrTypeUnavailable)
		}
		return refuse(ErrTypeRequest, "the incident was not taken")
	}
}

// defaultRetryAfter is the pause for a throttled call that names none.
const defaultRetryAfter = 10 * time.Second

func later(message string, raw *http.Response, now time.Time) error {
	return temporal.NewApplicationErrorWithOptions(message, ErrTypeThrottled, temporal.ApplicationErrorOptions{
		NextRetryDelay: max(retryafter.Of(raw, now, defaultRetryAfter), time.Millisecond),
	})
}
