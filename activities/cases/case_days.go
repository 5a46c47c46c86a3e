package cases

import (
	"context"

	"harrier/workflows/soar"
)

// CaseDays reads when each sender's cases were open or escalated. A sender without a
// case has none; one whose case does not answer is named in Missing, and its past
// stays as it is.
func (c *Client) CaseDays(ctx context.Context, in soar.CaseDaysRequest) (soar.CaseDays, error) {
	out := soar.CaseDays{Windows: make([][]soar.Window, len(in.CaseIDs))}
	for i, id := range in.CaseIDs {
		value, err := c.temporal.QueryWorkflow(ctx, id, "", soar.CaseQuery)
		if isNotFound(err) {
			continue
		}
		var view soar.CaseView
		if err == nil {
			err = value.Get(&view)
		}
		if err != nil {
			if ctx.Err() != nil {
				return out, classify("read the days of cases", ctx.Err())
			}
			out.Missing = append(out.Missing, id)
			continue
		}
		out.Windows[i] = view.Suspect(in.Now)
	}
	return out, nil
}
