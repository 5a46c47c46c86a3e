package defender

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"harrier/workflows/soar"
)

// Tag marks the incidents that a case was escalated for.
const Tag = "harrier"

// maxComment is how much of a comment Harrier writes, in characters; Graph takes 1,000
// (https://learn.microsoft.com/graph/api/resources/security-alertcomment).
const maxComment = 1000

// NoteDefender comments on and tags an incident that has one of the case's alerts: of
// several the gravest that somebody may still be working on. A case without an alert
// returns no incident and no error. A repeat finds its comment and changes nothing; a
// case that is escalated again comments again.
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

// incident: https://learn.microsoft.com/graph/api/resources/security-incident
type incident struct {
	ID         string    `json:"id,omitempty"`
	Status     string    `json:"status,omitempty"`
	Severity   string    `json:"severity,omitempty"`
	RedirectTo string    `json:"redirectIncidentId,omitempty"`
	WebURL     string    `json:"incidentWebUrl,omitempty"`
	CustomTags []string  `json:"customTags"`
	Comments   []comment `json:"comments,omitempty"`
}

type comment struct {
	Type    string `json:"@odata.type,omitempty"`
	Comment string `json:"comment"`
}

func (c *Client) note(ctx context.Context, k soar.Case) (soar.Incident, error) {
	found, err := c.incidentOf(ctx, k.Finding.Exposure.Alerts)
	if err != nil || found.ID == "" {
		return soar.Incident{}, err
	}
	path := incidentPath(found.ID)
	told := slices.ContainsFunc(found.Comments, func(m comment) bool { return strings.HasPrefix(m.Comment, head(k)) })
	if !told {
		body := comment{Type: "microsoft.graph.security.alertComment", Comment: text(k, c.config.CardURL(ctx, k.Card))}
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
	return soar.Incident{ID: found.ID, URL: found.WebURL, Closed: !found.open(), Severity: severities[found.Severity]}, nil
}

func incidentPath(id string) string { return "/security/incidents/" + url.PathEscape(id) }

// open says that somebody may be working on it; of a state that is not known nobody is.
func (i incident) open() bool {
	return i.Status == "active" || i.Status == "inProgress" || i.Status == "awaitingAction"
}

// severities are Graph's words; "informational" and "unknown" are none of a case.
var severities = map[string]soar.Severity{"high": soar.SeverityHigh, "medium": soar.SeverityMedium, "low": soar.SeverityLow}

// before says that an incident is rather commented on than another: an open one, then the
// graver one.
func (i incident) before(other incident) bool {
	if i.open() != other.open() {
		return i.open()
	}
	grade := func(s string) int { return slices.Index([]string{"low", "medium", "high"}, s) }
	return grade(i.Severity) > grade(other.Severity)
}

// incidentOf is the gravest incident of the alerts that is open, else one that is not. An
// alert that is gone has none.
func (c *Client) incidentOf(ctx context.Context, alerts []string) (incident, error) {
	var best incident
	for _, id := range alerts {
		var a alert
		err := c.call(ctx, http.MethodGet, "/security/alerts_v2/"+url.PathEscape(id), nil, &a)
		if isNotFound(err) || err == nil && a.IncidentID == "" {
			continue
		}
		if err != nil {
			return incident{}, err
		}
		switch found, err := c.follow(ctx, a.IncidentID); {
		case isNotFound(err):
		case err != nil:
			return incident{}, err
		case best.ID == "" || found.before(best):
			best = found
		}
	}
	return best, nil
}

// maxRedirects bounds how often an incident was merged into another one.
const maxRedirects = 5

// follow reads an incident, or the one it was merged into.
func (c *Client) follow(ctx context.Context, id string) (found incident, err error) {
	for range maxRedirects {
		found = incident{}
		if err := c.call(ctx, http.MethodGet, incidentPath(id), nil, &found); err != nil {
			return incident{}, err
		}
		if found.Status != "redirected" || found.RedirectTo == "" {
			break
		}
		id = found.RedirectTo
	}
	return found, nil
}

// head begins the comment of an escalation of a case, and of no other.
func head(k soar.Case) string {
	name := "Harrier case " + k.Ref.String()
	if d := k.Decision; d != nil && !d.At.IsZero() {
		name += ", decision of " + d.At.UTC().Format("2006-01-02 15:04:05 MST")
	}
	return name + " ("
}

// text is the comment: the case, who escalated it and why, the sender, and its card.
func text(k soar.Case, card string) string {
	why := ""
	if d := k.Decision; d != nil {
		why = d.String()
		if d.Reason != "" {
			why += ": " + d.Reason
		}
	}
	counts := k.Finding.Candidate.Counts
	out := head(k) + fmt.Sprintf("%s, %s) %s. Sender %s, %d phish reports, %d clicked.", k.Judgement.Severity, k.Judgement.Headline,
		why, k.Finding.Sender(), counts.Phish, k.Finding.Exposure.Clicked)
	links := ""
	if i := k.Incident; i != nil && i.URL != "" {
		links += " Sentinel incident: " + i.URL
	}
	if card != "" {
		links += " Card: " + card
	}
	if runes, room := []rune(out), maxComment-utf8.RuneCountInString(links); len(runes) > room {
		out = string(runes[:room-1]) + "…"
	}
	return out + links
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
