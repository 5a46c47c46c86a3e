package slack_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/workflows/soar"
)

func TestADecisionEditsTheSameCard(t *testing.T) {
	b := newBench(t, nil)
	c := takenOver()
	c.Card = b.post(t, c)
	c = decided(c, soar.CaseEscalated, soar.Decision{Kind: soar.Escalate, By: soar.Actor{ID: "U0ANALYST"}})
	if _, err := b.client.UpdateCard(t.Context(), request(c)); err != nil {
		t.Fatal(err)
	}
	m, err := b.fake.ExpectUpdate(t.Context(), triage, c.Card.TS, nil)
	if err != nil {
		t.Fatal(err)
	}
	if takesDecisions(m) || !m.Contains("<@U0ANALYST>") || m.Metadata == nil {
		t.Errorf("card is %q", m.Content())
	}
}

func TestUpdatesArePacedToFiftyAMinute(t *testing.T) {
	b := newBench(t, nil)
	c := takenOver()
	c.Card = b.post(t, c)
	early := 0
	for range 3 {
		if _, err := b.client.UpdateCard(t.Context(), request(c)); err != nil {
			if e := appError(t, err); e.NextRetryDelay() > 2400*time.Millisecond || e.NextRetryDelay() <= 0 {
				t.Errorf("delay is %s", e.NextRetryDelay())
			}
			early++
		}
	}
	if early != 2 {
		t.Errorf("%d of 3 updates were early, want 2", early)
	}
}

func TestACaseWithoutACardIsNotEditedOrAnswered(t *testing.T) {
	b := newBench(t, nil)
	_, edit := b.client.UpdateCard(t.Context(), request(takenOver()))
	_, reply := b.client.PostReply(t.Context(), soar.CaseRequest{Case: takenOver(), Note: "n"})
	for _, err := range []error{edit, reply} {
		if e := appError(t, err); !e.NonRetryable() || e.Type() != slack.ErrTypeMessageGone {
			t.Errorf("error is %v", err)
		}
	}
}

