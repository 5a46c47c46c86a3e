package incidents_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"go.temporal.io/sdk/temporal"

	"harrier/activities/incidents"
	"harrier/activities/incidents/incidentstest"
	"harrier/workflows/soar"
)

const token = "arm-token-that-must-not-leak"

var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// Alerts of the workspace, one that is not, and people of the tenant.
const (
	scheduled = "11111111-1111-4111-8111-111111111111"
	fromOther = "22222222-2222-4222-8222-222222222222"
	defenders = "33333333-3333-4333-8333-333333333333"
	gone      = "44444444-4444-4444-8444-444444444444"
	queue     = "55555555-5555-4555-8555-555555555555"
	analyst   = "66666666-6666-4666-8666-666666666666"
	leaver    = "77777777-7777-4777-8777-777777777777"
)

type credential struct {
	err    error
	scopes *[]string
}

func (c credential) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if c.scopes != nil {
		*c.scopes = o.Scopes
	}
	return azcore.AccessToken{Token: token, ExpiresOn: time.Now().Add(time.Hour)}, c.err
}

type bench struct {
	t      *testing.T
	fake   *incidentstest.Server
	http   *httptest.Server
	client *incidents.Client
	scopes []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t}
	b.fake = incidentstest.New(incidentstest.Config{
		SubscriptionID: "sub-1", ResourceGroup: "rg soc", Workspace: "law-soc",
		Authorize: func(given string) bool { return given == token }, Now: func() time.Time { return start },
		Alerts: map[string]incidentstest.Alert{
			scheduled: {Tactics: []string{"LateralMovement"}, Entities: []string{"j.doe@contoso.com", "nmid-1"}},
			fromOther: {Tactics: []string{"InitialAccess"}, Entities: []string{"198.51.100.7"}},
			defenders: {Defender: true},
		},
		Owners: func(id string) bool { return id != leaver },
	})
	b.http = b.fake.Start()
	t.Cleanup(b.http.Close)
	b.client = b.newClient(credential{scopes: &b.scopes}, "law-soc")
	return b
}

