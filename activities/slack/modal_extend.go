package slack

import (
	"encoding/json"
	"fmt"
	"time"

	slackapi "github.com/slack-go/slack"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// Extension is a wish to let a learned entry or a rule live longer.
type Extension struct {
	Ref ExtendRef
	// Channel and TS are the message with the button; empty on the home tab.
	Channel, TS string
	// File and Line are where a rule stands, if known.
	File string
	Line int
}

// extension is an Extension as private metadata.
type extension struct {
	Ref     json.RawMessage `json:"ref"`
	Channel string          `json:"channel,omitempty"`
	TS      string          `json:"ts,omitempty"`
}

// ruleDays are how much longer the lines are that the form proposes for a rule.
var ruleDays = []int{30, 90}

// ExtendModal shows what an entry or a rule did in the period. An entry's end is
// moved by the form, to at most MaxRemember from now; a rule lives in a reviewed
// file, so the form shows the line to change and is not submitted.
func ExtendModal(e Extension, now time.Time) slackapi.ModalViewRequest {
	meta := compact(extension{json.RawMessage(e.Ref.String()), e.Channel, e.TS})
	m := blockkit.Modal{Title: TitleExtend, Close: "Close", PrivateMetadata: meta}
	b := blockkit.ForModal()
	b.Section(ending(e.Ref.Expiring, now))
	b.Plain(blockkit.Say(period(e.Ref.Expiring)))
	if e.Ref.Rule != "" {
		ruleLine(b, e)
		return m.View(b)
	}
	options := longer(e.Ref.Until, now)
	if len(options) == 0 {
		b.Plain(blockkit.Sayf("It already lasts as long as an approval may: %d days from now.", int(soar.MaxRemember.Hours()/24)))
		return m.View(b)
	}
	b.Input(BlockFor, blockkit.Say("Hide this sender"), blockkit.Say("A guard, or a change of path or content, ends it all the same."), blockkit.Select(actionFor, options...))
	m.Submit, m.Close, m.CallbackID = "Extend", "Cancel", CallbackExtend
	return m.View(b)
}

// longer are the ends to choose from: 30 days later than now set, and as late as may be.
func longer(until, now time.Time) []blockkit.Option {
	var out []blockkit.Option
	latest := now.Add(soar.MaxRemember).Truncate(time.Hour)
	for _, c := range []struct {
		label string
		end   time.Time
	}{{"30 days longer", until.AddDate(0, 0, 30)}, {"as long as may be", latest}} {
		if c.end.After(until) && !c.end.After(latest) {
			out = append(out, blockkit.Option{Value: c.end.UTC().Format(time.RFC3339), Label: c.label + ", until " + day(c.end)})
		}
	}
	return out
}

// ending names what ends and when.
func ending(x soar.Expiring, now time.Time) blockkit.Text {
	verb := " ends "
	if !x.Until.After(now) {
		verb = " ended "
	}
	return endingName(x).Then(blockkit.Say(verb), blockkit.Moment(x.Until), blockkit.Say("."), owner(x))
}

func endingName(x soar.Expiring) blockkit.Text {
	if x.Rule != "" {
		return blockkit.Bold("Rule " + blockkit.Cut(x.Rule, 120))
	}
	return blockkit.Bold("Approval").Then(blockkit.Say(" of "), blockkit.QuoteOr(blockkit.CutAddress(x.Sender, maxAddress), x.Case.String()))
}

func owner(x soar.Expiring) blockkit.Text {
	switch {
	case x.Owner == "":
		return blockkit.Text{}
	case x.Rule != "":
		return blockkit.Say(" Owner: " + blockkit.CutAddress(x.Owner, maxAddress) + ".")
	}
	return blockkit.Say(" Approved by ").Then(person(soar.Actor{ID: x.Owner}), blockkit.Say("."))
}

// period says what an entry or a rule did in the last 30 days.
func period(x soar.Expiring) string {
	if x.Hits+x.Held == 0 {
		return "In the last 30 days it hid nothing: let it end unless you know why."
	}
	return fmt.Sprintf("In the last 30 days it hid %s; guards held %d.", plural(x.Hits, "finding", "findings"), x.Held)
}

func ruleLine(b *blockkit.Blocks, e Extension) {
	where := "the rule's file"
	if e.File != "" {
		where = blockkit.Cut(e.File, 200)
		if e.Line > 0 {
			where += fmt.Sprintf(":%d", e.Line)
		}
	}
	b.Plain(blockkit.Say("A rule is extended by a reviewed change of " + where + ". Set one of:"))
	for _, days := range ruleDays {
		b.Section(blockkit.Quote("expires: " + day(e.Ref.Until.AddDate(0, 0, days))).Then(blockkit.Sayf(" (%d days longer)", days)))
	}
	b.Plain(blockkit.Say("Somebody other than its owner should look at what it hid before that."))
}

// Extended is what a person entered in the extend modal.
type Extended struct {
	Extension
	Until time.Time
}

// ReadExtend reads a submitted extend modal as ReadSubmission does. Only a learned
// entry is extended by it.
func ReadExtend(v slackapi.View, now time.Time) (e Extended, problems map[string]string, err error) {
	var m extension
	if err := json.Unmarshal([]byte(v.PrivateMetadata), &m); err != nil {
		return e, nil, fmt.Errorf("read modal metadata: %w", err)
	}
	e.Channel, e.TS = m.Channel, m.TS
	if e.Ref, err = ParseExtendRef(string(m.Ref)); err != nil {
		return e, nil, fmt.Errorf("read modal metadata: %w", err)
	}
	if e.Ref.Rule != "" {
		return e, nil, fmt.Errorf("read modal metadata: rule %s is extended in its file", e.Ref.Rule)
	}
	problems = map[string]string{}
	e.Until, err = time.Parse(time.RFC3339, chosen(v, BlockFor, actionFor))
	if err != nil || !e.Until.After(e.Ref.Until) || e.Until.After(now.Add(soar.MaxRemember)) {
		problems[BlockFor] = "Choose how much longer."
	}
	return e, problems, nil
}
