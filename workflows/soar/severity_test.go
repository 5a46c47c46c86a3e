package soar_test

import (
	"strings"
	"testing"

	"harrier/workflows/soar"
)

func reported(kind soar.SenderKind, phish, spam, reporters, clicked int) soar.Finding {
	return soar.Finding{
		Candidate: soar.Candidate{Sender: "x@contoso.com", Scope: soar.ScopeIntraOrg, Counts: soar.Counts{Phish: phish, Spam: spam, Reporters: reporters}},
		Profile:   soar.SenderProfile{Kind: kind}, Exposure: soar.Exposure{Known: true, Clicked: clicked},
		Evidence: soar.Evidence{Messages: []soar.Message{{}}, Total: 1}, Past: soar.Past{Known: true, Mails: 90},
	}
}

func heldBy(path string, guards ...soar.Guard) soar.Judgement {
	j := soar.Judgement{Path: path}
	for _, g := range guards {
		j.Guards = append(j.Guards, soar.GuardHit{Guard: g, Detail: "seen"})
	}
	return j
}

func TestSeverity(t *testing.T) {
	person, service := soar.KindPerson, soar.KindService
	simulated := reported(person, 0, 0, 3, 2)
	simulated.Candidate.Counts.Simulations = 3
	fresh := reported(service, 1, 0, 1, 0)
	fresh.Past.Mails = 0
	forged := reported(service, 3, 0, 3, 0)
	forged.Candidate.Scope = soar.ScopeClaimsInternal
	clicked := forged
	clicked.Exposure.Clicked = 1
	tests := []struct {
		name string
		f    soar.Finding
		j    soar.Judgement
		want soar.Severity
	}{
		{"person, two reporters of phish", reported(person, 2, 0, 2, 0), heldBy("mailbox", soar.GuardPerson), soar.SeverityHigh},
		{"person, one report that was clicked", reported(person, 1, 0, 1, 1), heldBy("mailbox", soar.GuardPerson), soar.SeverityHigh},
		{"person, two reports by one reporter", reported(person, 2, 0, 1, 0), heldBy("mailbox", soar.GuardPerson), soar.SeverityMedium},
		{"person, spam", reported(person, 0, 2, 2, 0), heldBy("mailbox", soar.GuardPerson), soar.SeverityLow},
		{"compromise facts with spam", reported(service, 0, 1, 1, 0), heldBy("mailbox", soar.GuardCompromise), soar.SeverityHigh},
		{"automation with a new client and link", reported(service, 1, 0, 1, 0), heldBy("mailbox", soar.GuardClient, soar.GuardURLHost), soar.SeverityHigh},
		{"automation with one new recipient", reported(service, 1, 0, 1, 0), heldBy("connector:Relay", soar.GuardRecipients), soar.SeverityMedium},
		{"new automation, to which everybody is new", fresh, heldBy("connector:Relay", soar.GuardNoPast, soar.GuardRecipients), soar.SeverityMedium},
		{"later verdict on internal phish", reported(service, 1, 0, 1, 0), heldBy("mailbox", soar.GuardVerdict), soar.SeverityHigh},
		{"later verdict on spam", reported(service, 0, 1, 1, 0), heldBy("mailbox", soar.GuardVerdict), soar.SeverityMedium},
		{"forgery", forged, heldBy("direct", soar.GuardAuthentication, soar.GuardPath, soar.GuardURLHost), soar.SeverityMedium},
		{"forgery that was clicked", clicked, heldBy("direct", soar.GuardAuthentication), soar.SeverityHigh},
		{"phish held by volume only", reported(service, 1, 0, 1, 0), heldBy("mailbox", soar.GuardVolume), soar.SeverityLow},
		{"two phish reports held by reports and a missing past only", reported(service, 2, 0, 3, 0), heldBy("mailbox", soar.GuardReports, soar.GuardNoPast), soar.SeverityLow},
		{"many phish reports held by reports and a missing past only", reported(service, 3, 0, 3, 0), heldBy("mailbox", soar.GuardReports, soar.GuardNoPast), soar.SeverityMedium},
		{"many spam reports held by reports", reported(service, 0, 9, 9, 0), heldBy("mailbox", soar.GuardReports), soar.SeverityLow},
		{"phish without rule or guard", reported(service, 1, 0, 1, 0), heldBy("mailbox"), soar.SeverityMedium},
		{"attack simulation that was clicked", simulated, heldBy("mailbox", soar.GuardPerson), soar.SeverityLow},
	}
	for _, tt := range tests {
		if got := soar.SeverityOf(tt.f, tt.j); got != tt.want {
			t.Errorf("%s: severity is %s; want %s", tt.name, got, tt.want)
		}
	}
}

