package load_test

import (
	"context"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harrier/activities/suppressions"
	"harrier/workflows"
	"harrier/workflows/soar"
)

// nightly is the rule that is edited away; the mail nearly matches it.
func nightly(now time.Time) soar.Rule {
	return soar.Rule{
		ID: "backup-veeam", Scenario: soar.ScenarioBackup, Path: soar.Path{Kind: soar.PathConnector, Name: "OnPrem relay"}, Senders: []string{"sender0000@contoso.com"},
		URLHosts: []string{}, When: `mail.subject.startsWith("Backup")`, Reason: "nightly jobs", Owner: "backup-team", Ticket: "SEC-1",
		Created: now.AddDate(0, -1, 0), Expires: now.AddDate(0, 6, 0), Mode: soar.RuleEnforce, Ceiling: 20,
	}
}

func relayTenant() soar.Tenant {
	return soar.Tenant{AcceptedDomains: []string{"contoso.com"}, Connectors: map[string]soar.Connector{"OnPrem relay": {CIDRs: []string{"192.0.2.16/28"}}}}
}

func judgedBy(t *testing.T, f soar.Finding, now time.Time, rules ...soar.Rule) soar.Judgement {
	t.Helper()
	set, err := suppressions.Compile(rules, relayTenant())
	if err != nil {
		t.Fatal(err)
	}
	return suppressions.Judge(set, relayTenant(), []soar.Finding{f}, now)[0]
}

func TestARuleThatIsRemovedWhileACaseIsOpenChangesNeitherTheCaseNorItsReplay(t *testing.T) {
	l := newLongCase(t)
	ctx, now := t.Context(), time.Now()
	request := sighting(0)
	l.id = request.CaseID
	m := &request.See.Finding.Evidence.Messages[0]
	m.Connector, m.Direction, m.IP, m.Subject = "OnPrem relay", soar.DirectionIntraOrg, "192.0.2.17", "Payroll update"
	request.See.Judgement = judgedBy(t, request.See.Finding, now, nightly(now))
	if request.See.Judgement.Rule != "backup-veeam" || request.See.Judgement.Verdict != soar.VerdictTriage {
		t.Fatalf("the mail is to miss the rule nearly: %+v", request.See.Judgement)
	}
	first, err := l.teller.SeeCase(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	before := l.posted(ctx)

	removed := request
	removed.See.Judgement, removed.See.RunID = judgedBy(t, request.See.Finding, now), "run-2"
	if removed.See.Judgement.Rule != "" {
		t.Fatalf("the rule is gone, and yet %+v", removed.See.Judgement)
	}
	again, err := l.teller.SeeCase(ctx, removed)
	first.NewCard = false // its card is there
	if err != nil || again != first {
		t.Fatalf("the same window under other rules: %+v, %v", again, err)
	}
	if after := l.view(ctx); !reflect.DeepEqual(before, after) {
		t.Errorf("the open case changed from %+v to %+v", before, after)
	}
	l.replay(t)
	l.decide(ctx, 1)
	if len(l.decided) != 1 {
		t.Error("the case takes no decision any more")
	}
}

// posted is the case once its card stands.
func (l *longCase) posted(ctx context.Context) soar.CaseView {
	for ctx.Err() == nil {
		if v := l.view(ctx); v.Case.Card.Posted() {
			return v
		}
	}
	l.t.Fatal(ctx.Err())
	return soar.CaseView{}
}

// replay runs the case's history again, in a worker that knows no rule at all.
func (l *longCase) replay(t *testing.T) {
	t.Helper()
	var h history.History
	all := l.client.GetWorkflowHistory(t.Context(), l.id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for all.HasNext() {
		e, err := all.Next()
		if err != nil {
			t.Fatal(err)
		}
		h.Events = append(h.Events, e)
	}
	replayer := worker.NewWorkflowReplayer()
	workflows.Register(replayer)
	original := worker.ReplayWorkflowHistoryOptions{OriginalExecution: workflow.Execution{ID: l.id, RunID: h.Events[0].GetWorkflowExecutionStartedEventAttributes().GetOriginalExecutionRunId()}}
	if err := replayer.ReplayWorkflowHistoryWithOptions(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)), &h, original); err != nil {
		t.Errorf("the case does not replay: %v", err)
	}
}
