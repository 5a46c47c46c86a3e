package defender

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"harrier/workflows/soar"
)

// Tag marks the incidents that a case was escalated for.
const Tag = "harrier"

// maxComment is how much of a comment Harrier writes, in characters; Graph takes 1,000
// (https://learn.microsoft.com/graph/api/resources/security-alertcomment).
const maxComment = 1000

// NoteDefender comments on and tags the incident of the first of the case's alerts
// that has one. A case without an alert returns no incident and no error. A repeat
// finds its comment and changes nothing.
func (c *Client) NoteDefender(ctx context.Context, in soar.CaseRequest) (soar.Incident, error) {
	noted, err := c.note(ctx, in.Case)
	if err == nil && noted.ID != "" {
		c.config.Logger.Info("defender incident commented", "case", in.Case.Ref.String(), "incident", noted.ID)
	}
	return noted, c.classify("comment on the Defender incident of "+in.Case.Ref.String(), err)
}

type alert struct {
	IncidentID     string `json:"incidentId"`
	IncidentWebURL string `json:"incidentWebUrl"`
}

type incident struct {
	ID         string    `json:"id,omitempty"`
	WebURL     string    `json:"incidentWebUrl,omitempty"`
	CustomTags []string  `json:"customTags"`
	Comments   []comment `json:"comments,omitempty"`
}

type comment struct {
	Type    string `json:"@odata.type,omitempty"`
	Comment string `json:"comment"`
}

func (c *Client) note(ctx context.Context, k soar.Case) (soar.Incident, error) {
	id, err := c.incidentOf(ctx, k.Finding.Exposure.Alerts)
	if err != nil || id == "" {
		return soar.Incident{}, err
	}
	path := "/security/incidents/" + url.PathEscape(id)
	var found incident
	if err := c.call(ctx, http.MethodGet, path, nil, &found); err != nil {
		return soar.Incident{}, err
	}
	told := slices.ContainsFunc(found.Comments, func(m comment) bool { return strings.Contains(m.Comment, k.Ref.String()) })
	if !told {
		body := comment{Type: "microsoft.graph.security.alertComment", Comment: text(k)}
		if err := c.call(ctx, http.MethodPost, path+"/comments", body, nil); err != nil {
			return soar.Incident{}, err
		}
	}
	if !slices.Contains(found.CustomTags, Tag) {
		tags := map[string][]string{"customTags": append(found.CustomTags, Tag)}
		if err := c.call(ctx, http.MethodPatch, path, tags, nil); err != nil {
			return soar.Incident{}, err
		}
	}
	return soar.Incident{ID: id, URL: found.WebURL}, nil
}

// incidentOf is the incident of the first alert that has one. An alert that is gone
// has none.
func (c *Client) incidentOf(ctx context.Context, alerts []string) (string, error) {
	for _, id := range alerts {
		var a alert
		err := c.call(ctx, http.MethodGet, "/security/alerts_v2/"+url.PathEscape(id), nil, &a)
		if isNotFound(err) {
			continue
		}
		if err != nil || a.IncidentID != "" {
			return a.IncidentID, err
		}
	}
	return "", nil
}

// text is the comment: the case, who escalated it and why, and the sender.
func text(k soar.Case) string {
	why := ""
	if d := k.Decision; d != nil {
		why = d.String()
		if d.Reason != "" {
			why += ": " + d.Reason
		}
	}
	counts := k.Finding.Candidate.Counts
	out := fmt.Sprintf("Harrier case %s (%s, %s) %s. Sender %s, %d phish reports, %d clicked.", k.Ref, k.Judgement.Severity, k.Judgement.Headline,
		why, k.Finding.Sender(), counts.Phish, k.Finding.Exposure.Clicked)
	if i := k.Incident; i != nil && i.URL != "" {
		out += " Sentinel incident: " + i.URL
	}
	if runes := []rune(out); len(runes) > maxComment {
		out = string(runes[:maxComment-1]) + "…"
	}
	return out
}

func (c *Client) call(ctx context.Context, method, path string, body, answer any) error {
	request, err := runtime.NewRequest(ctx, method, c.config.Endpoint+path)
	if err != nil {
		return err
	}
	if body != nil {
		if err := runtime.MarshalAsJSON(request, body); err != nil {
			return err
		}
	}
	response, err := c.pipeline.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return runtime.NewResponseError(response)
	}
	if answer == nil {
		return nil
	}
	return runtime.UnmarshalAsJSON(response, answer)
}

func isNotFound(err error) bool {
	response, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && response.StatusCode == http.StatusNotFound
}
