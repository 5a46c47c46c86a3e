package soar_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harrier/workflows/soar"
)

const caseID = "case-0123456789abcdef0123"

var approvers = soar.Approvers{Users: []string{"U1", "U2"}}

// sighting is a benign, rememberable finding of a relay sender.
func sighting(hunt string, day int, messages ...string) soar.See {
	f := soar.Finding{
		Hunt: hunt, Candidate: soar.Candidate{Sender: "backup@contoso.com", SenderIs: soar.P2, Scope: soar.ScopeIntraOrg},
		Profile: soar.SenderProfile{Kind: soar.KindShared},
	}
	f.Window = soar.NewWindow(epoch.AddDate(0, 0, day), epoch.AddDate(0, 0, day+1))
	for _, id := range messages {
		f.Evidence.Messages = append(f.Evidence.Messages, soar.Message{
			NetworkMessageID: id, P1: "backup@contoso.com", P2: "backup@contoso.com", ObjectID: "o-1", Direction: soar.DirectionIntraOrg,
			Connector: "OnPrem relay", IP: "192.0.2.17", InternetMessageID: "<1@veeam.contoso.com>", Spam: 1,
		})
	}
	f.Evidence.Total = len(messages)
	return soar.See{
		Hunt: hunt, HuntName: hunt, Window: f.Window, At: f.Window.To, Finding: f, Channel: "C1", Deadline: soar.Duration(time.Hour),
		Judgement: soar.Judgement{Verdict: soar.VerdictTriage, Severity: soar.SeverityMedium, Path: "connector:OnPrem relay", Rememberable: true},
	}
}

func decide(st *soar.TriageState, kind soar.DecisionKind, remember time.Duration) soar.Decide {
	return soar.Decide{
		Case: st.Case.Ref, Decision: kind, By: soar.Actor{ID: "U1"}, Approvers: approvers, Reason: "known job",
		Remember: soar.Duration(remember), Click: fmt.Sprintf("click-%d-%s", st.Case.Ref.Number, kind), At: st.LastSeen.Add(time.Minute),
	}
}

func see(st *soar.TriageState, s soar.See) soar.Seen {
	seen, _ := st.See("object:o-1", caseID, s)
	return seen
}

func TestTheSameWindowTwiceIsTheSameAnswerAndChangesNothing(t *testing.T) {
	var st soar.TriageState
	first := see(&st, sighting("a", 0, "m1"))
	before := st
	again, changed := st.See("object:o-1", caseID, sighting("a", 0, "m1"))
	if first != again || changed || !reflect.DeepEqual(before, st) {
		t.Fatalf("first %+v, again %+v, changed %v", first, again, changed)
	}
}

func TestTwoHuntsThatFindOneSenderGiveOneCaseThatListsThem(t *testing.T) {
	var st soar.TriageState
	see(&st, sighting("a", 0, "m1"))
	seen, changed := st.See("object:o-1", caseID, sighting("b", 0, "m1"))
	if seen.Answer != soar.SeeJoined || seen.Case.Number != 1 || !changed || len(st.Case.Hunts) != 2 {
		t.Fatalf("%+v, changed %v, hunts %v", seen, changed, st.Case.Hunts)
	}
}

func TestMessagesOfADecidedCaseNeverOpenAnother(t *testing.T) {
	var st soar.TriageState
	see(&st, sighting("a", 0, "m1", "m2"))
	st.Decide(decide(&st, soar.Escalate, 0))
	if seen := see(&st, sighting("b", 1, "m2")); seen.Answer != soar.SeeJoined || seen.Case.Number != 1 || seen.State != soar.CaseEscalated {
		t.Fatalf("known message: %+v", seen)
	}
	if seen := see(&st, sighting("b", 2, "m2", "m3")); seen.Answer != soar.SeeOpened || seen.Case.Number != 2 {
		t.Fatalf("a new message opens the next case: %+v", seen)
	}
	if e := st.Case.Earlier; len(e) != 1 || e[0].Number != 1 || e[0].State != soar.CaseEscalated {
		t.Fatalf("earlier outcomes: %+v", e)
	}
}

