package kql_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"harrier/activities/loganalytics/kql"
)

func TestErrorsNameThePlaceAndTheCause(t *testing.T) {
	db := kql.Database{"T": {Columns: []kql.Column{{Name: "a", Type: kql.TypeString}, {Name: "b", Type: kql.TypeLong}, {Name: "d", Type: kql.TypeDynamic}}}}
	for _, c := range []struct {
		query, code  string
		line, column int
		message      string
	}{
		{"CloudAppEvents\n| where x == 1", kql.CodeSemantic, 1, 1, "'where' operator: Failed to resolve table or column expression named 'CloudAppEvents'"},
		{"T\n| join EmailEvents on a", kql.CodeSemantic, 2, 8, "'join' operator: Failed to resolve table or column expression named 'EmailEvents'"},
		{"T\n| where Timestamp > ago(1h)", kql.CodeSemantic, 2, 9, "'where' operator: Failed to resolve scalar expression named 'Timestamp'"},
		{"T | where A == 'x'", kql.CodeSemantic, 1, 11, "Failed to resolve scalar expression named 'A'"},
		{"T | project b | where a == ''", kql.CodeSemantic, 1, 23, "named 'a'"},
		{"T | summarize count() by a | top 1 by b", kql.CodeSemantic, 1, 39, "named 'b'"},
		{"T | frobnicate a", kql.CodeSyntax, 1, 5, "'frobnicate' is not a query operator"},
		{"T | make-series count() on b step 1", kql.CodeUnsupported, 1, 5, "operator 'make-series' is not supported"},
		{"T | extend x = fuzz(a)", kql.CodeSemantic, 1, 16, "Unknown function: 'fuzz'"},
		{"T | extend rand()", kql.CodeUnsupported, 1, 12, "function 'rand' is not supported"},
		{"T | extend tolower()", kql.CodeSemantic, 1, 12, "tolower(): function expects 1 argument(s)"},
		{"T | where", kql.CodeSyntax, 1, 10, "end of query"},
		{"T | where a ==", kql.CodeSyntax, 1, 15, "Query could not be parsed at 'end of query'"},
		{"T | where a == 'x", kql.CodeSyntax, 1, 16, "string literal is not terminated"},
		{"T | where (a == 'x'", kql.CodeSyntax, 1, 20, "could not be parsed"},
		{"T | where a", kql.CodeSemantic, 1, 11, "must have the type bool"},
		{"T | where a > 1", kql.CodeSemantic, 1, 13, "Cannot compare values of types string and long"},
		{"T | extend a + b", kql.CodeSemantic, 1, 14, "The operator '+' is not defined for the operand types string and long"},
		{"T | where b has 'x'", kql.CodeSemantic, 1, 13, "The operator 'has' is not defined"},
		{"T | summarize count() by d", kql.CodeSemantic, 1, 26, "group key 'd' is of a 'dynamic' type"},
		{"T | join T on $left.a == $right.b", kql.CodeSemantic, 1, 20, "Inconsistent data types for join keys: (string, long)"},
		{"T | join kind=sideways T on a", kql.CodeSemantic, 1, 5, "kind 'sideways' is not known"},
		{"T | join T", kql.CodeSyntax, 1, 10, "join needs 'on'"},
		{"T | extend sum(b)", kql.CodeSemantic, 1, 12, "aggregate function 'sum' is not allowed"},
		{"T | summarize a by b", kql.CodeSemantic, 1, 15, "named 'a'"},
		{"T | where a matches regex '('", kql.CodeSemantic, 1, 27, "regular expression is malformed"},
		{"T | extend x = 1, x = 2", kql.CodeSemantic, 1, 19, "already declared"},
		{"T | where a # 1", kql.CodeSyntax, 1, 13, "unexpected character"},
		{"let x = 1", kql.CodeSyntax, 1, 10, "no tabular expression"},
		{"T; T", kql.CodeSyntax, 1, 4, "could not be parsed"},
		{"set frob = 1; T", kql.CodeUnsupported, 1, 5, "set option 'frob'"},
		{"let f = (x:long) { T | where b == x }; f('a')", kql.CodeSemantic, 1, 42, "must be a long, not a string"},
		{"T | where b == toscalar(T | where q > 1 | count)", kql.CodeSemantic, 1, 35, "named 'q'"},
	} {
		e := failure(t, db, c.query)
		if e.Code != c.code || e.Line != c.line || e.Column != c.column || !strings.Contains(e.Message, c.message) {
			t.Errorf("%q:\n got %s %d:%d %s\nwant %s %d:%d %s", c.query, e.Code, e.Line, e.Column, e.Message, c.code, c.line, c.column, c.message)
		}
	}
}

func TestAMissingTableIsToldFromAMissingColumn(t *testing.T) {
	_, err := kql.Run(context.Background(), nil, "EmailEvents | take 1", kql.Options{})
	if !kql.IsMissingTable(err) {
		t.Errorf("%v: want a missing table", err)
	}
	_, err = kql.Run(context.Background(), nil, "print x = 1 | where EmailEvents == 1", kql.Options{})
	if err == nil || kql.IsMissingTable(err) {
		t.Errorf("%v: want another error", err)
	}
}

func TestARunawayQueryEndsAtItsLimit(t *testing.T) {
	query := "let T = range x from 1 to 3000 step 1 | extend k = 1; T | join kind=inner T on k | count"
	_, err := kql.Run(context.Background(), nil, query, kql.Options{MaxRows: 100_000})
	var e *kql.Error
	if !errors.As(err, &e) || e.Code != kql.CodeLimit {
		t.Fatalf("got %v", err)
	}
}

func TestACancelledContextEndsTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := kql.Run(ctx, nil, "range x from 1 to 1000000 step 1 | count", kql.Options{})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestValidateNamesTheCellThatDoesNotFit(t *testing.T) {
	bad := &kql.Table{Name: "T", Columns: []kql.Column{{Name: "n", Type: kql.TypeLong}}, Rows: [][]kql.Value{{int64(1)}, {7}}}
	err := bad.Validate()
	if err == nil || !strings.Contains(err.Error(), "row 1 column n: int is not a long") {
		t.Fatalf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(publishedHunt)
	f.Add(evidenceQuery)
	f.Add(people + "P | mv-apply t = tags on (where t == 1)")
	f.Add("let f = (x:long, T:(*)) { T | where a == x }; f(1, datatable(a:long)[1,2,])")
	f.Add("print dynamic({'a':[1]}), h@'x', 0x1, 1d, datetime(null), ['x y'] = 1 | extend -(-1) !in~ ('a')")
	db := kql.Database{"EmailEvents": mailTable(nil, 6), "CloudAppEvents": submissionsTable(nil)}
	f.Fuzz(func(t *testing.T, query string) {
		_, err := kql.Run(context.Background(), db, query, kql.Options{Now: noon, MaxRows: 10_000})
		var e *kql.Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%q: %v is not a *kql.Error", query, err)
		}
		if e != nil && (e.Line < 1 || e.Column < 1 || e.Message == "") {
			t.Fatalf("%q: error without place or message: %+v", query, e)
		}
	})
}
