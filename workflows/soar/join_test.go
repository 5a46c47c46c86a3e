package soar_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harrier/workflows/soar"
)

func TestAnotherFindingOfTheSameWindowIsNotAnsweredFromMemory(t *testing.T) {
	var st soar.TriageState
	see(&st, sighting("a", 0, "m1"))
	alias := sighting("a", 0, "m2")
	alias.Finding.Candidate.Sender = "alias@contoso.com"
	alias.Judgement.Severity = soar.SeverityHigh
	seen, changed := st.See("object:o-1", caseID, alias)
	if seen.Answer != soar.SeeJoined || !changed || st.Case.Judgement.Severity != soar.SeverityHigh {
		t.Fatalf("an alias of the same mailbox was swallowed: %+v, changed %v", seen, changed)
	}
	more := sighting("a", 0, "m1", "m3")
	if _, changed := st.See("object:o-1", caseID, more); !changed || len(st.Case.Finding.Evidence.Messages) != 3 {
		t.Fatalf("a complete run of a partial window was swallowed: %d messages", len(st.Case.Finding.Evidence.Messages))
	}
}

func TestWhatGotWorseAfterAnApprovalIsACardAgain(t *testing.T) {
	for name, change := range map[string]func(*soar.See){
		"guard":    func(s *soar.See) { s.Judgement.Guards = []soar.GuardHit{{Guard: soar.GuardVerdict}} },
		"severity": func(s *soar.See) { s.Judgement.Severity = soar.SeverityHigh },
		"reports":  func(s *soar.See) { s.Finding.Candidate.Counts.Phish = 40 },
		"evidence": func(s *soar.See) { s.Finding.Evidence.Total = 31 },
	} {
		var st soar.TriageState
		see(&st, sighting("a", 0, "m1"))
		st.Decide(decide(&st, soar.Approve, 0))
		if seen := see(&st, sighting("b", 1, "m1")); seen.Answer != soar.SeeJoined {
			t.Fatalf("the same again joins what was decided: %+v", seen)
		}
		s := sighting("a", 2, "m1")
		change(&s)
		if seen := see(&st, s); seen.Answer != soar.SeeOpened || seen.Case.Number != 2 {
			t.Errorf("%s: %+v", name, seen)
		}
	}
}

func TestWhatAnEntryHidIsAMatterForTriageOnceItIsForgotten(t *testing.T) {
	var st soar.TriageState
	see(&st, sighting("a", 0, "m1"))
	st.Decide(decide(&st, soar.Approve, 30*24*time.Hour))
	if seen := see(&st, sighting("a", 1, "m2")); seen.Answer != soar.SeeSuppressed {
		t.Fatalf("%+v", seen)
	}
	st.Forget(soar.Forget{By: soar.Actor{ID: "U2"}, Reason: "wrong", At: epoch.AddDate(0, 0, 3)})
	if seen := see(&st, sighting("a", 1, "m2")); seen.Answer != soar.SeeOpened || seen.Case.Number != 2 {
		t.Fatalf("the same window again after forget: %+v", seen)
	}
}

func TestNobodyApprovesWhatCameAfterTheyLooked(t *testing.T) {
	var st soar.TriageState
	see(&st, sighting("a", 0, "m1"))
	d := decide(&st, soar.Approve, time.Hour)
	d.Revision = st.Case.Revision()
	if err := soar.MayDecide(st.View(), d); err != nil {
		t.Fatal(err)
	}
	see(&st, sighting("a", 1, "m2"))
	if err := soar.MayDecide(st.View(), d); err == nil {
		t.Fatal("an approval of one mail was taken for two")
	}
	d.Decision, d.Remember = soar.Escalate, 0
	if err := soar.MayDecide(st.View(), d); err != nil {
		t.Fatalf("an escalation never waits: %v", err)
	}
}

