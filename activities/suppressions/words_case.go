package suppressions

import (
	"fmt"
	"slices"

	"harrier/workflows/soar"
)

// reason says in one line why a finding was not hidden.
func reason(in *inspection, near *fit, hits []soar.GuardHit) string {
	p := in.finding.Profile
	switch {
	case p.Privileged:
		return "Not hidden: no rule applies to a privileged account."
	case p.IsPerson():
		return "Not hidden: no rule applies to a person."
	case near == nil && len(hits) == 0:
		return "Not hidden: no rule knows this sender."
	case near == nil:
		return fmt.Sprintf("Not hidden: no rule knows this sender. Guards: %s.", guardList(hits))
	case len(hits) > 0:
		return fmt.Sprintf("Looks like rule %s, held by: %s.", near.rule.ID, guardList(hits))
	case near.fits():
		return fmt.Sprintf("Rule %s would have hidden it, but is in shadow mode.", near.rule.ID)
	}
	return fmt.Sprintf("Looks like rule %s, but %s: %s.", near.rule.ID, near.failed, near.why)
}

// Names of what a scenario's mail is called in a headline.
var scenarioMail = map[soar.Scenario]string{
	soar.ScenarioBackup:     "backup report",
	soar.ScenarioMonitoring: "monitoring alert",
	soar.ScenarioOnboarding: "onboarding mail",
	soar.ScenarioHelpdesk:   "ticket update",
	soar.ScenarioHealth:     "health report",
}

// headline names what a finding most likely is.
func headline(in *inspection, near *fit, j soar.Judgement) string {
	f := in.finding
	held := j.GuardNames()
	has := func(g soar.Guard) bool { return slices.Contains(held, g) }
	switch {
	case has(soar.GuardNullSender):
		return "Null sender"
	case has(soar.GuardOrphan):
		return "Reported mail without a mail row"
	case soar.OnlySimulations(*f):
		return "Attack simulation"
	case has(soar.GuardLookalike):
		return lookalikeHeadline(in)
	case forged(in):
		return "Forged " + forgedWhat(near)
	case f.Profile.IsPerson():
		return personHeadline(f, j)
	case soar.LooksHijacked(*f, j):
		return "Possibly hijacked automation"
	case near != nil && near.passed > 0:
		return "Probably automation, held back"
	case f.Candidate.Counts.Burst():
		return "Burst of internal mail"
	case f.Profile.Kind == soar.KindExternal:
		return "Reported mail from outside"
	}
	return "Reported internal sender"
}

func lookalikeHeadline(in *inspection) string {
	for _, m := range in.finding.Evidence.Messages {
		if of, _, ok := in.lookalike(soar.DomainOf(m.P2)); ok {
			return "Look-alike of " + of
		}
	}
	if in.finding.Candidate.Scope == soar.ScopeImitatesInternal {
		return "Look-alike of an accepted domain"
	}
	return "Deceptive sender address"
}

// forged says that mail claims an internal From without anything that proves it.
func forged(in *inspection) bool {
	return in.each(func(m *soar.Message) string {
		if in.tenant.IsInternal(m.P2) && m.Direction != soar.DirectionIntraOrg && m.Auth.DMARC != soar.AuthPass && m.Connector == "" {
			return "forged"
		}
		return ""
	}) != ""
}

func forgedWhat(near *fit) string {
	if near == nil || scenarioMail[near.rule.Scenario] == "" {
		return "internal address"
	}
	return scenarioMail[near.rule.Scenario]
}

func personHeadline(f *soar.Finding, j soar.Judgement) string {
	switch {
	case soar.LikelyTakenOver(*f, j):
		return "Likely taken-over mailbox"
	case f.Candidate.Counts.Phish > 0:
		return "Possibly taken-over mailbox"
	case f.Candidate.Counts.Burst():
		return "Burst of a person's mail"
	}
	return "Reported mail of a person"
}

// fact is a guard that speaks on a card, and how its detail reads there.
type fact struct {
	guard  soar.Guard
	before string
}

// factOrder is how strongly a guard speaks.
var factOrder = []fact{
	{soar.GuardCompromise, ""},
	{soar.GuardVerdict, "Verdict: "},
	{soar.GuardLookalike, ""},
	{soar.GuardAuthentication, ""},
	{soar.GuardIP, "Sent from "},
	{soar.GuardClient, "Written by "},
	{soar.GuardURLHost, "Link to "},
	{soar.GuardAttachment, "Attachment type "},
	{soar.GuardRecipients, ""},
	{soar.GuardPath, "Path: "},
	{soar.GuardInteractive, ""},
	{soar.GuardIdentity, "Sender: "},
	{soar.GuardAlignment, ""},
	{soar.GuardVolume, ""},
	{soar.GuardReports, ""},
	{soar.GuardCeiling, ""},
	{soar.GuardNoPast, ""},
	{soar.GuardEvidence, ""},
}

// burstFirst speak first of a burst: that it is one, and what it carries that is new.
var burstFirst = []soar.Guard{soar.GuardCompromise, soar.GuardVerdict, soar.GuardVolume, soar.GuardURLHost, soar.GuardAttachment}

// orderOf is the order of facts of a finding.
func orderOf(f *soar.Finding) []fact {
	if !f.Candidate.Counts.Burst() {
		return factOrder
	}
	place := func(x fact) int {
		if i := slices.Index(burstFirst, x.guard); i >= 0 {
			return i
		}
		return len(burstFirst)
	}
	out := slices.Clone(factOrder)
	slices.SortStableFunc(out, func(a, b fact) int { return place(a) - place(b) })
	return out
}

// maxFacts is how many facts a card shows.
const maxFacts = 3

// facts are what an analyst should know first, strongest first.
func facts(in *inspection, near *fit, hits []soar.GuardHit) []string {
	var out []string
	for _, order := range orderOf(in.finding) {
		if order.guard == soar.GuardVolume && in.finding.Candidate.Counts.Burst() {
			out = append(out, burst(in.finding)) // the guard says it of one day, this of the window
			continue
		}
		for _, h := range hits {
			if h.Guard == order.guard {
				out = append(out, order.before+h.Detail+realPath(h, near))
			}
		}
	}
	out = out[:min(len(out), maxFacts)]
	if len(out) < maxFacts {
		if f := said(in, near); f != "" {
			out = append(out, f)
		}
	}
	return out
}

// realPath says on a forgery which path the rule's own mail comes by.
func realPath(h soar.GuardHit, near *fit) string {
	if h.Guard != soar.GuardAuthentication || near == nil || near.failed != "path" || near.rule.Path.Kind != soar.PathConnector {
		return ""
	}
	return fmt.Sprintf("; the real sender comes through connector %q", near.rule.Path.Name)
}

func readableHost(hosts []string) bool {
	return len(hosts) > 0 && hosts[0] != soar.HostNone && hosts[0] != soar.HostOdd
}

// said quotes what the newest mail says, with where its link leads.
func said(in *inspection, near *fit) string {
	messages := in.finding.Evidence.Messages
	switch {
	case len(messages) == 0 || messages[0].Subject == "":
		return ""
	case readableHost(messages[0].URLHosts):
		return fmt.Sprintf("%s -> hxxps://%s", quote(messages[0].Subject), defang(messages[0].URLHosts[0]))
	case near != nil && near.passed > 0 && near.shape:
		return "Subject shape as usual: " + quote(messages[0].Subject)
	}
	return "Subject: " + quote(messages[0].Subject)
}
