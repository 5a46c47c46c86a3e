package slack_test

import (
	"strings"
	"testing"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

func extension(x soar.Expiring) slack.Extension {
	return slack.Extension{Ref: slack.ExtendRef{Expiring: x}, Channel: triage, TS: "1795513500.000002", File: "config/suppressions/health-report.yaml", Line: 19}
}

func complaintOf(d soar.Digest) slack.Complaint {
	x := d.Sample[0]
	return slack.Complaint{Ref: slack.WrongRef{CaseID: x.CaseID, Hunt: x.Hunt, Window: x.Window, Rule: x.Rule}, Channel: triage, Digest: "1795513500.000002"}
}

func closed() soar.Case { return approved(heldBack(), time.Hour) }

func TestFormsReadAsAnAnalystNeedsThem(t *testing.T) {
	entry, rule := digest().Expiring[1], digest().Expiring[0]
	remembering := viewOf(closed())
	remembering.Entry = &soar.Entry{}
	for name, v := range map[string]slackapi.ModalViewRequest{
		"modal_snooze":       slack.SnoozeModal(viewOf(forged()), place(forged()), now, time.FixedZone("CET", 3600)),
		"modal_snooze_high":  slack.SnoozeModal(viewOf(takenOver()), place(takenOver()), now, nil),
		"modal_reopen":       slack.ReopenModal(remembering, place(closed()), now),
		"modal_extend":       slack.ExtendModal(extension(entry), now),
		"modal_extend_rule":  slack.ExtendModal(extension(rule), now),
		"modal_wrong":        slack.WrongModal(complaintOf(digest())),
		"modal_reopen_never": slack.ReopenModal(viewOf(forged()), place(forged()), now),
	} {
		checkView(t, v)
		golden(t, name, wire(t, v))
	}
}

// filled is a view as it comes back, a menu's choice and a reason filled in.
func filled(v slackapi.ModalViewRequest, choice, reason string) slackapi.View {
	return slackapi.View{PrivateMetadata: v.PrivateMetadata, State: &slackapi.ViewState{Values: map[string]map[string]slackapi.BlockAction{
		slack.BlockFor:    {"for": {SelectedOption: slackapi.OptionBlockObject{Value: choice}}},
		slack.BlockReason: {"reason": {Value: reason}},
	}}}
}

// menu are the values that a form offers.
func menu(v slackapi.ModalViewRequest) []string {
	var out []string
	for _, b := range v.Blocks.BlockSet {
		if in, ok := b.(*slackapi.InputBlock); ok && in.BlockID == slack.BlockFor {
			for _, o := range in.Element.(*slackapi.SelectBlockElement).Options {
				out = append(out, o.Value)
			}
		}
	}
	return out
}

func TestASnoozeEndsWhenItsChoiceSaid(t *testing.T) {
	form := slack.SnoozeModal(viewOf(forged()), place(forged()), now, nil)
	for choice, want := range map[string]time.Duration{"1h": time.Hour, "4h": 4 * time.Hour, "2026-11-25T08:00:00Z": 22*time.Hour + 14*time.Minute} {
		s, problems, err := slack.ReadSnooze(filled(form, choice, ""), now.Add(time.Minute))
		if err != nil || len(problems) != 0 || s.For.Std() != want || s.Place.Case != forged().Ref {
			t.Errorf("%s is %+v, problems %v, error %v", choice, s, problems, err)
		}
	}
	for _, choice := range []string{"", "never", "-1h", "25h", "2026-11-24T08:00:00Z", "2027-11-24T08:00:00Z"} {
		if _, problems, err := slack.ReadSnooze(filled(form, choice, ""), now); err != nil || problems[slack.BlockFor] == "" {
			t.Errorf("choice %q is taken, error %v", choice, err)
		}
	}
}

func TestAHighCaseIsSnoozedForAnHourAtTheMost(t *testing.T) {
	form := slack.SnoozeModal(viewOf(takenOver()), place(takenOver()), now, nil)
	if got := strings.Join(menu(form), " "); got != "1h" {
		t.Errorf("choices are %s", got)
	}
	if _, problems, err := slack.ReadSnooze(filled(form, "4h", ""), now); err != nil || problems[slack.BlockFor] == "" {
		t.Errorf("four hours are taken, error %v", err)
	}
}

func TestASnoozeFormOffersOnlyWhatEarlierSnoozesLeft(t *testing.T) {
	for name, c := range map[string]struct {
		slept time.Duration
		of    soar.Case
		want  string
	}{
		"a MEDIUM case that slept an hour":     {time.Hour, forged(), "1h 4h 2026-11-25T08:00:00Z"},
		"a MEDIUM case that slept three hours": {3 * time.Hour, forged(), "1h 4h"},
		"a MEDIUM case that slept a day":       {24 * time.Hour, forged(), ""},
		"a HIGH case that was woken":           {20*time.Minute + time.Second, takenOver(), "39m"},
		"a HIGH case with seconds left":        {time.Hour - time.Second, takenOver(), ""},
		"a case that became HIGH":              {4 * time.Hour, takenOver(), ""},
	} {
		c.of.Snoozed = soar.Duration(c.slept)
		form := slack.SnoozeModal(viewOf(c.of), place(c.of), now, nil)
		checkView(t, form)
		got := strings.Join(menu(form), " ")
		if got != c.want || (form.Submit == nil) != (c.want == "") || !strings.Contains(wire(t, form), "All snoozes of a ") {
			t.Errorf("%s: choices are %q in %s", name, got, wire(t, form))
		}
		if c.want != "39m" {
			continue
		}
		if s, problems, err := slack.ReadSnooze(filled(form, c.want, ""), now); err != nil || len(problems) != 0 || s.For.Std() != 39*time.Minute {
			t.Errorf("%s: %+v, problems %v, error %v", name, s, problems, err)
		}
	}
}

func TestAMorningIsTheNextOneInTheReadersZoneAndNeverTooFarAway(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		now  time.Time
		want string
	}{
		"before eight":      {time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC), "1h 4h 2026-11-24T07:00:00Z"},
		"after eight":       {now, "1h 4h 2026-11-25T07:00:00Z"},
		"a day of 25 hours": {time.Date(2026, 10, 24, 6, 30, 0, 0, time.UTC), "1h 4h"},
	} {
		if got := strings.Join(menu(slack.SnoozeModal(viewOf(forged()), place(forged()), c.now, berlin)), " "); got != c.want {
			t.Errorf("%s: choices are %s, want %s", name, got, c.want)
		}
	}
}

