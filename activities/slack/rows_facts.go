package slack

import (
	"fmt"
	"slices"
	"strings"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// maxFacts is how many facts an analyst reads first; the rest is in the evidence.
const (
	maxFacts   = 3
	maxFactLen = 400
)

func (v view) facts() blockkit.Text {
	var lines []blockkit.Text
	for _, fact := range v.strongest() {
		lines = append(lines, v.judged("• "+blockkit.Cut(fact, maxFactLen)))
	}
	return blockkit.Lines(lines...)
}

// strongest are what points to an account in foreign hands, then the judge's other
// facts. A verdict after delivery stands in the row of the exposure; said there, it
// makes room here for what the mail itself says.
func (v view) strongest() []string {
	verdict := ""
	if e := v.c.Finding.Exposure; e.Known && e.LaterVerdict != "" {
		verdict = "Verdict: " + e.LaterVerdict
	}
	var out []string
	if fact := v.takenOver(); fact != "" {
		out = append(out, fact)
	}
	told := false
	for _, fact := range v.c.Judgement.Facts {
		switch {
		case verdict != "" && strings.HasPrefix(fact, verdict):
			told = true
		case strings.TrimSpace(fact) != "" && len(out) < maxFacts && !v.tellsCompromise(fact):
			out = append(out, fact)
		}
	}
	if said := v.said(); told && said != "" && len(out) < maxFacts {
		out = append(out, said)
	}
	return out
}

// Bounds of the fact about an account in foreign hands: so many of what points to it,
// newest first, each so long that the newest three fit.
const (
	maxCompromise    = 3
	maxCompromiseLen = 110
)

// takenOver is what points to an account in foreign hands, in one fact before all
// others. The judge's word of it may name older facts than the logs and the directory.
func (v view) takenOver() string {
	facts := v.c.Finding.Past.Compromise
	if len(facts) == 0 {
		return ""
	}
	var told []string
	for _, f := range facts[:min(len(facts), maxCompromise)] {
		told = append(told, compromiseFact(f, maxCompromiseLen))
	}
	if p := v.c.Finding.Profile; p.AtRisk == soar.Yes {
		told = append(told, strings.TrimSpace("account at risk "+parenthesis(blockkit.Cut(p.Risk, 20))))
	}
	if more := len(facts) - maxCompromise; more > 0 {
		told = append(told, fmt.Sprintf("%d more in Evidence", more))
	}
	return strings.Join(told, "; ")
}

// tellsCompromise says that a fact of the judge is one that takenOver says.
func (v view) tellsCompromise(fact string) bool {
	facts := v.c.Finding.Past.Compromise
	if len(facts) == 0 {
		return false
	}
	return slices.ContainsFunc(v.c.Judgement.Guards, func(g soar.GuardHit) bool {
		return g.Guard == soar.GuardCompromise && g.Detail != "" && fact == g.Detail
	}) || slices.ContainsFunc(facts, func(f soar.CompromiseFact) bool {
		return f.Detail != "" && strings.HasPrefix(fact, upperFirst(string(f.Kind))) && strings.Contains(fact, f.Detail)
	})
}

// compromiseFact is one such fact in a line of so many characters: kind, what the log
// says, and when.
func compromiseFact(f soar.CompromiseFact, limit int) string {
	line, at := upperFirst(string(f.Kind)), ""
	if f.Detail != "" {
		line += ": " + f.Detail
	}
	if !f.At.IsZero() {
		at = ", " + f.At.UTC().Format("2006-01-02 15:04 UTC")
	}
	return blockkit.Cut(line, limit-len(at)) + at
}

// said quotes the newest mail's subject, with the host its first link leads to.
func (v view) said() string {
	messages := v.c.Finding.Evidence.Messages
	if len(messages) == 0 || strings.TrimSpace(messages[0].Subject) == "" {
		return ""
	}
	subject := `"` + blockkit.Cut(messages[0].Subject, 80) + `"`
	for _, host := range messages[0].URLHosts {
		if host != soar.HostNone && host != soar.HostOdd {
			return subject + " -> hxxps://" + host
		}
	}
	return "Subject: " + subject
}
