package paging_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"harrier/activities/paging"
	"harrier/activities/paging/pagingtest"
	"harrier/workflows/soar"
)

const key = "r0uting-key-secret"

func pager(t *testing.T, provider paging.Provider) (*paging.Client, *pagingtest.Server) {
	t.Helper()
	fake := pagingtest.New(pagingtest.Config{RoutingKey: key, Secret: key})
	ts := httptest.NewTLSServer(fake)
	t.Cleanup(ts.Close)
	path := map[paging.Provider]string{paging.PagerDuty: "/v2/enqueue", paging.Webhook: "/hook"}[provider]
	client, err := paging.New(paging.Config{Provider: provider, URL: ts.URL + path, Key: key, HTTPClient: ts.Client()})
	if err != nil {
		t.Fatal(err)
	}
	return client, fake
}

func escalated() soar.CaseRequest {
	k := soar.Case{Ref: soar.CaseRef{ID: "case-1", Number: 3}, State: soar.CaseEscalated}
	k.Finding.Candidate = soar.Candidate{Sender: "j.doe@contoso.com", SenderIs: soar.P2, Counts: soar.Counts{Phish: 7}}
	k.Judgement = soar.Judgement{Severity: soar.SeverityHigh, Headline: "Likely taken-over mailbox"}
	k.Incident = &soar.Incident{URL: "https://portal.test/1"}
	return soar.CaseRequest{Case: k}
}

func TestARepeatedPageIsOneAlertThatNamesTheCase(t *testing.T) {
	for _, provider := range []paging.Provider{paging.PagerDuty, paging.Webhook} {
		client, fake := pager(t, provider)
		for range 2 {
			if _, err := client.PageOnCall(t.Context(), escalated()); err != nil {
				t.Fatalf("%s: %v", provider, err)
			}
		}
		pages := fake.Pages()
		if len(pages) != 1 || pages[0].Repeats != 1 || pages[0].Key != "case-1/3" || !strings.Contains(pages[0].Summary, "HIGH Likely taken-over mailbox: j.doe@contoso.com") {
			t.Errorf("%s: pages %+v", provider, pages)
		}
	}
}

func TestACaseThatIsEscalatedAgainCallsAgainAndARetryDoesNot(t *testing.T) {
	for _, provider := range []paging.Provider{paging.PagerDuty, paging.Webhook} {
		client, fake := pager(t, provider)
		for _, click := range []string{"one", "one", strings.Repeat("two", 200), strings.Repeat("two", 200)} {
			request := escalated()
			request.Case.Decision = &soar.Decision{Kind: soar.Escalate, Click: click}
			if _, err := client.PageOnCall(t.Context(), request); err != nil {
				t.Fatalf("%s: %v", provider, err)
			}
		}
		pages := fake.Pages()
		if len(pages) != 2 || pages[0].Repeats != 1 || pages[1].Repeats != 1 || !strings.HasPrefix(pages[1].Key, "case-1/3-") || pages[1].Details["case"] != "case-1/3" {
			t.Errorf("%s: pages %+v", provider, pages)
		}
	}
}

func TestALongHeadlineIsCutToWhatTheServiceTakes(t *testing.T) {
	client, fake := pager(t, paging.PagerDuty)
	request := escalated()
	request.Case.Judgement.Headline = strings.Repeat("é", 3000)
	if _, err := client.PageOnCall(t.Context(), request); err != nil || len(fake.Pages()) != 1 {
		t.Fatalf("%v, %d pages", err, len(fake.Pages()))
	}
}

func TestErrorsSayWhetherARepeatHelpsAndKeepTheKey(t *testing.T) {
	for name, c := range map[string]struct {
		fault pagingtest.Fault
		final bool
		delay time.Duration
	}{
		"throttled":   {pagingtest.Fault{Status: 429, RetryAfter: "7"}, false, 7 * time.Second},
		"fractional":  {pagingtest.Fault{Status: 429, RetryAfter: "0.5"}, false, 500 * time.Millisecond},
		"unavailable": {pagingtest.Fault{Status: 503}, false, 0},
		"refused":     {pagingtest.Fault{Status: 400}, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			client, fake := pager(t, paging.PagerDuty)
			fake.Fail(c.fault)
			_, err := client.PageOnCall(t.Context(), escalated())
			var app *temporal.ApplicationError
			if !errors.As(err, &app) || app.NonRetryable() != c.final || app.NextRetryDelay() != c.delay {
				t.Fatalf("%v: final %t, delay %s", err, app.NonRetryable(), app.NextRetryDelay())
			}
		})
	}
}

func TestAWrongKeyIsFinalAndNeverShown(t *testing.T) {
	fake := pagingtest.New(pagingtest.Config{RoutingKey: "another", Secret: "another"})
	ts := httptest.NewTLSServer(fake)
	defer ts.Close()
	for provider, path := range map[paging.Provider]string{paging.PagerDuty: "/v2/enqueue", paging.Webhook: "/hook?token=" + key} {
		client, err := paging.New(paging.Config{Provider: provider, URL: ts.URL + path, Key: key, HTTPClient: ts.Client()})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.PageOnCall(t.Context(), escalated())
		var app *temporal.ApplicationError
		if !errors.As(err, &app) || !app.NonRetryable() || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", provider, err)
		}
	}
}

func TestAPagerThatIsAwayIsTriedAgainAndItsAddressIsNotShown(t *testing.T) {
	ts := httptest.NewTLSServer(http.NotFoundHandler())
	client, err := paging.New(paging.Config{Provider: paging.Webhook, URL: ts.URL + "/hook?token=" + key, Key: key, HTTPClient: ts.Client()})
	if err != nil {
		t.Fatal(err)
	}
	ts.Close()
	_, err = client.PageOnCall(t.Context(), escalated())
	var app *temporal.ApplicationError
	if !errors.As(err, &app) || app.NonRetryable() || strings.Contains(err.Error(), key) || strings.Contains(err.Error(), "hook") {
		t.Fatalf("%v", err)
	}
}

func TestAConfigurationWithoutKeyOrOverPlainHTTPIsRefused(t *testing.T) {
	for name, c := range map[string]paging.Config{
		"no key":   {Provider: paging.PagerDuty},
		"no https": {Provider: paging.Webhook, URL: "http://pager.test", Key: key},
		"unknown":  {Provider: "smoke", URL: "https://pager.test", Key: key},
	} {
		if _, err := paging.New(c); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
