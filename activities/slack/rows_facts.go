package slack

import (
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

// strongest are the judge's facts. A verdict after delivery stands in the row of
// the exposure; said there, it makes room here for what the mail itself says.
func (v view) strongest() []string {
	verdict := ""
	if e := v.c.Finding.Exposure; e.Known {
		verdict = e.LaterVerdict
	}
	var out []string
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
