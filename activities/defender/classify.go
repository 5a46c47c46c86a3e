package defender

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
)

// Types of the errors of this package's activity.
const (
	// ErrTypeThrottled is a call that Graph wants later; the error carries when. Retryable.
	ErrTypeThrottled = "DefenderThrottled"
	// ErrTypeUnavailable is a service or a network that failed. Retryable.
	ErrTypeUnavailable = "DefenderUnavailable"
	// ErrTypeAuthentication is a credential or token that is refused. Not retryable.
	ErrTypeAuthentication = "DefenderAuthentication"
	// ErrTypeForbidden is an application without the permission. Not retryable.
	ErrTypeForbidden = "DefenderForbidden"
	// ErrTypeRequest is a call that the service does not take. Not retryable.
	ErrTypeRequest = "DefenderRequest"
)

// defaultWait is for a 429 that does not say how long.
const defaultWait = 30 * time.Second

// classify is the last step: wrapping its result again would make everything
// retryable. Bodies of responses stay out of it.
func (c *Client) classify(operation string, err error) error {
	var denied *azidentity.AuthenticationFailedError
	var response *azcore.ResponseError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &denied):
		return temporal.NewNonRetryableApplicationError(operation+": no token for Microsoft Graph: check tenant, client id and secret", ErrTypeAuthentication, nil)
	case errors.As(err, &response):
		return c.classifyResponse(operation, response)
	}
	return temporal.NewApplicationError(operation+": Microsoft Graph did not answer", ErrTypeUnavailable)
}

func (c *Client) classifyResponse(operation string, response *azcore.ResponseError) error {
	message := fmt.Sprintf("%s: status %d %s", operation, response.StatusCode, response.ErrorCode)
	switch status := response.StatusCode; {
	case status == http.StatusTooManyRequests:
		wait := retryafter.Of(response.RawResponse, c.config.Now(), defaultWait)
		return temporal.NewApplicationErrorWithOptions(message, ErrTypeThrottled, temporal.ApplicationErrorOptions{NextRetryDelay: wait})
	case status >= 500 || status == http.StatusRequestTimeout || status == http.StatusConflict:
		return temporal.NewApplicationError(message, ErrTypeUnavailable)
	case status == http.StatusUnauthorized:
		return temporal.NewNonRetryableApplicationError(message+"; check tenant, client id and secret", ErrTypeAuthentication, nil)
	case status == http.StatusForbidden:
		return temporal.NewNonRetryableApplicationError(message+"; grant the application SecurityIncident.ReadWrite.All and SecurityAlert.Read.All, or set defender.comment to false", ErrTypeForbidden, nil)
	}
	return temporal.NewNonRetryableApplicationError(message, ErrTypeRequest, nil)
}
