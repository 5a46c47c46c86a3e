package loganalytics_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"harrier/activities/loganalytics"
	"harrier/workflows/soar"
)

// outside puts mail with each From into a world, one message each, and hunts:
// the scope of each message, empty when it is no finding.
func outside(t testing.TB, direction string, froms ...string) []soar.Scope {
	t.Helper()
	w := newWorld(t)
	for i, from := range froms {
		m := mail{id: fmt.Sprintf("m%d", i), p1: "b@evil.test", p2: from, direction: direction, recipientID: "r1", time: at(1)}
		w.mail(m).report(report{reporter: "r1", message: m.id, time: at(2)})
	}
	if direction == "" {
		w.blank("EmailEvents", "EmailDirection")
	}
	out := make([]soar.Scope, len(froms))
	for _, c := range hunt(t, w, "internal-senders", 0, 24).Candidates {
		for _, id := range c.Messages {
			var i int
			if _, err := fmt.Sscanf(id, "m%d", &i); err != nil {
				t.Fatal(err)
			}
			out[i] = c.Scope
		}
	}
	return out
}

// blank empties a column.
func (w *world) blank(table, column string) {
	for i, c := range w.db[table].Columns {
		if c.Name == column {
			for _, row := range w.db[table].Rows {
				row[i] = ""
			}
		}
	}
}

// froms are Froms from outside with the scope of their mail.
var froms = []struct {
	from string
	want soar.Scope
}{
	{"news@vendor.test", ""},
	{"o'neil+tag@mail.vendor.co.uk", ""},
	{"info@m\u00fcller.test", ""},
	{"info@xn--mller-kva.test", ""},
	{"ceo@contoso.com", soar.ScopeClaimsInternal},
	{"ceo@mail.contoso.com", soar.ScopeClaimsInternal},
	{"ceo@contoso.com.", soar.ScopeClaimsInternal},
	{"ceo@contoso.com..", soar.ScopeClaimsInternal},
	{"ceo@contoso\u3002com", soar.ScopeClaimsInternal},
	{"ceo@contoso\uff0ecom", soar.ScopeClaimsInternal},
	{"ceo\uff20contoso.com", soar.ScopeClaimsInternal},
	{"ceo@contoso.com\u00a0", soar.ScopeClaimsInternal},
	{"ceo@contoso.com\u200b", soar.ScopeClaimsInternal},
	{"ceo@con\u200btoso.com", soar.ScopeClaimsInternal},
	{"ceo@c\u0007ontoso.com", soar.ScopeClaimsInternal},
	{"ceo@xn--contoso-.com", soar.ScopeClaimsInternal},
	{"ceo@contoso.com;x@evil.test", soar.ScopeClaimsInternal},
	{"x@contoso.com@evil.test", soar.ScopeClaimsInternal},
	{"ceo@contoso.com x@evil.test", soar.ScopeClaimsInternal},
	{`"ceo@contoso.com" <a@evil.test>`, soar.ScopeClaimsInternal},
	{"ceo%contoso.com@evil.test", soar.ScopeClaimsInternal},
	{"ceo@[contoso.com]", soar.ScopeClaimsInternal},
	{"ceo@contoso.com (x)", soar.ScopeClaimsInternal},
	{"Contoso.com support", soar.ScopeClaimsInternal},
	{"ceo@c0ntoso.com", soar.ScopeImitatesInternal},
	{"ceo@c\u043entoso.com", soar.ScopeImitatesInternal},
	{"ceo@xn--conoso-0ue.com", soar.ScopeImitatesInternal},
	{"ceo@c0ntoso.com;x@evil.test", soar.ScopeImitatesInternal},
	{"ceo@evil\u0442est.test", soar.ScopeImitatesInternal},
	{"ceo@c0n\u2028toso.com", soar.ScopeOther}, // cannot be written into a query
	{"news@vendor.test.", soar.ScopeOther},
	{"news@vendor.test\u200b", soar.ScopeOther},
	{"a@vendor.test;b@vendor.test", soar.ScopeOther},
	{"news@localhost", soar.ScopeOther},
	{"IT Service Desk", soar.ScopeOther},
	{"\u200b", soar.ScopeOther},
	{"", soar.ScopeOther},
}

func TestNoFromHidesItsMail(t *testing.T) {
	texts := make([]string, len(froms))
	for i, f := range froms {
		texts[i] = f.from
	}
	for i, got := range outside(t, "Inbound", texts...) {
		if got != froms[i].want {
			t.Errorf("%q is %q, want %q", texts[i], got, froms[i].want)
		}
	}
}

func TestEveryDirectionButInboundIsShown(t *testing.T) {
	for _, direction := range []string{"", "Unknown", "Outbound"} {
		got := outside(t, direction, "jane@contoso.com", "jane@c0ntoso.com", "news@vendor.test")
		want := []soar.Scope{soar.ScopeClaimsInternal, soar.ScopeImitatesInternal, soar.ScopeOther}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: %q, want %q", direction, got, want)
		}
	}
}

