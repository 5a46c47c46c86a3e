package loganalytics_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"harrier/activities/loganalytics"
	"harrier/activities/loganalytics/loganalyticstest"
	"harrier/workflows/soar"
)

func application(t *testing.T, err error) *temporal.ApplicationError {
	t.Helper()
	var app *temporal.ApplicationError
	if !errors.As(err, &app) {
		t.Fatalf("%v (%T) is not an application error", err, err)
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("the token is shown: %v", err)
	}
	return app
}

func expectFinal(t *testing.T, err error, kind string, parts ...string) {
	t.Helper()
	app := application(t, err)
	if !app.NonRetryable() || app.Type() != kind {
		t.Errorf("%v is %s, non-retryable %v; want %s", err, app.Type(), app.NonRetryable(), kind)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("%v does not say %s", err, p)
		}
	}
}

func expectRetryable(t *testing.T, err error, kind string) {
	t.Helper()
	if app := application(t, err); app.NonRetryable() || app.Type() != kind {
		t.Errorf("%v is %s, non-retryable %v; want %s", err, app.Type(), app.NonRetryable(), kind)
	}
}

func published1(t *testing.T) soar.HuntRun { return over(shipped(t, "top-intra-org-senders"), 0, 24) }

func TestAnswersThatARetryCannotHelp(t *testing.T) {
	inner := func(message string) loganalyticstest.Fault {
		return loganalyticstest.Fault{Status: 400, Body: `{"error":{"message":"The request had some invalid properties","code":"BadArgumentError","innererror":` +
			`{"code":"SemanticError","message":"A semantic error occurred.","innererror":{"code":"SEM0100","message":"` + message + `"}}}}`}
	}
	for _, c := range []struct {
		name  string
		fault loganalyticstest.Fault
		kind  string
		say   string
	}{
		{"table missing", loganalyticstest.Fault{MissingTable: "CloudAppEvents"}, loganalytics.ErrTypeMissingTable, "table CloudAppEvents"},
		{"column missing", inner(`'where' operator: Failed to resolve scalar expression named 'Timestamp'`), loganalytics.ErrTypeMissingColumn, "column Timestamp"},
		{"column missing, other words", inner(`'project' operator: Failed to resolve column or scalar expression named 'ReportId'`), loganalytics.ErrTypeMissingColumn, "column ReportId"},
		{"bad query", inner(`Query could not be parsed at 'joi'`), loganalytics.ErrTypeBadQuery, "joi"},
		{"refused", loganalyticstest.Fault{Status: 403}, loganalytics.ErrTypeNotAllowed, "workspaces/query/read"},
		{"not signed in", loganalyticstest.Fault{Status: 401}, loganalytics.ErrTypeNotAllowed, "401"},
		{"no workspace", loganalyticstest.Fault{Status: 404}, loganalytics.ErrTypeNoWorkspace, "workspace id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := failing(t, c.fault).client().QueryHunt(t.Context(), published1(t))
			expectFinal(t, err, c.kind, c.say, "top-intra-org-senders")
		})
	}
}

func TestAnswersThatARetryMayHelp(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault loganalyticstest.Fault
		kind  string
	}{
		{"timeout", loganalyticstest.Fault{Status: 504}, loganalytics.ErrTypeTimeout},
		{"overload", loganalyticstest.Fault{Status: 503}, loganalytics.ErrTypeUnavailable},
		{"broken connection", loganalyticstest.Fault{Cut: true}, loganalytics.ErrTypeUnavailable},
		{"no tables", loganalyticstest.Fault{NoTables: true}, loganalytics.ErrTypeMalformed},
		{"a proxy's page", loganalyticstest.Fault{Status: 502, Body: "<html>"}, loganalytics.ErrTypeUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := failing(t, c.fault)
			_, err := s.client().QueryHunt(t.Context(), published1(t))
			expectRetryable(t, err, c.kind)
			if n := len(s.Requests()); n != 1 {
				t.Errorf("%d requests: the SDK retries by itself", n)
			}
		})
	}
}

func TestThrottlingHandsTheWaitToTemporal(t *testing.T) {
	date := now().Add(90 * time.Second).Format(http.TimeFormat)
	for header, want := range map[string]time.Duration{
		"3": 3 * time.Second, "0.5": 500 * time.Millisecond, "120": 2 * time.Minute, "": 30 * time.Second, "soon": 30 * time.Second, "-1": 30 * time.Second,
		"NaN": 30 * time.Second, date: 90 * time.Second, now().Add(-time.Hour).Format(http.TimeFormat): 30 * time.Second,
	} {
		s := failing(t, loganalyticstest.Fault{Status: 429, RetryAfter: header})
		_, err := s.client().QueryHunt(t.Context(), published1(t))
		expectRetryable(t, err, loganalytics.ErrTypeThrottled)
		if got := application(t, err).NextRetryDelay(); got != want || len(s.Requests()) != 1 {
			t.Errorf("Retry-After %q: next try in %s after %d requests, want %s", header, got, len(s.Requests()), want)
		}
	}
}

