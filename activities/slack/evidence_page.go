package slack

import (
	"fmt"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// messagesPerPage is as many as a person reads before turning a page.
const messagesPerPage = 5

// page is one page of the evidence.
type page struct {
	title string
	show  func(*blockkit.Blocks)
}

// longPage is from how many blocks on nobody should have to scroll to turn the page.
const longPage = 10

func (p page) long() bool {
	b := blockkit.ForModal()
	room := b.Room()
	p.show(b)
	return room-b.Room() > longPage
}

// EvidencePage shows what the card leaves out, a page at a time, the one that
// Place.Page names: first why the case was not hidden and what is known of the sender,
// then the messages with recipients and authentication, last how the rules fared and
// what people did. A page that is not there is the nearest one.
func EvidencePage(cv soar.CaseView, p Place, o Options, now time.Time) slackapi.ModalViewRequest {
	v := newView(o.masked(cv.Case, p.Channel), o, now)
	pages := v.leaves()
	p.Page = max(0, min(p.Page, len(pages)-1))
	b := blockkit.ForModal()
	if cv.Case.Ref != p.Case {
		b.Plain(blockkit.Sayf("This card is of case %d. Below is the sender's newest case, %d.", p.Case.Number, cv.Case.Ref.Number))
	}
	b.Plain(v.headline())
	b.Context(blockkit.Sayf("Page %d of %d: %s", p.Page+1, len(pages), pages[p.Page].title))
	if pages[p.Page].long() {
		b.Actions("pages_top", turns(p.Page, len(pages))...)
	}
	pages[p.Page].show(b)
	b.Actions("pages", turns(p.Page, len(pages))...)
	return frame(TitleEvidence, p).View(b)
}

func (v view) leaves() []page {
	out := []page{{"why, sender and past", v.senderPage}}
	e := v.c.Finding.Evidence
	for from := 0; from < len(e.Messages); from += messagesPerPage {
		to := min(from+messagesPerPage, len(e.Messages))
		title := fmt.Sprintf("messages %d to %d of %d", from+1, to, max(e.Total, len(e.Messages)))
		if to == from+1 {
			title = fmt.Sprintf("message %d of %d", to, max(e.Total, len(e.Messages)))
		}
		out = append(out, page{title, func(b *blockkit.Blocks) { v.messages(b, from, to) }})
	}
	if len(e.Messages) == 0 {
		out[0].show = func(b *blockkit.Blocks) {
			v.senderPage(b)
			v.messages(b, 0, 0)
		}
	}
	return append(out, page{"rules and history", v.rulesPage})
}

func (v view) senderPage(b *blockkit.Blocks) {
	v.guards(b)
	v.compromise(b)
	v.profile(b)
	v.past(b)
	v.askable(b)
}

func (v view) rulesPage(b *blockkit.Blocks) {
	v.trace(b)
	v.history(b)
	if v.c.RuleProposal != "" {
		b.Section(blockkit.Bold("A rule that would hide this, for review"))
		b.Section(blockkit.Code(v.c.RuleProposal))
	}
	if v.c.RuleProposal == "" && len(v.c.Judgement.Trace)+len(v.c.Log)+len(v.c.Earlier) == 0 {
		b.Plain(blockkit.Say("No rule came near this mail, and nobody did anything to the case yet."))
	}
}

// turns are the buttons that lead to the pages beside this one.
func turns(at, pages int) []blockkit.Button {
	var out []blockkit.Button
	if at > 0 {
		out = append(out, blockkit.Button{ActionID: ActionPageBack, Label: "◀ Back", Value: fmt.Sprint(at - 1)})
	}
	if at < pages-1 {
		out = append(out, blockkit.Button{ActionID: ActionPage, Label: "Next ▶", Value: fmt.Sprint(at + 1)})
	}
	return out
}

// askable offers to ask people, and says why the sender is not to be asked.
func (v view) askable(b *blockkit.Blocks) {
	if !v.c.State.Decidable() {
		return
	}
	var buttons []blockkit.Button
	var why blockkit.Text
	value := v.c.Ref.String()
	if len(Reporters(v.c)) > 0 {
		buttons = append(buttons, blockkit.Button{ActionID: ActionAskReporter, Label: "Ask the reporter", Value: value})
	}
	if ok, not := MayAskSender(v.c); ok {
		buttons = append(buttons, blockkit.Button{ActionID: ActionAskSender, Label: "Ask the sender", Value: value})
	} else if v.c.Finding.Profile.IsPerson() {
		why = blockkit.Say("Do not ask the sender here: " + not + ".")
	}
	b.Actions("ask", buttons...)
	b.Context(why)
}

// history lists what people did to the case, oldest first, and how earlier ones ended.
func (v view) history(b *blockkit.Blocks) {
	var lines []blockkit.Text
	for _, e := range v.c.Log {
		lines = append(lines, blockkit.Say("• ").Then(logged(e)))
	}
	for _, o := range v.c.Earlier {
		lines = append(lines, blockkit.Say("• ").Then(v.earlierOutcome(o)))
	}
	if len(lines) > 0 {
		b.Section(blockkit.Bold("What people did"))
		inBlocks(b, lines)
	}
}
