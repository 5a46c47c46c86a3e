package workflows

import (
	"errors"
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/workflows/soar"
)

// tendCard keeps the newest case's card in Slack as the case is, one call at a time.
func (t *triage) tendCard(ctx workflow.Context) {
	for {
		if err := workflow.Await(ctx, func() bool { return t.needsCard() || t.mayDraw(ctx) || t.maySpeak() }); err != nil {
			return
		}
		switch {
		case t.needsCard():
			t.postCard(ctx)
		case t.mayDraw(ctx):
			t.stale = false
			t.draw(ctx, t.state.Case.Ref)
			t.raiseVoice(ctx)
		default:
			t.raiseVoice(ctx)
		}
	}
}

func (t *triage) needsCard() bool {
	c := t.state.Case
	return c.Ref.Number > 0 && c.State.Decidable() && !c.Listed && !c.Card.Posted() && (t.state.CardProblem == "" || t.retryCard)
}

func (t *triage) needsUpdate() bool { return t.stale && t.state.Case.Card.Posted() }

func (t *triage) mayDraw(ctx workflow.Context) bool { return t.needsUpdate() && !t.hurries(ctx) }

func (t *triage) postCard(ctx workflow.Context) {
	if t.slack.Lock(ctx) != nil {
		return
	}
	defer t.slack.Unlock()
	if !t.needsCard() {
		return // decided while the lock was waited for
	}
	// What changes from here on is drawn by an edit.
	again := t.retryCard || t.state.CardTries > 0
	t.retryCard, t.stale, t.state.CardProblem = false, false, ""
	t.state.Case.ClearProblems("card")
	shown := t.state.Case
	card, err := activities.PostCard.Run(slack(ctx), soar.CaseRequest{Case: shown, Again: again})
	if err != nil {
		card = t.cardFailed(ctx, shown, err)
	} else if shown.Ref == t.state.Case.Ref {
		t.state.CardStands()
	}
	if card.Posted() {
		t.state.Change(shown.Ref, func(c *soar.Case) { c.Card = card })
	}
}

// cardFailed tells the operations channel, so that the case is not lost, and
// returns the card that the fallback channel took instead, if it did.
func (t *triage) cardFailed(ctx workflow.Context, c soar.Case, err error) soar.Card {
	var fallback soar.Card
	var app *temporal.ApplicationError
	if errors.As(err, &app) && app.HasDetails() {
		_ = app.Details(&fallback) // details of another shape name no card
	}
	t.problem(ctx, c.Ref, "card", err)
	if c.Ref == t.state.Case.Ref && !fallback.Posted() {
		t.state.CardProblem = rootMessage(err)
		t.state.CardFailed(workflow.Now(ctx))
	}
	notice := soar.Notice{
		Key: "card:" + c.Ref.String(), Channel: c.Operations,
		Text: "The card of " + c.Ref.String() + " could not be posted: " + rootMessage(err) + ". Read it with: worker cases show " + c.Ref.ID,
	}
	if _, err := activities.PostNotice.Run(slackInPassing(ctx), notice); err != nil {
		workflow.GetLogger(ctx).Error("notice not posted", "case", c.Ref.String(), "error", err)
	}
	return fallback
}

// draw edits a case's card to what the case is now.
func (t *triage) draw(ctx workflow.Context, ref soar.CaseRef) {
	if t.slack.Lock(ctx) != nil {
		return
	}
	defer t.slack.Unlock()
	t.drawLocked(ctx, ref)
}

func (t *triage) drawLocked(ctx workflow.Context, ref soar.CaseRef) {
	c := t.state.Known(ref)
	if c == nil || !c.Card.Posted() {
		return
	}
	if c == &t.state.Case {
		t.stale = false
	}
	if c.Policy.Version >= 2 {
		c.ClearProblems("card") // the card that shows it is drawn
	}
	_, err := activities.UpdateCard.Run(slack(ctx), soar.CaseRequest{Case: *c})
	if err != nil {
		t.problem(ctx, ref, "card", err)
	}
	if ref != t.state.Case.Ref {
		return
	}
	switch {
	case err == nil && t.state.CardTries > 0:
		t.state.CardStands()
	case err == nil:
	case isType(err, soar.ErrTypeMessageGone, soar.ErrTypeChannelUnusable) && t.state.CardGone():
		workflow.GetLogger(ctx).Warn("card is gone, another is posted", "case", ref.String(), "error", err)
	case isType(err, soar.ErrTypeMessageGone) && !t.state.Case.State.Decidable():
		// Nobody can press its buttons any more.
	default:
		t.state.CardFailed(workflow.Now(ctx))
	}
}

// isType says that an activity ended with an error of one of these types.
func isType(err error, types ...string) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && slices.Contains(types, app.Type())
}

func (t *triage) problem(ctx workflow.Context, ref soar.CaseRef, what string, err error) {
	workflow.GetLogger(ctx).Error("step failed", "case", ref.String(), "step", what, "error", err)
	t.state.Change(ref, func(c *soar.Case) { c.AddProblem(what + ": " + rootMessage(err)) })
}

// rootMessage is the innermost word of an activity's error, without Temporal's wrapping.
func rootMessage(err error) string {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app.Message()
	}
	return err.Error()
}
