package suppressions

import (
	"time"

	"harrier/workflows/soar"
)

// inspection is one finding as the guards see it.
type inspection struct {
	finding *soar.Finding
	tenant  soar.Tenant
	// protected are accepted domains and the tenant's own domains at services.
	protected []string
	// services are those domains at services.
	services   []string
	thresholds Thresholds
	now        time.Time
	// fits are the rules that came near.
	fits []fit
}

// guard looks at a finding and says what it saw, empty when it does not hold,
// and the cure where there is one.
type guard struct {
	name soar.Guard
	look func(*inspection) (detail, cure string)
}

// guards in the order in which cards list them.
var guards = []guard{
	{soar.GuardAuthentication, authenticationGuard},
	{soar.GuardAlignment, alignmentGuard},
	{soar.GuardLookalike, lookalikeGuard},
	{soar.GuardIdentity, identityGuard},
	{soar.GuardInteractive, interactiveGuard},
	{soar.GuardPerson, personGuard},
	{soar.GuardNullSender, nullSenderGuard},
	{soar.GuardPath, pathGuard},
	{soar.GuardClient, clientGuard},
	{soar.GuardIP, addressGuard},
	{soar.GuardRecipients, recipientsGuard},
	{soar.GuardURLHost, urlHostGuard},
	{soar.GuardAttachment, attachmentGuard},
	{soar.GuardVerdict, verdictGuard},
	{soar.GuardVolume, volumeGuard},
	{soar.GuardReports, reportsGuard},
	{soar.GuardCompromise, compromiseGuard},
	{soar.GuardEvidence, evidenceGuard},
	{soar.GuardOrphan, orphanGuard},
	{soar.GuardNoPast, noPastGuard},
	{soar.GuardCeiling, ceilingGuard},
}

// lookAll runs every guard.
func lookAll(in *inspection) []soar.GuardHit {
	var hits []soar.GuardHit
	for _, g := range guards {
		if detail, cure := g.look(in); detail != "" {
			hits = append(hits, soar.GuardHit{Guard: g.name, Detail: detail, Cure: cure})
		}
	}
	return hits
}

// each returns the first answer that a message gives.
func (in *inspection) each(look func(*soar.Message) string) string {
	messages := in.finding.Evidence.Messages
	for i := range messages {
		if detail := look(&messages[i]); detail != "" {
			return detail
		}
	}
	return ""
}

// comparable says that there is a past to hold the mail against. Without one the
// guard against a missing past holds.
func (in *inspection) comparable() bool {
	return in.finding.Past.Known && in.finding.Past.Mails > 0
}

// unseen says that a value is not in the sender's past, and with a past that was
// cut, that nothing shows it is.
func (in *inspection) unseen(known []string, value string) string {
	for _, k := range known {
		if soar.FoldASCII(k) == soar.FoldASCII(value) {
			return ""
		}
	}
	if in.finding.Past.Truncated {
		return "not in what is known of the past, which was cut"
	}
	return notSeen(in.finding.Past, in.now)
}

func (in *inspection) nullSender() bool {
	c := in.finding.Candidate
	return soar.IsNullSender(c.Sender) || in.each(func(m *soar.Message) string {
		if soar.IsNullSender(m.P2) {
			return "null"
		}
		return ""
	}) != ""
}
