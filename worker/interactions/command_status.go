package interactions

import (
	"context"
	"errors"
	"slices"

	"harrier/activities/slack/blockkit"
	"harrier/worker/runs"
	"harrier/workflows/soar"
)

// huntStatus shows an approver how a hunt stands, or every hunt.
func (s *Service) huntStatus(ctx context.Context, a *asking) bool {
	if _, ok := s.permitted(ctx, a, person.approver); !ok {
		return true
	}
	hunts, err := s.hunts(a)
	if err != nil {
		s.tell(ctx, a, sentence(err))
		return true
	}
	s.announce(ctx, a)
	if len(hunts) == 0 {
		s.tell(ctx, a, blockkit.Say("No hunt is loaded."))
	}
	for some := range slices.Chunk(hunts, huntsPerMessage) {
		var lines []blockkit.Text
		for _, h := range some {
			lines = append(lines, s.statusOf(ctx, h))
		}
		s.tell(ctx, a, blockkit.Lines(lines...))
	}
	return true
}

// huntsPerMessage fit into one message with all their gaps.
const huntsPerMessage = 8

// hunts are the one hunt that a command names, or all.
func (s *Service) hunts(a *asking) ([]soar.Hunt, error) {
	switch {
	case s.config.Runs == nil:
		return nil, errNotSetUp
	case len(a.words) == 0:
		return s.config.Hunts.List(), nil
	case len(a.words) > 1:
		return nil, errors.New("read hunt: name one hunt, or none for all")
	}
	h, err := s.hunt(a)
	return []soar.Hunt{h}, err
}

func (s *Service) statusOf(ctx context.Context, h soar.Hunt) blockkit.Text {
	ctx, cancel := context.WithTimeout(ctx, s.config.PauseFor)
	defer cancel()
	st, err := s.config.Runs.Status(ctx, h)
	if err != nil {
		s.config.Logger.Warn("hunt status not read", "hunt", h.Slug, "error", err.Error())
		return blockkit.Bold(h.Slug).Then(blockkit.Say(" could not be read: " + blockkit.Cut(err.Error(), 200)))
	}
	return statusLines(h, st)
}

// statusLines say how a hunt stands.
func statusLines(h soar.Hunt, st runs.Status) blockkit.Text {
	lines := []blockkit.Text{
		blockkit.Bold(h.Slug).Then(blockkit.Say(" · " + h.Settings.Schedule.String())),
		blockkit.Say("last run: ").Then(lastRun(st.Newest)),
	}
	for _, r := range st.Reached {
		lines = append(lines, reached(r))
	}
	switch {
	case st.Pause.Paused():
		lines = append(lines, blockkit.Bold("paused").Then(blockkit.Say(": ")).Then(withMentions(blockkit.Cut(st.Pause.Note, 200))))
	case !st.Pause.Next.IsZero():
		lines = append(lines, blockkit.Say("next run: ").Then(blockkit.Moment(st.Pause.Next)))
	default:
		lines = append(lines, blockkit.Say("next run: none is planned"))
	}
	return blockkit.Lines(lines...)
}

// lastRun is a run in words, its time by the reader's clock.
func lastRun(r runs.Run) blockkit.Text {
	started := blockkit.Say(kind(r))
	switch {
	case r.ID == "":
		return blockkit.Say("never")
	case r.Running:
		return blockkit.Say("running since ").Then(blockkit.Moment(r.Started), started)
	case r.Failed:
		return blockkit.Moment(r.Closed).Then(blockkit.Say(" failed"), started)
	}
	return blockkit.Moment(r.Closed).Then(blockkit.Say(" "+string(r.Result.Coverage)), started)
}

func kind(r runs.Run) string {
	if r.Kind == "" || r.Kind == runs.Scheduled {
		return ""
	}
	return ", started " + string(r.Kind)
}

// maxGaps spans are written out for a hunt.
const maxGaps = 3

func reached(r runs.Reached) blockkit.Text {
	where := ""
	if r.Workspace != "" {
		where = " in " + r.Workspace
	}
	if r.Until.IsZero() {
		return blockkit.Say("never hunted completely" + where)
	}
	t := blockkit.Say("hunted" + where + " until ").Then(blockkit.Moment(r.Until))
	if len(r.Gaps) == 0 {
		return t.Then(blockkit.Say(", no gaps"))
	}
	word := "gaps"
	if len(r.Gaps) == 1 {
		word = "gap"
	}
	t = t.Then(blockkit.Sayf(", %d %s: ", len(r.Gaps), word))
	for i, g := range r.Gaps {
		if i == maxGaps {
			return t.Then(blockkit.Sayf(", %d more", len(r.Gaps)-i))
		}
		if i > 0 {
			t = t.Then(blockkit.Say(", "))
		}
		t = t.Then(blockkit.Say(g.String()))
	}
	return t
}
