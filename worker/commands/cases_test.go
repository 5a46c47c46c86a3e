package commands_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.temporal.io/sdk/client"

	"harrier/worker/backtest"
	"harrier/worker/commands"
	"harrier/worker/runs"
	"harrier/workflows/soar"
)

func TestACaseIsListedDecidedUndoneAndDecidedAgainWithoutSlack(t *testing.T) {
	d := newDesk(t)
	id := d.see("backup@contoso.com")
	d.eventually("cases list", id+"/1")
	d.run(0, "cases list", "MEDIUM "+id+"/1 open, decide by ", `"backup@contoso.com"`, "1 case")
	d.run(0, "cases list --state escalated", "0 cases")
	d.run(2, "cases list --state closed", `--state is "closed"; write open,`)

	d.run(2, "cases decide "+id+" approve --reason x", "--as is missing")
	d.run(2, "cases decide "+id+" aprove --as "+approver, `decision is "aprove"; write one of approve, escalate`)
	d.run(1, "cases decide "+id+" approve --as "+approver, "nothing was recorded: reason is missing")
	d.run(1, "cases decide "+id+" approve --as "+outsider+" --reason x", "nothing was recorded: "+outsider+" is not an approver")
	d.run(1, "cases decide "+id+" escalate --as "+guest, "nothing was recorded: "+guest+" is a guest")
	d.run(1, "cases decide "+id+" escalate --as U0000000099", "nothing was recorded: U0000000099 is not a user of this workspace")
	d.run(1, "cases decide "+id+"/7 escalate --as "+approver, "nothing was recorded: this card is of case 7")
	d.run(1, "cases decide case-0000 escalate --as "+approver, "nothing was recorded: there is no case case-0000")
	d.run(1, "cases decide "+id+" approve --revision 000000000000 --reason x --as "+approver, "the case has grown since you looked")

	d.run(0, "cases decide "+id+"/1 approve --remember 7d --reason 'monthly report' --as "+member, id+"/1: remembered until ")
	d.eventually("cases list --state remembered", "approved by "+member)
	d.run(1, "cases decide "+id+" escalate --as "+approver, "nothing was recorded: already approved by "+member)
	d.run(2, "cases change "+id+" forget --as "+approver, `change is "forget"`)
	d.run(1, "cases change "+id+" undo --as "+outsider+" --reason x", "nothing was recorded: ")
	d.run(0, "cases change "+id+" undo --as "+approver+" --reason 'wrong sender'", id+"/1: open")
	d.run(0, "cases change "+id+" snooze --for 2h --as "+approver, id+"/1: open, snoozed until ", "Z, then decide by ")
	d.run(0, "cases show "+id+" --json", `"snooze": {`, `"kind": "undo"`)
	d.run(0, "cases show "+id, "snoozed   until ", " undo by "+approver+": wrong sender")
	if refusals, err := filepath.Glob(filepath.Join(d.audit, "*", "*", "*", "refusal-*.json")); err != nil || len(refusals) < 7 {
		t.Errorf("%d refusals are in the audit, %v", len(refusals), err)
	} else if text, err := os.ReadFile(refusals[0]); err != nil || !strings.Contains(string(text), `"record":"refusal"`) {
		t.Errorf("the audit holds %s, %v", text, err)
	}
}

func TestASnoozedCaseIsListedAndShownWithTheDeadlineThatItWillHave(t *testing.T) {
	d := newDesk(t)
	id := d.seeing("backup@contoso.com", func(s *soar.See) { s.Policy.Version = soar.PolicyVersion })
	d.run(0, "cases change "+id+" snooze --for 3h --as "+approver, id+"/1: open, snoozed until ")
	d.eventually("cases list", id+"/1 open, snoozed until ")
	var listed []runs.Case
	if err := json.Unmarshal([]byte(d.run(0, "cases list --json", `"snoozed_until": "`)), &listed); err != nil || len(listed) != 1 {
		t.Fatalf("listed %+v, %v", listed, err)
	}
	// Four hours less the moment until it was snoozed are left after three.
	if left := listed[0].Deadline.Sub(listed[0].Snoozed); left < 3*time.Hour || left > 4*time.Hour+time.Second {
		t.Errorf("listed %+v", listed[0])
	}
	var out struct {
		Case soar.Case `json:"case"`
	}
	if err := json.Unmarshal([]byte(d.run(0, "cases show --json "+id)), &out); err != nil || listed[0].Deadline.Equal(out.Case.Deadline) {
		t.Errorf("the list shows the old deadline %s, %v", out.Case.Deadline, err)
	}
	then := listed[0].Deadline.Format(time.RFC3339)
	d.run(0, "cases list", "then decide", then)
	d.run(0, "cases show "+id, "deadline  "+then+", after the snooze", "snoozed   until "+listed[0].Snoozed.Format(time.RFC3339))
}

