package commands_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harrier/activities/slack/slacktest"
	"harrier/worker/commands"
	"harrier/worker/sandbox/devserver"
	"harrier/workflows/soar"
)

// newReview is a desk whose hunts answer as rules on trial make them, and whose cases
// show what their start says.
func newReview(t *testing.T) desk {
	t.Helper()
	server, err := devserver.Start(t.Context(), devserver.Options{Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	c, err := client.Dial(client.Options{HostPort: server.Address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	slack := slacktest.New(slacktest.Config{TLS: true}).Start()
	t.Cleanup(slack.Close)
	d := desk{t: t, client: c, config: filepath.Join(t.TempDir(), "harrier.yaml"), audit: t.TempDir()}
	d.configure(server.Address, slack)
	w := sdkworker.New(c, soar.TaskQueue, sdkworker.Options{})
	w.RegisterWorkflowWithOptions(reviewed, workflow.RegisterOptions{Name: soar.HuntWorkflow})
	w.RegisterWorkflowWithOptions(shown, workflow.RegisterOptions{Name: soar.TriageWorkflow})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return d
}

// reviewed finds a badge system every day, and another sender. The rule "badge" hides
// the first, a rule that says "eager" the other too; veeam is hidden by a rule in force.
func reviewed(_ workflow.Context, in soar.HuntInput) (soar.HuntResult, error) {
	r := soar.HuntResult{Slug: "internal-senders", Window: *in.Window, Coverage: soar.CoverageComplete, DryRun: in.DryRun, Finished: in.Window.To}
	badge := soar.SenderOutcome{Sender: "badge@contoso.com", CaseID: "case-badge", Subject: "Badge report", Verdict: soar.VerdictTriage, Reason: "no rule knows it"}
	bad := soar.SenderOutcome{Sender: "bad@contoso.com", CaseID: "case-bad", Verdict: soar.VerdictTriage, Reason: "no rule knows it"}
	if strings.Contains(in.Trial, "id: badge") {
		badge.Verdict, badge.Rule = soar.VerdictSuppressed, "badge"
	}
	if strings.Contains(in.Trial, "eager") {
		bad.Verdict, bad.Rule = soar.VerdictSuppressed, "badge"
	}
	if strings.Contains(in.Trial, "partial") {
		r.Coverage, r.Reason = soar.CoveragePartial, "the workspace gave a part"
	}
	veeam := soar.SenderOutcome{Sender: "backup@contoso.com", CaseID: "case-none", Verdict: soar.VerdictSuppressed, Rule: "backup-veeam"}
	r.Senders = []soar.SenderOutcome{badge, bad, veeam}
	return r, nil
}

// shown is a case that answers what it was started with.
func shown(ctx workflow.Context, v soar.CaseView) error {
	if err := workflow.SetQueryHandler(ctx, soar.CaseQuery, func() (soar.CaseView, error) { return v, nil }); err != nil {
		return err
	}
	ctx.Done().Receive(ctx, nil)
	return nil
}

func (d desk) open(id string, v soar.CaseView, memo soar.TriageMemo) {
	d.t.Helper()
	options := client.StartWorkflowOptions{ID: id, TaskQueue: soar.TaskQueue, Memo: map[string]any{soar.MemoKey: memo}}
	if _, err := d.client.ExecuteWorkflow(d.t.Context(), options, soar.TriageWorkflow, v); err != nil {
		d.t.Fatal(err)
	}
}

const badgeRule = `suppressions:
  - id: badge
    scenario: monitoring
    path: mailbox
    senders: [badge@contoso.com]
    when: mail.subject.startsWith("Badge ")
    reason: REASON
    owner: facilities
    ticket: SEC-1
    created: 2026-11-01
    expires: 2027-10-31
    mode: enforce
    ceiling: 10
`

// trial writes a rule file with a reason that reviewed answers to.
func trial(t *testing.T, reason string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "badge.yaml")
	write(t, file, strings.Replace(badgeRule, "REASON", reason, 1))
	return file
}

func TestRulesArePreviewedScoredAndListedOnAServer(t *testing.T) {
	d := newReview(t)
	now := time.Now().UTC()
	decision := func(k soar.DecisionKind) *soar.Decision {
		return &soar.Decision{Kind: k, By: soar.Actor{ID: "U1"}, At: now}
	}
	d.open("case-bad", soar.CaseView{Case: soar.Case{State: soar.CaseEscalated, Decision: decision(soar.Escalate)}}, soar.TriageMemo{State: soar.CaseEscalated, Number: 1})
	d.open("case-badge", soar.CaseView{Case: soar.Case{State: soar.CaseRemembered, Decision: decision(soar.Approve)}},
		soar.TriageMemo{State: soar.CaseRemembered, Number: 1, Sender: "badge@contoso.com", By: "U1", Until: now.AddDate(0, 0, 9).Format(time.RFC3339)})

	out := d.run(0, "suppressions preview --days 2 '"+trial(t, "the badge system")+"'",
		`"badge@contoso.com"  badge  "Badge report"`, "In 2 days, 2 findings would have been hidden that are visible today; none of an escalated sender.")
	if strings.Contains(out, `"bad@contoso.com"`) || strings.Contains(out, "backup@contoso.com") {
		t.Errorf("prints what the rule does not change:\n%s", out)
	}
	d.run(1, "suppressions preview --days 1 '"+trial(t, "eager")+"'", `ESCALATED by U1 on `, "1 OF AN ESCALATED SENDER", "do not enforce this")
	d.run(3, "suppressions preview --days 1 '"+trial(t, "partial")+"'", "the workspace gave a part", "not known")
	d.run(2, "suppressions preview --days 0 '"+trial(t, "x")+"'", "--days is 0; give 1 to 90")

	var preview struct {
		Hidden    []struct{ Rule string } `json:"hidden"`
		Escalated int                     `json:"escalated"`
	}
	text := d.run(1, "suppressions preview --json --days 1 '"+trial(t, "eager")+"'")
	if err := json.NewDecoder(strings.NewReader(text[strings.Index(text, "{\n"):])).Decode(&preview); err != nil || len(preview.Hidden) != 2 || preview.Escalated != 1 {
		t.Errorf("%v: %+v of\n%s", err, preview, text)
	}
	d.run(0, "suppressions backtest --days 2", "6 findings in 2 days", `missed: "badge@contoso.com" was approved and came up on 2 days: no rule knows it (case-badge)`)

	for range 2 {
		run, err := d.client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: soar.TaskQueue}, soar.HuntWorkflow,
			soar.HuntInput{Hunt: "internal-senders", Window: &soar.Window{From: at(0), To: at(1)}})
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Get(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	d.eventually("suppressions list", "backup-veeam              inactive  2     0     2026-11-02  backup-team")
	d.run(0, "suppressions list", "learned case-badge/1", "learned   0", "the tenant settings have no tool veeam")
}

func TestABrokenRuleIsNotPreviewed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "badge.yaml")
	write(t, file, strings.Replace(badgeRule, "mail.subject", "mail.subjct", 1))
	d := newReview(t)
	d.run(1, "suppressions preview '"+file+"'", `rule "badge": when, line 1 column 5: mail.subjct does not exist; did you mean mail.subject?`)
	d.run(1, "suppressions preview nowhere.yaml", "preview nowhere.yaml: open nowhere.yaml")
	write(t, file, "suppressions: []\n")
	d.run(1, "suppressions preview '"+file+"'", "there is no rule in it")
	write(t, file, badgeRule+strings.Repeat("# more\n", 20_000))
	d.run(1, "suppressions preview '"+file+"'", "preview at most 100000")
}

func TestTheTestsOfRulesNeedNoServerAndNoSecret(t *testing.T) {
	run := func(args ...string) (int, string) {
		var out bytes.Buffer
		code := commands.Main(commands.Env{
			Args: append([]string{"--config", "../../config/harrier.yaml", "suppressions", "test"}, args...), Getenv: func(string) string { return "" }, Stdout: &out, Stderr: &out,
		})
		return code, out.String()
	}
	if code, out := run(); code != 0 || !strings.Contains(out, " tests, 0 failed\n") || strings.Contains(out, "note:") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "tenant.test.yaml"), "accepted_domains: [contoso.com]\n")
	write(t, filepath.Join(dir, "badge.yaml"), badgeRule)
	write(t, filepath.Join(dir, "badge.test.yaml"), "rules:\n  - rule: badge\n    mail: {subject: Badge 1}\n    cases:\n      - {name: a badge, kind: hit}\n      - {name: another, kind: hit, mail: {subject: Hello}}\n")
	code, out := run(dir)
	for _, want := range []string{"badge.test.yaml:6: badge: hit: another\n      verdict: expected suppressed, got triage", "trace: rule badge, 8 conditions passed", "2 tests, 1 failed", `note: `, `no test of kind "near miss"`} {
		if code != 1 || !strings.Contains(out, want) {
			t.Errorf("exit %d, lacks %q:\n%s", code, want, out)
		}
	}
	if code, out := run("-verbose", dir); code != 1 || !strings.Contains(out, "ok    badge: hit: a badge") {
		t.Errorf("exit %d:\n%s", code, out)
	}
}
