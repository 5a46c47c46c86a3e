package runs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/converter"

	"harrier/workflows/soar"
)

// Case is a sender's newest case, as listings show it.
type Case struct {
	Ref      string         `json:"case"`
	State    soar.CaseState `json:"state"`
	Severity soar.Severity  `json:"severity,omitempty"`
	Sender   string         `json:"sender"`
	Headline string         `json:"headline,omitempty"`
	Phish    int            `json:"phish"`
	Sent     int            `json:"sent,omitempty"`
	Usual    int            `json:"usual,omitempty"`
	Spam     int            `json:"spam"`
	// Deadline is an open case's, of a snoozed one as it will be; Until is when a remembered
	// approval ends.
	Deadline time.Time `json:"deadline,omitzero"`
	Until    time.Time `json:"until,omitzero"`
	// Snoozed is until when the clock of an open case stands.
	Snoozed time.Time `json:"snoozed_until,omitzero"`
	// By is who approved what is remembered.
	By string `json:"by,omitempty"`
}

// Cases lists the newest case of each sender whose state is one of these, or of
// every sender: the most severe first, then the next deadline or end. Cancelled are
// those that were ended by force before a decision, for as long as Temporal keeps them.
func (r Reader) Cases(ctx context.Context, states ...soar.CaseState) ([]Case, error) {
	if r.Converter == nil {
		r.Converter = converter.GetDefaultDataConverter()
	}
	var out []Case
	var unread []string
	newest := map[string]bool{}
	list := func(info *workflow.WorkflowExecutionInfo, seenAs func(soar.CaseState) soar.CaseState) {
		id := info.GetExecution().GetWorkflowId()
		memo, ok, err := r.memo(info)
		if err != nil && !newest[id] {
			unread = append(unread, id)
		}
		memo.State = seenAs(memo.State)
		if ok && !newest[id] && memo.State != "" && (len(states) == 0 || slices.Contains(states, memo.State)) {
			out = append(out, caseOf(id, memo))
		}
		newest[id] = true
	}
	err := r.each(ctx, soar.StandingCases, func(info *workflow.WorkflowExecutionInfo) bool { list(info, asItIs); return true })
	if err == nil && (len(states) == 0 || slices.Contains(states, soar.CaseCancelled)) {
		err = r.each(ctx, soar.EndedCases, func(info *workflow.WorkflowExecutionInfo) bool { list(info, byForce); return true })
	}
	if err == nil && len(unread) > 0 {
		err = fmt.Errorf("the memo of %d cases cannot be decoded, of %s first; is the payload codec the same as the worker's?", len(unread), unread[0])
	}
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	slices.SortStableFunc(out, func(a, b Case) int {
		return cmp.Or(cmp.Compare(order(a.Severity), order(b.Severity)), a.ends().Compare(b.ends()), cmp.Compare(a.Ref, b.Ref))
	})
	return out, nil
}

func asItIs(s soar.CaseState) soar.CaseState { return s }

// byForce is the state of a case whose run ended by force with this one; of one that was
// decided nothing stands any more.
func byForce(s soar.CaseState) soar.CaseState {
	if s.Decidable() || s == soar.CaseCancelled {
		return soar.CaseCancelled
	}
	return ""
}

// memo is what a case shows of itself; one that has only just begun shows nothing yet.
func (r Reader) memo(info *workflow.WorkflowExecutionInfo) (memo soar.TriageMemo, ok bool, err error) {
	payload, ok := info.GetMemo().GetFields()[soar.MemoKey]
	if !ok {
		return memo, false, nil
	}
	err = r.Converter.FromPayload(payload, &memo)
	return memo, err == nil, err
}

func caseOf(id string, m soar.TriageMemo) Case {
	if m.State == soar.CaseCancelled {
		m.Deadline, m.Snoozed = "", "" // the memo is of before it was ended
	}
	return Case{
		Ref: soar.CaseRef{ID: id, Number: m.Number}.String(), State: m.State, Severity: m.Severity, Sender: m.Sender, Headline: m.Headline,
		Phish: m.Phish, Spam: m.Spam, Sent: m.Sent, Usual: m.Usual, Deadline: timeIn(m.Deadline), Until: timeIn(m.Until), By: m.By,
		Snoozed: timeIn(m.Snoozed),
	}
}

// ends is when something happens to the case by itself; zero is never.
func (c Case) ends() time.Time {
	if c.Deadline.IsZero() {
		return c.Until
	}
	return c.Deadline
}

func order(s soar.Severity) int {
	return slices.Index([]soar.Severity{soar.SeverityHigh, soar.SeverityMedium, soar.SeverityLow, ""}, s)
}

func timeIn(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at
}
