package interactions

import (
	"context"
	"errors"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// Bounds of modals: to open one there are three seconds from the click, to fill
// it as long as a person would look at "Reading the case…".
const (
	openFor = 3 * time.Second
	fillFor = 15 * time.Second
)

// formOf builds a form of a case.
type formOf func(cv soar.CaseView, p slack.Place, now time.Time) slackapi.ModalViewRequest

// asks is a form that asks somebody about a case before anything is done.
type asks struct {
	title  string
	action string // what it would do, for the audit
	form   formOf
	// may judges what the form would ask for.
	may func(cv soar.CaseView, who person) error
}

// openForm opens a form and fills it once the person and the case are known. The
// form does nothing: the case judges what is submitted. Somebody who may not gets
// no form; what else stands against it the form says itself.
func (s *Service) openForm(ctx context.Context, c click, a asks) bool {
	r := request{from: c.from, id: c.id, of: c.place.Case, action: a.action, at: s.config.Now()}
	return s.modal(ctx, c, a.title, func(ctx context.Context) slackapi.ModalViewRequest {
		who, cv, err := s.look(ctx, c)
		if err == nil {
			err = onlyActor(a.may(cv, who))
		}
		if err != nil {
			return slack.NoticeModal(a.title, c.place, s.denied(ctx, r, who.Actor, err))
		}
		return a.form(cv, c.place, s.config.Now())
	})
}

// onlyActor keeps the refusal of somebody who may not, and no other.
func onlyActor(err error) error {
	if r, ok := errors.AsType[*soar.Refusal](err); ok && r.Kind == soar.RefusedActor {
		return r
	}
	return nil
}

// denied is what the modal says of somebody who gets no form, with the audit line and
// the note of a refusal.
func (s *Service) denied(ctx context.Context, r request, who soar.Actor, err error) string {
	if refusal, ok := errors.AsType[*soar.Refusal](err); ok {
		s.refuse(ctx, r, who, refusal)
	}
	return sorry(err)
}

// openApprove opens the form "Benign: hide…".
func (s *Service) openApprove(ctx context.Context, c click) bool {
	return s.openForm(ctx, c, asks{
		title: slack.TitleApprove, action: string(soar.Approve), form: slack.ApproveModal,
		may: func(cv soar.CaseView, who person) error {
			return soar.MayDecide(cv, soar.Decide{
				Case: c.place.Case, Decision: soar.Approve, Reason: "asked for the form", Click: c.id, By: who.Actor, Approvers: who.list,
			})
		},
	})
}

// modal opens a loading modal before anything else and replaces it when filled.
func (s *Service) modal(ctx context.Context, c click, title string, fill func(context.Context) slackapi.ModalViewRequest) bool {
	opened, err := s.open(ctx, c, slack.LoadingModal(title, c.place))
	if err != nil {
		s.config.Logger.Warn("slack modal not opened", "action", c.action, "case", c.place.Case.String(), "error", err.Error())
		s.note(ctx, c.from, "That took too long for Slack to open a window; click again.")
		return true
	}
	s.fill(ctx, opened.ID, fill)
	return true
}

// fill shows something in a modal that is open. A modal that was closed meanwhile
// needs nothing.
func (s *Service) fill(ctx context.Context, view string, fill func(context.Context) slackapi.ModalViewRequest) {
	ctx, cancel := context.WithTimeout(ctx, fillFor)
	defer cancel()
	request := fill(ctx)
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), noteFor)
	defer done()
	if _, err := s.config.Slack.UpdateViewContext(ctx, request, "", "", view); err != nil && !slack.Answered(err, "not_found") {
		s.config.Logger.Warn("slack modal not filled", "view", view, "error", err.Error())
	}
}

func (s *Service) open(ctx context.Context, c click, loading slackapi.ModalViewRequest) (*slackapi.ViewResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, openFor)
	defer cancel()
	return s.config.Slack.OpenViewContext(ctx, c.trigger, loading)
}

// look resolves the person and reads the case.
func (s *Service) look(ctx context.Context, c click) (who person, cv soar.CaseView, err error) {
	if who, err = s.resolve(ctx, c.from.user); err != nil {
		return who, cv, err
	}
	err = s.until(ctx, func(ctx context.Context) (err error) {
		cv, err = s.config.Cases.View(ctx, c.place.Case.ID)
		return err
	})
	return who, cv, err
}

// sorry is what a modal says instead of its content.
func sorry(err error) string {
	if r, ok := errors.AsType[*soar.Refusal](err); ok {
		return upperFirst(r.Message) + "."
	}
	return "The case could not be read just now. Close this window and click again; nothing was recorded."
}
