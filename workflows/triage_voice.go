package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/workflows/soar"
)

// voice is a note for the thread of a case's card.
type voice struct {
	ref  soar.CaseRef
	text string
	// mention calls the on-call group; always says it though the case is decided.
	mention, always bool
	// again says that it was said once to a card that was gone.
	again bool
}

func (t *triage) say(v voice) {
	if v.text != "" {
		t.voices = append(t.voices, v)
	}
}

// maySpeak says that a note waits and there is a card to hang it under, or that
// there will be none.
func (t *triage) maySpeak() bool {
	return len(t.voices) > 0 && (t.state.Case.Card.Posted() || t.state.Case.Listed || t.state.CardProblem != "" || !t.state.Case.State.Decidable())
}

// raiseVoice says what waits to be said, oldest first. What was decided meanwhile
// needs no reminder any more.
func (t *triage) raiseVoice(ctx workflow.Context) {
	for len(t.voices) > 0 {
		if t.state.Case.Policy.Version >= 2 && !t.maySpeak() {
			return // the card is gone, and another is posted first
		}
		v := t.voices[0]
		t.voices = t.voices[1:]
		c := t.state.Known(v.ref)
		if c == nil || !c.Card.Posted() || !v.always && !c.State.Decidable() {
			continue
		}
		request := soar.CaseRequest{Case: *c, Note: v.text, Mention: v.mention}
		if _, err := activities.PostReply.Run(t.patience(ctx, *c), request); err != nil {
			t.problem(ctx, v.ref, "thread", err)
			if !v.again && v.ref == t.state.Case.Ref && isType(err, soar.ErrTypeMessageGone, soar.ErrTypeChannelUnusable) && t.state.CardGone() {
				v.again = true
				t.voices = append([]voice{v}, t.voices...)
			}
		}
	}
}

// patience is how long a note waits for Slack: until the deadline that it speaks of.
func (t *triage) patience(ctx workflow.Context, c soar.Case) workflow.Context {
	if c.Policy.Version < 2 || !c.State.Decidable() {
		return slackInPassing(ctx)
	}
	return slackUntil(ctx, c.Deadline)
}

// hiddenMeanwhile says what an approval hid that was taken back, and how to see it.
func hiddenMeanwhile(c soar.Case, e *soar.Entry) voice {
	if e == nil || len(e.Hid) == 0 || c.Policy.Version < 2 {
		return voice{}
	}
	text := "Findings of this sender were hidden meanwhile. Hunt them again to see them here:"
	for _, h := range e.Hid {
		text += fmt.Sprintf("\n• worker hunts run %s --from %s --to %s", h.Hunt, h.Window.From.UTC().Format(time.RFC3339), h.Window.To.UTC().Format(time.RFC3339))
	}
	return voice{ref: c.Ref, text: text, always: true}
}

func risen(c soar.Case) voice {
	return voice{ref: c.Ref, text: "Now " + string(c.Judgement.Severity) + ": " + c.Judgement.Headline + ". Read the card again."}
}

func grown(c soar.Case, from int) voice {
	return voice{ref: c.Ref, text: fmt.Sprintf("Grown: %d phish reports, %d when this thread was last told. Read the card again.", c.Finding.Candidate.Counts.Phish, from)}
}

func reminder(c soar.Case, due soar.Reminder) voice {
	what := "escalates and pages"
	if c.Judgement.Severity != soar.SeverityHigh {
		what = "escalates"
	}
	text := fmt.Sprintf("Nobody has decided this %s case. It %s at %s.", c.Judgement.Severity, what, c.Deadline.UTC().Format("15:04 MST"))
	if c.Proposal != nil {
		text = fmt.Sprintf("An approval by %s waits for a second person. The case %s at %s.", c.Proposal.By.Label(), what, c.Deadline.UTC().Format("15:04 MST"))
	}
	return voice{ref: c.Ref, text: text, mention: due == soar.RemindOnCall}
}

// changed is what the thread is told of a change; who made it stands in it.
func changed(c soar.Case, by soar.Change) voice {
	who := by.By.Label()
	text := map[soar.ChangeKind]string{
		soar.ChangeUndo:    who + " took the approval back; the case is open again until " + clock(c.Deadline) + ".",
		soar.ChangeReopen:  who + " opened the case again: " + by.Reason + " It waits until " + clock(c.Deadline) + ".",
		soar.ChangeDecline: who + " declined the approval; the case stays open.",
	}[by.Kind]
	return voice{ref: c.Ref, text: text, always: true}
}

// lapsed is what the thread is told of a proposal that new evidence ended.
func lapsed(before, now soar.Case) voice {
	if before.Ref != now.Ref || before.Proposal == nil || now.Proposal != nil || now.State != soar.CaseOpen {
		return voice{}
	}
	return voice{ref: now.Ref, text: "The case has grown, so the approval by " + before.Proposal.By.Label() + " does not wait for a second person any more. Read the card again."}
}

// proposed is what the thread is told when a rule would spare people the decision.
func proposed(before, now soar.Case) voice {
	if now.RuleProposal == "" || before.RuleProposal == now.RuleProposal {
		return voice{}
	}
	return voice{ref: now.Ref, always: true, text: "Different people approved this on the same path one after the other: a rule would hide it. Its YAML is ready on the last page of Evidence."}
}

func clock(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 MST") }
