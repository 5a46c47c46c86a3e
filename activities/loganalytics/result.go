package loganalytics

import (
	"encoding/json"
	"errors"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/Azure/azure-sdk-for-go/sdk/monitor/azquery"
)

// errMalformed is a response without a table: nothing is known then, and it is
// not "no findings".
var errMalformed = errors.New("the response holds no table")

// table is a result whose cells are read by column name.
type table struct {
	columns map[string]int
	rows    []azquery.Row
}

func firstTable(res azquery.Results) (table, error) {
	if len(res.Tables) == 0 || res.Tables[0] == nil {
		return table{}, errMalformed
	}
	src := res.Tables[0]
	t := table{columns: make(map[string]int, len(src.Columns)), rows: src.Rows}
	for i, c := range src.Columns {
		if c != nil && c.Name != nil {
			t.columns[*c.Name] = i
		}
	}
	return t, nil
}

func (t table) has(column string) bool {
	_, ok := t.columns[column]
	return ok
}

// missing names the first of the columns that the result does not have.
func (t table) missing(columns ...string) string {
	for _, c := range columns {
		if !t.has(c) {
			return c
		}
	}
	return ""
}

func (t table) row(i int) row { return row{t.columns, t.rows[i]} }

// row reads cells by name. A column that is not there, null and "null" are
// missing: empty, zero, never a panic.
type row struct {
	columns map[string]int
	cells   azquery.Row
}

func (r row) cell(column string) any {
	i, ok := r.columns[column]
	if !ok || i >= len(r.cells) {
		return nil
	}
	return r.cells[i]
}

// text reads a string; numbers and dynamics become their JSON text.
func (r row) text(column string) string { return textOf(r.cell(column)) }

func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(data)
}

// number reads a whole number written as a number or as text.
func (r row) number(column string) int {
	switch v := r.cell(column).(type) {
	case float64:
		return int(v)
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		if err == nil {
			return int(f)
		}
	case bool:
		if v {
			return 1
		}
	}
	return 0
}

func (r row) bool(column string) bool {
	switch v := r.cell(column).(type) {
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return strings.EqualFold(v, "true") || v == "1"
	}
	return false
}

// time reads a datetime in UTC; zero when there is none.
func (r row) time(column string) time.Time {
	s, _ := r.cell(column).(string)
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// list reads a set: a JSON array as an array or as text, or plain text as its
// one member. The service's order of a set is arbitrary, so it is sorted, and
// empty members are left out.
func (r row) list(column string) []string {
	var out []string
	add := func(v any) {
		if s := strings.TrimSpace(textOf(v)); s != "" {
			out = append(out, s)
		}
	}
	switch v := decodeDynamic(r.cell(column)).(type) {
	case []any:
		for _, e := range v {
			add(e)
		}
	default:
		add(v)
	}
	sort.Strings(out)
	return out
}

// decodeDynamic tries JSON once; text that is not an array or object stays text.
func decodeDynamic(v any) any {
	s, ok := v.(string)
	if !ok {
		return v
	}
	switch trimmed := strings.TrimSpace(s); {
	case trimmed == "" || trimmed == "null":
		return nil
	case trimmed[0] == '[' || trimmed[0] == '{':
		var out any
		if json.Unmarshal([]byte(trimmed), &out) == nil {
			return out
		}
	}
	return s
}

// How much of a field is kept, in bytes. An address is at most 320 long by
// RFC 5321 (64 + 1 + 255).
const (
	maxAddress = 400
	maxText    = 500
	maxPartial = 4000
)

// cut shortens a text at a rune's edge.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// cutAddress trims and shortens an address. A shortened one ends in a mark, so
// that it is never another address that somebody trusts.
func cutAddress(s string) string {
	s = strings.Trim(s, spaces)
	if len(s) <= maxAddress {
		return s
	}
	return cut(s, maxAddress-len("…")) + "…"
}

// keep shortens a list and its members.
func keep(values []string, members, length int) []string {
	if len(values) > members {
		values = values[:members]
	}
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = cut(v, length)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
