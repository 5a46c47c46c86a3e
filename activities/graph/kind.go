package graph

import (
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"harrier/workflows/soar"
)

// dormant is how long an account must not have been signed in to by a person
// for that to speak for a program.
const dormant = 90 * 24 * time.Hour

// judged is a kind with what speaks for it.
type judged struct {
	kind     soar.SenderKind
	why      string
	evidence []string
}

// kindOf says what the living account behind a sender is. Guests and mailboxes
// with a purpose are what the directory says. An account is a program's only if
// the tenant declares it, by a name pattern or as a tool's mailbox, and two
// facts of the directory agree: a name alone proves nothing. Everything else,
// and everything not known, is a person, because nothing suppresses a person.
func kindOf(p soar.SenderProfile, groupsKnown bool, tenant soar.Tenant, now time.Time) judged {
	switch {
	case strings.EqualFold(p.UserType, "Guest"):
		return judged{kind: soar.KindGuest, why: "the directory lists the account as a guest"}
	case p.MailboxPurpose == "shared":
		return judged{kind: soar.KindShared, why: "the mailbox is shared"}
	case p.MailboxPurpose == "room" || p.MailboxPurpose == "equipment":
		return judged{kind: soar.KindRoom, why: "the mailbox is of a " + p.MailboxPurpose}
	}
	evidence := serviceFacts(p, now)
	declared := declaredBy(p, tenant)
	switch {
	case declared == "":
		return judged{kind: soar.KindPerson, why: "a user's account, not declared as a program's", evidence: evidence}
	case !groupsKnown:
		return judged{kind: soar.KindPerson, why: declared + ", but its groups and roles are not known", evidence: evidence}
	case len(evidence) < 2:
		return judged{kind: soar.KindPerson, why: declared + ", but the directory does not bear it out", evidence: evidence}
	}
	evidence = append([]string{declared}, evidence...)
	return judged{kind: soar.KindService, why: strings.Join(evidence, "; "), evidence: evidence}
}

// serviceFacts are the facts of the directory that speak for a program. A fact
// that is not known is none; an application that may read little sees manager and
// job as empty, and whether the account is enabled as not known.
func serviceFacts(p soar.SenderProfile, now time.Time) []string {
	var out []string
	add := func(holds bool, fact string) {
		if holds {
			out = append(out, fact)
		}
	}
	add(p.Licensed == soar.No, "no licence")
	add(p.Enabled != soar.NotKnown && p.Manager == "", "no manager")
	add(p.Enabled != soar.NotKnown && p.JobTitle == "" && p.Department == "", "no job title and no department")
	add(p.SignInKnown == soar.Yes && now.Sub(p.LastInteractive) > dormant, "no interactive sign-in in 90 days")
	return out
}

func declaredBy(p soar.SenderProfile, tenant soar.Tenant) string {
	local, _, _ := strings.Cut(soar.FoldASCII(p.UPN), "@")
	for _, pattern := range tenant.ServiceAccountPatterns {
		if ok, err := path.Match(soar.FoldASCII(pattern), local); err == nil && ok {
			return "name fits " + pattern
		}
	}
	for _, tool := range slices.Sorted(maps.Keys(tenant.Tools)) {
		for _, s := range tenant.Tools[tool] {
			if s.Path == string(soar.PathMailbox) && containsSender(s.Senders, p) {
				return "declared as a mailbox of " + tool
			}
		}
	}
	return ""
}

func containsSender(senders []string, p soar.SenderProfile) bool {
	for _, s := range senders {
		if s != "" && (same(s, p.UPN) || same(s, p.Mail)) {
			return true
		}
	}
	return false
}
