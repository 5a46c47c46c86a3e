package lint

import (
	"slices"
	"strings"

	"harrier/workflows/soar"
)

// resultColumns are the columns that a hunt's settings name, by their keys.
func resultColumns(c soar.Columns) [][2]string {
	all := [][2]string{
		{"sender", c.Sender}, {"count", c.Count}, {"scope", c.Scope}, {"phish", c.Phish}, {"spam", c.Spam}, {"reporters", c.Reporters},
		{"simulations", c.Simulations}, {"messages", c.Messages}, {"envelope", c.Envelope}, {"object_ids", c.ObjectIDs},
	}
	return slices.DeleteFunc(all, func(f [2]string) bool { return f[1] == "" })
}

// columns finds result columns of the settings that the query cannot return,
// because it never names them and no table it reads has them.
func (t *text) columns() {
	sources, known := t.sources()
	for _, s := range sources {
		known = known && len(t.schema[s.Text]) > 0
	}
	have := t.schema.columns(t.tablesRead())
	for _, token := range t.tokens {
		have = append(have, token.Text)
	}
	for _, c := range resultColumns(t.Hunt.Settings.Columns) {
		if known && !slices.Contains(have, c[1]) && !madeByAggregation.MatchString(c[1]) {
			t.notReturned(c[0], c[1])
		}
	}
}

func (t *text) notReturned(key, column string) {
	t.add(Error, "result-column", len(strings.TrimRight(t.Hunt.Query, " \t\r\n"))-1,
		"columns.%s is %s in the hunt's settings, and the query does not return it; write a column that it returns", key, column)
}

// returned holds the settings against the columns that the parser says the
// query returns.
func (t *text) returned(columns []string) {
	already := map[string]bool{}
	for _, f := range t.findings {
		already[f.Message] = f.Rule == "result-column"
	}
	for _, c := range resultColumns(t.Hunt.Settings.Columns) {
		if slices.Contains(columns, c[1]) {
			continue
		}
		before := len(t.findings)
		t.notReturned(c[0], c[1])
		if already[t.findings[before].Message] {
			t.findings = t.findings[:before]
		}
	}
}
