package calibration

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What a program fills into its subjects: what stands in brackets and quotes, numbers,
// dates, ids. The shape of a subject is counted the same way in the query.
var filled = regexp.MustCompile(`\([^)]*\)|\[[^\]]*\]|"[^"]*"|[0-9][0-9a-fA-F:./,_-]*`)

// shortestPrefix is how many characters subjects must begin with alike to be told apart.
const shortestPrefix = 5

// maxPattern bounds a drafted pattern, well under what the loader takes.
const maxPattern = 1500

// when narrows a rule to a sender's subjects: to their shapes where the samples show
// all of them, else to what they begin with. It is empty where they have no form in
// common: a person wrote them, or a program whose subjects somebody has to know.
func when(subjects []string, shapes int) string {
	var patterns []string
	for _, s := range subjects {
		if p := pattern(s); p != "" && !slices.Contains(patterns, p) {
			patterns = append(patterns, p)
		}
	}
	slices.Sort(patterns)
	all := "^(" + strings.Join(patterns, "|") + ")$"
	if len(patterns) > 0 && shapes <= len(patterns) && len(all) <= maxPattern {
		return "mail.subject.matches(" + strconv.Quote(all) + ")"
	}
	if prefix := commonPrefix(subjects); len([]rune(prefix)) >= shortestPrefix {
		return "mail.subject.startsWith(" + strconv.Quote(prefix) + ")"
	}
	return ""
}

// pattern is a subject with what programs fill in left open, but bounded.
func pattern(subject string) string {
	var b strings.Builder
	rest := subject
	for {
		at := filled.FindStringIndex(rest)
		if at == nil {
			break
		}
		b.WriteString(regexp.QuoteMeta(rest[:at[0]]))
		switch rest[at[0]] {
		case '(':
			b.WriteString(`\([^)]{0,120}\)`)
		case '[':
			b.WriteString(`\[[^\]]{0,120}\]`)
		case '"':
			b.WriteString(`"[^"]{0,120}"`)
		default:
			b.WriteString(`[0-9][0-9a-fA-F:./,_-]{0,60}`)
		}
		rest = rest[at[1]:]
	}
	b.WriteString(regexp.QuoteMeta(rest))
	return b.String()
}

func commonPrefix(subjects []string) string {
	if len(subjects) == 0 {
		return ""
	}
	prefix := []rune(subjects[0])
	for _, s := range subjects[1:] {
		n := 0
		for _, r := range s {
			if n == len(prefix) || prefix[n] != r {
				break
			}
			n++
		}
		prefix = prefix[:n]
	}
	return strings.TrimRight(string(prefix), "0123456789")
}

// ruleWords says in a comment what a drafted expression leaves open.
func ruleWords(expression string) string {
	if strings.Contains(expression, ".matches(") {
		return ""
	}
	return "its subjects have more kinds than were read: narrow when to those you know"
}
