package e2e_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"harrier/activities/slack/slacktest"
	"harrier/worker/sandbox/stack"
	"harrier/worker/sandbox/story"
	"harrier/workflows/soar"
)

// pool hands out open cases of the story, each to one test only.
type pool struct {
	mu     sync.Mutex
	report story.Report
	taken  []string
}

// take is an open case that no test has yet and that fits.
func (p *pool) take(t *testing.T, fits func(story.CaseReport) bool) story.CaseReport {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.report.Cases {
		if c.Status == soar.CaseOpen && !slices.Contains(p.taken, c.ID) && (fits == nil || fits(c)) {
			p.taken = append(p.taken, c.ID)
			return c
		}
	}
	t.Fatalf("no open case left that fits; %d of %d are taken", len(p.taken), len(p.report.Cases))
	return story.CaseReport{}
}

// openCard is an open case of nobody else with its card. A case that only a
// summary lists is asked for its card.
func (w *world) openCard(ctx context.Context, t *testing.T, fits func(story.CaseReport) bool) (soar.CaseRef, slacktest.Message) {
	t.Helper()
	c := w.pool.take(t, fits)
	ref := soar.CaseRef{ID: c.ID, Number: c.Number}
	if err := w.Show(ctx, stack.Analyst, ref); err != nil {
		t.Fatal(err)
	}
	card, err := w.ExpectCard(ctx, ref)
	if err != nil {
		t.Fatal(err)
	}
	return ref, card
}

// ofSender picks the case of one sender.
func ofSender(address string) func(story.CaseReport) bool {
	return func(c story.CaseReport) bool { return soar.FoldASCII(c.Sender) == soar.FoldASCII(address) }
}

// sender is the address of a role of the cast.
func (w *world) sender(t *testing.T, role string) string {
	t.Helper()
	for _, c := range w.Tenant.Cast {
		if c.Role == role {
			return c.Sender
		}
	}
	t.Fatalf("nobody in the cast is %q", role)
	return ""
}

// ownCards are the cards of a case, without the summaries that list it.
func (w *world) ownCards(ref soar.CaseRef) []slacktest.Message {
	return slices.DeleteFunc(w.Cards(ref), func(m slacktest.Message) bool { return m.Metadata.EventType != "harrier_case" })
}
