package slack_test

import (
	"strings"
	"testing"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// benignPerson is a person's case of which the shape may be remembered.
func benignPerson() soar.Case {
	c := heldBack()
	c.Policy.Version = 1
	c.Finding.Profile.Kind = soar.KindPerson
	c.Judgement.Severity, c.Judgement.Path, c.Judgement.Rememberable = soar.SeverityMedium, "mailbox", false
	c.Judgement.Guards = []soar.GuardHit{{Guard: soar.GuardPerson, Detail: "person"}}
	c.Finding.Evidence = soar.Evidence{Total: 1, Messages: []soar.Message{{
		NetworkMessageID: "m1", P1: "j.doe@contoso.com", P2: "j.doe@contoso.com", Subject: "Canteen menu 42",
		Recipients: []string{"ann@contoso.com"}, RecipientCount: 1,
	}}}
	return c
}

func TestAPersonsMailIsRememberedOnceOrSevenDaysByItsShape(t *testing.T) {
	c := benignPerson()
	v := slack.ApproveModal(viewOf(c), place(c), now)
	checkView(t, v)
	text := wire(t, v)
	if n := choices(t, v); n != 2 || !strings.Contains(text, "7 days (only mail of this shape)") || strings.Contains(text, "90 days") {
		t.Errorf("%d options in %s", n, text)
	}
	c.Judgement.Guards = append(c.Judgement.Guards, soar.GuardHit{Guard: soar.GuardIP, Detail: "new"})
	if n := choices(t, slack.ApproveModal(viewOf(c), place(c), now)); n != 0 {
		t.Errorf("%d options for a person's case that another guard holds", n)
	}
}
