package audit

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"harrier/workflows/soar"
)

// decisionLine is what was decided of a case, by whom, on what grounds.
type decisionLine struct {
	Record   string         `json:"record"` // decision
	Case     string         `json:"case"`
	State    soar.CaseState `json:"state"`
	Decision *soar.Decision `json:"decision,omitempty"`
	Incident *soar.Incident `json:"incident,omitempty"`
	Defender *soar.Incident `json:"defender,omitempty"`
	Problems []string       `json:"problems,omitempty"`
	Note     string         `json:"note,omitempty"`
	// Proposal waits for a second person, Snooze stops the clock; Log is what people did to
	// the case beside deciding it.
	Proposal *soar.Decision  `json:"proposal,omitempty"`
	Snooze   *soar.Snooze    `json:"snooze,omitempty"`
	Log      []soar.LogEntry `json:"log,omitempty"`
	Opened   time.Time       `json:"opened"`
	Hunts    []string        `json:"hunts"`
	Sender   string          `json:"sender"`
	Scope    soar.Scope      `json:"scope"`
	Kind     soar.SenderKind `json:"kind,omitempty"`
	Counts   soar.Counts     `json:"counts"`
	Severity soar.Severity   `json:"severity,omitempty"`
	Guards   []soar.Guard    `json:"guards,omitempty"`
	Messages []string        `json:"messages,omitempty"`
}

// RecordDecision writes the file of a decision, named after case, number and
// click. A case that ended without one is recorded by its state.
func (c *Client) RecordDecision(ctx context.Context, in soar.CaseRequest) (soar.None, error) {
	err := c.recordDecision(ctx, in)
	if err == nil {
		c.logger.Info("decision recorded", "case", in.Case.Ref.String(), "state", string(in.Case.State))
	}
	return soar.None{}, classify("record decision of "+in.Case.Ref.String(), err)
}

func (c *Client) recordDecision(ctx context.Context, in soar.CaseRequest) error {
	k := in.Case
	if k.Ref.ID == "" || k.Ref.Number < 1 || k.Opened.IsZero() {
		return fmt.Errorf("%w: a case has an id, a number and when it was opened", errRecord)
	}
	at, what := event(k)
	content, err := lines(newDecisionLine(in))
	if err != nil {
		return err
	}
	return write(ctx, c.file(at, "decision-"+caseName(k.Ref)+"-"+name(what)+".json"), content)
}

// event is the newest thing that happened to a case, by which its file is named: a
// change, a proposal, a decision, or the state it ended in.
func event(k soar.Case) (at time.Time, what string) {
	at, what = k.Opened, string(k.State)
	if k.Decision != nil {
		at, what = k.Decision.At, hash(k.Decision.Click)
	}
	if k.Proposal != nil && k.Proposal.At.After(at) {
		at, what = k.Proposal.At, "proposal-"+hash(k.Proposal.Click)
	}
	if n := len(k.Log); n > 0 && k.Log[n-1].At.After(at) {
		last := k.Log[n-1]
		at, what = last.At, string(last.Kind)+"-"+last.At.UTC().Format("20060102T150405")
	}
	return at, what
}

func newDecisionLine(in soar.CaseRequest) decisionLine {
	k := in.Case
	line := decisionLine{
		Record: "decision", Case: k.Ref.String(), State: k.State, Decision: k.Decision, Incident: k.Incident, Defender: k.Defender,
		Problems: k.Problems, Note: in.Note, Proposal: k.Proposal, Snooze: k.Snooze, Log: k.Log, Opened: k.Opened, Hunts: []string{},
		Sender: k.Finding.Candidate.Sender, Scope: k.Finding.Candidate.Scope, Kind: k.Finding.Profile.Kind,
		Counts: k.Finding.Candidate.Counts, Severity: k.Judgement.Severity, Guards: k.Judgement.GuardNames(),
	}
	for _, h := range k.Hunts {
		line.Hunts = append(line.Hunts, h.Slug)
	}
	for _, m := range k.Finding.Evidence.Messages {
		line.Messages = append(line.Messages, m.NetworkMessageID)
	}
	return line
}

func caseName(ref soar.CaseRef) string { return name(ref.ID) + "-" + strconv.Itoa(ref.Number) }
