package loganalytics

import (
	"context"
	"fmt"

	"harrier/workflows/soar"
)

// maxDomains is the take of lookalikes.kql less the one row that shows a cut.
const maxDomains = 5000

// lookalikes lists the From domains of the window's reported Inbound mail that
// imitate an accepted domain. KQL cannot compare letters that look alike, so
// the domains are judged here and go into the hunt as a parameter.
func (c *Client) lookalikes(ctx context.Context, in soar.HuntRun) (domains []string, partial string, err error) {
	var front lets
	reportedLets(&front, in)
	text, err := front.text()
	if err != nil {
		return nil, "", err
	}
	a, err := c.run(ctx, ask{text + reportedKQL + lookalikesKQL, timespan(in.Hunt, in.Window)})
	if err != nil {
		return nil, "", err
	}
	if len(a.rows) > maxDomains {
		a.partial = join(a.partial, fmt.Sprintf("more than %d From domains were reported; look-alikes among the rest are not found", maxDomains))
	}
	accepted := lowered(c.cfg.Tenant().AcceptedDomains)
	for i := range a.rows {
		domain := a.row(i).text("FromDomain")
		if _, _, ok := soar.Lookalike(domain, accepted); ok && writable(domain) {
			domains = append(domains, domain)
		}
	}
	return domains, a.partial, nil
}
