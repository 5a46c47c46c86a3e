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
	b.Plain(v.facts())
	b.Plain(v.whyNotHidden())
	b.Context(v.addresses(), v.partial(), v.foundBy(), v.trend(), v.earlier())
	b.Context(v.portals())
	b.Section(v.changed())
	b.Section(v.proposal())
	b.Section(v.outcome())
	b.Plain(v.problems())
	b.Plain(v.hint())
	b.Actions("decide", buttons(c, now)...)
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

// Bounds of the headline, so that a long name does not push out the address.
const (
	maxName    = 40
	maxAddress = 70
)

func (v view) headline() blockkit.Text {
	head := v.judged(v.title())
	_, address := sender(v.c)
	if !strings.Contains(soar.FoldASCII(v.c.Judgement.Headline), soar.FoldASCII(address)) {
		head = head.Then(blockkit.Say(": "), v.senderLine())
	}
	return head
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

// senderLine names the sender; mail from outside only says that it is from him.
func (v view) senderLine() blockkit.Text {
	name, address := sender(v.c)
	switch {
	case fromOutside(v.c):
		return blockkit.Say("From says " + blockkit.Cut(address, maxAddress))
	case name == "":
		return blockkit.Say(blockkit.Cut(address, maxAddress))
	}
	return blockkit.Say(blockkit.Cut(name, maxName) + " <" + blockkit.Cut(address, maxAddress) + ">")
}

// fromOutside says that the mail only shows an internal address, or one like it.
func fromOutside(c soar.Case) bool {
	scope := c.Finding.Candidate.Scope
	return scope == soar.ScopeClaimsInternal || scope == soar.ScopeImitatesInternal
}

// sender is whom the mail shows: name and From of the newest message, else what the hunt returned.
func sender(c soar.Case) (name, address string) {
	address = c.Finding.Candidate.Sender
	if m := c.Finding.Evidence.Messages; len(m) > 0 {
		name = strings.TrimSpace(m[0].DisplayName)
		if !soar.IsNullSender(m[0].P2) {
			address = m[0].P2
		}
	}
	if soar.IsNullSender(address) {
		return name, "(null sender)"
	}
	return name, strings.TrimSpace(address)
}

// notification is what a phone shows: severity, sender, exposure, clock.
func (v view) notification() string {
	_, address := sender(v.c)
	counts := v.c.Finding.Candidate.Counts
	parts := []blockkit.Text{blockkit.Say(reports(counts))}
	if v.c.Finding.Exposure.Known {
		parts = append(parts, blockkit.Say(clicks(v.c.Finding.Exposure)))
	}
	parts = append(parts, v.notifiedClock())
	return blockkit.Say(string(v.c.Judgement.Severity)+" ").
		Then(blockkit.Quote(blockkit.Cut(address, 2*maxAddress)), blockkit.Say(": "), blockkit.Join(", ", parts...)).
		Markdown(blockkit.MaxFallback)
}

func (v view) notifiedClock() blockkit.Text {
	switch {
	case v.c.State != soar.CaseOpen:
		return blockkit.Say(stateMark[v.c.State])
	case v.c.Snooze != nil:
		return blockkit.Say("snoozed until ").Then(v.when(v.c.Snooze.Until))
	case v.c.Deadline.IsZero():
		return blockkit.Text{}
	}
	if v.c.Judgement.Severity == soar.SeverityLow {
		return blockkit.Say("digest ").Then(v.when(v.c.Deadline))
	}
	return blockkit.Say("decide by ").Then(v.when(v.c.Deadline))
}
