package interactions

import (
	"context"
	"time"

	"harrier/workflows/soar"
)

// settledAfter is when a case's own edits of its card are over: a click within that
// time is later than somebody else's, not a click on a card that was left behind.
const settledAfter = time.Minute

// tellClosed tells somebody who clicked on a case that takes no more decisions who
// ended it and when, and refreshes its card if that was left behind.
func (s *Service) tellClosed(ctx context.Context, r request, refusal *soar.Refusal) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.TryFor)
	defer cancel()
	cv, err := s.config.Cases.View(ctx, r.of.ID)
	c := cv.Case
	if err != nil || c.Ref != r.of {
		s.note(ctx, r.from, upperFirst(refusal.Message)+".")
		return
	}
	if c.State.Decidable() {
		// It was opened again meanwhile, or only this change of it comes too late.
		s.note(ctx, r.from, upperFirst(refusal.Message)+".")
		return
	}
	s.note(ctx, r.from, closedWords(c, refusal))
	s.refresh(ctx, c)
}

// closedWords says who ended a case and when.
func closedWords(c soar.Case, refusal *soar.Refusal) string {
	switch d := c.Decision; {
	case c.State == soar.CaseCancelled:
		return "Case closed: an operator ended it; nothing was decided."
	case d != nil && d.By.ID == soar.DeadlineActor.ID && d.Kind == soar.Escalate:
		return "Case closed: auto-escalated at " + d.At.UTC().Format("2006-01-02 15:04 MST") + "."
	case d != nil:
		return "Already " + d.String() + "."
	}
	return upperFirst(refusal.Message) + "."
}

// refresh edits the card of a closed case to how the case stands.
func (s *Service) refresh(ctx context.Context, c soar.Case) {
	fresh := c.Decision != nil && s.config.Now().Sub(c.Decision.At) < settledAfter
	if s.config.Cards == nil || !c.Card.Posted() || fresh {
		return
	}
	if _, err := s.config.Cards.UpdateCard(ctx, soar.CaseRequest{Case: c}); err != nil {
		s.config.Logger.Warn("card not refreshed", "case", c.Ref.String(), "error", err.Error())
	}
}