func TestANoteGoesIntoTheCardsThreadOnce(t *testing.T) {
	b := newBench(t, nil)
	c := takenOver()
	c.Card = b.post(t, c)
	b.clock.move(time.Minute)
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", AcceptThenCut: true})
	in := soar.CaseRequest{Case: c, Note: "30 minutes left\nfrom <b>"}
	if _, err := b.client.PostReply(t.Context(), in); err == nil {
		t.Fatal("no error for a lost answer")
	}
	b.clock.move(time.Minute)
	if _, err := b.client.PostReply(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	thread := b.fake.Thread(triage, c.Card.TS)
	if len(thread) != 2 || !thread[1].Contains("30 minutes left\nfrom &lt;b&gt;") {
		t.Errorf("thread has %d messages", len(thread))
	}
}

func TestAnEscalationLeadsToCardAndIncidentAndCallsTheGroupOnHigh(t *testing.T) {
	b := newBench(t, nil)
	c := takenOver()
	c.Card = b.post(t, c)
	c = decided(c, soar.CaseEscalated, soar.Decision{Kind: soar.Escalate, By: soar.Actor{ID: "U0ANALYST"}, Reason: "rule is not hers"})
	c.Incident = &soar.Incident{ID: "i", Number: 4711, URL: "https://portal.azure.com/#incident/4711"}
	card, err := b.client.PostEscalation(t.Context(), request(c))
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.fake.ExpectMessage(t.Context(), escalation, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"contoso.slack.com/archives/C0TRIAGE", "|Sentinel incident 4711>", "<!subteam^S0ONCALL>", "rule is not hers", "j.doe@contoso.com"} {
		if !m.Contains(want) {
			t.Errorf("escalation lacks %q", want)
		}
	}
	if card.TS != m.TS || m.Metadata.EventType != "harrier_escalation" || len(m.Buttons()) != 0 {
		t.Errorf("card %+v, metadata %+v", card, m.Metadata)
	}
	checkMessageJSON(t, m)
	medium := decided(forged(), soar.CaseEscalated, soar.Decision{Kind: soar.Escalate, By: soar.DeadlineActor})
	b.clock.move(time.Minute)
	if _, err := b.client.PostEscalation(t.Context(), request(medium)); err != nil {
		t.Fatal(err)
	}
	if last := b.fake.All(escalation)[1]; last.Contains("subteam") || !last.Contains("by the deadline") {
		t.Errorf("MEDIUM escalation is %q", last.Content())
	}
}

func TestACaseThatIsEscalatedAgainIsPostedAgainAndARetryIsNot(t *testing.T) {
	b := newBench(t, nil)
	first := decided(takenOver(), soar.CaseEscalated, soar.Decision{Kind: soar.Escalate, By: soar.Actor{ID: "U0ANALYST"}, Click: "click-1"})
	second := decided(takenOver(), soar.CaseEscalated, soar.Decision{Kind: soar.Escalate, By: soar.Actor{ID: "U0ANALYST"}, Click: "click-2"})
	var cards []string
	for _, c := range []soar.Case{first, second, second} {
		in := request(c)
		in.Again = true
		card, err := b.client.PostEscalation(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		cards = append(cards, card.TS)
		b.clock.move(time.Minute)
	}
	all := b.fake.All(escalation)
	if len(all) != 2 || cards[0] == cards[1] || cards[1] != cards[2] {
		t.Fatalf("%d posts, cards %v", len(all), cards)
	}
	if p := all[1].Metadata.EventPayload; p["case"] != second.Ref.String() || p["decision"] != "click-2" {
		t.Errorf("metadata %v", p)
	}
}

func checkMessageJSON(t *testing.T, m slacktest.Message) {
	t.Helper()
	c := &check{t: t}
	c.tokens(strings.ReplaceAll(m.Content(), "https://contoso.slack.com/", "https://portal.azure.com/"), "message")
}

func summary(cases int) soar.Summary {
	s := soar.Summary{
		HuntName: "Reported internal senders", Channel: triage, QueryTop: 10,
		Hidden: map[string]int{"backup-veeam": 12, "monitoring-splunk": 3, "learned case-0123456789abcdef0123/1": 1, "learned case-fedcba9876543210fedc/2": 1},
		Result: soar.HuntResult{
			Slug: "reported-internal-senders", RunID: "run-1", Window: soar.NewWindow(now.Add(-time.Hour), now), Coverage: soar.CoverageComplete,
			Started: now, Totals: soar.RunTotals{Findings: 20, Suppressed: 16, Triage: 4, Opened: 3, Joined: 1, BelowCut: 2},
		},
	}
	for n := range cases {
		s.Listed = append(s.Listed, soar.ListedCase{
			Ref: soar.CaseRef{ID: fmt.Sprintf("case-%020d", n), Number: 1}, Severity: soar.SeverityLow, Headline: "Probably automation, held back",
			Sender: "splunk@contoso.com", Spam: 1, Guards: []soar.Guard{soar.GuardVolume},
		})
	}
	return s
}

// manyCases are forty, six of them loud, and one that nobody reviewed.
func manyCases() soar.Summary {
	s := summary(40)
	for i := range 6 {
		c := &s.Listed[7*i]
		c.Severity, c.Headline, c.Sender, c.Phish = soar.SeverityMedium, "Forged backup report", "backup@contoso.com", 2
		c.Guards = []soar.Guard{soar.GuardAuthentication, soar.GuardPath, soar.GuardRecipients, soar.GuardURLHost, soar.GuardNoPast}
	}
	s.Unreviewed = []soar.ListedCase{s.Listed[1]}
	s.Unreviewed[0].Ref.Number = 9
	return s
}

func TestACompleteRunThatFoundNothingIsOneLineAndAnyOtherIsNot(t *testing.T) {
	s := soar.Summary{Result: soar.HuntResult{Slug: "internal-senders", Window: soar.NewWindow(now.AddDate(0, 0, -7), now), Coverage: soar.CoverageComplete}}
	blocks, text := slack.SummaryMessage(s, now)
	if want := "Hunt internal-senders: complete, nothing reported in 7 days, to 24 Nov 2026 09:45 UTC."; text != want || len(blocks) != 1 {
		t.Errorf("%d blocks, text %q, want %q", len(blocks), text, want)
	}
	for name, change := range map[string]func(*soar.Summary){
		"partial":    func(s *soar.Summary) { s.Result.Coverage = soar.CoveragePartial },
		"not run":    func(s *soar.Summary) { s.Result.Coverage = soar.CoverageNotRun },
		"full limit": func(s *soar.Summary) { s.Result.Totals.LimitFull = true },
		"full query": func(s *soar.Summary) { s.QueryTop = 10 },
		"hidden":     func(s *soar.Summary) { s.Hidden = map[string]int{"backup-veeam": 1} },
		"unreviewed": func(s *soar.Summary) { s.Unreviewed = summary(1).Listed },
	} {
		other := s
		change(&other)
		if _, text := slack.SummaryMessage(other, now); strings.Contains(text, "nothing reported") {
			t.Errorf("%s: %q", name, text)
		}
	}
}

func TestEveryListedCaseKeepsItsButtonAndLoudOnesComeFirst(t *testing.T) {
	blocks, _ := slack.SummaryMessage(manyCases(), now)
	var values, texts []string
	for _, b := range blocks {
		if s, ok := b.(*slackapi.SectionBlock); ok && s.Accessory != nil {
			values = append(values, s.Accessory.ButtonElement.Value)
			texts = append(texts, s.Text.Text)
		}
	}
	if len(values) != 41 || len(blocks) > 50 {
		t.Errorf("%d cases with a button in %d blocks, want 41", len(values), len(blocks))
	}
	if want := "*MEDIUM* Forged backup report: `backup@contoso.com`\n2 phish and 1 spam report · held by authentication failed, path changed +3"; texts[5] != want {
		t.Errorf("row is %q, want %q", texts[5], want)
	}
	if strings.Contains(texts[6], "\n") {
		t.Errorf("a LOW row takes more than a line: %q", texts[6])
	}
}

func TestAFullListStillCountsWhatNobodyReviewed(t *testing.T) {
	s := summary(200)
	s.Unreviewed = summary(30).Listed
	blocks, text := slack.SummaryMessage(s, now)
	got := wire(t, posted{text, blocks})
	checkMessage(t, blocks, text)
	if strings.Count(got, "more cases;") != 2 || !strings.Contains(got, "Unreviewed: nobody decided") {
		t.Errorf("the summary counts %d rests", strings.Count(got, "more cases;"))
	}
}

func TestSummariesSayFirstWhatWasNotHunted(t *testing.T) {
	notRun := summary(0)
	notRun.Result.Coverage, notRun.Result.Reason = soar.CoverageNotRun, "table CloudAppEvents is missing; enable its connector"
	notRun.Hidden, notRun.QueryTop, notRun.Result.Totals = nil, 0, soar.RunTotals{}
	partial := summary(1)
	partial.Result.Coverage, partial.Result.Reason = soar.CoveragePartial, "the result was cut at 64 MB"
	quiet := soar.Summary{Channel: triage, HuntName: "Reported internal senders", Result: soar.HuntResult{
		Slug: "internal-senders", RunID: "run-1", Window: soar.NewWindow(now.AddDate(0, 0, -7), now), Coverage: soar.CoverageComplete,
	}}
	for name, s := range map[string]soar.Summary{
		"summary": summary(3), "summary_not_run": notRun, "summary_partial": partial, "summary_many": manyCases(), "summary_quiet": quiet,
	} {
		blocks, text := slack.SummaryMessage(s, now)
		checkMessage(t, blocks, text)
		golden(t, name, wire(t, posted{text, blocks}))
	}
}

func TestASummaryWithMoreCasesThanBlocksCountsTheRest(t *testing.T) {
	b := newBench(t, nil)
	s := summary(soar.MaxSenders)
	card, err := b.client.PostSummary(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.fake.ExpectMessage(t.Context(), triage, nil)
	if err != nil {
		t.Fatal(err)
	}
	shown := len(m.Buttons())
	if shown < 20 || !m.Contains(fmt.Sprintf("%d more cases", soar.MaxSenders-shown)) || !m.Contains("temporal workflow list") {
		t.Errorf("%d cases shown: %q", shown, m.Content()[:200])
	}
	if m.Buttons()[0].ActionID != "show" || m.Buttons()[0].Value != s.Listed[0].Ref.String() {
		t.Errorf("button is %+v", m.Buttons()[0])
	}
	if card.TS != m.TS || m.Metadata.EventPayload["run_id"] != "run-1" {
		t.Errorf("card %+v, metadata %+v", card, m.Metadata)
	}
}

func TestASummaryIsPostedOnceARun(t *testing.T) {
	b := newBench(t, nil)
	b.fake.Fail(slacktest.Fault{Method: "chat.postMessage", AcceptThenCut: true})
	if _, err := b.client.PostSummary(t.Context(), summary(1)); err == nil {
		t.Fatal("no error for a lost answer")
	}
	b.clock.move(time.Minute)
	card, err := b.client.PostSummary(t.Context(), summary(1))
	if all := b.fake.All(triage); err != nil || len(all) != 1 || all[0].TS != card.TS {
		t.Errorf("%d summaries, error %v", len(all), err)
	}
}

func TestANoticeIsPostedOnceAKey(t *testing.T) {
	b := newBench(t, nil)
	notice := soar.Notice{Key: "missing-table/2026-11-24", Channel: triage, Text: "Table CloudAppEvents is missing."}
	for range 3 {
		if _, err := b.client.PostNotice(t.Context(), notice); err != nil {
			t.Fatal(err)
		}
		b.clock.move(2 * time.Second)
	}
	if n := len(b.fake.All(triage)); n != 1 {
		t.Errorf("%d notices, want 1", n)
	}
	notice.Key = "missing-table/2026-11-25"
	if _, err := b.client.PostNotice(t.Context(), notice); err != nil {
		t.Fatal(err)
	}
	b.clock.move(slack.NoticeLookback + 2*time.Hour)
	notice.Key = "missing-table/2026-11-24"
	if _, err := b.client.PostNotice(t.Context(), notice); err != nil {
		t.Fatal(err)
	}
	if n := len(b.fake.All(triage)); n != 3 {
		t.Errorf("%d notices, want 3: another key, and the first again after the look-back", n)
	}
}

func TestANoticeReachesTheFallbackWhenItsChannelIsGone(t *testing.T) {
	b := newBench(t, nil)
	_, err := b.client.PostNotice(t.Context(), soar.Notice{Key: "k", Channel: archived, Text: "t"})
	if e := appError(t, err); e.Type() != slack.ErrTypeChannel || len(b.fake.All(fallback)) != 1 {
		t.Errorf("error %v, %d messages in the fallback channel", err, len(b.fake.All(fallback)))
	}
}

func TestARunThatDidNotRunNeverReadsAsClean(t *testing.T) {
	s := summary(0)
	s.Result.Coverage, s.Result.Reason, s.Result.Totals = soar.CoverageNotRun, "no permission", soar.RunTotals{}
	blocks, text := slack.SummaryMessage(s, now)
	if got := wire(t, posted{text, blocks}); strings.Contains(got, "0 senders") || !strings.Contains(text, "not run; no permission.") {
		t.Errorf("summary is %s", got)
	}
}

func TestSlackTakesEveryCardWhateverAnAttackerWrote(t *testing.T) {
	b := newBench(t, nil)
	long := attacked()
	long.Ref.Number = 9
	long.Finding.Evidence.Messages[0].Subject = strings.Repeat("&", 3001)
	long.Judgement.Facts = []string{strings.Repeat("é", 3001), strings.Repeat("<", 3001), ""}
	long.Judgement.Headline = strings.Repeat("𝔼", 200)
	for _, c := range []soar.Case{attacked(), long, {Ref: soar.CaseRef{ID: "case-x", Number: 1}, State: soar.CaseOpen, Channel: triage}} {
		b.post(t, c)
	}
	for _, m := range b.fake.All(triage) {
		if !takesDecisions(m) || m.Contains("Slack refused") {
			t.Errorf("card is %q", m.Content())
		}
	}
}

func TestANoteThatCallsTheGroupMentionsItAndNobodyElse(t *testing.T) {
	b := newBench(t, nil)
	c := takenOver()
	c.Card = b.post(t, c)
	b.clock.move(time.Minute)
	for _, mention := range []bool{true, false} {
		in := soar.CaseRequest{Case: c, Note: "10 minutes left <!channel>", Mention: mention}
		if !mention {
			in.Note = "still 10 minutes left"
		}
		if _, err := b.client.PostReply(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		b.clock.move(time.Minute)
	}
	thread := b.fake.Thread(triage, c.Card.TS)
	called, quiet := thread[1], thread[2]
	if !strings.Contains(called.Text, "<!subteam^S0ONCALL> 10 minutes left &lt;!channel&gt;") || !strings.Contains(called.Content(), "<!subteam^S0ONCALL>") {
		t.Errorf("note is %q with %q", called.Text, called.Content())
	}
	checkMessageJSON(t, called)
	if quiet.Contains("subteam") {
		t.Errorf("a note that calls nobody is %q", quiet.Content())
	}
}

func TestASummarySaysHowEachWorkspaceFaredAndWhatWasShimmed(t *testing.T) {
	w := soar.NewWindow(now.Add(-24*time.Hour), now)
	r := soar.HuntResult{
		Slug: "a", Window: w, Coverage: soar.CoverageComplete, Notes: []string{"Timestamp stands for TimeGenerated in EmailEvents"},
		Workspaces: []soar.WorkspaceResult{{Workspace: "emea", Window: w, Coverage: soar.CoverageComplete}, {Workspace: "apac", Window: w, Coverage: soar.CoverageNotRun}},
	}
	blocks, _ := slack.SummaryMessage(soar.Summary{Result: r}, now)
	raw, err := json.Marshal(blocks)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, want := range []string{"Workspace emea: complete", "Workspace apac: not run", "Timestamp stands for TimeGenerated in EmailEvents"} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary does not say %q: %s", want, text)
		}
	}
}

func TestARunThatFoundNothingIsOneLineWhateverItsQueriesCost(t *testing.T) {
	r := soar.HuntResult{Slug: "a", Window: soar.NewWindow(now.Add(-24*time.Hour), now), Coverage: soar.CoverageComplete}
	r.Totals.Queries = soar.QueryStats{Queries: 3, CPUMillis: 40}
	if blocks, _ := slack.SummaryMessage(soar.Summary{Result: r}, now); len(blocks) != 1 {
		t.Errorf("%d blocks for a run that found nothing", len(blocks))
	}
}
