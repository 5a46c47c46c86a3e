package loganalytics

import (
	"slices"
	"strings"
	"time"

	"harrier/workflows/soar"
)

// maxFacts is how many compromise facts of a sender are carried.
const maxFacts = 10

// actionCountry stands for use of a mailbox from a new country.
const actionCountry = "(country)"

// auditEvent is one change that the logs show: its operation, and the record as it came.
type auditEvent struct {
	action string
	at     time.Time
	raw    string
}

// compromiseFacts tell events in words, newest first, each once.
func compromiseFacts(events []auditEvent) []soar.CompromiseFact {
	slices.SortStableFunc(events, func(a, b auditEvent) int { return b.at.Compare(a.at) })
	var out []soar.CompromiseFact
	for _, e := range events {
		kind, detail := e.tell()
		fact := soar.CompromiseFact{Kind: kind, At: e.at, Detail: detail}
		if kind == "" || slices.ContainsFunc(out, func(o soar.CompromiseFact) bool { return o.Kind == kind && o.Detail == detail }) {
			continue
		}
		if out = append(out, fact); len(out) == maxFacts {
			break
		}
	}
	return out
}

// kindsKnown are the kinds of facts that the logs would have shown.
func (p *pasts) kindsKnown(f pastFacts) []soar.CompromiseKind {
	var out []soar.CompromiseKind
	if p.partial != "" {
		return nil
	}
	if p.audit {
		out = append(out, soar.CompromiseInboxRule, soar.CompromiseForwarding, soar.CompromiseDelegate)
	}
	if p.directory {
		out = append(out, soar.CompromiseMFA, soar.CompromiseConsent)
	}
	if f.countries {
		out = append(out, soar.CompromiseCountry)
	}
	return out
}

// tell says what an event is and what was done, without its time.
func (e auditEvent) tell() (soar.CompromiseKind, string) {
	action := strings.TrimSuffix(strings.ToLower(strings.TrimSpace(e.action)), ".")
	switch action {
	case actionCountry:
		return soar.CompromiseCountry, cut(e.raw, 8) + ", where the account was never used before"
	case "new-inboxrule", "set-inboxrule", "enable-inboxrule", "updateinboxrules":
		return soar.CompromiseInboxRule, readAudit(e.raw).rule()
	case "set-mailbox":
		return forwardingOrDelegate(readAudit(e.raw))
	case "add-mailboxpermission", "add-recipientpermission":
		return soar.CompromiseDelegate, readAudit(e.raw).delegate(action == "add-recipientpermission")
	}
	r := readAudit(e.raw)
	switch {
	case strings.HasPrefix(action, "consent "), strings.HasPrefix(action, "add delegated"), strings.HasPrefix(action, "add oauth2"), strings.HasPrefix(action, "add app role"):
		return soar.CompromiseConsent, r.grant()
	case action == "update user":
		return soar.CompromiseMFA, "sign-in methods changed" + r.by()
	}
	return soar.CompromiseMFA, action + r.by()
}

func forwardingOrDelegate(r auditRecord) (soar.CompromiseKind, string) {
	to := first(r.value("ForwardingSmtpAddress"), r.value("ForwardingAddress"))
	if behalf := r.value("GrantSendOnBehalfTo"); to == "" && behalf != "" {
		return soar.CompromiseDelegate, quoted(behalf) + " may send on behalf of the mailbox" + r.by()
	}
	switch keep := r.value("DeliverToMailboxAndForward"); {
	case to == "" && keep == "":
		return soar.CompromiseForwarding, "forwarding of the mailbox taken away or changed" + r.by()
	case to == "":
		return soar.CompromiseForwarding, "delivery to mailbox and forward set to " + strings.ToLower(cut(keep, 10)) + r.by()
	case strings.EqualFold(keep, "false"):
		return soar.CompromiseForwarding, "all mail goes to " + address(to) + " and leaves the mailbox" + r.by()
	}
	return soar.CompromiseForwarding, "all mail goes to " + address(to) + r.by()
}

// rule says what a new or changed inbox rule does.
func (r auditRecord) rule() string {
	name := first(r.value("Name"), r.value("RuleName"), r.value("Identity"))
	does := r.ruleDoes()
	if does == "" {
		does = "was made or changed"
	}
	words := first(r.value("SubjectOrBodyContainsWords"), r.value("SubjectContainsWords"), r.value("BodyContainsWords"))
	if words != "" {
		does += " with " + quoted(words)
	}
	return quoted(ruleName(name)) + " " + does
}

// ruleName is the last part of a rule's path.
func ruleName(name string) string {
	if i := strings.LastIndexAny(name, `\/`); i >= 0 {
		return name[i+1:]
	}
	return name
}

func (r auditRecord) ruleDoes() string {
	var did []string
	for _, p := range []struct{ parameter, words string }{
		{"ForwardTo", "forwards mail to "}, {"ForwardAsAttachmentTo", "forwards mail to "}, {"RedirectTo", "redirects mail to "},
	} {
		if to := r.value(p.parameter); to != "" {
			did = append(did, p.words+address(to))
		}
	}
	actions := strings.ToLower(r.value("RuleActions"))
	switch {
	case isTrue(r.value("DeleteMessage")), isTrue(r.value("SoftDeleteMessage")), strings.Contains(actions, "delete"):
		did = append(did, "deletes mail")
	case r.value("MoveToFolder") != "":
		did = append(did, "moves mail to "+quoted(ruleName(r.value("MoveToFolder"))))
	case strings.Contains(actions, "move"):
		did = append(did, "moves mail")
	}
	if len(did) == 0 && (strings.Contains(actions, "forward") || strings.Contains(actions, "redirect")) {
		did = append(did, "forwards mail")
	}
	if isTrue(r.value("MarkAsRead")) {
		did = append(did, "marks it as read")
	}
	return strings.Join(did, ", ")
}

func (r auditRecord) delegate(send bool) string {
	who := quoted(first(r.value("User"), r.value("Trustee"), "somebody"))
	if send {
		return who + " may send as the mailbox" + r.by()
	}
	rights := r.value("AccessRights")
	if rights != "" {
		rights = " (" + cut(rights, 40) + ")"
	}
	return who + " may open the mailbox" + rights + r.by()
}

func (r auditRecord) grant() string {
	app := quoted(first(r.application(), "an application"))
	if scope := r.scope(); scope != "" {
		return app + " was granted " + quoted(scope)
	}
	return app + " was granted permissions"
}

func (r auditRecord) by() string {
	if by := r.field("userid"); by != "" {
		return " by " + cut(by, maxName)
	}
	return ""
}

// maxName is how much of a name chosen by others stands in a fact.
const maxName = 60

func quoted(s string) string { return "“" + cut(strings.TrimSpace(s), maxName) + "”" }

// address is a recipient without its protocol.
func address(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 5 && strings.EqualFold(s[:5], "smtp:") {
		s = s[5:]
	}
	return cut(strings.ToLower(s), 100)
}

func isTrue(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "true") || s == "1" }

func first(values ...string) string {
	for _, v := range values {
		if strings.TrimSpace(v) != "" {
			return v
		}
	}
	return ""
}
