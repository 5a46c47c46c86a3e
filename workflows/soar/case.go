package soar

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

// CaseKey is what a case belongs to: the sender's object id on intra-org mail
// (on other paths it can be forged), else scope and address, else the message,
// so that null senders are never merged. A hunt that groups by envelope sender
// falls on the same case whenever its mails have one object id or one P2.
func CaseKey(f Finding) string {
	c := f.Candidate
	if c.Scope == ScopeIntraOrg {
		if id := soleObjectID(f); id != "" {
			return "object:" + id
		}
	}
	if c.SenderIs == P2 && !IsNullSender(c.Sender) {
		return string(c.Scope) + ":" + FoldASCII(strings.TrimSpace(c.Sender))
	}
	if p2 := soleValue(f, func(m Message) string { return FoldASCII(m.P2) }); p2 != "" && !IsNullSender(p2) {
		return string(c.Scope) + ":" + p2
	}
	if !IsNullSender(c.Sender) {
		return string(c.Scope) + ":" + string(c.SenderIs) + ":" + FoldASCII(strings.TrimSpace(c.Sender))
	}
	return "message:" + firstMessage(f)
}

// soleObjectID is the one object id that a finding's mails name. Relayed mail
// may name none: the account its address belongs to is the sender all the same.
func soleObjectID(f Finding) string {
	ids := addAll(nil, f.Candidate.ObjectIDs...)
	for _, m := range f.Evidence.Messages {
		ids = addAll(ids, FoldASCII(m.ObjectID))
	}
	if len(ids) > 1 {
		return ""
	}
	sole := strings.Join(ids, "")
	if sole == "" && f.Profile.Kind.Resolved() {
		sole = FoldASCII(f.Profile.ObjectID)
	}
	return sole
}

func soleValue(f Finding, of func(Message) string) string {
	sole := ""
	for _, m := range f.Evidence.Messages {
		v := of(m)
		if v == "" || (sole != "" && v != sole) {
			return ""
		}
		sole = v
	}
	return sole
}

func firstMessage(f Finding) string {
	ids := append([]string(nil), f.Candidate.Messages...)
	for _, m := range f.Evidence.Messages {
		ids = append(ids, m.NetworkMessageID)
	}
	if len(ids) == 0 {
		return "none:" + f.Hunt + ":" + f.Window.String()
	}
	sort.Strings(ids)
	return ids[0]
}

// CaseID is the id of the Triage workflow of a sender.
func CaseID(key string) string { return "case-" + shortHash(key, 20) }

// CaseRef names one numbered case of a sender. Buttons, incidents, audit and
// card metadata carry it, so that an old card never decides a new case.
type CaseRef struct {
	ID     string `json:"id"`
	Number int    `json:"number"`
}

// String writes case-…/3, the form of button values.
func (r CaseRef) String() string { return r.ID + "/" + strconv.Itoa(r.Number) }

// ParseCaseRef reads the form of String.
func ParseCaseRef(s string) (CaseRef, error) {
	id, number, ok := strings.Cut(s, "/")
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n < 1 || !strings.HasPrefix(id, "case-") {
		return CaseRef{}, fmt.Errorf("read case %q: write it as case-<id>/<number>", s)
	}
	return CaseRef{ID: id, Number: n}, nil
}

// CaseState is where a sender's case stands.
type CaseState string

const (
	// CaseOpen waits for a decision.
	CaseOpen CaseState = "open"
	// CaseUnreviewed passed a LOW deadline; it still takes a decision.
	CaseUnreviewed CaseState = "unreviewed"
	// CaseApproved was approved once and is closed.
	CaseApproved CaseState = "approved"
	// CaseRemembered was approved and stands as a learned suppression.
	CaseRemembered CaseState = "remembered"
	// CaseEscalated was escalated and is closed.
	CaseEscalated CaseState = "escalated"
	// CaseSuperseded went unreviewed until a newer case of the sender took its place.
	CaseSuperseded CaseState = "superseded"
	// CaseCancelled was cancelled or reset by an operator; nothing was decided.
	CaseCancelled CaseState = "cancelled"
)

// Decidable says that a decision is still taken.
func (s CaseState) Decidable() bool { return s == CaseOpen || s == CaseUnreviewed }

// Names of the Triage workflow's messages.
const (
	SeeUpdate    = "see"
	DecideUpdate = "decide"
	ForgetUpdate = "forget"
	ExtendUpdate = "extend"
	ShowUpdate   = "show"
	ChangeUpdate = "change"
	CaseQuery    = "case"
)

// Show asks for a card of a case that a summary listed; it is posted in the
// summary's thread.
type Show struct {
	Case    CaseRef `json:"case"`
	By      Actor   `json:"by"`
	Channel string  `json:"channel"`
	Thread  string  `json:"thread"`
	// Click is the stable id of the click.
	Click string `json:"click,omitempty"`
}

