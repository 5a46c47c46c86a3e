package loganalyticstest_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/monitor/azquery"

	"harrier/activities/loganalytics/loganalyticstest"
)

func TestFaultsAnswerInTheServicesShapes(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  loganalyticstest.Fault
		status int
		code   string
		text   string
	}{
		{"throttled", loganalyticstest.Fault{Status: 429, RetryAfter: "120"}, 429, "ThrottledError", "Rate limit"},
		{"gateway timeout", loganalyticstest.Fault{Status: 504}, 504, "GatewayTimeout", "Unable to unzip response"},
		{"missing table", loganalyticstest.Fault{MissingTable: "CloudAppEvents"}, 400, "BadArgumentError", "table or column expression named 'CloudAppEvents'"},
		{"forbidden", loganalyticstest.Fault{Status: 403}, 403, "InsufficientAccessError", "insufficient access"},
		{"own body", loganalyticstest.Fault{Status: 502, Body: `{"error":{"code":"Odd"}}`}, 502, "Odd", "Odd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, loganalyticstest.Config{})
			f.Fail(c.fault)
			_, err := f.query("T", "")
			re, text := refusal(t, err)
			if re.StatusCode != c.status || re.ErrorCode != c.code || !strings.Contains(text, c.text) {
				t.Errorf("got %d %s: %s", re.StatusCode, re.ErrorCode, text)
			}
			if got := re.RawResponse.Header.Get("Retry-After"); got != c.fault.RetryAfter {
				t.Errorf("Retry-After is %q", got)
			}
			if got := f.Requests()[0].Status; got != c.status {
				t.Errorf("recorded status %d", got)
			}
		})
	}
}

func TestAPartialFaultKeepsRowsBesideItsError(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	f.Fail(loganalyticstest.Fault{Partial: "a shard did not answer", PartialRows: 1})
	res, err := f.query("T", "")
	if err != nil || len(res.Tables[0].Rows) != 1 {
		t.Fatalf("got %v, %v", res.Tables, err)
	}
	if res.Error == nil || res.Error.Code != "PartialError" || !strings.Contains(res.Error.Error(), "a shard did not answer") {
		t.Errorf("error is %v", res.Error)
	}
}

func TestAnAnswerCanLackTables(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	f.Fail(loganalyticstest.Fault{NoTables: true})
	res, err := f.query("T", "")
	if err != nil || res.Tables == nil || len(res.Tables) != 0 {
		t.Errorf("got %v, %v", res.Tables, err)
	}
}

func TestACutConnectionIsNoAnswer(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	f.Fail(loganalyticstest.Fault{Cut: true})
	_, err := f.query("T", "")
	var re *azcore.ResponseError
	if err == nil || errors.As(err, &re) {
		t.Errorf("got %v, want an error without an answer", err)
	}
	if got := f.Requests(); len(got) != 1 || got[0].Status != 0 {
		t.Errorf("recorded %+v", got)
	}
}

func TestAFaultChoosesItsRequests(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	f.Fail(loganalyticstest.Fault{Match: "count", Nth: 2, Status: http.StatusGatewayTimeout})
	disarm := f.Fail(loganalyticstest.Fault{Match: "take", Times: 1, Status: http.StatusTooManyRequests})
	var got []int
	for _, q := range []string{"T | count", "T | take 1", "T | count", "T | take 1", "T | count"} {
		_, err := f.query(q, "")
		status := 200
		var re *azcore.ResponseError
		if errors.As(err, &re) {
			status = re.StatusCode
		}
		got = append(got, status)
	}
	for i, want := range []int{200, 429, 504, 200, 200} {
		if got[i] != want {
			t.Fatalf("statuses %v", got)
		}
	}
	disarm()
}

func TestADisarmedFaultIsOver(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	disarm := f.Fail(loganalyticstest.Fault{Status: 504})
	if _, err := f.query("T", ""); err == nil {
		t.Fatal("the fault did not play")
	}
	disarm()
	if _, err := f.query("T", ""); err != nil {
		t.Fatal(err)
	}
}

func TestAHeldRequestEndsWithItsClient(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	reached := make(chan struct{})
	f.Fail(loganalyticstest.Fault{Hold: make(chan struct{}), Reached: func() { close(reached) }})
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-reached; cancel() }()
	_, err := f.client.QueryWorkspace(ctx, workspace, azquery.Body{Query: to.Ptr("T")}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
