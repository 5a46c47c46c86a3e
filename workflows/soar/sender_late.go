package soar

import (
	"fmt"
	"slices"
	"time"
)

// NeedsProfile says that a later look-up of the sender may tell more: the directory
// could not be asked. A null sender has nobody to look up.
func (f Finding) NeedsProfile() bool {
	return (f.Profile.Kind == KindUnknown || f.Profile.Kind == "") && !IsNullSender(f.Sender())
}

// WithLateProfile lays a profile that was looked up later over a finding whose own
// is not known, and says whether it did. A profile that is known stays: it is what
// the case was judged by. The finding has to be judged again.
func (f Finding) WithLateProfile(late SenderProfile) (out Finding, changed bool) {
	if !f.NeedsProfile() || late.Kind == KindUnknown || late.Kind == "" {
		return f, false
	}
	f.Profile = late
	return f, true
}

// SenderEvidence is what was checked of a sender, the directory's and the logs'
// word, each line with what it proves.
func (f Finding) SenderEvidence() []string {
	return append(slices.Clone(f.Profile.Evidence), f.logEvidence()...)
}

// logEvidence is what the directory cannot know of a sender: the program that
// writes its mail, hidden and new rules, SMTP forwarding, delegates.
func (f Finding) logEvidence() []string {
	if f.Candidate.Scope != ScopeIntraOrg && !f.Profile.Kind.Resolved() {
		return []string{f.clientEvidence()}
	}
	changes := "Rules, SMTP forwarding and delegates in the audit log: not known, no such log could be read"
	switch n := len(f.Past.InboxRuleChanges); {
	case n > 0:
		changes = fmt.Sprintf("Rules, SMTP forwarding and delegates in the audit log: %d changed in 14 days, hidden ones included", n)
	case f.Past.AuditKnown:
		changes = "Rules, SMTP forwarding and delegates in the audit log: none changed in 14 days, hidden ones included; what was made before is not known"
	}
	return []string{f.clientEvidence(), changes}
}

func (f Finding) clientEvidence() string {
	var clients, fresh []string
	for _, m := range f.Evidence.Messages {
		family := ClientFamily(m.ClientHost())
		clients = include(clients, family)
		if !slices.Contains(f.Past.ClientFamilies, family) {
			fresh = include(fresh, family)
		}
	}
	name := func(c string) string {
		if c == "" {
			return "without an Internet message id"
		}
		return c
	}
	switch {
	case len(clients) == 0:
		return "Sending client: not known, no mail could be read"
	case !f.Past.Known || f.Past.Mails == 0:
		return "Sending client: " + name(clients[0]) + "; whether that is usual is not known"
	case len(fresh) > 0 && f.Past.Truncated:
		return "Sending client: " + name(fresh[0]) + ", not in what is known of the past"
	case len(fresh) > 0:
		return "Sending client: " + name(fresh[0]) + ", never seen before: another program or somebody at the keyboard"
	}
	return "Sending client: " + name(clients[0]) + ", as in the sender's past"
}

// Age is how old a profile's oldest fact is; 0 where nothing says.
func (p SenderProfile) Age(now time.Time) time.Duration {
	if p.AsOf.IsZero() {
		return 0
	}
	return max(0, now.Sub(p.AsOf))
}
