package slack

import (
	"fmt"
	"strings"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// Bounds of a digest's lists: with their titles and the lines that count the rest
// they fit into one message.
const (
	maxDigestOpen       = 8
	maxDigestUnreviewed = 8
	maxDigestSample     = 8
	maxDigestExpiring   = 6
	maxDigestNotRun     = 5
	maxDigestHeld       = 8
)

// DigestBlocks is what a day tells the channel: what could not be hunted, what is
// still open for whoever takes over, what was hidden and held, a sample of the
// hidden to look at, and what ends soon.
func DigestBlocks(d soar.Digest, o Options) (blocks []slackapi.Block, fallback string) {
	b := blockkit.ForMessage()
	b.Header(blockkit.Say("What was hidden, and what is still open"))
	b.Plain(blockkit.Say(digestLine(d)))
	b.Section(notRun(d.NotRun))
	b.Plain(hiddenBy(d.Hidden))
	b.Plain(heldBy(d.Held))
	digestCases(b, section{"Hand-over, by deadline:", maxDigestOpen}, byDeadline(d.Open), blockkit.Button{ActionID: ActionEvidence, Label: "Evidence"})
	digestCases(b, section{"Unreviewed: nobody decided these in time. They still take a decision.", maxDigestUnreviewed}, d.Unreviewed,
		blockkit.Button{ActionID: ActionShow, Label: "Show"})
	sample(b, d, o)
	digestEnds(b, d)
	return b.Build(), digestLine(d)
}

// digestLine is the day in one line, and the notification.
func digestLine(d soar.Digest) string {
	findings := 0
	for _, h := range d.Hidden {
		findings += h.Findings
	}
	parts := []string{
		plural(d.Runs, "hunt run", "hunt runs"), plural(findings, "finding", "findings") + " hidden",
		fmt.Sprintf("%d open", len(d.Open)), fmt.Sprintf("%d unreviewed", len(d.Unreviewed)),
	}
	if len(d.NotRun) > 0 {
		parts = append(parts, plural(len(d.NotRun), "hunt", "hunts")+" not run whole")
	}
	return upperFirst(span(d.Window)) + ": " + strings.Join(parts, ", ") + "."
}

func notRun(hunts []string) blockkit.Text {
	if len(hunts) == 0 {
		return blockkit.Text{}
	}
	lines := []blockkit.Text{blockkit.Bold("⚠ Not hunted, or in part: nothing is known of these.")}
	for i, h := range hunts {
		if i == maxDigestNotRun {
			lines = append(lines, blockkit.Sayf("• %d more", len(hunts)-i))
			break
		}
		lines = append(lines, blockkit.Say("• "+blockkit.Cut(h, 200)))
	}
	return blockkit.Lines(lines...)
}

// hiddenBy counts by rule; what analysts approved is one line.
func hiddenBy(rules []soar.Hidden) blockkit.Text {
	counts := map[string]int{}
	for _, r := range rules {
		counts[r.Rule] += r.Findings
	}
	return hidden(counts)
}

// heldBy says which rules nearly hid something, and what kept them from it.
func heldBy(held []soar.HeldBy) blockkit.Text {
	if len(held) == 0 {
		return blockkit.Text{}
	}
	var parts []string
	for i, h := range held {
		if i == maxDigestHeld {
			parts = append(parts, fmt.Sprintf("%d more", len(held)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("%s %d (%s)", blockkit.Cut(h.Rule, 80), h.Findings, someGuards(h.Guards)))
	}
	return blockkit.Say("Held by guards: " + strings.Join(parts, ", ") + ".")
}

// section is a titled list in a digest.
type section struct {
	title string
	most  int
}

// room says that one more item fits and leaves enough text for what follows.
func (s section) room(b *blockkit.Blocks, shown int, text blockkit.Text) bool {
	return shown < s.most && b.TextRoom() > len(text.Markdown(blockkit.MaxSectionText))+digestReserve
}

// digestReserve is kept for titles and counting lines of the lists that follow.
const digestReserve = 8 * restText

func digestCases(b *blockkit.Blocks, s section, cases []soar.ListedCase, button blockkit.Button) {
	if len(cases) == 0 {
		return
	}
	b.Section(blockkit.Bold(s.title))
	for i, c := range cases {
		text := waiting(c)
		if !s.room(b, i, text) {
			b.Plain(blockkit.Sayf("%s: worker cases list", plural(len(cases)-i, "more case", "more cases")))
			return
		}
		button.Value = c.Ref.String()
		b.SectionWithButton(text, button)
	}
}

func sample(b *blockkit.Blocks, d soar.Digest, o Options) {
	s := section{"Drawn at random from what was hidden. Is one of these wrong?", maxDigestSample}
	if len(d.Sample) == 0 {
		return
	}
	b.Section(blockkit.Bold(s.title))
	for i, x := range d.Sample {
		text := sampled(x, o.masks(d.Channel))
		if !s.room(b, i, text) {
			b.Plain(blockkit.Sayf("%d more were drawn; they are in the audit log.", len(d.Sample)-i))
			return
		}
		ref := WrongRef{CaseID: x.CaseID, Hunt: x.Hunt, Window: x.Window, Rule: x.Rule}
		b.SectionWithButton(text, blockkit.Button{ActionID: ActionWrong, Label: "This was wrong", Value: ref.String()})
	}
}

func sampled(x soar.Sampled, masked bool) blockkit.Text {
	subject := blockkit.Subject(blockkit.Cut(x.Subject, 120))
	if masked && strings.TrimSpace(x.Subject) != "" {
		subject = blockkit.Say(hiddenSubject)
	}
	head := blockkit.QuoteOr(blockkit.CutAddress(x.Sender, maxAddress), nullSender).Then(blockkit.Say(" "), subject)
	why := []blockkit.Text{blockkit.Say("hidden by " + blockkit.Cut(ruleWords(x.Rule), 80)), blockkit.Say(plural(x.Reports, "report", "reports"))}
	if x.NewRecipients > 0 {
		why = append(why, blockkit.Say(plural(x.NewRecipients, "new recipient", "new recipients")))
	}
	if len(x.URLHosts) > 0 {
		hosts := defanged(x.URLHosts[:min(len(x.URLHosts), 3)])
		why = append(why, blockkit.Say("links to ").Then(quoteAll(hosts)))
	}
	return blockkit.Lines(head, blockkit.Join(" · ", why...))
}

// ruleWords names a rule, or an approval that is remembered.
func ruleWords(rule string) string {
	if strings.HasPrefix(rule, learned) {
		return "a remembered approval"
	}
	return rule
}

func digestEnds(b *blockkit.Blocks, d soar.Digest) {
	if len(d.Expiring) == 0 {
		return
	}
	b.Section(blockkit.Bold("Ends soon:"))
	expiring(b, d.Expiring, d.Window.To, maxDigestExpiring)
}
