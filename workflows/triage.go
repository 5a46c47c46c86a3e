package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/workflows/soar"
)

// Triage is a sender's case and memory: card, decision or deadline, outcome,
// audit; then what was learned of the sender, until nothing was heard of it for
// MemoryKept. Handlers only assign; run does the work they leave.
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
	// stale says that the card no longer shows the case.
	stale bool
	// retryCard says that a card that could not be posted is tried again.
	retryCard bool
	// drawing says that Slack is being asked to post or edit the card.
	drawing bool
	memo    soar.TriageMemo
}

func newTriage(ctx workflow.Context, in soar.TriageInput) *triage {
	t := &triage{key: in.Key, id: workflow.GetInfo(ctx).WorkflowExecution.ID, state: in.State}
	if t.state.Case.Ref.Number == 0 && in.FirstNumber > 1 {
		t.state.Case.Ref.Number = in.FirstNumber - 1
	}
	if t.state.LastSeen.IsZero() {
		t.state.LastSeen = workflow.Now(ctx)
	}
	return t
}

func (t *triage) run(ctx workflow.Context) (soar.TriageResult, error) {
	// The card has a coroutine of its own: a Slack that does not answer must
	// not keep a deadline from escalating.
	workflow.Go(ctx, t.tendCard)
	for {
		t.work(ctx)
		if ctx.Err() != nil {
			return t.result(), t.leaveNoButtons(ctx)
		}
		if t.forgotten(ctx) {
			return t.result(), nil
		}
		if historyIsLong(ctx) {
			if err := t.continueAsNew(ctx); err != nil {
				return soar.TriageResult{}, err
			}
		}
		t.wait(ctx)
	}
}

// work does everything that is due, in the order a person would expect it.
func (t *triage) work(ctx workflow.Context) {
	t.passDeadline(ctx)
	if t.state.Lapse(workflow.Now(ctx)) {
		t.stale = true
	}
	if t.needsOutcome() {
		t.carryOut(ctx)
	}
	t.upsertMemo(ctx)
}

// tendCard keeps the card in Slack as the case is, one call at a time.
func (t *triage) tendCard(ctx workflow.Context) {
	for {
		if err := workflow.Await(ctx, func() bool { return t.needsCard() || t.needsUpdate() }); err != nil {
			return
		}
		t.drawing = true
		if t.needsCard() {
			t.postCard(ctx)
		} else {
			t.updateCard(ctx)
		}
		t.drawing = false
	}
}

// idle says that nothing would be lost by ending this run.
func (t *triage) idle(ctx workflow.Context) bool {
	return !t.drawing && !t.needsCard() && !t.needsUpdate() && !t.needsOutcome() && workflow.AllHandlersFinished(ctx)
}

func (t *triage) needsCard() bool {
	c := t.state.Case
	return c.Ref.Number > 0 && c.State.Decidable() && !c.Listed && !c.Card.Posted() && (t.state.CardProblem == "" || t.retryCard)
}

func (t *triage) needsUpdate() bool { return t.stale && t.state.Case.Card.Posted() }

func (t *triage) needsOutcome() bool { return t.state.Case.Decision != nil && !t.state.Settled }

func (t *triage) deadlineDue(now time.Time) bool {
	c := t.state.Case
	return c.State == soar.CaseOpen && c.Ref.Number > 0 && !now.Before(c.Deadline)
}

// wait sleeps until a handler left work, a clock runs out, or the history is long.
func (t *triage) wait(ctx workflow.Context) {
	due := func() bool {
		return t.needsOutcome() || t.state.Memo() != t.memo || historyIsLong(ctx)
	}
	// Cancellation is seen at the top of the loop.
	_, _ = workflow.AwaitWithTimeout(ctx, t.nextClock().Sub(workflow.Now(ctx)), due)
}

func (t *triage) nextClock() time.Time {
	next := t.state.LastSeen.Add(soar.MemoryKept)
	if c := t.state.Case; c.State == soar.CaseOpen && c.Deadline.Before(next) {
		next = c.Deadline
	}
	if e := t.state.Entry; e != nil && e.Until.Before(next) {
		next = e.Until
	}
	return next
}

func (t *triage) forgotten(ctx workflow.Context) bool {
	return t.state.Case.State != soar.CaseOpen && t.idle(ctx) && !workflow.Now(ctx).Before(t.state.LastSeen.Add(soar.MemoryKept))
}

