package soar

import (
	"fmt"
	"sort"
	"time"
)

// Entry is a learned suppression: what an analyst approved, and the path and
// envelope it was approved on. It ends when any of them changes.
type Entry struct {
	Case   CaseRef   `json:"case"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"`
	Path   string    `json:"path"`
	Scope  Scope     `json:"scope"`
	// The sets hold what the approved mails had, the empty value included: mail
	// that suddenly lacks something differs too.
	P1              []string `json:"p1,omitempty"`
	P2              []string `json:"p2,omitempty"`
	ClientFamilies  []string `json:"client_families,omitempty"`
	IPs             []string `json:"ips,omitempty"`
	URLHosts        []string `json:"url_hosts,omitempty"`
	AttachmentTypes []string `json:"attachment_types,omitempty"`
}

// NewEntry takes path and envelope of an approved case.
func NewEntry(c Case, d Decision, until time.Time) Entry {
	e := Entry{
		Case: c.Ref, By: d.By.Label(), Reason: d.Reason, Since: d.At, Until: until,
		Path: c.Judgement.Path, Scope: c.Finding.Candidate.Scope,
	}
	for _, m := range c.Finding.Evidence.Messages {
		e.P1 = include(e.P1, FoldASCII(m.P1))
		e.P2 = include(e.P2, FoldASCII(m.P2))
		e.ClientFamilies = include(e.ClientFamilies, ClientFamily(m.ClientHost()))
		e.IPs = include(e.IPs, m.IP)
		e.URLHosts = include(e.URLHosts, m.URLHosts...)
		e.AttachmentTypes = include(e.AttachmentTypes, m.AttachmentTypes...)
	}
	return e
}

// Hides says whether the entry hides a sighting, and if not why it ends. A
// guard, a person, or a change of path or envelope always opens the card again.
func (e Entry) Hides(s See) (bool, string) {
	j, f := s.Judgement, s.Finding
	switch {
	case !s.At.Before(e.Until):
		return false, "the approval has lapsed"
	case len(j.Guards) > 0:
		return false, "guard: " + string(j.Guards[0].Guard)
	case f.Profile.IsPerson():
		return false, "the sender is a person or privileged"
	case !f.Evidence.Whole():
		return false, "the evidence is not whole"
	case j.Path != e.Path || f.Candidate.Scope != e.Scope:
		return false, fmt.Sprintf("path changed from %s to %s", e.Path, j.Path)
	}
	for _, m := range f.Evidence.Messages {
		if why := e.differs(m); why != "" {
			return false, why
		}
	}
	return true, ""
}

func (e Entry) differs(m Message) string {
	for _, c := range []struct {
		what        string
		set, values []string
	}{
		{"envelope sender", e.P1, []string{FoldASCII(m.P1)}},
		{"From", e.P2, []string{FoldASCII(m.P2)}},
		{"sending client", e.ClientFamilies, []string{ClientFamily(m.ClientHost())}},
		{"IP", e.IPs, []string{m.IP}},
		{"URL host", e.URLHosts, m.URLHosts},
		{"attachment type", e.AttachmentTypes, m.AttachmentTypes},
	} {
		for _, v := range c.values {
			if !contains(c.set, v) {
				return fmt.Sprintf("new %s %q", c.what, v)
			}
		}
	}
	return ""
}

func (e Entry) describe() string {
	return "approved by " + e.By + " until " + e.Until.UTC().Format(time.DateOnly) + ": " + e.Reason
}

// include adds values to a sorted set, the empty one too.
func include(set []string, values ...string) []string {
	for _, v := range values {
		if !contains(set, v) {
			set = append(set, v)
		}
	}
	sort.Strings(set)
	return set
}
