package slack

import (
	"slices"
	"strings"

	"harrier/activities/slack/blockkit"
	"harrier/workflows/soar"
)

// compromiseKinds are all kinds of facts, as a section of the evidence lists them.
var compromiseKinds = []soar.CompromiseKind{
	soar.CompromiseInboxRule, soar.CompromiseForwarding, soar.CompromiseDelegate, soar.CompromiseMFA, soar.CompromiseConsent,
	soar.CompromiseCountry, soar.CompromiseRisky,
}

// signsTitle is what the list of signs is called, also where another list leads to it.
const signsTitle = "Signs that somebody else is in the account"

// sign is what points to an account in foreign hands, in a line.
type sign struct {
	kind soar.CompromiseKind
	line string
}

// signs are the facts of the logs, newest first, changes of the mailbox that none of them
// tells, and the directory's word of a risk.
func (v view) signs() []sign {
	var out []sign
	past := v.c.Finding.Past
	for _, f := range past.Compromise {
		out = append(out, sign{f.Kind, compromiseFact(f, 300)})
	}
	for _, change := range past.InboxRuleChanges {
		if !toldAsFact(change, past.Compromise) {
			out = append(out, sign{kindOfChange(change), "Change of the mailbox: " + blockkit.Cut(change, 200)})
		}
	}
	if p := v.c.Finding.Profile; p.AtRisk == soar.Yes {
		line := "Risky user: Entra ID Protection says " + orNamed(blockkit.Cut(p.Risk, 60), "at risk")
		if !p.RiskAt.IsZero() {
			line += ", " + minute(p.RiskAt)
		}
		out = append(out, sign{soar.CompromiseRisky, line})
	}
	return out
}

// toldAsFact says that a change, "2006-01-02 15:04 New-InboxRule", is among the facts.
func toldAsFact(change string, facts []soar.CompromiseFact) bool {
	return slices.ContainsFunc(facts, func(f soar.CompromiseFact) bool {
		return f.Kind == kindOfChange(change) && strings.HasPrefix(change, f.At.UTC().Format("2006-01-02 15:04")+" ")
	})
}

// kindOfChange is the kind of fact that an audited operation on a mailbox is, empty for
// an operation that is not known.
func kindOfChange(change string) soar.CompromiseKind {
	switch {
	case strings.Contains(change, "InboxRule"):
		return soar.CompromiseInboxRule
	case strings.Contains(change, "Permission"):
		return soar.CompromiseDelegate
	case strings.Contains(change, "Set-Mailbox"):
		return soar.CompromiseForwarding
	}
	return ""
}

// compromise lists the signs that the account is in foreign hands, and says of every
// kind without one whether there was none or nobody knows.
func (v view) compromise(b *blockkit.Blocks) {
	var lines []blockkit.Text
	seen := map[soar.CompromiseKind]bool{}
	for _, s := range v.signs() {
		seen[s.kind] = true
		lines = append(lines, v.judged("• "+s.line))
	}
	var none, unknown []string
	for _, kind := range compromiseKinds {
		switch {
		case seen[kind]:
		case v.compromiseKnown(kind):
			none = append(none, string(kind))
		default:
			unknown = append(unknown, string(kind))
		}
	}
	if len(none) > 0 {
		lines = append(lines, blockkit.Say("• None seen: "+strings.Join(none, ", ")))
	}
	if len(unknown) > 0 {
		lines = append(lines, blockkit.Say("• Not known: "+strings.Join(unknown, ", ")))
	}
	list(b, signsTitle, lines)
}

// compromiseKnown says that the logs, or for a risk the directory, would have shown a
// fact of this kind. A case of before kinds were told apart knows of the mailbox's alone.
func (v view) compromiseKnown(kind soar.CompromiseKind) bool {
	past := v.c.Finding.Past
	switch {
	case kind == soar.CompromiseRisky && v.c.Finding.Profile.AtRisk != soar.NotKnown:
		return true
	case past.CompromiseKnown != nil:
		return slices.Contains(past.CompromiseKnown, kind)
	}
	mailbox := kind == soar.CompromiseInboxRule || kind == soar.CompromiseForwarding || kind == soar.CompromiseDelegate
	return past.AuditKnown && mailbox
}
