package slack

import (
	"strings"
	"time"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// warnings are what makes the numbers above them doubtful, or the sender.
func (v view) warnings() blockkit.Text {
	var partial, missing blockkit.Text
	if v.c.Partial {
		partial = blockkit.Bold("⚠ Partial run:").Then(blockkit.Say(" rows are missing, counts may be too low."))
	}
	if why := v.c.Finding.Evidence.Missing; why != "" {
		missing = blockkit.Bold("⚠ Evidence not whole:").Then(blockkit.Say(" " + blockkit.Cut(why, 200)))
	}
	return blockkit.Lines(v.forged(), partial, missing)
}

// sent is when the mails that the case holds came, in the reader's own time.
func (v view) sent() blockkit.Text {
	first, last := between(v.c.Finding.Evidence, func(m soar.Message) time.Time {
		if m.Orphan {
			return time.Time{}
		}
		return m.Time
	})
	switch {
	case first.IsZero():
		return blockkit.Text{}
	case last.Sub(first) < time.Minute:
		return blockkit.Say("Sent ").Then(blockkit.Moment(first))
	}
	return blockkit.Say("Sent ").Then(blockkit.Moment(first), blockkit.Say(" to "), blockkit.Moment(last))
}

// maxHunts are named, each cut to maxHuntName; a sender found by more hunts
// shows how many more.
const (
	maxHunts    = 4
	maxHuntName = 60
)

func (v view) foundBy() blockkit.Text {
	var names []blockkit.Text
	for i, h := range v.c.Hunts {
		if i == maxHunts {
			names = append(names, blockkit.Sayf("%d more", len(v.c.Hunts)-i))
			break
		}
		names = append(names, blockkit.Say(blockkit.Cut(huntName(h), maxHuntName)))
	}
	if len(names) == 0 {
		return blockkit.Text{}
	}
	return blockkit.Say("Found by ").Then(blockkit.Join(", ", names...))
}

func huntName(h soar.HuntRef) string {
	if h.Slug != "" {
		return h.Slug
	}
	return h.Name
}

// minTrend is the shortest row of days that says anything at a glance.
const minTrend = 5

func (v view) trend() blockkit.Text {
	past := v.c.Finding.Past
	if !past.Known || len(past.ReportsPerDay) < minTrend {
		return blockkit.Text{}
	}
	return reportsADay(past)
}

func reportsADay(p soar.Past) blockkit.Text {
	days := p.ReportsPerDay
	if len(days) == 0 {
		return blockkit.Text{}
	}
	return blockkit.Sayf("Reports a day, %d days: %s", len(days), sparkline(days))
}

var bars = []rune("▁▂▃▄▅▆▇█")

// sparkline draws counts by the largest of them; a day without any is the lowest bar.
func sparkline(counts []int) string {
	most := 1
	for _, n := range counts {
		most = max(most, n)
	}
	var b strings.Builder
	for _, n := range counts {
		b.WriteRune(bars[max(n, 0)*(len(bars)-1)/most])
	}
	return b.String()
}

func (v view) earlierOutcome(o soar.Outcome) blockkit.Text {
	t := blockkit.Sayf("case %d %s", o.Number, o.State)
	if o.By != "" {
		t = t.Then(blockkit.Say(" by "), person(soar.Actor{ID: o.By}))
	}
	t = t.Then(blockkit.Say(" "), blockkit.Moment(o.At))
	if o.Reason != "" {
		t = t.Then(blockkit.Say(" "), quotation(o.Reason, 80))
	}
	if o.Incident != "" {
		t = t.Then(blockkit.Say(" "), v.links.incident(o.Incident, "incident"))
	}
	return t
}

// portals leads to the newest message, the user and the query, and names the case.
func (v view) portals() blockkit.Text {
	f := v.c.Finding
	var out []blockkit.Text
	link := func(url, label string) {
		if url != "" {
			out = append(out, blockkit.Link(url, label))
		}
	}
	if len(f.Evidence.Messages) > 0 {
		link(v.links.Message(f.Evidence.Messages[0]), "Message")
	}
	link(v.links.DefenderUser(objectID(f)), "User in Defender")
	link(v.links.EntraUser(objectID(f)), "User in Entra")
	link(v.links.Query(f))
	out = append(out, blockkit.Say(blockkit.Cut(v.c.Ref.String(), 60)))
	return blockkit.Join(" · ", out...)
}

func objectID(f soar.Finding) string {
	if f.Profile.ObjectID != "" {
		return f.Profile.ObjectID
	}
	for _, m := range f.Evidence.Messages {
		if m.ObjectID != "" {
			return m.ObjectID
		}
	}
	return ""
}

// today says that a moment needs no date beside how far away it is.
func (v view) today(t time.Time) bool {
	return t.Sub(v.now).Abs() < 12*time.Hour && t.UTC().YearDay() == v.now.UTC().YearDay()
}

// person names who decided, as Slack shows people.
func person(a soar.Actor) blockkit.Text {
	if a.ID == soar.DeadlineActor.ID {
		return blockkit.Say("the deadline")
	}
	return blockkit.Mention(a.Label())
}
