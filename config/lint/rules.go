package lint

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"harrier/config"
	"harrier/config/kqlscan"
)

// own are the ids of the hunts that Harrier ships and answers for: what is a
// warning in other people's hunts is an error in these. The published hunt is
// not among them, it is shipped verbatim.
func own() []string {
	return []string{
		"07329076-62fb-4685-b1bb-946aed40e339", // internal-senders
		"97673750-e503-4049-ad5e-269e437d1b34", // internal-phish
		"cb076faa-2013-4841-8786-57191c5947b0", // sender-bursts
	}
}

// check runs every check that needs no parser.
func (t *text) check() {
	t.joins()
	t.addresses()
	t.lowered()
	t.timestamps()
	t.relativeTimes()
	t.isoDurations()
	t.columns()
}

// joins finds joins that do not say which kind they are.
func (t *text) joins() {
	severity := Warning
	if slices.Contains(own(), t.Hunt.ID) {
		severity = Error
	}
	for i, token := range t.tokens {
		if !token.Is("join") || !t.at(i-1).Is("|") || t.joinKind(i+1) {
			continue
		}
		t.add(severity, "join-kind", token.Offset,
			"join without kind= is innerunique: of several left rows with one key it keeps any one; write kind=inner, or leftanti to take rows out")
	}
}

// joinKind goes through the parameters of a join: kind=inner hint.strategy=…
func (t *text) joinKind(i int) bool {
	for t.at(i).Kind == kqlscan.Name {
		name := t.at(i)
		for t.at(i + 1).Is(".") {
			i += 2
		}
		if !t.at(i + 1).Is("=") {
			return false
		}
		if name.Is("kind") {
			return true
		}
		i += 3
	}
	return false
}

// isAddress says that a column holds an address, which people and services
// write in capitals and in small letters.
func isAddress(name string) bool {
	return slices.Contains([]string{
		"SenderFromAddress", "SenderMailFromAddress", "RecipientEmailAddress", "AccountUpn", "UserPrincipalName", "AccountUPN",
		"MailAddress", "InitiatingProcessAccountUpn", "SenderEmailAddress", "To", "Cc",
		"SenderFromDomain", "SenderMailFromDomain",
	}, name)
}

// addresses finds comparisons of addresses that tell capitals from small letters.
func (t *text) addresses() {
	for i, token := range t.tokens {
		if token.Kind != kqlscan.Name || !isAddress(token.Text) || t.isLowered(token.Text, i) {
			continue
		}
		switch op := t.at(i + 1); {
		case t.isExact(op) && !t.isEmpty(i+2):
			t.exact(op, token.Text)
		case t.isEquality(t.at(i-1)) && !t.isEmpty(i-2) && !t.at(i+1).Is("("):
			t.exact(t.at(i-1), token.Text)
		}
	}
}

func (t *text) isEquality(op kqlscan.Token) bool { return op.Is("==") || op.Is("!=") }

func (t *text) isExact(op kqlscan.Token) bool {
	return t.isEquality(op) || op.Is("in") || op.Is("!in") || op.Is("has_cs") || op.Is("contains_cs") || op.Is("startswith_cs") || op.Is("endswith_cs")
}

func (t *text) exact(op kqlscan.Token, column string) {
	instead := map[string]string{"==": "=~", "!=": "!~", "in": "in~", "!in": "!in~"}[op.Text]
	if instead == "" {
		instead = strings.TrimSuffix(op.Text, "_cs")
	}
	t.add(Warning, "address-case", op.Offset, "%s with %s tells capitals from small letters, and addresses come in both; write %s, or compare tolower() of both sides", op.Text, column, instead)
}

// isEmpty says that what stands there is a literal without letters, as "" or "<>".
func (t *text) isEmpty(i int) bool {
	return t.at(i).Kind == kqlscan.String && !strings.ContainsFunc(t.at(i).Value(), unicode.IsLetter)
}

// isLowered says that the query has made a column lower case before.
func (t *text) isLowered(column string, before int) bool {
	for i := range before {
		if t.at(i).Is(column) && t.at(i+1).Is("=") && t.at(i+2).Is("tolower") {
			return true
		}
	}
	return false
}

// lowered finds tolower(x) compared with a text that has capitals: never equal.
func (t *text) lowered() {
	for i, token := range t.tokens {
		if !token.Is("tolower") || !t.at(i+1).Is("(") {
			continue
		}
		op := t.closing(i+1) + 1
		if !t.isEquality(t.at(op)) && !t.at(op).Is("in") && !t.at(op).Is("!in") {
			continue
		}
		for j := op + 1; t.at(j).Kind == kqlscan.String || t.at(j).Is("(") || t.at(j).Is(","); j++ {
			if v := t.at(j); v.Kind == kqlscan.String && v.Value() != strings.ToLower(v.Value()) {
				t.add(Warning, "never-equal", v.Offset, "tolower() never equals %s, which has capitals; write it in small letters", v.Text)
			}
		}
	}
}

// closing is the place of the bracket that closes the one at i.
func (t *text) closing(i int) int {
	depth := 0
	for ; i < len(t.tokens); i++ {
		switch {
		case t.at(i).Is("("):
			depth++
		case t.at(i).Is(")"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(t.tokens)
}

func (t *text) timestamps() {
	for _, offset := range config.Timestamps(t.Hunt.Query) {
		t.add(Warning, "timestamp", offset, "query: %s", config.TimestampAdvice)
	}
}

// relativeTimes finds the first cut that counts from the time of the query.
func (t *text) relativeTimes() {
	for i, token := range t.tokens {
		if token.Is("ago") && t.at(i+1).Is("(") && (t.at(i-1).Is(">") || t.at(i-1).Is(">=") || t.at(i-1).Is("(") && t.at(i-2).Is("between")) {
			t.add(Warning, "relative-time", token.Offset,
				"ago() counts from the time of the query, not from the window: a window hunted later, after an outage or in a backfill, loses rows; Harrier cuts the window itself, or read {{StartTimeISO}}")
			return
		}
	}
}

var isoForm = regexp.MustCompile(`^PT?\d+[YMWDHS]$`)

func (t *text) isoDurations() {
	for _, token := range t.tokens {
		if token.Kind == kqlscan.Name && isoForm.MatchString(token.Text) {
			t.add(Error, "iso-duration", token.Offset, "%s is no span of time in KQL, and P30M would be 30 months; write 30m, 12h or 7d", token.Text)
		}
	}
}
