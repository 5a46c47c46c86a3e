package interactions

import (
	"context"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

const actionExtend = "extend"

// openExtend shows an approver what a rule or a remembered approval did in the
// period, and asks for how much longer the latter is to hide its sender. Where it may
// not hide for longer, or not at this approver's word, there is no form but the reason.
func (s *Service) openExtend(ctx context.Context, c click, ref slack.ExtendRef) bool {
	r := request{from: c.from, id: c.id, of: ref.Case, action: actionExtend, at: s.config.Now()}
	wish := slack.Extension{Ref: ref, Channel: c.place.Channel, TS: c.place.TS}
	if s.config.RuleAt != nil && ref.Rule != "" {
		wish.File, wish.Line = s.config.RuleAt(ref.Rule)
	}
	return s.modal(ctx, c, slack.TitleExtend, func(ctx context.Context) slackapi.ModalViewRequest {
		who, err := s.resolve(ctx, c.from.user)
		if err == nil {
			err = who.approver()
		}
		if err == nil && ref.Rule == "" {
			err = s.mayOpenExtend(ctx, ref.Case, who)
		}
		if err != nil {
			return slack.NoticeModal(slack.TitleExtend, c.place, s.denied(ctx, r, who.Actor, err))
		}
		return slack.ExtendModal(wish, s.config.Now())
	})
}

// mayOpenExtend judges as the case stands now.
func (s *Service) mayOpenExtend(ctx context.Context, ref soar.CaseRef, who person) error {
	return s.until(ctx, func(ctx context.Context) error {
		cv, err := s.config.Cases.View(ctx, ref.ID)
		if err != nil {
			return err
		}
		return mayExtend(cv, ref, soar.Extend{By: who.Actor, Approvers: who.list})
	})
}

// extend moves the end of a remembered approval, for an approver other than the
// one who approved.
func (s *Service) extend(ctx context.Context, id, user string, f slack.Extended) bool {
	at := s.config.Now()
	return s.carry(ctx, request{
		from: submitter(user, slack.Place{Channel: f.Channel}), id: id, of: f.Ref.Case, action: actionExtend, at: at,
		send: func(ctx context.Context, who person) (string, error) {
			cv, err := s.config.Cases.View(ctx, f.Ref.Case.ID)
			if err != nil {
				return "", err
			}
			e := soar.Extend{By: who.Actor, Approvers: who.list, Until: f.Until, At: at}
			if cv.Entry != nil && cv.Entry.Until.Equal(f.Until) {
				return extended(cv), nil // an answer that was lost
			}
			if err := mayExtend(cv, f.Ref.Case, e); err != nil {
				return "", err
			}
			cv, err = s.config.Cases.Extend(ctx, f.Ref.Case.ID, id, e)
			return extended(cv), err
		},
	})
}

// mayExtend refuses who approved, and what is not the entry that the form showed.
func mayExtend(cv soar.CaseView, asked soar.CaseRef, e soar.Extend) error {
	if cv.Entry != nil && cv.Entry.Case != asked {
		return &soar.Refusal{Kind: soar.RefusedOldCase, Message: "this approval has ended; what is remembered now was approved in " + cv.Entry.Case.String()}
	}
	return soar.MayExtendEntry(cv, e.By, e.Approvers)
}

func extended(cv soar.CaseView) string {
	if cv.Entry == nil {
		return ""
	}
	return "Extended until " + cv.Entry.Until.UTC().Format("2006-01-02 15:04 MST") + "."
}