func TestWhatMayBeRemembered(t *testing.T) {
	whole := reported(soar.KindService, 1, 0, 1, 0)
	cut := whole
	cut.Evidence.Total = 2
	privileged := whole
	privileged.Profile.Privileged = true
	tests := []struct {
		name string
		f    soar.Finding
		j    soar.Judgement
		why  string
	}{
		{"nothing against it", whole, heldBy("connector:Relay"), ""},
		{"a person", reported(soar.KindPerson, 1, 0, 1, 0), heldBy("mailbox"), "person"},
		{"a privileged account", privileged, heldBy("mailbox"), "privileged"},
		{"one guard", whole, heldBy("mailbox", soar.GuardURLHost), `Guard "new URL host" (seen) holds; it will come again`},
		{"three guards", whole, heldBy("mailbox", soar.GuardURLHost, soar.GuardIP, soar.GuardClient), `Guard "new URL host" (seen) and 2 more hold; it will come again`},
		{"evidence cut", cut, heldBy("mailbox"), "Not all reported messages"},
		{"direct path", whole, heldBy("direct"), "no path that can be trusted"},
		{"mixed paths", whole, heldBy("mixed"), "no path that can be trusted"},
	}
	for _, tt := range tests {
		ok, why := soar.MayRemember(tt.f, tt.j)
		if ok != (tt.why == "") || !strings.Contains(why, tt.why) {
			t.Errorf("%s: remembered %v, %q; want %q", tt.name, ok, why, tt.why)
		}
	}
}

// bursting is a sender whose mail nobody reported.
func bursting(kind soar.SenderKind, sent, usual int) soar.Finding {
	f := reported(kind, 0, 0, 0, 0)
	f.Candidate.Counts.Sent, f.Candidate.Counts.Usual = sent, usual
	return f
}

