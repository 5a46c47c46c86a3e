package loganalytics

import (
	"context"
	"fmt"

	"harrier/workflows/soar"
)

// maxDomains is the take of lookalikes.kql less the one row that shows a cut.
const maxDomains = 5000

// lookalikes lists the Froms of the window's reported mail from outside that
// imitate an accepted domain: domains, and whole texts that are no plain
// address. KQL cannot compare letters that look alike, so they are judged here
// and go into the hunt as a parameter.
func (c *Client) lookalikes(ctx context.Context, in soar.HuntRun) (domains []string, a answer, err error) {
	var front lets
	reportedLets(&front, in)
	text, err := front.text()
	if err != nil {
		return nil, a, err
	}
	a, err = c.run(ctx, in.Workspace, ask{text + reportedKQL + lookalikesKQL, timespan(in.Hunt, in.Window)})
	if err != nil {
		return nil, a, err
	}
	if len(a.rows) > maxDomains {
		a.partial = join(a.partial, fmt.Sprintf("more than %d Froms were reported; look-alikes among the rest are not found", maxDomains))
	}
	tenant := c.cfg.Tenant()
	for i := range a.rows {
		// What cannot be written into a query is no plain address: the hunt shows it as "other".
		if text := a.row(i).text("FromText"); writable(text) && imitates(text, tenant) {
			domains = append(domains, text)
		}
	}
	return domains, a, nil
}