func TestABurstThatNobodyReportedIsListedByItsMails(t *testing.T) {
	var out bytes.Buffer
	counts := soar.Counts{Sent: 214, Usual: 14}
	if err := commands.PrintCases(&out, []runs.Case{{Ref: "case-a/1", Sender: "new@contoso.com", Sent: 214, Usual: 14}}); err != nil {
		t.Fatal(err)
	}
	r := soar.HuntResult{Senders: []soar.SenderOutcome{{Rank: 1, Sender: "new@contoso.com", Verdict: soar.VerdictTriage, Counts: counts}}}
	if err := commands.PrintDryRun(&out, r, 1); err != nil {
		t.Fatal(err)
	}
	commands.PrintPreview(&out, backtest.Preview{Hidden: []backtest.Change{{Outcome: r.Senders[0]}}}, 1, false)
	if n := strings.Count(out.String(), "214 mails, usual 14"); n != 3 || strings.Contains(out.String(), "0 phish") {
		t.Errorf("%d times in\n%s", n, out.String())
	}
	out.Reset()
	if err := commands.PrintCases(&out, []runs.Case{{Ref: "case-a/1", Sender: "new@contoso.com", Phish: 2, Sent: 214}}); err != nil || !strings.Contains(out.String(), "2 phish, 0 spam") {
		t.Errorf("%v:\n%s", err, out.String())
	}
}

func TestAnAddressCannotForgeALineOfTheList(t *testing.T) {
	var out bytes.Buffer
	err := commands.PrintCases(&out, []runs.Case{{
		Ref: "case-a/1", Severity: soar.SeverityHigh, State: soar.CaseOpen, Sender: "x@evil.test\ncase-b/1  LOW",
		Headline: strings.Repeat("x", 68) + "case-b/1\ncase-c/1", Deadline: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC),
	}})
	if err != nil || !strings.HasPrefix(out.String(), "HIGH case-a/1 open, decide by 2026-11-25T09:00:00Z\n") {
		t.Errorf("%v:\n%s", err, out.String())
	}
	for i, line := range strings.Split(strings.TrimSuffix(out.String(), "1 case\n"), "\n") {
		if i > 0 && line != "" && !strings.HasPrefix(line, "            ") || utf8.RuneCountInString(line) > 80 {
			t.Errorf("line %d is %q", i, line)
		}
	}
}

func TestALongAddressKeepsItsDomainAndWideLettersKeepTheirLine(t *testing.T) {
	var out bytes.Buffer
	err := commands.PrintCases(&out, []runs.Case{{
		Ref: "case-a/1", Sender: "ceo@contoso.com." + strings.Repeat("x", 200) + "@evil.test", Headline: strings.Repeat("請", 60) + "case-b/1",
	}})
	if err != nil || !strings.Contains(out.String(), `@evil.test"`) || !strings.Contains(out.String(), `"ceo@contoso.com`) {
		t.Errorf("%v:\n%s", err, out.String())
	}
	for line := range strings.Lines(out.String()) {
		if n := strings.Count(line, "請"); n > 34 {
			t.Errorf("%d wide letters in a line of 80 columns: %s", n, line)
		}
	}
}

