package slack

import (
	"fmt"
	"sort"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// SummaryMessage is what a run tells its channel: how much of its window was
// hunted, what it hid and why, and the cases without a card of their own, each
// with a button that posts its card in the thread. What finds no room is
// counted, with the command that lists it. A complete run that found nothing is
// one line.
func SummaryMessage(s soar.Summary, now time.Time) (blocks []slackapi.Block, fallback string) {
	b := blockkit.ForMessage()
	if quiet(s) {
		b.Plain(blockkit.Say(ResultLine(s.Result)))
		return b.Build(), ResultLine(s.Result)
	}
	b.Header(blockkit.Say("Hunt: " + blockkit.Cut(summaryName(s), 120)))
	b.Section(blockkit.Join(" ", coverage(s.Result), window(s.Result)))
	b.Plain(totalsLine(s.Result))
	b.Plain(asides(s.Result))
	b.Plain(hidden(s.Hidden))
	b.Section(missing(s))
	summaryLists(b, s)
	return b.Build(), summaryNotification(s)
}

// blocksPerList is a title and the line that counts what found no room.
const blocksPerList = 2

func summaryLists(b *blockkit.Blocks, s soar.Summary) {
	keep := 0
	if len(s.Unreviewed) > 0 {
		keep = blocksPerList
	}
	if len(s.Listed) > 0 {
		b.Section(blockkit.Bold("In triage, without a card of their own:"))
		listed(b, s.Listed, keep)
	}
	if len(s.Unreviewed) > 0 {
		b.Section(blockkit.Bold("Unreviewed: nobody decided these in time. They still take a decision."))
		listed(b, s.Unreviewed, 0)
	}
}

// quiet says that there is nothing to read but that the whole window was hunted.
func quiet(s soar.Summary) bool {
	counted := s.Result.Totals
	counted.Queries = soar.QueryStats{} // what the queries cost is no finding
	return s.Result.Coverage == soar.CoverageComplete && counted == (soar.RunTotals{}) && s.Result.Reason == "" && len(s.Result.Notes) == 0 &&
		len(s.Listed)+len(s.Unreviewed)+len(s.Hidden) == 0 && s.QueryTop == 0
}

// ResultLine is a run in one line, for a person who waits for it.
func ResultLine(r soar.HuntResult) string {
	head := "Hunt " + blockkit.Cut(orNamed(r.Slug, r.Hunt), 80) + ": "
	switch {
	case r.Coverage == soar.CoverageNotRun:
		return blockkit.Say(head + "not run. " + blockkit.Cut(r.Reason, 300)).Plain(blockkit.MaxFallback)
	case r.Coverage == soar.CoverageComplete && r.Totals.Findings == 0:
		return blockkit.Say(head + "complete, nothing reported in " + span(r.Window) + ".").Plain(blockkit.MaxFallback)
	}
	line := head + string(r.Coverage) + ", " + totals(r.Totals)
	if !r.Window.IsZero() {
		line += " Window: " + span(r.Window) + "."
	}
	return blockkit.Say(line + " " + blockkit.Cut(r.Reason, 300)).Plain(blockkit.MaxFallback)
}

func summaryName(s soar.Summary) string { return orNamed(s.HuntName, s.Result.Slug) }

func summaryNotification(s soar.Summary) string {
	t := blockkit.Say(blockkit.Cut(summaryName(s), 120) + ": ")
	if s.Result.Coverage != soar.CoverageComplete {
		t = t.Then(blockkit.Say(string(s.Result.Coverage) + "; " + sentences(blockkit.Cut(s.Result.Reason, 200)) + " "))
	}
	return t.Then(totalsLine(s.Result)).Markdown(blockkit.MaxFallback)
}

// totalsLine is empty for a run that did not run: its zeros would read as a clean result.
func totalsLine(r soar.HuntResult) blockkit.Text {
	if r.Coverage == soar.CoverageNotRun {
		return blockkit.Text{}
	}
	return blockkit.Say(totals(r.Totals))
}

// asides are how each of several workspaces fared, and what a reader has to know
// though nothing is missing.
func asides(r soar.HuntResult) blockkit.Text {
	var lines []blockkit.Text
	for _, w := range r.Workspaces {
		lines = append(lines, blockkit.Say("Workspace "+blockkit.Cut(w.Workspace, 60)+": "+string(w.Coverage)+", "+span(w.Window)+"."))
	}
	for _, note := range r.Notes {
		lines = append(lines, blockkit.Say("Note: "+blockkit.Cut(note, 300)))
	}
	return blockkit.Lines(lines[:min(len(lines), 12)]...)
}

// coverage comes first where it is not complete: a run that did not run found nothing by itself.
func coverage(r soar.HuntResult) blockkit.Text {
	why := blockkit.Say(blockkit.Cut(sentences(r.Reason), 500))
	switch r.Coverage {
	case soar.CoverageNotRun:
		return blockkit.Bold("⚠ Not run.").Then(blockkit.Say(" Nothing is known of this window: "), why)
	case soar.CoveragePartial:
		return blockkit.Bold("⚠ Partial.").Then(blockkit.Say(" Rows are missing: "), why)
	}
	return blockkit.Say("Complete.")
}

func window(r soar.HuntResult) blockkit.Text {
	if r.Window.IsZero() {
		return blockkit.Text{}
	}
	return blockkit.Say("Window: " + span(r.Window) + ".")
}

// span writes a window by its length and its end: 7 days, to 25 Nov 2026 03:40 UTC.
func span(w soar.Window) string {
	length := blockkit.Remaining(w.Length())
	if days := w.Length() / (24 * time.Hour); days > 0 && w.Length()%(24*time.Hour) == 0 {
		length = plural(int(days), "day", "days")
	}
	return length + ", to " + w.To.UTC().Format("2 Jan 2006 15:04 UTC")
}

func totals(t soar.RunTotals) string {
	parts := []string{
		plural(t.Findings, "sender", "senders"), fmt.Sprintf("%d hidden", t.Suppressed),
		fmt.Sprintf("%d in triage (%d new, %d joined)", t.Triage, t.Opened, t.Joined),
	}
	if t.BelowCut > 0 {
		parts = append(parts, fmt.Sprintf("%d below the cut", t.BelowCut))
	}
	return strings.Join(parts, ", ") + "."
}

// maxHidden rules are named with their counts.
const maxHidden = 20

// learned begins the rule of a finding that an analyst's approval hid; after it
// stands the case.
const learned = "learned "

func hidden(counts map[string]int) blockkit.Text {
	byRule := map[string]int{}
	for name, n := range counts {
		if strings.HasPrefix(name, learned) {
			name = "remembered approvals"
		}
		byRule[name] += n
	}
	names := make([]string, 0, len(byRule))
	for name := range byRule {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		if byRule[names[i]] != byRule[names[j]] {
			return byRule[names[i]] > byRule[names[j]]
		}
		return names[i] < names[j]
	})
	var parts []string
	for i, name := range names {
		if i == maxHidden {
			parts = append(parts, fmt.Sprintf("%d more rules", len(names)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("%s %d", blockkit.Cut(name, 80), byRule[name]))
	}
	if len(parts) == 0 {
		return blockkit.Text{}
	}
	return blockkit.Say("Hidden by " + strings.Join(parts, ", ") + ".")
}

// missing says where senders may not have been seen at all.
func missing(s soar.Summary) blockkit.Text {
	var lines []blockkit.Text
	if s.QueryTop > 0 {
		lines = append(lines, blockkit.Sayf("⚠ The query's own top %d was full: senders may be missing.", s.QueryTop))
	}
	if s.Result.Totals.LimitFull {
		lines = append(lines, blockkit.Sayf("⚠ The limit of %d senders a run was reached: the others were not looked at.", soar.MaxSenders))
	}
	return blockkit.Lines(lines...)
}

// listed adds one section a case, LOW ones last and shorter, and keeps a block
// and some text for the line that counts the rest, and so many blocks for what
// comes after.
func listed(b *blockkit.Blocks, cases []soar.ListedCase, keep int) {
	cases = lowLast(cases)
	for i, c := range cases {
		need, title := 1+keep, i > 0 && isLow(c) && !isLow(cases[i-1])
		if title {
			need++
		}
		if i < len(cases)-1 {
			need++
		}
		text := listedCase(c)
		if b.Room() < need || b.TextRoom() < len(text.Markdown(blockkit.MaxSectionText))+(1+keep)*restText {
			b.Plain(blockkit.Sayf("%d more cases; all open ones: temporal workflow list --query \"WorkflowType='%s' and ExecutionStatus='Running'\"",
				len(cases)-i, soar.TriageWorkflow))
			return
		}
		if title {
			b.Section(blockkit.Bold(plural(len(cases)-i, "LOW case:", "LOW cases:")))
		}
		b.SectionWithButton(text, blockkit.Button{ActionID: ActionShow, Label: "Show", Value: c.Ref.String()})
	}
}

// restText is kept for the line that counts what found no room.
const restText = 200

func isLow(c soar.ListedCase) bool { return c.Severity == soar.SeverityLow }

// lowLast keeps the order otherwise.
func lowLast(cases []soar.ListedCase) []soar.ListedCase {
	var loud, low []soar.ListedCase
	for _, c := range cases {
		if isLow(c) {
			low = append(low, c)
		} else {
			loud = append(loud, c)
		}
	}
	return append(loud, low...)
}

// Bounds of a listed case, so that it takes one or two lines.
const (
	maxListedHeadline = 60
	maxListedGuards   = 2
)

// caseHead names a case in a list: what it is, and whose. Cases without a sender are told
// apart by their id.
func caseHead(c soar.ListedCase) blockkit.Text {
	head := blockkit.Say(blockkit.Cut(c.Headline, maxListedHeadline))
	if !soar.IsNullSender(c.Sender) {
		return head.Then(blockkit.Say(": "), blockkit.Quote(blockkit.CutAddress(c.Sender, maxAddress)))
	}
	if !saysNullSender(c.Headline) {
		head = head.Then(blockkit.Say(", null sender"))
	}
	return head.Then(blockkit.Say(": " + c.Ref.String()))
}

func saysNullSender(headline string) bool {
	return strings.Contains(soar.FoldASCII(headline), "null sender")
}

func listedCase(c soar.ListedCase) blockkit.Text {
	head := caseHead(c)
	if isLow(c) {
		return blockkit.Join(" · ", head, blockkit.Say(briefly(c)))
	}
	var held blockkit.Text
	if len(c.Guards) > 0 {
		held = blockkit.Say("held by " + someGuards(c.Guards))
	}
	return blockkit.Lines(blockkit.Bold(string(c.Severity)).Then(blockkit.Say(" "), head), blockkit.Join(" · ", blockkit.Say(counted(c)), held))
}

// briefly counts reports, "1 phish, 2 spam", else the mails of a burst, and is empty
// without any.
func briefly(c soar.ListedCase) string {
	if c.Phish+c.Spam == 0 {
		return counted(c)
	}
	var out []string
	if c.Phish > 0 {
		out = append(out, fmt.Sprintf("%d phish", c.Phish))
	}
	if c.Spam > 0 {
		out = append(out, fmt.Sprintf("%d spam", c.Spam))
	}
	return strings.Join(out, ", ")
}

// someGuards names the first guards and counts the others: "path changed, new IP +3".
func someGuards(guards []soar.Guard) string {
	names := guardNames(guards[:min(len(guards), maxListedGuards)])
	if more := len(guards) - maxListedGuards; more > 0 {
		names += fmt.Sprintf(" +%d", more)
	}
	return names
}

// maxSummaryCases are named in a summary's metadata, which Slack bounds: as many
// as can have a button.
const maxSummaryCases = blockkit.MaxMessageBlocks

func summaryCases(s soar.Summary) []any {
	var out []any
	for _, c := range s.Listed {
		if len(out) == maxSummaryCases {
			break
		}
		out = append(out, c.Ref.String())
	}
	return out
}
