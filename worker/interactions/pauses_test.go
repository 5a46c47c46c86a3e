package interactions_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"harrier/worker/interactions"
	"harrier/worker/runs"
	"harrier/worker/schedules"
	"harrier/workflows/soar"
)

// pauses remember what was asked of them.
type pauses struct {
	asked   []soar.PauseInput
	resumed []string
	fails   error
}

func (p *pauses) Pause(_ context.Context, in soar.PauseInput) error {
	if p.fails == nil {
		p.asked = append(p.asked, in)
	}
	return p.fails
}

func (p *pauses) Resume(_ context.Context, slug string) error {
	if p.fails == nil {
		p.resumed = append(p.resumed, slug)
	}
	return p.fails
}

// past is what is known of runs.
type past struct {
	status runs.Status
	last   *soar.HuntResult
	fails  error
}

func (p *past) Status(_ context.Context, h soar.Hunt) (runs.Status, error) {
	s := p.status
	s.Slug = h.Slug
	return s, p.fails
}

func (p *past) Last(context.Context, string) (runs.Run, bool, error) {
	if p.last == nil {
		return runs.Run{}, false, p.fails
	}
	return runs.Run{Result: *p.last}, true, p.fails
}

func TestHuntPauseTakesAnEndAndAReason(t *testing.T) {
	for text, want := range map[string]struct {
		until  time.Time
		reason string
		says   string
	}{
		"internal-senders":    {time.Time{}, "", "until somebody resumes it: /hunt resume internal-senders"},
		"internal-senders 2h": {noon.Add(2 * time.Hour), "", "then it resumes by itself"},
		"internal-senders for 3d connector is being changed":      {noon.Add(72 * time.Hour), "connector is being changed", "then it resumes by itself"},
		"internal-senders until 2026-11-25T18:00:00+01:00 <!all>": {time.Date(2026, 11, 25, 17, 0, 0, 0, time.UTC), "<!all>", "then it resumes by itself"},
		"internal-senders connector is down":                      {time.Time{}, "connector is down", "until somebody resumes it"},
	} {
		p := &pauses{}
		b := newBench(t, setup{service: func(c *interactions.Config) {
			c.Hunts, c.Pauses, c.Now = newHunts(), p, func() time.Time { return noon }
		}})
		b.slash(analyst, "pause "+text)
		answer := b.expectAnswer(analyst, "Hunt internal-senders is paused by <@"+analyst+"> ")
		b.drain()
		if len(p.asked) != 1 || !p.asked[0].Until.Equal(want.until) || p.asked[0].Reason != want.reason || p.asked[0].By.ID != analyst || p.asked[0].Channel != channel {
			t.Errorf("%s: asked for %+v", text, p.asked)
		}
		if !answer.Contains(want.says) || strings.Contains(b.fake.All(channel)[1].Text, "<!all>") {
			t.Errorf("%s: %q, asked as %q", text, answer.Text, b.fake.All(channel)[1].Text)
		}
	}
}

func TestHuntResumeResumesOrSaysWhoseThePauseIs(t *testing.T) {
	p := &pauses{}
	b := newBench(t, setup{service: func(c *interactions.Config) { c.Hunts, c.Pauses = newHunts(), p }})
	b.slash(analyst, "resume 07329076")
	b.expectAnswer(analyst, "Hunt internal-senders runs on its schedule again")
	b.drain()
	if len(p.resumed) != 1 || p.resumed[0] != "internal-senders" {
		t.Errorf("resumed %v", p.resumed)
	}
	p.fails = errors.New("resume hunt internal-senders: its settings pause it; take schedule.paused out of the hunt settings")
	other := newBench(t, setup{service: func(c *interactions.Config) { c.Hunts, c.Pauses = newHunts(), p }})
	other.slash(second, "resume internal-senders")
	other.expectAnswer(second, "Resume hunt internal-senders: its settings pause it")
}

