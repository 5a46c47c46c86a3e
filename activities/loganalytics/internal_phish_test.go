package loganalytics_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harrier/workflows/soar"
)

func TestTheFastLaneTakesPhishOnInternalSendersAlone(t *testing.T) {
	w := newWorld(t)
	for i, m := range []struct {
		p2, direction string
		kind          any
		action        string
	}{
		{"phish@contoso.com", "Intra-org", 1, ""}, {"spam@contoso.com", "Intra-org", 0, ""}, {"forged@contoso.com", "Inbound", "Phish", "CustomSubmission"},
		{"x@c0ntoso.com", "Inbound", 1, ""}, {"x@fabrikam.test", "Inbound", 1, ""}, {"sim@contoso.com", "Intra-org", 1, "AttackSimUserSubmission"},
	} {
		id := fmt.Sprintf("m%d", i)
		w.mail(mail{id: id, p1: m.p2, p2: m.p2, direction: m.direction, recipientID: "r1", time: at(1)})
		w.report(report{reporter: "r1", message: id, kind: m.kind, action: m.action, time: at(1.9)})
	}
	w.report(report{reporter: "r1", message: "orphan", p1: "lost@contoso.com", p2: "lost@contoso.com", time: at(1.9)})
	const one = " submissions=1 phish=1 spam=0 simulations=0 reporters=1"
	expectLines(t, hunt(t, w, "internal-phish", 1.75, 2), "claims-internal forged@contoso.com"+one, "intra-org phish@contoso.com"+one)
	expectLines(t, hunt(t, w, "internal-phish", 2, 2.25))
}

func TestTheFastLaneCountsALateMailInTheQuarterInWhichItComes(t *testing.T) {
	late := boss("m1", 1)
	late.delay = 90 * time.Minute
	w := newWorld(t).mail(late).report(report{reporter: "r1", message: "m1", time: at(1.2)}).report(report{reporter: "r2", message: "m1", kind: 0, time: at(1.3)})
	for quarter := 1.0; quarter < 4; quarter += 0.25 {
		want := []string{}
		if quarter == 2.5 {
			want = append(want, "intra-org boss@contoso.com submissions=2 phish=1 spam=1 simulations=0 reporters=2")
		}
		expectLines(t, hunt(t, w, "internal-phish", quarter, quarter+0.25), want...)
	}
}

// findings are what a hunt's run makes of a world, ready to be told to a case.
func findings(t testing.TB, w *world, slug string, from, to float64) []soar.Finding {
	t.Helper()
	c := newService(t, w).client()
	run := over(shipped(t, slug), from, to)
	rows, err := c.QueryHunt(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	set, err := c.QueryEvidence(t.Context(), soar.EvidenceRequest{Run: run, Candidates: rows.Candidates})
	if err != nil {
		t.Fatal(err)
	}
	return soar.Assemble(run, rows.Candidates, set.Evidence)
}

// Whatever the fast lane finds, the daily hunt finds with the same counts, and
// both tell the same case.
func TestTheFastLaneAndTheDailyHuntTellTheSameCases(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		for i := range rapid.IntRange(1, 8).Draw(rt, "mails") {
			m := mail{id: fmt.Sprintf("m%d", i), recipientID: "r1", recipient: "r1@contoso.com", time: at(1)}
			m.p2 = rapid.SampledFrom([]string{"A@contoso.com", "a@contoso.com", "b@contoso.com", "b@host.contoso.com", "b@c0ntoso.com", "", "x@fabrikam.test", "boss@contoso\u3002com"}).Draw(rt, "from")
			m.p1 = rapid.SampledFrom([]string{m.p2, "bounce@esp.test"}).Draw(rt, "envelope")
			m.objectID = rapid.SampledFrom([]string{"", "id-" + m.p2, "ID-1"}).Draw(rt, "object id")
			m.direction = rapid.SampledFrom([]string{"Intra-org", "Inbound", "Outbound"}).Draw(rt, "direction")
			w.mail(m)
			for r := range rapid.IntRange(0, 3).Draw(rt, "reports") {
				w.report(report{reporter: fmt.Sprint("r", r), message: m.id, kind: rapid.IntRange(0, 3).Draw(rt, "kind"), time: at(2),
					action: rapid.SampledFrom([]string{"UserSubmission", "UserSubmission", "AttackSimUserSubmission"}).Draw(rt, "action")})
			}
		}
		fast, daily := findings(t, w, "internal-phish", 0, 24), findings(t, w, "internal-senders", 0, 24)
		want := slices.DeleteFunc(daily, func(f soar.Finding) bool {
			return f.Candidate.Counts.Phish == 0 || f.Candidate.Scope != soar.ScopeIntraOrg && f.Candidate.Scope != soar.ScopeClaimsInternal
		})
		if len(fast) != len(want) {
			rt.Fatalf("%d findings, %d of the daily hunt", len(fast), len(want))
		}
		for i := range fast {
			a, b := fast[i], want[i]
			if soar.CaseKey(a) != soar.CaseKey(b) || fmt.Sprint(a.Candidate.Counts, a.MessageIDs(), a.Evidence) != fmt.Sprint(b.Candidate.Counts, b.MessageIDs(), b.Evidence) {
				rt.Fatalf("got\n%+v\nwant\n%+v", a, b)
			}
		}
	})
}

