package loganalytics_test

import (
	"strings"
	"testing"
	"time"

	"harrier/activities/loganalytics"
	"harrier/workflows/soar"
)

func byQuery(query string, parameters ...string) soar.Hunt {
	return soar.Hunt{Slug: "mine", Query: query, Settings: soar.HuntSettings{WindowBy: soar.ByQuery, Parameters: parameters}}
}

func TestParametersAndPlaceholdersAreFilledIn(t *testing.T) {
	h := byQuery("T | where TimeGenerated between (todatetime('{{StartTimeISO}}') .. todatetime('{{EndTimeISO}}'))",
		loganalytics.ParamAcceptedDomains, loganalytics.ParamLookalikeDomains)
	got, err := loganalytics.Compose(h, soar.NewWindow(at(0), at(24)), loganalytics.Parameters{AcceptedDomains: []string{"contoso.com", `a"b`}})
	want := `let AcceptedDomains = dynamic(["contoso.com","a\"b"]);
let LookalikeDomains = dynamic([]);
T | where TimeGenerated between (todatetime('2026-11-20T00:00:00Z') .. todatetime('2026-11-21T00:00:00Z'))`
	if err != nil || got != want {
		t.Errorf("got %v\n%s", err, got)
	}
}

func TestWindowsAreWrittenInUTC(t *testing.T) {
	zone := time.FixedZone("east", 2*3600)
	h := soar.Hunt{Query: "T", Settings: soar.HuntSettings{WindowBy: soar.ByIngestion, Subject: "T"}}
	got, err := loganalytics.Compose(h, soar.Window{From: at(0).In(zone), To: at(1).In(zone)}, loganalytics.Parameters{})
	if err != nil || !strings.Contains(got, "ingestion_time() >= datetime(2026-11-20T00:00:00Z) and ingestion_time() < datetime(2026-11-20T01:00:00Z);") {
		t.Errorf("got %v\n%s", err, got)
	}
}

func TestWhatCannotBeComposedSaysWhy(t *testing.T) {
	window := soar.NewWindow(at(0), at(24))
	cut := func(subject string) soar.Hunt {
		return soar.Hunt{Slug: "mine", Query: "T", Settings: soar.HuntSettings{WindowBy: soar.ByIngestion, Subject: subject}}
	}
	for _, c := range []struct {
		name string
		hunt soar.Hunt
		w    soar.Window
		want string
	}{
		{"another placeholder", byQuery("T | where x == '{{Tenant}}'"), window, "{{Tenant}}"},
		{"an unknown parameter", byQuery("T", "Secrets"), window, `parameter "Secrets"`},
		{"no subject", cut(""), window, "subject"},
		{"a subject that is not a name", cut("T | union X; T"), window, "subject"},
		{"an unknown cut", soar.Hunt{Slug: "mine", Query: "T"}, window, "window_by"},
		{"an empty window", byQuery("T"), soar.Window{}, "needs both from and to"},
		{"a window with fractions", byQuery("T"), soar.Window{From: at(0), To: at(1).Add(time.Millisecond)}, "whole seconds"},
	} {
		if _, err := loganalytics.Compose(c.hunt, c.w, loganalytics.Parameters{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
