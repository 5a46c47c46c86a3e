package slack

import (
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// buttons are what can be done with a case as it stands. Escalate comes first and
// red, except on LOW, where Benign is the likely answer.
func buttons(c soar.Case, now time.Time) []blockkit.Button {
	switch {
	case c.State.Decidable() && c.Proposal != nil:
		return withValue(c, escalateButton(c), button(ActionConfirm, "Confirm: benign"), button(ActionDecline, "Decline"), evidenceButton, clockButton(c))
	case c.State.Decidable() && c.Judgement.Severity == soar.SeverityLow:
		return withValue(c, benignButton, escalateButton(c), evidenceButton, clockButton(c))
	case c.State.Decidable():
		return withValue(c, escalateButton(c), benignButton, evidenceButton, clockButton(c))
	}
	return withValue(c, closedButtons(c, now)...)
}

func button(action, label string) blockkit.Button {
	return blockkit.Button{ActionID: action, Label: label}
}

var (
	benignButton   = button(ActionApprove, "Benign: hide…")
	evidenceButton = button(ActionEvidence, "Evidence")
	noButton       blockkit.Button // not shown
)

func escalateButton(c soar.Case) blockkit.Button {
	b := button(ActionEscalate, "Escalate")
	if c.Judgement.Severity != soar.SeverityLow {
		b.Style = slackapi.StyleDanger
	}
	return b
}

// clockButton stops the clock of an open case, or lets it run again. The clock of a LOW
// case calls nobody, so there is nothing to stop.
func clockButton(c soar.Case) blockkit.Button {
	if c.State != soar.CaseOpen || c.Deadline.IsZero() && c.Snooze == nil {
		return noButton
	}
	if c.Snooze == nil && c.Judgement.Severity == soar.SeverityLow {
		return noButton
	}
	if c.Snooze == nil {
		return button(ActionSnooze, "Snooze…")
	}
	return button(ActionWake, "Wake")
}

// closedButtons take back a fresh approval, carry out again what failed, or open a
// decided case again. A case that a newer one replaced can only be looked at, and one
// that an operator cancelled not even that.
func closedButtons(c soar.Case, now time.Time) []blockkit.Button {
	switch c.State {
	case soar.CaseApproved, soar.CaseRemembered:
		if until, ok := undoable(c); ok && now.Before(until) {
			return []blockkit.Button{button(ActionUndo, "Undo"), evidenceButton}
		}
		return []blockkit.Button{button(ActionReopen, "Reopen…"), evidenceButton}
	case soar.CaseEscalated:
		if failedTargets(c) {
			return []blockkit.Button{button(ActionRetry, "Retry what failed"), button(ActionReopen, "Reopen…"), evidenceButton}
		}
		return []blockkit.Button{button(ActionReopen, "Reopen…"), evidenceButton}
	case soar.CaseSuperseded:
		return []blockkit.Button{evidenceButton}
	}
	return nil
}

func withValue(c soar.Case, buttons ...blockkit.Button) []blockkit.Button {
	var out []blockkit.Button
	for _, b := range buttons {
		if b.ActionID != "" {
			b.Value = c.Ref.String()
			out = append(out, b)
		}
	}
	return out
}
