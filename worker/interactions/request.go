package interactions

import (
	"context"
	"errors"
	"time"

	"harrier/activities/audit"
	"harrier/workflows/soar"
)

// request is something that somebody asks for and that may be refused.
type request struct {
	from origin
	// id is the click's own: however often it is sent, it is applied once.
	id string
	// of is the case it is about; its number is 0 where it is about the sender's.
	of soar.CaseRef
	// action is what is asked for, as notes and the audit name it.
	action string
	at     time.Time
	// send carries it out for a person who was resolved. What it returns is told to the
	// person; empty is not worth a note. It may be called again.
	send func(ctx context.Context, who person) (say string, err error)
}

// person is who asks, with the approvers in force at the click.
type person struct {
	soar.Actor
	list soar.Approvers
}

// approver refuses who is on no list of approvers.
func (p person) approver() error {
	if p.list.Include(p.Actor) {
		return nil
	}
	return refused("%s is not an approver; ask someone who is", p.Label())
}

// carry resolves the person and sends the request until it is accepted or
// refused, and tells the person what became of it. It is false when nobody knows.
func (s *Service) carry(ctx context.Context, r request) bool {
	ctx, cancel := context.WithTimeout(ctx, s.config.DecideFor)
	defer cancel()
	told := s.pendingAfter(ctx, r)
	who, err := s.resolve(ctx, r.from.user)
	sent, say := err == nil, ""
	if sent {
		err = s.until(ctx, func(ctx context.Context) (err error) {
			say, err = r.send(ctx, who)
			return err
		})
	}
	pending := told()
	if refusal, ok := errors.AsType[*soar.Refusal](err); ok {
		s.refuse(ctx, r, who.Actor, refusal)
		return true
	}
	if err != nil {
		s.config.Logger.Error("slack click not confirmed", "action", r.action, "case", r.of.String(), "click", r.id, "sent", sent, "error", err.Error())
	}
	if note := r.told(say, pending, sent, err); note != "" {
		s.note(ctx, r.from, note)
	}
	return err == nil
}

// told is what a person is told of a request that was not refused.
func (r request) told(say string, pending, sent bool, err error) string {
	switch {
	case err == nil && say == "" && pending:
		return "Recorded: " + r.action + "."
	case err == nil:
		return say
	case sent:
		return "No answer from the case. If your " + r.action + " was recorded, the card changes; if it does not, click again."
	}
	return "Your " + r.action + " was not sent: Slack could not say who you are. Click again."
}

// resolve says who somebody is and who may, as of now.
func (s *Service) resolve(ctx context.Context, user string) (person, error) {
	who := person{Actor: soar.Actor{ID: user}, list: s.config.Approvers()}
	err := s.until(ctx, func(ctx context.Context) (err error) {
		who.Actor, err = s.people.resolve(ctx, user, who.list)
		s.state.answered(err)
		return err
	})
	return who, err
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
		if !pause(ctx, wait) {
			return errors.Join(ctx.Err(), err)
		}
	}
}

// pause waits, and is false when ctx ends before.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// once tries at its turn: of a crowd that clicks at one moment only maxTries are on
// their way at a time, so that the machine has room for the acknowledgements of the rest.
func (s *Service) once(ctx context.Context, try func(context.Context) error) error {
	select {
	case s.tries <- struct{}{}:
		defer func() { <-s.tries }()
	case <-ctx.Done():
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.TryFor)
	defer cancel()
	return try(ctx)
}

// refuse leaves the audit line of a refusal and tells the person, without alarm
// where somebody else was faster. A card that should show that is refreshed.
func (s *Service) refuse(ctx context.Context, r request, who soar.Actor, refusal *soar.Refusal) {
	s.keepRefusal(ctx, r, who, refusal)
	if refusal.Kind == soar.RefusedDecided {
		s.tellClosed(ctx, r, refusal)
		return
	}
	s.note(ctx, r.from, "Nothing was recorded: "+refusal.Message+".")
}

// keepRefusal writes the audit line.
func (s *Service) keepRefusal(ctx context.Context, r request, who soar.Actor, refusal *soar.Refusal) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.TryFor)
	defer cancel()
	s.config.Logger.Info("slack click refused", "action", r.action, "case", r.of.String(), "click", r.id, "refusal", string(refusal.Kind))
	err := s.config.Audit.RecordRefusal(ctx, audit.Refusal{
		At: r.at, Case: r.of, Action: r.action, By: who, Kind: refusal.Kind, Message: refusal.Message, Click: r.id,
	})
	if err != nil {
		s.config.Logger.Error("refusal not written to the audit log", "action", r.action, "case", r.of.String(), "click", r.id, "error", err.Error())
	}
}
