package interactions

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

var errNotSetUp = errors.New("that is not set up in this worker; ask who runs it")

// pauseHunt pauses a hunt's schedule for an approver.
func (s *Service) pauseHunt(ctx context.Context, a *asking) bool {
	who, ok := s.permitted(ctx, a, person.approver)
	if !ok {
		return true
	}
	in, err := s.pauseInput(a, who.Actor)
	if err != nil {
		s.tell(ctx, a, sentence(err))
		return true
	}
	s.announce(ctx, a)
	if a.thread != "" {
		in.Channel = a.command.ChannelID
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.PauseFor)
	defer cancel()
	if err := s.config.Pauses.Pause(ctx, in); err != nil {
		s.config.Logger.Warn("hunt not paused", "hunt", in.Slug, "user", who.ID, "error", err.Error())
		s.tell(ctx, a, sentence(err))
		return true
	}
	s.config.Logger.Info("hunt paused", "hunt", in.Slug, "user", who.ID, "until", in.Until)
	until := blockkit.Say(" until somebody resumes it: /hunt resume " + in.Slug)
	if !in.Until.IsZero() {
		until = blockkit.Say(" until ").Then(blockkit.Moment(in.Until), blockkit.Say("; then it resumes by itself and hunts what was left out"))
	}
	s.tell(ctx, a, blockkit.Say("Hunt "+in.Slug+" is paused by ").Then(blockkit.Mention(who.ID), until, blockkit.Say(".")))
	return true
}

// pauseInput reads the hunt, until when, and why.
func (s *Service) pauseInput(a *asking, by soar.Actor) (soar.PauseInput, error) {
	hunt, err := s.hunt(a)
	if err == nil && s.config.Pauses == nil {
		err = errNotSetUp
	}
	if err != nil {
		return soar.PauseInput{}, err
	}
	in := soar.PauseInput{Slug: hunt.Slug, By: soar.Actor{ID: by.ID, Name: by.Name}}
	rest := a.words[1:]
	if len(rest) > 1 && (strings.EqualFold(rest[0], "until") || strings.EqualFold(rest[0], "for")) {
		rest = rest[1:]
	}
	if len(rest) > 0 {
		if in.Until, err = pauseEnd(rest[0], s.config.Now()); err != nil {
			return in, err
		}
		if !in.Until.IsZero() {
			rest = rest[1:]
		}
	}
	in.Reason = blockkit.Cut(strings.Join(rest, " "), maxReason)
	return in, nil
}

// maxReason bounds why a hunt is paused, in characters.
const maxReason = 300

// pauseEnd reads a span or a time to come. A word that begins like neither is the
// first of a reason, and has no end.
func pauseEnd(word string, now time.Time) (time.Time, error) {
	var span soar.Duration
	if err := span.UnmarshalText([]byte(word)); err == nil && span > 0 {
		return now.Add(span.Std()).UTC().Truncate(time.Second), nil
	}
	until, err := time.Parse(time.RFC3339, word)
	switch {
	case err == nil && !until.After(now):
		return time.Time{}, fmt.Errorf("%s is past; give a time to come", word)
	case err == nil:
		return until.UTC().Truncate(time.Second), nil
	case word[0] >= '0' && word[0] <= '9' || word[0] == '-':
		return time.Time{}, fmt.Errorf("until is %q; write it as 90m, 2h, 3d or 2026-11-25T18:00:00Z", blockkit.Cut(word, maxName))
	}
	return time.Time{}, nil
}

// resumeHunt ends a pause for an approver.
func (s *Service) resumeHunt(ctx context.Context, a *asking) bool {
	who, ok := s.permitted(ctx, a, person.approver)
	if !ok {
		return true
	}
	hunt, err := s.hunt(a)
	if err == nil && s.config.Pauses == nil {
		err = errNotSetUp
	}
	if err != nil {
		s.tell(ctx, a, sentence(err))
		return true
	}
	s.announce(ctx, a)
	ctx, cancel := context.WithTimeout(ctx, s.config.PauseFor)
	defer cancel()
	if err := s.config.Pauses.Resume(ctx, hunt.Slug); err != nil {
		s.config.Logger.Warn("hunt not resumed", "hunt", hunt.Slug, "user", who.ID, "error", err.Error())
		s.tell(ctx, a, sentence(err))
		return true
	}
	s.config.Logger.Info("hunt resumed", "hunt", hunt.Slug, "user", who.ID)
	s.tell(ctx, a, blockkit.Say("Hunt "+hunt.Slug+" runs on its schedule again; its next run hunts what was left out."))
	return true
}
