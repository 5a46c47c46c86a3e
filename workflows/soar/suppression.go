package soar

import (
	"errors"
	"fmt"
	"strings"
)

// Verdict is what becomes of a finding.
type Verdict string

const (
	// VerdictSuppressed hides a finding, with a rule and a reason.
	VerdictSuppressed Verdict = "suppressed"
	// VerdictTriage puts a finding before a person.
	VerdictTriage Verdict = "triage"
	// VerdictBelowCut is a finding below the run's top: not judged, only counted.
	VerdictBelowCut Verdict = "below the cut"
)

// Validate refuses an unknown verdict.
func (v Verdict) Validate() error {
	return oneOf("verdict", v, VerdictSuppressed, VerdictTriage, VerdictBelowCut)
}

// Guard is a condition under which nothing may be suppressed.
type Guard string

// The guards, in the order cards list them.
const (
	GuardAuthentication Guard = "authentication failed"
	GuardAlignment      Guard = "P1 and P2 not aligned"
	GuardLookalike      Guard = "look-alike"
	GuardIdentity       Guard = "identity not resolved"
	GuardInteractive    Guard = "recent interactive sign-in"
	GuardPerson         Guard = "person or privileged account"
	GuardNullSender     Guard = "null sender"
	GuardPath           Guard = "path changed"
	GuardClient         Guard = "sending client changed"
	GuardIP             Guard = "new IP"
	GuardRecipients     Guard = "new recipients"
	GuardURLHost        Guard = "new URL host"
	GuardAttachment     Guard = "new attachment type"
	GuardVerdict        Guard = "verdict after delivery"
	GuardVolume         Guard = "volume"
	GuardReports        Guard = "reports"
	GuardCompromise     Guard = "compromise facts"
	GuardEvidence       Guard = "evidence not whole"
	GuardOrphan         Guard = "mail row missing"
	GuardNoPast         Guard = "no past to compare with"
	GuardCeiling        Guard = "ceiling of the rule"
	// GuardOpenCase: a case of the sender is open, or was escalated of late.
	GuardOpenCase Guard = "open or escalated case"
	// GuardDistrusted: an analyst said that the rule hid this sender wrongly.
	GuardDistrusted Guard = "rule distrusted for this sender"
)

// GuardHit is a guard that held, with what it saw and, where there is one, the cure.
type GuardHit struct {
	Guard  Guard  `json:"guard"`
	Detail string `json:"detail"`
	Cure   string `json:"cure,omitempty"`
}

// RuleTrace says how one rule fared with a finding.
type RuleTrace struct {
	Rule string `json:"rule"`
	// Outcome is matched, held, shadow, or failed.
	Outcome TraceOutcome `json:"outcome"`
	// Condition is the condition that failed, or the guards that held.
	Condition string `json:"condition,omitempty"`
	// Passed counts the conditions that held before the first that failed; it ranks near misses.
	Passed int `json:"passed"`
}

// TraceOutcome is how a rule fared.
type TraceOutcome string

const (
	// TraceMatched: every condition holds and no guard does.
	TraceMatched TraceOutcome = "matched"
	// TraceHeld: every condition holds, and a guard held it.
	TraceHeld TraceOutcome = "held"
	// TraceShadow: it would have suppressed, but the rule is in shadow mode.
	TraceShadow TraceOutcome = "shadow"
	// TraceFailed: a condition does not hold.
	TraceFailed TraceOutcome = "failed"
)

// Judgement is a verdict with its reasons.
type Judgement struct {
	Verdict Verdict `json:"verdict"`
	// Rule is the rule that suppressed the finding, or the nearest one that did not.
	Rule string `json:"rule,omitempty"`
	// Reason is the rule's reason, or why the finding was not hidden, in one line.
	Reason string      `json:"reason"`
	Guards []GuardHit  `json:"guards,omitempty"`
	Trace  []RuleTrace `json:"trace,omitempty"`
	// Severity and Headline are set for triage.
	Severity Severity `json:"severity,omitempty"`
	Headline string   `json:"headline,omitempty"`
	// Facts are at most three, strongest first.
	Facts []string `json:"facts,omitempty"`
	// Path is the path all messages came on ("mailbox", "connector:<name>",
	// "saas:<domain>", "direct", "orphan", "mixed").
	Path string `json:"path,omitempty"`
	// Rememberable says whether Approve may be remembered, and Unrememberable why not.
	Rememberable   bool   `json:"rememberable"`
	Unrememberable string `json:"unrememberable,omitempty"`
}

// GuardNames lists the guards that held.
func (j Judgement) GuardNames() []Guard {
	out := make([]Guard, len(j.Guards))
	for i, g := range j.Guards {
		out[i] = g.Guard
	}
	return out
}

// Severity orders cases and says what their deadline does.
type Severity string

const (
	// SeverityHigh escalates and pages at its deadline.
	SeverityHigh Severity = "HIGH"
	// SeverityMedium escalates once at its deadline.
	SeverityMedium Severity = "MEDIUM"
	// SeverityLow goes to the next summary as unreviewed.
	SeverityLow Severity = "LOW"
)

