package graphtest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"harrier/activities/graph/graphtest"
)

type answer struct {
	Status int
	Header http.Header
	Error  struct{ Code, Message string }
	Value  []map[string]any
	Next   string `json:"@odata.nextLink"`
	Count  *int   `json:"@odata.count"`
}

func (a answer) ids() string {
	var ids []string
	for _, row := range a.Value {
		ids = append(ids, fmt.Sprint(row["id"]))
	}
	return strings.Join(ids, ",")
}

func seeded(t *testing.T) (*graphtest.Server, *httptest.Server) {
	t.Helper()
	fake := graphtest.New(graphtest.Config{
		Authorize: func(token string) bool { return token == "good" },
		Directory: graphtest.Directory{PremiumP1: true, Users: []graphtest.User{
			{ID: "1", UserPrincipalName: "anna@contoso.com", Mail: "Anna@contoso.com", ProxyAddresses: []string{"smtp:a@contoso.com"}, MailboxPurpose: "user"},
			{ID: "2", UserPrincipalName: "bob@contoso.com", Mail: "bob@contoso.com", LastInteractive: time.Unix(0, 0)},
			{ID: "3", UserPrincipalName: "carol@contoso.com", Deleted: true},
		}},
	})
	server := fake.Start()
	t.Cleanup(server.Close)
	return fake, server
}

func get(t *testing.T, server *httptest.Server, target string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer good")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return send(t, server, request)
}

