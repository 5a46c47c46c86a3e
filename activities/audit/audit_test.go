package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"harrier/activities/audit"
	"harrier/workflows/soar"
)

var start = time.Date(2026, 11, 24, 23, 30, 0, 0, time.FixedZone("CET", 3600))

func open(t *testing.T) (*audit.Client, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "audit")
	client, err := audit.New(audit.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return client, dir
}

// files reads every file below dir, by its path from there.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		relative, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(relative)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func decoded(t *testing.T, text string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, line := range bytes.Split(bytes.TrimSpace([]byte(text)), []byte("\n")) {
		var record map[string]any
		if err := json.Unmarshal(line, &record); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		out = append(out, record)
	}
	return out
}

func run() soar.RunRecord {
	return soar.RunRecord{Result: soar.HuntResult{
		Hunt: "id-1", Slug: "top-senders", RunID: "0190-run", Window: soar.NewWindow(start.Add(-time.Hour), start),
		Coverage: soar.CoverageComplete, Started: start, Finished: start.Add(time.Minute), Totals: soar.RunTotals{Findings: 2},
		Senders: []soar.SenderOutcome{
			{Sender: "a@contoso.com\n{\"record\":\"run\"}", Verdict: soar.VerdictSuppressed, Rule: "backup-veeam", Reason: "backup report"},
			{Sender: "<b@contoso.com>", Verdict: soar.VerdictTriage, Case: "case-abc/1"},
		},
	}}
}

func TestARunIsOneFileWithALineAFinding(t *testing.T) {
	client, dir := open(t)
	for range 2 {
		if _, err := client.RecordRun(t.Context(), run()); err != nil {
			t.Fatal(err)
		}
	}
	kept := files(t, dir)
	content, ok := kept["2026/11/24/run-top-senders-0190-run.jsonl"]
	if len(kept) != 1 || !ok {
		t.Fatalf("files %v", kept)
	}
	records := decoded(t, content)
	if len(records) != 3 || records[0]["record"] != "run" || records[1]["rule"] != "backup-veeam" ||
		records[2]["case"] != "case-abc/1" || records[2]["run_id"] != "0190-run" || records[2]["sender"] != "<b@contoso.com>" {
		t.Errorf("records %v", records)
	}
}