func TestOnlyAnOpenCaseIsSnoozedAndOnlyADecidedOneIsReopened(t *testing.T) {
	cancelled := forged()
	cancelled.State = soar.CaseCancelled
	for name, v := range map[string]slackapi.ModalViewRequest{
		"snooze a closed case":    slack.SnoozeModal(viewOf(closed()), place(closed()), now, nil),
		"reopen an open case":     slack.ReopenModal(viewOf(forged()), place(forged()), now),
		"reopen a cancelled case": slack.ReopenModal(viewOf(cancelled), place(cancelled), now),
		"reopen an older case":    slack.ReopenModal(viewOf(closed()), place(forged()), now),
	} {
		if v.Submit != nil {
			t.Errorf("%s: the form can be submitted", name)
		}
	}
	if v := slack.ReopenModal(viewOf(closed()), place(closed()), now); v.Submit == nil || v.CallbackID != slack.CallbackReopen {
		t.Error("a decided case cannot be reopened")
	}
}

func TestReopeningAndComplainingNeedAReason(t *testing.T) {
	reopen, wrong := slack.ReopenModal(viewOf(closed()), place(closed()), now), slack.WrongModal(complaintOf(digest()))
	r, problems, err := slack.ReadReopen(filled(reopen, "", " it was not hers "))
	if err != nil || len(problems) != 0 || r.Reason != "it was not hers" || r.Place.Case != closed().Ref {
		t.Errorf("reopening is %+v, problems %v, error %v", r, problems, err)
	}
	c, problems, err := slack.ReadWrong(filled(wrong, "", "a new link"))
	want := complaintOf(digest())
	want.Reason = "a new link"
	if err != nil || len(problems) != 0 || c != want {
		t.Errorf("complaint is %+v, problems %v, error %v", c, problems, err)
	}
	_, noReason, _ := slack.ReadReopen(filled(reopen, "", " "))
	_, noWord, _ := slack.ReadWrong(filled(wrong, "", ""))
	_, tooLong, _ := slack.ReadWrong(filled(wrong, "", strings.Repeat("é", 501)))
	for _, p := range []map[string]string{noReason, noWord, tooLong} {
		if p[slack.BlockReason] == "" {
			t.Error("a missing or endless reason is taken")
		}
	}
}