// Validate refuses an unknown severity.
func (s Severity) Validate() error {
	return oneOf("severity", s, SeverityHigh, SeverityMedium, SeverityLow)
}

// PathKind is the way internal mail arrives, as far as a rule can trust it.
type PathKind string

const (
	// PathMailbox is a mailbox of the tenant: Intra-org, no connector, an object id,
	// and nothing evaluated: Exchange checks no mail between mailboxes of one tenant.
	PathMailbox PathKind = "mailbox"
	// PathConnector is a named inbound connector and its declared addresses.
	PathConnector PathKind = "connector"
	// PathSaaS is a service that signs with DKIM aligned to the From domain.
	PathSaaS PathKind = "saas"
	// PathDirect is anonymous mail without connector or aligned signature: no rule trusts it.
	PathDirect PathKind = "direct"
	// PathOrphan is a report without a mail row: nothing is known of its path.
	PathOrphan PathKind = "orphan"
)

// PathMixed stands in a judgement whose messages came on several paths.
const PathMixed = "mixed"

// Path is a path with its name: a connector's name or an aligned domain.
type Path struct {
	Kind PathKind `json:"kind"`
	Name string   `json:"name,omitempty"`
}

// String writes mailbox, connector:<name> or saas:<domain>.
func (p Path) String() string {
	if p.Name == "" {
		return string(p.Kind)
	}
	return string(p.Kind) + ":" + p.Name
}

// ParsePath reads the path of a rule.
func ParsePath(s string) (Path, error) {
	kind, name, named := strings.Cut(strings.TrimSpace(s), ":")
	p := Path{Kind: PathKind(kind), Name: strings.TrimSpace(name)}
	switch p.Kind {
	case PathMailbox:
		if named {
			return Path{}, fmt.Errorf("path %q: mailbox takes no name; write path: mailbox", s)
		}
		return p, nil
	case PathConnector, PathSaaS:
		if p.Name == "" {
			return Path{}, fmt.Errorf("path %q needs a name; write connector:<connector name> or saas:<aligned domain>", s)
		}
		return p, nil
	case "":
		return Path{}, errors.New("path is missing; write path: mailbox, connector:<connector name> or saas:<aligned domain>")
	}
	return Path{}, fmt.Errorf("path %q is not one that a rule can trust; write mailbox, connector:<connector name> or saas:<aligned domain>", s)
}

// PathOf is the path a message came on, read from direction, connector, object
// id and authentication alone, never from what its author wrote.
func PathOf(m Message) Path {
	switch {
	case m.Orphan:
		return Path{Kind: PathOrphan}
	case m.Connector != "":
		return Path{Kind: PathConnector, Name: m.Connector}
	case m.Direction == DirectionIntraOrg && m.ObjectID != "" && !m.Auth.Evaluated():
		return Path{Kind: PathMailbox}
	case m.Direction == DirectionInbound && m.Auth.DMARC == AuthPass && m.Auth.DKIM == AuthPass:
		return Path{Kind: PathSaaS, Name: DomainOf(m.P2)}
	}
	return Path{Kind: PathDirect}
}

// ProvenByDKIM says that a DMARC pass must have come from a signature of the From
// domain, though the row does not name the domain that signed: SPF could not have
// carried it, because it failed or the envelope sender is of another domain.
func (m Message) ProvenByDKIM() bool {
	if m.Auth.DMARC != AuthPass || m.Auth.DKIM != AuthPass {
		return false
	}
	p1, p2 := DomainOf(m.P1), DomainOf(m.P2)
	return m.Auth.SPF == AuthFail || p1 != "" && p2 != "" && lastLabels(p1) != lastLabels(p2)
}

// lastLabels are the two last labels of a domain. Names that DMARC takes for one
// organisation share at least those
// (https://www.rfc-editor.org/rfc/rfc7489#section-3.2).
func lastLabels(domain string) string {
	cut := strings.LastIndexByte(domain, '.')
	if cut < 0 {
		return domain
	}
	return domain[strings.LastIndexByte(domain[:cut], '.')+1:]
}

// What stands in Message.URLHosts in the place of a host that a link does not show.
// A rule takes such links only where it declares the word itself.
const (
	// HostNone is a link without a host, such as text that no scheme makes a link.
	HostNone = "(none)"
	// HostOdd is a link whose host cannot be read as one.
	HostOdd = "(odd)"
)

// IPExchangeOnline stands in Message.IP and Past.IPs for the addresses of Exchange
// Online's own hosts, which differ from mail to mail and tell nothing.
const IPExchangeOnline = "exchange-online"

// Values of EmailEvents.EmailDirection.
const (
	DirectionIntraOrg = "Intra-org"
	DirectionInbound  = "Inbound"
	DirectionOutbound = "Outbound"
)

// DomainOf is the domain of an address, lower case in ASCII, without a trailing
// dot; empty when there is none.
func DomainOf(address string) string {
	a := strings.Trim(strings.TrimSpace(address), "<>")
	at := strings.LastIndexByte(a, '@')
	if at < 0 {
		return ""
	}
	return strings.TrimSuffix(FoldASCII(a[at+1:]), ".")
}

// FoldASCII lower-cases ASCII letters only, so that no other script folds into them.
func FoldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, s)
}
