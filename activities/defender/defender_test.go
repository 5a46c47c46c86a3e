package defender_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"go.temporal.io/sdk/temporal"

	"harrier/activities/defender"
	"harrier/activities/defender/defendertest"
	"harrier/workflows/soar"
)

type token struct{}

func (token) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "secret-token", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func defenderOf(t *testing.T, alerts map[string]string) (*defender.Client, *defendertest.Server) {
	t.Helper()
	fake := defendertest.New(defendertest.Config{Alerts: alerts})
	ts := httptest.NewTLSServer(fake)
	t.Cleanup(ts.Close)
	client, err := defender.New(defender.Config{Endpoint: ts.URL + "/v1.0", Credential: token{}, HTTPClient: ts.Client()})
	if err != nil {
		t.Fatal(err)
	}
	return client, fake
}

func escalated(alerts ...string) soar.CaseRequest {
	k := soar.Case{Ref: soar.CaseRef{ID: "case-1", Number: 3}, State: soar.CaseEscalated}
	k.Finding.Candidate = soar.Candidate{Sender: "j.doe@contoso.com", Counts: soar.Counts{Phish: 7}}
	k.Finding.Exposure.Alerts = alerts
	k.Judgement = soar.Judgement{Severity: soar.SeverityHigh, Headline: "Likely taken-over mailbox"}
	k.Decision = &soar.Decision{Kind: soar.Escalate, By: soar.Actor{ID: "U1"}, Reason: "links to a new host"}
	return soar.CaseRequest{Case: k}
}

