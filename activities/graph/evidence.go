package graph

import (
	"fmt"
	"strings"
	"time"

	"harrier/workflows/soar"
)

// fact is something that may not be known of a sender.
type fact string

const (
	factRules   fact = "inbox rules"
	factRisk    fact = "risk"
	factSenders fact = "applications that may send as any mailbox"
)

// notKnown is a check without a result.
func notKnown(check, why string) string {
	if why == "" {
		why = "no answer"
	}
	return check + ": not known, " + why
}

// evidenceOf says of a sender what was checked and what it proves.
func evidenceOf(l *lookup, declared string, now time.Time) []string {
	p := l.profile
	if !l.user {
		what, why := p.Verdict()
		return append([]string{upper(strings.TrimSuffix(what+": "+why, ": "))}, readAt(p, now)...)
	}
	out := []string{
		"Directory: exactly one account, found by " + p.MatchedBy,
		signInEvidence(p), enabledEvidence(p), mailboxEvidence(p), repliesEvidence(p), rulesEvidence(l),
		groupsEvidence(l), placeEvidence(p), licenceEvidence(p), createdEvidence(p, now), nameEvidence(declared),
		riskEvidence(l), sendersEvidence(l, now),
	}
	return append(out, readAt(p, now)...)
}

// remembered is from when on an answer is told to be old.
const remembered = time.Minute

func readAt(p soar.SenderProfile, now time.Time) []string {
	if age := p.Age(now); age >= remembered {
		return []string{fmt.Sprintf("Read %s ago, at %s", age.Round(time.Minute), stamp(p.AsOf))}
	}
	return nil
}

func signInEvidence(p soar.SenderProfile) string {
	const check = "Interactive sign-in"
	switch {
	case p.SignInKnown != soar.Yes:
		return notKnown(check, p.SignInWhy)
	case p.LastInteractive.IsZero():
		return check + ": none recorded, so no person seems to use the account"
	}
	return check + ": last at " + stamp(p.LastInteractive) + ", so a person or an intruder uses the account"
}

func enabledEvidence(p soar.SenderProfile) string {
	switch p.Enabled {
	case soar.Yes:
		return "Sign-in: enabled, so a person or an intruder can use the account"
	case soar.No:
		return "Sign-in: blocked, so only delegates and applications can send"
	}
	return notKnown("Sign-in", "the application may not read it")
}

func mailboxEvidence(p soar.SenderProfile) string {
	const check = "Mailbox"
	switch p.MailboxPurpose {
	case "shared":
		return check + ": shared, so several people may send"
	case "room", "equipment":
		return check + ": of a " + p.MailboxPurpose + ", which sends nothing but answers to invitations"
	case "user":
		return check + ": a user's, of a person or of a program"
	}
	why, unknown := strings.CutPrefix(p.MailboxPurpose, "unknown(")
	if !unknown && why != "" {
		return check + ": " + why
	}
	return notKnown(check, strings.TrimSuffix(why, ")"))
}

func repliesEvidence(p soar.SenderProfile) string {
	const check = "Automatic replies"
	switch strings.ToLower(p.AutomaticReplies) {
	case "":
		return notKnown(check, "the mailbox's settings do not say")
	case "disabled":
		return check + ": off, so its answers are written by somebody"
	}
	return check + ": on (" + p.AutomaticReplies + "), so some of its mail may answer by itself"
}

func rulesEvidence(l *lookup) string {
	const check = "Visible inbox rules"
	p, more := l.profile, l.why[factRules]
	if p.InboxRulesKnown != soar.Yes {
		return notKnown(check, more)
	}
	line := fmt.Sprintf("%s: %d, none forwards, deletes or hides mail", check, l.rules)
	if len(p.InboxRules) > 0 {
		line = fmt.Sprintf("%s: %d, of which %s", check, l.rules, strings.Join(p.InboxRules, ", "))
	}
	if more != "" {
		line += "; " + more
	}
	return line + ". Graph shows no hidden rules, SMTP forwarding or delegates"
}

func groupsEvidence(l *lookup) string {
	const check = "Groups and roles"
	p := l.profile
	switch {
	case p.Privileged:
		return check + ": privileged by " + p.PrivilegedWhy
	case !l.groups:
		return notKnown(check, p.PrivilegedWhy)
	}
	return fmt.Sprintf("%s: %d groups, none of them privileged", check, len(p.Groups))
}

// placeEvidence is silent about what an application that may read little sees as empty.
func placeEvidence(p soar.SenderProfile) string {
	const check = "Manager and job"
	job := strings.Trim(p.JobTitle+", "+p.Department, ", ")
	switch {
	case p.Manager != "" && job != "":
		return check + ": " + job + ", manager " + p.Manager + ", as people have"
	case p.Manager != "":
		return check + ": manager " + p.Manager + ", as people have"
	case job != "":
		return check + ": " + job + ", no manager"
	case p.Enabled == soar.NotKnown:
		return notKnown(check, "the application may not read them")
	}
	return check + ": none, as of programs"
}

func licenceEvidence(p soar.SenderProfile) string {
	switch p.Licensed {
	case soar.Yes:
		return "Licence: assigned"
	case soar.No:
		return "Licence: none, as of shared mailboxes and programs"
	}
	return notKnown("Licence", "the application may not read it")
}

// young is an account too new to have a past.
const young = 30 * 24 * time.Hour

func createdEvidence(p soar.SenderProfile, now time.Time) string {
	if p.Created.IsZero() {
		return notKnown("Created", "the directory does not say")
	}
	line := "Created: " + p.Created.UTC().Format("2006-01-02")
	if now.Sub(p.Created) < young {
		line += ", too new to have a past"
	}
	return line
}

func nameEvidence(declared string) string {
	if declared == "" {
		return "Name: not declared as a program's"
	}
	return "Name: " + declared
}

func riskEvidence(l *lookup) string {
	const check = "Entra ID Protection"
	p := l.profile
	switch p.AtRisk {
	case soar.Yes:
		return check + ": " + p.Risk + since(p.RiskAt) + ": the account may be in foreign hands"
	case soar.No:
		return check + ": no open risk"
	}
	return notKnown(check, l.why[factRisk])
}

func sendersEvidence(l *lookup, now time.Time) string {
	const check = "Applications that may send as any mailbox"
	p := l.profile
	if p.SendAsAnyoneKnown != soar.Yes {
		return notKnown(check, l.why[factSenders])
	}
	line := check + ": none"
	if n := len(p.SendAsAnyone); n > 0 {
		line = check + ": " + strings.Join(p.SendAsAnyone, ", ")
		if l.senders > n {
			line += fmt.Sprintf(" and %d more", l.senders-n)
		}
		line += ", unless a scope in Exchange bounds them"
	}
	if age := now.Sub(p.SendAsAnyoneAt); age >= remembered {
		line += fmt.Sprintf(" (read %s ago)", age.Round(time.Minute))
	}
	return line
}

func since(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return " since " + stamp(t)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
