package tenant

import (
	_ "embed"
	"sort"
	"strings"
	"time"

	"harrier/activities/loganalytics/kql"
)

// schemaCSV lists table, column and type as Log Analytics has them, from
// https://learn.microsoft.com/azure/azure-monitor/reference/tables-index.
//
//go:embed schema.csv
var schemaCSV string

// Columns are the columns of every table of the tenant, by table.
func Columns() map[string][]kql.Column {
	out := map[string][]kql.Column{}
	for _, line := range strings.Split(strings.TrimSpace(schemaCSV), "\n")[1:] {
		f := strings.Split(strings.TrimSpace(line), ",")
		out[f[0]] = append(out[f[0]], kql.Column{Name: f[1], Type: kql.Type(f[2])})
	}
	return out
}

// table gathers the rows of one table.
type table struct {
	*kql.Table
	index map[string]int
	empty []any
}

func newTable(name string, columns []kql.Column, tenantID string) *table {
	t := &table{Table: &kql.Table{Name: name, Columns: columns}, index: map[string]int{}, empty: make([]any, len(columns))}
	for i, c := range columns {
		t.index[c.Name] = i
		if c.Type == kql.TypeString {
			t.empty[i] = ""
		}
	}
	defaults := row{t, t.empty}
	defaults.set("TenantId", tenantID)
	defaults.set("Type", name)
	defaults.set("SourceSystem", "Azure")
	defaults.set("_BilledSize", 1024.0)
	defaults.set("_IsBillable", "true")
	return t
}

// row is one row being filled. Columns not set are empty text or null.
type row struct {
	t     *table
	cells []any
}

func (t *table) add(at, ingested time.Time) row {
	r := row{t, append([]any(nil), t.empty...)}
	t.Rows = append(t.Rows, r.cells)
	t.Ingested = append(t.Ingested, ingested)
	r.set("TimeGenerated", at)
	return r
}

// set panics on a column the table lacks: that is a fault of this package.
func (r row) set(column string, v any) {
	i, ok := r.t.index[column]
	if !ok {
		panic("tenant: table " + r.t.Name + " has no column " + column)
	}
	r.cells[i] = v
}

// sorted puts rows in order of time, as a workspace mostly returns them.
func (t *table) sorted() *kql.Table {
	at := t.index["TimeGenerated"]
	order := make([]int, len(t.Rows))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool {
		return t.Rows[order[a]][at].(time.Time).Before(t.Rows[order[b]][at].(time.Time))
	})
	rows, ingested := make([][]any, len(order)), make([]time.Time, len(order))
	for i, from := range order {
		rows[i], ingested[i] = t.Rows[from], t.Ingested[from]
	}
	return &kql.Table{Name: t.Name, Columns: t.Columns, Rows: rows, Ingested: ingested}
}
