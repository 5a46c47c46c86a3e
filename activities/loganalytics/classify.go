package loganalytics

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"go.temporal.io/sdk/temporal"

	"harrier/activities/retryafter"
)

// Types of this package's errors. Those under "a retry cannot help" are
// non-retryable.
const (
	// A retry cannot help.
	ErrTypeMissingTable  = "DataSourceMissing"
	ErrTypeMissingColumn = "ColumnMissing"
	ErrTypeBadQuery      = "BadQuery"
	ErrTypeNotAllowed    = "NotAllowed"
	ErrTypeNoWorkspace   = "WorkspaceNotFound"
	ErrTypeHuntSettings  = "HuntSettings"
	ErrTypeTooLarge      = "ResultTooLarge"
	// A retry may help.
	ErrTypeThrottled   = "Throttled"
	ErrTypeTimeout     = "QueryTimeout"
	ErrTypeMalformed   = "MalformedResponse"
	ErrTypeUnavailable = "ServiceUnavailable"
)

// defaultRetryAfter is the wait after a 429 without a usable Retry-After. The
// limit is counted over 30 seconds.
// https://learn.microsoft.com/azure/azure-monitor/service-limits#la-query-api
const defaultRetryAfter = 30 * time.Second

// classify turns an error into what Temporal acts on. It is the last step: an
// error it returned is never wrapped again, which would make it retryable.
func (c *Client) classify(ctx context.Context, operation string, err error) error {
	var done *temporal.ApplicationError
	var response *azcore.ResponseError
	var refused *azidentity.AuthenticationFailedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &done):
		return done
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case errors.As(err, &refused):
		return classifySignIn(operation, refused)
	case errors.As(err, &response):
		return classifyResponse(operation, response, c.cfg.Now())
	case errors.Is(err, errMalformed):
		return retryable(ErrTypeMalformed, "%s: %s", operation, err)
	case isTimeout(err):
		return retryable(ErrTypeTimeout, "%s: no answer within the configured wait: %s", operation, err)
	}
	return retryable(ErrTypeUnavailable, "%s: %s", operation, err)
}

func isTimeout(err error) bool {
	var slow net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &slow) && slow.Timeout()
}

func final(kind, format string, args ...any) error {
	return temporal.NewNonRetryableApplicationError(fmt.Sprintf(format, args...), kind, nil)
}

func retryable(kind, format string, args ...any) error {
	return temporal.NewApplicationError(fmt.Sprintf(format, args...), kind)
}

func classifyResponse(operation string, e *azcore.ResponseError, now time.Time) error {
	switch e.StatusCode {
	case http.StatusTooManyRequests:
		return temporal.NewApplicationErrorWithOptions(operation+": the service asks to slow down", ErrTypeThrottled,
			temporal.ApplicationErrorOptions{NextRetryDelay: retryafter.Of(e.RawResponse, now, defaultRetryAfter)})
	case http.StatusBadRequest:
		return classifyQuery(operation, faultOf(e))
	case http.StatusUnauthorized, http.StatusForbidden:
		return final(ErrTypeNotAllowed, "%s: the workspace refuses Harrier's identity (%d %s); grant it workspaces/query/read and query/<table>/read on the workspace",
			operation, e.StatusCode, e.ErrorCode)
	case http.StatusNotFound:
		return final(ErrTypeNoWorkspace, "%s: the workspace does not exist (%s); check the workspace id", operation, e.ErrorCode)
	case http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return retryable(ErrTypeTimeout, "%s: the service gave up on the query (%d %s)", operation, e.StatusCode, e.ErrorCode)
	case http.StatusRequestEntityTooLarge:
		return final(ErrTypeBadQuery, "%s: the query text is too long (413)", operation)
	}
	messages, _ := serviceErrors(e)
	return retryable(ErrTypeUnavailable, "%s: the service answered %d %s: %s", operation, e.StatusCode, e.ErrorCode, strings.Join(messages, ": "))
}

// How the service names what it cannot resolve, as quoted in public threads:
// "Failed to resolve table or column expression named 'CloudAppEvents'",
// "Failed to resolve scalar expression named 'Timestamp'".
var (
	unresolvedTable  = regexp.MustCompile(`table (?:or column )?expression named '([^']+)'`)
	unresolvedColumn = regexp.MustCompile(`(?:scalar expression|column|column or scalar expression) named '([^']+)'`)
)

// queryFault is what the service says is wrong with a query.
type queryFault struct {
	// kind is ErrTypeMissingTable, ErrTypeMissingColumn or ErrTypeBadQuery; name is
	// the table or column.
	kind, name string
	// line counts from 1 in the whole query text; 0 is not said.
	line int
	// messages are the service's, outermost first.
	messages string
}

func faultOf(e *azcore.ResponseError) queryFault {
	messages, line := serviceErrors(e)
	f := queryFault{kind: ErrTypeBadQuery, line: line, messages: strings.Join(messages, ": ")}
	if m := unresolvedTable.FindStringSubmatch(f.messages); m != nil {
		f.kind, f.name = ErrTypeMissingTable, m[1]
	} else if m := unresolvedColumn.FindStringSubmatch(f.messages); m != nil {
		f.kind, f.name = ErrTypeMissingColumn, m[1]
	}
	return f
}

func classifyQuery(operation string, f queryFault) error {
	switch f.kind {
	case ErrTypeMissingTable:
		return final(f.kind, "%s: table %s does not exist in the workspace; connect its data connector, or wait for its first row", operation, f.name)
	case ErrTypeMissingColumn:
		return final(f.kind, "%s: column %s does not exist in the workspace's tables; correct the query", operation, f.name)
	}
	return final(f.kind, "%s: the service does not accept the query: %s", operation, cut(f.messages, maxPartial))
}

// serviceErrors are the messages of an error body, outermost first, and the
// innermost line: what matters is in the innermost.
func serviceErrors(e *azcore.ResponseError) (messages []string, line int) {
	type inner struct {
		Code       string `json:"code"`
		Message    string `json:"message"`
		Line       any    `json:"line"`
		InnerError *inner `json:"innererror"`
	}
	var body struct {
		Error *inner `json:"error"`
	}
	if e.RawResponse == nil {
		return []string{e.ErrorCode}, 0
	}
	data, err := runtime.Payload(e.RawResponse)
	if err != nil || json.Unmarshal(data, &body) != nil {
		return []string{e.ErrorCode}, 0
	}
	for at := body.Error; at != nil; at = at.InnerError {
		messages = append(messages, strings.TrimSpace(at.Code+" "+at.Message))
		line = max(line, int(amount(at.Line)))
	}
	return messages, line
}

var entraCode = regexp.MustCompile(`AADSTS\d+`)

// classifySignIn keeps nothing of the token response but its code.
func classifySignIn(operation string, e *azidentity.AuthenticationFailedError) error {
	status := 0
	if e.RawResponse != nil {
		status = e.RawResponse.StatusCode
	}
	code := entraCode.FindString(e.Error())
	if status >= 400 && status < 500 && status != http.StatusTooManyRequests {
		return final(ErrTypeNotAllowed, "%s: sign-in was refused (%d %s); check tenant, client id and credential", operation, status, code)
	}
	return retryable(ErrTypeUnavailable, "%s: sign-in did not answer (%d %s)", operation, status, code)
}
