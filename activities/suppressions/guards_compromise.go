package suppressions

import (
	"strings"
	"time"

	"harrier/workflows/soar"
)

// onboarding is how long after its making an account is set up: new people register
// their sign-in methods then.
const onboarding = 14 * 24 * time.Hour

// compromiseGuard: facts that point to an account in foreign hands, from the logs
// and from the directory.
func compromiseGuard(in *inspection) (detail, cure string) {
	var told []string
	for _, f := range in.finding.Past.Compromise {
		if !onboards(f, in.finding.Profile) {
			told = append(told, factInWords(f))
		}
	}
	for _, c := range in.finding.Past.InboxRuleChanges {
		if !toldAsFact(c, in.finding.Past.Compromise) {
			told = append(told, changeInWords(c))
		}
	}
	if risk := highRisk(in.finding.Profile); risk != "" {
		told = append(told, risk)
	}
	if len(told) == 0 {
		return "", ""
	}
	return listed(told), "ask the owner by phone; if it was nobody's doing, revoke the account's sessions, reset its password and undo the change"
}

// onboards says that a new account got its first sign-in method.
func onboards(f soar.CompromiseFact, p soar.SenderProfile) bool {
	return f.Kind == soar.CompromiseMFA && !p.Created.IsZero() && p.AtRisk != soar.Yes && f.At.Sub(p.Created) < onboarding
}

// factInWords says what the logs show, and when.
func factInWords(f soar.CompromiseFact) string {
	kind := strings.ToUpper(string(f.Kind)[:min(1, len(f.Kind))]) + string(f.Kind)[min(1, len(f.Kind)):]
	between := ": "
	if f.Kind == soar.CompromiseInboxRule {
		between = " " // the name of the rule follows
	}
	words := strings.TrimPrefix(kind+between+f.Detail, between)
	if f.At.IsZero() {
		return words
	}
	return words + ", " + f.At.UTC().Format("2006-01-02 15:04") + " UTC"
}

// toldAsFact says that a change of the mailbox, "2006-01-02 15:04 New-InboxRule", is
// among the facts.
func toldAsFact(change string, facts []soar.CompromiseFact) bool {
	for _, f := range facts {
		switch f.Kind {
		case soar.CompromiseInboxRule, soar.CompromiseForwarding, soar.CompromiseDelegate:
			if strings.HasPrefix(change, f.At.UTC().Format("2006-01-02 15:04")+" ") {
				return true
			}
		}
	}
	return false
}

// highRisk is a risk of the account that counts as a fact: not a low one, which
// travel and a new telephone make.
func highRisk(p soar.SenderProfile) string {
	if p.AtRisk != soar.Yes || lowRisk(p) {
		return ""
	}
	words := "Risky user: Entra ID Protection says " + orElse(p.Risk, "at risk")
	if !p.RiskAt.IsZero() {
		words += ", " + p.RiskAt.UTC().Format("2006-01-02 15:04") + " UTC"
	}
	return words
}

func lowRisk(p soar.SenderProfile) bool {
	return p.AtRisk == soar.Yes && strings.HasPrefix(p.Risk, "low") && !strings.Contains(p.Risk, "confirmed")
}

// changeInWords says what an audited operation did, "2006-01-02 15:04
// New-InboxRule" as the logs give it. What is not known stays as it is.
func changeInWords(change string) string {
	at, operation, _ := strings.Cut(change, " ")
	clock, operation, _ := strings.Cut(operation, " ")
	words := map[string]string{
		"New-InboxRule": "New inbox rule", "Set-InboxRule": "Inbox rule changed", "UpdateInboxRules": "Inbox rules changed",
		"Set-Mailbox": "Mailbox forwarding changed", "Add-MailboxPermission": "Delegate added to the mailbox",
		"Enable-InboxRule": "Inbox rule switched on", "Add-RecipientPermission": "Somebody may send as the mailbox",
	}[operation]
	if words == "" {
		return change
	}
	return words + " on " + at + " " + clock + " UTC"
}
