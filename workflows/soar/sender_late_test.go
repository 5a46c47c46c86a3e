package soar_test

import (
	"strings"
	"testing"
	"time"

	"harrier/workflows/soar"
)

func TestALateProfileCompletesOnlyWhatIsNotKnown(t *testing.T) {
	unknown, person := soar.SenderProfile{Kind: soar.KindUnknown, Why: "graph down"}, soar.SenderProfile{Kind: soar.KindPerson}
	for _, c := range []struct {
		name, sender string
		have, late   soar.SenderProfile
		want         soar.SenderKind
	}{
		{"unknown, then a person", "a@contoso.com", unknown, person, soar.KindPerson},
		{"never looked up, then a person", "a@contoso.com", soar.SenderProfile{}, person, soar.KindPerson},
		{"unknown again", "a@contoso.com", unknown, soar.SenderProfile{Kind: soar.KindUnknown, Why: "still down"}, soar.KindUnknown},
		{"known already", "a@contoso.com", soar.SenderProfile{Kind: soar.KindService}, person, soar.KindService},
		{"nobody", "<>", unknown, person, soar.KindUnknown},
	} {
		f := soar.Finding{Candidate: soar.Candidate{Sender: c.sender, SenderIs: soar.P2}, Profile: c.have}
		out, changed := f.WithLateProfile(c.late)
		if out.Profile.Kind != c.want || changed != (c.want != c.have.Kind) || f.Profile.Kind != c.have.Kind {
			t.Errorf("%s: %q, changed %t", c.name, out.Profile.Kind, changed)
		}
	}
}

func TestWhatTheLogsDoNotSayIsNotKnownOfASender(t *testing.T) {
	mail := soar.Message{InternetMessageID: "<1@AM0.eurprd01.prod.outlook.com>"}
	f := soar.Finding{
		Candidate: soar.Candidate{Scope: soar.ScopeIntraOrg}, Evidence: soar.Evidence{Messages: []soar.Message{mail}},
		Profile: soar.SenderProfile{Kind: soar.KindService, Evidence: []string{"Licence: none"}},
	}
	for _, c := range []struct {
		name string
		past soar.Past
		want []string
	}{
		{"nothing read", soar.Past{}, []string{"Licence: none", "prod.outlook.com; whether that is usual is not known", "not known, no such log could be read"}},
		{"another client, no changes", soar.Past{Known: true, Mails: 9, ClientFamilies: []string{"bkp01"}, AuditKnown: true}, []string{"never seen before", "none changed in 14 days"}},
		{"the usual client, changes", soar.Past{Known: true, Mails: 9, ClientFamilies: []string{"prod.outlook.com"}, AuditKnown: true, InboxRuleChanges: []string{"x"}}, []string{"as in the sender's past", "1 changed in 14 days"}},
		{"a past that was cut", soar.Past{Known: true, Mails: 9, Truncated: true}, []string{"not in what is known of the past"}},
	} {
		f.Past = c.past
		text := strings.Join(f.SenderEvidence(), "\n")
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q lacks %q", c.name, text, want)
			}
		}
	}
}

func TestAProfilesVerdictAndAge(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for want, p := range map[string]soar.SenderProfile{
		"privileged person: directory role X": {Kind: soar.KindPerson, Privileged: true, PrivilegedWhy: "directory role X"},
		"privileged shared mailbox: group Y":  {Kind: soar.KindShared, Privileged: true, PrivilegedWhy: "group Y"},
		"guest: listed as one":                {Kind: soar.KindGuest, Why: "listed as one"},
		"unknown: not looked up":              {},
	} {
		if what, why := p.Verdict(); what+": "+why != want {
			t.Errorf("%s: %s, want %s", what, why, want)
		}
	}
	if age := (soar.SenderProfile{AsOf: at}).Age(at.Add(time.Hour)); age != time.Hour {
		t.Errorf("age %s", age)
	}
	if age := (soar.SenderProfile{}).Age(at); age != 0 {
		t.Errorf("age of nothing %s", age)
	}
}
