package interactions_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
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
	ids     []string
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
			Schedule: soar.Schedule{Cron: "0 6 * * *", TimeZone: "UTC", Paused: true}, Lag: soar.Duration(10 * time.Minute),
		}},
		{ID: "2adae71b-42b9-47b8-9cb7-ccea9fece3e2", Slug: "top-intra-org-senders", Name: "Top senders"},
	}
}

func (h *hunts) Start(_ context.Context, id string, in soar.HuntInput) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fails != nil {
		return "", h.fails
	}
	if !slices.Contains(h.ids, id) {
		h.started, h.ids = append(h.started, in), append(h.ids, id)
	}
	return id, nil
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

// expectAnswer waits for an answer that stands under what somebody asked.
func (b *bench) expectAnswer(user, part string) slacktest.Message {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 10*time.Second)
	defer cancel()
	root, err := b.fake.ExpectMessage(ctx, channel, func(m slacktest.Message) bool { return m.Contains("<@" + user + "> asks: ") })
	if err != nil {
		b.t.Fatal(err)
	}
	m, err := b.fake.ExpectMessage(ctx, channel, func(m slacktest.Message) bool { return m.ThreadTS == root.TS && m.Contains(part) })
	if err != nil {
		b.t.Fatalf("no answer with %q: %v", part, err)
	}
	return m
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

func TestHuntRunTellsTheChannelWhoAsksAndAnswersInTheThread(t *testing.T) {
	h := newHunts()
	with := withHunts(h)
	with.workspace = func(c *slacktest.Config) { c.Limits.Rates = nil } // answers wait for Slack's pace
	b := newBench(t, with)
	b.slash(grouped, "run 07329076")
	b.expectAnswer(grouped, "is running as hunt-internal-senders-by-slack-2")
	if got := h.starts(); len(got) != 1 || got[0].Hunt != "internal-senders" || got[0].Window != nil || got[0].DryRun {
		t.Errorf("started %+v", got)
	}
	close(h.done)
	b.expectAnswer(grouped, "Hunt internal-senders: complete, 12 senders, 5 hidden, 7 in triage (3 new, 4 joined). Window: 7 days, to 24 Nov 2026 12:00 UTC.")
	b.drain()
	if all := b.fake.Messages(channel); len(all) != 2 || !all[1].Contains("`/hunt run 07329076`") {
		t.Errorf("%d messages outside threads, want the card and the question", len(all))
	}
	if notes := b.fake.Ephemerals(grouped); len(notes) != 0 {
		t.Errorf("private notes %q", notes[0].Text)
	}
}

func TestWhereTheAppIsNotInTheChannelTheAnswerIsPrivate(t *testing.T) {
	h := newHunts()
	close(h.done)
	b := newBench(t, withHunts(h))
	if err := b.fake.Kick(channel, "U0BOT"); err != nil {
		t.Fatal(err)
	}
	b.slash(analyst, "run internal-senders")
	b.expectNote(analyst, "is running as")
	b.expectNote(analyst, "Hunt internal-senders: complete")
	if len(b.fake.All(channel)) != 1 {
		t.Error("everybody sees something")
	}
}

func TestHuntRunTakesAWindowAsAnIntervalOrAsTheLastSoLong(t *testing.T) {
	at := func(year, month, day, hour, minute int) time.Time {
		return time.Date(year, time.Month(month), day, hour, minute, 0, 0, time.UTC)
	}
	for text, want := range map[string]struct {
		window soar.Window
		dry    bool
	}{
		"2026-01-02T00:00:00Z/2026-01-03T02:00:00+02:00": {soar.NewWindow(at(2026, 1, 2, 0, 0), at(2026, 1, 3, 0, 0)), false},
		"24h":      {soar.NewWindow(at(2026, 11, 23, 11, 50), at(2026, 11, 24, 11, 50)), false},
		"7d dry":   {soar.NewWindow(at(2026, 11, 17, 11, 50), at(2026, 11, 24, 11, 50)), true},
		"--dry 1h": {soar.NewWindow(at(2026, 11, 24, 10, 50), at(2026, 11, 24, 11, 50)), true},
	} {
		h := newHunts()
		close(h.done)
		with := withHunts(h)
		service := with.service
		with.service = func(c *interactions.Config) {
			service(c)
			c.Now = func() time.Time { return noon }
		}
		b := newBench(t, with)
		b.slash(analyst, "run internal-senders "+text)
		b.drain()
		if got := h.starts(); len(got) != 1 || got[0].Window == nil || *got[0].Window != want.window || got[0].DryRun != want.dry {
			t.Errorf("%s: started %+v", text, got)
		}
	}
}

