package incidents_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"harrier/activities/incidents/incidentstest"
	"harrier/workflows/soar"
)

// click is the case as a click escalated it.
func click(id string) soar.Case {
	c := escalated()
	c.Decision.Click, c.Decision.Reason = id, "because of "+id
	return c
}

// closed is an incident as an analyst leaves it.
func closed(i *incidentstest.Incident) {
	i.Status, i.Severity = "Closed", "Low"
	i.Properties["classification"], i.Properties["classificationReason"] = "FalsePositive", "IncorrectAlertLogic"
	i.Properties["classificationComment"] = "a test"
	i.Properties["labels"] = []any{map[string]any{"labelName": "analyst's", "labelType": "User"}}
	i.Properties["providerIncidentId"] = "88"
	i.Properties["owner"] = map[string]any{"objectId": queue, "email": "queue@contoso.com"}
}

func TestACaseThatIsEscalatedAgainOpensItsClosedIncidentWithItsEvidence(t *testing.T) {
	b := newBench(t)
	first := b.open(click("one"))
	b.fake.Edit(first.ID, closed)
	want := b.fake.Incidents()[0].Properties
	for range 2 { // a retry of the same escalation
		if again := b.open(click("two")); again != first {
			t.Fatalf("opened %+v, want %+v", again, first)
		}
	}
	kept := b.fake.Incidents()
	if len(kept) != 1 || kept[0].Status != "Active" || len(kept[0].Comments) != 2 {
		t.Fatalf("kept %+v", kept)
	}
	if said := kept[0].Comments[1].Message; !strings.Contains(said, "because of two") || !strings.Contains(said, "nmid-2") {
		t.Errorf("comment %s", said)
	}
	for name, value := range want {
		got := kept[0].Properties[name]
		if name != "status" && !strings.HasPrefix(name, "classification") && !reflect.DeepEqual(got, value) {
			t.Errorf("%s was %v and is %v", name, value, got)
		}
	}
	if is := fmt.Sprint(kept[0].Properties); strings.Contains(is, "classification") {
		t.Errorf("it is still classified: %s", is)
	}
}

func TestARepeatOfAnEscalationLeavesAnIncidentClosed(t *testing.T) {
	b := newBench(t)
	first := b.open(click("one"))
	b.fake.Edit(first.ID, closed)
	b.open(click("one"))
	if kept := b.fake.Incidents()[0]; kept.Status != "Closed" || len(kept.Comments) != 1 {
		t.Errorf("kept %+v", kept)
	}
}

func TestAnIncidentThatStandsOpenIsOnlyCommentedAgain(t *testing.T) {
	b := newBench(t)
	first := b.open(click("one"))
	etag := b.fake.Incidents()[0].Etag
	b.open(click("two"))
	if kept := b.fake.Incidents()[0]; kept.ID != first.ID || kept.Etag != etag || len(kept.Comments) != 2 {
		t.Errorf("kept %+v", kept)
	}
}

func TestAnIncidentThatIsNotOpenedAgainIsSaidToBeClosedAndCommented(t *testing.T) {
	for _, status := range []int{http.StatusConflict, http.StatusPreconditionFailed, http.StatusForbidden} {
		b := newBench(t)
		first := b.open(click("one"))
		b.fake.Edit(first.ID, closed)
		b.fake.Fail(incidentstest.Fault{Match: "PUT", Skip: 1, Status: status, Times: 1})
		again := b.open(click("two"))
		kept := b.fake.Incidents()[0]
		if !again.Closed || !strings.Contains(again.Missing, "open it in the portal") || kept.Status != "Closed" || len(kept.Comments) != 2 {
			t.Errorf("%d: opened %+v, kept %+v", status, again, kept)
		}
	}
}

func TestAnAttemptThatFailsBetweenOpeningAndCommentIsMadeUpFor(t *testing.T) {
	for name, fault := range map[string]incidentstest.Fault{
		"opening": {Match: "PUT", Skip: 1, Status: http.StatusInternalServerError, Times: 1},
		"comment": {Match: "PUT", Skip: 2, Status: http.StatusInternalServerError, Times: 1},
		"look":    {Match: "/comments/", Status: http.StatusInternalServerError, Times: 1},
	} {
		b := newBench(t)
		first := b.open(click("one"))
		b.fake.Edit(first.ID, closed)
		b.fake.Fail(fault)
		if _, err := b.client.OpenIncident(t.Context(), soar.CaseRequest{Case: click("two")}); err == nil {
			t.Errorf("%s: no error", name)
		}
		if again := b.open(click("two")); again != first {
			t.Errorf("%s: opened %+v", name, again)
		}
		if kept := b.fake.Incidents()[0]; kept.Status != "Active" || len(kept.Comments) != 2 {
			t.Errorf("%s: kept %+v", name, kept)
		}
	}
}
