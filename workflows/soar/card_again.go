package soar

import "time"

// A card that could not be posted or drawn is tried again: after cardAgainFirst, each
// time twice as long, at most cardAgainMost, and maxCardTries times.
const (
	cardAgainFirst = 5 * time.Minute
	cardAgainMost  = time.Hour
	maxCardTries   = 100
)

// CardFailed notes that the newest case's card could not be posted or drawn, and when
// that is tried again. A token that is mended, or a channel, makes no sound here.
func (s *TriageState) CardFailed(now time.Time) {
	s.CardRetryAt = time.Time{}
	if s.Case.Policy.Version < 2 || s.CardTries >= maxCardTries {
		return
	}
	s.CardRetryAt = now.Add(min(cardAgainFirst<<min(s.CardTries, 10), cardAgainMost))
	s.CardTries++
}

// CardStands forgets what failed before: the card shows the case.
func (s *TriageState) CardStands() {
	s.CardRetryAt, s.CardTries = time.Time{}, 0
	s.Case.ClearProblems("card")
}

// CardDue says that a card that failed is to be tried again now.
func (s *TriageState) CardDue(now time.Time) bool {
	if s.CardRetryAt.IsZero() || now.Before(s.CardRetryAt) {
		return false
	}
	s.CardRetryAt = time.Time{}
	return true
}

// CardDueBefore says that a card is to be tried again earlier than at a moment.
func (s *TriageState) CardDueBefore(at time.Time) bool {
	return !s.CardRetryAt.IsZero() && s.CardRetryAt.Before(at)
}

// maxReposts bounds how often one case is posted anew: an app that may edit nothing any
// more leaves a card with buttons behind each time.
const maxReposts = 3

// CardGone forgets the newest case's card, which somebody deleted or whose channel takes
// nothing any more, so that an undecided case is posted anew; false where it is decided,
// or was posted anew often enough.
func (s *TriageState) CardGone() bool {
	if s.Case.Policy.Version < 2 || !s.Case.State.Decidable() || s.Case.Reposts >= maxReposts {
		return false
	}
	s.Case.Card = Card{}
	s.Case.Reposts++
	return true
}
