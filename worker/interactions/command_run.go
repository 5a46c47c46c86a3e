package interactions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"harrier/activities/slack"
	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// runHunt starts a hunt for an approver and tells its result, if that does not
// take too long.
func (s *Service) runHunt(ctx context.Context, a *asking) bool {
	who, ok := s.permitted(ctx, a, person.approver)
	if !ok {
		return true
	}
	in, err := s.huntInput(a)
	if err != nil {
		s.tell(ctx, a, sentence(err))
		return true
	}
	s.announce(ctx, a)
	id, err := s.startHunt(ctx, a, in)
	if err != nil {
		s.config.Logger.Error("hunt not started", "hunt", in.Hunt, "user", who.ID, "error", err.Error())
		s.tell(ctx, a, blockkit.Say("Nothing is known to have started: Temporal did not answer. Look for a summary, or try again."))
		return true
	}
	s.config.Logger.Info("hunt started", "hunt", in.Hunt, "workflow", id, "user", who.ID, "dry", in.DryRun)
	next := "Its cases and summary come to the triage channel."
	if in.DryRun {
		next = "It opens and posts nothing; what it would do comes here."
	}
	s.tell(ctx, a, blockkit.Say("Hunt "+in.Hunt+" is running as "+id+". "+next))
	s.tellResult(ctx, a, in, id)
	return true
}

func (s *Service) startHunt(ctx context.Context, a *asking, in soar.HuntInput) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.TryFor)
	defer cancel()
	return s.config.Hunts.Start(ctx, bySlackID(in.Hunt, strings.TrimPrefix(a.id, "command-"), s.config.Now()), in)
}

// tellResult waits for a hunt, at most ResultFor and not beyond Close.
func (s *Service) tellResult(ctx context.Context, a *asking, in soar.HuntInput, id string) {
	r, err := s.awaitHunt(ctx, id)
	switch {
	case err == nil && in.DryRun:
		s.tellDryRun(ctx, a, r)
	case err == nil:
		s.tell(ctx, a, blockkit.Say(slack.ResultLine(r)))
	case errors.Is(err, errStillRunning) && in.DryRun:
		s.tell(ctx, a, blockkit.Say("Hunt "+in.Hunt+" is still running as "+id+"; its result stands in Temporal when it ends."))
	case errors.Is(err, errStillRunning):
		s.tell(ctx, a, blockkit.Say("Hunt "+in.Hunt+" is still running as "+id+"; its summary comes to the triage channel."))
	default:
		s.config.Logger.Warn("hunt ended without a result", "workflow", id, "error", err.Error())
		s.tell(ctx, a, blockkit.Say("Hunt "+in.Hunt+" failed: "+blockkit.Cut(err.Error(), 500)))
	}
}

// tellDryRun says what a run would have posted and hidden, and what is otherwise
// than in the last run.
func (s *Service) tellDryRun(ctx context.Context, a *asking, r soar.HuntResult) {
	s.tell(ctx, a, dryRun(s.reasoned(r, a.command.ChannelID)))
	if s.config.Runs == nil {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, s.config.PauseFor)
	defer cancel()
	last, ok, err := s.config.Runs.Last(bounded, r.Slug)
	switch {
	case err != nil:
		s.config.Logger.Warn("last run not read", "hunt", r.Slug, "error", err.Error())
		s.tell(ctx, a, blockkit.Say("The last run could not be read, so nothing is compared."))
	case !ok:
		s.tell(ctx, a, blockkit.Say("There is no run before to compare this with."))
	default:
		s.tell(ctx, a, difference(soar.Compare(last.Result, r)))
	}
}

// reasoned is a result without the reasons of its senders in a channel that shows no
// subjects: a reason may quote one.
func (s *Service) reasoned(r soar.HuntResult, channel string) soar.HuntResult {
	if s.config.MaskSubjects == nil || !s.config.MaskSubjects(channel) {
		return r
	}
	r.Senders = slices.Clone(r.Senders)
	for i := range r.Senders {
		r.Senders[i].Reason = ""
	}
	return r
}

// Bounds of an answer's lists, which keep it within one message.
const (
	maxWould  = 10
	maxSender = 100
	maxWhy    = 120
)

// dryRun lists what a run would have posted, hidden and cut.
func dryRun(r soar.HuntResult) blockkit.Text {
	lines := []blockkit.Text{blockkit.Say("Dry run, nothing was opened or posted. " + slack.ResultLine(r))}
	var posted, hidden, below []soar.SenderOutcome
	for _, o := range r.Senders {
		switch o.Verdict {
		case soar.VerdictSuppressed:
			hidden = append(hidden, o)
		case soar.VerdictBelowCut:
			below = append(below, o)
		default:
			posted = append(posted, o)
		}
	}
	lines = append(lines, would("Would be in triage", posted)...)
	lines = append(lines, would("Would be hidden", hidden)...)
	if len(below) > 0 {
		lines = append(lines, blockkit.Sayf("Below the cut: %d.", len(below)))
	}
	return blockkit.Lines(lines...)
}

