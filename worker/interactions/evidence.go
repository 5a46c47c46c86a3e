package interactions

import (
	"context"
	"errors"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// openEvidence shows what is behind a card to every full member who sees the card.
func (s *Service) openEvidence(ctx context.Context, c click) bool {
	return s.modal(ctx, c, slack.TitleEvidence, func(ctx context.Context) slackapi.ModalViewRequest { return s.evidence(ctx, c) })
}

// turnPage shows another page in the modal that was clicked in.
func (s *Service) turnPage(ctx context.Context, c click, page int) bool {
	if c.view == "" {
		return true
	}
	c.place.Page = page
	s.fill(ctx, c.view, func(ctx context.Context) slackapi.ModalViewRequest { return s.evidence(ctx, c) })
	return true
}

// evidence is a page of the evidence. From the home tab, which no channel's
// membership guards, it is for approvers alone.
func (s *Service) evidence(ctx context.Context, c click) slackapi.ModalViewRequest {
	who, cv, err := s.look(ctx, c)
	if err == nil && c.place.Channel == "" {
		err = who.approver()
	}
	if err != nil {
		return slack.NoticeModal(slack.TitleEvidence, c.place, sorry(err))
	}
	return slack.EvidencePage(cv, c.place, slack.Options{Links: s.config.Links, MaskSubjects: s.masks(cv.Case)}, s.config.Now())
}

// masks says where the evidence of a case shows no subjects: on the home tab, where
// its card shows none.
func (s *Service) masks(k soar.Case) func(channel string) bool {
	if s.config.MaskSubjects == nil {
		return nil
	}
	return func(channel string) bool {
		if channel == "" {
			channel = k.Channel
		}
		return s.config.MaskSubjects(channel)
	}
}

// show asks for the card of a case that a summary lists, in the summary's thread.
func (s *Service) show(ctx context.Context, c click) bool {
	ctx, cancel := context.WithTimeout(ctx, s.config.DecideFor)
	defer cancel()
	who, err := s.resolve(ctx, c.from.user)
	thread := c.place.Thread
	if thread == "" {
		thread = c.place.TS
	}
	if err == nil {
		show := soar.Show{Case: c.place.Case, By: who.Actor, Channel: c.place.Channel, Thread: thread}
		err = s.until(ctx, func(ctx context.Context) error { return s.config.Cases.Show(ctx, show) })
	}
	refusal, refused := errors.AsType[*soar.Refusal](err)
	switch {
	case refused:
		s.note(ctx, c.from, upperFirst(refusal.Message)+".")
	case err != nil:
		s.config.Logger.Error("case not shown", "case", c.place.Case.String(), "error", err.Error())
		s.note(ctx, c.from, "The card could not be shown just now; click again.")
	}
	return err == nil || refused
}
