package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"harrier/workflows/soar"
)

// Triage is a sender's case and memory: card, decision or deadline, outcome,
// audit; then what was learned of the sender, until nothing was heard of it for
// MemoryKept. Handlers only assign; run and its coroutines do the work they leave.
func Triage(ctx workflow.Context, in soar.TriageInput) (soar.TriageResult, error) {
	t := newTriage(ctx, in)
	if err := t.register(ctx); err != nil {
		return soar.TriageResult{}, err
	}
	return t.run(ctx)
}

type triage struct {
	key, id string
	state   soar.TriageState
	// slack is held while a card is posted or edited, so that an older drawing
	// never lands on a newer one.
	slack workflow.Mutex
	// stale says that the newest case's card no longer shows the case.
	stale bool
	// retryCard says that a card that could not be posted is tried again.
	retryCard bool
	// looking says that the sender is being looked up again.
	looking bool
	// voices are notes for the card's thread: an edit in place makes no sound.
	voices []voice
	// carrying are the pending cases whose outcome is under way.
	carrying map[int]bool
	// closing says that the case was cancelled and takes nothing more.
	closing bool
	memo    soar.TriageMemo
}

func newTriage(ctx workflow.Context, in soar.TriageInput) *triage {
	t := &triage{
		key: in.Key, id: workflow.GetInfo(ctx).WorkflowExecution.ID, state: in.State,
		slack: workflow.NewMutex(ctx), carrying: map[int]bool{},
	}
	t.stale, t.state.Stale = t.state.Stale, false
	if t.state.Case.Ref.Number == 0 && in.FirstNumber > 1 {
		t.state.Case.Ref.Number = in.FirstNumber - 1
	}
	if t.state.LastSeen.IsZero() {
		t.state.LastSeen = workflow.Now(ctx)
	}
	known(ctx, &t.state.Case.Policy)
	return t
}

// known lowers a policy that asks for more than the worker knew which first met it in
// this run.
func known(ctx workflow.Context, p *soar.CasePolicy) {
	if p.Version >= 2 && workflow.GetVersion(ctx, versionPolicy, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		p.Version = 1
	}
}

// run watches the clocks and starts what is due. Cards and outcomes have
// coroutines of their own, on a context that no cancellation reaches: a Slack
// or a Sentinel that does not answer must not keep a deadline from escalating,
// and a decision that was accepted is carried out.
func (t *triage) run(ctx workflow.Context) (soar.TriageResult, error) {
	free, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	workflow.Go(free, t.tendCard)
	for {
		t.watchClocks(ctx)
		if !t.looking && t.state.Look(workflow.Now(ctx)) {
			workflow.Go(free, t.lookLater)
		}
		t.startOutcomes(free)
		t.upsertMemo(ctx)
		switch {
		case ctx.Err() != nil:
			return t.result(), t.cancelled(ctx, free)
		case t.forgotten(ctx):
			return t.result(), nil
		case historyIsLong(ctx) && t.idle(ctx):
			t.state.Stale = t.stale
			return soar.TriageResult{}, workflow.NewContinueAsNewError(ctx, soar.TriageWorkflow, soar.TriageInput{Key: t.key, State: t.state})
		}
		t.wait(ctx)
	}
}

// wait sleeps until a handler left work, a clock runs out, or the run may continue as new.
func (t *triage) wait(ctx workflow.Context) {
	next := t.nextClock()
	due := func() bool {
		return t.startable() || t.state.Memo() != t.memo || historyIsLong(ctx) && t.idle(ctx) || t.state.CardDueBefore(next)
	}
	// A clock that lies behind is looked at in a second, not in a busy loop.
	sleep := max(time.Second, next.Sub(workflow.Now(ctx)))
	// Cancellation is seen at the top of the loop.
	_, _ = workflow.AwaitWithTimeout(ctx, sleep, due)
}

// watchClocks does what is due by time alone.
func (t *triage) watchClocks(ctx workflow.Context) {
	now := workflow.Now(ctx)
	if t.state.Tick(now) {
		t.stale = true
	}
	t.passDeadline(ctx)
	if due, ok := t.state.Remind(now); ok {
		t.standAlone()
		t.retryCard = t.retryCard || t.state.Case.Policy.Version >= 2 && t.state.CardProblem != ""
		t.say(reminder(t.state.Case, due))
	}
	if t.state.CardDue(now) {
		t.retryCard = t.state.CardProblem != ""
		t.stale = t.stale || t.state.Case.Card.Posted()
	}
	if t.state.Lapse(now) {
		t.stale = true
	}
}

