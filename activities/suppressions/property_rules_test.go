package suppressions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harrier/activities/suppressions"
	"harrier/config"
	"harrier/workflows/soar"
)

// changes that mail or what is known of it may have, harmless ones among them.
var changes = []func(*rapid.T, *soar.Finding, *soar.Message){
	func(t *rapid.T, _ *soar.Finding, m *soar.Message) {
		m.Subject = rapid.SampledFrom(tools).Draw(t, "subject").subject
	},
	func(t *rapid.T, _ *soar.Finding, m *soar.Message) {
		m.DisplayName = rapid.SampledFrom([]string{"", "Veeam", "Sam Roe (Jira)"}).Draw(t, "name")
	},
	func(t *rapid.T, _ *soar.Finding, m *soar.Message) {
		m.NewRecipients = rapid.IntRange(0, 1).Draw(t, "new recipients")
	},
	func(t *rapid.T, _ *soar.Finding, m *soar.Message) {
		m.IP = rapid.SampledFrom([]string{m.IP, "", "192.0.2.21", "198.51.100.23", soar.IPExchangeOnline}).Draw(t, "ip")
	},
	func(t *rapid.T, _ *soar.Finding, m *soar.Message) {
		m.P1 = rapid.SampledFrom([]string{m.P1, "<>", "x@esp.test", "root@web01.contoso.com", "x@fabrikam.com"}).Draw(t, "p1")
	},
	func(t *rapid.T, _ *soar.Finding, m *soar.Message) {
		m.P2 = rapid.SampledFrom([]string{m.P2, "", "ceo@contoso.com", "backup@c0ntoso.com", rapid.SampledFrom(tools).Draw(t, "other").sender}).Draw(t, "p2")
	},
	func(t *rapid.T, _ *soar.Finding, m *soar.Message) {
		m.Direction = rapid.SampledFrom([]string{m.Direction, soar.DirectionInbound, soar.DirectionIntraOrg}).Draw(t, "direction")
	},
	func(t *rapid.T, _ *soar.Finding, m *soar.Message) {
		m.Connector = rapid.SampledFrom([]string{m.Connector, "", "OnPrem relay", "Partner"}).Draw(t, "connector")
	},
	func(t *rapid.T, _ *soar.Finding, m *soar.Message) {
		result := rapid.SampledFrom([]soar.AuthResult{soar.AuthPass, soar.AuthFail, soar.AuthNotEvaluated})
		m.Auth = soar.Authentication{SPF: result.Draw(t, "spf"), DKIM: result.Draw(t, "dkim"), DMARC: result.Draw(t, "dmarc"), CompAuth: result.Draw(t, "compauth")}
	},
	func(t *rapid.T, _ *soar.Finding, m *soar.Message) {
		hosts := rapid.SliceOfN(rapid.SampledFrom([]string{"evil.example", "splunk.contoso.com", "contoso.okta.com", soar.HostNone}), 0, 2).Draw(t, "hosts")
		m.URLHosts, m.URLCount = hosts, len(hosts)
	},
	func(t *rapid.T, _ *soar.Finding, m *soar.Message) {
		types := rapid.SliceOfN(rapid.SampledFrom([]string{"html", "csv", "txt"}), 0, 2).Draw(t, "types")
		m.AttachmentTypes, m.AttachmentCount = types, len(types)
	},
	func(t *rapid.T, _ *soar.Finding, m *soar.Message) {
		m.InternetMessageID = rapid.SampledFrom([]string{m.InternetMessageID, "", "<x@AM0PR01.eurprd01.prod.outlook.com>", "<1.2@dev77.contoso.com>"}).Draw(t, "message id")
	},
	func(t *rapid.T, _ *soar.Finding, m *soar.Message) {
		m.ThreatTypes = rapid.SampledFrom([]string{"", "Phish"}).Draw(t, "threats")
	},
	func(t *rapid.T, _ *soar.Finding, m *soar.Message) { m.Orphan = rapid.Bool().Draw(t, "orphan") },
	func(t *rapid.T, f *soar.Finding, _ *soar.Message) {
		f.Profile.Kind = rapid.SampledFrom([]soar.SenderKind{f.Profile.Kind, soar.KindPerson, soar.KindGuest, soar.KindDeleted, soar.KindAmbiguous, soar.KindUnknown, soar.KindShared, ""}).Draw(t, "kind")
	},
	func(t *rapid.T, f *soar.Finding, _ *soar.Message) {
		f.Profile.Privileged = rapid.Bool().Draw(t, "privileged")
	},
	func(t *rapid.T, f *soar.Finding, _ *soar.Message) {
		f.Evidence.Total = rapid.IntRange(1, 2).Draw(t, "total")
	},
	func(t *rapid.T, f *soar.Finding, _ *soar.Message) { f.Past.Known = rapid.Bool().Draw(t, "past known") },
	func(t *rapid.T, f *soar.Finding, _ *soar.Message) {
		f.Past.Mails = rapid.IntRange(0, 90).Draw(t, "past mails")
	},
	func(t *rapid.T, f *soar.Finding, _ *soar.Message) {
		f.Exposure.Known = rapid.Bool().Draw(t, "exposure")
	},
	func(t *rapid.T, f *soar.Finding, _ *soar.Message) {
		f.Exposure.LaterVerdict = rapid.SampledFrom([]string{"", "Phish ZAP"}).Draw(t, "later")
	},
	func(t *rapid.T, f *soar.Finding, _ *soar.Message) {
		f.Past.InboxRuleChanges = rapid.SampledFrom([][]string{nil, {"2026-11-24 07:00 New-InboxRule"}}).Draw(t, "inbox rules")
	},
	func(t *rapid.T, f *soar.Finding, _ *soar.Message) {
		n := rapid.IntRange(1, 4).Draw(t, "reports")
		f.Candidate.Counts.Spam, f.Candidate.Counts.Reporters = n, n
	},
}

