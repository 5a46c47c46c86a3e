package loganalytics

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"harrier/workflows/soar"
)

// QueryExposure reads who can be hurt by each group of messages, in one query.
// A group that nothing is known of, or all of them when the service returned
// only a part, is not Known.
func (c *Client) QueryExposure(ctx context.Context, in soar.ExposureRequest) (soar.ExposureSet, error) {
	set, err := c.queryExposure(ctx, in)
	return set, c.classify(ctx, operation("exposure", in.Run.Hunt.Slug), err)
}

func (c *Client) queryExposure(ctx context.Context, in soar.ExposureRequest) (soar.ExposureSet, error) {
	out := soar.ExposureSet{Exposure: make([]soar.Exposure, len(in.Messages))}
	asked, err := askedGroups(in.Messages)
	if err != nil || asked == "" {
		return out, err
	}
	// Clicks, moves and alerts come after the window: the span ends now.
	span := timespan(in.Run.Hunt, in.Run.Window)
	if now := c.cfg.Now().UTC(); now.After(span.To) {
		span = soar.NewWindow(span.From, now.Add(clockSkew))
	}
	a, err := c.run(ctx, in.Run.Workspace, ask{asked + exposureKQL, span})
	if refused, ok := errors.AsType[*azcore.ResponseError](err); ok && refused.StatusCode == http.StatusForbidden {
		// A role of before v0.3.0 does not name this table, and knowing of no alerts of
		// Sentinel is better than knowing of no recipients.
		c.cfg.Logger.Warn("exposure is asked without SecurityAlert; grant the identity query/SecurityAlert/read", "hunt", in.Run.Hunt.Slug)
		a, err = c.run(ctx, in.Run.Workspace, ask{asked + strings.Replace(exposureKQL, withSecurityAlert, "NoSecurityAlerts", 1), span})
	}
	if err != nil {
		return soar.ExposureSet{}, err
	}
	if column := a.missing("Group", "Recipients", "InInbox", "Removed", "Clicked", "Verdicts", "Alerts", "SentinelAlerts", "ClicksKnown", "MovesKnown"); column != "" {
		return soar.ExposureSet{}, fmt.Errorf("%w with column %s", errMalformed, column)
	}
	out.Partial, out.Stats = a.partial, a.stats
	for i := range a.rows {
		r := a.row(i)
		if g := r.number("Group"); g >= 0 && g < len(out.Exposure) {
			out.Exposure[g] = readExposure(r, a.partial == "")
		}
	}
	return fit(in.Run.Hunt.Slug, []int{0}, func(int) soar.ExposureSet { return out })
}

// withSecurityAlert is the one place of the query that reads the table.
const withSecurityAlert = "union isfuzzy=true NoSecurityAlerts, SecurityAlert"

func readExposure(r row, whole bool) soar.Exposure {
	e := soar.Exposure{
		Recipients:     r.number("Recipients"),
		InInbox:        r.number("InInbox"),
		Removed:        r.number("Removed"),
		Clicked:        r.number("Clicked"),
		ClicksKnown:    r.bool("ClicksKnown"),
		MovesKnown:     r.bool("MovesKnown"),
		Alerts:         keep(r.list("Alerts"), 5, maxAddress),
		SentinelAlerts: keep(r.list("SentinelAlerts"), soar.MaxSentinelAlerts, maxAddress),
		LaterVerdict:   cut(strings.Join(r.list("Verdicts"), "; "), maxText),
	}
	e.Known = whole && e.Recipients > 0
	return e
}

// askedGroups is the table of messages by group; empty when there are none.
func askedGroups(groups [][]string) (string, error) {
	var rows []string
	for g, ids := range groups {
		for _, id := range lowered(ids) {
			if !writable(id) || len(rows) >= maxIDs {
				continue
			}
			literal, err := kqlString(id)
			if err != nil {
				return "", err
			}
			rows = append(rows, fmt.Sprintf("%d, %s", g, literal))
		}
	}
	if len(rows) == 0 {
		return "", nil
	}
	return "let Asked = datatable(Group: long, MessageId: string) [\n" + strings.Join(rows, ",\n") + "];\n", nil
}
