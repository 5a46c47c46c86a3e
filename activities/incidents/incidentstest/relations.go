package incidentstest

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
)

// MaxAlerts is how many alerts an incident takes.
// https://learn.microsoft.com/azure/sentinel/relate-alerts-to-incidents
const MaxAlerts = 150

// putRelation adds an alert to an incident. The refusals are the documented ones.
func (s *Server) putRelation(t target, body io.Reader) answer {
	kept := s.find(t.incident)
	if kept == nil {
		return failed(http.StatusNotFound, "NotFound", "Incident doesn't exist.")
	}
	var in document
	if err := json.NewDecoder(body).Decode(&in); err != nil {
		return failed(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid.")
	}
	related := text(in, "relatedResourceId")
	workspace, _, _ := strings.Cut(strings.ToLower(t.path), "/incidents/")
	id, ok := strings.CutPrefix(strings.ToLower(related), workspace+"/entities/")
	alert, known := s.config.Alerts[id]
	refuse := func(why string) answer {
		return failed(http.StatusBadRequest, "BadRequest", "Failed to create relation. "+why)
	}
	switch {
	case !ok:
		return refuse("Related resource and incident should belong to the same workspace.")
	case !known:
		return failed(http.StatusNotFound, "NotFound", "Resource '"+id+"' does not exist.")
	case alert.Defender:
		return refuse("Microsoft 365 Defender alerts cannot be added to Microsoft 365 Defender incidents.")
	case slices.Contains(kept.Alerts, id):
		return refuse("Alert " + id + " already exists in incident " + t.incident + ".")
	case len(kept.Alerts) >= MaxAlerts:
		return refuse("The incident has the most alerts it can have.")
	}
	kept.Alerts = append(kept.Alerts, id)
	return answer{status: http.StatusCreated, body: map[string]any{
		"id": t.path, "name": t.relation, "type": "Microsoft.SecurityInsights/incidents/relations",
		"properties": map[string]any{"relatedResourceId": related, "relatedResourceType": "Microsoft.SecurityInsights/entities", "relatedResourceKind": "SecurityAlert"},
	}}
}

// tactics of an incident are those of its alerts.
func (s *Server) tactics(kept *Incident) []string {
	out := []string{}
	for _, id := range kept.Alerts {
		for _, t := range s.config.Alerts[id].Tactics {
			if !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// Entities are what the portal shows of an incident: those of its alerts.
func (s *Server) Entities(incident string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	if kept := s.find(incident); kept != nil {
		for _, id := range kept.Alerts {
			out = append(out, s.config.Alerts[id].Entities...)
		}
	}
	return out
}
