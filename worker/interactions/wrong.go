package interactions

import (
	"context"
	"errors"
	"strings"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

const actionWrong = "wrong"

// openWrong asks an approver why a finding should not have been hidden.
func (s *Service) openWrong(ctx context.Context, c click, ref slack.WrongRef) bool {
	c.place.Case = soar.CaseRef{ID: ref.CaseID}
	r := request{from: c.from, id: c.id, of: c.place.Case, action: actionWrong, at: s.config.Now()}
	return s.modal(ctx, c, slack.TitleWrong, func(ctx context.Context) slackapi.ModalViewRequest {
		who, err := s.resolve(ctx, c.from.user)
		if err == nil {
			err = who.approver()
		}
		if err != nil {
			return slack.NoticeModal(slack.TitleWrong, c.place, s.denied(ctx, r, who.Actor, err))
		}
		return slack.WrongModal(slack.Complaint{Ref: ref, Channel: c.place.Channel, Digest: c.place.TS})
	})
}

// wrong hunts the window of a hidden finding again, with the word that hiding it was
// wrong, and tells which case that opened. The same finding is the same run, whoever
// complains.
func (s *Service) wrong(ctx context.Context, id, user string, f slack.Complaint) bool {
	from, at, workflow := submitter(user, slack.Place{Channel: f.Channel}), s.config.Now(), ""
	of := soar.CaseRef{ID: f.Ref.CaseID}
	done := s.carry(ctx, request{
		from: from, id: id, of: of, action: actionWrong, at: at,
		send: func(ctx context.Context, who person) (_ string, err error) {
			if err := who.approver(); err != nil {
				return "", err
			}
			if s.config.Hunts == nil {
				return "", &soar.Refusal{Kind: soar.RefusedInput, Message: "hunts are not set up in this worker; ask who runs it"}
			}
			window := f.Ref.Window
			in := soar.HuntInput{Hunt: f.Ref.Hunt, Window: &window, Wrong: &soar.Wrong{
				CaseID: f.Ref.CaseID, Rule: f.Ref.Rule, By: who.Actor, Reason: f.Reason, At: at,
			}}
			if err := in.Validate(); err != nil {
				return "", &soar.Refusal{Kind: soar.RefusedInput, Message: err.Error()}
			}
			workflow, err = s.config.Hunts.Start(ctx, wrongID(f.Ref), in)
			return "Recorded. The hunt looks at that window again and opens a case for the sender.", err
		},
	})
	if workflow != "" {
		s.tellWrong(ctx, from, f.Ref, workflow)
	}
	return done
}

// wrongID is the id of the run that a complaint starts.
func wrongID(r slack.WrongRef) string {
	sum := strings.TrimPrefix(stableID("wrong", r.CaseID, r.Rule, r.Window.String()), "wrong-")
	return soar.ScheduleID(r.Hunt) + "-wrong-" + sum
}

// tellWrong waits for the run, and tells which case it opened.
func (s *Service) tellWrong(ctx context.Context, from origin, ref slack.WrongRef, workflow string) {
	result, err := s.awaitHunt(ctx, workflow)
	switch {
	case err == nil:
		s.note(ctx, from, reopened(ref, result))
	case errors.Is(err, errStillRunning):
		s.note(ctx, from, "The hunt is still running as "+workflow+"; the sender's card comes to the triage channel.")
	default:
		s.config.Logger.Warn("hunt ended without a result", "workflow", workflow, "error", err.Error())
		s.note(ctx, from, "No case was opened: the hunt failed. "+blockkit.Cut(err.Error(), 500))
	}
}

// reopened says which case a complaint opened.
func reopened(ref slack.WrongRef, r soar.HuntResult) string {
	for _, o := range r.Senders {
		if o.CaseID != ref.CaseID || o.Case == "" {
			continue
		}
		verb := "opened"
		if o.Answer == soar.SeeJoined {
			verb = "open already"
		}
		return "Case " + o.Case + " is " + verb + ", and " + ref.Rule + " hides its sender no more."
	}
	return "No case was opened: the hunt did not find the sender in that window again. " + slack.ResultLine(r)
}
