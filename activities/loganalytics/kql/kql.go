// Package kql runs Kusto queries over tables in memory. It stands behind the fake Log Analytics service and behind
// hunt tests, so that a hunt is exercised word for word. It covers the part of the language hunts use; whatever it
// does not know is an error with its line and column, never an empty result.
// Language reference: https://learn.microsoft.com/kusto/query/
package kql

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Type is the name of a Kusto scalar type.
type Type string

// The scalar types of https://learn.microsoft.com/kusto/query/scalar-data-types/.
const (
	TypeString   Type = "string"
	TypeLong     Type = "long"
	TypeInt      Type = "int"
	TypeReal     Type = "real"
	TypeBool     Type = "bool"
	TypeDatetime Type = "datetime"
	TypeTimespan Type = "timespan"
	TypeDynamic  Type = "dynamic"
	TypeGUID     Type = "guid"
	TypeDecimal  Type = "decimal"
)

// Column is a column of a table or of a result.
type Column struct {
	Name string
	Type Type
}

// Value is one cell: nil, string (also guid), int64 (long and int), float64 (real and decimal), bool, time.Time in
// UTC, time.Duration or Dynamic.
type Value = any

// Dynamic is a cell of type dynamic. V is decoded JSON: nil, string, bool, int64, float64, []any or map[string]any.
type Dynamic struct{ V any }

// Table is a base table. Ingested runs parallel to Rows; when it is nil, ingestion_time() is TimeGenerated. Rows are
// shared with results and must not be changed while a query runs.
type Table struct {
	Name     string
	Columns  []Column
	Rows     [][]Value
	Ingested []time.Time
}

// Database maps table names, case-sensitively as Kusto does, to tables.
type Database map[string]*Table

// Options are the surroundings of one run.
type Options struct {
	// Now is what now() and ago() see; zero means the clock.
	Now time.Time
	// From and To are the API's timespan. They cut every base table that has TimeGenerated to [From, To); a zero
	// bound cuts nothing.
	From, To time.Time
	// MaxRows bounds the rows that operators may produce in one run; zero means DefaultMaxRows.
	MaxRows int
}

// DefaultMaxRows stops a runaway join long before it fills the memory of a laptop.
const DefaultMaxRows = 20_000_000

// Stats says how much work a run was.
type Stats struct {
	Scanned  int // rows read from base tables, after the timespan
	Produced int // rows produced by all operators
	Elapsed  time.Duration
}

// Result is the outcome of a query.
type Result struct {
	Columns []Column
	Rows    [][]Value
	Stats   Stats
}

// Codes of Error, as the service names them, and two of our own.
const (
	CodeSyntax      = "SyntaxError"
	CodeSemantic    = "SemanticError"
	CodeUnsupported = "Unsupported"   // valid Kusto this package does not run
	CodeLimit       = "LimitExceeded" // Options.MaxRows
)

// Error is a query that cannot run, with the place that caused it. Line and Column count from 1.
type Error struct {
	Code    string
	Message string
	Line    int
	Column  int
	Token   string
}

// Error names code, place and cause.
func (e *Error) Error() string {
	return fmt.Sprintf("kql: %s at %d:%d: %s", e.Code, e.Line, e.Column, e.Message)
}

// Validate reports the first row whose width or cell type does not fit the table's columns.
func (t *Table) Validate() error {
	if t.Ingested != nil && len(t.Ingested) != len(t.Rows) {
		return fmt.Errorf("table %s: %d ingestion times for %d rows", t.Name, len(t.Ingested), len(t.Rows))
	}
	for i, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return fmt.Errorf("table %s row %d: %d cells for %d columns", t.Name, i, len(row), len(t.Columns))
		}
		for j, v := range row {
			if !fits(v, t.Columns[j].Type) {
				return fmt.Errorf("table %s row %d column %s: %T is not a %s", t.Name, i, t.Columns[j].Name, v, t.Columns[j].Type)
			}
		}
	}
	return nil
}

