package interactions_test

import (
	"testing"
	"time"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// remembered lets the case stand as an approval by analyst that ends in two days.
func (b *bench) remembered() soar.Expiring {
	b.t.Helper()
	ends := soar.Expiring{Case: ref, Sender: "splunk@contoso.com", Owner: analyst, Until: time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second), Hits: 7, Held: 1}
	b.cases.set(func(v *soar.CaseView) {
		approved(&v.Case)
		v.Case.State = soar.CaseRemembered
		v.Entry = &soar.Entry{Case: ref, By: analyst, Until: ends.Until}
	})
	return ends
}

func TestAnotherApproverExtendsWhatIsRemembered(t *testing.T) {
	b := newBench(t, setup{})
	ends := b.remembered()
	b.digest(ends)
	b.click(second, slack.ActionExtend)
	form := b.expectView(second, "In the last 30 days it hid 7 findings; guards held 1.")
	later := ends.Until.AddDate(0, 0, 30)
	result, err := b.fake.SubmitView(t.Context(), second, form.ID, map[string]any{slack.BlockFor: later.Format(time.RFC3339)})
	if err != nil || !result.Closed {
		t.Fatalf("submission %+v, error %v", result, err)
	}
	b.expectNote(second, "Extended until "+later.Format("2006-01-02 15:04 MST"))
	b.drain()
	if got := b.cases.extended; len(got) != 1 || !got[0].Until.Equal(later) || got[0].By.ID != second {
		t.Errorf("extended %+v", got)
	}
}

func TestWhoApprovedDoesNotExtend(t *testing.T) {
	b := newBench(t, setup{})
	ends := b.remembered()
	b.digest(ends)
	b.click(analyst, slack.ActionExtend)
	b.expectView(analyst, "another approver has to extend it")
	b.click(second, slack.ActionExtend)
	form := b.expectView(second, "Hide this sender")
	b.cases.set(func(v *soar.CaseView) { v.Entry.By = second }) // approved anew while the form was open
	if _, err := b.fake.SubmitView(t.Context(), second, form.ID, map[string]any{slack.BlockFor: ends.Until.AddDate(0, 0, 30).Format(time.RFC3339)}); err != nil {
		t.Fatal(err)
	}
	b.expectNote(second, "Nothing was recorded: ")
	b.drain()
	if got := b.audit.all(); len(b.cases.extended) != 0 || len(got) != 2 || got[0].Action != "extend" || got[1].By.ID != second {
		t.Errorf("extended %+v, audit %+v", b.cases.extended, got)
	}
}

func TestWhatIsNotExtendedGetsNoForm(t *testing.T) {
	for name, c := range map[string]struct {
		stands func(*soar.CaseView)
		list   soar.Approvers
		says   string
	}{
		"the shape of a person's mail": {func(v *soar.CaseView) { v.Entry.ShapeOnly = true }, soar.Approvers{}, "remembered for at most 7 days"},
		"it has ended":                 {func(v *soar.CaseView) { v.Entry = nil }, soar.Approvers{}, "othing is remembered of this sender"},
		"who confirmed it":             {func(v *soar.CaseView) { v.Entry.Second = second }, soar.Approvers{}, "another approver has to extend it"},
		"who may not approve such a case": {func(*soar.CaseView) {}, soar.Approvers{Users: []string{second}, Only: []soar.ApproverRule{
			{Decision: "approve", Severity: soar.SeverityLow, Users: []string{analyst}}}}, "is not among the approvers"},
	} {
		t.Run(name, func(t *testing.T) {
			with := setup{}
			if !c.list.Empty() {
				with.list = &c.list
			}
			b := newBench(t, with)
			ends := b.remembered()
			b.cases.set(c.stands)
			b.digest(ends)
			b.click(second, slack.ActionExtend)
			if form := b.expectView(second, c.says); form.CallbackID == slack.CallbackExtend || form.Contains("Hide this sender") {
				t.Errorf("a form is offered: %s", form.Blocks)
			}
			b.expectNote(second, c.says)
			b.drain()
			if got := b.audit.all(); len(got) != 1 || got[0].Action != "extend" {
				t.Errorf("the audit has %+v", got)
			}
		})
	}
}

func TestOnlyWhatTheFormShowedIsExtended(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*soar.CaseView)
		says   string
	}{
		"it has ended":       {func(v *soar.CaseView) { v.Entry = nil }, "nothing is remembered of this sender"},
		"another one stands": {func(v *soar.CaseView) { v.Entry.Case.Number = 9 }, "this approval has ended"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, setup{})
			ends := b.remembered()
			b.digest(ends)
			b.click(second, slack.ActionExtend)
			form := b.expectView(second, "Hide this sender")
			b.cases.set(c.change)
			if _, err := b.fake.SubmitView(t.Context(), second, form.ID, map[string]any{slack.BlockFor: ends.Until.AddDate(0, 0, 30).Format(time.RFC3339)}); err != nil {
				t.Fatal(err)
			}
			b.expectNote(second, c.says)
			if len(b.cases.extended) != 0 {
				t.Errorf("extended %+v", b.cases.extended)
			}
		})
	}
}

func TestARuleIsExtendedInItsFile(t *testing.T) {
	b := newBench(t, setup{})
	b.digest(soar.Expiring{Rule: "backup-veeam", Owner: "soc", Until: time.Now().Add(24 * time.Hour), Hits: 3})
	b.click(analyst, slack.ActionExtend)
	b.expectView(analyst, "A rule is extended by a reviewed change")
	b.click(member, slack.ActionExtend)
	b.expectView(member, "is not an approver")
}
