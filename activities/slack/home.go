package slack

import (
	"cmp"
	"slices"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// Home is what the app's home tab shows.
type Home struct {
	AsOf time.Time
	// Open are cases that take a decision, with State and Deadline; More are those left out.
	Open     []soar.ListedCase
	More     int
	Coverage []CoverageLine
	Expiring []soar.Expiring
	// Problems are what could not be read, so that an empty list is not taken for a quiet day.
	Problems []string
}

// CoverageLine is how far one hunt has come.
type CoverageLine struct {
	Hunt string // slug
	Name string
	// Until is where complete coverage ends; zero is a hunt that never ran.
	Until time.Time
	// Gaps are spans before Until that were not hunted whole.
	Gaps []soar.Window
	// Overdue says that the hunt is further behind than its schedule explains.
	Overdue bool
}

// HomeView is the home tab: open cases by their deadline, how far the hunts have
// come, and what ends soon.
func HomeView(h Home) slackapi.HomeTabViewRequest {
	b := blockkit.ForModal()
	b.Context(blockkit.Say("As of ").Then(blockkit.Moment(h.AsOf), blockkit.Say(". Open this tab again for a newer view.")))
	for _, p := range h.Problems {
		b.Plain(blockkit.Say("⚠ " + blockkit.Cut(p, 300)))
	}
	b.Header(blockkit.Say(openTitle(h)))
	openCases(b, h)
	b.Header(blockkit.Say("Hunts"))
	for lines := range slices.Chunk(coverageLines(h.Coverage), coveragePerBlock) {
		b.Section(blockkit.Lines(lines...))
	}
	b.Header(blockkit.Say("Ends soon"))
	if len(h.Expiring) == 0 {
		b.Plain(blockkit.Say("No rule and no remembered approval ends in the next days."))
	}
	expiring(b, h.Expiring, h.AsOf, maxExpiring)
	return slackapi.HomeTabViewRequest{Type: slackapi.VTHomeTab, Blocks: slackapi.Blocks{BlockSet: b.Build()}}
}

func openTitle(h Home) string {
	switch n := len(h.Open) + h.More; {
	case n > 0:
		return plural(n, "open case", "open cases")
	case len(h.Problems) > 0:
		return "Open cases"
	}
	return "No open case"
}

// Bounds of the home tab's lists, which keep it under the blocks a view may have.
const (
	maxHomeCases    = 40
	maxHomeCoverage = 30
	maxExpiring     = 15

	coveragePerBlock = 5 // with all their gaps they fit a block
)

func openCases(b *blockkit.Blocks, h Home) {
	cases := byDeadline(h.Open)
	if len(cases)+h.More+len(h.Problems) == 0 {
		b.Plain(blockkit.Say("Nothing waits for a decision."))
	}
	shown := cases[:min(len(cases), maxHomeCases)]
	for _, c := range shown {
		b.SectionWithButton(waiting(c), blockkit.Button{ActionID: ActionEvidence, Label: "Evidence", Value: c.Ref.String()})
	}
	if more := len(cases) - len(shown) + h.More; more > 0 && len(shown) > 0 {
		b.Plain(blockkit.Sayf("%s: worker cases list", plural(more, "more case", "more cases")))
	}
}

// byDeadline orders cases by when they have to be decided, then those without a
// deadline, last those whose deadline is over.
func byDeadline(cases []soar.ListedCase) []soar.ListedCase {
	out := slices.Clone(cases)
	place := func(c soar.ListedCase) int {
		switch {
		case c.State == soar.CaseUnreviewed:
			return 2
		case c.Deadline.IsZero():
			return 1
		}
		return 0
	}
	slices.SortStableFunc(out, func(a, b soar.ListedCase) int {
		return cmp.Or(place(a)-place(b), a.Deadline.Compare(b.Deadline))
	})
	return out
}

// waiting is a listed case with its clock.
func waiting(c soar.ListedCase) blockkit.Text {
	head := blockkit.Bold(string(c.Severity)).Then(blockkit.Say(" "), caseHead(c))
	var held blockkit.Text
	if len(c.Guards) > 0 {
		held = blockkit.Say("held by " + someGuards(c.Guards))
	}
	return blockkit.Lines(head, blockkit.Join(" · ", clockOf(c), blockkit.Say(counted(c)), held))
}

// counted is what is known of a listed case's mails, empty for one of which nothing was
// counted: a burst that nobody reported is not "0 reports".
func counted(c soar.ListedCase) string {
	if c.Phish+c.Spam+c.Sent == 0 {
		return ""
	}
	return reports(soar.Counts{Phish: c.Phish, Spam: c.Spam, Sent: c.Sent, Usual: c.Usual})
}

func clockOf(c soar.ListedCase) blockkit.Text {
	switch {
	case c.State == soar.CaseUnreviewed:
		return blockkit.Bold("unreviewed")
	case c.Deadline.IsZero():
		return blockkit.Text{}
	case !c.Snoozed.IsZero():
		return blockkit.Say("snoozed until ").Then(blockkit.Moment(c.Snoozed), blockkit.Say(", then "), due(c))
	}
	return due(c)
}

func due(c soar.ListedCase) blockkit.Text {
	if isLow(c) {
		return blockkit.Say("unreviewed from ").Then(blockkit.Moment(c.Deadline))
	}
	return blockkit.Say("decide by ").Then(blockkit.Due(c.Deadline, false))
}

func coverageLines(lines []CoverageLine) []blockkit.Text {
	var out []blockkit.Text
	for i, l := range lines {
		if i == maxHomeCoverage {
			return append(out, blockkit.Sayf("• %s", plural(len(lines)-i, "more hunt", "more hunts")))
		}
		out = append(out, coverageLine(l))
	}
	if len(out) == 0 {
		out = append(out, blockkit.Say("No hunt is scheduled."))
	}
	return out
}

func coverageLine(l CoverageLine) blockkit.Text {
	name := blockkit.Cut(orNamed(l.Name, l.Hunt), maxListedHeadline)
	head := blockkit.Say("• " + name + ": ")
	if l.Overdue {
		head = blockkit.Say("• ⚠ " + name + ": ")
	}
	if l.Until.IsZero() {
		return head.Then(blockkit.Bold("never hunted"))
	}
	t := head.Then(blockkit.Say("hunted until "), blockkit.Moment(l.Until))
	if l.Overdue {
		t = t.Then(blockkit.Say(", "), blockkit.Bold("behind its schedule"))
	}
	return t.Then(gaps(l.Gaps))
}

// maxGaps spans are written out for a hunt.
const maxGaps = 3

func gaps(windows []soar.Window) blockkit.Text {
	if len(windows) == 0 {
		return blockkit.Text{}
	}
	t := blockkit.Sayf("; %s: ", plural(len(windows), "gap", "gaps"))
	for i, w := range windows {
		if i == maxGaps {
			return t.Then(blockkit.Sayf(", %d more", len(windows)-i))
		}
		if i > 0 {
			t = t.Then(blockkit.Say(", "))
		}
		t = t.Then(blockkit.Moment(w.From), blockkit.Say(" ("+roughly(w.Length())+")"))
	}
	return t
}

// expiring lists what ends, at most so many, each with a button.
func expiring(b *blockkit.Blocks, ends []soar.Expiring, now time.Time, most int) {
	for i, x := range ends {
		text := blockkit.Lines(ending(x, now), blockkit.Sayf("30 days: hid %d, held %d", x.Hits, x.Held))
		if i == most || b.Room() < 2 || b.TextRoom() < len(text.Markdown(blockkit.MaxSectionText))+restText {
			b.Plain(blockkit.Sayf("%d more end soon: worker suppressions list", len(ends)-i))
			return
		}
		b.SectionWithButton(text, blockkit.Button{ActionID: ActionExtend, Label: "Extend…", Value: ExtendRef{x}.String()})
	}
}
