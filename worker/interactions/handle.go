package interactions

import (
	"context"
	"errors"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// errBusy is the answer to a click that there is no place for: it is not acknowledged.
var errBusy = errors.New("handle interaction: too many clicks at once, or closing")

// errMalformed is the answer to a modal that is not ours.
var errMalformed = errors.New("handle interaction: the modal's metadata is not ours")

// work is what is done behind an acknowledgement; false says that it came to no end
// and that another delivery may be worked on.
type work func(context.Context) bool

// handle looks at an interaction and returns what acknowledges it (nil for a
// plain acknowledgement) and the work behind it, which starts when after is
// called. It calls nobody, so the acknowledgement never waits. after is nil when
// there is nothing to do.
func (s *Service) handle(cb slackapi.InteractionCallback) (ack any, after func(), err error) {
	switch cb.Type {
	case slackapi.InteractionTypeBlockActions:
		c, ok := readClick(cb)
		if do := s.workOf(c); ok && do != nil {
			after, err = s.later(c.id, do)
			return nil, after, err
		}
		s.config.Logger.Info("slack interaction not ours", "type", string(cb.Type))
	case slackapi.InteractionTypeViewSubmission:
		return s.submitted(cb)
	}
	return nil, nil, nil
}

// workOf is what a click asks for, nil when it is none of ours.
func (s *Service) workOf(c click) work {
	switch c.action {
	case slack.ActionWrong:
		ref, err := slack.ParseWrongRef(c.value)
		return ours(err, func(ctx context.Context) bool { return s.openWrong(ctx, c, ref) })
	case slack.ActionExtend:
		ref, err := slack.ParseExtendRef(c.value)
		return ours(err, func(ctx context.Context) bool { return s.openExtend(ctx, c, ref) })
	case slack.ActionPage, slack.ActionPageBack:
		page, err := slack.ParsePage(c.value)
		return ours(err, func(ctx context.Context) bool { return s.turnPage(ctx, c, page) })
	}
	ref, err := soar.ParseCaseRef(c.value)
	c.place.Case = ref
	return ours(err, s.workOnCase(c))
}

func ours(err error, do work) work {
	if err != nil {
		return nil
	}
	return do
}

// workOnCase is what a click on a button of a case asks for.
func (s *Service) workOnCase(c click) work {
	does := map[string]func(context.Context, click) bool{
		slack.ActionEscalate: s.escalate, slack.ActionApprove: s.openApprove, slack.ActionEvidence: s.openEvidence,
		slack.ActionShow: s.show, slack.ActionReopen: s.openReopen, slack.ActionSnooze: s.openSnooze,
		slack.ActionAskReporter: s.askReporter, slack.ActionAskSender: s.askSender,
	}
	if do, ok := does[c.action]; ok {
		return func(ctx context.Context) bool { return do(ctx, c) }
	}
	if kind, ok := changes[c.action]; ok {
		return func(ctx context.Context) bool { return s.change(ctx, c, kind) }
	}
	return nil
}

// submitted checks the fields of a modal: their problems are the acknowledgement,
// and only a good form is worked on.
func (s *Service) submitted(cb slackapi.InteractionCallback) (any, func(), error) {
	id := submissionID(cb)
	do, problems, err := s.read(id, cb)
	switch {
	case err != nil:
		s.config.Logger.Warn("slack modal not readable", "error", err.Error())
		return nil, nil, errMalformed
	case len(problems) > 0:
		return slackapi.NewErrorsViewSubmissionResponse(problems), nil, nil
	case do == nil:
		return nil, nil, nil
	}
	after, err := s.later(id, do)
	return nil, after, err
}

// read reads a submitted form and returns what it asks for, nil when the form is
// none of ours.
func (s *Service) read(id string, cb slackapi.InteractionCallback) (do work, problems map[string]string, err error) {
	v, user, now := cb.View, cb.User.ID, s.config.Now()
	switch v.CallbackID {
	case slack.CallbackApprove:
		f, problems, err := slack.ReadSubmission(v)
		return func(ctx context.Context) bool { return s.approve(ctx, id, user, f) }, problems, err
	case slack.CallbackSnooze:
		f, problems, err := slack.ReadSnooze(v, now)
		return func(ctx context.Context) bool { return s.snooze(ctx, id, user, f) }, problems, err
	case slack.CallbackReopen:
		f, problems, err := slack.ReadReopen(v)
		return func(ctx context.Context) bool { return s.reopen(ctx, id, user, f) }, problems, err
	case slack.CallbackExtend:
		f, problems, err := slack.ReadExtend(v, now)
		return func(ctx context.Context) bool { return s.extend(ctx, id, user, f) }, problems, err
	case slack.CallbackWrong:
		f, problems, err := slack.ReadWrong(v)
		return func(ctx context.Context) bool { return s.wrong(ctx, id, user, f) }, problems, err
	}
	return nil, nil, nil
}

// later prepares work for a click that was not seen before. A click whose work
// did not come to an end is forgotten, so that another delivery is worked on.
func (s *Service) later(id string, do work) (func(), error) {
	if !s.start() {
		return nil, errBusy
	}
	if !s.seen.first(id) {
		s.release()
		return nil, nil
	}
	return func() {
		s.run(func(ctx context.Context) {
			if !do(ctx) {
				s.seen.forget(id)
			}
		})
	}, nil
}
