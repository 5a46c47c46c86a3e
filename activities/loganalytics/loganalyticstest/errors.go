package loganalyticstest

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"harrier/activities/loganalytics/kql"
)

// failure is an error answer. Shapes: https://learn.microsoft.com/azure/azure-monitor/logs/api/errors
type failure struct {
	status     int
	code       string
	message    string
	inner      *innerError
	retryAfter string
}

type innerError struct {
	Code    string      `json:"code"`
	Message string      `json:"message"`
	Line    int         `json:"line,omitempty"`
	Pos     int         `json:"pos,omitempty"`
	Token   string      `json:"token,omitempty"`
	Inner   *innerError `json:"innererror,omitempty"`
}

type errorBody struct {
	Message       string      `json:"message"`
	Code          string      `json:"code"`
	CorrelationID string      `json:"correlationId"`
	Inner         *innerError `json:"innererror,omitempty"`
}

// correlation is the id the fake puts where the service puts a fresh one, so that answers can be compared.
const correlation = "00000000-0000-0000-0000-00000000fa4e"

func writeFailure(w http.ResponseWriter, f failure) {
	if f.retryAfter != "" {
		w.Header().Set("Retry-After", f.retryAfter)
	}
	body, err := json.Marshal(map[string]errorBody{"error": {f.message, f.code, correlation, f.inner}})
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	writeJSON(w, f.status, body)
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone cannot be told
}

func throttled(wait time.Duration) *failure {
	f := failureOf(http.StatusTooManyRequests)
	f.retryAfter = strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))
	return &f
}

// failureOf is the service's body for a status.
func failureOf(status int) failure {
	f := failure{status: status, code: strings.ReplaceAll(http.StatusText(status), " ", ""), message: http.StatusText(status)}
	switch status {
	case http.StatusBadRequest:
		return badRequest("InvalidRequest", "The request is invalid.")
	case http.StatusUnauthorized:
		f.code, f.message = "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."
	case http.StatusForbidden:
		f.code, f.message = "InsufficientAccessError", "The provided credentials have insufficient access to perform the requested operation"
	case http.StatusNotFound:
		f.code, f.message = "WorkspaceNotFoundError", "The requested workspace was not found"
	case http.StatusTooManyRequests:
		f.code, f.message = "ThrottledError", "Rate limit is exceeded. Try again later."
	case http.StatusGatewayTimeout:
		f.code, f.message = "GatewayTimeout", "Gateway timeout"
		f.inner = &innerError{Code: "GatewayTimeout", Message: "Unable to unzip response"}
	}
	return f
}

func badRequest(code, message string) failure {
	return failure{
		status: http.StatusBadRequest, code: "BadArgumentError", message: "The request had some invalid properties",
		inner: &innerError{Code: code, Message: message},
	}
}

func invalidToken() failure {
	return failure{status: http.StatusForbidden, code: "InvalidAuthenticationToken", message: "The access token is invalid."}
}

func missingTable(name string) failure {
	return queryFailure(&kql.Error{
		Code: kql.CodeSemantic, Line: 1, Column: 1, Token: name,
		Message: "'where' operator: Failed to resolve table or column expression named '" + name + "'",
	})
}

// queryFailure tells a client why its query cannot run.
func queryFailure(e *kql.Error) failure {
	detail := &innerError{Message: e.Message, Line: e.Line, Pos: e.Column, Token: e.Token}
	var f failure
	switch e.Code {
	case kql.CodeSyntax:
		f, detail.Code = badRequest("SyntaxError", "A recognition error occurred in the query."), "SYN0002"
	case kql.CodeSemantic:
		f, detail.Code = badRequest("SemanticError", "A semantic error occurred."), semanticNumber(e.Message)
	default:
		f, detail.Code = badRequest("UnsupportedByFake", "This fake cannot run the query; the service might."), e.Code
	}
	f.inner.Inner = detail
	return f
}

// semanticNumber is the service's number for the messages that hunts meet.
func semanticNumber(message string) string {
	switch {
	case strings.Contains(message, "Cannot compare values"):
		return "SEM0064"
	case strings.Contains(message, "Unknown function"):
		return "SEM0260"
	}
	return "SEM0100"
}

// partialBody is the error that stands beside rows when a result was cut.
// https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format
func partialBody(message string) []byte {
	type detail struct {
		Code    string      `json:"code"`
		Message string      `json:"message"`
		Inner   *innerError `json:"innererror"`
	}
	const tooLarge = "-2133196797" // E_QUERY_RESULT_SET_TOO_LARGE
	body, err := json.Marshal(map[string]any{
		"code": "PartialError", "message": "There were some errors when processing your query.",
		"details": []detail{{"EngineError", "Something went wrong processing your query on the server.", &innerError{
			Code: tooLarge, Message: message,
		}}},
	})
	if err != nil {
		panic(err) // strings always encode
	}
	return body
}

func asQueryError(err error) (*kql.Error, bool) {
	var e *kql.Error
	ok := errors.As(err, &e)
	return e, ok
}
