package slack_test

import (
	"strings"
	"testing"
	"time"

	"harrier/workflows/soar"
)

// reopened is an open case that was closed once.
func reopened() soar.Case {
	c := takenOver()
	c.Ref.Number = 4
	c.Log = []soar.LogEntry{
		{Kind: soar.ChangeSnooze, By: "U0ANALYST", At: now.Add(-2 * time.Hour)},
		{Kind: soar.ChangeReopen, By: "U0LEAD", At: now.Add(-time.Minute), Reason: "a second person reported the same link"},
	}
	return c
}

func undone() soar.Case {
	c := heldBack()
	c.Log = []soar.LogEntry{{Kind: soar.ChangeUndo, By: "U0ANALYST", At: now.Add(-time.Minute)}}
	return c
}

// proposesRule is an approval that several people gave before.
func proposesRule() soar.Case {
	c := approved(heldBack(), time.Hour)
	c.RuleProposal = "- id: learned-splunk\n  path: connector:OnPrem relay\n  senders: [splunk@contoso.com]\n  when: 'true'\n"
	return c
}

func TestARuleThatPeopleKeepApprovingIsProposedWhereItCanBeCopied(t *testing.T) {
	if got := wire(t, card(proposesRule())); !strings.Contains(got, "a rule would hide it") || strings.Contains(got, "learned-splunk") {
		t.Errorf("card is %s", got)
	}
	pages := evidencePages(t, proposesRule(), options)
	last := pages[len(pages)-1]
	golden(t, "modal_evidence_rule", wire(t, last))
	if got := wire(t, last); !strings.Contains(got, "```\\n- id: learned-splunk\\n  path: connector:OnPrem relay\\n") {
		t.Errorf("page is %s", got)
	}
}

func TestCardsOfEveryStateReadAsTheyShould(t *testing.T) {
	once := proposed(takenOver(), 0)
	escalatedInPart := failed(takenOver(), "page: 503 from events.pagerduty.com; the key may be wrong", "defender: no incident names the message")
	escalatedInPart.Incident = &soar.Incident{ID: "i", Number: 4711, URL: "https://portal.azure.com/incident/4711"}
	inDefender := failed(takenOver())
	inDefender.Defender = &soar.Incident{ID: "9302", URL: "https://security.microsoft.com/incidents/9302"}
	inBoth := failed(takenOver())
	inBoth.Defender = &soar.Incident{ID: "9302", URL: "https://security.microsoft.com/incidents/9302", Closed: true}
	inBoth.Incident = &soar.Incident{ID: "i", Number: 4711, URL: "https://portal.azure.com/incident/4711", Missing: "1 of 2 alerts were not taken into it: 4444"}
	for name, c := range map[string]soar.Case{
		"escalated_defender": inDefender,
		"escalated_both":     inBoth,
		"snoozed":            snoozed(takenOver()),
		"proposed":           proposed(heldBack(), 90*24*time.Hour),
		"proposed_once":      once,
		"approved_undo":      approved(heldBack(), time.Minute),
		"remembered_reopen":  approved(heldBack(), time.Hour),
		"escalated_in_part":  escalatedInPart,
		"reopened":           reopened(),
		"undone":             undone(),
		"rule_proposed":      proposesRule(),
		"subject_hidden_low": heldBack(),
	} {
		t.Run(name, func(t *testing.T) {
			got := card(c)
			if name == "subject_hidden_low" {
				got = maskedCard(c)
			}
			checkMessage(t, got.Blocks, got.Text)
			golden(t, name, wire(t, got))
		})
	}
}
