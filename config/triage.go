package config

import (
	"time"

	"harrier/workflows/soar"
)

// Triage says how long people have, when they work, and what needs two of them.
type Triage struct {
	Deadlines Deadlines `yaml:"deadlines"`
	// SenderDeadlines override by lower-case sender address.
	SenderDeadlines map[string]soar.Duration `yaml:"sender_deadlines"`
	BusinessHours   BusinessHours            `yaml:"business_hours"`
	SecondPerson    SecondPerson             `yaml:"second_person"`
	// Undo is how long an approval may be undone; 0 is never.
	Undo soar.Duration `yaml:"undo"`
	// Remind and OnCall are how long before its deadline a case reminds in its thread,
	// and then the on-call group; 0 is never.
	Remind soar.Duration `yaml:"remind"`
	OnCall soar.Duration `yaml:"on_call"`
	// LouderBy is the factor by which reports grow before the thread is told; 0 is never.
	LouderBy int `yaml:"louder_by"`
	// GapNotice is how old a gap in coverage may grow, beyond what its hunt's schedule
	// explains, before the operations channel is told; 0 tells at once.
	GapNotice soar.Duration `yaml:"gap_notice"`
}

// Deadlines are by severity.
type Deadlines struct {
	High   soar.Duration `yaml:"high"`
	Medium soar.Duration `yaml:"medium"`
	Low    soar.Duration `yaml:"low"`
}

// SecondPerson says which approvals a second approver has to confirm.
type SecondPerson struct {
	// Over is how long an approval may be remembered without one; 0 asks for none.
	Over soar.Duration `yaml:"over"`
	// Privileged asks for one on every approval of a privileged sender.
	Privileged bool `yaml:"privileged"`
}

// Digest is when and where a day is summed up: the 24 hours before.
type Digest struct {
	Cron     string `yaml:"cron"`
	TimeZone string `yaml:"time_zone"`
	// Channel is a channel's id; empty is the triage channel.
	Channel string `yaml:"channel"`
}

// Schedule is the digest's schedule, in the form of a hunt's.
func (d Digest) Schedule() soar.Schedule {
	return soar.Schedule{Cron: d.Cron, TimeZone: d.TimeZone, CatchUp: soar.Duration(DefaultCatchUp)}
}

// The services that page the person on call.
const (
	// PagerDuty takes an event with RoutingKey
	// (https://developer.pagerduty.com/docs/send-alert-event).
	PagerDuty = "pagerduty"
	// Webhook takes a POST that Secret signs.
	Webhook = "webhook"
)

// PagerDutyURL is where PagerDuty takes events; its EU service region has
// https://events.eu.pagerduty.com/v2/enqueue.
const PagerDutyURL = "https://events.pagerduty.com/v2/enqueue"

// Paging is who calls the person on call when a case escalates. Without a
// provider nobody is called.
type Paging struct {
	Provider   string `yaml:"provider"`
	URL        string `yaml:"url"`
	RoutingKey Secret `yaml:"routing_key"`
	Secret     Secret `yaml:"secret"`
}

// Defender is what an escalation tells Microsoft Defender.
type Defender struct {
	// Comment comments on and tags the Defender incident that names a case's messages;
	// it needs SecurityIncident.ReadWrite.All.
	Comment bool `yaml:"comment"`
}

func defaultTriage() Triage {
	return Triage{
		Deadlines: Deadlines{
			High: soar.Duration(time.Hour), Medium: soar.Duration(4 * time.Hour), Low: soar.Duration(24 * time.Hour),
		},
		SecondPerson: SecondPerson{Over: soar.Duration(30 * 24 * time.Hour), Privileged: true},
		Undo:         soar.Duration(10 * time.Minute),
		Remind:       soar.Duration(15 * time.Minute),
		OnCall:       soar.Duration(5 * time.Minute),
		LouderBy:     3,
		GapNotice:    soar.Duration(24 * time.Hour),
	}
}

// Policy is what a run needs to know of channels, deadlines and cases, as of now.
func (c Config) Policy(now time.Time) soar.TriagePolicy {
	d := c.Triage.Deadlines
	return soar.TriagePolicy{
		Channel: c.Slack.Channels.Triage, OperationsChannel: c.Slack.Channels.Operations,
		Deadlines: map[soar.Severity]soar.Duration{
			soar.SeverityHigh: d.High, soar.SeverityMedium: d.Medium, soar.SeverityLow: d.Low,
		},
		SenderDeadlines: c.Triage.SenderDeadlines,
		Case:            c.casePolicy(now),
		GapNotice:       c.Triage.GapNotice,
	}
}

func (c Config) casePolicy(now time.Time) soar.CasePolicy {
	t := c.Triage
	return soar.CasePolicy{
		Version: soar.PolicyVersion, HighWithin: t.Deadlines.High, SecondOver: t.SecondPerson.Over, SecondPrivileged: t.SecondPerson.Privileged, UndoFor: t.Undo,
		RemindBefore: t.Remind, OnCallBefore: t.OnCall, LouderBy: t.LouderBy,
		Hours: t.BusinessHours.Windows(now, HoursAhead), Targets: c.targets(),
	}
}

func (c Config) targets() []soar.EscalationTarget {
	var out []soar.EscalationTarget
	if c.Defender.Comment {
		out = append(out, soar.TargetDefender)
	}
	if c.Paging.Provider != "" {
		out = append(out, soar.TargetPage)
	}
	return out
}

// DigestChannel is where the digest goes.
func (c Config) DigestChannel() string {
	if c.Digest.Channel != "" {
		return c.Digest.Channel
	}
	return c.Slack.Channels.Triage
}