func would(title string, senders []soar.SenderOutcome) []blockkit.Text {
	if len(senders) == 0 {
		return []blockkit.Text{blockkit.Bold(title + ": nothing.")}
	}
	lines := []blockkit.Text{blockkit.Bold(fmt.Sprintf("%s: %d", title, len(senders)))}
	for i, o := range senders {
		if i == maxWould {
			return append(lines, blockkit.Sayf("• %d more", len(senders)-i))
		}
		why := blockkit.Cut(words(o.Reason), maxWhy)
		if why != "" {
			why = ": " + why
		}
		lines = append(lines, blockkit.Say("• ").Then(senderOf(o), blockkit.Say(" "+o.Label()+why)))
	}
	return lines
}

func senderOf(o soar.SenderOutcome) blockkit.Text {
	return blockkit.QuoteOr(blockkit.CutAddress(o.Sender, maxSender), "(null sender)")
}

// words is a text in one line.
func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// difference says what a run found otherwise than the last one.
func difference(d soar.Difference) blockkit.Text {
	head := blockkit.Bold("Against the last run").Then(blockkit.Say(" ("+d.Before.String()+"): "),
		blockkit.Sayf("%d new, %d gone, %d changed, %d the same.", len(d.New), len(d.Gone), len(d.Changed), d.Same))
	lines := []blockkit.Text{head}
	if d.Incomplete {
		lines = append(lines, blockkit.Say("One of the two runs was not complete: what is gone may only not have been seen."))
	}
	for _, o := range d.New {
		lines = append(lines, blockkit.Say("+ ").Then(senderOf(o), blockkit.Say(" "+o.Label())))
	}
	for _, c := range d.Changed {
		lines = append(lines, blockkit.Say("~ ").Then(senderOf(c.After), blockkit.Say(" "+c.Before.Label()+" → "+c.After.Label())))
	}
	for _, o := range d.Gone {
		lines = append(lines, blockkit.Say("- ").Then(senderOf(o), blockkit.Say(" was "+o.Label())))
	}
	if most := 2 + 2*maxWould; len(lines) > most {
		rest := len(lines) - most
		lines = append(lines[:most:most], blockkit.Sayf("%d more", rest))
	}
	return blockkit.Lines(lines...)
}

// huntInput reads the hunt's name and, in any order, the window and the word dry.
func (s *Service) huntInput(a *asking) (soar.HuntInput, error) {
	hunt, err := s.hunt(a)
	if err != nil {
		return soar.HuntInput{}, err
	}
	in := soar.HuntInput{Hunt: hunt.Slug}
	for _, word := range a.words[1:] {
		if isDry(word) {
			in.DryRun = true
			continue
		}
		if in.Window != nil {
			return in, fmt.Errorf("read window: %s is one word too many; write one window, as %s", blockkit.Cut(word, maxName), windowForms)
		}
		if in.Window, err = window(word, hunt, s.config.Now()); err != nil {
			return in, err
		}
	}
	return in, in.Validate()
}

func isDry(word string) bool {
	switch strings.TrimLeft(strings.ToLower(word), "-–—") {
	case "dry", "dry-run", "dryrun":
		return true
	}
	return false
}

const windowForms = "24h, 7d or 2026-11-24T00:00:00Z/2026-11-25T00:00:00Z"

// window reads an ISO 8601 interval of two times, or a length: the last so much that
// has settled.
func window(text string, h soar.Hunt, now time.Time) (*soar.Window, error) {
	var length soar.Duration
	if err := length.UnmarshalText([]byte(text)); err == nil && length > 0 {
		end := now.Add(-h.Settings.Lag.Std())
		return fitting(soar.NewWindow(end.Add(-length.Std()), end))
	}
	from, to, found := strings.Cut(text, "/")
	begin, errBegin := time.Parse(time.RFC3339, from)
	end, errEnd := time.Parse(time.RFC3339, to)
	if !found || errBegin != nil || errEnd != nil {
		return nil, fmt.Errorf("window is %q; write it as %s", blockkit.Cut(text, maxName), windowForms)
	}
	w := soar.NewWindow(begin, end)
	if w.To.After(now) {
		return nil, fmt.Errorf("window %s ends in the future; end it at %s or before", w, now.UTC().Format(time.RFC3339))
	}
	return fitting(w)
}

// maxWindow bounds one run, whose history grows with every piece of its window.
const maxWindow = 31 * 24 * time.Hour

func fitting(w soar.Window) (*soar.Window, error) {
	if w.Length() > maxWindow {
		return nil, fmt.Errorf("window %s is too long; give at most 31 days, or fill it with: worker hunts backfill", w)
	}
	return &w, w.Validate()
}
