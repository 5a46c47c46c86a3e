package workflows_test

import (
	"slices"
	"testing"
	"time"

	"harrier/workflows/soar"
)

func unknownSender(messages ...string) soar.See {
	s := told(soar.SeverityMedium, messages...)
	s.Finding.Profile = soar.SenderProfile{Kind: soar.KindUnknown, Why: "directory not reached"}
	s.Judgement.Guards = []soar.GuardHit{{Guard: soar.GuardIdentity, Detail: "directory not reached"}}
	return s
}

func TestACardThatWasPostedWithoutAProfileIsCompletedLater(t *testing.T) {
	w := newWorld(t)
	w.fail["LookUpSenders"] = final("Graph is away")
	w.profile = soar.SenderProfile{Kind: soar.KindPerson, ObjectID: "o-1"}
	w.judgement = func(f soar.Finding) soar.Judgement {
		return soar.Judgement{Verdict: soar.VerdictTriage, Severity: soar.SeverityHigh, Headline: "Likely taken-over mailbox", Guards: []soar.GuardHit{{Guard: soar.GuardPerson}}}
	}
	w.update(time.Second, soar.SeeUpdate, unknownSender("m1"))
	w.env.RegisterDelayedCallback(func() {
		if len(w.updated) != 0 {
			t.Error("nothing was learned, and the card was edited")
		}
		delete(w.fail, "LookUpSenders")
	}, 30*time.Minute)
	w.runFor(3 * time.Hour)
	i := slices.IndexFunc(w.updated, func(c soar.Case) bool { return c.Finding.Profile.Kind == soar.KindPerson })
	if i < 0 {
		t.Fatalf("the card was never completed: %+v", w.updated)
	}
	c := w.updated[i]
	if c.Judgement.Severity != soar.SeverityHigh || slices.Contains(c.Judgement.GuardNames(), soar.GuardIdentity) || c.State != soar.CaseOpen {
		t.Fatalf("completed as %s, guards %v", c.Judgement.Severity, c.Judgement.GuardNames())
	}
	if len(w.notes) == 0 {
		t.Fatal("the thread hears that the case is HIGH now")
	}
}

func TestWhatALateProfileWouldHideStaysACard(t *testing.T) {
	w := newWorld(t)
	w.profile = soar.SenderProfile{Kind: soar.KindService, ObjectID: "o-1"}
	w.suppress["j.doe@contoso.com"] = true
	w.update(time.Second, soar.SeeUpdate, unknownSender("m1"))
	w.runFor(time.Hour)
	c := w.updated[0]
	if c.Judgement.Verdict != soar.VerdictTriage || !slices.Contains(c.Judgement.GuardNames(), soar.GuardOpenCase) || c.State != soar.CaseOpen {
		t.Fatalf("%s, guards %v, %s", c.Judgement.Verdict, c.Judgement.GuardNames(), c.State)
	}
}
