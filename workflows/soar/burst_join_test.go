package soar_test

import (
	"testing"
	"time"

	"harrier/workflows/soar"
)

func TestACaseKeepsTheVolumeOfABurstThatReportsJoin(t *testing.T) {
	var state soar.TriageState
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	tell := func(hunt string, c soar.Counts) {
		f := soar.Finding{Hunt: hunt, Window: soar.NewWindow(at, at.Add(time.Hour)), Candidate: soar.Candidate{Sender: "j@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg, Counts: c, Messages: []string{hunt}}}
		state.See("k", "case-1", soar.See{Hunt: hunt, RunID: hunt, Window: f.Window, At: at, Finding: f, Channel: "C", Deadline: soar.Duration(time.Hour), Judgement: soar.Judgement{Verdict: soar.VerdictTriage, Severity: soar.SeverityHigh}})
	}
	tell("sender-bursts", soar.Counts{Sent: 212, Usual: 14})
	tell("internal-phish", soar.Counts{Phish: 2, Reporters: 2})
	if c := state.Case.Finding.Candidate.Counts; c.Sent != 212 || c.Usual != 14 || c.Phish != 2 {
		t.Errorf("counts %+v", c)
	}
}