func TestARememberedApprovalHidesUntilItLapsesOrAnythingChanges(t *testing.T) {
	changes := map[string]func(*soar.See){
		"guard":           func(s *soar.See) { s.Judgement.Guards = []soar.GuardHit{{Guard: soar.GuardURLHost}} },
		"path":            func(s *soar.See) { s.Judgement.Path = "mailbox" },
		"scope":           func(s *soar.See) { s.Finding.Candidate.Scope = soar.ScopeClaimsInternal },
		"URL host":        func(s *soar.See) { s.Finding.Evidence.Messages[0].URLHosts = []string{"evil.test"} },
		"attachment type": func(s *soar.See) { s.Finding.Evidence.Messages[0].AttachmentTypes = []string{"html"} },
		"client":          func(s *soar.See) { s.Finding.Evidence.Messages[0].InternetMessageID = "<2@x.prod.outlook.com>" },
		"IP":              func(s *soar.See) { s.Finding.Evidence.Messages[0].IP = "192.0.2.18" },
		"person":          func(s *soar.See) { s.Finding.Profile.Kind = soar.KindPerson },
		"evidence":        func(s *soar.See) { s.Finding.Evidence.Total = 9 },
		"lapsed":          func(s *soar.See) { s.At = s.At.AddDate(0, 2, 0) },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			var st soar.TriageState
			see(&st, sighting("a", 0, "m1"))
			st.Decide(decide(&st, soar.Approve, 30*24*time.Hour))
			if seen := see(&st, sighting("a", 1, "m2")); seen.Answer != soar.SeeSuppressed || !strings.Contains(seen.Reason, "known job") {
				t.Fatalf("the same again is hidden with its reason: %+v", seen)
			}
			s := sighting("a", 2, "m3")
			change(&s)
			if seen := see(&st, s); seen.Answer != soar.SeeOpened || seen.Case.Number != 2 || st.Entry != nil {
				t.Fatalf("%s: %+v, entry %v", name, seen, st.Entry)
			}
		})
	}
}

