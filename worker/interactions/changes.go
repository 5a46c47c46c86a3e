package interactions

import (
	"context"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// changes are the changes that a button makes at once.
var changes = map[string]soar.ChangeKind{
	slack.ActionUndo: soar.ChangeUndo, slack.ActionWake: soar.ChangeWake, slack.ActionConfirm: soar.ChangeConfirm,
	slack.ActionDecline: soar.ChangeDecline, slack.ActionRetry: soar.ChangeRetry,
}

func (s *Service) change(ctx context.Context, c click, kind soar.ChangeKind) bool {
	return s.changeCase(ctx, c.from, soar.Change{Case: c.place.Case, Kind: kind, Click: c.id})
}

// snooze stops the clock for as long as the form says.
func (s *Service) snooze(ctx context.Context, id, user string, f slack.Snoozing) bool {
	return s.changeCase(ctx, submitter(user, f.Place), soar.Change{Case: f.Place.Case, Kind: soar.ChangeSnooze, For: f.For, Click: id})
}

// reopen opens a case again for the reason that the form gives.
func (s *Service) reopen(ctx context.Context, id, user string, f slack.Reopening) bool {
	return s.changeCase(ctx, submitter(user, f.Place), soar.Change{Case: f.Place.Case, Kind: soar.ChangeReopen, Reason: f.Reason, Click: id})
}

func (s *Service) changeCase(ctx context.Context, from origin, c soar.Change) bool {
	c.At = s.config.Now()
	return s.carry(ctx, request{
		from: from, id: c.Click, of: c.Case, action: string(c.Kind), at: c.At,
		send: func(ctx context.Context, who person) (string, error) {
			c.By, c.Approvers = who.Actor, who.list
			out, err := s.config.Cases.Change(ctx, c)
			if err == nil {
				s.config.Logger.Info("change recorded", "case", c.Case.String(), "change", string(c.Kind), "click", c.Click, "state", string(out.State))
			}
			return "", err
		},
	})
}

// openReopen opens the form that asks why a case is opened again.
func (s *Service) openReopen(ctx context.Context, c click) bool {
	probe := soar.Change{Kind: soar.ChangeReopen, Reason: "asked for the form"}
	return s.openChange(ctx, c, probe, asks{title: slack.TitleReopen, form: slack.ReopenModal})
}

// openSnooze opens the form that asks for how long the clock stops.
func (s *Service) openSnooze(ctx context.Context, c click) bool {
	probe := soar.Change{Kind: soar.ChangeSnooze, For: soar.Duration(time.Minute)}
	form := func(cv soar.CaseView, p slack.Place, now time.Time) slackapi.ModalViewRequest {
		return slack.SnoozeModal(cv, p, now, s.config.Zone)
	}
	return s.openChange(ctx, c, probe, asks{title: slack.TitleSnooze, form: form})
}

// openChange opens the form of a change for somebody who may make it.
func (s *Service) openChange(ctx context.Context, c click, probe soar.Change, a asks) bool {
	a.action = string(probe.Kind)
	a.may = func(cv soar.CaseView, who person) error {
		probe.Case, probe.By, probe.Approvers, probe.Click = c.place.Case, who.Actor, who.list, c.id
		return soar.MayChange(cv, probe, s.config.Now())
	}
	return s.openForm(ctx, c, a)
}
