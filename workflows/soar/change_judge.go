package soar

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// snoozeHigh is the longest snooze of a HIGH case: somebody may be in a mailbox.
const snoozeHigh = time.Hour

// SnoozeLimit is how long a case of a severity may be snoozed in all.
func SnoozeLimit(s Severity) time.Duration {
	if s == SeverityHigh {
		return snoozeHigh
	}
	return MaxSnooze
}

// SnoozeLeft is how much longer a case may be snoozed, however often it was before:
// nobody keeps a case from its deadline for ever.
func (c Case) SnoozeLeft() time.Duration {
	return max(0, SnoozeLimit(c.Judgement.Severity)-c.Snoozed.Std())
}

// MayChange judges a change against the sender's newest case. It returns nil or a
// *Refusal. An empty approver list means nobody.
func MayChange(view CaseView, c Change, now time.Time) error {
	if err := c.validate(); err != nil {
		return &Refusal{RefusedInput, err.Error()}
	}
	if !c.Approvers.Include(c.By) {
		return &Refusal{RefusedActor, c.By.Label() + " is not an approver; ask someone who is"}
	}
	k := view.Case
	if c.Case != k.Ref {
		return &Refusal{RefusedOldCase, oldCase(view, c.Case)}
	}
	if err := c.Approvers.judge(c.By, k.Judgement.Severity, c.Kind.buttons(k)...); err != nil {
		return err
	}
	switch c.Kind {
	case ChangeUndo:
		return mayUndo(k, now)
	case ChangeReopen:
		return mayReopen(k)
	case ChangeSnooze, ChangeWake:
		return maySnooze(k, c)
	case ChangeConfirm, ChangeDecline:
		return mayAnswer(k, c)
	case ChangeRetry:
		return mayRetry(k)
	}
	return nil
}

// buttons are the names by which a narrower list speaks of a change: its own, and that
// of the decision which it takes back, answers or carries out again.
func (c ChangeKind) buttons(k Case) []Button {
	own := Button(c)
	switch {
	case c == ChangeUndo || c == ChangeConfirm || c == ChangeDecline:
		return []Button{own, Button(Approve)}
	case c == ChangeRetry:
		return []Button{own, Button(Escalate)}
	case c == ChangeReopen && k.Decision != nil:
		return []Button{own, Button(k.Decision.Kind)}
	}
	return []Button{own}
}

func (c Change) validate() error {
	if err := c.Kind.Validate(); err != nil {
		return err
	}
	switch {
	case c.Click == "":
		return errors.New("click is missing; every change carries the id of its click")
	case c.By.ID == "":
		return errors.New("by is missing; a change names who makes it")
	case c.Kind == ChangeReopen && strings.TrimSpace(c.Reason) == "":
		return errors.New("reason is missing; say why the case is opened again")
	case c.Kind == ChangeSnooze && (c.For <= 0 || c.For.Std() > MaxSnooze):
		return fmt.Errorf("for is %s; a snooze lasts at most %s", c.For, Duration(MaxSnooze))
	}
	return nil
}

func mayUndo(k Case, now time.Time) error {
	switch {
	case k.Decision != nil && k.Decision.Kind == Escalate:
		return &Refusal{RefusedInput, "an escalation is not undone: close its incident, or reopen the case"}
	case k.State != CaseApproved && k.State != CaseRemembered || k.Decision == nil:
		return &Refusal{RefusedInput, "there is no approval to undo: the case is " + string(k.State)}
	case !now.Before(k.UndoUntil()):
		return &Refusal{RefusedInput, fmt.Sprintf("an approval is undone within %s; reopen the case instead", k.Policy.UndoFor)}
	}
	return nil
}

// UndoUntil is when an approval can no longer be undone; zero when it never can.
func (c Case) UndoUntil() time.Time {
	if c.Decision == nil || c.Decision.Kind != Approve || c.Policy.UndoFor <= 0 {
		return time.Time{}
	}
	return c.Decision.At.Add(c.Policy.UndoFor.Std())
}

func mayReopen(k Case) error {
	switch k.State {
	case CaseApproved, CaseRemembered, CaseEscalated, CaseUnreviewed:
		return nil
	}
	return &Refusal{RefusedInput, "there is nothing to reopen: the case is " + string(k.State)}
}

func maySnooze(k Case, c Change) error {
	left := k.SnoozeLeft()
	switch {
	case k.State != CaseOpen:
		return &Refusal{RefusedDecided, alreadyDecided(k)}
	case c.Kind == ChangeWake && k.Snooze == nil:
		return &Refusal{RefusedInput, "the case is not snoozed"}
	case c.Kind == ChangeSnooze && k.Snooze != nil:
		return &Refusal{RefusedInput, "the case is snoozed already, by " + k.Snooze.By.Label()}
	case c.Kind == ChangeSnooze && c.For.Std() > left:
		return &Refusal{RefusedInput, fmt.Sprintf("a %s case is snoozed for at most %s in all, and of that %s are left",
			k.Judgement.Severity, Duration(SnoozeLimit(k.Judgement.Severity)), Duration(left.Truncate(time.Second)))}
	}
	return nil
}

func mayAnswer(k Case, c Change) error {
	switch {
	case !k.State.Decidable():
		return &Refusal{RefusedDecided, alreadyDecided(k)}
	case k.Proposal == nil:
		return &Refusal{RefusedInput, "nobody waits for a second person: nothing is proposed, or the case has grown since"}
	case c.Kind == ChangeDecline:
		return nil
	case k.Proposal.By.ID == c.By.ID:
		return &Refusal{RefusedActor, "nobody confirms their own approval; ask another approver"}
	}
	return nil
}

func mayRetry(k Case) error {
	if k.State != CaseEscalated || len(k.FailedTargets()) == 0 {
		return &Refusal{RefusedInput, "nothing of this case waits to be tried again"}
	}
	return nil
}
