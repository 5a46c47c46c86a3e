package interactions

import (
	"context"
	"errors"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

// escalate decides at once: escalating needs no form.
func (s *Service) escalate(ctx context.Context, c click) bool {
	return s.decide(ctx, c.user.ID, c.place, soar.Decide{
		Case: c.place.Case, Decision: soar.Escalate, Click: c.id, At: s.config.Now(),
	})
}

// approve decides what the modal's form says.
func (s *Service) approve(ctx context.Context, id string, user slackapi.User, form slack.Submission) bool {
	return s.decide(ctx, user.ID, form.Place, soar.Decide{
		Case: form.Place.Case, Decision: soar.Approve, Reason: form.Reason, Remember: form.Remember,
		Revision: form.Place.Revision, Click: id, At: s.config.Now(),
	})
}

// decide resolves the person and sends the decision until it is accepted or
// refused, and tells the person what became of it. It is false when nobody knows.
func (s *Service) decide(ctx context.Context, user string, at slack.Place, d soar.Decide) bool {
	ctx, cancel := context.WithTimeout(ctx, s.config.DecideFor)
	defer cancel()
	told := s.pendingAfter(ctx, at, user, d.Decision)
	err := s.resolve(ctx, user, &d)
	sent := err == nil
	if sent {
		err = s.until(ctx, func(ctx context.Context) error { return s.send(ctx, d) })
	}
	pending := told()
	if refusal, ok := errors.AsType[*soar.Refusal](err); ok {
		s.refuse(ctx, at, d, refusal)
		return true
	}
	switch {
	case err == nil && pending:
		s.note(ctx, at, user, "Recorded: "+string(d.Decision)+".")
	case err != nil && sent:
		s.config.Logger.Error("decision not confirmed", "case", d.Case.String(), "click", d.Click, "error", err.Error())
		s.note(ctx, at, user, "No answer from the case. If your decision was recorded, the card changes; if it does not, click again.")
	case err != nil:
		s.config.Logger.Error("decision not sent", "case", d.Case.String(), "click", d.Click, "error", err.Error())
		s.note(ctx, at, user, "Your decision was not sent: Slack could not say who you are. Click again.")
	}
	return err == nil
}

// resolve fills in who acts and who may, as of now.
func (s *Service) resolve(ctx context.Context, user string, d *soar.Decide) error {
	d.Approvers = s.config.Approvers()
	d.By = soar.Actor{ID: user}
	return s.until(ctx, func(ctx context.Context) (err error) {
		d.By, err = s.people.resolve(ctx, user, d.Approvers)
		return err
	})
}

func (s *Service) send(ctx context.Context, d soar.Decide) error {
	decided, err := s.config.Cases.Decide(ctx, d)
	if err == nil {
		s.config.Logger.Info("decision recorded", "case", d.Case.String(), "click", d.Click, "state", string(decided.State))
	}
	return err
}

// Waits between tries.
const (
	firstWait = 250 * time.Millisecond
	maxWait   = 10 * time.Second
)

// until tries again and again, each try with a deadline of its own, until one
// succeeds or is refused, or ctx ends.
func (s *Service) until(ctx context.Context, try func(context.Context) error) error {
	for wait := firstWait; ; wait = min(2*wait, maxWait) {
		err := s.once(ctx, try)
		if _, refused := errors.AsType[*soar.Refusal](err); err == nil || refused {
			return err
		}
		s.config.Logger.Warn("slack click still on its way", "error", err.Error())
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return errors.Join(ctx.Err(), err)
		}
	}
}

func (s *Service) once(ctx context.Context, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.TryFor)
	defer cancel()
	return try(ctx)
}

// refuse leaves the audit line of a refusal and tells the person, without alarm
// where somebody else was faster.
func (s *Service) refuse(ctx context.Context, at slack.Place, d soar.Decide, r *soar.Refusal) {
	s.audit(ctx, d, r)
	text := "Nothing was recorded: " + r.Message
	if r.Kind == soar.RefusedDecided {
		text = upperFirst(r.Message) + "."
	}
	s.note(ctx, at, d.By.ID, text)
}

func (s *Service) audit(ctx context.Context, d soar.Decide, r *soar.Refusal) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.TryFor)
	defer cancel()
	s.config.Logger.Info("decision refused", "case", d.Case.String(), "click", d.Click, "refusal", string(r.Kind))
	if err := s.config.Audit.Refused(ctx, d, r); err != nil {
		s.config.Logger.Error("refusal not written to the audit log", "case", d.Case.String(), "click", d.Click, "error", err.Error())
	}
}