func TestTheIncidentOfTheFirstAlertThatHasOneIsCommentedAndTaggedOnce(t *testing.T) {
	client, fake := defenderOf(t, map[string]string{"a1": "", "a2": "77"})
	for range 2 {
		got, err := client.NoteDefender(t.Context(), escalated("gone", "a1", "a2"))
		if err != nil || got.ID != "77" || !strings.HasSuffix(got.URL, "/77") {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	i := fake.Incident("77")
	if len(i.Comments) != 1 || !strings.Contains(i.Comments[0], "case-1/3") || !strings.Contains(i.Comments[0], "links to a new host") || len(i.Tags) != 1 {
		t.Fatalf("incident %+v", i)
	}
}

func TestAnIncidentThatSomebodyWorksOnIsPreferredAndAClosedOneIsSaidToBe(t *testing.T) {
	client, fake := defenderOf(t, map[string]string{"a1": "77", "a2": "78"})
	fake.Edit("77", func(i *defendertest.Incident) { i.Status = "resolved" })
	if got, err := client.NoteDefender(t.Context(), escalated("a1", "a2")); err != nil || got.ID != "78" || got.Closed {
		t.Fatalf("%+v, %v", got, err)
	}
	fake.Edit("78", func(i *defendertest.Incident) { i.Status = "resolved" })
	if got, err := client.NoteDefender(t.Context(), escalated("a1", "a2")); err != nil || got.ID != "77" || !got.Closed {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestAMergedIncidentIsFollowed(t *testing.T) {
	client, fake := defenderOf(t, map[string]string{"a1": "77", "a2": "78"})
	fake.Edit("77", func(i *defendertest.Incident) { i.Status, i.MergedInto = "redirected", "78" })
	if got, err := client.NoteDefender(t.Context(), escalated("a1")); err != nil || got.ID != "78" || len(fake.Incident("77").Comments) != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	fake.Edit("78", func(i *defendertest.Incident) { i.Status, i.MergedInto = "redirected", "77" })
	if _, err := client.NoteDefender(t.Context(), escalated("a1")); err != nil {
		t.Fatalf("a circle of incidents: %v", err)
	}
}

func TestAnotherCaseOfTheSenderCommentsOnTheSameIncident(t *testing.T) {
	client, fake := defenderOf(t, map[string]string{"a1": "77"})
	later := escalated("a1")
	later.Case.Ref.Number = 31
	for _, request := range []soar.CaseRequest{later, escalated("a1")} {
		if _, err := client.NoteDefender(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	if i := fake.Incident("77"); len(i.Comments) != 2 {
		t.Fatalf("comments %q", i.Comments)
	}
}

func TestACaseThatIsEscalatedAgainCommentsAgainAndARetryDoesNot(t *testing.T) {
	client, fake := defenderOf(t, map[string]string{"a1": "77"})
	first := time.Date(2026, 11, 24, 9, 45, 10, 0, time.UTC)
	for _, at := range []time.Time{first, first, first.Add(time.Minute), first.Add(time.Minute)} {
		request := escalated("a1")
		request.Case.Decision.At = at
		if _, err := client.NoteDefender(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	comments := fake.Incident("77").Comments
	if len(comments) != 2 || !strings.HasPrefix(comments[1], "Harrier case case-1/3, decision of 2026-11-24 09:46:10 UTC (HIGH, ") {
		t.Fatalf("comments %q", comments)
	}
}

func TestTheCommentLeadsToTheCardHoweverLongTheReasonIs(t *testing.T) {
	fake := defendertest.New(defendertest.Config{Alerts: map[string]string{"a1": "77"}})
	ts := httptest.NewTLSServer(fake)
	t.Cleanup(ts.Close)
	client, err := defender.New(defender.Config{Endpoint: ts.URL + "/v1.0", Credential: token{}, HTTPClient: ts.Client(),
		CardURL: func(context.Context, soar.Card) string { return "https://contoso.slack.com/archives/C1/p17" }})
	if err != nil {
		t.Fatal(err)
	}
	request := escalated("a1")
	request.Case.Decision.Reason = strings.Repeat("é", 2000)
	if _, err := client.NoteDefender(t.Context(), request); err != nil || !strings.HasSuffix(fake.Incident("77").Comments[0], " Card: https://contoso.slack.com/archives/C1/p17") {
		t.Fatalf("%v, comments %q", err, fake.Incident("77").Comments)
	}
}

func TestARepeatAfterHalfTheWorkDoesTheOtherHalf(t *testing.T) {
	client, fake := defenderOf(t, map[string]string{"a1": "77"})
	fake.Fail(defendertest.Fault{Method: "PATCH", Status: 503})
	if _, err := client.NoteDefender(t.Context(), escalated("a1")); err == nil {
		t.Fatal("the tag failed")
	}
	if _, err := client.NoteDefender(t.Context(), escalated("a1")); err != nil {
		t.Fatal(err)
	}
	if i := fake.Incident("77"); len(i.Comments) != 1 || len(i.Tags) != 1 {
		t.Fatalf("incident %+v", i)
	}
}

func TestACaseThatNoAlertNamesHasNoDefenderIncident(t *testing.T) {
	client, _ := defenderOf(t, nil)
	if got, err := client.NoteDefender(t.Context(), escalated()); err != nil || got.ID != "" {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestALongCommentIsCutToWhatTheServiceTakes(t *testing.T) {
	client, fake := defenderOf(t, map[string]string{"a1": "77"})
	request := escalated("a1")
	request.Case.Decision.Reason = strings.Repeat("é", 2000)
	if _, err := client.NoteDefender(t.Context(), request); err != nil || len(fake.Incident("77").Comments) != 1 {
		t.Fatal(err)
	}
}

func TestErrorsSayWhetherARepeatHelpsAndKeepTheToken(t *testing.T) {
	for name, c := range map[string]struct {
		fault defendertest.Fault
		final bool
		delay time.Duration
	}{
		"throttled":   {defendertest.Fault{Status: 429, RetryAfter: "7"}, false, 7 * time.Second},
		"unavailable": {defendertest.Fault{Status: 503}, false, 0},
		"forbidden":   {defendertest.Fault{Status: 403}, true, 0},
		"bad request": {defendertest.Fault{Status: 400}, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			client, fake := defenderOf(t, map[string]string{"a1": "77"})
			fake.Fail(c.fault)
			_, err := client.NoteDefender(t.Context(), escalated("a1"))
			var app *temporal.ApplicationError
			if !errors.As(err, &app) || app.NonRetryable() != c.final || app.NextRetryDelay() != c.delay || strings.Contains(err.Error(), "secret-token") {
				t.Fatalf("%v", err)
			}
			if name == "forbidden" && !strings.Contains(err.Error(), "SecurityIncident.ReadWrite.All") {
				t.Fatalf("it does not say what to grant: %v", err)
			}
		})
	}
}