func TestAListedCaseIsBroughtUpAgainTheNextDayAndOnceAMorning(t *testing.T) {
	var st soar.TriageState
	listed := func(hunt string, day int, messages ...string) soar.See {
		s := sighting(hunt, day, messages...)
		s.Listed = true
		return s
	}
	if seen := see(&st, listed("a", 0, "m1")); !seen.List || seen.NewCard {
		t.Fatalf("%+v", seen)
	}
	if seen := see(&st, listed("b", 0, "m1")); seen.List || seen.NewCard {
		t.Fatalf("a second hunt of the morning lists it again: %+v", seen)
	}
	if seen := see(&st, listed("a", 1, "m1", "m2")); !seen.List {
		t.Fatalf("the next day it is listed again: %+v", seen)
	}
	if seen := see(&st, sighting("a", 2, "m3")); !seen.NewCard || st.Case.Listed {
		t.Fatalf("or gets its card when there is room: %+v", seen)
	}
}

// A case only grows: whatever joins in whatever order, no message, guard or
// severity that was seen is missing from it, and it is rememberable only if
// every sighting was.
func TestAnOpenCaseOnlyGrows(t *testing.T) {
	guards := []soar.Guard{soar.GuardIP, soar.GuardURLHost, soar.GuardVolume}
	severities := []soar.Severity{soar.SeverityLow, soar.SeverityMedium, soar.SeverityHigh}
	rapid.Check(t, func(t *rapid.T) {
		var st soar.TriageState
		highest, rememberable, messages := 0, true, map[string]bool{}
		seenGuards := map[soar.Guard]bool{}
		for range rapid.IntRange(1, 8).Draw(t, "sightings") {
			id := rapid.SampledFrom([]string{"m1", "m2", "m3", "m4", "m5"}).Draw(t, "message")
			s := sighting(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "hunt"), rapid.IntRange(0, 9).Draw(t, "day"), id)
			level := rapid.IntRange(0, 2).Draw(t, "severity")
			s.Judgement.Severity = severities[level]
			if rapid.Bool().Draw(t, "guarded") {
				g := rapid.SampledFrom(guards).Draw(t, "guard")
				s.Judgement.Guards, s.Judgement.Rememberable = []soar.GuardHit{{Guard: g}}, false
			}
			// The same hunt, window and message again is answered from memory: only its first word counts.
			first := !slices.ContainsFunc(st.Answers, func(a soar.Answered) bool { return a.ID == s.ID() })
			see(&st, s)
			messages[id] = true
			if !first {
				continue
			}
			highest, rememberable = max(highest, level), rememberable && s.Judgement.Rememberable
			for _, g := range s.Judgement.GuardNames() {
				seenGuards[g] = true
			}
		}
		c := st.Case
		if c.Judgement.Severity != severities[highest] || c.Judgement.Rememberable != rememberable {
			t.Fatalf("severity %s, rememberable %v", c.Judgement.Severity, c.Judgement.Rememberable)
		}
		for id := range messages {
			if !slices.Contains(c.Finding.MessageIDs(), id) {
				t.Fatalf("message %s is gone", id)
			}
		}
		for g := range seenGuards {
			if !slices.Contains(c.Judgement.GuardNames(), g) {
				t.Fatalf("guard %s is gone", g)
			}
		}
	})
}

func TestASendersOwnDeadlineHoldsForItsOwnMailAlone(t *testing.T) {
	p := soar.TriagePolicy{
		Deadlines:       map[soar.Severity]soar.Duration{soar.SeverityHigh: soar.Duration(time.Hour)},
		SenderDeadlines: map[string]soar.Duration{"backup@contoso.com": soar.Duration(time.Minute)},
	}
	f := sighting("a", 0, "m1").Finding
	if d := p.DeadlineFor(f, soar.SeverityHigh); d.Std() != time.Minute {
		t.Fatalf("own mail: %s", d)
	}
	f.Candidate.Scope = soar.ScopeClaimsInternal
	if d := p.DeadlineFor(f, soar.SeverityHigh); d.Std() != time.Hour {
		t.Fatalf("a forgery from outside: %s", d)
	}
}