// anyFinding is a tool's genuine mail with up to three changes.
func anyFinding(t *rapid.T) soar.Finding {
	f := rapid.SampledFrom(tools).Draw(t, "tool").finding()
	f.Evidence.Messages = slices.Clone(f.Evidence.Messages)
	for _, change := range rapid.SliceOfN(rapid.SampledFrom(changes), 0, 3).Draw(t, "changes") {
		change(t, &f, &f.Evidence.Messages[0])
	}
	return f
}

// guarded says by itself, and not as the guards do, why nothing may be hidden.
func guarded(f soar.Finding) string {
	m, past := f.Evidence.Messages[0], f.Past
	domain := func(a string) string { return a[strings.LastIndexByte(a, '@')+1:] }
	own := func(a string) bool {
		return strings.HasSuffix("."+domain(a), ".contoso.com") || strings.HasSuffix("."+domain(a), ".fabrikam.com")
	}
	family := m.ClientHost()
	if strings.HasSuffix(family, ".prod.outlook.com") {
		family = "prod.outlook.com"
	}
	passed := m.Auth.DMARC == soar.AuthPass
	outside := func(known, values []string) bool {
		return slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(known, v) })
	}
	for why, holds := range map[string]bool{
		"authentication": m.Auth.DMARC == soar.AuthFail || m.Auth.CompAuth == soar.AuthFail || m.Direction == soar.DirectionInbound && !passed,
		"alignment":      m.P1 == "<>" || domain(m.P1) != domain(m.P2) && !passed && !(own(m.P1) && own(m.P2)),
		"look-alike":     domain(m.P2) == "c0ntoso.com",
		"identity":       slices.Contains([]soar.SenderKind{soar.KindGuest, soar.KindDeleted, soar.KindAmbiguous, soar.KindUnknown, ""}, f.Profile.Kind),
		"person":         f.Profile.Kind == soar.KindPerson || f.Profile.Privileged,
		"no sender":      m.P2 == "",
		"path":           outside(past.Connectors, []string{m.Connector}) || outside(past.Directions, []string{m.Direction}),
		"client":         outside(past.ClientFamilies, []string{family}),
		"address":        m.Direction == soar.DirectionIntraOrg && m.IP != "" && outside(past.IPs, []string{m.IP}),
		"recipients":     m.NewRecipients > 0,
		"link":           outside(past.URLHosts, m.URLHosts),
		"file":           outside(past.AttachmentTypes, m.AttachmentTypes),
		"verdict":        m.ThreatTypes != "" || f.Exposure.LaterVerdict != "",
		"reports":        f.Candidate.Counts.Reporters >= 3 && f.Candidate.Counts.Spam*10 >= f.Candidate.Counts.Delivered,
		"compromise":     len(past.InboxRuleChanges) > 0,
		"evidence":       f.Evidence.Total != len(f.Evidence.Messages) || !f.Exposure.Known,
		"orphan":         m.Orphan,
		"past":           !past.Known || past.Mails < 5,
	} {
		if holds {
			return why
		}
	}
	return ""
}

