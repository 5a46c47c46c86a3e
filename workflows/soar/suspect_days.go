package soar

import "time"

// CaseDaysRequest asks when cases were open or escalated.
type CaseDaysRequest struct {
	CaseIDs []string  `json:"case_ids"`
	Now     time.Time `json:"now"`
}

// CaseDays answers a CaseDaysRequest, in order.
type CaseDays struct {
	Windows [][]Window `json:"windows"`
	// Missing are cases that did not answer.
	Missing []string `json:"missing,omitempty"`
}

// Suspect are the spans in which the sender's mail is no measure of what is usual for
// it: while its newest case is open, unreviewed or escalated, and a day before, when
// the mail was sent. Earlier cases count that were escalated.
func (v CaseView) Suspect(now time.Time) []Window {
	var out []Window
	add := func(from, to time.Time) {
		if w := NewWindow(from.AddDate(0, 0, -1), to); w.From.Before(w.To) {
			out = append(out, w)
		}
	}
	c := v.Case
	switch {
	case c.Ref.Number == 0:
	case c.State.Decidable():
		add(c.Opened, now)
	case c.State == CaseEscalated && c.Decision != nil:
		add(c.Opened, c.Decision.At)
	}
	for _, o := range c.Earlier {
		if o.State == CaseEscalated {
			add(o.At.AddDate(0, 0, -1), o.At)
		}
	}
	return out
}