func fits(v Value, t Type) bool {
	switch v.(type) {
	case nil:
		return true
	case string:
		return t == TypeString || t == TypeGUID
	case int64:
		return t == TypeLong || t == TypeInt
	case float64:
		return t == TypeReal || t == TypeDecimal
	case bool:
		return t == TypeBool
	case time.Time:
		return t == TypeDatetime
	case time.Duration:
		return t == TypeTimespan
	case Dynamic:
		return t == TypeDynamic
	}
	return false
}

// bailout carries an error out of deeply nested parsing, binding or evaluation; Run turns it back into an error.
type bailout struct{ err error }

func catch(err *error) {
	switch p := recover().(type) {
	case nil:
	case bailout:
		*err = p.err
	default:
		panic(p)
	}
}

// Parse checks the syntax of a query without running it. The error is an *Error.
func Parse(query string) (err error) {
	defer catch(&err)
	parseQuery(query)
	return nil
}

// Run parses, binds and evaluates a query. The error is an *Error, or ctx's when it ends the run.
func Run(ctx context.Context, db Database, query string, o Options) (res *Result, err error) {
	defer catch(&err)
	start := time.Now()
	x := newExec(ctx, db, o)
	c := &compiler{x: x, src: query}
	p := c.query(parseQuery(query))
	out := p.run(x)
	res = &Result{Columns: p.cols, Rows: finish(p.cols, out.rows)}
	res.Stats = Stats{Scanned: x.scanned, Produced: x.produced, Elapsed: time.Since(start)}
	return res, nil
}

// finish gives strings their empty value: a string is never null in Kusto. Rows that change are copied, because they
// may belong to a base table.
func finish(cols []Column, rows [][]Value) [][]Value {
	out := make([][]Value, len(rows))
	for i, row := range rows {
		out[i] = withoutNullStrings(cols, row)
	}
	return out
}

func withoutNullStrings(cols []Column, row []Value) []Value {
	fresh := row
	copied := false
	for j, v := range row {
		if v != nil || cols[j].Type != TypeString {
			continue
		}
		if !copied {
			fresh, copied = append([]Value(nil), row...), true
		}
		fresh[j] = ""
	}
	return fresh
}

// exec is the state of one run. A run is single-threaded.
type exec struct {
	ctx      context.Context
	db       Database
	now      time.Time
	from, to time.Time
	max      int
	scanned  int
	produced int
	memo     map[*plan]*rel
	bases    map[*Table]*rel
	lastJSON string
	lastDoc  Value
}

func newExec(ctx context.Context, db Database, o Options) *exec {
	x := &exec{ctx: ctx, db: db, now: o.Now, from: o.From, to: o.To, max: o.MaxRows}
	if x.now.IsZero() {
		x.now = time.Now()
	}
	if x.max == 0 {
		x.max = DefaultMaxRows
	}
	x.now = x.now.UTC()
	x.memo, x.bases = map[*plan]*rel{}, map[*Table]*rel{}
	return x
}

const checkEvery = 4096

// tick counts produced rows and ends the run when its context or its limit does.
func (x *exec) tick(n int) {
	before := x.produced
	x.produced += n
	if before/checkEvery == x.produced/checkEvery && before != 0 {
		return
	}
	if err := x.ctx.Err(); err != nil {
		panic(bailout{fmt.Errorf("run query: %w", err)})
	}
	if x.produced > x.max {
		msg := fmt.Sprintf("query produced more than %d rows; filter earlier", x.max)
		panic(bailout{&Error{Code: CodeLimit, Message: msg, Line: 1, Column: 1}})
	}
}

// IsMissingTable reports whether err says that a table does not exist.
func IsMissingTable(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == CodeSemantic && e.missingTable()
}

func (e *Error) missingTable() bool {
	return len(e.Token) > 0 && containsCS(e.Message, "table or column expression named '"+e.Token+"'")
}
