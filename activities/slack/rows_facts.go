package slack

import (
	"slices"
	"strings"
	"time"

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

// strongest are the judge's facts. A verdict after delivery stands in the row of
// the exposure; said there, it makes room here for what the mail itself says.
func (v view) strongest() []string {
	verdict := ""
	if e := v.c.Finding.Exposure; e.Known {
		verdict = e.LaterVerdict
	}
	out := v.takenOver()
	told := false
	for _, fact := range v.c.Judgement.Facts {
		switch {
		case verdict != "" && strings.Contains(fact, verdict):
			told = true
		case strings.TrimSpace(fact) != "" && len(out) < maxFacts:
			out = append(out, fact)
		}
	}
	if said := v.said(); told && said != "" && len(out) < maxFacts {
		out = append(out, said)
	}
	return out
}

// takenOver are the facts that point to an account in foreign hands, before all
// others, as far as the judge does not tell them.
func (v view) takenOver() []string {
	var out []string
	for _, f := range v.c.Finding.Past.Compromise {
		told := slices.ContainsFunc(v.c.Judgement.Facts, func(fact string) bool { return strings.Contains(fact, f.Detail) })
		if !told && len(out) < maxFacts {
			out = append(out, v.compromiseFact(f))
		}
	}
	return out
}

// compromiseFact is one such fact in a line: kind, what the log says, and when.
func (v view) compromiseFact(f soar.CompromiseFact) string {
	line := upperFirst(string(f.Kind)) + ": " + f.Detail
	switch {
	case f.At.IsZero():
		return line
	case f.At.UTC().Format(time.DateOnly) == v.now.UTC().Format(time.DateOnly):
		return line + ", " + f.At.UTC().Format("15:04 UTC") + " today"
	}
	return line + ", " + f.At.UTC().Format("2006-01-02 15:04 UTC")
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
