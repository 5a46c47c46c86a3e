package slack

import (
	"context"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// PostEscalation posts an escalated case to the escalation channel, with the
// way to its card and its incident, once a decision: a case that was reopened and
// escalated again is posted again. A HIGH case mentions the page group.
func (c *Client) PostEscalation(ctx context.Context, in soar.CaseRequest) (soar.Card, error) {
	card, err := c.deliver(ctx, c.escalationMessage(ctx, in))
	return card, c.classified("post escalation of "+in.Case.Ref.String(), err)
}

func (c *Client) escalationMessage(ctx context.Context, in soar.CaseRequest) message {
	cs := in.Case
	link := c.permalink(ctx, cs.Card, "Card")
	o := c.config.options()
	return message{
		channel: c.config.EscalationChannel,
		render: func(channel string) ([]slackapi.Block, string) {
			return escalation(newView(o.masked(cs, channel), o, c.config.Now()), link, c.config.PageGroup)
		},
		event: MetadataEscalation, payload: map[string]any{"case": cs.Ref.String(), "decision": click(cs.Decision)},
		since: cs.Opened, again: in.Again,
	}
}

// click names a decision, empty for none.
func click(d *soar.Decision) string {
	if d == nil {
		return ""
	}
	return d.Click
}

func escalation(v view, card blockkit.Text, pageGroup string) ([]slackapi.Block, string) {
	b := blockkit.ForMessage()
	b.Header(v.headline())
	if v.c.Judgement.Severity == soar.SeverityHigh {
		b.Section(blockkit.MentionGroup(pageGroup))
	}
	b.Plain(v.exposure())
	b.Plain(v.facts())
	b.Section(v.decided("Escalated"))
	b.Section(blockkit.Join(" · ", v.incident(), card))
	b.Plain(v.problems())
	b.Context(v.addresses(), v.portals())
	return b.Build(), v.notification()
}