func TestNothingWithAGuardConditionIsEverHiddenWhateverTheRules(t *testing.T) {
	hidden, held := 0, map[string]bool{}
	shippedRules, err := config.LoadRules("../../config/suppressions", tenant())
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		rules := slices.Clone(shippedRules)
		for range rapid.IntRange(0, 3).Draw(t, "rules") {
			r := anyRule(t, rapid.SampledFrom(tools).Draw(t, "rule's tool"))
			r.ID += "-" + fmt.Sprint(len(rules))
			rules = append(rules, r)
		}
		set, err := suppressions.Compile(rules, tenant())
		if err != nil {
			t.Fatal(err)
		}
		f := anyFinding(t)
		j := suppressions.Judge(set, tenant(), []soar.Finding{f}, now)[0]
		why := guarded(f)
		switch {
		case why != "" && j.Verdict == soar.VerdictSuppressed:
			t.Fatalf("hidden though %s: %s", why, show(j))
		case why != "" && len(j.Guards) == 0:
			t.Fatalf("no guard holds though %s: %s", why, show(j))
		case j.Verdict == soar.VerdictSuppressed:
			hidden++
		}
		held[why] = true
	})
	if hidden == 0 || len(held) < 5 {
		t.Errorf("%d findings hidden, conditions %v: the generator shows nothing", hidden, held)
	}
}

// anyRuleText is a rule for a tool as somebody might write it, half of them with one
// mistake that would make it hide more.
func anyRuleText(t *rapid.T, x tool) string {
	broken := rapid.SampledFrom([]string{"", "", "", "", "path", "senders", "envelopes", "when"}).Draw(t, "broken")
	pick := func(part, good string, bad ...string) string {
		if part == broken {
			return rapid.SampledFrom(bad).Draw(t, part)
		}
		return good
	}
	var b strings.Builder
	fmt.Fprintf(&b, "suppressions:\n  - id: tried\n    scenario: %s\n", rapid.SampledFrom([]string{"backup", "helpdesk", "monitoring"}).Draw(t, "scenario"))
	b.WriteString(pick("path", "    path: \""+x.path+"\"\n", "    path: mailbox\n", "    path: direct\n", ""))
	b.WriteString(pick("senders", "    senders: ["+x.sender+"]\n", "    senders: ['*@contoso.com']\n", "    senders: [contoso.com]\n", "    senders: []\n", ""))
	envelope := ""
	if x.envelope != "" {
		envelope = "    envelopes: [\"" + x.envelope + "\"]\n"
	}
	b.WriteString(pick("envelopes", envelope, "    envelopes: [\"x@esp.test\"]\n", "    envelopes: [\"<>\"]\n", "    envelopes: [\"@contoso.com\"]\n"))
	fmt.Fprintf(&b, "    url_hosts: [%s]\n    attachment_types: [csv, txt]\n", x.host)
	good := rapid.SampledFrom([]string{`mail.subject != "?"`, `mail.subject.contains("a") || mail.display_name != "?"`, `mail.display_name != "" || mail.subject != ""`}).Draw(t, "text alone")
	fmt.Fprintf(&b, "    when: %q\n", pick("when", good, "true", `mail.subjct != ""`, `"a" == "a"`))
	b.WriteString("    reason: r\n    owner: o\n    ticket: t\n    created: 2026-11-01\n    expires: 2027-10-31\n    mode: enforce\n    ceiling: 1000\n")
	return b.String()
}

// elsewhere takes a mail away from where a rule found it, and leaves its text alone.
var elsewhere = []func(*soar.Message){
	func(m *soar.Message) {
		m.Connector, m.ObjectID, m.Direction, m.Auth = "", "", soar.DirectionInbound, soar.Authentication{SPF: soar.AuthPass}
	},
	func(m *soar.Message) { m.Connector = "Partner" },
	func(m *soar.Message) { m.Auth = soar.Authentication{SPF: soar.AuthFail, DMARC: soar.AuthFail} },
	func(m *soar.Message) { m.P2 = "stranger@contoso.com" },
	func(m *soar.Message) { m.P1, m.P2 = "stranger@contoso.com", "stranger@contoso.com" },
	func(m *soar.Message) { m.P1 = "stranger@contoso.com" },
	func(m *soar.Message) { m.P2 = "x." + m.P2 },
	func(m *soar.Message) { m.P1, m.P2 = m.P1+".evil.test", m.P2+".evil.test" },
}