func TestMailWithoutADomainInItsFromHasNoSender(t *testing.T) {
	w := newWorld(t)
	for i := range 2 {
		id := fmt.Sprintf("m%d", i)
		w.mail(mail{id: id, p2: "IT Service Desk", direction: "Inbound", recipientID: "r1", time: at(1)}).report(report{reporter: "r1", message: id, time: at(2)})
	}
	candidates, set := evidence(t, w, "internal-senders", 0, 24)
	if len(candidates) != 2 {
		t.Fatalf("%+v", candidates)
	}
	for i, c := range candidates {
		if e := set.Evidence[i]; !soar.IsNullSender(c.Sender) || !e.Whole() || e.Messages[0].P2 != "IT Service Desk" {
			t.Errorf("%+v has %+v", c, e)
		}
	}
}

func TestEvidenceOfOddSendersIsFound(t *testing.T) {
	w := newWorld(t)
	for i, f := range froms {
		id := fmt.Sprintf("m%d", i)
		w.mail(mail{id: id, p2: f.from, direction: "Inbound", recipientID: "r1", time: at(1)}).report(report{reporter: "r1", message: id, time: at(2)})
	}
	candidates, set := evidence(t, w, "internal-senders", 0, 24)
	for i, c := range candidates {
		writable := !strings.ContainsAny(c.Sender, "\u0007\u2028")
		if e := set.Evidence[i]; len(e.Messages) != 1 || writable && !e.Whole() {
			t.Errorf("%q: %+v", c.Sender, e)
		}
	}
}

// The hunt reads a From in KQL and the evidence in Go: they must not disagree.
func TestHuntAndEvidenceReadEveryFromAlike(t *testing.T) {
	parts := []string{"ceo", "@", ".", "..", "contoso", "c0ntoso", "com", "contoso.com", "evil.test", "xn--contoso-", "xn--", "-", " ", ";", "<", ">", `"`,
		"\u3002", "\uff0e", "\uff20", "\u00a0", "\u200b", "\u043e", "\u00e9", "\u0301", "\u2028", "\u0007", "\t", "%", "_", "("}
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 7).Draw(rt, "parts"), "")
		}), 12, 12).Draw(rt, "froms")
		for i, scope := range outside(t, "Inbound", texts...) {
			if got := loganalytics.OutsideScope(texts[i], contoso); got != scope && !(scope == "" && got == soar.ScopeOther) {
				rt.Errorf("%q is %q in the hunt and %q in the evidence", texts[i], scope, got)
			}
		}
	})
}

// text reads a file of the repository.
func text(t *testing.T, parts ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestThePatternsOfAFromStandInTheQueriesToo(t *testing.T) {
	shipped := text(t, "..", "..", "config", "hunts", "internal-senders.yaml")
	for _, p := range []string{loganalytics.PatternPlain, loganalytics.PatternName, loganalytics.PatternHidden, loganalytics.PatternASCIIPunycode} {
		if !strings.Contains(shipped, `@"`+p+`"`) {
			t.Errorf("internal-senders does not use %s", p)
		}
	}
	if !strings.Contains(text(t, "queries", "lookalikes.kql"), `@"`+loganalytics.PatternPlain+`"`) {
		t.Error("lookalikes.kql has another pattern of a plain address")
	}
}

// shape is how a query reads reports, without its indentation.
func shape(t *testing.T, query, end string) string {
	t.Helper()
	_, rest, ok := strings.Cut(query, "| where ActionType in~ (\"UserSubmission\"")
	body, _, ended := strings.Cut(rest, end)
	if !ok || !ended {
		t.Fatalf("no reports are read up to %q", end)
	}
	lines := strings.Split(strings.TrimSpace(body), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}

func TestEveryQueryReadsReportsAlike(t *testing.T) {
	want := shape(t, text(t, "..", "..", "config", "hunts", "internal-senders.yaml"), "| extend ReportedP1")
	for file, end := range map[string]string{"reported.kql": "| extend ReporterName", "past.kql": "| where isnotempty(ReportedId)"} {
		if got := shape(t, text(t, "queries", file), end); got != want {
			t.Errorf("%s reads reports as\n%s\nand internal-senders as\n%s", file, got, want)
		}
	}
}

// linkShape is how a query reads the host of a link.
func linkShape(t *testing.T, file string) string {
	t.Helper()
	_, rest, _ := strings.Cut(text(t, "queries", file), "| extend Host = ")
	body, _, ok := strings.Cut(rest, "Host)\n")
	if !ok {
		t.Fatalf("%s reads no links", file)
	}
	return body
}

func TestEvidenceAndPastReadLinksAlike(t *testing.T) {
	if linkShape(t, "evidence.kql") != linkShape(t, "past.kql") {
		t.Error("evidence.kql and past.kql read links differently")
	}
}