func TestARunIsWrittenWholeByManyAtOnce(t *testing.T) {
	client, dir := open(t)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := client.RecordRun(context.Background(), run()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for path, content := range files(t, dir) {
		if len(decoded(t, content)) != 3 || strings.Contains(path, ".audit-") {
			t.Errorf("%s: %q", path, content)
		}
	}
}

func decided(click string) soar.CaseRequest {
	return soar.CaseRequest{Case: soar.Case{
		Ref: soar.CaseRef{ID: "case-abc", Number: 2}, State: soar.CaseEscalated, Opened: start.Add(-48 * time.Hour),
		Finding:  soar.Finding{Candidate: soar.Candidate{Sender: "a@contoso.com"}, Evidence: soar.Evidence{Messages: []soar.Message{{NetworkMessageID: "nmid-1"}}}},
		Decision: &soar.Decision{Kind: soar.Escalate, By: soar.Actor{ID: "U1"}, At: start, Click: click, Reason: "looks bad"},
		Incident: &soar.Incident{ID: "guid", Number: 7},
	}}
}

func TestADecisionIsOneFileACaseNumberAndClick(t *testing.T) {
	client, dir := open(t)
	for _, in := range []soar.CaseRequest{decided("C1:1.2:U1"), decided("C1:1.2:U1"), decided("../../etc/passwd")} {
		if _, err := client.RecordDecision(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	lapsed := decided("")
	lapsed.Case.Decision, lapsed.Case.State = nil, soar.CaseUnreviewed
	if _, err := client.RecordDecision(t.Context(), lapsed); err != nil {
		t.Fatal(err)
	}
	kept := files(t, dir)
	if len(kept) != 3 || kept["2026/11/22/decision-case-abc-2-unreviewed.json"] == "" {
		t.Fatalf("files %v", kept)
	}
	for path, content := range kept {
		record := decoded(t, content)[0]
		if record["record"] != "decision" || record["case"] != "case-abc/2" || record["sender"] != "a@contoso.com" || fmt.Sprint(record["messages"]) != "[nmid-1]" {
			t.Errorf("%s: %v", path, record)
		}
	}
}

func TestAProposalAndASnoozeAreFilesOfTheirOwnAndSayForHowLong(t *testing.T) {
	client, dir := open(t)
	in := decided("")
	in.Case.State, in.Case.Decision = soar.CaseOpen, nil
	in.Case.Proposal = &soar.Decision{Kind: soar.Approve, By: soar.Actor{ID: "U1"}, At: start, Click: "click-1", Reason: "known", Remember: soar.Duration(time.Hour)}
	again := in
	again.Case.Proposal = &soar.Decision{Kind: soar.Approve, By: soar.Actor{ID: "U2"}, At: start.Add(time.Minute), Click: "click-2", Reason: "known"}
	slept := again
	slept.Case.Log = []soar.LogEntry{{Kind: soar.ChangeSnooze, By: "U1", At: start.Add(2 * time.Minute)}}
	slept.Case.Snooze = &soar.Snooze{By: soar.Actor{ID: "U1"}, Since: start.Add(2 * time.Minute), Until: start.Add(time.Hour)}
	for _, in := range []soar.CaseRequest{in, again, slept, slept} {
		if _, err := client.RecordDecision(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	kept := files(t, dir)
	if len(kept) != 3 || !strings.Contains(kept["2026/11/24/decision-case-abc-2-snooze-20261124T223200.json"], `"until":"2026-11-25T00:30:00+01:00"`) {
		t.Fatalf("files %v", kept)
	}
	for path, content := range kept {
		if p, ok := decoded(t, content)[0]["proposal"].(map[string]any); !ok || p["reason"] != "known" || p["at"] == "" {
			t.Errorf("%s: %v", path, content)
		}
	}
}

// Another worker that gets the same click a little later writes the same file.
func TestARefusedClickIsRecorded(t *testing.T) {
	client, dir := open(t)
	refusal := audit.Refusal{At: start, Case: soar.CaseRef{ID: "case-abc", Number: 2}, Action: "approve",
		By: soar.Actor{ID: "U9"}, Kind: soar.RefusedActor, Message: "U9 is not an approver", Click: "click-1"}
	second, later := refusal, refusal
	second.Click, later.At = "click-2", start.Add(time.Second)
	for _, r := range []audit.Refusal{refusal, later, second} {
		if err := client.RecordRefusal(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	kept := files(t, dir)
	if len(kept) != 2 {
		t.Fatalf("files %v", kept)
	}
	for _, content := range kept {
		record := decoded(t, content)[0]
		if record["record"] != "refusal" || record["case"] != "case-abc/2" || record["kind"] != string(soar.RefusedActor) {
			t.Errorf("record %v", record)
		}
	}
	if err := client.RecordRefusal(t.Context(), audit.Refusal{}); err == nil {
		t.Error("a refusal by nobody is recorded")
	}
}

func TestAFolderThatCannotBeWrittenIsRetriedAndARecordWithoutANameIsNot(t *testing.T) {
	client, dir := open(t)
	_, err := client.RecordRun(t.Context(), soar.RunRecord{})
	expect(t, err, audit.ErrTypeRecord, true)
	_, err = client.RecordDecision(t.Context(), soar.CaseRequest{})
	expect(t, err, audit.ErrTypeRecord, true)
	// A file where the year's folder should be cannot be written below, even by root.
	if err := os.WriteFile(filepath.Join(dir, "2026"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = client.RecordRun(t.Context(), run())
	expect(t, err, audit.ErrTypeUnavailable, false)
	_, err = client.RecordDecision(t.Context(), decided("c"))
	expect(t, err, audit.ErrTypeUnavailable, false)
	if _, err := audit.New(audit.Config{Dir: filepath.Join(dir, "2026", "below")}); err == nil {
		t.Error("an audit in a file opens")
	}
	if _, err := audit.New(audit.Config{}); err == nil {
		t.Error("an audit without a folder opens")
	}
}

func TestACancelledRecordIsACancellation(t *testing.T) {
	client, dir := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.RecordRun(ctx, run()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if kept := files(t, dir); len(kept) != 0 {
		t.Errorf("files %v", kept)
	}
}

func expect(t *testing.T, err error, kind string, nonRetryable bool) {
	t.Helper()
	var app *temporal.ApplicationError
	if !errors.As(err, &app) || err != error(app) || app.Type() != kind || app.NonRetryable() != nonRetryable {
		t.Errorf("error %T %v, want %s, non-retryable %t", err, err, kind, nonRetryable)
	}
}
