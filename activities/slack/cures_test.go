package slack_test

import (
	"strings"
	"testing"

	"harrier/workflows/soar"
)

// cured is a MEDIUM case that two guards hold: one that may be cured, and the one given.
func cured(severity soar.Severity, other soar.GuardHit) soar.Case {
	c := forged()
	c.Judgement.Severity = severity
	c.Judgement.Guards = []soar.GuardHit{other, {Guard: soar.GuardURLHost, Detail: "veeam-report.example", Cure: "declare the host"}}
	return c
}

// Whoever forges a sender is not to be told how to be let in.
func TestMailInDoubtHasNoCureThatWouldLetItIn(t *testing.T) {
	host := soar.GuardHit{Guard: soar.GuardURLHost, Detail: "c0ntoso.example (looks like contoso.com)"}
	for name, c := range map[string]struct {
		of   soar.Case
		want bool
	}{
		"authentication":       {cured(soar.SeverityMedium, soar.GuardHit{Guard: soar.GuardAuthentication}), false},
		"path":                 {cured(soar.SeverityMedium, soar.GuardHit{Guard: soar.GuardPath}), false},
		"look-alike":           {cured(soar.SeverityMedium, soar.GuardHit{Guard: soar.GuardLookalike}), false},
		"look-alike of a link": {cured(soar.SeverityMedium, host), false},
		"verdict":              {cured(soar.SeverityMedium, soar.GuardHit{Guard: soar.GuardVerdict}), false},
		"compromise":           {cured(soar.SeverityMedium, soar.GuardHit{Guard: soar.GuardCompromise}), false},
		"HIGH":                 {cured(soar.SeverityHigh, soar.GuardHit{Guard: soar.GuardNoPast}), false},
		"a missing past":       {cured(soar.SeverityMedium, soar.GuardHit{Guard: soar.GuardNoPast}), true},
		"volume":               {cured(soar.SeverityLow, soar.GuardHit{Guard: soar.GuardVolume}), true},
		"identity":             {cured(soar.SeverityMedium, soar.GuardHit{Guard: soar.GuardIdentity}), true},
		"a person":             {cured(soar.SeverityMedium, soar.GuardHit{Guard: soar.GuardPerson}), true},
	} {
		onCard := strings.Contains(wire(t, card(c.of)), "Cure for new URL host: declare the host.")
		inEvidence := strings.Contains(wire(t, evidencePages(t, c.of, options)[0]), "Cure: declare the host")
		if onCard != c.want || inEvidence != c.want {
			t.Errorf("%s: a cure is on the card %v and in the evidence %v, want %v", name, onCard, inEvidence, c.want)
		}
	}
}

func TestTheAnswerToATakenOverAccountStandsOnEveryCard(t *testing.T) {
	c := cured(soar.SeverityHigh, soar.GuardHit{Guard: soar.GuardCompromise, Detail: "new inbox rule", Cure: "ask the owner by phone"})
	c.Judgement.Guards = append(c.Judgement.Guards, soar.GuardHit{Guard: soar.GuardAuthentication, Cure: "add the address to SPF"})
	for name, got := range map[string]string{"card": wire(t, card(c)), "evidence": wire(t, evidencePages(t, c, options)[0])} {
		if !strings.Contains(got, "ask the owner by phone") || strings.Contains(got, "declare the host") || strings.Contains(got, "to SPF") {
			t.Errorf("%s is %s", name, got)
		}
	}
}

func TestARelayThatOnlyFailsAuthenticationIsToldHowToPass(t *testing.T) {
	spf := soar.GuardHit{Guard: soar.GuardAuthentication, Detail: "SPF fail", Cure: "add the address to the SPF record"}
	for name, c := range map[string]struct {
		severity soar.Severity
		guards   []soar.GuardHit
		want     bool
	}{
		"alone":                {soar.SeverityMedium, []soar.GuardHit{spf}, true},
		"with new recipients":  {soar.SeverityLow, []soar.GuardHit{spf, {Guard: soar.GuardRecipients}}, true},
		"by another path":      {soar.SeverityMedium, []soar.GuardHit{spf, {Guard: soar.GuardPath}}, false},
		"with a verdict later": {soar.SeverityMedium, []soar.GuardHit{spf, {Guard: soar.GuardVerdict}}, false},
		"HIGH":                 {soar.SeverityHigh, []soar.GuardHit{spf}, false},
	} {
		k := forged()
		k.Judgement.Severity, k.Judgement.Guards = c.severity, c.guards
		if got := strings.Contains(wire(t, card(k)), "add the address to the SPF record"); got != c.want {
			t.Errorf("%s: the card names the cure %v, want %v", name, got, c.want)
		}
	}
}
