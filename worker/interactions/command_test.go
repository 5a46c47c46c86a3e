package interactions_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"harrier/activities/slack/slacktest"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

// hunts remembers what was started; a result comes when done is closed.
type hunts struct {
	mu      sync.Mutex
	started []soar.HuntInput
	fails   error
	done    chan struct{}
	result  soar.HuntResult
	ended   error
}

func newHunts() *hunts {
	h := &hunts{done: make(chan struct{})}
	h.result = soar.HuntResult{
		Slug: "internal-senders", Coverage: soar.CoverageComplete, Window: soar.NewWindow(noon.AddDate(0, 0, -7), noon),
		Totals: soar.RunTotals{Findings: 12, Suppressed: 5, Triage: 7, Opened: 3, Joined: 4},
	}
	return h
}

func (h *hunts) List() []soar.Hunt {
	return []soar.Hunt{
		{ID: "07329076-62fb-4685-b1bb-946aed40e339", Slug: "internal-senders", Name: "Internal *Senders* <!channel>", Settings: soar.HuntSettings{
			Schedule: soar.Schedule{Cron: "0 6 * * *", TimeZone: "UTC", Paused: true},
		}},
		{ID: "2adae71b-42b9-47b8-9cb7-ccea9fece3e2", Slug: "top-intra-org-senders", Name: "Top senders"},
	}
}

func (h *hunts) Start(_ context.Context, in soar.HuntInput) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fails != nil {
		return "", h.fails
	}
	h.started = append(h.started, in)
	return "hunt-" + in.Hunt + "-by-slack-1", nil
}

func (h *hunts) Result(ctx context.Context, _ string) (soar.HuntResult, error) {
	select {
	case <-h.done:
		return h.result, h.ended
	case <-ctx.Done():
		return soar.HuntResult{}, ctx.Err()
	}
}

func (h *hunts) starts() []soar.HuntInput {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]soar.HuntInput(nil), h.started...)
}

func withHunts(h *hunts) setup {
	return setup{service: func(c *interactions.Config) { c.Hunts = h }}
}

func (b *bench) slash(user, text string) slacktest.ClickResult {
	b.t.Helper()
	result, err := b.fake.Slash(b.t.Context(), user, channel, "/hunt", text)
	if err != nil {
		b.t.Fatal(err)
	}
	if !result.Acked || result.Attempts != 1 {
		b.t.Errorf("/hunt %s: %+v", text, result)
	}
	return result
}

func TestHuntListNamesEveryHuntWithItsSchedule(t *testing.T) {
	b := newBench(t, withHunts(newHunts()))
	b.slash(member, "list")
	note := b.expectNote(member, "*internal-senders* · cron 0 6 * * * UTC (paused) · Internal *Senders* &lt;!channel&gt;")
	if !note.Contains("*top-intra-org-senders* · on demand · Top senders") {
		t.Errorf("the listing is %q", note.Text)
	}
	b.slash(guest, "list")
	b.expectNote(guest, "is a guest")
}

func TestHuntRunStartsTheHuntAndTellsItsResult(t *testing.T) {
	h := newHunts()
	b := newBench(t, withHunts(h))
	b.slash(grouped, "run 07329076")
	b.expectNote(grouped, "is running as hunt-internal-senders-by-slack-1")
	if got := h.starts(); len(got) != 1 || got[0].Hunt != "internal-senders" || got[0].Window != nil {
		t.Errorf("started %+v", got)
	}
	close(h.done)
	b.expectNote(grouped, "Hunt internal-senders: complete, 12 senders, 5 hidden, 7 in triage (3 new, 4 joined). Window: 7 days, to 24 Nov 2026 12:00 UTC.")
	if all := b.fake.All(channel); len(all) != 1 {
		t.Errorf("%d messages that everybody sees, want the card alone", len(all))
	}
}

func TestHuntRunTakesAWindow(t *testing.T) {
	h := newHunts()
	close(h.done)
	b := newBench(t, withHunts(h))
	b.slash(analyst, "run internal-senders 2026-01-02T00:00:00Z/2026-01-03T02:00:00+02:00")
	b.drain()
	want := soar.NewWindow(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC))
	if got := h.starts(); len(got) != 1 || got[0].Window == nil || *got[0].Window != want {
		t.Errorf("started %+v", got)
	}
}

func TestHuntRunIsForApproversAloneAndTheRefusalIsPrivate(t *testing.T) {
	h := newHunts()
	b := newBench(t, withHunts(h))
	b.slash(member, "run internal-senders")
	b.expectNote(member, "is not an approver")
	b.slash(guest, "run internal-senders")
	b.expectNote(guest, "is a guest")
	b.list = soar.Approvers{}
	b.slash(analyst, "run internal-senders")
	b.expectNote(analyst, "is not an approver")
	b.drain()
	if len(h.starts()) != 0 || len(b.fake.All(channel)) != 1 {
		t.Errorf("started %+v, %d messages that everybody sees", h.starts(), len(b.fake.All(channel)))
	}
}