func TestACaseOnAPageFitsATerminalAndSaysWhatItsCardSays(t *testing.T) {
	day := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	v := soar.CaseView{Case: soar.Case{
		Ref: soar.CaseRef{ID: "case-5d41402abc4b2a76b971", Number: 3}, State: soar.CaseOpen, Deadline: day.Add(time.Hour),
		Judgement: soar.Judgement{
			Severity: soar.SeverityHigh, Headline: "A known program \x1b[2Jthat \u202esent to new people", Reason: "a guard held rule backup-veeam",
			Facts: []string{"12 people who never had mail of it"}, Guards: []soar.GuardHit{{Guard: soar.Guard("volume"), Detail: "9 times the usual", Cure: "raise the ceiling"}},
		},
		Proposal: &soar.Decision{Kind: soar.Approve, By: soar.Actor{ID: "U1"}, At: day, Reason: "known", Remember: soar.Duration(30 * 24 * time.Hour)},
		Problems: []string{"incident: Sentinel refused"}, Earlier: []soar.Outcome{{Number: 2, State: soar.CaseEscalated, By: "U2", At: day}},
		Log:          []soar.LogEntry{{Kind: soar.ChangeUndo, By: "U3", At: day, Reason: "wrong sender"}},
		RuleProposal: "suppressions:\n  - id: proposed\n",
	}}
	v.Case.Finding.Candidate = soar.Candidate{Sender: "backup@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg}
	for range 25 {
		v.Case.Finding.Evidence.Messages = append(v.Case.Finding.Evidence.Messages, soar.Message{NetworkMessageID: "m1", Subject: "Pay \x1b]0;now\a\nmail  2026", P1: "p1@contoso.com", P2: "p2@contoso.com"})
	}
	var out bytes.Buffer
	if err := commands.PrintCase(&out, v); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"case-5d41402abc4b2a76b971/3 HIGH open\n", "deadline  2026-11-24T10:00:00Z", "held by   volume: 9 times the usual; raise the ceiling", "proposed  approval by U1 at 2026-11-24T09:00:00Z, for 30 days: known",
		"problem   incident: Sentinel refused", "earlier   case 2: escalated by U2", "log       2026-11-24T09:00:00Z undo by U3: wrong sender",
		"mail      (time not known) \"Pay \\x1b]0;now\\a\\nmail", "5 more mails", "    suppressions:\n      - id: proposed\n", "revision  " + v.Case.Revision(), `\u001b[2Jthat \u202esent`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("does not print %q:\n%s", want, out.String())
		}
	}
	for line := range strings.Lines(out.String()) {
		if utf8.RuneCountInString(line) > 81 || strings.ContainsAny(line, "\x1b\a\u202e") {
			t.Errorf("prints %q", line)
		}
	}
}

func TestWhatASenderWroteReachesTheTerminalNeitherInTextNorInJSON(t *testing.T) {
	const hostile = "Report\x1b]0;owned\a\u009b2J\u202egnp.exe\u200b\r"
	d := newDesk(t)
	id := d.seeing("backup@contoso.com", func(s *soar.See) {
		s.Judgement.Headline, s.Judgement.Reason = hostile, hostile
		s.Finding.Evidence.Messages[0].Subject, s.Finding.Evidence.Messages[0].DisplayName = hostile, hostile
		s.Finding.Profile.Why = hostile
	})
	d.eventually("cases list", id+"/1")
	for _, args := range []string{"cases list", "cases list --json", "cases show " + id, "cases show --json " + id} {
		out := d.run(0, args, `\u001b]0;owned`, `\u202egnp.exe`)
		if strings.ContainsAny(out, "\x1b\a\r\u009b\u202e\u200b") {
			t.Errorf("worker %s prints %q", args, out)
		}
	}
	var shown struct {
		Case     soar.Case `json:"case"`
		Revision string    `json:"revision"`
	}
	if err := json.Unmarshal([]byte(d.run(0, "cases show --json "+id)), &shown); err != nil || shown.Case.Judgement.Headline != hostile || shown.Revision != shown.Case.Revision() {
		t.Errorf("the JSON says %+v, %v", shown.Case.Judgement, err)
	}
}

func TestNobodyApprovesWhatCameAfterTheyLooked(t *testing.T) {
	d := newDesk(t)
	id := d.see("backup@contoso.com")
	_, after, _ := strings.Cut(d.run(0, "cases show "+id), "revision  ")
	looked := strings.TrimSpace(after)
	d.seeing("backup@contoso.com", func(s *soar.See) {
		s.Window, s.RunID = soar.NewWindow(at(1), at(2)), "r2"
		s.Finding.Window = s.Window
		s.Finding.Evidence.Messages = append(s.Finding.Evidence.Messages, s.Finding.Evidence.Messages[0])
		s.Finding.Evidence.Messages[1].NetworkMessageID = "m2"
		s.Finding.Evidence.Total = 2
	})
	d.run(1, "cases decide "+id+" approve --reason x --as "+approver+" --revision "+looked, "the case has grown since you looked", `"worker cases show `+id+`" prints it`)
	_, after, _ = strings.Cut(d.run(0, "cases show "+id), "revision  ")
	d.run(0, "cases decide "+id+" approve --reason x --as "+approver+" --revision "+strings.TrimSpace(after), id+"/1: approved")
	d.run(0, "cases show "+id+"/7", "note: this is "+id+"/1, the sender's newest case, not "+id+"/7", "decided   approved by "+approver)
}