func TestNoRuleThatLoadsHidesBySubjectOrDisplayNameAlone(t *testing.T) {
	loaded, refused, hidden := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SampledFrom(tools).Draw(t, "rule's tool")
		rules, err := config.ParseRules("tried.yaml", anyRuleText(t, x), tenant())
		if err == nil {
			_, err = suppressions.Compile(rules, tenant())
		}
		if err != nil {
			refused++
			return
		}
		loaded++
		set, err := suppressions.Compile(rules, tenant())
		if err != nil {
			t.Fatal(err)
		}
		f := rapid.SampledFrom([]tool{x, x, rapid.SampledFrom(tools).Draw(t, "other tool")}).Draw(t, "tool").finding()
		if suppressions.Judge(set, tenant(), []soar.Finding{f}, now)[0].Verdict == soar.VerdictSuppressed {
			hidden++
		}
		moved := change(f, rapid.SampledFrom(elsewhere).Draw(t, "elsewhere"))
		// What is known of the sender fits the moved mail: no guard of the past helps.
		m := moved.Evidence.Messages[0]
		moved.Past.Connectors, moved.Past.Directions = append(moved.Past.Connectors, m.Connector), append(moved.Past.Directions, m.Direction)
		moved.Candidate.Sender, moved.Candidate.Scope = m.P2, scopeOf(m)
		if j := suppressions.Judge(set, tenant(), []soar.Finding{moved}, now)[0]; j.Verdict == soar.VerdictSuppressed {
			t.Fatalf("hidden: %s", show(j))
		}
	})
	if loaded == 0 || refused == 0 || hidden == 0 {
		t.Errorf("%d rules loaded, %d refused, %d findings hidden: the generator shows nothing", loaded, refused, hidden)
	}
}

func TestNeitherRuleNorLearnedEntryHidesAPersonsMailbox(t *testing.T) {
	sets := []*suppressions.Set{nil, shipped(t), eager(t)}
	entries, shapes := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		f := anyFinding(t)
		if rapid.Bool().Draw(t, "learned of a person") {
			f.Profile.Kind = soar.KindPerson
		}
		j := suppressions.Judge(rapid.SampledFrom(sets).Draw(t, "rules"), tenant(), []soar.Finding{f}, now)[0]
		entry := soar.NewEntry(soar.Case{Finding: f, Judgement: j}, soar.Decision{Kind: soar.Approve, By: soar.Actor{ID: "U1"}, At: now}, now.AddDate(0, 0, 90))
		see := soar.See{Finding: f, Judgement: j, At: now.Add(time.Hour)}
		if hides, _ := entry.Hides(see); hides {
			entries++
		}
		learnedOfPerson := f.Profile.IsPerson()
		if rapid.Bool().Draw(t, "privileged") {
			see.Finding.Profile.Privileged = true
		} else {
			see.Finding.Profile.Kind = soar.KindPerson
		}
		for _, set := range sets {
			see.Judgement = suppressions.Judge(set, tenant(), []soar.Finding{see.Finding}, now)[0]
			if see.Judgement.Verdict == soar.VerdictSuppressed {
				t.Fatalf("a rule hides a person: %s", show(see.Judgement))
			}
			// Whatever the guards say, the entry knows a person by itself.
			see.Judgement.Guards = nil
			if hides, _ := entry.Hides(see); hides {
				shapes++
				if !learnedOfPerson {
					t.Fatalf("what was learned of a program hides a person: %+v", see.Finding.Profile)
				}
			}
			see.Finding = change(see.Finding, func(m *soar.Message) { m.Subject = "Are you at your desk?" })
			if hides, _ := entry.Hides(see); hides {
				t.Fatalf("an entry hides other mail of a person: %+v", see.Finding.Evidence)
			}
			see.Finding, see.At = change(see.Finding, func(m *soar.Message) { m.Subject = f.Evidence.Messages[0].Subject }), now.AddDate(0, 0, 7)
			if hides, _ := entry.Hides(see); hides {
				t.Fatal("an entry hides a person's mail for more than 7 days")
			}
			see.At = now.Add(time.Hour)
		}
	})
	if entries == 0 || shapes == 0 {
		t.Errorf("%d entries hide, %d of them a person's mail of one shape: the generator shows nothing", entries, shapes)
	}
}
