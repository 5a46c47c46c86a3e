package loganalytics

import (
	"context"
	"strings"

	"harrier/workflows/soar"
)

// QueryHunt runs the hunting query over the window and reads its rows into
// candidates. A result that the service cut is returned with Partial set, and
// rows over soar.MaxSenders are left out with LimitFull set.
func (c *Client) QueryHunt(ctx context.Context, in soar.HuntRun) (soar.HuntRows, error) {
	rows, err := c.queryHunt(ctx, in)
	return rows, c.classify(ctx, operation("query", in.Hunt.Slug), err)
}

func (c *Client) queryHunt(ctx context.Context, in soar.HuntRun) (soar.HuntRows, error) {
	p := Parameters{AcceptedDomains: lowered(c.cfg.Tenant().AcceptedDomains)}
	var before answer
	if needs(in.Hunt, ParamLookalikeDomains) {
		var err error
		if p.LookalikeDomains, before, err = c.lookalikes(ctx, in); err != nil {
			return soar.HuntRows{}, err
		}
	}
	query, err := Compose(in.Hunt, in.Window, p)
	if err != nil {
		return soar.HuntRows{}, final(ErrTypeHuntSettings, "%s", err)
	}
	a, err := c.run(ctx, in.Workspace, ask{query, timespan(in.Hunt, in.Window)})
	if err != nil {
		return soar.HuntRows{}, err
	}
	a.partial, a.stats = join(before.partial, a.partial), before.stats.Add(a.stats)
	return readHunt(in.Hunt, a)
}

func readHunt(h soar.Hunt, a answer) (soar.HuntRows, error) {
	candidates, err := candidates(h, a.table)
	if err != nil {
		return soar.HuntRows{}, err
	}
	out := soar.HuntRows{Rows: len(a.rows), Millis: a.took.Milliseconds(), Partial: a.partial, Stats: a.stats}
	if len(candidates) > soar.MaxSenders {
		candidates, out.LimitFull = candidates[:soar.MaxSenders], true
	}
	return fit(h.Slug, []int{50, 20, 5, 1}, func(limit int) soar.HuntRows {
		out.Candidates = make([]soar.Candidate, len(candidates))
		for i, c := range candidates {
			c.Messages = keep(c.Messages, limit, maxAddress)
			out.Candidates[i] = c
		}
		return out
	})
}

// candidates reads rows by the columns the settings name. A column that decides
// who is meant, how often or in which scope has to be there.
func candidates(h soar.Hunt, t table) ([]soar.Candidate, error) {
	cols := h.Settings.Columns
	for _, required := range []string{cols.Sender, cols.Count, cols.Scope} {
		if required != "" && !t.has(required) {
			return nil, final(ErrTypeHuntSettings, "read hunt %s: its result has no column %s; correct columns in the hunt's settings", h.Slug, required)
		}
	}
	if cols.Sender == "" {
		return nil, final(ErrTypeHuntSettings, "read hunt %s: columns.sender is missing in the hunt's settings", h.Slug)
	}
	out := make([]soar.Candidate, 0, len(t.rows))
	for i := range t.rows {
		c, err := candidate(h, t.row(i))
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func candidate(h soar.Hunt, r row) (soar.Candidate, error) {
	cols := h.Settings.Columns
	c := soar.Candidate{
		Sender:    cutAddress(r.text(cols.Sender)),
		SenderIs:  cols.SenderIs,
		Scope:     h.Settings.Scope,
		P1:        keep(r.list(cols.Envelope), 20, maxAddress),
		ObjectIDs: keep(lowered(r.list(cols.ObjectIDs)), 20, maxAddress),
		Messages:  lowered(r.list(cols.Messages)),
		Counts: soar.Counts{
			Submissions: r.number(cols.Count), Phish: r.number(cols.Phish), Spam: r.number(cols.Spam),
			Simulations: r.number(cols.Simulations), Reporters: r.number(cols.Reporters),
			Sent: r.number(cols.Sent), Usual: r.number(cols.Usual),
		},
	}
	c.Counts.Messages = len(c.Messages)
	if cols.Scope != "" {
		c.Scope = soar.Scope(r.text(cols.Scope))
	}
	if c.Scope == "" {
		c.Scope = soar.ScopeOther
	}
	if err := c.Scope.Validate(); err != nil {
		return soar.Candidate{}, final(ErrTypeHuntSettings, "read hunt %s: %s", h.Slug, err)
	}
	return c, nil
}

func lowered(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strings.ToLower(strings.TrimSpace(v))
	}
	return out
}

// join puts the errors of two queries of one run together.
func join(a, b string) string {
	if a == "" {
		return b
	}
	if b == "" || a == b {
		return a
	}
	return cut(a+"; "+b, maxPartial)
}
