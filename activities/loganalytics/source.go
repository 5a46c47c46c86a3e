package loganalytics

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"harrier/workflows/soar"
)

// maxSilence is how old the newest row of a table may be: in a tenant with
// users, mail and audit events come every hour.
const maxSilence = 24 * time.Hour

// coreTables are read for every hunt, whatever its query reads: the reports and
// the mail behind them.
var coreTables = []string{"CloudAppEvents", "EmailEvents"}

// otherTables are tables of the same connector that a hunt may read.
var otherTables = []string{
	"AlertEvidence", "AlertInfo", "EmailAttachmentInfo", "EmailPostDeliveryEvents", "EmailUrlInfo", "IdentityInfo", "MessageEvents",
	"UrlClickEvents",
}

// CheckSource says whether the tables a hunt reads are there, are fresh, and
// hold submissions that name their messages. No submissions at all in fresh
// tables is healthy: nobody reported anything.
func (c *Client) CheckSource(ctx context.Context, in soar.HuntRun) (soar.SourceHealth, error) {
	health, err := c.checkSource(ctx, in)
	return health, c.classify(ctx, operation("source check", in.Hunt.Slug), err)
}

func (c *Client) checkSource(ctx context.Context, in soar.HuntRun) (soar.SourceHealth, error) {
	tables := tablesOf(in.Hunt)
	now := c.cfg.Now().UTC()
	span := timespan(in.Hunt, in.Window)
	if now.After(span.To) {
		span.To = now.Add(clockSkew).Truncate(time.Second)
	}
	a, err := c.run(ctx, ask{sourceQuery(tables), span})
	if err != nil {
		return soar.SourceHealth{}, err
	}
	if column := a.missing("Table", "Newest", "Rows", "WithObjectId"); column != "" {
		return soar.SourceHealth{}, fmt.Errorf("%w with column %s", errMalformed, column)
	}
	return readSource(a, tables, span.From, now), nil
}

// sourceQuery asks for every table in one query. The names are Harrier's own
// or checked, never data.
func sourceQuery(tables []string) string {
	var b strings.Builder
	b.WriteString(sourceKQL)
	for i, t := range tables {
		fmt.Fprintf(&b, "let Rows%d = union isfuzzy=true Nothing, %s | summarize Newest = max(TimeGenerated), Rows = count()\n", i, t)
		fmt.Fprintf(&b, "    | project Table = \"%s\", Newest, Rows, WithObjectId = 0;\n", t)
	}
	b.WriteString("union Submissions")
	for i := range tables {
		fmt.Fprintf(&b, ", Rows%d", i)
	}
	return b.String()
}

// tablesOf lists the tables a hunt needs: the core ones, its subject, and known
// names in its query, comments left out.
func tablesOf(h soar.Hunt) []string {
	out := append([]string(nil), coreTables...)
	add := func(name string) {
		for _, t := range out {
			if t == name {
				return
			}
		}
		out = append(out, name)
	}
	var code strings.Builder
	for line := range strings.Lines(h.Query) {
		if !strings.HasPrefix(strings.TrimSpace(line), "//") {
			code.WriteString(line)
		}
	}
	for _, t := range otherTables {
		if regexp.MustCompile(`\b` + t + `\b`).MatchString(code.String()) {
			add(t)
		}
	}
	if s := h.Settings.Subject; isName(s) {
		add(s)
	}
	return out
}

func readSource(a answer, tables []string, from, now time.Time) soar.SourceHealth {
	out := soar.SourceHealth{Newest: map[string]time.Time{}}
	rows := map[string]row{}
	for i := range a.rows {
		r := a.row(i)
		rows[r.text("Table")] = r
	}
	problem := func(format string, args ...any) { out.Problems = append(out.Problems, fmt.Sprintf(format, args...)) }
	if a.partial != "" {
		problem("the service returned a part of the check: %s", a.partial)
	}
	for _, t := range tables {
		newest := rows[t].time("Newest")
		if rows[t].number("Rows") == 0 || newest.IsZero() {
			problem("table %s does not exist or has had no row since %s; connect the Microsoft Defender XDR data connector with this table", t, isoTime(from))
			continue
		}
		out.Newest[t] = newest
		if age := now.Sub(newest); age > maxSilence && isCore(t) {
			problem("the newest row of table %s is %s old (at most %s is usual); check the data connector and the workspace's daily cap", t,
				age.Round(time.Hour), maxSilence)
		}
	}
	s := rows["submissions"]
	out.Submissions, out.WithObjectID = s.number("Rows"), s.number("WithObjectId")
	if out.Submissions > 0 && out.WithObjectID == 0 {
		problem("none of the %d submissions in CloudAppEvents has RawEventData.ObjectId, so no report can be matched with its mail; "+
			"check what user reported settings log", out.Submissions)
	}
	out.Healthy = len(out.Problems) == 0
	return out
}

func isCore(table string) bool {
	for _, t := range coreTables {
		if t == table {
			return true
		}
	}
	return false
}
