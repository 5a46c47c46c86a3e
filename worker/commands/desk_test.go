package commands_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/activities/cases"
	"harrier/activities/slack/slacktest"
	"harrier/worker/commands"
	"harrier/worker/sandbox/devserver"
	"harrier/workflows"
	"harrier/workflows/soar"
)

// The people at the desk: two approvers, one of them by a group, and others.
const (
	approver = "U0000000001"
	member   = "U0000000002"
	outsider = "U0000000003"
	guest    = "U0000000004"
)

// desk is a machine with a configuration, a Temporal with the real workflows, and a
// workspace in Slack.
type desk struct {
	t      *testing.T
	client client.Client
	config string
	audit  string
	slack  *slacktest.Server
}

func newDesk(t *testing.T) desk {
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
	slack := slacktest.New(slacktest.Config{
		TLS:        true,
		Users:      []slacktest.User{{ID: approver, Name: "mara"}, {ID: member, Name: "noor"}, {ID: outsider, Name: "otto"}, {ID: guest, Name: "gil", Restricted: true}},
		UserGroups: []slacktest.UserGroup{{ID: "S0000000001", Handle: "soc", Members: []string{member, guest}}},
	}).Start()
	t.Cleanup(slack.Close)
	d := desk{t: t, client: c, config: filepath.Join(t.TempDir(), "harrier.yaml"), audit: t.TempDir(), slack: slack}
	d.configure(server.Address, slack)
	d.work()
	return d
}

// configure writes the shipped configuration for this machine.
func (d desk) configure(temporal string, slack *slacktest.Server) {
	d.t.Helper()
	text, err := os.ReadFile("../../config/harrier.yaml")
	if err != nil {
		d.t.Fatal(err)
	}
	files, err := filepath.Abs("../../config")
	if err != nil {
		d.t.Fatal(err)
	}
	write(d.t, filepath.Join(filepath.Dir(d.config), "ca.pem"), string(certificateOf(d.t, slack.URL())))
	replaced := strings.NewReplacer(
		"# address: localhost:7233 ", "address: "+temporal+" ", "# ca_file: proxy-ca.pem", "ca_file: ca.pem",
		"# client_secret: ${AZURE_CLIENT_SECRET}", "client_secret: ${AZURE_CLIENT_SECRET}",
		"# api_url: https://slack.com/api/", "api_url: "+slack.APIURL(), "# groups: [S0000000001]", "groups: [S0000000001]",
		"# audit:\n#   dir: audit ", "audit:\n  dir: "+d.audit+" ",
		"# files:\n#   hunts: hunts\n#   hunt_settings: hunts.yaml\n#   suppressions: suppressions\n#   tenant: tenant.yaml",
		fmt.Sprintf("files:\n  hunts: %[1]s/hunts\n  hunt_settings: %[1]s/hunts.yaml\n  suppressions: %[1]s/suppressions\n  tenant: %[1]s/tenant.yaml", files),
	).Replace(string(text))
	write(d.t, d.config, replaced)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func certificateOf(t *testing.T, address string) []byte {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := tls.Dial("tcp", u.Host, &tls.Config{InsecureSkipVerify: true}) // its certificate is what is asked for
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: conn.ConnectionState().PeerCertificates[0].Raw})
}

