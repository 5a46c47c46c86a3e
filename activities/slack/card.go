package slack

import (
	"slices"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// Options are what a deployment adds to its cards.
type Options struct {
	Links Links
	// Pages says that escalating a HIGH case pages somebody.
	Pages bool
	// MaskSubjects says which channels, by id, show no subjects; nil is none.
	MaskSubjects func(channel string) bool
}

// Card is a case as an analyst on call reads it, and its notification line. It
// depends on its arguments alone, so an edit in place shows the same card.
func Card(c soar.Case, o Options, now time.Time) (blocks []slackapi.Block, fallback string) {
	return cardIn(orNamed(c.Card.Channel, c.Channel), c, o, now)
}

// cardIn is the card as a channel may show it.
func cardIn(channel string, c soar.Case, o Options, now time.Time) (blocks []slackapi.Block, fallback string) {
	c = o.masked(c, channel)
	v := newView(c, o, now)
	b := blockkit.ForMessage()
	b.Header(v.headline())
	b.Plain(v.exposure())
	b.Section(v.warnings())
	b.Plain(v.facts())
	b.Plain(v.whyNotHidden())
	b.Section(v.changed())
	b.Section(v.proposal())
	b.Section(v.outcome())
	b.Plain(v.problems())
	b.Plain(v.hint())
	b.Actions("decide", buttons(c, now)...)
	b.Context(v.attacked(), v.sent(), v.reopenedIncident(), v.addresses(), v.memory(), v.lastOutcome(), v.trend(), v.foundBy())
	b.Context(v.portals())
	return b.Build(), v.notification()
}

// minimalCard is what is posted when Slack refuses the card: our own words and the buttons.
func minimalCard(c soar.Case, now time.Time) (blocks []slackapi.Block, fallback string) {
	b := blockkit.ForMessage()
	b.Plain(blockkit.Sayf("%s case %s. Slack refused the full card; Evidence shows what is known, and so does: worker cases show %s",
		c.Judgement.Severity, c.Ref, c.Ref.ID))
	b.Actions("decide", buttons(c, now)...)
	return b.Build(), newView(c, Options{}, now).notification()
}

// view is a case with what its rows share.
type view struct {
	c     soar.Case
	links Links
	pages bool
	now   time.Time
	hosts []string // link hosts of the evidence, defanged wherever they are named
}

func newView(c soar.Case, o Options, now time.Time) view {
	var hosts []string
	for _, m := range c.Finding.Evidence.Messages {
		for _, h := range m.URLHosts {
			hosts = append(hosts, soar.FoldASCII(h))
		}
	}
	slices.Sort(hosts)
	return view{c: c, links: o.Links, pages: o.Pages, now: now, hosts: slices.Compact(hosts)}
}

// judged is text that the judge wrote, with text from mails in it: for plain_text only.
func (v view) judged(s string) blockkit.Text {
	return blockkit.Say(blockkit.DefangIn(s, v.hosts))
}

// Bounds of the headline, so that neither a long name nor a long title pushes out
// the address, which says whose mail this is.
const (
	maxName       = 40
	maxAddress    = 70
	maxNotified   = 40
	minName       = 4
	afterHeadline = ": "
)

func (v view) headline() blockkit.Text {
	title := blockkit.DefangIn(v.title(), v.hosts)
	_, address := sender(v.c)
	if names(v.c.Judgement.Headline, address) || address == nullSender && saysNullSender(v.c.Judgement.Headline) {
		return blockkit.Say(title)
	}
	who := v.senderLine(0)
	title = blockkit.CutTo(title, blockkit.MaxHeaderText-blockkit.Size(who)-len(afterHeadline))
	who = v.senderLine(blockkit.MaxHeaderText - blockkit.Size(title) - len(afterHeadline))
	return blockkit.Say(title).Then(blockkit.Say(afterHeadline), blockkit.Say(blockkit.DefangIn(who, nil)))
}

// names says that a sentence has the address in it, as a word of its own.
func names(sentence, address string) bool {
	return strings.Contains(address, "@") && slices.ContainsFunc(strings.Fields(sentence), func(word string) bool {
		return soar.FoldASCII(strings.Trim(word, `<>()"',;:.`)) == soar.FoldASCII(address)
	})
}

func (v view) title() string {
	severity := string(v.c.Judgement.Severity)
	if mark := v.mark(); mark != "" {
		return severity + ", " + mark + ": " + v.c.Judgement.Headline
	}
	return strings.TrimSpace(severity + "  " + v.c.Judgement.Headline)
}

// mark says in a word where the case stands, empty for an open one.
func (v view) mark() string {
	switch {
	case v.c.State.Decidable() && v.c.Proposal != nil:
		return "second person needed"
	case v.c.State == soar.CaseOpen && v.c.Snooze != nil:
		return "snoozed"
	}
	return stateMark[v.c.State]
}

var stateMark = map[soar.CaseState]string{
	soar.CaseApproved: "benign", soar.CaseRemembered: "benign", soar.CaseEscalated: "escalated", soar.CaseUnreviewed: "unreviewed",
	soar.CaseSuperseded: "superseded", soar.CaseCancelled: "cancelled",
}

// senderLine names the sender in so many characters, the address first of all; mail
// from outside only says that it is from him.
func (v view) senderLine(room int) string {
	name, address := sender(v.c)
	address = blockkit.CutAddress(address, maxAddress)
	if fromOutside(v.c) {
		return "From says " + address
	}
	beside := " <" + address + ">"
	if room = min(room-blockkit.Size(beside)-1, maxName); name == "" || room < minName {
		return address
	}
	return blockkit.CutTo(name, room) + beside
}

const nullSender = "(null sender)"

// fromOutside says that the mail only shows an internal address, or one like it.
func fromOutside(c soar.Case) bool {
	scope := c.Finding.Candidate.Scope
	return scope == soar.ScopeClaimsInternal || scope == soar.ScopeImitatesInternal
}

// sender is whose mail it is: the address that the case is of, and the name that its
// newest mail shows beside that address. Another mail of the case may show another From.
func sender(c soar.Case) (name, address string) {
	address = strings.TrimSpace(c.Finding.Sender())
	for _, m := range c.Finding.Evidence.Messages {
		if plain(m.P2) == plain(address) {
			name = shownName(m.DisplayName)
			break
		}
	}
	if soar.IsNullSender(address) {
		return name, nullSender
	}
	return name, address
}

// shownName is a display name that cannot pass for a link or an address: whoever
// writes the mail chooses it. One that holds an address is left out.
func shownName(s string) string {
	s = strings.TrimSpace(angles.Replace(blockkit.Visible(s)))
	if strings.ContainsAny(s, "@＠﹫") {
		return ""
	}
	return blockkit.DefangHosts(s)
}

var angles = strings.NewReplacer("<", "", ">", "", "＜", "", "＞", "")

// notification is what a phone shows: severity, sender, exposure, clock.
func (v view) notification() string {
	_, address := sender(v.c)
	counts := v.c.Finding.Candidate.Counts
	parts := []blockkit.Text{blockkit.Say(reports(counts))}
	if v.c.Finding.Exposure.Known {
		parts = append(parts, blockkit.Say(clicks(v.c.Finding.Exposure)))
	} else {
		parts = append(parts, blockkit.Say("exposure not known"))
	}
	if of := partly(v.c.Finding.Evidence); of != "" {
		parts = append(parts, blockkit.Say(lowerFirst(of)))
	}
	parts = append(parts, v.notifiedClock())
	return blockkit.Say(string(v.c.Judgement.Severity)+" ").
		Then(blockkit.Quote(blockkit.CutAddress(address, maxNotified)), blockkit.Say(": "), blockkit.Join(", ", parts...)).
		Markdown(blockkit.MaxFallback)
}

func (v view) notifiedClock() blockkit.Text {
	switch {
	case v.c.State != soar.CaseOpen:
		return blockkit.Say(stateMark[v.c.State])
	case v.c.Snooze != nil:
		return blockkit.Say("snoozed until ").Then(blockkit.Moment(v.c.Snooze.Until))
	case v.c.Deadline.IsZero():
		return blockkit.Text{}
	}
	if v.c.Judgement.Severity == soar.SeverityLow {
		return blockkit.Say("unreviewed from ").Then(blockkit.Moment(v.c.Deadline))
	}
	return blockkit.Say("decide by ").Then(blockkit.Moment(v.c.Deadline))
}