// See is the update by which a hunt tells a case what it found. Counts are
// totals as of the window's end, never increments, and the same hunt and
// window twice get the same answer.
type See struct {
	Hunt      string    `json:"hunt"` // slug
	HuntName  string    `json:"hunt_name"`
	RunID     string    `json:"run_id"`
	Window    Window    `json:"window"`
	Partial   bool      `json:"partial,omitempty"`
	At        time.Time `json:"at"`
	Finding   Finding   `json:"finding"`
	Judgement Judgement `json:"judgement"`
	// Channel is where the card goes; Listed says that the run's summary lists the case instead.
	Channel string `json:"channel"`
	Listed  bool   `json:"listed,omitempty"`
	// Operations is the channel that is told when a card cannot be posted.
	Operations string `json:"operations,omitempty"`
	// Deadline is how long a person has; it belongs to the severity or to the sender.
	Deadline Duration `json:"deadline"`
	// Policy is the deployment's policy for cases, in force from this sighting on.
	Policy CasePolicy `json:"policy,omitzero"`
	// Wrong is set when an analyst said that a rule hid this sender wrongly.
	Wrong *Wrong `json:"wrong,omitempty"`
}

// ID names a sighting by what was seen: hunt, window, sender and messages. The
// same is answered as before; a run that saw more of the same window is another.
func (s See) ID() string {
	c := s.Finding.Candidate
	ids := s.Finding.MessageIDs()
	sort.Strings(ids)
	parts := append([]string{
		s.Hunt, s.Window.String(), string(c.Scope), string(c.SenderIs), FoldASCII(c.Sender),
		strconv.FormatBool(s.Partial), strconv.Itoa(s.Finding.Evidence.Total),
	}, ids...)
	if s.Wrong != nil {
		// It asks for another answer than what was seen before.
		parts = append(parts, "wrong", s.Wrong.Rule)
	}
	return "see-" + shortHash(strings.Join(parts, "|"), 20)
}

// Validate refuses a sighting that would make a case without a card.
func (s See) Validate() error {
	switch {
	case s.Hunt == "":
		return fmt.Errorf("see: hunt is missing")
	case s.Channel == "":
		return fmt.Errorf("see: channel is missing; name the triage channel in the configuration")
	case s.Deadline <= 0:
		return fmt.Errorf("see: deadline is %s; give a positive duration", s.Deadline)
	}
	return s.Window.Validate()
}

// SeeAnswer is what a case says to a sighting.
type SeeAnswer string

const (
	// SeeOpened: a new case was opened.
	SeeOpened SeeAnswer = "opened"
	// SeeJoined: the sighting joined a case, open or already decided for these messages.
	SeeJoined SeeAnswer = "joined"
	// SeeSuppressed: the sender is hidden by what an analyst approved.
	SeeSuppressed SeeAnswer = "suppressed"
)

// Seen answers a sighting.
type Seen struct {
	Answer SeeAnswer `json:"answer"`
	Case   CaseRef   `json:"case"`
	State  CaseState `json:"state"`
	// Reason explains a suppression: by whom, why, until when.
	Reason string `json:"reason,omitempty"`
	// Held is the guard by which the case held what a rule would have hidden.
	Held Guard `json:"held,omitempty"`
	// NewCard says that this sighting makes a card of its own.
	NewCard bool `json:"new_card,omitempty"`
	// List says that the run's summary has to list the case, which has no card.
	List bool `json:"list,omitempty"`
}

// Card is where a case's card stands.
type Card struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	// Thread is set when the card was posted under a summary.
	Thread string `json:"thread,omitempty"`
}

// Posted says that there is a card.
func (c Card) Posted() bool { return c.TS != "" }

