package soar

import (
	"fmt"
	"sort"
	"time"
)

// Entry is a learned suppression: what an analyst approved, and the path and
// envelope it was approved on. It ends when any of them changes, or when mail
// reaches somebody new.
type Entry struct {
	Case   CaseRef   `json:"case"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"`
	Path   string    `json:"path"`
	// Policy is the version of the policy it was made under.
	Policy int   `json:"policy,omitempty"`
	Scope  Scope `json:"scope"`
	// The sets hold what the approved mails had, the empty value included: mail
	// that suddenly lacks something differs too.
	P1              []string `json:"p1,omitempty"`
	P2              []string `json:"p2,omitempty"`
	ClientFamilies  []string `json:"client_families,omitempty"`
	IPs             []string `json:"ips,omitempty"`
	URLHosts        []string `json:"url_hosts,omitempty"`
	AttachmentTypes []string `json:"attachment_types,omitempty"`
	// Recipients are everybody the approved mails went to, none when that is not
	// known by name or more than MaxEntryRecipients: the sender's past decides then.
	Recipients []string `json:"recipients,omitempty"`
	// ShapeOnly says that it was approved for a person or a privileged account: it hides
	// mail of one of Shapes, to Recipients alone, for at most ShapeKept.
	ShapeOnly bool    `json:"shape_only,omitempty"`
	Shapes    []Shape `json:"shapes,omitempty"`
	// Second is who confirmed the approval with By.
	Second string `json:"second,omitempty"`
	// Hid are the hunts whose findings it hid, each with the span of their windows.
	Hid []Hid `json:"hid,omitempty"`
}

// Hid is what an entry hid of one hunt: whatever it found of the sender in Window.
type Hid struct {
	Hunt   string `json:"hunt"` // slug
	Window Window `json:"window"`
}

// maxHid bounds the hunts that an entry remembers.
const maxHid = 20

// hid notes that the entry hid a sighting, so that it can be said where to look when the
// approval turns out to be wrong.
func (e *Entry) hid(in See) {
	for i := range e.Hid {
		if h := &e.Hid[i]; h.Hunt == in.Hunt {
			if in.Window.From.Before(h.Window.From) {
				h.Window.From = in.Window.From
			}
			if in.Window.To.After(h.Window.To) {
				h.Window.To = in.Window.To
			}
			return
		}
	}
	e.Hid = keepLast(append(e.Hid, Hid{in.Hunt, in.Window}), maxHid)
}

// MaxEntryRecipients bounds the recipients that an entry keeps in a case's state.
const MaxEntryRecipients = 200

// NewEntry takes path and envelope of an approved case, and of a person's the shapes.
func NewEntry(c Case, d Decision, until time.Time) Entry {
	e := Entry{
		Case: c.Ref, By: d.By.Label(), Reason: d.Reason, Since: d.At, Until: until,
		Policy: c.Policy.Version, Path: c.Judgement.Path, Scope: c.Finding.Candidate.Scope,
	}
	for _, m := range c.Finding.Evidence.Messages {
		e.P1 = include(e.P1, FoldASCII(m.P1))
		e.P2 = include(e.P2, FoldASCII(m.P2))
		e.ClientFamilies = include(e.ClientFamilies, ClientFamily(m.ClientHost()))
		e.IPs = include(e.IPs, m.IP)
		e.URLHosts = include(e.URLHosts, m.URLHosts...)
		e.AttachmentTypes = include(e.AttachmentTypes, m.AttachmentTypes...)
	}
	e.Recipients = recipientsOf(c.Finding.Evidence.Messages)
	if d.Second != nil {
		e.Second = d.Second.Label()
	}
	if c.Finding.Profile.IsPerson() {
		e.ShapeOnly, e.Shapes = true, shapesOf(c.Finding.Evidence.Messages)
		if latest := e.Since.Add(ShapeKept); e.Until.After(latest) {
			e.Until = latest
		}
	}
	return e
}

func recipientsOf(messages []Message) []string {
	var out []string
	for _, m := range messages {
		for _, r := range m.Recipients {
			out = include(out, FoldASCII(r))
		}
		if m.RecipientCount > len(m.Recipients) || len(out) > MaxEntryRecipients {
			return nil
		}
	}
	return out
}

// Hides says whether the entry hides a sighting, and if not why it ends. A
// guard, or a change of path or envelope always opens the card again. Mail of a
// person is hidden by the shape alone, and never where the case would be HIGH.
func (e Entry) Hides(s See) (bool, string) {
	j, f := s.Judgement, s.Finding
	guard, held := e.heldBy(j.Guards)
	switch {
	case !s.At.Before(e.Until):
		return false, "the approval has lapsed"
	case held:
		return false, "guard: " + string(guard)
	case f.Profile.IsPerson() && !e.ShapeOnly:
		return false, "the sender is a person or privileged"
	case e.ShapeOnly && j.Severity == SeverityHigh:
		return false, "it is HIGH now"
	case !f.Evidence.Whole():
		return false, "the evidence is not whole"
	case j.Path != e.Path || f.Candidate.Scope != e.Scope:
		return false, fmt.Sprintf("path changed from %s to %s", e.Path, j.Path)
	}
	for _, m := range f.Evidence.Messages {
		if why := e.differs(m); why != "" {
			return false, why
		}
		if why := e.newReaders(m, f.Past); why != "" {
			return false, why
		}
		if e.ShapeOnly && !hasShape(e.Shapes, ShapeOf(m)) {
			return false, "its subject, links or files have another shape"
		}
	}
	return true, ""
}

// heldBy is the first guard that the entry does not speak of. One for a person or a
// privileged account was made in the knowledge of what the sender is.
func (e Entry) heldBy(hits []GuardHit) (Guard, bool) {
	for _, h := range hits {
		if !e.ShapeOnly || h.Guard != GuardPerson {
			return h.Guard, true
		}
	}
	return "", false
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

// newReaders says that a mail reached people whom neither the approval nor the
// sender's own past knows. A person writes to everybody: their past allows nobody.
func (e Entry) newReaders(m Message, past Past) string {
	switch {
	case m.NewRecipients > 0:
		return fmt.Sprintf("new recipients: %d", m.NewRecipients)
	case past.Known && !e.ShapeOnly:
		return ""
	case m.RecipientCount > len(m.Recipients):
		return "recipients are not all known"
	}
	for _, r := range m.Recipients {
		if !contains(e.Recipients, FoldASCII(r)) {
			return "recipients that the approved mails had not"
		}
	}
	return ""
}

func (e Entry) describe() string {
	by := e.By
	if e.Second != "" {
		by += " and " + e.Second
	}
	return "approved by " + by + " until " + e.Until.UTC().Format(time.DateOnly) + ": " + e.Reason
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
