package interactions

import (
	"context"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// escalate decides at once: escalating needs no form.
func (s *Service) escalate(ctx context.Context, c click) bool {
	return s.decide(ctx, c.from, soar.Decide{Case: c.place.Case, Decision: soar.Escalate, Click: c.id})
}

// approve decides what the modal's form says.
func (s *Service) approve(ctx context.Context, id, user string, f slack.Submission) bool {
	return s.decide(ctx, submitter(user, f.Place), soar.Decide{
		Case: f.Place.Case, Decision: soar.Approve, Reason: f.Reason, Remember: f.Remember, Revision: f.Place.Revision, Click: id,
	})
}

// submitter is who submitted a modal that was opened at a place.
func submitter(user string, at slack.Place) origin {
	return origin{user: user, channel: at.Channel, thread: at.Thread}
}

func (s *Service) decide(ctx context.Context, from origin, d soar.Decide) bool {
	d.At = s.config.Now()
	return s.carry(ctx, request{
		from: from, id: d.Click, of: d.Case, action: string(d.Decision), at: d.At,
		send: func(ctx context.Context, who person) (string, error) {
			d.By, d.Approvers = who.Actor, who.list
			out, err := s.config.Cases.Decide(ctx, d)
			if err != nil {
				return "", err
			}
			s.config.Logger.Info("decision recorded", "case", d.Case.String(), "click", d.Click, "state", string(out.State))
			if out.Proposed {
				return "Recorded. Another approver has to confirm it before it hides anything.", nil
			}
			return "", nil
		},
	})
}