func send(t *testing.T, server *httptest.Server, request *http.Request) answer {
	t.Helper()
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	a := answer{Status: response.StatusCode, Header: response.Header}
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

func query(server *httptest.Server, path string, options ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(options); i += 2 {
		values.Set(options[i], options[i+1])
	}
	return server.URL + graphtest.Root + path + "?" + values.Encode()
}

func TestFiltersAreEvaluatedAndWhatIsNotSupportedIsRefused(t *testing.T) {
	_, server := seeded(t)
	for _, c := range []struct{ filter, want string }{
		{"mail eq 'ANNA@contoso.com'", "1"},
		{"proxyAddresses/any(p:p eq 'SMTP:a@contoso.com')", "1"},
		{"proxyAddresses/any(p:startsWith(p,'smtp:'))", "1"},
		{"startsWith(userPrincipalName,'b') or (id eq '1' and mail eq 'anna@contoso.com')", "1,2"},
		{"id in ('1','2') and accountEnabled eq false", "1,2"},
		{"mail eq 'o''brien@contoso.com'", ""},
		{"mail eq 'x", "Request_UnsupportedQuery"},
		{"endsWith(mail,'@contoso.com')", "Request_UnsupportedQuery"},
		{"mail ne 'x'", "Request_UnsupportedQuery"},
		{"contains(mail,'x')", "Request_UnsupportedQuery"},
		{"nosuch eq 'x'", "Request_UnsupportedQuery"},
		{"id eq '1' id", "Request_UnsupportedQuery"},
		{strings.Repeat("id eq '1' or ", 15) + "id eq '2'", "Request_UnsupportedQuery"},
	} {
		a := get(t, server, query(server, "/users", "$filter", c.filter))
		if got := a.ids() + a.Error.Code; got != c.want {
			t.Errorf("%s: %q, want %q (%s)", c.filter, got, c.want, a.Error.Message)
		}
	}
}

func TestAnAdvancedQueryNeedsHeaderAndCountOnEveryPageAndTakesNoExpand(t *testing.T) {
	_, server := seeded(t)
	options := []string{"$filter", "endsWith(mail,'@contoso.com')", "$count", "true", "$top", "1"}
	first := get(t, server, query(server, "/users", options...), "ConsistencyLevel", "eventual")
	if first.ids() != "1" || first.Count == nil || *first.Count != 2 || first.Next == "" {
		t.Fatalf("first page: %+v", first)
	}
	if bare := get(t, server, first.Next); bare.Error.Code != "Request_UnsupportedQuery" {
		t.Errorf("page 2 without the header: %d %s", bare.Status, bare.Error.Code)
	}
	if second := get(t, server, first.Next, "ConsistencyLevel", "eventual"); second.ids() != "2" || second.Next != "" {
		t.Errorf("page 2: %+v", second)
	}
	expanded := get(t, server, query(server, "/users", append(options, "$expand", "manager")...), "ConsistencyLevel", "eventual")
	if expanded.Error.Code != "Request_UnsupportedQuery" {
		t.Errorf("$expand in an advanced query: %d", expanded.Status)
	}
}

func TestWhatTheServiceRefusesIsRefused(t *testing.T) {
	fake, server := seeded(t)
	fake.SetDirectory(graphtest.Directory{Users: []graphtest.User{{ID: "1", UserPrincipalName: "anna@contoso.com"}}})
	for _, c := range []struct {
		target string
		status int
		code   string
	}{
		{query(server, "/users/nobody"), 404, "Request_ResourceNotFound"},
		{query(server, "/users/1/mailboxSettings/userPurpose"), 404, "MailboxNotEnabledForRESTAPI"},
		{query(server, "/users/1", "$select", "id,signInActivity"), 403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant"},
		{query(server, "/users", "$select", "mailboxSettings"), 501, "NotImplemented"},
		{query(server, "/users", "$select", "nosuch"), 400, "Request_BadRequest"},
		{query(server, "/users", "$orderby", "id"), 400, "Request_BadRequest"},
		{query(server, "/users", "$expand", "memberOf"), 400, "Request_BadRequest"},
		{query(server, "/directory/deletedItems"), 400, "BadRequest"},
		{server.URL + "/beta/users", 400, "BadRequest"},
	} {
		if a := get(t, server, c.target); a.Status != c.status || a.Error.Code != c.code {
			t.Errorf("%s: %d %s, want %d %s", c.target, a.Status, a.Error.Code, c.status, c.code)
		}
	}
	if a := get(t, server, query(server, "/users"), "Authorization", "Bearer bad"); a.Status != http.StatusUnauthorized {
		t.Errorf("a foreign token: %d", a.Status)
	}
}

func TestDeletedUsersAreInTheBinAlone(t *testing.T) {
	_, server := seeded(t)
	if a := get(t, server, query(server, "/users", "$filter", "id eq '3'")); len(a.Value) != 0 {
		t.Errorf("a deleted user is among the living: %v", a.Value)
	}
	a := get(t, server, query(server, "/directory/deletedItems/microsoft.graph.user"))
	if a.ids() != "3" || a.Value[0]["userPrincipalName"] != "3carol@contoso.com" {
		t.Errorf("bin: %v", a.Value)
	}
}

func TestABatchHoldsAtMostTwentyAndFaultsHitSingleParts(t *testing.T) {
	fake, server := seeded(t)
	fake.Fail(graphtest.Fault{Match: "/users/2", RetryAfter: "7"})
	batch := func(n int) (*http.Response, map[string]any) {
		var steps []map[string]any
		for i := range n {
			steps = append(steps, map[string]any{"id": fmt.Sprint(i), "method": "GET", "url": fmt.Sprintf("/users/%d", i)})
		}
		body, err := json.Marshal(map[string]any{"requests": steps})
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+graphtest.Root+"/$batch", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer good")
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		byID := map[string]any{}
		var decoded struct{ Responses []map[string]any }
		if err := json.NewDecoder(response.Body).Decode(&decoded); err != nil {
			t.Fatal(err)
		}
		for _, r := range decoded.Responses {
			byID[fmt.Sprint(r["id"])] = fmt.Sprintf("%v %v", r["status"], r["headers"].(map[string]any)["Retry-After"])
		}
		return response, byID
	}
	if response, got := batch(4); response.StatusCode != 200 || got["0"] != "404 <nil>" || got["1"] != "200 <nil>" || got["2"] != "429 7" {
		t.Errorf("%d %v", response.StatusCode, got)
	}
	if response, _ := batch(21); response.StatusCode != http.StatusBadRequest {
		t.Errorf("21 requests: %d", response.StatusCode)
	}
	if fake.Batches() != 2 {
		t.Errorf("%d batches counted", fake.Batches())
	}
}