func TestASecondPersonIsAskedForAndNobodyConfirmsTheirOwnAtTheCommandLine(t *testing.T) {
	d := newDesk(t)
	id := d.seeing("backup@contoso.com", func(s *soar.See) { s.Policy.SecondOver = soar.Duration(24 * time.Hour) })
	d.run(0, "cases decide "+id+" approve --remember 7d --reason 'monthly report' --as "+member, id+"/1: proposed; the case stays open until another approver confirms it:\n  worker cases change "+id+"/1 confirm --as ")
	d.run(0, "cases show "+id, "proposed  approval by "+member, "for 7 days: monthly")
	d.run(1, "cases change "+id+" confirm --as "+member, "nobody confirms their own approval")
	d.run(2, "cases change "+id+" confirm --as "+strings.ToLower(member), "write a Slack user id, as U0123456789")
	d.run(2, "cases change "+id+" confirm --as '"+member+" '", "write a Slack user id, as U0123456789")
	d.run(0, "cases change "+id+" confirm --as "+approver, id+"/1: remembered until ")
}

func TestACaseThatIsGoneOrWasEndedByForceSaysSo(t *testing.T) {
	d := newDesk(t)
	d.run(1, "cases show case-0000", "show case case-0000: there is no case case-0000", "worker cases list --state all")
	d.run(1, "cases decide case-0000 escalate --as "+approver, "nothing was recorded: there is no case case-0000")
	d.run(2, "cases show hunt-internal-senders", `read case "hunt-internal-senders": write it as case-<id>`)
	d.run(2, "cases decide case-1/x approve --as "+approver, `read case "case-1/x": write it as case-<id>/<number>`)
	d.run(2, "cases decide case-1 approve --as "+approver+" --reason "+strings.Repeat("x", 501), "--reason has 501 characters; use at most 500")
	id := d.see("backup@contoso.com")
	if err := d.client.TerminateWorkflow(t.Context(), id, "", "by hand"); err != nil {
		t.Fatal(err)
	}
	d.run(0, "cases show "+id, id+"/1 MEDIUM cancelled")
	d.eventually("cases list --state cancelled", id+"/1 cancelled\n")
	d.run(1, "cases decide "+id+" escalate --as "+approver, "nothing was recorded: case closed: an operator ended it; nothing was decided")
	d.run(1, "cases change "+id+" snooze --for 1h --as "+approver, "nothing was recorded: case closed: an operator ended it")
}

func TestANamedApproverDecidesWhileSlackIsDownAndNobodyElse(t *testing.T) {
	d := newDesk(t)
	id := d.see("backup@contoso.com")
	d.slack.Close()
	d.run(1, "cases decide "+id+" escalate --as "+member, "only somebody whom slack.approvers.users names can act")
	d.run(1, "cases decide "+id+" escalate --as "+outsider, "only somebody whom slack.approvers.users names can act")
	d.run(0, "cases decide "+id+" escalate --as "+approver, "note: Slack could not say who "+approver+" is", id+"/1: escalated")
	d.run(0, "cases show --json "+id, `"name": "not looked up: Slack did not answer"`)
}

func TestOfACaseThatCannotBeReadNothingIsRecordedAndItSaysWhatHasToRun(t *testing.T) {
	d := newDesk(t)
	if _, err := d.client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "case-0001", TaskQueue: soar.TaskQueue}, soar.HuntWorkflow, soar.HuntInput{DryRun: true}); err != nil {
		t.Fatal(err)
	}
	d.run(1, "cases decide case-0001/1 escalate --as "+approver, "escalate case-0001/1: nothing was recorded: read case case-0001", "a worker has to run to answer")
}
