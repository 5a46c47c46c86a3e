package interactions_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"harrier/activities/audit"
	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

const (
	crowd      = 200
	crowdCases = 50
	// crowdLimit is from the first click until everybody was told.
	crowdLimit = time.Minute
)

// refusalLines counts what was refused.
type refusalLines struct {
	mu    sync.Mutex
	lines []audit.Refusal
}

func (r *refusalLines) RecordRefusal(_ context.Context, line audit.Refusal) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, line)
	return nil
}

// count counts clicks: one that Slack delivered to both workers is refused by both, and
// is one file of the audit log.
func (r *refusalLines) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	clicks := map[string]bool{}
	for _, line := range r.lines {
		clicks[line.Click] = true
	}
	return len(clicks)
}

// Four people act on each case at once, through two workers: three escalate, one
// submits a form that was open.
func TestTwoHundredPeopleOnFiftyCasesMakeOneDecisionEachAndEverybodyElseIsTold(t *testing.T) {
	o := newOffice(t, crowd)
	temporalCases := interactions.TemporalCases{Client: o.client}
	workers := []*interactions.Service{o.worker(temporalCases), o.worker(temporalCases)}
	o.sockets(len(workers))
	refs := o.open(crowdCases, "crowd", time.Hour)
	forms := map[string]string{}
	for i := 3; i < crowd; i += 4 {
		forms[o.people[i]] = o.openForm(t, o.people[i], refs[i/4])
	}
	begun := time.Now()
	var clicking sync.WaitGroup
	for i, person := range o.people {
		clicking.Go(func() { o.act(t, person, refs[i/4], forms[person]) })
	}
	clicking.Wait()
	for _, w := range workers {
		o.drain(w)
	}
	took := time.Since(begun)
	t.Logf("%d people, %d cases, %d workers: %s", crowd, crowdCases, len(workers), took.Round(time.Millisecond))
	if took > crowdLimit {
		t.Errorf("took %s, want at most %s", took, crowdLimit)
	}
	for i, ref := range refs {
		o.decidedOnce(t, ref, o.people[4*i:4*i+4])
	}
	if got := o.audit.count(); got != crowd-crowdCases {
		t.Errorf("%d audit lines of refusals, want %d", got, crowd-crowdCases)
	}
}

// openForm opens the form "Benign: hide…" of a case.
func (o *office) openForm(t *testing.T, person string, ref soar.CaseRef) string {
	t.Helper()
	card := o.card(ref)
	if result, err := o.fake.Click(t.Context(), person, card.Channel, card.TS, slack.ActionApprove); err != nil || !result.Acked {
		t.Fatalf("click %+v, error %v", result, err)
	}
	ctx, cancel := contextFor(t, 30*time.Second)
	defer cancel()
	form, err := o.fake.ExpectViewWhere(ctx, person, func(v slacktest.View) bool { return v.Contains("Why is this benign?") })
	if err != nil {
		t.Fatal(err)
	}
	return form.ID
}

// act escalates, or submits the form.
func (o *office) act(t *testing.T, person string, ref soar.CaseRef, form string) {
	if form != "" {
		result, err := o.fake.SubmitView(t.Context(), person, form, map[string]any{"reason": "known to me"})
		if err != nil || !result.Closed {
			t.Errorf("submission of %s: %+v, %v", person, result, err)
		}
		return
	}
	card := o.card(ref)
	result, err := o.fake.Click(t.Context(), person, card.Channel, card.TS, slack.ActionEscalate)
	if err != nil || !result.Acked { // how fast is for the benchmark: a busy machine is slow
		t.Errorf("click of %s: %+v, %v", person, result, err)
	}
}

// decidedOnce wants one decision on a case, by one of these people, and the others told.
func (o *office) decidedOnce(t *testing.T, ref soar.CaseRef, people []string) {
	t.Helper()
	cv, err := interactions.TemporalCases{Client: o.client}.View(t.Context(), ref.ID)
	d := cv.Case.Decision
	if err != nil || d == nil || cv.Numbers != 1 {
		t.Errorf("%s: decision %v, %d cases, error %v", ref, d, cv.Numbers, err)
		return
	}
	winners := 0
	for _, person := range people {
		told := 0
		for _, note := range o.fake.Ephemerals(person) {
			if note.Contains("Already "+map[soar.DecisionKind]string{soar.Approve: "approved", soar.Escalate: "escalated"}[d.Kind]) && note.Contains(d.By.ID) {
				told++
			}
		}
		switch {
		case d.By.ID == person:
			winners++
			if told != 0 {
				t.Errorf("%s: %s decided, and is told that he was late", ref, person)
			}
		case told == 0:
			t.Errorf("%s: %s was not told who decided", ref, person)
		}
	}
	if winners != 1 {
		t.Errorf("%s was decided by %s, who is none of those who clicked on it", ref, d.By.ID)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if want := map[soar.DecisionKind]int{soar.Escalate: 1}[d.Kind]; o.incidents[ref] > 1 || o.incidents[ref] < want && cv.Case.Incident != nil {
		t.Errorf("%s: %d incidents, decided %s", ref, o.incidents[ref], d.Kind)
	}
}