// standAlone gives a HIGH case that only a summary lists a card of its own, before its
// deadline escalates it unseen.
func (t *triage) standAlone() {
	if c := &t.state.Case; c.Policy.Version >= 2 && c.Judgement.Severity == soar.SeverityHigh {
		c.Listed = false
	}
}

func (t *triage) nextClock() time.Time {
	next := t.state.LastSeen.Add(soar.MemoryKept)
	if tick := t.state.NextTick(); !tick.IsZero() && tick.Before(next) {
		next = tick
	}
	if e := t.state.Entry; e != nil && e.Until.Before(next) {
		next = e.Until
	}
	return next
}

// idle says that nothing would be lost by ending this run.
func (t *triage) idle(ctx workflow.Context) bool {
	return len(t.state.Pending) == 0 && len(t.voices) == 0 && !t.looking && !t.slack.IsLocked() && !t.needsCard() && (!t.needsUpdate() || t.hurries(ctx)) && workflow.AllHandlersFinished(ctx)
}

// hurries says that the run should end before the card is drawn again: sightings may
// come faster than a card is drawn, and the next run draws it. What an outcome waits
// for keeps no card from being drawn, and a case of before v0.2.0 goes on as it began.
func (t *triage) hurries(ctx workflow.Context) bool {
	return t.state.Case.Policy.Version > 0 && len(t.state.Pending) == 0 && historyIsLong(ctx)
}

func (t *triage) forgotten(ctx workflow.Context) bool {
	return t.state.Case.State != soar.CaseOpen && t.idle(ctx) && !workflow.Now(ctx).Before(t.state.LastSeen.Add(soar.MemoryKept))
}

// passDeadline escalates or lists as unreviewed; it never approves.
func (t *triage) passDeadline(ctx workflow.Context) {
	now, c := workflow.Now(ctx), &t.state.Case
	if c.State != soar.CaseOpen || c.Snooze != nil || now.Before(c.Deadline) {
		return
	}
	if c.Judgement.Severity == soar.SeverityLow {
		c.State = soar.CaseUnreviewed
		t.state.Defer()
		return
	}
	t.state.Decide(soar.Decide{
		Case: c.Ref, Decision: soar.Escalate, By: soar.DeadlineActor, At: now,
		Reason: "nobody decided before the deadline", Click: deadlineClick(*c),
	})
}

// deadlineClick names what a deadline decided. A case that was opened again has
// another deadline, and another name for what it decides: the audit keeps both.
func deadlineClick(c soar.Case) string {
	click := "deadline-" + c.Ref.String()
	if c.Policy.Version > 0 {
		click += "-" + c.Deadline.UTC().Format("20060102T150405")
	}
	return click
}

// cancelled leaves no live buttons and lets accepted decisions finish. Nothing more is
// taken meanwhile: a sighting would open a case that nobody watches.
func (t *triage) cancelled(ctx, free workflow.Context) error {
	t.closing = true
	if c := &t.state.Case; c.State.Decidable() && c.Ref.Number > 0 {
		c.State = soar.CaseCancelled
		t.state.Defer()
	}
	knows := t.state.Case.Policy.Version >= 2
	if knows {
		t.writeMemo(free)
	}
	for len(t.state.Pending) > 0 {
		t.startOutcomes(free)
		if err := workflow.Await(free, func() bool { return len(t.state.Pending) == 0 || knows && t.startable() }); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (t *triage) upsertMemo(ctx workflow.Context) {
	if ctx.Err() == nil {
		t.writeMemo(ctx)
	}
}

func (t *triage) writeMemo(ctx workflow.Context) {
	memo := t.state.Memo()
	if memo == t.memo {
		return
	}
	t.memo = memo
	if err := workflow.UpsertMemo(ctx, map[string]any{soar.MemoKey: memo}); err != nil {
		workflow.GetLogger(ctx).Error("memo not updated", "case", t.id, "error", err)
	}
}

func (t *triage) result() soar.TriageResult {
	return soar.TriageResult{Number: t.state.Case.Ref.Number, State: t.state.Case.State}
}