func TestEveryMailWithoutASenderIsAFindingEvenPastWhatEvidenceShows(t *testing.T) {
	c := soar.Candidate{Sender: "<>", SenderIs: soar.P1, Scope: soar.ScopeIntraOrg, Messages: []string{"m1", "m2", "m3"}}
	ev := soar.Evidence{Total: 5, Messages: []soar.Message{{NetworkMessageID: "m1", P1: "<>"}}}
	fs := soar.Assemble(soar.HuntRun{}, []soar.Candidate{c}, []soar.Evidence{ev})
	if len(fs) != 4 {
		t.Fatalf("%d findings: three known messages and one for the rest", len(fs))
	}
	for _, f := range fs[1:] {
		if f.Evidence.Whole() {
			t.Fatalf("a mail nobody saw is called whole: %+v", f)
		}
	}
}

func TestNoRuleHidesASenderWhileItsCaseIsOpenOrJustEscalated(t *testing.T) {
	hidden := func(day int, message string) soar.See {
		s := sighting("a", day, message)
		s.Judgement.Verdict, s.Judgement.Rule = soar.VerdictSuppressed, "backup-veeam"
		return s
	}
	var st soar.TriageState
	if seen := see(&st, hidden(0, "m0")); seen.Answer != soar.SeeSuppressed {
		t.Fatalf("a sender without a case: %+v", seen)
	}
	see(&st, sighting("a", 0, "m1"))
	if seen := see(&st, hidden(1, "m2")); seen.Answer != soar.SeeJoined || st.Case.Judgement.Rememberable {
		t.Fatalf("an open case: %+v", seen)
	}
	st.Decide(decide(&st, soar.Escalate, 0))
	if seen := see(&st, hidden(2, "m3")); seen.Answer != soar.SeeOpened || seen.Case.Number != 2 {
		t.Fatalf("an escalated case: %+v", seen)
	}
	st.Decide(decide(&st, soar.Approve, 0))
	if seen := see(&st, hidden(3, "m4")); seen.Answer != soar.SeeSuppressed {
		t.Fatalf("an approved case: %+v", seen)
	}
}

func TestACompleteRunMakesAPartialCardWhole(t *testing.T) {
	var st soar.TriageState
	partial := sighting("a", 0, "m1")
	partial.Partial = true
	see(&st, partial)
	later := sighting("b", 1, "m2")
	if see(&st, later); !st.Case.Partial {
		t.Fatal("a later window says nothing about the one that was cut")
	}
	whole := sighting("a", 0, "m1", "m3")
	if _, changed := st.See("object:o-1", caseID, whole); st.Case.Partial || !changed {
		t.Fatal("the card still says partial")
	}
}

func TestWhatWasRemovedSinceIsNoLongerInAnInbox(t *testing.T) {
	exposed := func(day int, inInbox, removed, clicked int, messages ...string) soar.See {
		s := sighting("a", day, messages...)
		s.Finding.Exposure = soar.Exposure{Known: true, Recipients: 180, InInbox: inInbox, Removed: removed, Clicked: clicked}
		return s
	}
	var st soar.TriageState
	see(&st, exposed(0, 180, 0, 4, "m1"))
	see(&st, exposed(1, 2, 178, 4, "m1", "m2"))
	if e := st.Case.Finding.Exposure; e.InInbox != 2 || e.Removed != 178 || e.Clicked != 4 {
		t.Fatalf("after the mail was removed: %+v", e)
	}
	see(&st, exposed(2, 1, 0, 0, "m2", "m3"))
	if e := st.Case.Finding.Exposure; e.InInbox != 2 || e.Removed != 178 || e.Clicked != 4 {
		t.Fatalf("a look that did not see all of it: %+v", e)
	}
}
