package incidents

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"
)

// relation is an alert of an incident. With an alert come its entities and its tactics:
// an incident takes neither by itself.
type relation struct {
	Properties struct {
		RelatedResourceID string `json:"relatedResourceId"`
	} `json:"properties"`
}

// relate adds alerts to an incident, by their SystemAlertId. An incident without one of
// them is an incident all the same: missing says which were refused and why. Only what a
// later attempt may mend is an error.
// https://learn.microsoft.com/azure/sentinel/relate-alerts-to-incidents
func (c *Client) relate(ctx context.Context, incident string, alerts []string) (missing string, err error) {
	var refused []string
	for _, alert := range alerts {
		if len(alert) != len(uuid.UUID{}.String()) || uuid.Validate(alert) != nil {
			continue
		}
		var r relation
		r.Properties.RelatedResourceID = c.config.insights() + "entities/" + alert
		err := c.put(ctx, c.incident(incident)+"/relations/"+incident+"_"+alert, r, &r)
		switch {
		case err == nil || conflict(err) || exists(err):
		case has(err, http.StatusForbidden):
			// The same permission is missing for all of them.
			return "alerts were not related: give the application Microsoft.SecurityInsights/incidents/relations/write", nil
		case has(err, http.StatusBadRequest, http.StatusNotFound) || attempt(ctx) >= relateTries:
			refused = append(refused, alert)
		default:
			return "", err
		}
	}
	if len(refused) == 0 {
		return "", nil
	}
	return fmt.Sprintf("%d of %d alerts were not taken into it: %s", len(refused), len(alerts), strings.Join(refused, ", ")), nil
}

// relateTries is how often alerts are tried before an incident without them is enough.
const relateTries = 4

// attempt is the number of the activity's try; 1 outside of an activity.
func attempt(ctx context.Context) int32 {
	if !activity.IsActivity(ctx) {
		return 1
	}
	return activity.GetInfo(ctx).Attempt
}

// exists says that the alert is in the incident already, by whoever's hand.
func exists(err error) bool {
	response, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && response.StatusCode == http.StatusBadRequest && strings.Contains(response.Error(), "already exists in incident")
}
