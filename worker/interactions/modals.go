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

// openApprove opens the form "Benign: hide…" and fills it once the person and
// the case are known. The form decides nothing: the case judges what is submitted.
func (s *Service) openApprove(ctx context.Context, c click) bool {
	return s.modal(ctx, c, slack.TitleApprove, func(ctx context.Context) slackapi.ModalViewRequest {
		d := soar.Decide{Case: c.place.Case, Decision: soar.Approve, Reason: "asked for the form", Click: c.id, At: s.config.Now()}
		cv, err := s.look(ctx, c, &d)
		if err == nil {
			err = mayAsk(cv, d)
		}
		if refusal, ok := errors.AsType[*soar.Refusal](err); ok {
			s.refuse(ctx, c.place, d, refusal)
		}
		if err != nil {
			return slack.NoticeModal(slack.TitleApprove, c.place, sorry(err))
		}
		return slack.ApproveModal(cv, c.place, s.config.Now())
	})
}

// mayAsk refuses the form to somebody who may not decide; what else stands
// against a decision the form says itself.
func mayAsk(cv soar.CaseView, d soar.Decide) error {
	err := soar.MayDecide(cv, d)
	if r, ok := errors.AsType[*soar.Refusal](err); ok && r.Kind == soar.RefusedActor {
		return r
	}
	return nil
}

// openEvidence shows what is behind a card to every full member who sees the card.
func (s *Service) openEvidence(ctx context.Context, c click) bool {
	return s.modal(ctx, c, slack.TitleEvidence, func(ctx context.Context) slackapi.ModalViewRequest {
		cv, err := s.look(ctx, c, &soar.Decide{})
		if err != nil {
			return slack.NoticeModal(slack.TitleEvidence, c.place, sorry(err))
		}
		return slack.EvidenceModal(cv, c.place, s.config.Links, s.config.Now())
	})
}

// modal opens a loading modal before anything else and replaces it when filled.
func (s *Service) modal(ctx context.Context, c click, title string, fill func(context.Context) slackapi.ModalViewRequest) bool {
	opened, err := s.open(ctx, c, slack.LoadingModal(title, c.place))
	if err != nil {
		s.config.Logger.Warn("slack modal not opened", "case", c.place.Case.String(), "error", err.Error())
		s.note(ctx, c.place, c.user.ID, "That took too long for Slack to open a window; click again.")
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, fillFor)
	defer cancel()
	view := fill(ctx)
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), noteFor)
	defer done()
	if _, err := s.config.Slack.UpdateViewContext(ctx, view, "", "", opened.ID); err != nil && !slack.Answered(err, "not_found") {
		s.config.Logger.Warn("slack modal not filled", "case", c.place.Case.String(), "error", err.Error())
	}
	return true
}

func (s *Service) open(ctx context.Context, c click, loading slackapi.ModalViewRequest) (*slackapi.ViewResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, openFor)
	defer cancel()
	return s.config.Slack.OpenViewContext(ctx, c.trigger, loading)
}

// look resolves the person into d and reads the case.
func (s *Service) look(ctx context.Context, c click, d *soar.Decide) (cv soar.CaseView, err error) {
	if err := s.resolve(ctx, c.user.ID, d); err != nil {
		return cv, err
	}
	err = s.until(ctx, func(ctx context.Context) (err error) {
		cv, err = s.config.Cases.View(ctx, c.place.Case.ID)
		return err
	})
	return cv, err
}

// sorry is what a modal says instead of its content.
func sorry(err error) string {
	if r, ok := errors.AsType[*soar.Refusal](err); ok {
		return upperFirst(r.Message) + "."
	}
	return "The case could not be read just now. Close this window and click again; nothing was recorded."
}

// show asks for the card of a case that a summary lists, in the summary's thread.
func (s *Service) show(ctx context.Context, c click) bool {
	ctx, cancel := context.WithTimeout(ctx, s.config.DecideFor)
	defer cancel()
	var d soar.Decide
	err := s.resolve(ctx, c.user.ID, &d)
	thread := c.place.Thread
	if thread == "" {
		thread = c.place.TS
	}
	if err == nil {
		show := soar.Show{Case: c.place.Case, By: d.By, Channel: c.place.Channel, Thread: thread}
		err = s.until(ctx, func(ctx context.Context) error { return s.config.Cases.Show(ctx, show) })
	}
	refusal, refused := errors.AsType[*soar.Refusal](err)
	switch {
	case refused:
		s.note(ctx, c.place, c.user.ID, upperFirst(refusal.Message)+".")
	case err != nil:
		s.config.Logger.Error("case not shown", "case", c.place.Case.String(), "error", err.Error())
		s.note(ctx, c.place, c.user.ID, "The card could not be shown just now; click again.")
	}
	return err == nil || refused
}
