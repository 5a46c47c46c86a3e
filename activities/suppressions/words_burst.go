package suppressions

import (
	"fmt"
	"time"

	"harrier/workflows/soar"
)

// burst says how much a sender sent and what is usual for it: all mails at once
// where all were looked at, else of those that were.
func burst(f *soar.Finding) string {
	c, looked := f.Candidate.Counts, len(f.Evidence.Messages)
	mails := plural(c.Sent, "mail", "mails")
	reach := toRecipients(f.Exposure) + within(f.Evidence)
	switch {
	case reach == "" || looked == 0:
		return fmt.Sprintf("%s, usual %d", mails, c.Usual)
	case looked < c.Sent:
		return fmt.Sprintf("%s, usual %d; %d of them%s", mails, c.Usual, looked, reach)
	}
	return fmt.Sprintf("%s%s; usual %d", mails, reach, c.Usual)
}

func toRecipients(e soar.Exposure) string {
	if !e.Known {
		return ""
	}
	return " to " + plural(e.Recipients, "recipient", "recipients")
}

// within is the time in which the mails were sent, " within 6 min"; nothing where
// it is longer than a few hours, which is how anybody sends.
func within(e soar.Evidence) string {
	var first, last time.Time
	for _, m := range e.Messages {
		if first.IsZero() || m.Time.Before(first) {
			first = m.Time
		}
		if m.Time.After(last) {
			last = m.Time
		}
	}
	switch d := last.Sub(first); {
	case len(e.Messages) < 2 || d > 3*time.Hour:
		return ""
	case d <= time.Minute:
		return " within a minute"
	default:
		return fmt.Sprintf(" within %d min", (d+time.Minute-1)/time.Minute)
	}
}
