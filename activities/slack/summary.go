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
// counted, with the command that lists it.
func SummaryMessage(s soar.Summary, now time.Time) (blocks []slackapi.Block, fallback string) {
	b := blockkit.ForMessage()
	b.Header(blockkit.Say("Hunt: " + blockkit.Cut(summaryName(s), 120)))
	b.Section(blockkit.Lines(coverage(s.Result), window(s.Result)))
	b.Plain(totalsLine(s.Result))
	b.Plain(hidden(s.Hidden))
	b.Section(missing(s))
	if len(s.Unreviewed) > 0 {
		b.Plain(blockkit.Bold("Unreviewed: nobody decided these in time. They still take a decision."))
		listed(b, s.Unreviewed)
	}
	if len(s.Listed) > 0 {
		b.Plain(blockkit.Bold("In triage, without a card of their own:"))
		listed(b, s.Listed)
	}
	return b.Build(), summaryNotification(s)
}

func summaryName(s soar.Summary) string { return orNamed(s.HuntName, s.Result.Slug) }

func summaryNotification(s soar.Summary) string {
	t := blockkit.Say(blockkit.Cut(summaryName(s), 120) + ": ")
	if s.Result.Coverage != soar.CoverageComplete {
		t = t.Then(blockkit.Say(string(s.Result.Coverage)+"; "), blockkit.Quote(blockkit.Cut(s.Result.Reason, 200)), blockkit.Say(" "))
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

// coverage comes first where it is not complete: a run that did not run found nothing by itself.
func coverage(r soar.HuntResult) blockkit.Text {
	why := blockkit.Quote(blockkit.Cut(r.Reason, 500))
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
	return blockkit.Say("Window ").Then(blockkit.Moment(r.Window.From), blockkit.Say(" to "), blockkit.Moment(r.Window.To))
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

func hidden(byRule map[string]int) blockkit.Text {
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

// listed adds one section a case and keeps a block and some text for the rest line.
func listed(b *blockkit.Blocks, cases []soar.ListedCase) {
	for i, c := range cases {
		text := listedCase(c)
		last := i == len(cases)-1
		if b.Room() < 2 && !last || b.TextRoom() < len(text.Markdown(blockkit.MaxSectionText))+restText {
			b.Plain(blockkit.Sayf("%d more cases; all open ones: temporal workflow list --query \"WorkflowType='%s' and ExecutionStatus='Running'\"",
				len(cases)-i, soar.TriageWorkflow))
			return
		}
		b.SectionWithButton(text, blockkit.Button{ActionID: ActionShow, Label: "Show", Value: c.Ref.String()})
	}
}

// restText is kept for the line that counts what found no room.
const restText = 200

func listedCase(c soar.ListedCase) blockkit.Text {
	counts := soar.Counts{Phish: c.Phish, Spam: c.Spam}
	head := blockkit.Bold(string(c.Severity)).Then(blockkit.Say(" "), blockkit.Quote(blockkit.Cut(c.Headline, 200)))
	line := []blockkit.Text{blockkit.Quote(blockkit.Cut(nullable(c.Sender), maxAddress)), blockkit.Say(reports(counts))}
	if len(c.Guards) > 0 {
		line = append(line, blockkit.Say("held by "+guardNames(c.Guards)))
	}
	return blockkit.Lines(head, blockkit.Join(" · ", line...))
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
