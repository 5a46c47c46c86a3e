package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"harrier/workflows/soar"
)

// register installs the messages a case takes. Validators refuse without an
// event; handlers assign and return, and run does what they leave to do. A handler runs
// right after its validator, and on replay without it: what a release refuses anew was
// taken by an older one, and stays taken.
func (t *triage) register(ctx workflow.Context) error {
	return errors.Join(
		onUpdate(ctx, soar.SeeUpdate, t.maySee, t.see),
		onUpdate(ctx, soar.DecideUpdate, t.mayDecide, t.decide),
		onTimedUpdate(ctx, soar.ChangeUpdate, t.mayChange, t.change),
		onUpdate(ctx, soar.ShowUpdate, t.mayShow, t.show),
		onUpdate(ctx, soar.ForgetUpdate, t.mayForget, t.forget),
		onUpdate(ctx, soar.ExtendUpdate, t.mayExtend, t.extend),
		workflow.SetQueryHandler(ctx, soar.CaseQuery, func() (soar.CaseView, error) { return t.state.View(), nil }),
	)
}

func onUpdate[In, Out any](ctx workflow.Context, name string, valid func(In) error, handle func(workflow.Context, In) (Out, error)) error {
	return workflow.SetUpdateHandlerWithOptions(ctx, name, handle, workflow.UpdateHandlerOptions{
		Validator: func(in In) error { return refused(valid(in)) },
	})
}

// onTimedUpdate is onUpdate for a validator that asks for the time.
func onTimedUpdate[In, Out any](ctx workflow.Context, name string, valid func(workflow.Context, In) error, handle func(workflow.Context, In) (Out, error)) error {
	return workflow.SetUpdateHandlerWithOptions(ctx, name, handle, workflow.UpdateHandlerOptions{
		Validator: func(ctx workflow.Context, in In) error { return refused(valid(ctx, in)) },
	})
}

// refused turns a refusal into the update's error: its type tells a program
// why, its message tells the clicker.
func refused(err error) error {
	if err == nil {
		return nil
	}
	kind := soar.RefusedInput
	var r *soar.Refusal
	if errors.As(err, &r) {
		kind = r.Kind
	}
	return temporal.NewNonRetryableApplicationError(err.Error(), string(kind), nil)
}

// maySee also refuses what came while the case is cancelled: whoever saw it tries again
// until the run has ended, and opens another.
func (t *triage) maySee(s soar.See) error {
	if t.closing {
		return &soar.Refusal{Kind: soar.RefusedClosing, Message: "the case is being cancelled"}
	}
	return s.Validate()
}

// open refuses what a person asks of a case that is being cancelled.
func (t *triage) open() error {
	if t.closing {
		return &soar.Refusal{Kind: soar.RefusedDecided, Message: "case closed: " + string(t.state.Case.State)}
	}
	return nil
}

func (t *triage) see(ctx workflow.Context, s soar.See) (soar.Seen, error) {
	// The case's clocks are the server's: a sender of messages does not set them.
	s.At = workflow.Now(ctx)
	known(ctx, &s.Policy)
	before, entry := t.state.Case, t.state.Entry
	seen, changed := t.state.See(t.key, t.id, s)
	if now := t.state.Case; now.Ref == before.Ref && before.Card.Posted() && now.Judgement.Severity != before.Judgement.Severity {
		t.say(risen(now))
	}
	t.say(lapsed(before, t.state.Case))
	t.tellHidden(entry)
	if from, ok := t.state.Louder(before.Ref); ok {
		t.say(grown(t.state.Case, from))
	}
	t.stale = t.stale || changed
	t.retryCard = t.retryCard || changed && t.state.CardProblem != ""
	return seen, nil
}

func (t *triage) mayDecide(d soar.Decide) error {
	if _, again := t.state.Decided(d.Click); again {
		return nil
	}
	if err := t.open(); err != nil {
		return err
	}
	return soar.MayDecide(t.state.View(), d)
}

func (t *triage) decide(ctx workflow.Context, d soar.Decide) (soar.Decided, error) {
	d.At = workflow.Now(ctx)
	if answer, again := t.state.Decided(d.Click); again {
		return answer, nil
	}
	before := t.state.Case
	out := t.state.Decide(d)
	t.stale = t.stale || out.Proposed
	t.say(proposed(before, t.state.Case))
	return out, nil
}

func (t *triage) mayChange(ctx workflow.Context, c soar.Change) error {
	if _, again := t.state.Decided(c.Click); again {
		return nil
	}
	if err := t.open(); err != nil {
		return err
	}
	return soar.MayChange(t.state.View(), c, workflow.Now(ctx))
}

func (t *triage) change(ctx workflow.Context, c soar.Change) (soar.Decided, error) {
	c.At = workflow.Now(ctx)
	if answer, again := t.state.Decided(c.Click); again {
		return answer, nil
	}
	before, entry, retry := t.state.Case, t.state.Entry, t.state.Case.FailedTargets()
	out := t.state.Apply(c)
	t.say(proposed(before, t.state.Case))
	t.stale = true
	t.say(changed(t.state.Case, c))
	t.tellHidden(entry)
	if c.Kind == soar.ChangeRetry {
		t.state.RetryLast(retry)
	}
	return out, nil
}

// tellHidden says what an entry hid that stood before and does not any more.
func (t *triage) tellHidden(before *soar.Entry) {
	if t.state.Entry == nil {
		t.say(hiddenMeanwhile(t.state.Case, before))
	}
}

func (t *triage) mayShow(s soar.Show) error {
	c := t.state.Case
	switch {
	case t.closing:
		return t.open()
	case s.Case != c.Ref:
		return &soar.Refusal{Kind: soar.RefusedOldCase, Message: "this line is of " + s.Case.String() + "; the sender's newest case is " + c.Ref.String()}
	case !c.State.Decidable():
		return &soar.Refusal{Kind: soar.RefusedDecided, Message: "case closed: " + string(c.State)}
	}
	return nil
}

func (t *triage) show(_ workflow.Context, s soar.Show) (soar.CaseRef, error) {
	c := &t.state.Case
	if c.Listed {
		c.Listed = false
		c.Card.Thread = s.Thread
		if s.Channel != "" {
			c.Channel = s.Channel
		}
	}
	t.retryCard = t.retryCard || c.Policy.Version >= 2 && t.state.CardProblem != ""
	return c.Ref, nil
}

func (t *triage) mayForget(f soar.Forget) error {
	if err := t.open(); err != nil {
		return err
	}
	return soar.MayForgetEntry(t.state.View(), f.By, f.Approvers)
}

func (t *triage) forget(ctx workflow.Context, f soar.Forget) (soar.CaseView, error) {
	f.At = workflow.Now(ctx)
	entry := t.state.Entry
	t.state.Forget(f)
	t.stale = true
	t.tellHidden(entry)
	return t.state.View(), nil
}

func (t *triage) mayExtend(e soar.Extend) error {
	if err := t.open(); err != nil {
		return err
	}
	return soar.MayExtendEntry(t.state.View(), e.By, e.Approvers)
}

func (t *triage) extend(ctx workflow.Context, e soar.Extend) (soar.CaseView, error) {
	e.At = workflow.Now(ctx)
	if err := t.state.MayExtend(e); err != nil {
		return soar.CaseView{}, refused(err)
	}
	t.state.Extend(e)
	return t.state.View(), nil
}
