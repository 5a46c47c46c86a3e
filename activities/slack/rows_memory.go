package slack

import (
	"fmt"
	"time"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// attacked names earlier cases of the sender that were escalated, the newest first:
// however many benign ones came since, this is what the sender did before.
func (v view) attacked() blockkit.Text {
	var out []blockkit.Text
	for _, o := range v.c.Earlier {
		if o.State == soar.CaseEscalated {
			out = append(out, v.earlierOutcome(o))
		}
	}
	if len(out) == 0 {
		return blockkit.Text{}
	}
	t := blockkit.Bold("🔴 Escalated before:").Then(blockkit.Say(" "), out[0])
	if more := len(out) - 1; more > 0 {
		t = t.Then(blockkit.Sayf("; %d more", more))
	}
	return t
}

// lastOutcome is how the newest earlier case ended, where attacked does not say it.
func (v view) lastOutcome() blockkit.Text {
	if len(v.c.Earlier) == 0 || v.c.Earlier[0].State == soar.CaseEscalated {
		return blockkit.Text{}
	}
	return blockkit.Say("Last: ").Then(v.earlierOutcome(v.c.Earlier[0]))
}

// memory counts what the sender did in 30 and in 90 days: "30 days: 8 reports, 2 cases
// (2 benign). 90 days: 5 cases (4 benign, 1 escalated)."
func (v view) memory() blockkit.Text {
	month := blockkit.Join(", ", reportsOfPast(v.c.Finding.Past), v.casesIn(30))
	quarter := v.casesIn(90)
	if month.IsEmpty() && quarter.IsEmpty() {
		return blockkit.Text{}
	}
	if month.IsEmpty() {
		month = blockkit.Say("no case")
	}
	if quarter.IsEmpty() {
		quarter = blockkit.Say("no earlier case")
	}
	return blockkit.Say("30 days: ").Then(month, blockkit.Say(". 90 days: "), quarter, blockkit.Say("."))
}

// reportsOfPast counts the reports of the last 30 days, empty where they are not known.
func reportsOfPast(past soar.Past) blockkit.Text {
	if !past.Known || len(past.ReportsPerDay) == 0 {
		return blockkit.Text{}
	}
	n := 0
	for _, reports := range past.ReportsPerDay {
		n += reports
	}
	return blockkit.Say(plural(n, "report", "reports"))
}

// endings are how cases end, in the words of a count.
var endings = map[soar.CaseState]string{
	soar.CaseApproved: "benign", soar.CaseRemembered: "benign", soar.CaseEscalated: "escalated",
	soar.CaseUnreviewed: "unreviewed", soar.CaseSuperseded: "unreviewed", soar.CaseCancelled: "cancelled",
}

// casesIn counts the sender's earlier cases of the last so many days by how they ended,
// empty without any.
func (v view) casesIn(days int) blockkit.Text {
	all, ended := 0, map[string]int{}
	for _, o := range v.c.Earlier {
		if v.now.Sub(o.At) <= time.Duration(days)*24*time.Hour {
			all++
			ended[endings[o.State]]++
		}
	}
	if all == 0 {
		return blockkit.Text{}
	}
	count := plural(all, "case", "cases")
	if all == soar.MaxEarlier { // older ones are forgotten
		count = "at least " + count
	}
	var words []blockkit.Text
	for _, how := range []string{"benign", "escalated", "unreviewed", "cancelled"} {
		said := fmt.Sprintf("%d %s", ended[how], how)
		switch {
		case ended[how] == 0:
		case how == "escalated":
			words = append(words, blockkit.Bold(said))
		default:
			words = append(words, blockkit.Say(said))
		}
	}
	if len(words) == 0 {
		return blockkit.Say(count)
	}
	return blockkit.Say(count+" (").Then(blockkit.Join(", ", words...), blockkit.Say(")"))
}