func (b *bench) newClient(cred azcore.TokenCredential, workspace string) *incidents.Client {
	b.t.Helper()
	client, err := incidents.New(incidents.Config{
		Endpoint: b.http.URL, Credential: cred, SubscriptionID: "sub-1", ResourceGroup: "rg soc", Workspace: workspace,
		HTTPClient: b.http.Client(), Now: func() time.Time { return start },
		Owner: queue, Owners: map[string]string{"U1": analyst, "U9": leaver},
		CardURL: func(_ context.Context, card soar.Card) string {
			if !card.Posted() {
				return ""
			}
			return "https://contoso.slack.com/archives/" + card.Channel + "/p" + card.TS
		},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return client
}

func (b *bench) open(c soar.Case) soar.Incident {
	b.t.Helper()
	opened, err := b.client.OpenIncident(b.t.Context(), soar.CaseRequest{Case: c})
	if err != nil {
		b.t.Fatal(err)
	}
	return opened
}

func (b *bench) failure(client *incidents.Client) *temporal.ApplicationError {
	b.t.Helper()
	_, err := client.OpenIncident(b.t.Context(), soar.CaseRequest{Case: escalated()})
	var app *temporal.ApplicationError
	if !errors.As(err, &app) || err != error(app) {
		b.t.Fatalf("error is %T %v, want a bare ApplicationError", err, err)
	}
	return app
}

func escalated() soar.Case {
	message := soar.Message{
		NetworkMessageID: "nmid-1", Time: start.Add(-2 * time.Hour), P1: "bounce@esp.test", P2: "ceo@contoso.com",
		Subject: "<img src=x onerror=alert(1)> [Pay](https://evil.test)\u202e now\n# today", Direction: "Inbound",
		Auth: soar.Authentication{DMARC: soar.AuthFail}, URLHosts: []string{"evil.test"}, RecipientCount: 3, Phish: 4,
	}
	later := message
	later.NetworkMessageID, later.Time = "nmid-2", start.Add(-time.Hour)
	return soar.Case{
		Ref: soar.CaseRef{ID: "case-abc", Number: 3}, State: soar.CaseEscalated, Opened: start,
		Hunts: []soar.HuntRef{{Slug: "top-senders", Name: "Top reported senders", Window: soar.NewWindow(start.Add(-6*time.Hour), start)}},
		Finding: soar.Finding{
			Candidate: soar.Candidate{Sender: "ceo@contoso.com", SenderIs: "P2", Scope: soar.ScopeClaimsInternal,
				Counts: soar.Counts{Phish: 7, Spam: 2, Reporters: 5, Messages: 2, Delivered: 12}},
			Evidence: soar.Evidence{Messages: []soar.Message{later, message}, Total: 2},
			Exposure: soar.Exposure{Known: true, Recipients: 3, InInbox: 2, Removed: 1, Clicked: 1},
			Profile:  soar.SenderProfile{Kind: soar.KindPerson, Privileged: true, PrivilegedWhy: "directory role Global Administrator"},
		},
		Judgement: soar.Judgement{Severity: soar.SeverityHigh, Headline: "Claims to be internal", Rule: "backup-veeam", Reason: "held by a guard",
			Guards: []soar.GuardHit{{Guard: soar.GuardAuthentication, Detail: "DMARC failed"}}},
		Decision: &soar.Decision{Kind: soar.Escalate, By: soar.Actor{ID: "U1"}, At: start, Reason: "[x](https://evil.test)"},
	}
}

func TestAnEscalatedCaseBecomesAnIncidentWithItsEvidence(t *testing.T) {
	b := newBench(t)
	opened := b.open(escalated())
	kept := b.fake.Incidents()
	if len(kept) != 1 || kept[0].ID != opened.ID || opened.Number != 1 || !strings.Contains(opened.URL, opened.ID) {
		t.Fatalf("opened %+v, kept %+v", opened, kept)
	}
	i := kept[0]
	if i.Severity != "High" || i.Status != "New" || i.Title != "User-reported mail from ceo@contoso.com: 7 phish, 2 spam (case-abc/3)" {
		t.Errorf("%s %s %q", i.Severity, i.Status, i.Title)
	}
	description := fmt.Sprint(i.Properties["description"])
	for _, want := range []string{
		"Claims to be internal", "case-abc/3", "7 phish and 2 spam by 5 people", "3 recipients, 2 still in inboxes, 1 removed, 1 clicked",
		"authentication failed: DMARC failed", "Rule: backup-veeam", "Top reported senders", "escalated by U1", "directory role Global Administrator",
	} {
		if !strings.Contains(description, want) {
			t.Errorf("description lacks %q:\n%s", want, description)
		}
	}
	if i.Properties["firstActivityTimeUtc"] != "2026-11-24T07:00:00Z" || i.Properties["lastActivityTimeUtc"] != "2026-11-24T08:00:00Z" {
		t.Errorf("activity %v to %v", i.Properties["firstActivityTimeUtc"], i.Properties["lastActivityTimeUtc"])
	}
	if labels := fmt.Sprint(i.Properties["labels"]); !strings.Contains(labels, "case-abc/3") || !strings.Contains(labels, "hunt top-senders") {
		t.Errorf("labels %s", labels)
	}
	if len(i.Comments) != 1 || !strings.Contains(i.Comments[0].Message, "nmid-1") || !strings.Contains(i.Comments[0].Message, "nmid-2") {
		t.Errorf("comments %+v", i.Comments)
	}
	if fmt.Sprint(b.scopes) != "[https://management.azure.com/.default]" {
		t.Errorf("token asked for %v", b.scopes)
	}
}

func TestNothingAnAttackerWroteIsMarkup(t *testing.T) {
	b := newBench(t)
	c := escalated()
	c.Finding.Candidate.Sender = "\"<b>[x](https://evil.test)\"@contoso.com"
	c.Judgement.Headline = "link to https://evil.test/<script>"
	b.open(c)
	i := b.fake.Incidents()[0]
	for name, s := range map[string]string{"title": i.Title, "description": fmt.Sprint(i.Properties["description"])} {
		for _, bad := range []string{"<", ">", "](", "https://", "\u202e", "`"} {
			if strings.Contains(s, bad) {
				t.Errorf("%s holds %q: %s", name, bad, s)
			}
		}
	}
	message := i.Comments[0].Message
	if strings.Contains(message, "<img") || strings.Contains(message, "\u202e") || !strings.Contains(message, "&lt;img src=x") {
		t.Errorf("comment is not escaped: %s", message)
	}
}

func TestARepeatIsTheSameIncidentAndLeavesAnAnalystsWorkAlone(t *testing.T) {
	b := newBench(t)
	first := b.open(escalated())
	b.fake.Edit(first.ID, func(i *incidentstest.Incident) { i.Status, i.Severity = "Active", "Low" })
	if again := b.open(escalated()); again != first {
		t.Errorf("repeat is %+v, want %+v", again, first)
	}
	kept := b.fake.Incidents()
	if len(kept) != 1 || kept[0].Status != "Active" || kept[0].Severity != "Low" || len(kept[0].Comments) != 1 {
		t.Errorf("kept %+v", kept)
	}
	next := escalated()
	next.Ref.Number++
	if other := b.open(next); other.ID == first.ID {
		t.Error("the sender's next case has the same incident")
	}
}

func TestACommentThatFailedIsMadeByTheNextAttempt(t *testing.T) {
	b := newBench(t)
	b.fake.Fail(incidentstest.Fault{Match: "/comments/", Status: http.StatusInternalServerError, Times: 1})
	if app := b.failure(b.client); app.NonRetryable() {
		t.Fatalf("not retried: %v", app)
	}
	b.open(escalated())
	if kept := b.fake.Incidents(); len(kept) != 1 || len(kept[0].Comments) != 1 {
		t.Errorf("kept %+v", kept)
	}
}

func TestEvidenceThatDoesNotFitIsCounted(t *testing.T) {
	b := newBench(t)
	c := escalated()
	for i := range 500 {
		m := c.Finding.Evidence.Messages[0]
		m.NetworkMessageID, m.Subject = fmt.Sprintf("many-%d", i), strings.Repeat("&", 400)
		c.Finding.Evidence.Messages = append(c.Finding.Evidence.Messages, m)
	}
	c.Finding.Evidence.Total = 600
	b.open(c)
	message := b.fake.Incidents()[0].Comments[0].Message
	if len(message) > 30000 || !strings.Contains(message, "more are not listed") || !strings.Contains(message, "nmid-1") {
		t.Errorf("%d characters: …%s", len(message), message[max(0, len(message)-200):])
	}
}

func TestEachFailureHasItsClass(t *testing.T) {
	for _, c := range []struct {
		fault        incidentstest.Fault
		kind         string
		nonRetryable bool
		delay        time.Duration
	}{
		{incidentstest.Fault{Status: http.StatusBadRequest, Code: "BadRequest"}, incidents.ErrTypeRequest, true, 0},
		{incidentstest.Fault{Status: http.StatusForbidden}, incidents.ErrTypeForbidden, true, 0},
		{incidentstest.Fault{Status: http.StatusNotFound, Code: "ResourceNotFound"}, incidents.ErrTypeWorkspace, true, 0},
		{incidentstest.Fault{Status: http.StatusInternalServerError}, incidents.ErrTypeUnavailable, false, 0},
		{incidentstest.Fault{Match: "PUT", Status: http.StatusConflict}, incidents.ErrTypeUnavailable, false, 0},
		{incidentstest.Fault{RetryAfter: "3"}, incidents.ErrTypeThrottled, false, 3 * time.Second},
		{incidentstest.Fault{RetryAfter: "0.5"}, incidents.ErrTypeThrottled, false, 500 * time.Millisecond},
		{incidentstest.Fault{RetryAfter: "120"}, incidents.ErrTypeThrottled, false, 2 * time.Minute},
		{incidentstest.Fault{}, incidents.ErrTypeThrottled, false, 10 * time.Second},
		{incidentstest.Fault{RetryAfter: start.Add(90 * time.Second).Format(http.TimeFormat)}, incidents.ErrTypeThrottled, false, 90 * time.Second},
	} {
		t.Run(fmt.Sprintf("%d %s", c.fault.Status, c.fault.RetryAfter), func(t *testing.T) {
			b := newBench(t)
			b.fake.Fail(c.fault)
			app := b.failure(b.client)
			if app.Type() != c.kind || app.NonRetryable() != c.nonRetryable || app.NextRetryDelay() != c.delay {
				t.Errorf("%s, non-retryable %t, delay %s: %v", app.Type(), app.NonRetryable(), app.NextRetryDelay(), app)
			}
			if b.fake.Calls() > 2 {
				t.Errorf("%d calls: something below Temporal retried", b.fake.Calls())
			}
			if strings.Contains(app.Error(), token) || !strings.Contains(app.Error(), "case-abc/3") {
				t.Errorf("error: %v", app)
			}
		})
	}
}

func TestAForeignWorkspaceATokenAndADeadServiceHaveTheirClass(t *testing.T) {
	b := newBench(t)
	if app := b.failure(b.newClient(credential{}, "nowhere")); app.Type() != incidents.ErrTypeWorkspace || !app.NonRetryable() {
		t.Errorf("workspace: %v", app)
	}
	denied := &azidentity.AuthenticationFailedError{RawResponse: &http.Response{
		StatusCode: http.StatusUnauthorized, Body: http.NoBody, Request: &http.Request{Method: http.MethodPost}}}
	if app := b.failure(b.newClient(credential{err: denied}, "law-soc")); app.Type() != incidents.ErrTypeAuthentication || !app.NonRetryable() {
		t.Errorf("token: %v", app)
	}
	b.http.Close()
	if app := b.failure(b.client); app.Type() != incidents.ErrTypeUnavailable || app.NonRetryable() {
		t.Errorf("dead service: %v", app)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.client.OpenIncident(ctx, soar.CaseRequest{Case: escalated()}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestAClientNeedsAddressCredentialAndWorkspace(t *testing.T) {
	_, err := incidents.New(incidents.Config{Endpoint: "http://arm.test"})
	for _, want := range []string{"https://", "credential", "subscription id", "resource group", "workspace"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q: %v", want, err)
		}
	}
}
