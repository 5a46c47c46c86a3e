package slack_test

import (
	"strings"
	"testing"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack"
	"harrier/workflows/soar"
)

func home() slack.Home {
	return slack.Home{
		AsOf: now, Open: append(digest().Open, digest().Unreviewed...), Expiring: digest().Expiring,
		Coverage: []slack.CoverageLine{
			{Hunt: "user-submissions", Name: "Reported internal senders", Until: now.Add(-time.Hour)},
			{Hunt: "lookalike-senders", Name: "Look-alike senders", Until: now.Add(-30 * time.Hour), Overdue: true,
				Gaps: []soar.Window{soar.NewWindow(now.AddDate(0, 0, -3), now.AddDate(0, 0, -3).Add(4*time.Hour))}},
			{Hunt: "bursts"},
		},
	}
}

func TestTheHomeTabReadsAsSomebodyOnCallNeedsIt(t *testing.T) {
	for name, h := range map[string]slack.Home{
		"home": home(), "home_quiet": {AsOf: now}, "home_broken": {AsOf: now, Problems: []string{"Cases could not be read: Temporal does not answer"}},
	} {
		v := slack.HomeView(h)
		(&check{t: t}).blocks(v.Blocks.BlockSet, 100)
		golden(t, name, wire(t, v))
		if v.Type != slackapi.VTHomeTab {
			t.Errorf("type is %q", v.Type)
		}
	}
}

func TestWhatIsDueFirstComesFirst(t *testing.T) {
	got := wire(t, slack.HomeView(home()))
	unreviewed, high, medium := strings.Index(got, "*unreviewed*"), strings.Index(got, "*HIGH*"), strings.Index(got, "*MEDIUM*")
	if high < 0 || high > medium || medium > unreviewed {
		t.Errorf("unreviewed stands at %d, HIGH at %d, MEDIUM at %d", unreviewed, high, medium)
	}
}

func TestAFullHomeTabCountsTheRest(t *testing.T) {
	h := slack.Home{AsOf: now, More: 7}
	for range 90 {
		h.Open, h.Coverage, h.Expiring = append(h.Open, digest().Open[0]), append(h.Coverage, home().Coverage[1]), append(h.Expiring, digest().Expiring[0])
	}
	v := slack.HomeView(h)
	(&check{t: t}).blocks(v.Blocks.BlockSet, 100)
	got := wire(t, v)
	for _, want := range []string{"97 open cases", "57 more cases", "60 more hunts", "75 more end soon"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestAHomeTabThatCouldNotBeReadDoesNotLookQuiet(t *testing.T) {
	h := slack.Home{AsOf: now, Problems: []string{"Cases could not be read: Temporal does not answer"}}
	got := wire(t, slack.HomeView(h))
	if !strings.Contains(got, "⚠ Cases could not be read") || strings.Contains(got, "Nothing waits") || strings.Contains(got, "No open case") {
		t.Errorf("home tab is %s", got)
	}
}

func TestAListedCaseSaysOnlyWhatIsKnownOfItsMails(t *testing.T) {
	c := digest().Open[0]
	c.Phish = 0
	shown := func() string { return wire(t, slack.HomeView(slack.Home{AsOf: now, Open: []soar.ListedCase{c}})) }
	if got := shown(); strings.Contains(got, "reports") || !strings.Contains(got, "UTC\\u003e · held by") {
		t.Errorf("home tab is %s", got)
	}
	c.Sent, c.Usual = 212, 14
	if got := shown(); !strings.Contains(got, "· 212 mails, usual 14 · held by") {
		t.Errorf("home tab is %s", got)
	}
	got := wire(t, digestOf(soar.Digest{Window: digest().Window, Open: []soar.ListedCase{c}}, options))
	if !strings.Contains(got, "· 212 mails, usual 14 · held by") {
		t.Errorf("digest is %s", got)
	}
}

func TestALowCaseIsUnreviewedFromItsDeadlineAndNotDue(t *testing.T) {
	c := digest().Open[0]
	c.Severity, c.Sender = soar.SeverityLow, ""
	got := wire(t, slack.HomeView(slack.Home{AsOf: now, Open: []soar.ListedCase{c}}))
	if !strings.Contains(got, "unreviewed from \\u003c!date^") || strings.Contains(got, "decide by") || !strings.Contains(got, "Forged backup report, null sender: "+c.Ref.String()) {
		t.Errorf("home tab is %s", got)
	}
}

func TestTheHomeTabSaysUntilWhenACaseSleepsAndWhatThen(t *testing.T) {
	c := digest().Open[0]
	c.Severity, c.Snoozed, c.Deadline = soar.SeverityHigh, now.Add(time.Hour), now.Add(90*time.Minute)
	got := wire(t, slack.HomeView(slack.Home{AsOf: now, Open: []soar.ListedCase{c}}))
	if !strings.Contains(got, "snoozed until \\u003c!date^") || !strings.Contains(got, ", then decide by \\u003c!date^") {
		t.Errorf("home tab is %s", got)
	}
}
