package interactions

import (
	"context"
	"errors"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
)

// errBusy is the answer to a click that there is no place for: it is not acknowledged.
var errBusy = errors.New("handle interaction: too many clicks at once, or closing")

// errMalformed is the answer to a modal that is not ours.
var errMalformed = errors.New("handle interaction: the modal's metadata is not ours")

// handle looks at an interaction and returns what acknowledges it (nil for a
// plain acknowledgement) and the work behind it, which starts when after is
// called. It calls nobody, so the acknowledgement never waits. after is nil when
// there is nothing to do.
func (s *Service) handle(cb slackapi.InteractionCallback) (ack any, after func(), err error) {
	switch cb.Type {
	case slackapi.InteractionTypeBlockActions:
		c, ok := readClick(cb)
		work := s.workOf(c)
		if !ok || work == nil {
			s.config.Logger.Info("slack interaction not ours", "type", string(cb.Type))
			return nil, nil, nil
		}
		after, err = s.later(c.id, work)
		return nil, after, err
	case slackapi.InteractionTypeViewSubmission:
		return s.submitted(cb)
	}
	return nil, nil, nil
}

func (s *Service) workOf(c click) func(context.Context) bool {
	switch c.action {
	case slack.ActionEscalate:
		return func(ctx context.Context) bool { return s.escalate(ctx, c) }
	case slack.ActionApprove:
		return func(ctx context.Context) bool { return s.openApprove(ctx, c) }
	case slack.ActionEvidence:
		return func(ctx context.Context) bool { return s.openEvidence(ctx, c) }
	case slack.ActionShow:
		return func(ctx context.Context) bool { return s.show(ctx, c) }
	}
	return nil
}

// submitted checks the fields of the approve modal: their problems are the
// acknowledgement, and only a good form is worked on.
func (s *Service) submitted(cb slackapi.InteractionCallback) (any, func(), error) {
	if cb.View.CallbackID != slack.CallbackApprove {
		return nil, nil, nil
	}
	form, problems, err := slack.ReadSubmission(cb.View)
	if err != nil {
		s.config.Logger.Warn("slack modal not readable", "error", err.Error())
		return nil, nil, errMalformed
	}
	if len(problems) > 0 {
		return slackapi.NewErrorsViewSubmissionResponse(problems), nil, nil
	}
	id := submissionID(cb)
	after, err := s.later(id, func(ctx context.Context) bool { return s.approve(ctx, id, cb.User, form) })
	return nil, after, err
}

// later prepares work for a click that was not seen before. A click whose work
// did not come to an end is forgotten, so that another delivery is worked on.
func (s *Service) later(id string, work func(context.Context) bool) (func(), error) {
	if !s.start() {
		return nil, errBusy
	}
	if !s.seen.first(id) {
		s.release()
		return nil, nil
	}
	return func() {
		s.run(func(ctx context.Context) {
			if !work(ctx) {
				s.seen.forget(id)
			}
		})
	}, nil
}
