package soar

import "time"

// SenderKind is what the directory says a sender is.
type SenderKind string

const (
	// KindPerson is a person's mailbox; nothing suppresses it.
	KindPerson SenderKind = "person"
	// KindShared is a shared mailbox.
	KindShared SenderKind = "shared mailbox"
	// KindRoom is a room or equipment mailbox.
	KindRoom SenderKind = "room or equipment"
	// KindService is an account that a program uses, by evidence and not by name alone.
	KindService SenderKind = "service account"
	// KindGuest is a guest of the tenant.
	KindGuest SenderKind = "guest"
	// KindDeleted is an account in the directory's bin.
	KindDeleted SenderKind = "deleted"
	// KindExternal is an address outside the accepted domains, so not expected in the directory.
	KindExternal SenderKind = "external"
	// KindNotFound is an internal address that the directory does not know.
	KindNotFound SenderKind = "not in directory"
	// KindAmbiguous is an address that several objects carry.
	KindAmbiguous SenderKind = "ambiguous"
	// KindUnknown means the directory could not be asked; Why says why.
	KindUnknown SenderKind = "unknown"
)

// Resolved says that exactly one living account of the tenant is behind the address.
func (k SenderKind) Resolved() bool {
	switch k {
	case KindPerson, KindShared, KindRoom, KindService:
		return true
	}
	return false
}

// SenderRef asks for a sender's profile. Addresses and ids as the mail shows them.
type SenderRef struct {
	Key       string   `json:"key"`
	ObjectIDs []string `json:"object_ids,omitempty"`
	Address   string   `json:"address"`
}

// SenderProfile is what the directory says of a sender, each fact with "not
// known" as a value of its own.
type SenderProfile struct {
	Kind SenderKind `json:"kind"`
	// Why gives the evidence for Kind in a sentence, or why it is not known.
	Why         string `json:"why,omitempty"`
	ObjectID    string `json:"object_id,omitempty"`
	UPN         string `json:"upn,omitempty"`
	Mail        string `json:"mail,omitempty"`
	DisplayName string `json:"display_name,omitempty"`
	// MatchedBy says how it was found: object id, UPN, mail, proxy address.
	MatchedBy  string    `json:"matched_by,omitempty"`
	Enabled    Known     `json:"enabled,omitempty"`
	UserType   string    `json:"user_type,omitempty"`
	Licensed   Known     `json:"licensed,omitempty"`
	JobTitle   string    `json:"job_title,omitempty"`
	Department string    `json:"department,omitempty"`
	Manager    string    `json:"manager,omitempty"`
	Groups     []string  `json:"groups,omitempty"`
	Created    time.Time `json:"created,omitzero"`
	// MailboxPurpose is Graph's userPurpose (user, shared, room, equipment, …) or "unknown(<reason>)".
	MailboxPurpose string `json:"mailbox_purpose,omitempty"`
	// LastInteractive and LastNonInteractive are sign-ins; SignInKnown says whether they could be read.
	LastInteractive    time.Time `json:"last_interactive,omitzero"`
	LastNonInteractive time.Time `json:"last_non_interactive,omitzero"`
	SignInKnown        Known     `json:"sign_in_known,omitempty"`
	SignInWhy          string    `json:"sign_in_why,omitempty"`
	// Privileged says that the account holds a directory role or is in a group the tenant names.
	Privileged    bool   `json:"privileged,omitempty"`
	PrivilegedWhy string `json:"privileged_why,omitempty"`
	// ServiceEvidence lists what speaks for an account used by a program.
	ServiceEvidence []string `json:"service_evidence,omitempty"`
	// AutomaticReplies is Graph's status (disabled, alwaysEnabled, scheduled); empty is not known.
	AutomaticReplies string `json:"automatic_replies,omitempty"`
	// InboxRules are the visible rules that forward, delete or hide mail, in words,
	// at most MaxInboxRules; InboxRulesKnown says whether the rules could be read.
	// Hidden rules are never among them.
	InboxRules      []string `json:"inbox_rules,omitempty"`
	InboxRulesKnown Known    `json:"inbox_rules_known,omitempty"`
	// AtRisk says whether Entra ID Protection holds the account for compromised, Risk how
	// ("high, at risk") and RiskAt since when.
	AtRisk Known     `json:"at_risk,omitempty"`
	Risk   string    `json:"risk,omitempty"`
	RiskAt time.Time `json:"risk_at,omitzero"`
	// SendAsAnyone are applications that may send as any mailbox of the tenant, at most
	// MaxSendAsAnyone, as of SendAsAnyoneAt; SendAsAnyoneKnown says whether they could be read.
	SendAsAnyone      []string  `json:"send_as_anyone,omitempty"`
	SendAsAnyoneKnown Known     `json:"send_as_anyone_known,omitempty"`
	SendAsAnyoneAt    time.Time `json:"send_as_anyone_at,omitzero"`
	// Evidence says in a line each what was checked and what it proves; what could not
	// be read is "not known" with the reason.
	Evidence []string `json:"evidence,omitempty"`
	// Truncated says that groups or the like were cut at the page cap.
	Truncated bool `json:"truncated,omitempty"`
	// AsOf is when the oldest of the facts was read.
	AsOf time.Time `json:"as_of,omitzero"`
}

// How much of a profile's lists is carried.
const (
	MaxInboxRules   = 5
	MaxSendAsAnyone = 5
)

// Verdict says in words what the sender is, and why in a sentence.
func (p SenderProfile) Verdict() (what, why string) {
	switch {
	case p.Privileged && p.Kind == KindPerson:
		return "privileged person", p.PrivilegedWhy
	case p.Privileged:
		return "privileged " + string(p.Kind), p.PrivilegedWhy
	case p.Kind == "":
		return string(KindUnknown), "not looked up"
	}
	return string(p.Kind), p.Why
}

// IsPerson says that nothing may suppress this sender as a whole.
func (p SenderProfile) IsPerson() bool { return p.Kind == KindPerson || p.Privileged }

// Known is a three-valued fact: yes, no, or not known (empty).
type Known string

const (
	// Yes is a fact that holds.
	Yes Known = "yes"
	// No is a fact that does not hold.
	No Known = "no"
	// NotKnown is a fact nobody could read; it is never a no.
	NotKnown Known = ""
)

// KnownBool turns a read value into a fact; nil is not known.
func KnownBool(b *bool) Known {
	switch {
	case b == nil:
		return NotKnown
	case *b:
		return Yes
	default:
		return No
	}
}