func TestHuntStatusSaysHowFarAHuntCameAndWhatKeepsIt(t *testing.T) {
	p := &past{status: runs.Status{
		Newest: runs.Run{ID: "x", Closed: noon, Kind: runs.BySlack, Result: soar.HuntResult{Coverage: soar.CoveragePartial}},
		Reached: []runs.Reached{
			{Workspace: "emea", Until: noon, Gaps: []soar.Window{soar.NewWindow(noon.Add(-3*time.Hour), noon.Add(-2*time.Hour))}}, {Workspace: "us"},
		},
		Pause: schedules.PauseState{Scheduled: true, By: schedules.PausedThroughHarrier, Note: "paused by " + second + " through Harrier until 2026-11-25T18:00:00Z"},
	}}
	b := newBench(t, setup{service: func(c *interactions.Config) { c.Hunts, c.Runs = newHunts(), p }})
	b.slash(analyst, "status internal-senders")
	answer := b.expectAnswer(analyst, "*internal-senders* · cron 0 6 * * * UTC (paused)")
	for _, part := range []string{
		"last run: <!date^", "|2026-11-24 12:00 UTC> partial, started by Slack", "hunted in emea until ", "1 gap: 2026-11-24T09:00:00Z/2026-11-24T10:00:00Z",
		"never hunted completely in us", "*paused*: paused by <@" + second + "> through Harrier until 2026-11-25T18:00:00Z",
	} {
		if !answer.Contains(part) {
			t.Errorf("no %q in %q", part, answer.Text)
		}
	}
	p.fails = errors.New("read coverage: a worker has to run to answer")
	b.slash(second, "status")
	if answer := b.expectAnswer(second, "*internal-senders* could not be read"); !answer.Contains("*top-intra-org-senders* could not be read: read coverage") {
		t.Errorf("the answer is %q", answer.Text)
	}
}

func TestADryRunShowsWhatItWouldDoAndTheDifferenceFromTheLastRun(t *testing.T) {
	h := newHunts()
	sender := func(address string, v soar.Verdict, s soar.Severity, rule string) soar.SenderOutcome {
		return soar.SenderOutcome{Sender: address, Scope: soar.ScopeIntraOrg, Verdict: v, Severity: s, Rule: rule, Reason: "why <!channel>", CaseID: "case-" + address}
	}
	h.result.DryRun = true
	h.result.Senders = []soar.SenderOutcome{
		sender("a@contoso.com", soar.VerdictTriage, soar.SeverityHigh, ""), sender("b@contoso.com", soar.VerdictSuppressed, "", "backup-veeam"),
		sender("c@contoso.com", soar.VerdictBelowCut, "", ""),
	}
	close(h.done)
	before := h.result
	before.Senders = []soar.SenderOutcome{sender("b@contoso.com", soar.VerdictTriage, soar.SeverityLow, ""), sender("d@contoso.com", soar.VerdictTriage, soar.SeverityLow, "")}
	b := newBench(t, setup{service: func(c *interactions.Config) { c.Hunts, c.Runs = h, &past{last: &before} }})
	b.slash(analyst, "run internal-senders dry")
	would := b.expectAnswer(analyst, "Dry run, nothing was opened or posted.")
	for _, part := range []string{
		"*Would be in triage: 1*", "`a@contoso.com` HIGH: why &lt;!channel&gt;", "*Would be hidden: 1*", "`b@contoso.com` hidden by backup-veeam", "Below the cut: 1.",
	} {
		if !would.Contains(part) {
			t.Errorf("no %q in %q", part, would.Text)
		}
	}
	differs := b.expectAnswer(analyst, "*Against the last run*")
	for _, part := range []string{"2 new, 1 gone, 1 changed, 0 the same", "+ `a@contoso.com` HIGH", "~ `b@contoso.com` LOW → hidden by backup-veeam", "- `d@contoso.com` was LOW"} {
		if !differs.Contains(part) {
			t.Errorf("no %q in %q", part, differs.Text)
		}
	}
	if got := h.starts(); len(got) != 1 || !got[0].DryRun {
		t.Errorf("started %+v", got)
	}
}

func TestWithoutPausesOrRunsTheCommandSaysSo(t *testing.T) {
	b := newBench(t, withHunts(newHunts()))
	for user, text := range map[string]string{analyst: "pause internal-senders", second: "resume internal-senders", grouped: "status"} {
		b.slash(user, text)
		b.expectNote(user, "not set up")
	}
}
