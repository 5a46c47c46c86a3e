package graph_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"harrier/activities/graph"
	"harrier/activities/graph/graphtest"
	"harrier/workflows/soar"
)

func TestAThrottledRequestIsAskedForAgainAloneAfterTheLongestPause(t *testing.T) {
	b := newBench(t, directory(person("a"), person("b"), person("c")), soar.Tenant{})
	b.fake.Fail(graphtest.Fault{Match: "/users/id-a/mailboxSettings", RetryAfter: "3", Times: 1})
	b.fake.Fail(graphtest.Fault{Match: "/users/id-b/transitiveMemberOf", RetryAfter: "7", Times: 1})
	app := b.failure(ref("a"), ref("b"), ref("c"))
	if app.Type() != graph.ErrTypeThrottled || app.NonRetryable() || app.NextRetryDelay() != 7*time.Second {
		t.Fatalf("%s, non-retryable %t, delay %s", app.Type(), app.NonRetryable(), app.NextRetryDelay())
	}
	before := len(b.fake.Requests())
	b.clock.Advance(7 * time.Second)
	for _, p := range b.lookUp(ref("a"), ref("b"), ref("c")).Profiles {
		if p.Kind != soar.KindPerson || p.MailboxPurpose != "user" {
			t.Errorf("profile is not complete: %+v", p)
		}
	}
	if again := b.fake.Requests()[before:]; len(again) != 2 {
		t.Errorf("asked again for %q, want the two throttled ones", again)
	}
	if b.fake.Batches() != 3 {
		t.Errorf("%d batches, want 3", b.fake.Batches())
	}
}

func TestAThrottledSearchComesAgainWithTheWholePage(t *testing.T) {
	b := newBench(t, directory(person("a"), person("b")), soar.Tenant{})
	b.fake.Fail(graphtest.Fault{Match: "'a@contoso.com'", RetryAfter: "4", Times: 1})
	if app := b.failure(ref("a"), ref("b")); app.NextRetryDelay() != 4*time.Second {
		t.Errorf("delay %s, want that of the search", app.NextRetryDelay())
	}
	b.lookUp(ref("a"), ref("b"))
	if b.fake.Batches() != 3 {
		t.Errorf("%d batches, want one more than without throttling", b.fake.Batches())
	}
}

func TestThrottlingWithoutAPauseIsOneMoreBatch(t *testing.T) {
	b := newBench(t, directory(person("a"), person("b")), soar.Tenant{})
	b.fake.Fail(graphtest.Fault{Match: "/users/id-a/mailboxSettings", RetryAfter: "0", Times: 1})
	b.lookUp(ref("a"), ref("b"))
	if b.fake.Batches() != 3 {
		t.Errorf("%d batches, want 3", b.fake.Batches())
	}
	b.fake.Fail(graphtest.Fault{Match: "/users/id-c", RetryAfter: "0"})
	b.fake.SetDirectory(directory(person("c")))
	if app := b.failure(ref("c")); app.Type() != graph.ErrTypeThrottled || app.NextRetryDelay() < time.Second {
		t.Errorf("%s after %s", app.Type(), app.NextRetryDelay())
	}
}

