package backtest

import (
	"time"

	"harrier/workflows/soar"
)

// Decision is what analysts said of a finding.
type Decision string

const (
	// Benign: the sender's case was approved.
	Benign Decision = "benign"
	// Escalated: an analyst escalated it.
	Escalated Decision = "escalated"
	// Undecided: there is no case, it is open, or only its deadline decided.
	Undecided Decision = "undecided"
)

// ending is how one case of a sender ended.
type ending struct {
	state soar.CaseState
	by    string
	at    time.Time
}

// endings of a sender's cases, oldest first.
func endings(v soar.CaseView) []ending {
	var out []ending
	for i := len(v.Case.Earlier) - 1; i >= 0; i-- {
		o := v.Case.Earlier[i]
		out = append(out, ending{o.State, o.By, o.At})
	}
	if d := v.Case.Decision; d != nil {
		out = append(out, ending{v.Case.State, d.By.Label(), d.At})
	}
	return out
}

// DecidedWithin is how long after a finding a decision still speaks of it. A later one
// is about other mail of the sender.
const DecidedWithin = 7 * 24 * time.Hour

// DecisionOn is what analysts said of a finding of a window: the first decision on a
// case of the sender after the window began, within DecidedWithin of its end. What a
// deadline did is nobody's word.
func DecisionOn(v soar.CaseView, w soar.Window) Decision {
	for _, e := range endings(v) {
		if e.at.Before(w.From) || e.at.After(w.To.Add(DecidedWithin)) || e.by == soar.DeadlineActor.Label() {
			continue
		}
		switch e.state {
		case soar.CaseApproved, soar.CaseRemembered:
			return Benign
		case soar.CaseEscalated:
			return Escalated
		}
	}
	return Undecided
}

// EverEscalated is the newest case of a sender that was escalated, by a person or by
// its deadline; ok is false when none was.
func EverEscalated(v soar.CaseView) (at time.Time, by string, ok bool) {
	all := endings(v)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].state == soar.CaseEscalated {
			return all[i].at, all[i].by, true
		}
	}
	return time.Time{}, "", false
}
