package suppressions_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.temporal.io/sdk/temporal"

	"harrier/activities/suppressions"
	"harrier/config"
	"harrier/workflows/soar"
)

// trialOf is a suppression file with one rule for the backup mailbox.
func trialOf(id, when, mode string) string {
	return fmt.Sprintf(`suppressions:
  - id: %s
    scenario: backup
    path: connector:OnPrem relay
    senders: [backup@contoso.com]
    when: %s
    reason: on trial
    owner: backup-team
    ticket: SEC-1
    created: 2026-11-01
    expires: 2027-10-31
    mode: %s
    ceiling: 40
`, id, when, mode)
}

// judger reads trials as the worker does, and counts how often it had to.
func judger(t *testing.T, inForce ...soar.Rule) (judge func(trial string, f soar.Finding) soar.Judgement, fails func(trial string) error, parsed *int) {
	t.Helper()
	set, count := compiled(t, inForce...), 0
	j, err := suppressions.NewJudger(suppressions.Config{
		Rules: func() *suppressions.Set { return set }, Tenant: tenant,
		Parse: func(text string) ([]soar.Rule, error) {
			count++
			return config.ParseRules("trial", text, tenant())
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(trial string, f soar.Finding) (soar.Judgements, error) {
		return j.Judge(context.Background(), soar.JudgeRequest{Findings: []soar.Finding{f}, Now: now, Trial: trial})
	}
	judge = func(trial string, f soar.Finding) soar.Judgement {
		out, err := ask(trial, f)
		if err != nil {
			t.Fatal(err)
		}
		return out.Judgements[0]
	}
	fails = func(trial string) error {
		_, err := ask(trial, toolOf(t, "backup-veeam").finding())
		return err
	}
	return judge, fails, &count
}

const anyFailure = `mail.subject.startsWith("[Failed] ")`

func TestARuleOnTrialIsLaidOverBeforeTheRulesInForce(t *testing.T) {
	judge, _, _ := judger(t, plain())
	f := toolOf(t, "backup-veeam").finding()
	j := judge(trialOf("tried", anyFailure, "enforce"), f)
	if j.Verdict != soar.VerdictSuppressed || j.Rule != "tried" || j.Trace[0].Rule != "tried" || j.Trace[0].Outcome != soar.TraceMatched || j.Trace[1].Rule != "backup-veeam" {
		t.Error(show(j))
	}
	if j := judge("", f); j.Rule != "backup-veeam" || len(j.Trace) != 1 {
		t.Errorf("a trial is left behind: %s", show(j))
	}
}

func TestARuleOnTrialHidesNothingThatItWouldNotHide(t *testing.T) {
	judge, _, _ := judger(t)
	f := toolOf(t, "backup-veeam").finding()
	for name, tt := range map[string]struct {
		trial   string
		finding soar.Finding
		want    soar.TraceOutcome
	}{
		"shadow mode": {trialOf("tried", anyFailure, "shadow"), f, soar.TraceShadow},
		"a guard":     {trialOf("tried", anyFailure, "enforce"), change(f, func(m *soar.Message) { m.NewRecipients = 1 }), soar.TraceHeld},
		"a condition": {trialOf("tried", `mail.subject == "x"`, "enforce"), f, soar.TraceFailed},
	} {
		j := judge(tt.trial, tt.finding)
		if j.Verdict != soar.VerdictTriage || j.Rule != "tried" || j.Trace[0].Outcome != tt.want {
			t.Errorf("%s: %s", name, show(j))
		}
	}
}

func TestARuleOnTrialTakesThePlaceOfTheOneWithItsId(t *testing.T) {
	judge, _, _ := judger(t, plain())
	j := judge(trialOf("backup-veeam", `mail.subject == "x"`, "enforce"), toolOf(t, "backup-veeam").finding())
	if j.Verdict != soar.VerdictTriage || len(j.Trace) != 1 || j.Trace[0].Outcome != soar.TraceFailed {
		t.Errorf("the narrowed rule still hides: %s", show(j))
	}
}

func TestATrialIsCompiledOnceAndOnlyTheNewestAreKept(t *testing.T) {
	judge, _, parsed := judger(t, plain())
	f := toolOf(t, "backup-veeam").finding()
	for range 3 {
		judge(trialOf("tried", anyFailure, "enforce"), f)
	}
	if *parsed != 1 {
		t.Errorf("one text was read %d times; want once", *parsed)
	}
	for i := range 8 {
		judge(trialOf(fmt.Sprintf("tried-%d", i), anyFailure, "enforce"), f)
	}
	judge(trialOf("tried", anyFailure, "enforce"), f)
	if *parsed != 10 {
		t.Errorf("read %d times; want 10: the oldest of nine is forgotten", *parsed)
	}
}

func TestATrialIsCompiledAnewWhenTheRulesInForceAre(t *testing.T) {
	set := compiled(t, plain())
	j, err := suppressions.NewJudger(suppressions.Config{
		Rules: func() *suppressions.Set { return set }, Tenant: tenant,
		Parse: func(text string) ([]soar.Rule, error) { return config.ParseRules("trial", text, tenant()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func() soar.Judgement {
		out, err := j.Judge(context.Background(), soar.JudgeRequest{Now: now, Trial: trialOf("tried", `mail.subject == "x"`, "enforce"),
			Findings: []soar.Finding{toolOf(t, "backup-veeam").finding()}})
		if err != nil {
			t.Fatal(err)
		}
		return out.Judgements[0]
	}
	if got := ask(); got.Rule != "backup-veeam" || got.Verdict != soar.VerdictSuppressed {
		t.Error(show(got))
	}
	set = compiled(t) // a reload
	if got := ask(); got.Verdict != soar.VerdictTriage {
		t.Errorf("the rules before the reload still hide: %s", show(got))
	}
}

func TestATrialThatCannotBeReadIsNotTriedAgain(t *testing.T) {
	_, fails, _ := judger(t, plain())
	for text, want := range map[string]string{
		"suppressions: []": "the text has no rule",
		"supressions: []":  `trial:1: unknown key "supressions"; did you mean "suppressions"?`,
		trialOf("tried", "mail.subjct == 'x' && mail.urlcount == 0", "enforce"): "trial:6: rule \"tried\": when, line 1 column 5: mail.subjct does not exist; did you mean mail.subject?\n" +
			"trial:6: rule \"tried\": when, line 1 column 27: mail.urlcount does not exist; did you mean mail.url_count?",
		trialOf("tried", anyFailure, "enforced"):                                               "write one of enforce, shadow",
		strings.Replace(trialOf("tried", anyFailure, "shadow"), "2027-10-31", "2028-10-31", 1): "trial:11: rule \"tried\": expires is more than one year after created",
	} {
		err := fails(text)
		var app *temporal.ApplicationError
		if !errors.As(err, &app) || !app.NonRetryable() || app.Type() != suppressions.ErrTypeJudgeInput || !strings.Contains(app.Message(), want) {
			t.Errorf("error is %v; want one that is not retried, with %q", err, want)
		}
	}
	set := compiled(t)
	without, err := suppressions.NewJudger(suppressions.Config{Rules: func() *suppressions.Set { return set }, Tenant: tenant})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := without.Judge(context.Background(), soar.JudgeRequest{Now: now, Trial: trialOf("tried", anyFailure, "enforce")}); err == nil {
		t.Error("a judger without a loader must refuse a trial, not leave it out")
	}
}
