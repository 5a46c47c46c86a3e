package loganalytics

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"harrier/workflows/soar"
)

const (
	// sourcePast is how far back a source is held against its own past: two weeks
	// before the last day.
	sourcePast = 15 * 24 * time.Hour
	// maxSourcePast bounds the check of a long window.
	maxSourcePast = 45 * 24 * time.Hour
)

// coreTables are read for every hunt, whatever its query reads: the reports and
// the mail behind them.
var coreTables = []string{"CloudAppEvents", "EmailEvents"}

// otherTables are tables of the same connector that a hunt may read.
var otherTables = []string{
	"AlertEvidence", "AlertInfo", "EmailAttachmentInfo", "EmailPostDeliveryEvents", "EmailUrlInfo", "IdentityInfo", "MessageEvents",
	"UrlClickEvents",
}

// CheckSource says whether what a hunt reads can be trusted: its tables and
// columns are there, its tables are not silent for longer than their own past
// explains, submissions name their messages as they did, and alerts of reported
// mail have their submissions. No submissions at all in fresh tables is healthy:
// nobody reported anything. It makes two requests. A source that is not healthy
// is an answer; an error says that nothing could be learned of it, or that the
// query itself is wrong.
func (c *Client) CheckSource(ctx context.Context, in soar.HuntRun) (soar.SourceHealth, error) {
	health, err := c.checkSource(ctx, in)
	return health, c.classify(ctx, operation("source check", in.Hunt.Slug), err)
}

func (c *Client) checkSource(ctx context.Context, in soar.HuntRun) (soar.SourceHealth, error) {
	now := c.cfg.Now().UTC()
	tables := tablesOf(in.Hunt)
	s, err := c.readSource(ctx, in, tables, now)
	if err != nil {
		return soar.SourceHealth{}, err
	}
	lacks, stats, err := c.preflight(ctx, in)
	if err != nil {
		return soar.SourceHealth{}, err
	}
	out := s.health(in.Window, tables, lacks)
	out.Stats = s.stats.Add(stats)
	out.Notes = append(shimNotes(in.Hunt), out.Notes...)
	return out, nil
}

// readSource asks what the tables show of themselves.
func (c *Client) readSource(ctx context.Context, in soar.HuntRun, tables []tableUse, now time.Time) (source, error) {
	from := now.Add(-sourcePast)
	if in.Window.From.Before(from) {
		from = in.Window.From
	}
	if least := now.Add(-maxSourcePast); from.Before(least) {
		from = least
	}
	span := soar.NewWindow(from, now.Add(clockSkew))
	a, err := c.run(ctx, in.Workspace, ask{sourceQuery(tables, now), span})
	if f, ok := unfitFor(err); ok {
		return source{now: now, from: span.From, lacks: unfit{f.table(), f.problem(in.Hunt, -1)}, stats: soar.QueryStats{Queries: 1}}, nil
	}
	if err != nil {
		return source{}, err
	}
	if column := a.missing("Fact", "Name", "First", "Last", "Number", "Known", "Delay"); column != "" {
		return source{}, fmt.Errorf("%w with column %s", errMalformed, column)
	}
	return newSource(a, span.From, now), nil
}

// sourceQuery asks for every table in one query. The names are Harrier's own
// or checked, never data.
func sourceQuery(tables []tableUse, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "let Until = %s;\n%s", kqlTime(now), sourceKQL)
	for i, t := range tables {
		fmt.Fprintf(&b, "let Rows%d = union isfuzzy=true Nothing, %s\n", i, t.name)
		b.WriteString("    | summarize First = min(TimeGenerated), Last = max(TimeGenerated), Number = count() by Hour = bin(TimeGenerated, 1h)\n")
		fmt.Fprintf(&b, "    | project Fact = \"hour\", Name = \"%s\", First, Last, Number, Known = 0, Delay = real(null);\n", t.name)
	}
	b.WriteString("union Submissions, Alerts")
	for i := range tables {
		fmt.Fprintf(&b, ", Rows%d", i)
	}
	return b.String()
}

// tableUse is a table that a hunt reads.
type tableUse struct {
	name string
	// steady tables have rows at every hour of a working day: mail and audit events.
	steady bool
	// needed tables make the hunt blind when they are silent.
	needed bool
}

// tablesOf lists the tables a hunt needs: the core ones, its subject, and known
// names in its query, comments left out.
func tablesOf(h soar.Hunt) []tableUse {
	var out []tableUse
	add := func(t tableUse) {
		if !slices.ContainsFunc(out, func(have tableUse) bool { return have.name == t.name }) {
			out = append(out, t)
		}
	}
	for _, t := range coreTables {
		add(tableUse{name: t, steady: true, needed: true})
	}
	if s := h.Settings.Subject; isName(s) {
		add(tableUse{name: s, needed: true})
	}
	code := withoutComments(h.Query)
	for _, t := range otherTables {
		if regexp.MustCompile(`\b` + t + `\b`).MatchString(code) {
			add(tableUse{name: t})
		}
	}
	return out
}

func withoutComments(query string) string {
	var code strings.Builder
	for line := range strings.Lines(query) {
		if !strings.HasPrefix(strings.TrimSpace(line), "//") {
			code.WriteString(line)
		}
	}
	return code.String()
}

// shimNotes say which name the query reads that the workspace does not have.
func shimNotes(h soar.Hunt) []string {
	if len(h.Settings.Shim) == 0 {
		return nil
	}
	return []string{"Timestamp stands for TimeGenerated in " + strings.Join(h.Settings.Shim, ", ")}
}