func TestWhatHuntDoesNotUnderstandSaysWhatToWrite(t *testing.T) {
	h := newHunts()
	b := newBench(t, withHunts(h))
	for text, want := range map[string]string{
		"":                               "/hunt run &lt;hunt&gt;",
		"help":                           "/hunt list",
		"run":                            "/hunt run &lt;hunt&gt;",
		"dance":                          "/hunt list",
		"run internal-sender":            "did you mean internal-senders?",
		"run <!channel>":                 "&lt;!channel&gt;",
		"run internal-senders yesterday": "write it as 2026-11-24T00:00:00Z/2026-11-25T00:00:00Z",
		"run internal-senders 2026-01-02T00:00:00Z/2026-01-01T00:00:00Z": "ends before it begins",
		"run internal-senders 2026-01-02T00:00:00Z/2999-01-01T00:00:00Z": "ends in the future",
		"run internal-senders from to":                                   "2 words",
	} {
		before := len(b.fake.Ephemerals(analyst))
		b.slash(analyst, text)
		if note := b.expectNote(analyst, want); strings.Contains(note.Text, "<!") {
			t.Errorf("%q is answered with %q", text, note.Text)
		}
		if len(b.fake.Ephemerals(analyst)) != before+1 {
			t.Errorf("%q has %d answers", text, len(b.fake.Ephemerals(analyst))-before)
		}
	}
	b.drain()
	if len(h.starts()) != 0 {
		t.Errorf("started %+v", h.starts())
	}
}

func TestWithoutHuntsTheCommandSaysSo(t *testing.T) {
	b := newBench(t, setup{})
	b.slash(analyst, "list")
	b.expectNote(analyst, "not set up")
}

func TestAHuntThatDoesNotStartOrFailsIsTold(t *testing.T) {
	h := newHunts()
	h.fails = errors.New("frontend unavailable")
	b := newBench(t, withHunts(h))
	b.slash(analyst, "run internal-senders")
	b.expectNote(analyst, "Nothing is known to have started")
	h.mu.Lock()
	h.fails, h.ended = nil, errors.New("the hunting file is gone")
	h.mu.Unlock()
	close(h.done)
	b.slash(analyst, "run internal-senders")
	b.expectNote(analyst, "failed: the hunting file is gone")
}

func TestALongHuntHoldsUpNeitherTheAnswerNorClosing(t *testing.T) {
	h := newHunts()
	b := newBench(t, setup{service: func(c *interactions.Config) { c.Hunts, c.ResultFor = h, time.Millisecond }})
	b.slash(analyst, "run internal-senders")
	b.expectNote(analyst, "is still running")
	slow := newBench(t, withHunts(newHunts()))
	slow.slash(analyst, "run internal-senders")
	slow.expectNote(analyst, "is running as")
	slow.drain()
	slow.expectNote(analyst, "is still running")
}

func TestACommandDeliveredTwiceStartsOneHunt(t *testing.T) {
	h := newHunts()
	close(h.done)
	b := newBench(t, withHunts(h))
	result := b.slash(analyst, "run internal-senders")
	if again, err := b.fake.Redeliver(t.Context(), result.EnvelopeID); err != nil || !again {
		t.Errorf("acknowledged again %v, error %v", again, err)
	}
	b.drain()
	if got := h.starts(); len(got) != 1 {
		t.Errorf("started %+v", got)
	}
}

func TestCommandsArriveOverHTTPSignedAndNotOtherwise(t *testing.T) {
	h := newHunts()
	close(h.done)
	var service *interactions.Service
	entry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { service.ServeHTTP(w, r) }))
	t.Cleanup(entry.Close)
	with := setup{
		late:      true,
		workspace: func(c *slacktest.Config) { c.SigningSecret, c.InteractivityURL = secret, entry.URL },
		service: func(c *interactions.Config) {
			c.Mode, c.SigningSecrets, c.Hunts = interactions.ModeHTTP, []string{secret}, h
		},
	}
	b := newBench(t, with)
	b.start(with)
	service = b.service
	b.slash(analyst, "")
	b.expectNote(analyst, "/hunt run")
	b.slash(analyst, "run internal-senders")
	b.expectNote(analyst, "Hunt internal-senders: complete")
	forged := url.Values{"command": {"/hunt"}, "text": {"run internal-senders"}, "user_id": {analyst}}.Encode()
	if got := (signed{"guess", time.Now(), forged, nil}).send(b); got != http.StatusUnauthorized {
		t.Errorf("a command with another secret is answered %d", got)
	}
	b.drain()
	if got := h.starts(); len(got) != 1 {
		t.Errorf("started %+v", got)
	}
}
