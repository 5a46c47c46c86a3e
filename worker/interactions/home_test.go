package interactions_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"harrier/activities/slack"
	"harrier/activities/slack/slacktest"
	"harrier/worker/interactions"
	"harrier/workflows/soar"
)

// desk shows what it is given.
type desk struct {
	mu    sync.Mutex
	home  slack.Home
	fails error
	asked int
}

func (d *desk) Home(context.Context) (slack.Home, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	return d.home, d.fails
}

func newDesk() *desk {
	now := time.Now()
	return &desk{home: slack.Home{
		AsOf: now,
		Open: []soar.ListedCase{{
			Ref: ref, Severity: soar.SeverityHigh, State: soar.CaseOpen, Deadline: now.Add(time.Hour), Phish: 7,
			Sender: "*boss* <!channel>@contoso.com", Headline: "From says <https://evil.test|Approve here>",
		}},
		Coverage: []slack.CoverageLine{{Hunt: "internal-senders", Name: "Internal senders", Until: now.Add(-time.Hour)}},
		Expiring: []soar.Expiring{
			{Rule: "backup-veeam", Owner: "mail team", Until: now.Add(48 * time.Hour), Hits: 9, Held: 1},
			{Case: ref, Sender: "splunk@contoso.com", Owner: analyst, Until: now.Add(24 * time.Hour), Hits: 3},
		},
	}}
}

func withDesk(d *desk) setup {
	return setup{service: func(c *interactions.Config) {
		c.Desk, c.RuleAt = d, func(string) (string, int) { return "config/suppressions/backup.yaml", 12 }
	}}
}

// openHome opens the app's home tab and waits until it says so.
func (b *bench) openHome(user, part string) slacktest.View {
	b.t.Helper()
	if result, err := b.fake.OpenHome(b.t.Context(), user); err != nil || !result.Acked {
		b.t.Fatalf("open home: %+v, %v", result, err)
	}
	ctx, cancel := contextFor(b.t, 10*time.Second)
	defer cancel()
	view, err := b.fake.ExpectHome(ctx, user, func(v slacktest.View) bool { return v.Contains(part) })
	if err != nil {
		b.t.Fatalf("no home tab with %q: %v", part, err)
	}
	return view
}

func (b *bench) pressHome(user string, view slacktest.View, action, block string) {
	b.t.Helper()
	result, err := b.fake.Use(b.t.Context(), slacktest.Press{User: user, View: view.ID, Block: block, Action: action})
	if err != nil || !result.Acked {
		b.t.Fatalf("press %s: %+v, %v", action, result, err)
	}
}

func TestTheHomeTabShowsAnApproverCasesCoverageAndWhatEnds(t *testing.T) {
	b := newBench(t, withDesk(newDesk()))
	view := b.openHome(grouped, "1 open case")
	for _, part := range []string{"Internal senders: hunted until", "Rule backup-veeam", "30 days: hid 9, held 1", "decide by"} {
		if !view.Contains(part) {
			t.Errorf("the home tab does not say %q: %s", part, view.Blocks)
		}
	}
	if raw := string(view.Blocks); strings.Contains(raw, "<!channel>") || strings.Contains(raw, "<https://evil.test") || !view.Contains("&lt;!channel&gt;") {
		t.Errorf("what senders wrote is not harmless: %s", raw)
	}
}

func TestTheHomeTabShowsNothingToWhoIsNoApprover(t *testing.T) {
	d := newDesk()
	b := newBench(t, withDesk(d))
	b.openHome(member, "is not an approver")
	b.openHome(guest, "is a guest")
	b.drain()
	if d.asked != 0 {
		t.Errorf("the desk was read %d times for nobody", d.asked)
	}
}

func TestAHomeTabThatCouldNotBeReadDoesNotReadAsAQuietDay(t *testing.T) {
	d := newDesk()
	d.fails = errors.New("frontend unavailable")
	b := newBench(t, withDesk(d))
	if view := b.openHome(analyst, "could not be read"); view.Contains("No open case") {
		t.Errorf("home tab says %s", view.Blocks)
	}
}

func TestEvidenceOpensFromTheHomeTabForApproversOfNow(t *testing.T) {
	with := withDesk(newDesk())
	before := with.service
	with.service = func(c *interactions.Config) {
		before(c)
		c.MaskSubjects = func(id string) bool { return id == channel }
	}
	b := newBench(t, with)
	b.cases.set(func(v *soar.CaseView) {
		v.Case.Channel = channel
		v.Case.Finding.Evidence = soar.Evidence{Messages: []soar.Message{{Subject: "Quarterly salary review", P2: "splunk@contoso.com"}}, Total: 1}
	})
	view := b.openHome(analyst, "1 open case")
	b.pressHome(analyst, view, slack.ActionEvidence, "")
	page := b.expectView(analyst, "Page 1 of")
	b.pressHome(analyst, page, slack.ActionPage, "")
	if page = b.expectView(analyst, "Page 2 of"); page.Contains("Quarterly salary review") || !page.Contains("subject hidden") {
		t.Errorf("a subject of a channel that masks them is shown: %s", page.Blocks)
	}
	if err := b.fake.CloseView(t.Context(), analyst, page.ID); err != nil {
		t.Fatal(err)
	}
	b.setList(soar.Approvers{Users: []string{second}})
	b.pressHome(analyst, view, slack.ActionEvidence, "")
	b.expectView(analyst, "is not an approver")
}

func TestWhatEndsSoonIsExtendedFromTheHomeTab(t *testing.T) {
	b := newBench(t, withDesk(newDesk()))
	until := time.Now().Add(24 * time.Hour)
	b.cases.set(func(v *soar.CaseView) { v.Entry = &soar.Entry{Case: ref, By: analyst, Until: until} })
	view := b.openHome(second, "Ends soon")
	block := blockOf(t, view, slack.ActionExtend, "splunk@contoso.com")
	b.pressHome(second, view, slack.ActionExtend, block)
	form := b.expectView(second, "guards held 0")
	if result, err := b.fake.SubmitView(t.Context(), second, form.ID, nil); err != nil || !result.Closed {
		t.Fatalf("submission %+v, error %v", result, err)
	}
	b.drain()
	if got := b.cases.extended; len(got) != 1 || got[0].By.ID != second || !got[0].Until.After(until) {
		t.Errorf("extended %+v, refused %+v", got, b.audit.all())
	}
	ctx, cancel := contextFor(t, 10*time.Second)
	defer cancel()
	if _, err := b.fake.ExpectMessage(ctx, b.fake.Direct(second), func(m slacktest.Message) bool { return m.Contains("Extended until") }); err != nil {
		t.Errorf("nobody was told: %v", err)
	}
}

func TestTheFormOfARuleNamesItsFileAndLine(t *testing.T) {
	b := newBench(t, withDesk(newDesk()))
	view := b.openHome(analyst, "Ends soon")
	b.pressHome(analyst, view, slack.ActionExtend, blockOf(t, view, slack.ActionExtend, `"rule\":\"backup-veeam`))
	b.expectView(analyst, "config/suppressions/backup.yaml:12")
}

// blockOf is the block of a button whose value or text says so.
func blockOf(t *testing.T, v slacktest.View, action, part string) string {
	t.Helper()
	for _, block := range v.Parsed {
		text := asJSON(t, block)
		if strings.Contains(text, `"`+action+`"`) && strings.Contains(text, part) {
			return block["block_id"].(string)
		}
	}
	t.Fatalf("no %s with %q in %s", action, part, v.Blocks)
	return ""
}
