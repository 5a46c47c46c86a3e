package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"
	"go.temporal.io/sdk/temporal"

	"harrier/activities/retryafter"
	"harrier/workflows/soar"
)

// Types of the errors that activities return.
const (
	// ErrTypeThrottled is retried after the delay it carries.
	ErrTypeThrottled = "SlackThrottled"
	// ErrTypeUnavailable is retried: Slack or the way to it failed.
	ErrTypeUnavailable = "SlackUnavailable"
	// ErrTypeChannel is not retried: the channel is archived, unknown, or the app
	// is not in it. Its detail is the soar.Card in the fallback channel, if one was posted.
	ErrTypeChannel = soar.ErrTypeChannelUnusable
	// ErrTypeAccess is not retried: the token is revoked or lacks a scope.
	ErrTypeAccess = "SlackAccessDenied"
	// ErrTypeMessageGone is not retried: the message to edit or answer does not exist.
	ErrTypeMessageGone = soar.ErrTypeMessageGone
	// ErrTypeRejected is not retried: Slack refuses the request as it is.
	ErrTypeRejected = "SlackRequestRejected"
)

// kinds of Slack's error codes. https://docs.slack.dev/reference/methods/chat.postMessage#errors
var kinds = map[string]string{
	"not_in_channel": ErrTypeChannel, "is_archived": ErrTypeChannel, "channel_not_found": ErrTypeChannel,
	"is_inactive": ErrTypeChannel, "restricted_action": ErrTypeChannel, "restricted_action_read_only_channel": ErrTypeChannel, "cannot_post_to_channel": ErrTypeChannel,

	"account_inactive": ErrTypeAccess, "token_revoked": ErrTypeAccess, "token_expired": ErrTypeAccess, "invalid_auth": ErrTypeAccess,
	"not_authed": ErrTypeAccess, "missing_scope": ErrTypeAccess, "not_allowed_token_type": ErrTypeAccess, "no_permission": ErrTypeAccess,
	"access_denied": ErrTypeAccess, "team_access_not_granted": ErrTypeAccess,

	"message_not_found": ErrTypeMessageGone, "cant_update_message": ErrTypeMessageGone,
	"edit_window_closed": ErrTypeMessageGone, "thread_not_found": ErrTypeMessageGone, "cannot_reply_to_message": ErrTypeMessageGone,

	"ratelimited": ErrTypeThrottled, "rate_limited": ErrTypeThrottled,

	"internal_error": ErrTypeUnavailable, "fatal_error": ErrTypeUnavailable, "service_unavailable": ErrTypeUnavailable,
	"request_timeout": ErrTypeUnavailable, "team_added_to_org": ErrTypeUnavailable, "accesslimited": ErrTypeUnavailable,
	"update_failed": ErrTypeUnavailable, "external_channel_migrating": ErrTypeUnavailable,
}

// classify turns any error into what Temporal needs to know of it. It is the
// last step: what it returns is not wrapped again.
func classify(operation string, err error, now time.Time) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	kind, delay := kindOf(err, now)
	if kind == ErrTypeUnavailable && delay == 0 {
		delay = unavailableWait
	}
	options := temporal.ApplicationErrorOptions{NextRetryDelay: delay, NonRetryable: kind != ErrTypeThrottled && kind != ErrTypeUnavailable}
	if m, ok := errors.AsType[*misplaced](err); ok && m.card.Posted() {
		options.Details = []any{m.card}
	}
	return temporal.NewApplicationErrorWithOptions(operation+": "+describe(err), kind, options)
}

// unavailableWait is the time until a Slack that did not answer is asked again. It
// does not grow: attempts that only waited for their turn would make it grow too.
const unavailableWait = 10 * time.Second

// kindOf is the type of an error and how long to wait where that is known.
func kindOf(err error, now time.Time) (string, time.Duration) {
	if e, ok := errors.AsType[*early](err); ok {
		return ErrTypeThrottled, e.wait
	}
	if wait, ok := throttled(err, now); ok {
		return ErrTypeThrottled, wait
	}
	if e, ok := errors.AsType[slackapi.SlackErrorResponse](err); ok {
		if kind, known := kinds[e.Err]; known {
			return kind, 0
		}
		return ErrTypeRejected, 0
	}
	if e, ok := errors.AsType[*gone](err); ok {
		return e.kind, 0
	}
	if e, ok := errors.AsType[slackapi.StatusCodeError](err); ok && e.Code < http.StatusInternalServerError && e.Code != http.StatusRequestTimeout {
		return ErrTypeRejected, 0
	}
	return ErrTypeUnavailable, 0
}

// defaultWait is for a 429 that does not say how long.
const defaultWait = 5 * time.Second

// throttled reads the forms in which slack-go hands out a 429: a whole number of
// seconds is a RateLimitedError, anything else in the header a NumError, and no
// header a StatusCodeError.
func throttled(err error, now time.Time) (time.Duration, bool) {
	if e, ok := errors.AsType[*slackapi.RateLimitedError](err); ok {
		return max(e.RetryAfter, time.Second), true
	}
	if e, ok := errors.AsType[*strconv.NumError](err); ok {
		return max(retryafter.Parse(e.Num, now, defaultWait), 100*time.Millisecond), true
	}
	if e, ok := errors.AsType[slackapi.StatusCodeError](err); ok && e.Code == http.StatusTooManyRequests {
		return defaultWait, true
	}
	if e, ok := errors.AsType[slackapi.SlackErrorResponse](err); ok && kinds[e.Err] == ErrTypeThrottled {
		return defaultWait, true
	}
	return 0, false
}

// certain says that Slack, or our own pace, surely did not make the post.
func certain(err error) bool {
	if _, ok := errors.AsType[*early](err); ok {
		return true
	}
	if _, ok := throttled(err, time.Time{}); ok {
		return true
	}
	if e, ok := errors.AsType[slackapi.SlackErrorResponse](err); ok {
		return kinds[e.Err] != ErrTypeUnavailable
	}
	_, ok := errors.AsType[*gone](err)
	return ok
}

// Answered says that Slack answered with one of the error codes.
func Answered(err error, codes ...string) bool {
	e, ok := errors.AsType[slackapi.SlackErrorResponse](err)
	return ok && slices.Contains(codes, e.Err)
}

// blocksRefused says that Slack did not take the blocks; text alone may do.
func blocksRefused(err error) bool {
	return Answered(err, "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "too_many_blocks")
}

// describe is the error without addresses of requests, which could carry a token.
func describe(err error) string {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return "slack did not answer: " + e.Err.Error()
	}
	if e, ok := errors.AsType[slackapi.SlackErrorResponse](err); ok {
		return describeCode(err, e)
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return "slack answered with something that is not JSON"
	}
	return err.Error()
}

func describeCode(err error, e slackapi.SlackErrorResponse) string {
	s := err.Error()
	switch {
	case e.Err == "missing_scope":
		s += fmt.Sprintf("; give the app the scope %s and install it again", e.Needed)
	case kinds[e.Err] == ErrTypeChannel:
		s += "; name a channel by id and invite the app to it"
	case kinds[e.Err] == ErrTypeAccess:
		s += "; check the bot token and that the app is installed"
	case len(e.ResponseMetadata.Messages) > 0:
		s += ": " + strings.Join(e.ResponseMetadata.Messages, "; ")
	}
	return s
}

// gone is a message that cannot be edited or answered because there is none.
type gone struct{ kind, what string }

func (e *gone) Error() string { return e.what }
