package kql_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"harrier/activities/loganalytics/kql"
)

func run(t *testing.T, db kql.Database, query string) *kql.Result {
	t.Helper()
	res, err := kql.Run(context.Background(), db, query, kql.Options{Now: noon})
	if err != nil {
		t.Fatalf("run %q: %v", query, err)
	}
	return res
}

// table runs a query and writes its rows as text: cells joined by commas, rows by semicolons.
func table(t *testing.T, db kql.Database, query string) string {
	t.Helper()
	res := run(t, db, query)
	rows := make([]string, len(res.Rows))
	for i, row := range res.Rows {
		cells := make([]string, len(row))
		for j, v := range row {
			cells[j] = kql.Text(v)
		}
		rows[i] = strings.Join(cells, ",")
	}
	return strings.Join(rows, "; ")
}

func failure(t *testing.T, db kql.Database, query string) *kql.Error {
	t.Helper()
	_, err := kql.Run(context.Background(), db, query, kql.Options{Now: noon})
	var e *kql.Error
	if !errors.As(err, &e) {
		t.Fatalf("run %q: got %v, want a *kql.Error", query, err)
	}
	return e
}
