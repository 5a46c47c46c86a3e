package incidents_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"harrier/activities/incidents"
	"harrier/activities/incidents/incidentstest"
	"harrier/workflows/soar"
)

func withAlerts(ids ...string) soar.Case {
	c := escalated()
	c.Finding.Exposure.SentinelAlerts = ids
	return c
}

func TestAlertsBringTheirEntitiesAndTacticsIntoTheIncident(t *testing.T) {
	b := newBench(t)
	opened := b.open(withAlerts(scheduled, fromOther))
	kept := b.fake.Incidents()[0]
	if !slices.Equal(kept.Alerts, []string{scheduled, fromOther}) || opened.Missing != "" {
		t.Fatalf("alerts %v, missing %q", kept.Alerts, opened.Missing)
	}
	if got := b.fake.Entities(opened.ID); !slices.Equal(got, []string{"j.doe@contoso.com", "nmid-1", "198.51.100.7"}) {
		t.Errorf("entities %v", got)
	}
	if again := b.open(withAlerts(scheduled, fromOther)); again != opened || len(b.fake.Incidents()[0].Alerts) != 2 {
		t.Errorf("a repeat is %+v with alerts %v", again, b.fake.Incidents()[0].Alerts)
	}
}

func TestAnAlertThatIsRefusedCostsNoIncident(t *testing.T) {
	b := newBench(t)
	opened := b.open(withAlerts(defenders, "not a guid/../x", scheduled, gone))
	kept := b.fake.Incidents()
	if len(kept) != 1 || len(kept[0].Comments) != 1 || !slices.Equal(kept[0].Alerts, []string{scheduled}) {
		t.Fatalf("kept %+v", kept)
	}
	if !strings.Contains(opened.Missing, defenders) || !strings.Contains(opened.Missing, gone) || strings.Contains(opened.Missing, scheduled) {
		t.Errorf("missing %q", opened.Missing)
	}
	b.fake.Fail(incidentstest.Fault{Match: "/relations/", Status: http.StatusForbidden})
	next := withAlerts(scheduled)
	next.Ref.Number++
	if got := b.open(next); !strings.Contains(got.Missing, "incidents/relations/write") {
		t.Errorf("missing %q", got.Missing)
	}
}

func TestAnAlertThatIsThrottledIsRelatedByTheNextAttempt(t *testing.T) {
	b := newBench(t)
	b.fake.Fail(incidentstest.Fault{Match: "/relations/", RetryAfter: "3", Times: 1})
	_, err := b.client.OpenIncident(t.Context(), soar.CaseRequest{Case: withAlerts(scheduled)})
	if err == nil || !strings.Contains(err.Error(), incidents.ErrTypeThrottled) {
		t.Fatalf("error %v", err)
	}
	b.open(withAlerts(scheduled))
	if kept := b.fake.Incidents(); len(kept) != 1 || len(kept[0].Comments) != 1 || len(kept[0].Alerts) != 1 {
		t.Errorf("kept %+v", kept)
	}
}

func TestAnIncidentDoesNotWaitForAlertsThatCannotBeRelated(t *testing.T) {
	b := newBench(t)
	b.fake.Fail(incidentstest.Fault{Match: "/relations/", Status: http.StatusInternalServerError})
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivity(b.client.OpenIncident)
	env.ExecuteWorkflow(func(ctx workflow.Context) (soar.Incident, error) {
		var opened soar.Incident
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
		err := workflow.ExecuteActivity(ctx, b.client.OpenIncident, soar.CaseRequest{Case: withAlerts(scheduled)}).Get(ctx, &opened)
		return opened, err
	})
	var opened soar.Incident
	if err := env.GetWorkflowResult(&opened); err != nil || opened.Number != 1 || !strings.Contains(opened.Missing, scheduled) {
		t.Fatalf("%+v, %v", opened, err)
	}
}

func TestAnIncidentBelongsToWhoEscalatedItOrToTheQueue(t *testing.T) {
	for by, want := range map[string]string{"U1": analyst, "U2": queue, soar.DeadlineActor.ID: queue} {
		b := newBench(t)
		c := escalated()
		c.Decision.By = soar.Actor{ID: by}
		b.open(c)
		if owner := fmt.Sprint(b.fake.Incidents()[0].Properties["owner"]); !strings.Contains(owner, want) {
			t.Errorf("escalated by %s, owner %s, want %s", by, owner, want)
		}
	}
}

func TestAnOwnerWhoHasLeftCostsNoIncident(t *testing.T) {
	b := newBench(t)
	c := escalated()
	c.Decision.By = soar.Actor{ID: "U9"}
	opened := b.open(c)
	if kept := b.fake.Incidents(); len(kept) != 1 || kept[0].Properties["owner"] != nil || !strings.Contains(opened.Missing, leaver) {
		t.Errorf("opened %+v, kept %+v", opened, kept)
	}
}

func TestAnIncidentLeadsBackToItsCard(t *testing.T) {
	b := newBench(t)
	c := escalated()
	c.Card = soar.Card{Channel: "C1", TS: "17"}
	b.open(c)
	const card = "https://contoso.slack.com/archives/C1/p17"
	i := b.fake.Incidents()[0]
	if !strings.Contains(fmt.Sprint(i.Properties["description"]), "Card: "+card) || !strings.Contains(i.Comments[0].Message, `<a href="`+card+`">`) {
		t.Errorf("description %v\ncomment %s", i.Properties["description"], i.Comments[0].Message)
	}
}

func TestTacticsFollowFromWhereTheMailCameFrom(t *testing.T) {
	for scope, want := range map[soar.Scope][]string{
		soar.ScopeIntraOrg:         {"LateralMovement", "T1534"},
		soar.ScopeClaimsInternal:   {"InitialAccess", "T1566", "DefenseEvasion", "T1656"},
		soar.ScopeImitatesInternal: {"InitialAccess", "T1566", "DefenseEvasion", "T1656"},
		soar.ScopeOrphan:           {"InitialAccess", "T1566"},
	} {
		b := newBench(t)
		c := escalated()
		c.Finding.Candidate.Scope = scope
		b.open(c)
		i := b.fake.Incidents()[0]
		for _, word := range want {
			if !strings.Contains(fmt.Sprint(i.Properties["labels"]), word) || !strings.Contains(fmt.Sprint(i.Properties["description"]), word) {
				t.Errorf("%s: no %s in labels %v or description %v", scope, word, i.Properties["labels"], i.Properties["description"])
			}
		}
	}
}
