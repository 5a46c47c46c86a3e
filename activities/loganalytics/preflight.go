package loganalytics

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"harrier/workflows/soar"
)

// preflight runs the hunt's query for its columns alone, over one second and
// for no row. What the workspace or the settings lack is a problem; a query that
// the service cannot read is an error.
func (c *Client) preflight(ctx context.Context, in soar.HuntRun) (problem unfit, stats soar.QueryStats, err error) {
	query, err := Compose(in.Hunt, in.Window, Parameters{AcceptedDomains: lowered(c.cfg.Tenant().AcceptedDomains)})
	if err != nil {
		return unfit{}, stats, final(ErrTypeHuntSettings, "%s", err)
	}
	instant := soar.Window{From: in.Window.To.Add(-time.Second), To: in.Window.To}
	a, err := c.run(ctx, in.Workspace, ask{noRows(query), instant})
	front := strings.Count(query, "\n") - strings.Count(in.Hunt.Query, "\n")
	if f, ok := unfitFor(err); ok {
		return unfit{table: f.table(), text: f.problem(in.Hunt, front)}, soar.QueryStats{Queries: 1}, nil
	}
	if f, ok := queryFaultIn(err); ok {
		return unfit{}, stats, final(f.kind, "%s: the service does not accept the query%s: %s",
			operation("source check", in.Hunt.Slug), f.place(in.Hunt, front), cut(f.messages, maxPartial))
	}
	if err != nil {
		return unfit{}, stats, err
	}
	if _, err := candidates(in.Hunt, table{columns: a.columns}); err != nil {
		return unfit{}, stats, err
	}
	return unfit{}, a.stats, nil
}

// unfit is what a workspace lacks for a query; its text is empty where it lacks
// nothing, its table where no table is missing.
type unfit struct{ table, text string }

// lastRender is a query's last operator when it is render, behind which none may stand.
var lastRender = regexp.MustCompile(`\|\s*render\b[^|]*$`)

// noRows asks for the columns of a query's result. Where it is not plain that an
// operator may follow, none does: one second of every table is little enough.
func noRows(query string) string {
	lines := strings.Split(strings.TrimRight(query, "; \t\r\n"), "\n")
	for len(lines) > 1 && strings.HasPrefix(strings.TrimSpace(lines[len(lines)-1]), "//") {
		lines = strings.Split(strings.TrimRight(strings.Join(lines[:len(lines)-1], "\n"), "; \t\r\n"), "\n")
	}
	plain := strings.Join(lines, "\n")
	if strings.Contains(lines[len(lines)-1], "//") || lastRender.MatchString(plain) {
		return query
	}
	return plain + "\n| take 0"
}

// queryFaultIn is what the service says is wrong with a query.
func queryFaultIn(err error) (queryFault, bool) {
	var response *azcore.ResponseError
	if !errors.As(err, &response) || response.StatusCode != http.StatusBadRequest {
		return queryFault{}, false
	}
	return faultOf(response), true
}

// unfitFor is a fault of the workspace: it lacks a table or column.
func unfitFor(err error) (queryFault, bool) {
	f, ok := queryFaultIn(err)
	return f, ok && f.kind != ErrTypeBadQuery
}

func (f queryFault) table() string {
	if f.kind == ErrTypeMissingTable {
		return f.name
	}
	return ""
}

// problem says what is missing, where it is read, and what to connect. front is
// how many lines stand in front of the hunt's own query.
func (f queryFault) problem(h soar.Hunt, front int) string {
	if f.kind == ErrTypeMissingTable {
		return fmt.Sprintf("table %s%s does not exist in the workspace; connect %s, or wait for its first row", f.name, f.place(h, front), connectorOf(f.name))
	}
	return fmt.Sprintf("column %s%s does not exist in the tables of the workspace; connect the current version of %s, or correct the query",
		f.name, f.place(h, front), connectorOf(""))
}

// place is the line of the hunt's own query; none where the fault is of another query.
func (f queryFault) place(h soar.Hunt, front int) string {
	line := f.line - front
	if front < 0 || line < 1 || line > strings.Count(h.Query, "\n")+1 {
		return ""
	}
	if h.File == "" {
		return fmt.Sprintf(" (line %d of the query)", line)
	}
	return fmt.Sprintf(" (line %d of the query in %s)", line, h.File)
}

// connectorOf is what fills a table.
func connectorOf(table string) string {
	if table == "" || slices.Contains(coreTables, table) || slices.Contains(otherTables, table) {
		return "the Microsoft Defender XDR data connector with this table"
	}
	return "the data connector that fills it"
}
