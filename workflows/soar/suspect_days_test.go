package soar_test

import (
	"testing"
	"time"

	"harrier/workflows/soar"
)

func TestOpenAndEscalatedCasesAreSuspectAndApprovedOnesAreNot(t *testing.T) {
	now := time.Date(2026, 3, 20, 6, 0, 0, 0, time.UTC)
	opened, decided := now.AddDate(0, 0, -5), now.AddDate(0, 0, -4)
	view := func(state soar.CaseState, earlier ...soar.Outcome) soar.CaseView {
		c := soar.Case{Ref: soar.CaseRef{ID: "case-1", Number: 2}, State: state, Opened: opened, Earlier: earlier}
		if !state.Decidable() {
			c.Decision = &soar.Decision{At: decided}
		}
		return soar.CaseView{Case: c}
	}
	for name, c := range map[string]struct {
		view soar.CaseView
		want int
		to   time.Time
	}{
		"none":              {soar.CaseView{}, 0, time.Time{}},
		"open":              {view(soar.CaseOpen), 1, now},
		"escalated":         {view(soar.CaseEscalated), 1, decided},
		"approved":          {view(soar.CaseApproved), 0, time.Time{}},
		"escalated earlier": {view(soar.CaseApproved, soar.Outcome{State: soar.CaseEscalated, At: now.AddDate(0, 0, -30)}), 1, now.AddDate(0, 0, -30)},
	} {
		got := c.view.Suspect(now)
		if len(got) != c.want || c.want == 1 && !got[0].To.Equal(c.to) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
