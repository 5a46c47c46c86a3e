package loganalyticstest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/monitor/azquery"

	"harrier/activities/loganalytics/kql"
	"harrier/activities/loganalytics/loganalyticstest"
)

const workspace = "11111111-2222-3333-4444-555555555555"

var noon = time.Date(2025, 6, 2, 12, 0, 0, 0, time.UTC)

// token is a credential that always yields itself.
type token string

func (t token) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(t), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func tables() kql.Database {
	t := &kql.Table{Name: "T", Columns: []kql.Column{
		{Name: "TimeGenerated", Type: kql.TypeDatetime}, {Name: "s", Type: kql.TypeString}, {Name: "n", Type: kql.TypeLong},
		{Name: "d", Type: kql.TypeDynamic}, {Name: "f", Type: kql.TypeTimespan}, {Name: "b", Type: kql.TypeBool}, {Name: "r", Type: kql.TypeReal},
	}}
	for i := range 5 {
		t.Rows = append(t.Rows, []kql.Value{
			noon.Add(-time.Duration(i) * time.Hour), "row <&> \"x\"", int64(9007199254740993) + int64(i),
			kql.Dynamic{V: map[string]any{"k": []any{int64(i), "<a>"}}}, 26*time.Hour + 500*time.Millisecond, true, 1.5,
		})
	}
	t.Rows = append(t.Rows, []kql.Value{noon.Add(-100 * time.Hour), nil, nil, nil, nil, nil, nil})
	return kql.Database{"T": t}
}

type fixture struct {
	*loganalyticstest.Server
	url    string
	http   *http.Client
	client *azquery.LogsClient
}

func start(t *testing.T, c loganalyticstest.Config) *fixture {
	t.Helper()
	if c.Workspaces == nil {
		c.Workspaces = map[string]kql.Database{workspace: tables()}
	}
	if c.Now == nil {
		c.Now = func() time.Time { return noon }
	}
	s := loganalyticstest.New(c)
	r := s.Start()
	t.Cleanup(r.Close)
	f := &fixture{Server: s, url: r.URL, http: r.Client}
	f.client = f.as(t, "token-a")
	return f
}

