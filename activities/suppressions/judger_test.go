package suppressions_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"go.temporal.io/sdk/temporal"

	"harrier/activities/suppressions"
	"harrier/workflows/soar"
)

func TestTheActivityJudgesInOrderByTheRulesInForce(t *testing.T) {
	var rules atomic.Pointer[suppressions.Set]
	var log bytes.Buffer
	judger, err := suppressions.NewJudger(suppressions.Config{Rules: rules.Load, Tenant: tenant, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	x := toolOf(t, "backup-veeam")
	in := soar.JudgeRequest{Findings: []soar.Finding{x.finding(), directSend(x)}, Now: now}
	for _, want := range []soar.Verdict{soar.VerdictTriage, soar.VerdictSuppressed} {
		out, err := judger.Judge(t.Context(), in)
		if err != nil || len(out.Judgements) != 2 || out.Judgements[0].Verdict != want || out.Judgements[1].Verdict != soar.VerdictTriage {
			t.Errorf("judgements are %+v, %v; want the first %s", out.Judgements, err, want)
		}
		rules.Store(shipped(t)) // a reload takes effect at the next request
	}
	if !strings.Contains(log.String(), "findings=2 suppressed=1") || strings.Contains(log.String(), "@") {
		t.Errorf("log is %s; want counts and no address", log.String())
	}
}

func TestARequestWithoutTheTimeIsNotRetried(t *testing.T) {
	judger, err := suppressions.NewJudger(suppressions.Config{Rules: func() *suppressions.Set { return nil }, Tenant: tenant})
	if err != nil {
		t.Fatal(err)
	}
	_, err = judger.Judge(t.Context(), soar.JudgeRequest{})
	var app *temporal.ApplicationError
	if !errors.As(err, &app) || !app.NonRetryable() || app.Type() != suppressions.ErrTypeJudgeInput {
		t.Errorf("error is %v; want a non-retryable %s", err, suppressions.ErrTypeJudgeInput)
	}
}

func TestAJudgerNeedsRulesAndTenant(t *testing.T) {
	if _, err := suppressions.NewJudger(suppressions.Config{Tenant: tenant}); err == nil || !strings.Contains(err.Error(), "rules and tenant are needed") {
		t.Errorf("error is %v", err)
	}
}
