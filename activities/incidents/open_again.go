package incidents

import (
	"context"
	"encoding/json"
	"net/http"
)

// Words for an incident's status.
const (
	statusActive = "Active"
	statusClosed = "Closed"
)

// whole is an incident with everything the service tells of it, so that a change sends
// back what it does not change.
type whole struct {
	Etag       string                     `json:"etag,omitempty"`
	Properties map[string]json.RawMessage `json:"properties"`
}

// openAgain makes a closed incident active, unless this decision's comment is on it
// already: then somebody closed it knowing of the decision. It comes before the comment,
// so that an attempt that fails in between is made up for. missing says why it was refused.
func (c *Client) openAgain(ctx context.Context, path, comment string) (missing string, err error) {
	var told json.RawMessage
	if err := c.get(ctx, comment, &told); !has(err, http.StatusNotFound) {
		return "", err
	}
	kept := whole{Properties: map[string]json.RawMessage{}}
	if err := c.get(ctx, path, &kept); err != nil {
		return "", err
	}
	kept.Properties["status"] = json.RawMessage(`"` + statusActive + `"`)
	for _, verdict := range []string{"classification", "classificationReason", "classificationComment"} {
		delete(kept.Properties, verdict)
	}
	err = c.put(ctx, path, kept, &told)
	switch {
	case conflict(err):
		return "it is closed, and somebody changed it while it was being opened again: open it in the portal", nil
	case has(err, http.StatusBadRequest, http.StatusForbidden):
		return "it is closed, and Sentinel refused to open it again: open it in the portal", nil
	}
	return "", err
}
