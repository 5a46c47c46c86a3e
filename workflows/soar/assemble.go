package soar

import (
	"slices"
	"time"
)

// Assemble joins a run's candidates with their evidence into findings. Null
// senders are split, one finding a message: mails with no sender have nothing
// in common. Counts the query did not give are taken from the evidence.
func Assemble(run HuntRun, candidates []Candidate, evidence []Evidence) []Finding {
	var out []Finding
	for i, c := range candidates {
		ev := Evidence{Missing: "no evidence was returned for this sender"}
		if i < len(evidence) {
			ev = evidence[i]
		}
		for _, part := range splitNullSender(c, ev) {
			part.Hunt, part.Window = run.Hunt.Slug, run.Window
			part.Candidate.Counts = recount(part.Candidate.Counts, part.Evidence)
			out = append(out, part)
		}
	}
	return out
}

func splitNullSender(c Candidate, ev Evidence) []Finding {
	if !IsNullSender(c.Sender) {
		return []Finding{{Candidate: c, Evidence: ev}}
	}
	shown := map[string]bool{}
	var out []Finding
	for _, m := range ev.Messages {
		shown[m.NetworkMessageID] = true
		out = append(out, alone(c, m.NetworkMessageID, Evidence{Messages: []Message{m}, Total: 1, Missing: ev.Missing}))
	}
	for _, id := range c.Messages {
		if !shown[id] {
			shown[id] = true
			out = append(out, alone(c, id, Evidence{Total: 1, Missing: "the mail's evidence was not returned"}))
		}
	}
	// What has no id of its own is one finding, so that it is not lost.
	if rest := ev.Total - len(out); rest > 0 || len(out) == 0 {
		one := c
		one.Messages = nil
		out = append(out, Finding{Candidate: one, Evidence: Evidence{Total: max(rest, 1), Missing: "more mails without a sender than a run shows"}})
	}
	return out
}

func alone(c Candidate, id string, ev Evidence) Finding {
	c.Counts, c.Messages = Counts{}, []string{id}
	return Finding{Candidate: c, Evidence: ev}
}

func recount(c Counts, ev Evidence) Counts {
	var phish, spam, simulations int
	var reporters []string
	for _, m := range ev.Messages {
		phish, spam, simulations = phish+m.Phish, spam+m.Spam, simulations+m.Simulations
		reporters = addAll(reporters, m.Reporters...)
	}
	if c.Phish+c.Spam+c.Simulations == 0 {
		c.Phish, c.Spam, c.Simulations = phish, spam, simulations
	}
	c.Reporters = max(c.Reporters, len(reporters))
	c.Messages = max(c.Messages, ev.Total)
	if c.Submissions == 0 {
		c.Submissions = phish + spam
	}
	return c
}

// MessageIDs lists a finding's messages, from the query and from the evidence.
func (f Finding) MessageIDs() []string {
	ids := slices.Clone(f.Candidate.Messages)
	for _, m := range f.Evidence.Messages {
		if !slices.Contains(ids, m.NetworkMessageID) {
			ids = append(ids, m.NetworkMessageID)
		}
	}
	return ids
}

// FirstReported is the time of the earliest mail of the evidence, reported or of
// a burst, the window's start when no mail is known: the sender's past ends there.
func (f Finding) FirstReported() time.Time {
	first := time.Time{}
	for _, m := range f.Evidence.Messages {
		if !m.Time.IsZero() && (first.IsZero() || m.Time.Before(first)) {
			first = m.Time
		}
	}
	if first.IsZero() {
		return f.Window.From
	}
	return first
}

// Sender is the address a person should read: the From of the newest mail, or
// what the query returned.
func (f Finding) Sender() string {
	if f.Candidate.SenderIs == P1 && len(f.Evidence.Messages) > 0 {
		if p2 := soleValue(f, func(m Message) string { return FoldASCII(m.P2) }); p2 != "" {
			return p2
		}
	}
	return f.Candidate.Sender
}

// PastSender asks for the past of a finding's sender.
func (f Finding) PastSender() PastSender {
	s := PastSender{Address: f.Candidate.Sender, AddressIs: f.Candidate.SenderIs, Scope: f.Candidate.Scope, Before: f.FirstReported()}
	if f.Candidate.Counts.Sent > 0 {
		s.Mail = f.Candidate.Messages
	}
	return s
}

// Ref asks for the profile of a finding's sender. Only intra-org mail vouches
// for its object ids; elsewhere they are set even on forgeries and name the
// account an address belongs to, so they are not asked for.
func (f Finding) Ref() SenderRef {
	ref := SenderRef{Key: f.Candidate.Sender, Address: f.Sender()}
	if f.Candidate.Scope != ScopeIntraOrg {
		return ref
	}
	ref.ObjectIDs = slices.Clone(f.Candidate.ObjectIDs)
	for _, m := range f.Evidence.Messages {
		ref.ObjectIDs = addAll(ref.ObjectIDs, FoldASCII(m.ObjectID))
	}
	return ref
}

// Apply lays a past over a finding: what the sender usually does, how much was
// delivered, and which reported mails reached recipients it never wrote to.
func (s PastSet) Apply(i int, f Finding) Finding {
	if i >= len(s.Past) {
		return f
	}
	f.Past = s.Past[i]
	if i < len(s.Delivered) {
		f.Candidate.Counts.Delivered = s.Delivered[i]
	}
	f.Evidence.Messages = slices.Clone(f.Evidence.Messages)
	for k := range f.Evidence.Messages {
		m := &f.Evidence.Messages[k]
		m.NewRecipients = s.NewRecipients[m.NetworkMessageID]
	}
	return f
}
