package stack

import (
	"context"
	"fmt"

	"harrier/activities/slack/slacktest"
	"harrier/workflows/soar"
)

// Metadata of Harrier's messages, as Slack keeps it.
const (
	eventCase    = "harrier_case"
	eventSummary = "harrier_summary"
)

// Carries says that a message is the card of a case, or the summary that lists it.
func Carries(m slacktest.Message, ref soar.CaseRef) bool {
	if m.Metadata == nil || m.Deleted {
		return false
	}
	switch m.Metadata.EventType {
	case eventCase:
		return m.Metadata.EventPayload["case"] == ref.String()
	case eventSummary:
		listed, _ := m.Metadata.EventPayload["cases"].([]any)
		for _, c := range listed {
			if c == ref.String() {
				return true
			}
		}
	}
	return false
}

// Cards are the messages of the triage channel that carry a case.
func (s *Stack) Cards(ref soar.CaseRef) []slacktest.Message {
	var out []slacktest.Message
	for _, m := range s.Slack.All(TriageChannel) {
		if Carries(m, ref) {
			out = append(out, m)
		}
	}
	return out
}

// ExpectCard waits for a case's own card.
func (s *Stack) ExpectCard(ctx context.Context, ref soar.CaseRef) (slacktest.Message, error) {
	m, err := s.Slack.ExpectMessage(ctx, TriageChannel, func(m slacktest.Message) bool {
		return m.Metadata != nil && m.Metadata.EventType == eventCase && Carries(m, ref)
	})
	if err != nil {
		return m, fmt.Errorf("wait for the card of %s: %w", ref, err)
	}
	return m, nil
}

// Show clicks Show beside a case in the summary that lists it. A case that has
// its own card needs none.
func (s *Stack) Show(ctx context.Context, user string, ref soar.CaseRef) error {
	for _, m := range s.Cards(ref) {
		if m.Metadata.EventType == eventCase {
			return nil
		}
	}
	for _, m := range s.Cards(ref) {
		for _, b := range m.Buttons() {
			if b.ActionID != "show" || b.Value != ref.String() {
				continue
			}
			press := slacktest.Press{User: user, Channel: m.Channel, TS: m.TS, Block: b.BlockID, Action: b.ActionID}
			if _, err := s.Slack.Use(ctx, press); err != nil {
				return fmt.Errorf("click Show beside %s: %w", ref, err)
			}
			return nil
		}
	}
	return fmt.Errorf("show %s: no summary lists it with a button", ref)
}

// Approve clicks "Benign: hide…" on a card, fills the modal in and waits for
// the card to lose its buttons.
func (s *Stack) Approve(ctx context.Context, user string, card slacktest.Message, reason, remember string) error {
	form, err := s.OpenApprove(ctx, user, card)
	if err != nil {
		return err
	}
	if err := s.SubmitApprove(ctx, user, form, reason, remember); err != nil {
		return err
	}
	return s.expectDecided(ctx, card)
}

// OpenApprove clicks "Benign: hide…" on a card and waits for the modal's form.
func (s *Stack) OpenApprove(ctx context.Context, user string, card slacktest.Message) (slacktest.View, error) {
	if _, err := s.Slack.Click(ctx, user, card.Channel, card.TS, "approve"); err != nil {
		return slacktest.View{}, fmt.Errorf("click Benign: %w", err)
	}
	view, err := s.Slack.ExpectViewWhere(ctx, user, isApproveForm)
	if err != nil {
		return view, fmt.Errorf("wait for the modal: %w", err)
	}
	return view, nil
}

// SubmitApprove fills the open form in and submits it; what the case makes of it comes later.
func (s *Stack) SubmitApprove(ctx context.Context, user string, form slacktest.View, reason, remember string) error {
	values := map[string]any{"reason": reason}
	if remember != "0" || form.Contains("Remember") {
		values["remember"] = remember
	}
	answer, err := s.Slack.SubmitView(ctx, user, form.ID, values)
	if err != nil {
		return fmt.Errorf("submit the modal: %w", err)
	}
	if len(answer.Errors) > 0 {
		return fmt.Errorf("submit the modal: refused: %v", answer.Errors)
	}
	return nil
}

// Escalate clicks Escalate on a card and waits for the card to lose its buttons.
func (s *Stack) Escalate(ctx context.Context, user string, card slacktest.Message) error {
	if _, err := s.Slack.Click(ctx, user, card.Channel, card.TS, "escalate"); err != nil {
		return fmt.Errorf("click Escalate: %w", err)
	}
	return s.expectDecided(ctx, card)
}

// isApproveForm says that a modal has loaded: its inputs are there.
func isApproveForm(v slacktest.View) bool {
	for _, b := range v.Parsed {
		if b["type"] == "input" {
			return true
		}
	}
	return false
}

func (s *Stack) expectDecided(ctx context.Context, card slacktest.Message) error {
	_, err := s.Slack.ExpectUpdate(ctx, card.Channel, card.TS, func(m slacktest.Message) bool {
		for _, b := range m.Buttons() {
			if b.ActionID == "approve" || b.ActionID == "escalate" {
				return false
			}
		}
		return true
	})
	if err != nil {
		return fmt.Errorf("wait for the card to lose its buttons: %w", err)
	}
	return nil
}