func (f *fixture) as(t *testing.T, cred token) *azquery.LogsClient {
	t.Helper()
	client, err := azquery.NewLogsClient(cred, &azquery.LogsClientOptions{ClientOptions: azcore.ClientOptions{
		Transport: f.http, Retry: policy.RetryOptions{MaxRetries: -1},
		Cloud: cloud.Configuration{Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
			azquery.ServiceNameLogs: {Audience: "https://api.loganalytics.io", Endpoint: f.url},
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (f *fixture) query(text string, span azquery.TimeInterval) (azquery.LogsClientQueryWorkspaceResponse, error) {
	body := azquery.Body{Query: &text}
	if span != "" {
		body.Timespan = &span
	}
	return f.client.QueryWorkspace(context.Background(), workspace, body, nil)
}

// refusal returns the service's answer to a query that must fail, with its whole body.
func refusal(t *testing.T, err error) (*azcore.ResponseError, string) {
	t.Helper()
	var re *azcore.ResponseError
	if !errors.As(err, &re) {
		t.Fatalf("got %v, want a response error", err)
	}
	return re, re.Error()
}

func TestCellsTravelAsTheServiceEncodesThem(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	res, err := f.query("T | take 1 | extend none = int(null), empty = strcat('', ''), nan = 0.0 / 0.0", "")
	if err != nil {
		t.Fatal(err)
	}
	table := res.Tables[0]
	var names []string
	for _, c := range table.Columns {
		names = append(names, *c.Name+":"+string(*c.Type))
	}
	if got := strings.Join(names, " "); got != "TimeGenerated:datetime s:string n:long d:dynamic f:timespan b:bool r:real none:int empty:string nan:real" {
		t.Errorf("columns: %s", got)
	}
	got, _ := json.Marshal(table.Rows[0])
	// azquery decodes numbers as float64, which is what loses the last digit of the long.
	want := `["2025-06-02T12:00:00Z","row \u003c\u0026\u003e \"x\"",9007199254740992,"{\"k\":[0,\"\u003ca\u003e\"]}","1.02:00:00.5000000",true,1.5,null,"","NaN"]`
	if string(got) != want {
		t.Errorf("row:\n got %s\nwant %s", got, want)
	}
	if *table.Name != "PrimaryResult" {
		t.Errorf("table is named %s", *table.Name)
	}
}

func TestLongsKeepTheirDigitsOnTheWire(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	resp := f.post(t, `{"query":"T | take 1 | project n, TimeGenerated = TimeGenerated + 1ms"}`, nil)
	if !strings.Contains(resp.body, `"rows":[[9007199254740993,"2025-06-02T12:00:00.001Z"]]`) {
		t.Errorf("got %s", resp.body)
	}
}

type response struct {
	status int
	body   string
	header http.Header
}

func (f *fixture) post(t *testing.T, body string, header map[string]string) response {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, f.url+"/workspaces/"+workspace+"/query", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer token-a")
	for k, v := range header {
		req.Header.Set(k, v)
		if v == "" {
			req.Header.Del(k)
		}
	}
	resp, err := f.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	buf := make([]byte, 4096)
	for n, err := resp.Body.Read(buf); n > 0 || err == nil; n, err = resp.Body.Read(buf) {
		b.Write(buf[:n])
	}
	return response{resp.StatusCode, b.String(), resp.Header}
}

func TestTheTimespanIsIntersectedWithTheQuery(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	for span, want := range map[azquery.TimeInterval]float64{
		"": 6,
		azquery.NewTimeInterval(noon.Add(-2*time.Hour), noon): 2,
		"PT3H":                      3,
		"P7D":                       5,
		"2025-06-02T09:00:00Z/PT2H": 2,
		"PT2H/2025-06-02T11:00:00Z": 2,
		"2025-05-01T00:00:00Z/2025-06-03T00:00:00Z": 6,
	} {
		res, err := f.query("T | where TimeGenerated > ago(1000d) | count", span)
		if err != nil {
			t.Fatalf("%s: %v", span, err)
		}
		if got := res.Tables[0].Rows[0][0]; got != want {
			t.Errorf("%q: got %v rows, want %v", span, got, want)
		}
	}
}

func TestMalformedRequestsAreRefused(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	for _, c := range []struct {
		body   string
		header map[string]string
		status int
		want   string
	}{
		{`{"query":"T","timespan":"yesterday"}`, nil, 400, "BadArgumentError"},
		{`{"query":"T","timespan":"2025-06-02T12:00:00Z/2025-06-02T12:00:00Z"}`, nil, 400, "start before its end"},
		{`{"query":"T","timespan":"P30"}`, nil, 400, "timespan"},
		{`{"timespan":"PT1H"}`, nil, 400, "BadArgumentError"},
		{`not json`, nil, 400, "BadArgumentError"},
		{`{"query":"T"}`, map[string]string{"Prefer": "wait=601"}, 400, "between 1 and 600"},
		{`{"query":"T"}`, map[string]string{"Prefer": "wait=0"}, 400, "between 1 and 600"},
		{`{"query":"T"}`, map[string]string{"Authorization": ""}, 401, "AuthenticationFailed"},
		{`{"query":"T"}`, map[string]string{"Authorization": "Basic x"}, 401, "AuthenticationFailed"},
		{`{"query":"T","workspaces":["other"]}`, nil, 404, "WorkspaceNotFoundError"},
	} {
		got := f.post(t, c.body, c.header)
		if got.status != c.status || !strings.Contains(got.body, c.want) {
			t.Errorf("%s %v: got %d %s", c.body, c.header, got.status, got.body)
		}
	}
}

func TestATokenThatIsNotAuthorizedIsRefused(t *testing.T) {
	f := start(t, loganalyticstest.Config{Authorize: func(tok string) bool { return tok == "token-b" }})
	_, err := f.query("T", "")
	if re, _ := refusal(t, err); re.StatusCode != http.StatusForbidden || re.ErrorCode != "InvalidAuthenticationToken" {
		t.Errorf("got %d %s", re.StatusCode, re.ErrorCode)
	}
	f.client = f.as(t, "token-b")
	if _, err := f.query("T", ""); err != nil {
		t.Error(err)
	}
}

func TestAnUnknownWorkspaceIsNotFound(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	_, err := f.client.QueryWorkspace(context.Background(), "nowhere", azquery.Body{Query: to.Ptr("T")}, nil)
	if re, _ := refusal(t, err); re.StatusCode != http.StatusNotFound || re.ErrorCode != "WorkspaceNotFoundError" {
		t.Errorf("got %v", err)
	}
}

func TestQueryErrorsNestAsTheServiceNestsThem(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	for query, want := range map[string][]string{
		"CloudAppEvents\n| where x == 1": {"SemanticError", "SEM0100", "'where' operator: Failed to resolve table or column expression named 'CloudAppEvents'", `"line": 1`, `"token": "CloudAppEvents"`},
		"T\n| where Timestamp > ago(1h)": {"SemanticError", "SEM0100", "Failed to resolve scalar expression named 'Timestamp'", `"line": 2`, `"pos": 9`},
		"T | joi T on s":                 {"SyntaxError", "SYN0002", `"token": "joi"`},
		"T | make-series count() on n":   {"UnsupportedByFake", "make-series"},
	} {
		_, err := f.query(query, "")
		re, text := refusal(t, err)
		if re.StatusCode != http.StatusBadRequest || re.ErrorCode != "BadArgumentError" {
			t.Errorf("%s: got %d %s", query, re.StatusCode, re.ErrorCode)
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %s in %s", query, w, text)
			}
		}
	}
}

func TestAResultAboveTheLimitsIsPartial(t *testing.T) {
	for name, limits := range map[string]loganalyticstest.Limits{"record count limit 2": {Rows: 2}, "data size limit 250": {Bytes: 250}} {
		f := start(t, loganalyticstest.Config{Limits: limits})
		res, err := f.query("T", "")
		if err != nil {
			t.Fatal(err)
		}
		if n := len(res.Tables[0].Rows); n == 0 || n >= 6 {
			t.Errorf("%s: %d rows came", name, n)
		}
		if res.Error == nil || res.Error.Code != "PartialError" {
			t.Fatalf("%s: error is %v", name, res.Error)
		}
		if text := res.Error.Error(); !strings.Contains(text, name) || !strings.Contains(text, "-2133196797") {
			t.Errorf("%s: error is %s", name, text)
		}
	}
}

func TestTheRequestRateIsLimitedByToken(t *testing.T) {
	var mu sync.Mutex
	now := noon
	f := start(t, loganalyticstest.Config{
		Limits: loganalyticstest.Limits{Requests: 3},
		Now:    func() time.Time { mu.Lock(); defer mu.Unlock(); return now },
	})
	for range 3 {
		if _, err := f.query("print 1", ""); err != nil {
			t.Fatal(err)
		}
	}
	_, err := f.query("print 1", "")
	re, _ := refusal(t, err)
	if re.StatusCode != http.StatusTooManyRequests || re.RawResponse.Header.Get("Retry-After") != "30" {
		t.Errorf("got %d, Retry-After %q", re.StatusCode, re.RawResponse.Header.Get("Retry-After"))
	}
	if n := f.Throttled(); n != 1 {
		t.Errorf("%d requests counted as throttled", n)
	}
	other := f.as(t, "token-b")
	if _, err := other.QueryWorkspace(context.Background(), workspace, azquery.Body{Query: to.Ptr("print 1")}, nil); err != nil {
		t.Errorf("another token: %v", err)
	}
	mu.Lock()
	now = now.Add(30 * time.Second)
	mu.Unlock()
	if _, err := f.query("print 1", ""); err != nil {
		t.Errorf("after the window: %v", err)
	}
}

func TestASixthQueryAtATimeIsThrottled(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	hold, reached := make(chan struct{}), make(chan struct{}, 5)
	f.Fail(loganalyticstest.Fault{Match: "slow", Hold: hold, Reached: func() { reached <- struct{}{} }})
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if _, err := f.query("print 'slow'", ""); err != nil {
				t.Errorf("a held query: %v", err)
			}
		})
	}
	for range 5 {
		<-reached
	}
	_, err := f.query("print 1", "")
	if re, _ := refusal(t, err); re.StatusCode != http.StatusTooManyRequests {
		t.Errorf("got %v", err)
	}
	if f.PeakConcurrent() != 5 || f.Throttled() != 1 {
		t.Errorf("a peak of %d, %d throttled", f.PeakConcurrent(), f.Throttled())
	}
	close(hold)
	wg.Wait()
	if _, err := f.query("print 1", ""); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestStatisticsComeWhenAsked(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	options := &azquery.LogsClientQueryWorkspaceOptions{Options: &azquery.LogsQueryOptions{Statistics: to.Ptr(true), Wait: to.Ptr(30)}}
	res, err := f.client.QueryWorkspace(context.Background(), workspace, azquery.Body{Query: to.Ptr("T | count")}, options)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"datasetStatistics":[{"tableRowCount":1,"tableSize":`, `"totalCpu":"00:00:0`, `"rows":{"scanned":6,"total":6}`, `"executionTime":0.0`} {
		if !strings.Contains(string(res.Statistics), part) {
			t.Errorf("no %s in %s", part, res.Statistics)
		}
	}
	want := loganalyticstest.Request{Workspace: workspace, Query: "T | count", Wait: 30, Status: 200}
	if got := f.Requests(); len(got) != 1 || got[0] != want {
		t.Errorf("recorded %+v", got)
	}
	if res, err := f.query("T | count", ""); err != nil || res.Statistics != nil {
		t.Errorf("unasked: %s, %v", res.Statistics, err)
	}
}

func TestDataCanBeReplacedBetweenQueries(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	db := f.Workspace(workspace)
	db["T"] = &kql.Table{Name: "T", Columns: []kql.Column{{Name: "x", Type: kql.TypeString}}, Rows: [][]kql.Value{{"new"}}}
	f.SetWorkspace(workspace, db)
	res, err := f.query("T | project x", "")
	if err != nil || res.Tables[0].Rows[0][0] != "new" {
		t.Errorf("got %v, %v", res, err)
	}
}

func TestAdditionalWorkspacesAreReadTogether(t *testing.T) {
	f := start(t, loganalyticstest.Config{Workspaces: map[string]kql.Database{workspace: tables(), "second": tables()}})
	body := azquery.Body{Query: to.Ptr("T | count"), AdditionalWorkspaces: []*string{to.Ptr("second")}}
	res, err := f.client.QueryWorkspace(context.Background(), workspace, body, nil)
	if err != nil || res.Tables[0].Rows[0][0] != 12.0 {
		t.Errorf("got %v, %v", res.Tables, err)
	}
}

func TestLimitsHoldForAnIdentityWhateverItsTokens(t *testing.T) {
	f := start(t, loganalyticstest.Config{
		Limits:   loganalyticstest.Limits{Requests: 2, Per: time.Second},
		Identity: func(token string) string { return strings.TrimSuffix(token, "-renewed") },
	})
	ask := func(who token) error {
		_, err := f.as(t, who).QueryWorkspace(context.Background(), workspace, azquery.Body{Query: to.Ptr("print 1")}, nil)
		return err
	}
	for _, who := range []token{"harrier", "harrier-renewed", "somebody"} {
		if err := ask(who); err != nil {
			t.Errorf("%s: %v", who, err)
		}
	}
	re, _ := refusal(t, ask("harrier-renewed"))
	if re.StatusCode != http.StatusTooManyRequests || re.RawResponse.Header.Get("Retry-After") != "1" {
		t.Errorf("got %d, Retry-After %q", re.StatusCode, re.RawResponse.Header.Get("Retry-After"))
	}
}

func TestTheServicesOwnLimitsAreTheDefault(t *testing.T) {
	f := start(t, loganalyticstest.Config{})
	for range 200 {
		if _, err := f.query("print 1", ""); err != nil {
			t.Fatal(err)
		}
	}
	_, err := f.query("print 1", "")
	if re, _ := refusal(t, err); re.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the 201st request in 30 seconds: %v", err)
	}
}