func TestHuntCommandsAreForApproversAloneAndTheRefusalIsPrivateAndKept(t *testing.T) {
	h, p := newHunts(), &pauses{}
	for _, text := range []string{"run internal-senders", "status", "pause internal-senders", "resume internal-senders"} {
		b := newBench(t, setup{service: func(c *interactions.Config) { c.Hunts, c.Pauses, c.Runs = h, p, &past{} }})
		b.slash(member, text)
		b.expectNote(member, "is not an approver")
		b.slash(guest, text)
		b.expectNote(guest, "is a guest")
		b.setList(soar.Approvers{})
		b.slash(analyst, text)
		b.expectNote(analyst, "is not an approver")
		b.drain()
		if len(h.starts()) != 0 || len(p.asked) != 0 || len(b.fake.All(channel)) != 1 {
			t.Errorf("%s: started %+v, paused %+v, %d messages that everybody sees", text, h.starts(), p.asked, len(b.fake.All(channel)))
		}
		if got := b.audit.all(); len(got) != 3 || got[0].Action != "hunt "+text || got[0].By.ID != member || got[0].Click == "" {
			t.Errorf("%s: the audit has %+v", text, got)
		}
	}
}

func TestWhatHuntDoesNotUnderstandSaysWhatToWrite(t *testing.T) {
	h, p := newHunts(), &pauses{}
	b := newBench(t, setup{service: func(c *interactions.Config) { c.Hunts, c.Pauses, c.Runs = h, p, &past{} }})
	for text, want := range map[string]string{
		"":                               "/hunt run &lt;hunt&gt;",
		"help":                           "/hunt list",
		"run":                            "/hunt run &lt;hunt&gt;",
		"pause":                          "/hunt pause &lt;hunt&gt;",
		"resume":                         "/hunt resume &lt;hunt&gt;",
		"dance":                          "/hunt list",
		"run internal-sender":            "did you mean internal-senders?",
		"status top-intra-org-sender":    "did you mean top-intra-org-senders?",
		"status one two":                 "name one hunt",
		"run <!channel>":                 "&lt;!channel&gt;",
		"run internal-senders yesterday": `yesterday"; write it as 24h, 7d or 2026-11-24T00:00:00Z/2026-11-25T00:00:00Z`,
		"run internal-senders -5h":       "-5h",
		"run internal-senders 2026-01-02T00:00:00Z/2026-01-01T00:00:00Z": "ends before it begins",
		"run internal-senders 2026-01-02T00:00:00Z/2999-01-01T00:00:00Z": "ends in the future",
		"run internal-senders 24h 7d":                                    "one word too many",
		"run internal-senders 2024-01-01T00:00:00Z/2026-01-01T00:00:00Z": "Window 2024-01-01T00:00:00Z/2026-01-01T00:00:00Z is too long; give at most 31 days, or fill it with: worker hunts backfill",
		"run internal-senders 999999999d":                                `Window is "999999999d"; write it as`,
		"pause internal-senders 999999999d":                              `Until is "999999999d"; write it as`,
		"pause internal-senders 2hours":                                  `Until is "2hours"; write it as 90m, 2h, 3d`,
		"pause internal-senders 2020-01-01T00:00:00Z":                    "is past",
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
	if len(h.starts()) != 0 || len(p.asked) != 0 || len(b.fake.All(channel)) != 1 {
		t.Errorf("started %+v, paused %+v, %d messages that everybody sees", h.starts(), p.asked, len(b.fake.All(channel)))
	}
}

func TestADryRunKeepsTheDomainOfALongAddress(t *testing.T) {
	h := newHunts()
	h.result.DryRun = true
	h.result.Senders = []soar.SenderOutcome{{
		Sender: "ceo@contoso.com." + strings.Repeat("x", 200) + "@evil.test", Verdict: soar.VerdictTriage, Severity: soar.SeverityHigh,
	}}
	close(h.done)
	b := newBench(t, withHunts(h))
	b.slash(analyst, "run internal-senders dry")
	b.expectAnswer(analyst, "@evil.test` HIGH")
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
	b.expectAnswer(analyst, "Nothing is known to have started")
	h.mu.Lock()
	h.fails, h.ended = nil, errors.New("the hunting file is gone")
	h.mu.Unlock()
	close(h.done)
	b.slash(second, "run internal-senders")
	b.expectAnswer(second, "failed: the hunting file is gone")
}

func TestALongHuntHoldsUpNeitherTheAnswerNorClosing(t *testing.T) {
	h := newHunts()
	b := newBench(t, setup{service: func(c *interactions.Config) { c.Hunts, c.ResultFor = h, time.Millisecond }})
	b.slash(analyst, "run internal-senders")
	b.expectAnswer(analyst, "is still running")
	slow := newBench(t, withHunts(newHunts()))
	slow.slash(analyst, "run internal-senders")
	slow.expectAnswer(analyst, "is running as")
	slow.drain()
	slow.expectAnswer(analyst, "is still running")
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
	b.expectAnswer(analyst, "Hunt internal-senders: complete")
	forged := url.Values{"command": {"/hunt"}, "text": {"run internal-senders"}, "user_id": {analyst}}.Encode()
	if got := (signed{"guess", time.Now(), forged, nil}).send(b); got != http.StatusUnauthorized {
		t.Errorf("a command with another secret is answered %d", got)
	}
	b.drain()
	if got := h.starts(); len(got) != 1 {
		t.Errorf("started %+v", got)
	}
}
