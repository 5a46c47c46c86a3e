package slack

import (
	"fmt"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// Block and action id of the field in which a person says how long.
const (
	BlockFor  = "for"
	actionFor = "for"
)

// morning is the hour of day at which a snooze overnight ends.
const morning = 8

// SnoozeModal asks how long an open case's clock stops: an hour, four, or until
// eight in the morning in the given zone (nil is UTC), but never for longer than the
// case has left. A HIGH case stops for an hour in all.
func SnoozeModal(cv soar.CaseView, p Place, now time.Time, zone *time.Location) slackapi.ModalViewRequest {
	if notice := undecidable(cv, p.Case); notice != "" {
		return NoticeModal(TitleSnooze, p, notice)
	}
	severity := cv.Case.Judgement.Severity
	limit, left := soar.SnoozeLimit(severity), cv.Case.SnoozeLeft().Truncate(time.Minute)
	if left == 0 {
		return NoticeModal(TitleSnooze, p, fmt.Sprintf("All snoozes of a %s case together last %s at the most, and that is used up: decide it before its deadline.", severity, blockkit.Remaining(limit)))
	}
	p.Longest = soar.Duration(left)
	v := newView(cv.Case, Options{}, now)
	b := blockkit.ForModal()
	b.Plain(v.headline())
	b.Input(BlockFor, blockkit.Say("Stop the clock for"), blockkit.Say("The card stays open and anybody can wake it. New reports of this sender still come to it."),
		blockkit.Select(actionFor, snoozes(p.Longest, now, zone)...))
	if left < soar.MaxSnooze {
		b.Plain(blockkit.Sayf("All snoozes of a %s case together last %s at the most; left: %s.", severity, blockkit.Remaining(limit), blockkit.Remaining(left)))
	}
	m := frame(TitleSnooze, p)
	m.Submit, m.Close, m.CallbackID = "Snooze", "Cancel", CallbackSnooze
	return m.View(b)
}

// snoozes are the choices; the one until morning names its end, so that it does not
// move while the form is open.
func snoozes(longest soar.Duration, now time.Time, zone *time.Location) []blockkit.Option {
	if longest < soar.Duration(time.Hour) {
		return []blockkit.Option{{Value: longest.String(), Label: blockkit.Remaining(longest.Std())}}
	}
	out := []blockkit.Option{{Value: "1h", Label: "1 hour"}}
	if longest >= soar.Duration(4*time.Hour) {
		out = append(out, blockkit.Option{Value: "4h", Label: "4 hours"})
	}
	end, label := nextMorning(now, zone)
	if longest >= soar.Duration(end.Sub(now)) {
		out = append(out, blockkit.Option{Value: end.UTC().Format(time.RFC3339), Label: label})
	}
	return out
}

// nextMorning is the next eight o'clock, which on a day of 25 hours may be further
// away than a snooze may last.
func nextMorning(now time.Time, zone *time.Location) (end time.Time, label string) {
	if zone == nil {
		zone = time.UTC
	}
	local := now.In(zone)
	end = time.Date(local.Year(), local.Month(), local.Day(), morning, 0, 0, 0, zone)
	day := "today"
	if !end.After(now) {
		end = time.Date(local.Year(), local.Month(), local.Day()+1, morning, 0, 0, 0, zone)
		day = "tomorrow"
	}
	return end, "Until " + end.Format("15:04 MST") + " " + day
}

// Snoozing is what a person entered in the snooze modal.
type Snoozing struct {
	Place Place
	For   soar.Duration
}

// ReadSnooze reads a submitted snooze modal as ReadSubmission does.
func ReadSnooze(v slackapi.View, now time.Time) (s Snoozing, problems map[string]string, err error) {
	if s.Place, err = ParsePlace(v.PrivateMetadata); err != nil {
		return s, nil, err
	}
	problems = map[string]string{}
	if s.For, err = parseSnooze(chosen(v, BlockFor, actionFor), now); err != nil {
		problems[BlockFor] = "Choose how long."
		return s, problems, nil
	}
	longest := s.Place.Longest
	if longest <= 0 {
		longest = soar.Duration(soar.MaxSnooze)
	}
	switch {
	case s.For <= 0:
		problems[BlockFor] = "That time is over; choose another."
	case s.For > longest:
		problems[BlockFor] = fmt.Sprintf("Choose at most %s.", blockkit.Remaining(longest.Std()))
	}
	return s, problems, nil
}

// parseSnooze reads a span or an end.
func parseSnooze(value string, now time.Time) (soar.Duration, error) {
	if end, err := time.Parse(time.RFC3339, value); err == nil {
		return soar.Duration(end.Sub(now).Truncate(time.Second)), nil
	}
	var d soar.Duration
	return d, d.UnmarshalText([]byte(value))
}
