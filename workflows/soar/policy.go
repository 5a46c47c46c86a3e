package soar

import "time"

// CasePolicy is what a case has to know of the deployment while it is open. A
// hunt tells it with each sighting; a case that was told nothing has none of it.
type CasePolicy struct {
	// Version is what the hunt's release asks of its cases, PolicyVersion at the newest; 1
	// since v0.2.0, and a case that was told none behaves as v0.1.0 did.
	Version int `json:"version,omitempty"`
	// SecondOver is how long an approval may be remembered without a second person;
	// 0 asks for none.
	SecondOver Duration `json:"second_over,omitempty"`
	// SecondPrivileged asks for a second person on every approval of a privileged sender.
	SecondPrivileged bool `json:"second_privileged,omitempty"`
	// UndoFor is how long after an approval it may be undone; 0 is never.
	UndoFor Duration `json:"undo_for,omitempty"`
	// RemindBefore and OnCallBefore are how long before its deadline a case reminds in
	// its thread, and then the on-call group; 0 is never.
	RemindBefore Duration `json:"remind_before,omitempty"`
	OnCallBefore Duration `json:"on_call_before,omitempty"`
	// LouderBy is the factor by which phish reports grow before the thread is told; 0 is never.
	LouderBy int `json:"louder_by,omitempty"`
	// Hours are the coming business hours, in order of time, in which the clocks of MEDIUM
	// and LOW cases run; none is around the clock. After the last one clocks run on.
	Hours []Window `json:"hours,omitempty"`
	// HighWithin is how long people have for a HIGH case; a case that only turns out to be
	// HIGH when its sender is known waits no longer than that. 0 leaves its deadline.
	HighWithin Duration `json:"high_within,omitempty"`
	// Targets are where an escalation goes beside the Sentinel incident and the escalation channel.
	Targets []EscalationTarget `json:"targets,omitempty"`
}

// PolicyVersion is the newest version of a case's policy. Since 2 (v0.3.0) an escalation
// reaches its targets side by side and opens no incident beside one that serves; a card
// that failed or was deleted is tried again by the clock, and a HIGH case that is only
// listed gets one before its deadline; notes wait for Slack until the deadline and say what
// an approval hid; a snooze keeps its working time; a proposed approval is audited; and a
// sighting in a worse light is not answered from memory.
const PolicyVersion = 2

// EscalationTarget is a further place that an escalation reaches.
type EscalationTarget string

const (
	// TargetDefender comments on and tags the Defender incident that names the message.
	TargetDefender EscalationTarget = "defender"
	// TargetPage pages the person on call.
	TargetPage EscalationTarget = "page"
)

// Validate refuses an unknown target.
func (t EscalationTarget) Validate() error { return oneOf("target", t, TargetDefender, TargetPage) }

// DeadlineAfter is when a span of working time that begins at from is over.
func (p CasePolicy) DeadlineAfter(from time.Time, span time.Duration, s Severity) time.Time {
	if s == SeverityHigh {
		return from.Add(span)
	}
	for _, h := range p.Hours {
		if !h.To.After(from) {
			continue
		}
		if h.From.After(from) {
			from = h.From
		}
		if open := h.To.Sub(from); span > open {
			span -= open
			from = h.To
			continue
		}
		return from.Add(span)
	}
	return from.Add(span)
}

// Working is how much of the time between from and to the clock of a case ran:
// DeadlineAfter(from, Working(from, to)) is to, where to is in working time.
func (p CasePolicy) Working(from, to time.Time, s Severity) time.Duration {
	if s == SeverityHigh || len(p.Hours) == 0 {
		return max(0, to.Sub(from))
	}
	var ran time.Duration
	for _, h := range p.Hours {
		ran += overlap(h.From, h.To, from, to)
	}
	// After the last business hour clocks run on.
	if last := p.Hours[len(p.Hours)-1].To; to.After(last) {
		ran += overlap(last, to, from, to)
	}
	return ran
}

func overlap(from, to, begin, end time.Time) time.Duration {
	if begin.After(from) {
		from = begin
	}
	if end.Before(to) {
		to = end
	}
	return max(0, to.Sub(from))
}
