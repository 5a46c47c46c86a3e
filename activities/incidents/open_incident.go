package incidents

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/google/uuid"

	"harrier/workflows/soar"
)

// OpenIncident opens the Sentinel incident of an escalated case and comments it
// with the evidence. A repeat finds the incident it opened before, leaves it as
// it is, and adds what is missing. A case that was escalated again opens its incident
// again where somebody closed it.
func (c *Client) OpenIncident(ctx context.Context, in soar.CaseRequest) (soar.Incident, error) {
	opened, err := c.openIncident(ctx, in.Case)
	if err != nil {
		return soar.Incident{}, classify(err, in.Case.Ref, c.config.Now())
	}
	c.config.Logger.Info("incident opened", "case", in.Case.Ref.String(), "incident", opened.ID)
	return opened, nil
}

// incident is what the service keeps; the properties are those Harrier sets or reads.
type incident struct {
	Name       string             `json:"name,omitempty"`
	Etag       string             `json:"etag,omitempty"`
	Properties incidentProperties `json:"properties"`
}

type incidentProperties struct {
	Owner         *owner     `json:"owner,omitempty"`
	Title         string     `json:"title"`
	Description   string     `json:"description,omitempty"`
	Severity      string     `json:"severity"`
	Status        string     `json:"status"`
	Labels        []label    `json:"labels,omitempty"`
	FirstActivity *time.Time `json:"firstActivityTimeUtc,omitempty"`
	LastActivity  *time.Time `json:"lastActivityTimeUtc,omitempty"`
	Number        int        `json:"incidentNumber,omitempty"`
	URL           string     `json:"incidentUrl,omitempty"`
}

type label struct {
	Name string `json:"labelName"`
	Type string `json:"labelType"`
}

// owner is who an incident is assigned to.
type owner struct {
	ObjectID string `json:"objectId"`
}

type comment struct {
	Properties struct {
		Message string `json:"message"`
	} `json:"properties"`
}

// incidentID is the same for every attempt of one case, and another for the
// next case of the sender.
func incidentID(c soar.Case) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("harrier:incident:"+c.Ref.String()+":"+c.Opened.UTC().Format(time.RFC3339Nano))).String()
}

// commentID is the same for every attempt of one decision, and another for the next
// escalation of the case.
func commentID(incident string, k soar.Case) string {
	name := "harrier:comment:" + incident
	if d := k.Decision; d != nil && d.Click != "" {
		name += ":" + d.Click
	}
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(name)).String()
}

func (c *Client) openIncident(ctx context.Context, k soar.Case) (soar.Incident, error) {
	id := incidentID(k)
	path := c.incident(id)
	card := c.config.CardURL(ctx, k.Card)
	comments := path + "/comments/" + commentID(id, k)
	wanted := incident{Properties: properties(k, card)}
	wanted.Properties.Owner = c.owner(k)
	kept, unassigned, err := c.create(ctx, path, wanted)
	closed := ""
	if conflict(err) {
		// Without its etag an incident that exists is refused: an earlier attempt
		// made it. One that cannot be read yet is a conflict still, for later.
		if read := c.get(ctx, path, &kept); !has(read, http.StatusNotFound) {
			err = read
		}
		if err == nil && kept.Properties.Status == statusClosed {
			closed, err = c.openAgain(ctx, path, comments)
		}
	}
	if err != nil {
		return soar.Incident{}, err
	}
	var note comment
	note.Properties.Message = evidence(k, card)
	err = c.put(ctx, comments, note, &note)
	if err != nil && !conflict(err) {
		return soar.Incident{}, err
	}
	alerts, err := c.relate(ctx, id, k.Finding.Exposure.SentinelAlerts)
	if err != nil {
		return soar.Incident{}, err
	}
	missing := slices.DeleteFunc([]string{unassigned, closed, alerts}, func(s string) bool { return s == "" })
	return soar.Incident{
		ID: id, Number: kept.Properties.Number, URL: c.link(id, kept.Properties.URL), Missing: strings.Join(missing, "; "), Closed: closed != "",
	}, nil
}

// create makes the incident, without its owner where the service does not take that one.
func (c *Client) create(ctx context.Context, path string, wanted incident) (kept incident, unassigned string, err error) {
	err = c.put(ctx, path, wanted, &kept)
	if has(err, http.StatusBadRequest) && wanted.Properties.Owner != nil {
		// Somebody who has left must not cost the incident.
		unassigned = "it is assigned to nobody: Sentinel did not take the owner " + wanted.Properties.Owner.ObjectID
		wanted.Properties.Owner = nil
		err = c.put(ctx, path, wanted, &kept)
	}
	return kept, unassigned, err
}

// owner is who escalated the case, where their object id is known, else the configured one.
func (c *Client) owner(k soar.Case) *owner {
	id := c.config.Owner
	if d := k.Decision; d != nil && c.config.Owners[d.By.ID] != "" {
		id = c.config.Owners[d.By.ID]
	}
	if id == "" {
		return nil
	}
	return &owner{ObjectID: id}
}

func conflict(err error) bool { return has(err, http.StatusConflict, http.StatusPreconditionFailed) }

// has says that the error is an answer with one of the statuses.
func has(err error, statuses ...int) bool {
	var response *azcore.ResponseError
	return errors.As(err, &response) && slices.Contains(statuses, response.StatusCode)
}

// link is the incident in the portal.
func (c *Client) link(id, given string) string {
	if given != "" {
		return given
	}
	return strings.TrimSuffix(c.config.PortalURL, "/") + "/#asset/Microsoft_Azure_Security_Insights/Incident" + c.incident(url.PathEscape(id))
}

func (c *Client) put(ctx context.Context, path string, in, out any) error {
	request, err := c.request(ctx, http.MethodPut, path)
	if err != nil {
		return err
	}
	if err := runtime.MarshalAsJSON(request, in); err != nil {
		return fmt.Errorf("build request: %w", err)
	}
	return c.send(request, out)
}

func (c *Client) get(ctx context.Context, path string, out any) error {
	request, err := c.request(ctx, http.MethodGet, path)
	if err != nil {
		return err
	}
	return c.send(request, out)
}

func (c *Client) request(ctx context.Context, method, path string) (*policy.Request, error) {
	request, err := runtime.NewRequest(ctx, method, runtime.JoinPaths(c.arm.Endpoint(), path))
	if err != nil {
		return nil, fmt.Errorf("build request: %w", err)
	}
	query := request.Raw().URL.Query()
	query.Set("api-version", APIVersion)
	request.Raw().URL.RawQuery = query.Encode()
	return request, nil
}

func (c *Client) send(request *policy.Request, out any) error {
	response, err := c.arm.Pipeline().Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if !runtime.HasStatusCode(response, http.StatusOK, http.StatusCreated) {
		return runtime.NewResponseError(response)
	}
	return runtime.UnmarshalAsJSON(response, out)
}