func TestAnEntryIsExtendedToAtMostNinetyDaysFromNow(t *testing.T) {
	entry := digest().Expiring[1]
	form := slack.ExtendModal(extension(entry), now)
	choices := menu(form)
	if len(choices) != 2 || choices[0] != "2026-12-25T09:45:00Z" || choices[1] != "2027-02-22T09:00:00Z" {
		t.Fatalf("choices are %v", choices)
	}
	for _, choice := range choices {
		e, problems, err := slack.ReadExtend(filled(form, choice, ""), now.Add(time.Minute))
		if err != nil || len(problems) != 0 || e.Until.Format(time.RFC3339) != choice || e.Ref.Case != entry.Case || e.Channel != triage {
			t.Errorf("%s is %+v, problems %v, error %v", choice, e, problems, err)
		}
	}
	for _, choice := range []string{"", "30d", "2026-11-25T09:00:00Z", "2030-01-01T00:00:00Z"} {
		if _, problems, err := slack.ReadExtend(filled(form, choice, ""), now); err != nil || problems[slack.BlockFor] == "" {
			t.Errorf("choice %q is taken, error %v", choice, err)
		}
	}
	entry.Until = now.Add(soar.MaxRemember)
	if full := slack.ExtendModal(extension(entry), now); full.Submit != nil {
		t.Error("an entry that lasts as long as it may is extended")
	}
}

func TestARuleIsExtendedInItsFileAlone(t *testing.T) {
	form := slack.ExtendModal(extension(digest().Expiring[0]), now)
	got := wire(t, form)
	if form.Submit != nil || !strings.Contains(got, "config/suppressions/health-report.yaml:19") || !strings.Contains(got, "`expires: 2026-12-26`") {
		t.Errorf("form is %s", got)
	}
	if _, _, err := slack.ReadExtend(filled(form, "2026-12-26T00:00:00Z", ""), now); err == nil {
		t.Error("a rule is extended by a click")
	}
}

func TestValuesThatAreNotOursAreNotRead(t *testing.T) {
	for _, bad := range []string{
		"", "case-1", "case-1|h|x|r", "x|h|2026-11-23T09:45:00Z/2026-11-24T09:45:00Z|r", "case-1||2026-11-23T09:45:00Z/2026-11-24T09:45:00Z|r",
		"case-1|h|2026-11-24T09:45:00Z/2026-11-23T09:45:00Z|r", "case-1|h|2026-11-23T09:45:00Z/2026-11-24T09:45:00Z|",
	} {
		if r, err := slack.ParseWrongRef(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, r)
		}
	}
	for _, bad := range []string{
		"", "{}", "case-1/1", `{"rule":"r","case":{"id":"case-1","number":1},"until":"2026-11-24T09:45:00Z"}`, `{"rule":"r","until":"0001-01-01T00:00:00Z"}`,
		`{"case":{"id":"x","number":1},"until":"2026-11-24T09:45:00Z"}`,
	} {
		if r, err := slack.ParseExtendRef(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, r)
		}
	}
	for _, bad := range []string{"", "{}"} {
		v := slackapi.View{PrivateMetadata: bad}
		_, _, snooze := slack.ReadSnooze(v, now)
		_, _, reopen := slack.ReadReopen(v)
		_, _, extend := slack.ReadExtend(v, now)
		_, _, wrong := slack.ReadWrong(v)
		if snooze == nil || reopen == nil || extend == nil || wrong == nil {
			t.Errorf("metadata %q is taken: %v, %v, %v, %v", bad, snooze, reopen, extend, wrong)
		}
	}
}