func TestEachFailureOfABatchHasItsClass(t *testing.T) {
	for _, c := range []struct {
		fault        graphtest.Fault
		kind         string
		nonRetryable bool
		delay        time.Duration
	}{
		{refused(http.StatusBadRequest), graph.ErrTypeRequest, true, 0},
		{refused(http.StatusUnauthorized), graph.ErrTypeAuthentication, true, 0},
		{refused(http.StatusForbidden), graph.ErrTypeForbidden, true, 0},
		{refused(http.StatusInternalServerError), graph.ErrTypeUnavailable, false, 0},
		{graphtest.Fault{Match: "/$batch", RetryAfter: "3"}, graph.ErrTypeThrottled, false, 3 * time.Second},
		{graphtest.Fault{Match: "/$batch", RetryAfter: "0.5"}, graph.ErrTypeThrottled, false, 500 * time.Millisecond},
		{graphtest.Fault{Match: "/$batch"}, graph.ErrTypeThrottled, false, 10 * time.Second},
		{graphtest.Fault{Match: "/$batch", RetryAfter: start.Add(90 * time.Second).Format(http.TimeFormat)}, graph.ErrTypeThrottled, false, 90 * time.Second},
		{graphtest.Fault{Match: "/$batch", RetryAfter: "86400"}, graph.ErrTypeThrottled, false, time.Hour},
		{graphtest.Fault{Match: "/$batch", Status: http.StatusServiceUnavailable, RetryAfter: "5"}, graph.ErrTypeThrottled, false, 5 * time.Second},
	} {
		t.Run(fmt.Sprintf("%d %s", c.fault.Status, c.fault.RetryAfter), func(t *testing.T) {
			b := newBench(t, directory(person("a")), soar.Tenant{})
			b.fake.Fail(c.fault)
			app := b.failure(ref("a"))
			if app.Type() != c.kind || app.NonRetryable() != c.nonRetryable || app.NextRetryDelay() != c.delay {
				t.Errorf("%s, non-retryable %t, delay %s", app.Type(), app.NonRetryable(), app.NextRetryDelay())
			}
			if b.fake.Batches() != 1 {
				t.Errorf("%d batches: something below Temporal retried", b.fake.Batches())
			}
			if strings.Contains(app.Error(), token) {
				t.Errorf("the error shows the token: %v", app)
			}
		})
	}
}

func TestATokenThatIsRefusedIsNotRetriedAndNotShown(t *testing.T) {
	b := newBench(t, directory(person("a")), soar.Tenant{})
	denied := func(status int) error {
		return &azidentity.AuthenticationFailedError{RawResponse: &http.Response{
			StatusCode: status, Header: http.Header{"Retry-After": {"6"}}, Body: http.NoBody,
			Request: &http.Request{Method: http.MethodPost},
		}}
	}
	for _, c := range []struct {
		err          error
		kind         string
		nonRetryable bool
		delay        time.Duration
	}{
		{denied(http.StatusUnauthorized), graph.ErrTypeAuthentication, true, 0},
		{denied(http.StatusTooManyRequests), graph.ErrTypeThrottled, false, 6 * time.Second},
		{denied(http.StatusBadGateway), graph.ErrTypeUnavailable, false, 0},
		{errors.New("dial: refused"), graph.ErrTypeUnavailable, false, 0},
	} {
		client := b.newClient(soar.Tenant{}, credential{err: c.err})
		_, err := client.LookUpSenders(t.Context(), soar.ProfilesRequest{Senders: []soar.SenderRef{ref("a")}})
		app := applicationError(t, err)
		if app.Type() != c.kind || app.NonRetryable() != c.nonRetryable || app.NextRetryDelay() != c.delay {
			t.Errorf("%v: %s, non-retryable %t, delay %s", c.err, app.Type(), app.NonRetryable(), app.NextRetryDelay())
		}
	}
}

func TestAServiceThatIsDownIsRetried(t *testing.T) {
	b := newBench(t, directory(), soar.Tenant{})
	b.http.Close()
	if app := b.failure(ref("a")); app.Type() != graph.ErrTypeUnavailable || app.NonRetryable() {
		t.Errorf("%s, non-retryable %t", app.Type(), app.NonRetryable())
	}
}

func TestACancelledLookUpStaysACancellation(t *testing.T) {
	b := newBench(t, directory(), soar.Tenant{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.client.LookUpSenders(ctx, soar.ProfilesRequest{Senders: []soar.SenderRef{ref("a")}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%T %v", err, err)
	}
}

func TestAClientNeedsATLSAddressAndACredential(t *testing.T) {
	for _, config := range []graph.Config{
		{BaseURL: "http://graph.test/v1.0", Credential: credential{}},
		{BaseURL: "https://graph.test/v1.0"},
	} {
		if _, err := graph.New(config); err == nil {
			t.Errorf("%+v makes a client", config)
		}
	}
}
