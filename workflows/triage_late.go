package workflows

import (
	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/workflows/soar"
)

// lookLater asks the directory again after a sender that it could not tell of when
// the case opened, and has the finding judged with what it says. What fails is
// tried at the next time, and the card stays as it is.
func (t *triage) lookLater(ctx workflow.Context) {
	t.looking = true
	defer func() { t.looking = false }()
	ref, finding := t.state.Case.Ref, t.state.Case.Finding
	answer, err := activities.LookUpSenders.Run(directory(ctx), soar.ProfilesRequest{Senders: []soar.SenderRef{finding.Ref()}})
	if err != nil || len(answer.Profiles) != 1 {
		return
	}
	finding, known := finding.WithLateProfile(answer.Profiles[0])
	if !known {
		return
	}
	judged, err := activities.Judge.Run(quick(ctx), soar.JudgeRequest{Findings: []soar.Finding{finding}, Now: workflow.Now(ctx)})
	if err != nil || len(judged.Judgements) != 1 {
		return
	}
	before := t.state.Case
	severity := before.Judgement.Severity
	if !t.state.Complete(ref, finding, judged.Judgements[0], workflow.Now(ctx)) {
		return
	}
	t.stale = true
	t.say(lapsed(before, t.state.Case))
	if now := t.state.Case; now.Judgement.Severity != severity && now.Card.Posted() {
		t.say(risen(now))
	}
}
