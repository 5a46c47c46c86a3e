package slack_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"harrier/workflows/soar"
)

func TestARiskThatTheDirectoryKnowsIsASign(t *testing.T) {
	c := takenOver()
	c.Finding.Past.AuditKnown, c.Finding.Past.CompromiseKnown = true, []soar.CompromiseKind{soar.CompromiseMFA, soar.CompromiseRisky}
	c.Finding.Profile.AtRisk, c.Finding.Profile.Risk, c.Finding.Profile.RiskAt = soar.Yes, "high, at risk", now.Add(-time.Hour)
	got := wire(t, evidencePages(t, c, options)[0])
	if want := "• Risky user: Entra ID Protection says high, at risk, 2026-11-24 08:45 UTC\\n• None seen: MFA change\\n"; !strings.Contains(got, want) {
		t.Errorf("no %q in %s", want, got)
	}
}

func TestAChangeOfTheMailboxThatNoFactTellsIsASign(t *testing.T) {
	c := compromised()
	c.Finding.Past.InboxRuleChanges = []string{"2026-11-24 08:51 New-InboxRule", "2026-11-24 08:52 Set-Mailbox", "2026-11-24 08:53 Add-MailboxPermission", "2026-11-24 08:54 Odd"}
	got := wire(t, evidencePages(t, c, options)[0])
	for _, want := range []string{"• Change of the mailbox: 2026-11-24 08:52 Set-Mailbox\\n", "• Change of the mailbox: 2026-11-24 08:53 Add-MailboxPermission\\n", "08:54 Odd"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if strings.Contains(got, "None seen: ") || strings.Contains(got, "mailbox: 2026-11-24 08:51") {
		t.Errorf("what was seen is denied, or told twice: %s", got)
	}
}

func TestTheEvidenceCutsNoSignOff(t *testing.T) {
	c := takenOver()
	for n := range 9 {
		c.Finding.Past.Compromise = append(c.Finding.Past.Compromise, soar.CompromiseFact{Kind: soar.CompromiseMFA, At: now, Detail: fmt.Sprintf("change %d", n)})
	}
	c.Judgement.Guards = []soar.GuardHit{{Guard: soar.GuardCompromise, Detail: "MFA change: change 0, MFA change: change 1 and 7 more", Cure: "ask by phone"}}
	got := wire(t, evidencePages(t, c, options)[0])
	for n := range 9 {
		if strings.Count(got, fmt.Sprintf("change %d, 2026", n)) != 1 {
			t.Errorf("change %d is not told once: %s", n, got)
		}
	}
	if strings.Contains(got, "7 more") || !strings.Contains(got, `• compromise facts: all of them stand below, under \"Signs that somebody else is in the account\". Cure: ask by phone`) {
		t.Errorf("page is %s", got)
	}
}

func TestTheDirectoryThatSeesNoRuleDoesNotContradictTheLog(t *testing.T) {
	const line, added = "Visible inbox rules: 0, none forwards, deletes or hides mail", " (the audit log has a rule: removed since, or hidden)"
	c := compromised()
	c.Finding.Profile.Evidence = []string{line}
	said := func() bool { return strings.Contains(wire(t, evidencePages(t, c, options)[0]), line+added) }
	if !said() {
		t.Error("the evidence says that there is no rule, and that there is one")
	}
	c.Finding.Profile.InboxRules = []string{"..."}
	if said() {
		t.Error("a rule that the directory sees is said to be hidden")
	}
	c.Finding.Profile.InboxRules, c.Finding.Past.Compromise = nil, c.Finding.Past.Compromise[1:]
	if said() {
		t.Error("the log has no rule")
	}
}

func TestAPastWithoutLinksSaysSo(t *testing.T) {
	c := takenOver()
	for _, hosts := range [][]string{nil, {""}, {" "}} {
		c.Finding.Past.URLHosts = hosts
		c.Finding.Past.Truncated = false
		if got := wire(t, evidencePages(t, c, options)[0]); !strings.Contains(got, `"Link hosts: none"`) || !strings.Contains(got, `"Attachments: none"`) {
			t.Errorf("page is %s", got)
		}
		c.Finding.Past.Truncated = true
		if got := wire(t, evidencePages(t, c, options)[0]); !strings.Contains(got, `"Link hosts: not known"`) {
			t.Errorf("page is %s", got)
		}
	}
	c.Finding.Past.URLHosts = []string{"", "contoso.com"}
	if got := wire(t, evidencePages(t, c, options)[0]); !strings.Contains(got, "Link hosts: `contoso[.]com and more`") {
		t.Errorf("page is %s", got)
	}
}

func TestALongPageIsTurnedFromBothEnds(t *testing.T) {
	many := manyMessages()
	for n, v := range evidencePages(t, many, options) {
		var at []int
		for i, b := range v.Blocks.BlockSet {
			if got := wire(t, b); strings.Contains(got, `"page"`) || strings.Contains(got, `"page_back"`) {
				at = append(at, i)
			}
		}
		switch blocks := len(v.Blocks.BlockSet); {
		case blocks > 14 && (len(at) != 2 || at[0] != 2 || at[1] != blocks-1):
			t.Errorf("page %d of %d blocks is turned at %v", n+1, blocks, at)
		case blocks < 13 && (len(at) != 1 || at[0] != blocks-1):
			t.Errorf("short page %d of %d blocks is turned at %v", n+1, blocks, at)
		}
	}
	ids := map[string]bool{}
	for _, b := range evidencePages(t, many, options)[1].Blocks.BlockSet {
		if id := b.ID(); id != "" && ids[id] {
			t.Errorf("two blocks are named %q", id)
		} else {
			ids[id] = true
		}
	}
}
