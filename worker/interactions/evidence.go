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

// show asks for the card of a case that a summary or a digest lists, in its thread. Who
// asks for one that stands elsewhere already is told where.
func (s *Service) show(ctx context.Context, c click) bool {
	ctx, cancel := context.WithTimeout(ctx, s.config.DecideFor)
	defer cancel()
	who, err := s.resolve(ctx, c.from.user)
	var stands string
	if err == nil {
		err = s.until(ctx, func(ctx context.Context) (err error) {
			stands, err = s.showOnce(ctx, c, who)
			return err
		})
	}
	refusal, refused := errors.AsType[*soar.Refusal](err)
	switch {
	case refused:
		s.note(ctx, c.from, upperFirst(refusal.Message)+".")
	case err != nil:
		s.config.Logger.Error("case not shown", "case", c.place.Case.String(), "error", err.Error())
		s.note(ctx, c.from, "The card could not be shown just now; click again.")
	case stands != "":
		s.note(ctx, c.from, "This case has its card already: "+stands)
	}
	return err == nil || refused
}

// showOnce gives the address of the card that stands, or asks for one.
func (s *Service) showOnce(ctx context.Context, c click, who person) (stands string, err error) {
	cv, err := s.config.Cases.View(ctx, c.place.Case.ID)
	if err != nil {
		return "", err
	}
	if k := cv.Case; k.Ref == c.place.Case && k.State.Decidable() && k.Card.Posted() {
		stands, err = s.config.Slack.GetPermalinkContext(ctx, &slackapi.PermalinkParameters{Channel: k.Card.Channel, Ts: k.Card.TS})
		if slack.Answered(err, "message_not_found", "channel_not_found") {
			err = &soar.Refusal{Kind: soar.RefusedInput, Message: "the card of this case is not in Slack any more; decide it with: worker cases decide " + k.Ref.String()}
		}
		return stands, err
	}
	thread := c.place.Thread
	if thread == "" {
		thread = c.place.TS
	}
	return "", s.config.Cases.Show(ctx, soar.Show{Case: c.place.Case, By: who.Actor, Channel: c.place.Channel, Thread: thread, Click: c.id})
}
