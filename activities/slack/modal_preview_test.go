package slack_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

func TestTheApproveFormShowsWhatTheApprovalIsLaidOver(t *testing.T) {
	c := heldBack()
	c.Judgement.Guards, c.Judgement.Rememberable, c.Judgement.Path = nil, true, "connector:OnPrem relay"
	c.Finding.Past = soar.Past{Known: true, Since: now.AddDate(0, 0, -90), Mails: 240, ActiveDays: 60, Recipients: 6, ReportsPerDay: []int{1, 0, 2}}
	c.Earlier = []soar.Outcome{{Number: 2, State: soar.CaseEscalated, At: now.Add(-time.Hour)}, {Number: 1, State: soar.CaseApproved}}
	raw, err := json.Marshal(slack.ApproveModal(soar.CaseView{Case: c}, slack.Place{Case: c.Ref}, now))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"240 unreported mails on 60 days", "3 reports of its mail in the last 3 days", "1 earlier case of this sender was escalated", "1 earlier case was benign"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the form does not say %q: %s", want, raw)
		}
	}
	if strings.Contains(string(raw), "none of it") {
		t.Errorf("the form says of unreported mail that nobody reported it: %s", raw)
	}
}
