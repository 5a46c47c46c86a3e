package workflows_test

import (
	"testing"

	"harrier/workflows/soar"
)

func TestAQuietHuntPostsNoSummaryOfACompleteRunThatBroughtNothingNew(t *testing.T) {
	for name, c := range map[string]struct {
		arrange   func(*world)
		summaries int
	}{
		"nothing found": {func(*world) {}, 0},
		"joined": {func(w *world) {
			w.reported("a@contoso.com", 1)
			id := soar.CaseID("intra-org:a@contoso.com")
			w.seen[id] = soar.Seen{Answer: soar.SeeJoined, Case: soar.CaseRef{ID: id, Number: 1}}
		}, 0},
		"a new case": {func(w *world) { w.reported("a@contoso.com", 1) }, 1},
		"not run":    {func(w *world) { w.fail["QueryHunt"] = final("gone") }, 1},
		"loud":       {func(w *world) { w.settings.Quiet = false }, 1},
	} {
		w := newWorld(t)
		w.settings.Quiet = true
		c.arrange(w)
		runHunt(t, w, input())
		if len(w.summaries) != c.summaries {
			t.Errorf("%s: %d summaries, want %d", name, len(w.summaries), c.summaries)
		}
	}
}