func TestWhoMayDecideWhat(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*soar.TriageState, *soar.Decide)
		want   soar.RefusalKind
	}{
		"an approver": {func(*soar.TriageState, *soar.Decide) {}, ""},
		"a member of a group": {func(_ *soar.TriageState, d *soar.Decide) {
			d.By = soar.Actor{ID: "U9", Groups: []string{"S1"}}
			d.Approvers = soar.Approvers{Groups: []string{"S1"}}
		}, ""},
		"an outsider":           {func(_ *soar.TriageState, d *soar.Decide) { d.By.ID = "U9" }, soar.RefusedActor},
		"an empty list: nobody": {func(_ *soar.TriageState, d *soar.Decide) { d.Approvers = soar.Approvers{} }, soar.RefusedActor},
		"no name":               {func(_ *soar.TriageState, d *soar.Decide) { d.By = soar.Actor{}; d.Approvers.Users = []string{""} }, soar.RefusedInput},
		"an old card":           {func(_ *soar.TriageState, d *soar.Decide) { d.Case.Number = 7 }, soar.RefusedOldCase},
		"no reason":             {func(_ *soar.TriageState, d *soar.Decide) { d.Reason = " " }, soar.RefusedInput},
		"too long":              {func(_ *soar.TriageState, d *soar.Decide) { d.Remember = soar.Duration(soar.MaxRemember + 1) }, soar.RefusedInput},
		"held by a guard":       {func(st *soar.TriageState, _ *soar.Decide) { st.Case.Judgement.Rememberable = false }, soar.RefusedGuard},
		"held, approved once":   {func(st *soar.TriageState, d *soar.Decide) { st.Case.Judgement.Rememberable = false; d.Remember = 0 }, ""},
		"somebody was faster":   {func(st *soar.TriageState, _ *soar.Decide) { st.Decide(decide(st, soar.Escalate, 0)) }, soar.RefusedDecided},
		"no click id":           {func(_ *soar.TriageState, d *soar.Decide) { d.Click = "" }, soar.RefusedInput},
	} {
		var st soar.TriageState
		see(&st, sighting("a", 0, "m1"))
		d := decide(&st, soar.Approve, time.Hour)
		c.change(&st, &d)
		err := soar.MayDecide(st.View(), d)
		var r *soar.Refusal
		if errors.As(err, &r); (c.want == "" && err != nil) || (c.want != "" && (r == nil || r.Kind != c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestALaterClickerIsToldWhoDecidedAndWhen(t *testing.T) {
	var st soar.TriageState
	see(&st, sighting("a", 0, "m1"))
	st.Decide(decide(&st, soar.Approve, 0))
	d := decide(&st, soar.Escalate, 0)
	if err := soar.MayDecide(st.View(), d); err == nil || err.Error() != "already approved by U1 at 2026-03-02 00:01 UTC" {
		t.Fatalf("later clicker is told %v", err)
	}
	see(&st, sighting("a", 1, "m2"))
	d.Case.Number = 1
	if err := soar.MayDecide(st.View(), d); err == nil || !strings.Contains(err.Error(), "case 1, which was approved by U1") {
		t.Fatalf("old card is told %v", err)
	}
}

func TestNullSendersAreNeverMerged(t *testing.T) {
	c := soar.Candidate{Sender: "<>", SenderIs: soar.P2, Scope: soar.ScopeOther}
	ev := soar.Evidence{Total: 2, Messages: []soar.Message{{NetworkMessageID: "m1", P1: "<>", Phish: 1}, {NetworkMessageID: "m2", P1: "<>", Spam: 1}}}
	fs := soar.Assemble(soar.HuntRun{}, []soar.Candidate{c}, []soar.Evidence{ev})
	if len(fs) != 2 || soar.CaseKey(fs[0]) == soar.CaseKey(fs[1]) {
		t.Fatalf("two messages without a sender gave %d findings", len(fs))
	}
	if fs[0].Candidate.Counts.Phish != 1 || fs[1].Candidate.Counts.Spam != 1 {
		t.Fatalf("counts follow the message: %+v", fs)
	}
}

func TestOneSenderIsOneCaseWhicheverAddressAHuntGroupsBy(t *testing.T) {
	byP2 := sighting("a", 0, "m1").Finding
	byP1 := byP2
	byP1.Candidate.SenderIs = soar.P1
	if soar.CaseKey(byP1) != soar.CaseKey(byP2) {
		t.Fatal("the published hunt and ours disagree on the sender")
	}
	forged := byP2
	forged.Candidate.Scope = soar.ScopeClaimsInternal
	if soar.CaseKey(forged) == soar.CaseKey(byP2) {
		t.Fatal("a forged object id from outside joined the mailbox's case")
	}
}

func TestCaseRefsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ref := soar.CaseRef{ID: soar.CaseID(rapid.String().Draw(t, "key")), Number: rapid.IntRange(1, 1e6).Draw(t, "n")}
		if back, err := soar.ParseCaseRef(ref.String()); err != nil || back != ref {
			t.Fatalf("%s reads back as %v, %v", ref, back, err)
		}
	})
	for _, bad := range []string{"", "case-1", "case-1/0", "case-1/x", "x/1"} {
		if _, err := soar.ParseCaseRef(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// Whatever is seen and decided, memory stays bounded, numbers only grow, and
// an open case is never lost without a decision.
func TestMemoryStaysBoundedAndNumbersGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var st soar.TriageState
		last := 0
		for day := range rapid.IntRange(1, 60).Draw(t, "days") {
			open := st.Case.State.Decidable()
			number := st.Case.Ref.Number
			see(&st, sighting("a", day, fmt.Sprintf("m%d", rapid.IntRange(0, 80).Draw(t, "message"))))
			if open && st.Case.Ref.Number != number {
				t.Fatal("an open case was replaced")
			}
			if st.Case.Ref.Number < last {
				t.Fatal("numbers went back")
			}
			last = st.Case.Ref.Number
			if st.Case.State.Decidable() && rapid.Bool().Draw(t, "decide") {
				st.Decide(decide(&st, rapid.SampledFrom([]soar.DecisionKind{soar.Approve, soar.Escalate}).Draw(t, "kind"), 0))
			}
		}
		if len(st.Case.Earlier) > soar.MaxEarlier || len(st.Answers) > soar.MaxAnswers || len(st.Messages) > soar.MaxSeenMessages {
			t.Fatal("memory is not bounded")
		}
	})
}