func TestTheRealServicesSemanticErrorsAreUnderstood(t *testing.T) {
	s := newService(t, newWorld(t).drop("EmailEvents"))
	_, err := s.client().QueryHunt(t.Context(), published1(t))
	expectFinal(t, err, loganalytics.ErrTypeMissingTable, "EmailEvents")
	h := published1(t)
	h.Hunt.Query = "CloudAppEvents | where Timestamp > ago(1h)"
	_, err = newService(t, newWorld(t)).client().QueryHunt(t.Context(), h)
	expectFinal(t, err, loganalytics.ErrTypeMissingColumn, "Timestamp")
}

type refusing struct{ err error }

func (r refusing) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{}, r.err
}

func TestARefusedSignInIsFinalAndShowsNoSecret(t *testing.T) {
	for status, retry := range map[int]bool{401: false, 400: false, 429: true, 503: true} {
		s := newService(t, newWorld(t))
		cfg := s.config()
		cfg.Credential = refusing{&azidentity.AuthenticationFailedError{RawResponse: &http.Response{StatusCode: status, Status: secret, Body: http.NoBody}}}
		c, err := loganalytics.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = c.QueryHunt(t.Context(), published1(t)); retry {
			expectRetryable(t, err, loganalytics.ErrTypeUnavailable)
		} else {
			expectFinal(t, err, loganalytics.ErrTypeNotAllowed, "sign-in")
		}
	}
}

func TestACancelledQueryIsCancelledAndNotAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	hold := make(chan struct{})
	defer close(hold)
	s := failing(t, loganalyticstest.Fault{Hold: hold, Reached: cancel})
	if _, err := s.client().QueryHunt(ctx, published1(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestAClientThatGivesUpFirstIsATimeout(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	hold := make(chan struct{})
	defer close(hold)
	_, err := failing(t, loganalyticstest.Fault{Hold: hold}).client().QueryHunt(ctx, published1(t))
	expectRetryable(t, err, loganalytics.ErrTypeTimeout)
}

// attempts runs QueryHunt as an activity with three attempts at the most and
// counts the requests.
func attempts(t *testing.T, f loganalyticstest.Fault) (int, error) {
	t.Helper()
	s := failing(t, f)
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivityWithOptions(s.client().QueryHunt, activity.RegisterOptions{Name: "QueryHunt"})
	run := published1(t)
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 3}})
		return workflow.ExecuteActivity(ctx, "QueryHunt", run).Get(ctx, nil)
	})
	return len(s.Requests()), env.GetWorkflowError()
}

func TestTemporalTriesAFinalErrorOnceAndTheOthersUpToTheirCeiling(t *testing.T) {
	for _, c := range []struct {
		fault loganalyticstest.Fault
		want  int
	}{
		{loganalyticstest.Fault{Status: 403}, 1}, {loganalyticstest.Fault{Status: 401}, 1}, {loganalyticstest.Fault{Status: 404}, 1},
		{loganalyticstest.Fault{MissingTable: "CloudAppEvents"}, 1}, {loganalyticstest.Fault{Status: 400}, 1},
		{loganalyticstest.Fault{Body: `{"tables":[{"columns":[],"rows":[]}]}`}, 1},
		{loganalyticstest.Fault{Status: 504}, 3}, {loganalyticstest.Fault{Status: 503}, 3}, {loganalyticstest.Fault{Status: 429, RetryAfter: "120"}, 3},
		{loganalyticstest.Fault{NoTables: true}, 3},
	} {
		if got, err := attempts(t, c.fault); got != c.want || err == nil {
			t.Errorf("%+v: %d attempts, want %d: %v", c.fault, got, c.want, err)
		}
	}
}

func TestAQueryHeartbeatsWhileItIsWaitedFor(t *testing.T) {
	beaten := make(chan struct{})
	s := newService(t, newWorld(t))
	s.Fail(loganalyticstest.Fault{Hold: beaten})
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.SetTestTimeout(time.Minute)
	beats := 0
	env.SetOnActivityHeartbeatListener(func(*activity.Info, converter.EncodedValues) {
		if beats++; beats == 1 {
			close(beaten)
		}
	})
	c := s.client()
	env.RegisterActivity(c.QueryHunt)
	if _, err := env.ExecuteActivity(c.QueryHunt, published1(t)); err != nil || beats == 0 {
		t.Errorf("%d heartbeats: %v", beats, err)
	}
}
