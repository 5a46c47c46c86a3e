package slack

import (
	"fmt"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// preview is what an approval is to be held against before it is confirmed: what the
// sender sent, what people reported of it, and how its earlier cases ended. One that
// was escalated comes first, marked.
func (v view) preview() blockkit.Text {
	lines := []blockkit.Text{blockkit.Bold("What it would have been laid over:")}
	escalated, benign := 0, 0
	for _, o := range v.c.Earlier {
		switch o.State {
		case soar.CaseEscalated:
			escalated++
		case soar.CaseApproved, soar.CaseRemembered:
			benign++
		}
	}
	if escalated > 0 {
		lines = append(lines, blockkit.Say("🔴 "+plural(escalated, "earlier case of this sender was escalated", "earlier cases of this sender were escalated")+
			": what is hidden now was an attack then."))
	}
	if benign > 0 {
		lines = append(lines, blockkit.Say("• "+plural(benign, "earlier case was benign", "earlier cases were benign")))
	}
	past := v.c.Finding.Past
	if !past.Known {
		return blockkit.Lines(append(lines, blockkit.Say("• The sender's past is not known."))...)
	}
	reports := 0
	for _, n := range past.ReportsPerDay {
		reports += n
	}
	sent := "• No earlier mail of this sender is known."
	if past.Mails > 0 {
		sent = fmt.Sprintf("• %s on %s since %s, to %s", plural(past.Mails, "unreported mail", "unreported mails"),
			plural(past.ActiveDays, "day", "days"), day(past.Since), plural(past.Recipients, "recipient", "recipients"))
	}
	lines = append(lines, blockkit.Say(sent))
	if len(past.ReportsPerDay) > 0 {
		lines = append(lines, blockkit.Say(fmt.Sprintf("• %s of its mail in the last %s", plural(reports, "report", "reports"), plural(len(past.ReportsPerDay), "day", "days"))))
	}
	return blockkit.Lines(lines...)
}
