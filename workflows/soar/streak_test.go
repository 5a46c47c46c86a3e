package soar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"harrier/workflows/soar"
)

// approved opens a case of one more mail and lets somebody approve it once.
func approved(st *soar.TriageState, by string, day int, edit func(*soar.See)) {
	s := sighting("a", day, fmt.Sprintf("m%d", day))
	s.Policy = soar.CasePolicy{Version: 1}
	s.Finding.Evidence.Messages[0].Subject = fmt.Sprintf("Job %d done", day)
	if edit != nil {
		edit(&s)
	}
	see(st, s)
	d := decide(st, soar.Approve, 0)
	d.By.ID = by
	st.Decide(d)
}

func TestThreePeopleWhoApproveTheSamePathAndEnvelopeProposeARule(t *testing.T) {
	var st soar.TriageState
	approved(&st, "U1", 0, nil)
	approved(&st, "U2", 1, nil)
	approved(&st, "U1", 2, nil)
	if st.Case.RuleProposal != "" {
		t.Fatal("two people propose a rule")
	}
	approved(&st, "U3", 3, nil)
	rule := st.Case.RuleProposal
	for _, want := range []string{`path: "connector:OnPrem relay"`, `senders: ["backup@contoso.com"]`, `url_hosts: []`, `job[\s\x0b\x{85}\pZ]+[0-9a-f]{1,64}[\s\x0b\x{85}\pZ]+done`, "mode: shadow", "U1, U2, U3"} {
		if !strings.Contains(rule, want) {
			t.Errorf("the rule lacks %q:\n%s", want, rule)
		}
	}
}

func TestWhatBreaksTheStreakProposesNothing(t *testing.T) {
	for name, edit := range map[string]func(*soar.See){
		"another path":   func(s *soar.See) { s.Judgement.Path = "mailbox" },
		"another link":   func(s *soar.See) { s.Finding.Evidence.Messages[0].URLHosts = []string{"x.example"} },
		"another client": func(s *soar.See) { s.Finding.Evidence.Messages[0].InternetMessageID = "<1@other.example>" },
		"a person":       func(s *soar.See) { s.Finding.Profile.Kind = soar.KindPerson },
		"a guard":        func(s *soar.See) { s.Judgement.Guards = []soar.GuardHit{{Guard: soar.GuardVolume}} },
		"no policy":      func(s *soar.See) { s.Policy = soar.CasePolicy{} },
	} {
		var st soar.TriageState
		approved(&st, "U1", 0, nil)
		approved(&st, "U2", 1, nil)
		approved(&st, "U3", 2, edit)
		if st.Case.RuleProposal != "" {
			t.Errorf("%s: %s", name, st.Case.RuleProposal)
		}
	}
	var st soar.TriageState
	approved(&st, "U1", 0, nil)
	approved(&st, "U2", 1, nil)
	st.Apply(soar.Change{Case: st.Case.Ref, Kind: soar.ChangeReopen, By: soar.Actor{ID: "U2"}, Reason: "wait", Click: "r", At: st.LastSeen})
	escalate := decide(&st, soar.Escalate, 0)
	escalate.Click = "e"
	st.Decide(escalate)
	approved(&st, "U3", 3, nil)
	if st.Case.RuleProposal != "" || len(st.Streak.Approvals) != 1 {
		t.Errorf("an escalation between approvals: %+v", st.Streak)
	}
}