// Case is one numbered case of a sender, as query, cards and audit see it.
type Case struct {
	Ref       CaseRef   `json:"ref"`
	Key       string    `json:"key"`
	State     CaseState `json:"state"`
	Hunts     []HuntRef `json:"hunts"`
	Opened    time.Time `json:"opened"`
	Deadline  time.Time `json:"deadline"`
	Finding   Finding   `json:"finding"`
	Judgement Judgement `json:"judgement"`
	Partial   bool      `json:"partial,omitempty"`
	Channel   string    `json:"channel"`
	// Operations is the channel that is told when a card cannot be posted.
	Operations string    `json:"operations,omitempty"`
	Listed     bool      `json:"listed,omitempty"`
	Card       Card      `json:"card"`
	Decision   *Decision `json:"decision,omitempty"`
	Incident   *Incident `json:"incident,omitempty"`
	// Problems are what failed on the way of an outcome ("incident: …"), for the card.
	Problems []string `json:"problems,omitempty"`
	// Earlier are outcomes of this sender's earlier cases, newest first.
	Earlier []Outcome `json:"earlier,omitempty"`
	// Policy is the newest sighting's.
	Policy CasePolicy `json:"policy,omitzero"`
	// Proposal is an approval that waits for a second person.
	Proposal *Decision `json:"proposal,omitempty"`
	// Snooze stops the clock of an open case.
	Snooze *Snooze `json:"snooze,omitempty"`
	// Snoozed is how long snoozes that are over stopped the clock, since the case was
	// opened or opened again.
	Snoozed Duration `json:"snoozed,omitempty"`
	// Defender is the Defender incident that was commented on.
	Defender *Incident `json:"defender,omitempty"`
	// Span is how long people had for the case when its clock began.
	Span Duration `json:"span,omitempty"`
	// Reminded and Called say that the thread and the on-call group were reminded of this deadline.
	Reminded bool `json:"reminded,omitempty"`
	Called   bool `json:"called,omitempty"`
	// HiddenUntil is when what was approved of the sender ends; zero on a case that was
	// approved before v0.3.0.
	HiddenUntil time.Time `json:"hidden_until,omitzero"`
	// UndoOver says that the approval can no longer be undone.
	UndoOver bool `json:"undo_over,omitempty"`
	// Looks counts later look-ups of a sender that the directory could not tell of.
	Looks int `json:"looks,omitempty"`
	// Reposts counts cards that were posted in the place of one that was gone.
	Reposts int `json:"reposts,omitempty"`
	// Said is how many phish reports the thread was last told of.
	Said int `json:"said,omitempty"`
	// Log are what people did to the case beside deciding it, oldest first, at most MaxLog.
	Log []LogEntry `json:"log,omitempty"`
	// RuleProposal is a rule as YAML, ready for a suppression file, that would hide what
	// several people approved one after the other on the same path and envelope.
	RuleProposal string `json:"rule_proposal,omitempty"`
}

// Serves says that the incident is enough for an escalation of a severity: somebody may be
// working on it, and as urgently. An alert about a user's report opens one of low severity
// for almost every reported mail.
func (i Incident) Serves(s Severity) bool { return !i.Closed && rankOf(i.Severity) >= rankOf(s) }

// IncidentURL is where an escalated case is worked on: its own incident, else the one
// that Defender has.
func (c Case) IncidentURL() string {
	for _, i := range []*Incident{c.Incident, c.Defender} {
		if i != nil && i.URL != "" {
			return i.URL
		}
	}
	return ""
}

// DeadlineAfterSnooze is the deadline as it will be when a snooze ends by itself; of a
// case that is not snoozed it is the deadline.
func (c Case) DeadlineAfterSnooze() time.Time {
	if c.Snooze != nil && !c.Deadline.IsZero() {
		c.wake(c.Snooze.Until)
	}
	return c.Deadline
}

// HuntRef names a hunt that found a sender, and when last.
type HuntRef struct {
	Slug   string    `json:"slug"`
	Name   string    `json:"name"`
	Window Window    `json:"window"`
	Counts Counts    `json:"counts"`
	Seen   time.Time `json:"seen"`
}

// Outcome is how an earlier case of the sender ended.
type Outcome struct {
	Number   int       `json:"number"`
	State    CaseState `json:"state"`
	By       string    `json:"by,omitempty"`
	At       time.Time `json:"at"`
	Reason   string    `json:"reason,omitempty"`
	Incident string    `json:"incident,omitempty"`
}

// Incident is the Sentinel or the Defender incident of an escalated case.
type Incident struct {
	ID     string `json:"id"`
	Number int    `json:"number,omitempty"`
	URL    string `json:"url,omitempty"`
	// Closed says that nobody may be looking at the incident: it was closed already when it
	// was found, or is in no state that says otherwise.
	Closed bool `json:"closed,omitempty"`
	// Severity is that of an incident that Defender made, empty for less than LOW.
	Severity Severity `json:"severity,omitempty"`
	// Missing says what could not be added to it.
	Missing string `json:"missing,omitempty"`
}

// CaseView answers the query "case": the newest case and the sender's memory.
type CaseView struct {
	Case Case `json:"case"`
	// Entry is the learned suppression, if one stands.
	Entry *Entry `json:"entry,omitempty"`
	// Numbers counts the sender's cases.
	Numbers int `json:"numbers"`
}

// Revision names what a case showed: its messages and guards. An approval
// carries it, so that nobody approves what came after they looked.
func (c Case) Revision() string {
	ids := c.Finding.MessageIDs()
	for _, g := range c.Judgement.Guards {
		ids = append(ids, "guard:"+string(g.Guard))
	}
	sort.Strings(ids)
	return shortHash(strings.Join(ids, "|"), 12)
}

// AddProblem notes what failed, once, and keeps the newest MaxProblems.
func (c *Case) AddProblem(problem string) {
	if !contains(c.Problems, problem) {
		c.Problems = keepLast(append(c.Problems, problem), MaxProblems)
	}
}

// addAll adds values to a sorted set, the empty one left out.
func addAll(set []string, values ...string) []string {
	for _, v := range values {
		if v != "" {
			set = include(set, v)
		}
	}
	return set
}

func contains(set []string, v string) bool {
	for _, s := range set {
		if s == v {
			return true
		}
	}
	return false
}