// passDeadline escalates or lists as unreviewed; it never approves.
func (t *triage) passDeadline(ctx workflow.Context) {
	now := workflow.Now(ctx)
	if !t.deadlineDue(now) {
		return
	}
	c := &t.state.Case
	if c.Judgement.Severity == soar.SeverityLow {
		c.State, t.stale = soar.CaseUnreviewed, true
		t.record(ctx)
		return
	}
	t.state.Decide(soar.Decide{
		Case: c.Ref, Decision: soar.Escalate, By: soar.DeadlineActor, At: now,
		Reason: "nobody decided before the deadline", Click: "deadline-" + c.Ref.String(),
	})
	t.stale = true
}

func (t *triage) postCard(ctx workflow.Context) {
	t.retryCard = false
	shown := t.state.Case
	card, err := activities.PostCard.Run(slack(ctx), soar.CaseRequest{Case: shown})
	if t.state.Case.Ref != shown.Ref {
		return
	}
	if err != nil {
		t.problem(ctx, "card", err)
		t.state.CardProblem = rootMessage(err)
		return
	}
	t.state.Case.Card, t.state.CardProblem = card, ""
}

func (t *triage) updateCard(ctx workflow.Context) {
	t.stale = false
	if _, err := activities.UpdateCard.Run(slack(ctx), soar.CaseRequest{Case: t.state.Case}); err != nil {
		t.problem(ctx, "card", err)
	}
}

// carryOut does what a decision asks for. A target that fails does not keep
// the others from being told: the card says which failed.
func (t *triage) carryOut(ctx workflow.Context) {
	if t.state.Case.Decision.Kind == soar.Escalate {
		t.escalate(ctx)
	}
	t.state.Settled = true
	t.stale = true
	t.record(ctx)
}

func (t *triage) escalate(ctx workflow.Context) {
	incident, err := activities.OpenIncident.Run(outcomes(ctx), soar.CaseRequest{Case: t.state.Case})
	if err != nil {
		t.problem(ctx, "incident", err)
	} else {
		t.state.Case.Incident = &incident
	}
	if _, err := activities.PostEscalation.Run(slack(ctx), soar.CaseRequest{Case: t.state.Case}); err != nil {
		t.problem(ctx, "escalation channel", err)
	}
}

func (t *triage) record(ctx workflow.Context) {
	free, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	if _, err := activities.RecordDecision.Run(quick(free), soar.CaseRequest{Case: t.state.Case}); err != nil {
		t.problem(ctx, "audit", err)
	}
}

func (t *triage) problem(ctx workflow.Context, what string, err error) {
	workflow.GetLogger(ctx).Error("outcome failed", "case", t.state.Case.Ref.String(), "step", what, "error", err)
	t.state.Case.Problems = append(t.state.Case.Problems, what+": "+rootMessage(err))
}

// rootMessage is the innermost word of an activity's error, without Temporal's wrapping.
func rootMessage(err error) string {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app.Message()
	}
	return err.Error()
}

// leaveNoButtons redraws the card of a cancelled case without buttons.
func (t *triage) leaveNoButtons(ctx workflow.Context) error {
	c := &t.state.Case
	if !c.State.Decidable() || !c.Card.Posted() {
		return ctx.Err()
	}
	free, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	c.State = soar.CaseCancelled
	if _, err := activities.UpdateCard.Run(slack(free), soar.CaseRequest{Case: *c}); err != nil {
		t.problem(ctx, "card", err)
	}
	t.record(ctx)
	return ctx.Err()
}

func (t *triage) continueAsNew(ctx workflow.Context) error {
	if err := workflow.Await(ctx, func() bool { return t.needsOutcome() || t.idle(ctx) }); err != nil {
		return nil // cancelled: the top of the loop ends the case
	}
	if t.needsOutcome() {
		return nil
	}
	return workflow.NewContinueAsNewError(ctx, soar.TriageWorkflow, soar.TriageInput{Key: t.key, State: t.state})
}

func (t *triage) upsertMemo(ctx workflow.Context) {
	if memo := t.state.Memo(); memo != t.memo {
		t.memo = memo
		if err := workflow.UpsertMemo(ctx, map[string]any{soar.MemoKey: memo}); err != nil {
			workflow.GetLogger(ctx).Error("memo not updated", "case", t.id, "error", err)
		}
	}
}

func (t *triage) result() soar.TriageResult {
	return soar.TriageResult{Number: t.state.Case.Ref.Number, State: t.state.Case.State}
}
