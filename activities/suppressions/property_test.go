package suppressions_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"harrier/activities/suppressions"
	"harrier/workflows/soar"
)

// eager are rules that want to hide as much as a rule can.
func eager(t testing.TB) *suppressions.Set {
	var rules []soar.Rule
	for _, x := range tools {
		path, err := soar.ParsePath(x.path)
		if err != nil {
			t.Fatal(err)
		}
		r := plain()
		r.ID, r.Path, r.Senders, r.Ceiling = x.rule, path, []string{x.sender}, 1_000_000
		r.URLHosts = []string{"evil.example", "contoso-hr.example", "warm.example", "veeam-report.example", x.host, "splunk.contoso.com"}
		if x.host == "" {
			r.URLHosts[4] = "none.example"
		}
		r.AttachmentTypes = []string{"html", "csv", "txt"}
		r.When = `mail.subject != "" || mail.subject == ""`
		rules = append(rules, r)
	}
	return compiled(t, rules...)
}

// anyRule draws a rule for a tool's sender that declares more or less at random.
func anyRule(t *rapid.T, x tool) soar.Rule {
	path, err := soar.ParsePath(x.path)
	if err != nil {
		t.Fatal(err)
	}
	r := plain()
	r.ID, r.Path, r.Ceiling = x.rule, path, rapid.IntRange(1, 1000).Draw(t, "ceiling")
	r.Senders = []string{x.sender}
	r.URLHosts = rapid.SliceOfDistinct(rapid.SampledFrom([]string{"evil.example", "contoso-hr.example", "splunk.contoso.com", "contoso.okta.com"}), rapid.ID).Draw(t, "hosts")
	if r.URLHosts == nil {
		r.URLHosts = []string{}
	}
	r.AttachmentTypes = rapid.SliceOf(rapid.SampledFrom([]string{"html", "csv", "txt"})).Draw(t, "types")
	r.When = rapid.SampledFrom([]string{`mail.subject != "?"`, `mail.url_count >= 0`, `mail.auth.dmarc != "x"`, `mail.recipients.exists(a, true) || true`}).Draw(t, "when")
	return r
}

func TestWhereAGuardHoldsNothingIsHiddenWhateverTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := rapid.SampledFrom(guardCases).Draw(t, "guard")
		if g.guard == soar.GuardCeiling || strings.Contains(g.detail, "declared for rule") {
			return // these guards are about what a rule says
		}
		x := tools[slices.IndexFunc(tools, func(x tool) bool { return x.rule == g.rule })]
		set, err := suppressions.Compile([]soar.Rule{anyRule(t, x)}, tenant())
		if err != nil {
			t.Fatal(err)
		}
		f := x.finding()
		g.edit(&f, &f.Evidence.Messages[0])
		j := suppressions.Judge(set, tenant(), []soar.Finding{f}, now)[0]
		if _, ok := held(j, g.guard); !ok || j.Verdict == soar.VerdictSuppressed {
			t.Fatalf("%s: %s", g.name, show(j))
		}
	})
}

func TestNoPersonsMailIsHiddenWhateverTheRules(t *testing.T) {
	sets := []*suppressions.Set{shipped(t), eager(t)}
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(tools).Draw(t, "tool").finding()
		if rapid.Bool().Draw(t, "privileged") {
			f.Profile.Privileged = true
		} else {
			f.Profile.Kind = soar.KindPerson
		}
		for _, set := range sets {
			if j := suppressions.Judge(set, tenant(), []soar.Finding{f}, now)[0]; j.Verdict == soar.VerdictSuppressed {
				t.Fatalf("hidden: %s", show(j))
			}
		}
	})
}

func TestTextAloneNeverHidesAMailThatCameAnotherWay(t *testing.T) {
	sets := []*suppressions.Set{shipped(t), eager(t)}
	breaks := []func(*soar.Message){
		func(m *soar.Message) {
			m.Connector, m.Direction = "", soar.DirectionInbound
			m.Auth = soar.Authentication{}
		},
		func(m *soar.Message) { m.Connector = "Partner" },
		func(m *soar.Message) { m.Connector, m.ObjectID, m.Direction = "", "", soar.DirectionIntraOrg },
		func(m *soar.Message) { m.IP, m.Connector = "198.51.100.23", "OnPrem relay" },
		func(m *soar.Message) { m.P1 = "someone@esp.test"; m.Auth = soar.Authentication{} },
	}
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.SampledFrom(tools).Draw(t, "real")
		imitated := rapid.SampledFrom(tools).Draw(t, "imitated")
		f := change(base.finding(), rapid.SampledFrom(breaks).Draw(t, "break"))
		m := &f.Evidence.Messages[0]
		m.Subject = rapid.SampledFrom([]string{imitated.subject, base.subject, rapid.String().Draw(t, "text")}).Draw(t, "subject")
		m.DisplayName = rapid.SampledFrom([]string{imitated.display, "Veeam Backup", rapid.String().Draw(t, "name")}).Draw(t, "display name")
		m.P2 = rapid.SampledFrom([]string{imitated.sender, base.sender}).Draw(t, "from")
		for _, set := range sets {
			if j := suppressions.Judge(set, tenant(), []soar.Finding{f}, now)[0]; j.Verdict == soar.VerdictSuppressed {
				t.Fatalf("hidden: %s", show(j))
			}
		}
	})
}

func TestJudgementsAreValidForAnyFinding(t *testing.T) {
	set := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(forgeries).Draw(t, "forgery").make(rapid.SampledFrom(tools).Draw(t, "tool"))
		m := &f.Evidence.Messages[0]
		m.P1, m.P2, m.Subject, m.IP = rapid.String().Draw(t, "p1"), rapid.String().Draw(t, "p2"), rapid.String().Draw(t, "subject"), rapid.String().Draw(t, "ip")
		f.Candidate.Counts.Phish = rapid.IntRange(0, 9).Draw(t, "phish")
		j := suppressions.Judge(set, tenant(), []soar.Finding{f}, now)[0]
		if j.Verdict != soar.VerdictTriage || j.Severity.Validate() != nil || j.Headline == "" || j.Reason == "" || len(j.Facts) > 3 || len(j.Trace) > 10 {
			t.Fatalf("%s %s", j.Severity, show(j))
		}
		if j.Rememberable == (j.Unrememberable != "") {
			t.Fatalf("rememberable is %v, because %q", j.Rememberable, j.Unrememberable)
		}
	})
}