func TestABurstIsJudgedByItsMailWhoeverReportedIt(t *testing.T) {
	person, service := soar.KindPerson, soar.KindService
	clicked := bursting(person, 212, 14)
	clicked.Exposure.Clicked = 5
	spam := bursting(service, 61, 9)
	spam.Candidate.Counts.Spam, spam.Candidate.Counts.Reporters = 1, 1
	phish := bursting(person, 212, 14)
	phish.Candidate.Counts.Phish, phish.Candidate.Counts.Reporters = 2, 2
	forged := bursting(soar.KindUnknown, 300, 0)
	forged.Candidate.Scope = soar.ScopeClaimsInternal
	simulated := bursting(person, 300, 0)
	simulated.Candidate.Counts.Simulations = 9
	shadow := heldBy("connector:Relay")
	shadow.Trace = []soar.RuleTrace{{Rule: "monitoring-splunk", Outcome: soar.TraceShadow}}
	tests := []struct {
		name string
		f    soar.Finding
		j    soar.Judgement
		want soar.Severity
	}{
		{"a person with links to a new host", bursting(person, 212, 14), heldBy("mailbox", soar.GuardPerson, soar.GuardURLHost, soar.GuardVolume), soar.SeverityHigh},
		{"a person with a new kind of file", bursting(person, 212, 14), heldBy("mailbox", soar.GuardPerson, soar.GuardAttachment, soar.GuardVolume), soar.SeverityHigh},
		{"a person with compromise facts", bursting(person, 212, 14), heldBy("mailbox", soar.GuardPerson, soar.GuardCompromise), soar.SeverityHigh},
		{"a person with a verdict after delivery", bursting(person, 212, 14), heldBy("mailbox", soar.GuardPerson, soar.GuardVerdict), soar.SeverityHigh},
		{"a person who wrote to many", bursting(person, 212, 14), heldBy("mailbox", soar.GuardPerson, soar.GuardVolume), soar.SeverityMedium},
		{"a person whose usual links are clicked", clicked, heldBy("mailbox", soar.GuardPerson, soar.GuardVolume), soar.SeverityMedium},
		{"a person whom two reported", phish, heldBy("mailbox", soar.GuardPerson), soar.SeverityHigh},
		{"a person within the usual", bursting(person, 40, 14), heldBy("mailbox", soar.GuardPerson, soar.GuardURLHost), soar.SeverityLow},
		{"a person with few mails", bursting(person, 19, 0), heldBy("mailbox", soar.GuardPerson, soar.GuardURLHost), soar.SeverityLow},
		{"automation in its envelope", bursting(service, 61, 9), heldBy("connector:Relay", soar.GuardVolume), soar.SeverityLow},
		{"automation that one calls spam", spam, heldBy("connector:Relay", soar.GuardVolume), soar.SeverityLow},
		{"automation over its rule's ceiling", bursting(service, 61, 9), heldBy("connector:Relay", soar.GuardVolume, soar.GuardCeiling), soar.SeverityLow},
		{"automation that no guard holds", bursting(service, 61, 9), heldBy("connector:Relay"), soar.SeverityLow},
		{"automation in shadow mode", bursting(service, 61, 9), shadow, soar.SeverityLow},
		{"automation with a new link", bursting(service, 61, 9), heldBy("connector:Relay", soar.GuardVolume, soar.GuardURLHost), soar.SeverityMedium},
		{"automation with a new link and client", bursting(service, 61, 9), heldBy("mailbox", soar.GuardURLHost, soar.GuardClient), soar.SeverityHigh},
		{"automation with new recipients", bursting(service, 61, 9), heldBy("connector:Relay", soar.GuardVolume, soar.GuardRecipients), soar.SeverityMedium},
		{"forged mail in masses", forged, heldBy("direct", soar.GuardAuthentication, soar.GuardURLHost), soar.SeverityMedium},
		{"an attack simulation", simulated, heldBy("mailbox", soar.GuardPerson, soar.GuardURLHost), soar.SeverityLow},
	}
	for _, tt := range tests {
		if got := soar.SeverityOf(tt.f, tt.j); got != tt.want {
			t.Errorf("%s: severity is %s; want %s", tt.name, got, tt.want)
		}
	}
}

func TestABurstIsNeverLessUrgentThanTheSameReports(t *testing.T) {
	for _, kind := range []soar.SenderKind{soar.KindPerson, soar.KindService, soar.KindUnknown} {
		for _, phish := range []int{0, 1, 3} {
			for _, g := range []soar.Guard{soar.GuardVolume, soar.GuardURLHost, soar.GuardVerdict, soar.GuardPerson, soar.GuardCompromise} {
				f := reported(kind, phish, 1, phish+1, 1)
				burst := f
				burst.Candidate.Counts.Sent, burst.Candidate.Counts.Usual = 212, 14
				order := map[soar.Severity]int{soar.SeverityLow: 1, soar.SeverityMedium: 2, soar.SeverityHigh: 3}
				alone, more := soar.SeverityOf(f, heldBy("mailbox", g)), soar.SeverityOf(burst, heldBy("mailbox", g))
				if order[more] < order[alone] {
					t.Errorf("%s, %d phish reports, %s: %s, as a burst %s", kind, phish, g, alone, more)
				}
			}
		}
	}
}