func TestAMessageThatBothHuntsSeeOpensOneCase(t *testing.T) {
	w := newWorld(t).mail(boss("m1", 1)).report(report{reporter: "r1", message: "m1", time: at(1.9)})
	tell := func(s *soar.TriageState, f soar.Finding) soar.Seen {
		key := soar.CaseKey(f)
		seen, _ := s.See(key, soar.CaseID(key), soar.See{Hunt: f.Hunt, RunID: f.Hunt, Window: f.Window, At: f.Window.To, Finding: f, Channel: "C1",
			Deadline: soar.Duration(time.Hour), Judgement: soar.Judgement{Verdict: soar.VerdictTriage, Severity: soar.SeverityMedium}})
		return seen
	}
	fast, daily := findings(t, w, "internal-phish", 1.75, 2)[0], findings(t, w, "internal-senders", 0, 24)[0]
	var state soar.TriageState
	if seen := tell(&state, fast); seen.Answer != soar.SeeOpened || !seen.NewCard {
		t.Fatalf("the fast lane is told %+v", seen)
	}
	if seen := tell(&state, daily); seen.Answer != soar.SeeJoined || seen.NewCard {
		t.Errorf("the daily hunt is told %+v", seen)
	}
	if hunts := state.Case.Hunts; len(hunts) != 2 || hunts[0].Slug != "internal-phish" || hunts[1].Slug != "internal-senders" {
		t.Errorf("hunts %+v", hunts)
	}
	// Nor does it open a case once the case was decided.
	state.Decide(soar.Decide{Case: state.Case.Ref, Decision: soar.Escalate, At: at(3), Click: "c1"})
	state.Answers = nil
	if seen := tell(&state, daily); seen.Answer != soar.SeeJoined || seen.Case.Number != 1 {
		t.Errorf("after the decision the daily hunt is told %+v", seen)
	}
}

func TestABurstThatIsReportedLaterStaysOneCase(t *testing.T) {
	w := jane(t, 30).report(report{reporter: "r3", message: "Jane@contoso.com-0-3-9", time: at(today + 30)})
	burst, reported := findings(t, w, "sender-bursts", today, today+24), findings(t, w, "internal-phish", today+30, today+30.25)
	if len(burst) != 1 || len(reported) != 1 || soar.CaseKey(burst[0]) != soar.CaseKey(reported[0]) || soar.CaseKey(burst[0]) != "object:j-1" {
		t.Errorf("%d bursts and %d reported senders tell different cases", len(burst), len(reported))
	}
}