func TestNoRuleIsDraftedOfWhatCannotBeTrustedOrWrittenExactly(t *testing.T) {
	good := soar.RuleDraft{
		Envelope: soar.Entry{Path: "mailbox", P1: []string{"a@contoso.com"}, P2: []string{"a@contoso.com"}},
		By:       []string{"U1", "U2", "U3"}, Case: soar.CaseRef{ID: caseID, Number: 3}, At: epoch,
	}
	if soar.DraftRule(good) == "" {
		t.Fatal("nothing is drafted")
	}
	for name, edit := range map[string]func(*soar.Entry){
		"direct":          func(e *soar.Entry) { e.Path = "direct" },
		"mixed":           func(e *soar.Entry) { e.Path = soar.PathMixed },
		"two senders":     func(e *soar.Entry) { e.P2 = []string{"a@contoso.com", "b@contoso.com"} },
		"null envelope":   func(e *soar.Entry) { e.P1 = []string{""} },
		"odd address":     func(e *soar.Entry) { e.P2 = []string{"a\n  mode: enforce@contoso.com"} },
		"a link's host":   func(e *soar.Entry) { e.URLHosts = []string{soar.HostOdd} },
		"html attachment": func(e *soar.Entry) { e.AttachmentTypes = []string{"", "html"} },
	} {
		bad := good
		edit(&bad.Envelope)
		if got := soar.DraftRule(bad); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestOnlyAnotherApproverExtendsWhatIsRemembered(t *testing.T) {
	view := soar.CaseView{Entry: &soar.Entry{By: "U1"}}
	list := soar.Approvers{Users: []string{"U1", "U2", "U3"}}
	if kindOf(soar.MayExtendEntry(view, soar.Actor{ID: "U1"}, list)) != soar.RefusedActor {
		t.Error("who approved extends")
	}
	if err := soar.MayExtendEntry(view, soar.Actor{ID: "U2"}, list); err != nil {
		t.Error(err)
	}
	view.Entry.Second = "U2"
	if kindOf(soar.MayExtendEntry(view, soar.Actor{ID: "U2"}, list)) != soar.RefusedActor {
		t.Error("who confirmed extends")
	}
	view.Entry.ShapeOnly = true
	if kindOf(soar.MayExtendEntry(view, soar.Actor{ID: "U3"}, list)) != soar.RefusedInput {
		t.Error("a person's shape is extended")
	}
}

func TestAnEntryThatWasSaidToBeWrongEndsThoughTheSameMailWasAnsweredBefore(t *testing.T) {
	var st soar.TriageState
	s := sighting("a", 0, "m1")
	s.Policy = soar.CasePolicy{Version: 1}
	see(&st, s)
	st.Decide(decide(&st, soar.Approve, 30*24*time.Hour))
	next := sighting("a", 1, "m2")
	next.Policy = s.Policy
	if seen := see(&st, next); seen.Answer != soar.SeeSuppressed {
		t.Fatalf("the entry hides: %+v", seen)
	}
	wrong := next
	wrong.RunID = "again"
	wrong.Wrong = &soar.Wrong{CaseID: caseID, Rule: soar.LearnedRule(st.Entry.Case), By: soar.Actor{ID: "U2"}, Reason: "that is phish", At: next.At}
	if wrong.ID() == next.ID() {
		t.Fatal("it asks for the answer that was given before")
	}
	seen := see(&st, wrong)
	if seen.Answer != soar.SeeOpened || seen.Case.Number != 2 || st.Entry != nil || len(st.Distrusted) != 0 {
		t.Fatalf("%+v, entry %+v", seen, st.Entry)
	}
	if p := st.Pending[len(st.Pending)-1].Case; p.Ref.Number != 1 || p.Log[len(p.Log)-1].Kind != soar.ChangeDistrust {
		t.Fatalf("the audit hears of it: %+v", p.Log)
	}
}

func TestASnoozeLeavesAsMuchWorkingTimeAsThereWas(t *testing.T) {
	day := func(n, hour int) time.Time { return epoch.AddDate(0, 0, n).Add(time.Duration(hour) * time.Hour) }
	p := soar.CasePolicy{Version: 1, Hours: []soar.Window{soar.NewWindow(day(0, 8), day(0, 18)), soar.NewWindow(day(1, 8), day(1, 18))}}
	for name, c := range map[string]struct {
		severity soar.Severity
		want     time.Time
	}{"MEDIUM": {soar.SeverityMedium, day(1, 10)}, "HIGH": {soar.SeverityHigh, day(0, 23)}} {
		st := soar.TriageState{Case: soar.Case{
			Ref: soar.CaseRef{ID: caseID, Number: 1}, State: soar.CaseOpen, Policy: p, Opened: day(0, 9), Deadline: day(0, 18), Judgement: soar.Judgement{Severity: c.severity},
		}}
		st.Case.Snooze = &soar.Snooze{Since: day(0, 16), Until: day(0, 21)}
		if told := st.Case.DeadlineAfterSnooze(); !told.Equal(c.want) || st.Case.Snooze == nil || !st.Case.Deadline.Equal(day(0, 18)) {
			t.Errorf("%s: the deadline after the snooze is told as %s, want %s", name, told, c.want)
		}
		st.Tick(day(0, 21))
		if !st.Case.Deadline.Equal(c.want) {
			t.Errorf("%s: deadline %s, want %s", name, st.Case.Deadline, c.want)
		}
	}
}

func TestAListShowsASnoozeAndTheDeadlineAfterIt(t *testing.T) {
	hours := func(n int) time.Time { return epoch.Add(time.Duration(n) * time.Hour) }
	st := soar.TriageState{Case: soar.Case{
		Ref: soar.CaseRef{ID: caseID, Number: 1}, State: soar.CaseOpen, Policy: soar.CasePolicy{Version: 2}, Opened: epoch, Deadline: hours(4),
		Judgement: soar.Judgement{Severity: soar.SeverityMedium}, Snooze: &soar.Snooze{Since: hours(1), Until: hours(3), Left: soar.Duration(3 * time.Hour)},
	}}
	told := func() [2]string { m := st.Memo(); return [2]string{m.Snoozed, m.Deadline} }
	text := func(at time.Time) string { return at.UTC().Format(time.RFC3339) }
	if got := told(); got != [2]string{text(hours(3)), text(hours(6))} {
		t.Errorf("snoozed: %v", got)
	}
	st.Case.Policy.Version = 1 // its history was recorded without them
	if got := told(); got != [2]string{"", text(hours(4))} {
		t.Errorf("of before: %v", got)
	}
	st.Case.Policy.Version, st.Case.State = 2, soar.CaseEscalated
	if got := told(); got != [2]string{} {
		t.Errorf("escalated while snoozed: %v", got)
	}
	st.Case.State = soar.CaseOpen
	st.Tick(hours(3))
	if got := told(); got != [2]string{"", text(hours(6))} {
		t.Errorf("woken: %v", got)
	}
}

func TestAProfileThatIsKnownOutlivesADirectoryThatIsDown(t *testing.T) {
	var st soar.TriageState
	first := sighting("a", 0, "m1")
	first.Policy = soar.CasePolicy{Version: 1}
	first.Finding.Profile = soar.SenderProfile{Kind: soar.KindUnknown}
	first.Judgement.Guards = []soar.GuardHit{{Guard: soar.GuardIdentity}}
	see(&st, first)
	known := sighting("a", 0, "m1")
	known.Policy, known.RunID, known.Window.To = first.Policy, "later", first.Window.To.Add(time.Hour)
	if _, changed := st.See("object:o-1", caseID, known); !changed || st.Case.Finding.Profile.Kind != soar.KindShared || len(st.Case.Judgement.Guards) != 0 {
		t.Fatalf("completed by a later sighting: %v, %+v", changed, st.Case.Judgement)
	}
	down := sighting("b", 1, "m2")
	down.Policy, down.Finding.Profile = first.Policy, soar.SenderProfile{Kind: soar.KindUnknown}
	see(&st, down)
	if st.Case.Finding.Profile.Kind != soar.KindShared {
		t.Fatalf("forgot what the sender is: %s", st.Case.Finding.Profile.Kind)
	}
}
