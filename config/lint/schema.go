package lint

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
)

// schemaCSV lists table, column and type of the mail tables as Log Analytics
// has them
// (https://learn.microsoft.com/azure/azure-monitor/reference/tables-index).
//
//go:embed schema.csv
var schemaCSV string

type column struct{ name, kind string }

// schema is columns by table.
type schema map[string][]column

func shippedSchema() schema {
	s := schema{}
	for _, line := range strings.Split(strings.TrimSpace(schemaCSV), "\n")[1:] {
		f := strings.Split(strings.TrimSpace(line), ",")
		s[f[0]] = append(s[f[0]], column{f[1], f[2]})
	}
	return s
}

func (s schema) tables() []string { return slices.Sorted(maps.Keys(s)) }

// columns are the names of all columns of some tables.
func (s schema) columns(tables []string) []string {
	var out []string
	for _, t := range tables {
		for _, c := range s[t] {
			out = append(out, c.name)
		}
	}
	return out
}
