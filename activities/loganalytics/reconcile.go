package loganalytics

import (
	"fmt"
	"slices"
	"time"

	"harrier/workflows/soar"
)

const (
	// leastSettling and mostSettling bound how old an alert must be before its
	// submission is missed.
	leastSettling = 2 * time.Hour
	mostSettling  = 24 * time.Hour
	// alertsTell is how long an alert says something of the source as it is now. A
	// submission that was lost for good must not stop a hunt for ever.
	alertsTell = 72 * time.Hour
)

// reportAlert is an alert that a user reported a mail.
type reportAlert struct {
	at time.Time
	// message is one of the mails it names.
	message string
	// known says that one of its mails has a submission.
	known bool
}

// settling is how long a submission usually takes to arrive, twice.
func (s source) settling() time.Duration {
	var delays []time.Duration
	for _, r := range s.reports {
		delays = append(delays, r.delay)
	}
	if len(delays) == 0 {
		return leastSettling
	}
	slices.Sort(delays)
	return clamp(2*delays[len(delays)*95/100], leastSettling, mostSettling)
}

// judgeAlerts holds the alerts of reported mail against the submissions: the
// alert is made from the submission, so one without the other is a row that was
// lost on its way. The source is broken if the newest alerts have none; if later
// ones have theirs, it works again, and the run says what is lost.
func (s source) judgeAlerts(w soar.Window) (problem, note string) {
	until := s.now.Add(-s.settling())
	since := s.now.Add(-alertsTell)
	if w.From.Before(since) {
		since = w.From
	}
	var of, lost, trailing, fresh int
	var last reportAlert
	for _, a := range s.alerts {
		if a.at.Before(since) || !a.at.Before(until) {
			continue
		}
		of++
		if a.known {
			trailing, fresh = 0, 0
			continue
		}
		lost, trailing, last = lost+1, trailing+1, a
		if s.now.Sub(a.at) <= alertsTell {
			fresh++
		}
	}
	if lost == 0 {
		return "", ""
	}
	text := fmt.Sprintf("%d of %d alerts \"Email reported by user…\" in AlertEvidence since %s have no submission in CloudAppEvents, the last one of %s (NetworkMessageId %s)",
		lost, of, isoTime(since), isoTime(last.at), last.message)
	// One of many may be odd by itself; the newest ones in a row, or many, are not.
	if fresh > 0 && (trailing > 1 || 5*lost >= of) {
		return text + "; reports are lost on their way to CloudAppEvents: check that the Microsoft Defender XDR data connector has this table, " +
			"and that Defender for Cloud Apps has the Microsoft 365 activities connected", ""
	}
	return "", text + "; look at these reports by hand"
}
