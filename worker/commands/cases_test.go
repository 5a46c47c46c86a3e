package commands_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"harrier/worker/commands"
	"harrier/worker/runs"
	"harrier/workflows/soar"
)

func TestACaseIsListedDecidedUndoneAndDecidedAgainWithoutSlack(t *testing.T) {
	d := newDesk(t)
	id := d.see("backup@contoso.com")
	d.eventually("cases list", id+"/1")
	d.run(0, "cases list", "MEDIUM", `"backup@contoso.com"`, "open", "1 case")
	d.run(0, "cases list --state escalated", "0 cases")
	d.run(2, "cases list --state closed", `--state is "closed"; write open,`)

	d.run(2, "cases decide "+id+" approve --reason x", "--as is missing")
	d.run(2, "cases decide "+id+" aprove --as "+approver, `decision is "aprove"; write one of approve, escalate`)
	d.run(1, "cases decide "+id+" approve --as "+approver, "nothing was recorded: reason is missing")
	d.run(1, "cases decide "+id+" approve --as "+outsider+" --reason x", "nothing was recorded: "+outsider+" is not an approver")
	d.run(1, "cases decide "+id+" escalate --as "+guest, "nothing was recorded: "+guest+" is a guest")
	d.run(1, "cases decide "+id+" escalate --as U0000000099", "nothing was recorded: U0000000099 is not a user of this workspace")
	d.run(1, "cases decide "+id+"/7 escalate --as "+approver, "nothing was recorded: this card is of case 7")
	d.run(1, "cases decide case-0000 escalate --as "+approver, "nothing was recorded: case closed")
	d.run(1, "cases decide "+id+" approve --revision 000000000000 --reason x --as "+approver, "the case has grown since you looked")

	d.run(0, "cases decide "+id+"/1 approve --remember 7d --reason 'monthly report' --as "+member, id+"/1: remembered until ")
	d.eventually("cases list --state remembered", " by "+member)
	d.run(1, "cases decide "+id+" escalate --as "+approver, "nothing was recorded: already approved by "+member)
	d.run(2, "cases change "+id+" forget --as "+approver, `change is "forget"`)
	d.run(1, "cases change "+id+" undo --as "+outsider+" --reason x", "nothing was recorded: ")
	d.run(0, "cases change "+id+" undo --as "+approver+" --reason 'wrong sender'", id+"/1: open")
	d.run(0, "cases change "+id+" snooze --for 2h --as "+approver, id+"/1: open")
	d.run(0, "cases show "+id, `"snooze": {`, `"kind": "undo"`)
	if refusals, err := filepath.Glob(filepath.Join(d.audit, "*", "*", "*", "refusal-*.json")); err != nil || len(refusals) < 7 {
		t.Errorf("%d refusals are in the audit, %v", len(refusals), err)
	} else if text, err := os.ReadFile(refusals[0]); err != nil || !strings.Contains(string(text), `"record":"refusal"`) {
		t.Errorf("the audit holds %s, %v", text, err)
	}
}

func TestAnAddressCannotForgeALineOfTheList(t *testing.T) {
	var out bytes.Buffer
	err := commands.PrintCases(&out, []runs.Case{{
		Ref: "case-a/1", State: soar.CaseOpen, Sender: "x@evil.test\ncase-b/1  LOW", Headline: "two\nlines", Deadline: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC),
	}})
	if err != nil || strings.Count(out.String(), "\n") != 3 || !strings.Contains(out.String(), "2026-11-25T09:00:00Z") {
		t.Errorf("%v:\n%s", err, out.String())
	}
}