// work runs cases, coverage and pauses as they are, and hunts that return what they
// are asked for.
func (d desk) work() {
	d.t.Helper()
	w := sdkworker.New(d.client, soar.TaskQueue, sdkworker.Options{})
	w.RegisterWorkflowWithOptions(workflows.Triage, workflow.RegisterOptions{Name: soar.TriageWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Coverage, workflow.RegisterOptions{Name: soar.CoverageWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Pause, workflow.RegisterOptions{Name: soar.PauseWorkflow})
	w.RegisterWorkflowWithOptions(found, workflow.RegisterOptions{Name: soar.HuntWorkflow})
	calls := d.calls()
	activities.PauseSchedule.Register(w, calls.PauseSchedule)
	activities.ResumeSchedule.Register(w, calls.ResumeSchedule)
	activities.StartCoverage.Register(w, calls.StartCoverage)
	activities.CoverWindow.Register(w, calls.CoverWindow)
	activities.PostCard.Register(w, func(context.Context, soar.CaseRequest) (soar.Card, error) {
		return soar.Card{Channel: "C0000000001", TS: "1.000001"}, nil
	})
	activities.UpdateCard.Register(w, func(context.Context, soar.CaseRequest) (soar.None, error) { return soar.None{}, nil })
	activities.PostReply.Register(w, func(context.Context, soar.CaseRequest) (soar.None, error) { return soar.None{}, nil })
	activities.PostNotice.Register(w, func(context.Context, soar.Notice) (soar.None, error) { return soar.None{}, nil })
	activities.RecordDecision.Register(w, func(context.Context, soar.CaseRequest) (soar.None, error) { return soar.None{}, nil })
	if err := w.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(w.Stop)
}

func (d desk) calls() *cases.Client {
	d.t.Helper()
	calls, err := cases.New(cases.Config{Temporal: d.client, TaskQueue: soar.TaskQueue})
	if err != nil {
		d.t.Fatal(err)
	}
	return calls
}

// found is a hunt whose one sender is named after the day its window begins; a real
// run covers its window.
func found(ctx workflow.Context, in soar.HuntInput) (soar.HuntResult, error) {
	const slug = "internal-senders"
	r := soar.HuntResult{Slug: slug, RunID: workflow.GetInfo(ctx).WorkflowExecution.RunID, Window: soar.NewWindow(day0, day0.Add(time.Hour)), Coverage: soar.CoverageComplete, DryRun: in.DryRun}
	if in.Window != nil {
		r.Window = *in.Window
	}
	r.Senders = []soar.SenderOutcome{
		{Rank: 1, Sender: "day" + r.Window.From.Format("2") + "@contoso.com", CaseID: "case-" + r.Window.From.Format("2"), Verdict: soar.VerdictTriage, Severity: soar.SeverityHigh, Reason: "two phish reports"},
		{Rank: 2, Sender: "backup@contoso.com", CaseID: "case-backup", Verdict: soar.VerdictSuppressed, Rule: "backup-veeam", Reason: "nightly report"},
	}
	r.Totals.Findings = len(r.Senders)
	if in.DryRun {
		return r, nil
	}
	options := workflow.ActivityOptions{StartToCloseTimeout: time.Minute}
	ctx = workflow.WithActivityOptions(ctx, options)
	if _, err := activities.StartCoverage.Run(ctx, soar.CoverageStart{Slug: slug}); err != nil {
		return r, err
	}
	_, err := activities.CoverWindow.Run(ctx, soar.CoverRequest{Slug: slug, Cover: soar.Cover{
		Window: r.Window, Status: r.Coverage, RunID: r.RunID, QueryHash: "q", At: workflow.Now(ctx),
	}})
	return r, err
}

// see opens a case of a sender and gives its id.
func (d desk) see(sender string) string {
	d.t.Helper()
	return d.seeing(sender, func(*soar.See) {})
}

// seeing tells a sender's case what a hunt found, with what a test makes of it.
func (d desk) seeing(sender string, make func(*soar.See)) string {
	d.t.Helper()
	const key = "object:o-1"
	f := soar.Finding{
		Hunt: "internal-senders", Window: soar.NewWindow(day0, at(1)),
		Candidate: soar.Candidate{Sender: sender, SenderIs: soar.P2, Scope: soar.ScopeIntraOrg}, Profile: soar.SenderProfile{Kind: soar.KindShared},
	}
	f.Evidence.Messages = []soar.Message{{NetworkMessageID: "m1", P1: sender, P2: sender, ObjectID: "o-1", Direction: soar.DirectionIntraOrg, Spam: 1}}
	f.Evidence.Total = 1
	see := soar.See{
		Hunt: f.Hunt, HuntName: f.Hunt, RunID: "r", Window: f.Window, Finding: f, Channel: "C0000000001", Deadline: soar.Duration(4 * time.Hour),
		Judgement: soar.Judgement{Verdict: soar.VerdictTriage, Severity: soar.SeverityMedium, Path: "connector:OnPrem relay", Rememberable: true},
		Policy:    soar.CasePolicy{Version: 1, UndoFor: soar.Duration(10 * time.Minute)},
	}
	make(&see)
	if _, err := d.calls().SeeCase(d.t.Context(), soar.SeeRequest{CaseID: soar.CaseID(key), Key: key, See: see}); err != nil {
		d.t.Fatal(err)
	}
	return soar.CaseID(key)
}

// run runs a command line; it wants the exit code, and these texts in what is printed.
func (d desk) run(code int, args string, texts ...string) string {
	d.t.Helper()
	env := map[string]string{"SLACK_BOT_TOKEN": "xoxb-slacktest", "SLACK_APP_TOKEN": "xapp-slacktest", "AZURE_CLIENT_SECRET": "hunter2", "USER": "ops"}
	var out bytes.Buffer
	got := commands.Main(commands.Env{
		Args: append([]string{"--config", d.config}, split(args)...), Getenv: func(name string) string { return env[name] },
		Stdout: &out, Stderr: &out, Release: "v1.0.0",
	})
	if got != code {
		d.t.Errorf("worker %s exits %d, want %d:\n%s", args, got, code, out.String())
	}
	for _, text := range texts {
		if !strings.Contains(out.String(), text) {
			d.t.Errorf("worker %s does not print %q:\n%s", args, text, out.String())
		}
	}
	return out.String()
}

// split takes a command line apart; 'in quotes' is one word.
func split(line string) []string {
	var out []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			out = append(out, part)
			continue
		}
		out = append(out, strings.Fields(part)...)
	}
	return out
}

// eventually runs a command until it prints a text: lists lag behind a moment.
func (d desk) eventually(args, text string) {
	d.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for !strings.Contains(d.run(0, args), text) {
		select {
		case <-tick.C:
		case <-limit:
			d.t.Fatalf("worker %s never printed %q:\n%s", args, text, d.run(0, args))
		}
	}
}
