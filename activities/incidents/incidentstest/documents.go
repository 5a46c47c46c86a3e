package incidentstest

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
)

// document is a resource as it is put: a body with properties and, for a
// change, the etag of what is changed.
type document struct {
	Etag       string         `json:"etag"`
	Properties map[string]any `json:"properties"`
}

// MaxComment is how many characters a comment may have.
// https://learn.microsoft.com/en-us/azure/sentinel/sentinel-service-limits
const MaxComment = 30000

func (s *Server) getIncident(t target) answer {
	kept := s.find(t.incident)
	if kept == nil {
		return failed(http.StatusNotFound, "NotFound", "Incident '"+t.incident+"' does not exist.")
	}
	return answer{status: http.StatusOK, body: s.render(t, kept)}
}

func (s *Server) putIncident(t target, body io.Reader) answer {
	if uuid.Validate(t.incident) != nil {
		return failed(http.StatusBadRequest, "BadRequest", "The incident id has to be a GUID.")
	}
	var in document
	if err := json.NewDecoder(body).Decode(&in); err != nil {
		return failed(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid.")
	}
	title, severity, status := text(in, "title"), text(in, "severity"), text(in, "status")
	if title == "" || !slices.Contains([]string{"High", "Medium", "Low", "Informational"}, severity) ||
		!slices.Contains([]string{"New", "Active", "Closed"}, status) {
		return failed(http.StatusBadRequest, "BadRequest", "Title, severity and status are required.")
	}
	kept, code := s.find(t.incident), http.StatusOK
	if owner, _ := in.Properties["owner"].(map[string]any); owner != nil && owner["objectId"] != nil {
		id, _ := owner["objectId"].(string)
		if uuid.Validate(id) != nil || s.config.Owners != nil && !s.config.Owners(id) {
			return failed(http.StatusBadRequest, "BadRequest", "The owner '"+id+"' is not known.")
		}
	}
	// What the service works out by itself it takes from nobody.
	for _, name := range []string{"additionalData", "incidentNumber", "incidentUrl", "createdTimeUtc"} {
		delete(in.Properties, name)
	}
	switch {
	case kept == nil:
		kept, code = &Incident{ID: t.incident, Number: len(s.incidents) + 1, Created: s.config.Now().UTC()}, http.StatusCreated
		s.incidents = append(s.incidents, kept)
	case in.Etag != kept.Etag:
		return failed(http.StatusConflict, "Conflict", "Newer instance of the incident exists: give its etag.")
	}
	kept.Title, kept.Severity, kept.Status, kept.Properties, kept.Etag = title, severity, status, in.Properties, newEtag()
	return answer{status: code, body: s.render(t, kept)}
}

func (s *Server) render(t target, kept *Incident) map[string]any {
	properties := map[string]any{}
	for name, value := range kept.Properties {
		properties[name] = value
	}
	if properties["owner"] == nil {
		properties["owner"] = map[string]any{"objectId": nil, "email": nil, "assignedTo": nil, "userPrincipalName": nil}
	}
	properties["incidentNumber"] = kept.Number
	properties["incidentUrl"] = "https://portal.azure.com/#asset/Microsoft_Azure_Security_Insights/Incident" + t.path
	properties["additionalData"] = map[string]any{"alertsCount": len(kept.Alerts), "commentsCount": len(kept.Comments), "tactics": s.tactics(kept)}
	properties["createdTimeUtc"] = kept.Created.Format(time.RFC3339)
	return map[string]any{
		"id": t.path, "name": kept.ID, "etag": kept.Etag,
		"type": "Microsoft.SecurityInsights/incidents", "properties": properties,
	}
}

func (s *Server) getComment(t target) answer {
	if kept := s.find(t.incident); kept != nil {
		for _, c := range kept.Comments {
			if c.ID == t.comment {
				return answer{status: http.StatusOK, body: renderComment(t, c)}
			}
		}
	}
	return failed(http.StatusNotFound, "NotFound", "Comment '"+t.comment+"' does not exist.")
}

func (s *Server) putComment(t target, body io.Reader) answer {
	kept := s.find(t.incident)
	if kept == nil {
		return failed(http.StatusNotFound, "NotFound", "Incident '"+t.incident+"' does not exist.")
	}
	var in document
	if err := json.NewDecoder(body).Decode(&in); err != nil {
		return failed(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid.")
	}
	message := text(in, "message")
	if message == "" || len([]rune(message)) > MaxComment {
		return failed(http.StatusBadRequest, "BadRequest", "A comment has 1 to 30000 characters.")
	}
	if slices.ContainsFunc(kept.Comments, func(c Comment) bool { return c.ID == t.comment }) {
		return failed(http.StatusConflict, "Conflict", "The comment exists: give its etag.")
	}
	c := Comment{ID: t.comment, Message: message, Created: s.config.Now().UTC()}
	kept.Comments = append(kept.Comments, c)
	return answer{status: http.StatusCreated, body: renderComment(t, c)}
}

func renderComment(t target, c Comment) map[string]any {
	return map[string]any{
		"id": t.path, "name": c.ID, "type": "Microsoft.SecurityInsights/incidents/comments",
		"properties": map[string]any{"message": c.Message, "createdTimeUtc": c.Created.Format(time.RFC3339)},
	}
}

func text(d document, property string) string {
	s, _ := d.Properties[property].(string)
	return s
}
