package lint_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harrier/config"
	"harrier/config/lint"
)

// parser is Microsoft's parser. Where it is not installed, what it alone can say
// is not checked, which the log says; in CI it has to be there.
func parser(t *testing.T) *lint.Parser {
	t.Helper()
	p, err := lint.FindParser(context.Background(), os.Getenv)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("CI checks hunts with Microsoft's parser, run npm ci in config/lint: %v", err)
	}
	if err != nil {
		t.Logf("not checked with Microsoft's parser, run npm ci in config/lint: %v", err)
	}
	return p
}

func run(t *testing.T, o lint.Options) lint.Report {
	t.Helper()
	r, err := lint.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// file writes a hunt with this query, which begins on line 4, and names it.
func file(t *testing.T, title, query string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "hunt.yaml")
	text := "id: " + filepath.Dir(name) + "\nname: " + title + "\nquery: |\n  " + strings.ReplaceAll(query, "\n", "\n  ") + "\n"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

type looked struct {
	query string
	want  []string
}

// look holds the findings of some queries, looked at together, against what each
// wants: parts of its findings' lines, in order.
func look(t *testing.T, p *lint.Parser, cases map[string]looked) {
	t.Helper()
	files := map[string]string{}
	var named []string
	for name, c := range cases {
		files[name] = file(t, name, c.query)
		named = append(named, files[name])
	}
	found := map[string][]string{}
	for _, f := range run(t, lint.Options{Named: named, Parser: p}).Findings {
		found[f.File] = append(found[f.File], strings.TrimPrefix(f.String(), f.File+":"))
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { wants(t, found[files[name]], c.want) })
	}
}

func wants(t *testing.T, lines, want []string) {
	t.Helper()
	if len(lines) != len(want) {
		t.Fatalf("found\n%s\nwant %d", strings.Join(lines, "\n"), len(want))
	}
	for i := range want {
		if !strings.Contains(lines[i], want[i]) {
			t.Errorf("found\n%s\nwant\n%s", lines[i], want[i])
		}
	}
}

func TestShippedHuntsAreCleanAndThePublishedOneHasItsKnownJoin(t *testing.T) {
	r := run(t, lint.Options{Files: config.Files{Hunts: "../hunts", HuntSettings: "../hunts.yaml"}, Parser: parser(t)})
	var got []string
	for _, f := range r.Findings {
		got = append(got, filepath.Base(f.String()))
	}
	if len(got) != 1 || !strings.HasPrefix(got[0], "top-intra-org-senders.yaml:23:5: warning: join without kind=") {
		t.Errorf("found\n%s", strings.Join(got, "\n"))
	}
}

const mail = "EmailEvents | where Subject has 'x' | project SenderFromAddress"

func TestChecksThatNeedNoParser(t *testing.T) {
	look(t, nil, map[string]looked{
		"clean":               {mail, nil},
		"bare join":           {"EmailEvents\n| join EmailUrlInfo on NetworkMessageId\n| project SenderFromAddress", []string{"5:5: warning: join without kind= is innerunique"}},
		"join with hints":     {"EmailEvents\n| join hint.strategy=broadcast kind=inner (EmailUrlInfo) on NetworkMessageId\n| project SenderFromAddress", nil},
		"equality":            {"EmailEvents\n| where SenderFromAddress == 'A@x.test'", []string{"5:29: warning: == with SenderFromAddress tells"}},
		"reversed":            {"EmailEvents | where 'a@x.test' == RecipientEmailAddress | project SenderFromAddress", []string{"write =~"}},
		"list":                {"EmailEvents | where SenderMailFromAddress !in ('a@x.test')", []string{"write !in~"}},
		"empty":               {"EmailEvents | where SenderFromAddress == '' or SenderMailFromAddress == \"<>\" | project SenderFromAddress", nil},
		"lowered":             {"EmailEvents | extend SenderFromAddress = tolower(SenderFromAddress) | where SenderFromAddress == 'a@x.test'", nil},
		"case-blind":          {"EmailEvents | where SenderFromAddress =~ 'a@x.test' and RecipientEmailAddress in~ ('b@x.test')", nil},
		"one side lowered":    {"EmailEvents | where tolower(SenderFromAddress) in ('a@x.test', 'B@x.test')", []string{"4:66: warning: tolower() never equals 'B@x.test'"}},
		"in a comment":        {"EmailEvents // SenderFromAddress == 'a' and Timestamp | join x\n| project SenderFromAddress", nil},
		"in a text":           {"EmailEvents | where Subject has 'Timestamp == | join x' | project SenderFromAddress", nil},
		"Timestamp":           {"EmailEvents\n| where Timestamp >= datetime(2026-01-01)\n| project Timestamp, SenderFromAddress", []string{"5:11: warning: query: Timestamp exists", "6:13: warning: query: Timestamp exists"}},
		"own Timestamp":       {"EmailEvents | extend Timestamp = TimeGenerated | project Timestamp, SenderFromAddress", nil},
		"relative time":       {"EmailEvents | where TimeGenerated > ago(1d) | project SenderFromAddress", []string{"4:39: warning: ago() counts from the time of the query"}},
		"ISO duration":        {"EmailEvents | where TimeGenerated > datetime(2026-01-01) + P30M | project SenderFromAddress", []string{"error: P30M is no span"}},
		"unknown column":      {"EmailEvents\n| where SenderAdress has 'x'\n| project SenderFromAddress", []string{"5:11: warning: neither the tables nor the query define SenderAdress"}},
		"unknown table":       {"SigninLogs | where Foo == 1 | join kind=inner EmailEvents on $left.Foo == $right.Subject | project SenderFromAddress", []string{"4:3: warning: Harrier does not know the table SigninLogs"}},
		"mistyped table":      {"let A = EmailEvents | take 1;\nEmailEvent | join kind=inner A on Subject | project SenderFromAddress", []string{"5:3: error: there is no table EmailEvent; did you mean EmailEvents?"}},
		"other placeholder":   {"EmailEvents | where Subject has '{{Term}}' | project SenderFromAddress", []string{"4:1: error: query: nothing fills in {{Term}}"}},
		"result column":       {"EmailEvents | summarize count() by Who = SenderFromAddress", nil},
		"no sender":           {"EmailEvents | summarize count() by Subject", []string{"4:1: error: columns.sender: is missing"}},
		"functions and names": {"let since = 3d;\nlet f = (T: (Subject: string), n: int) { T | where Subject has 'x' | take n };\nEmailEvents\n| parse Subject with * 'a' Rest:string ';' *\n| extend (A, B) = arg_max(TimeGenerated, Rest), D = dynamic({'x': 1})\n| mv-expand E = D to typeof(string)\n| summarize count(), make_set(E), arg_max(TimeGenerated, *) by SenderFromAddress, bin(TimeGenerated, since)\n| order by count_ desc\n| render timechart", nil},
	})
}

func TestMicrosoftsParserChecksSyntaxAndTypes(t *testing.T) {
	p := parser(t)
	if p == nil {
		return
	}
	look(t, p, map[string]looked{
		"clean":            {mail, nil},
		"syntax":           {"EmailEvents\n| where (\n| project SenderFromAddress", []string{"error: Missing expression", "error: Expected: )"}},
		"unknown column":   {"EmailEvents\n| where SenderAdress has 'x'\n| project SenderFromAddress", []string{"5:11: error: The name 'SenderAdress' does not refer to any known column, table, variable or function; did you mean SenderFromAddress? [KS142]"}},
		"after letters":    {"EmailEvents | where Subject has 'é𝄞' and Nope == 1 | project SenderFromAddress", []string{"4:44: error: The name 'Nope'"}},
		"Timestamp":        {"EmailEvents | where Timestamp > now() and Nope == 1 | project SenderFromAddress", []string{"4:23: warning: query: Timestamp exists", "4:45: error: The name 'Nope'"}},
		"placeholders":     {"EmailEvents | where TimeGenerated between (datetime({{StartTimeISO}}) .. datetime({{EndTimeISO}})) | project SenderFromAddress", nil},
		"parameters":       {"EmailEvents | where SenderFromDomain in~ (AcceptedDomains) and Nope == 1 | project SenderFromAddress", []string{"4:66: error: The name 'Nope'"}},
		"unknown table":    {"SigninLogs | where Foo == 1 | join kind=inner EmailEvents on $left.Foo == $right.Subject | project SenderFromAddress", []string{"4:3: warning: Harrier does not know the table SigninLogs"}},
		"watch list":       {"_GetWatchlist('VIP') | join kind=inner EmailEvents on $left.SearchKey == $right.Subject | project SenderFromAddress", []string{"4:3: warning: _GetWatchlist is a function of the workspace"}},
		"mistyped table":   {"EmailEvent | project SenderFromAddress", []string{"error: subject", "4:3: error: there is no table EmailEvent; did you mean EmailEvents?"}},
		"dropped column":   {"EmailEvents | where SenderFromAddress has 'x' | project Subject", []string{"4:65: error: columns.sender is SenderFromAddress in the hunt's settings, and the query does not return it"}},
		"ISO duration":     {"EmailEvents | where TimeGenerated > datetime(2026-01-01) + P30M | project SenderFromAddress", []string{"4:62: error: P30M is no span"}},
		"join without key": {"EmailEvents | join kind=inner CloudAppEvents on NetworkMessageId | project SenderFromAddress", []string{"must exist on both sides of the join"}},
	})
}

func TestAFindingNamesItsPlaceHoweverTheQueryIsWritten(t *testing.T) {
	const head = "\ufeffid: 11111111-2222-4333-8444-555555555555\nname: Größe\n"
	for name, c := range map[string]struct{ yaml, want string }{
		"literal":       {"query: |\n  EmailEvents\n\n  // é\n  | join EmailUrlInfo on NetworkMessageId | project SenderFromAddress\n", ":7:5: "},
		"Windows lines": {"query: |\r\n  EmailEvents\r\n  | join EmailUrlInfo on NetworkMessageId | project SenderFromAddress\r\n", ":5:5: "},
		"kept indent":   {"query: |2-\n    EmailEvents\n   | join EmailUrlInfo on NetworkMessageId | project SenderFromAddress\n", ":5:6: "},
		"folded":        {"query: >\n  EmailEvents\n  | join EmailUrlInfo\n  on NetworkMessageId | project SenderFromAddress\n", ":5:5: "},
		"plain":         {"query: EmailEvents\n   | where Subject has 'é'\n   | join EmailUrlInfo on NetworkMessageId | project SenderFromAddress\n", ":5:6: "},
		"single quotes": {"query: 'EmailEvents | where Subject has ''x''\n  | join EmailUrlInfo on NetworkMessageId | project SenderFromAddress'\n", ":4:5: "},
		"double quotes": {"query: \"EmailEvents | where Subject has \\\"x\\\"\\n\\t| join EmailUrlInfo on NetworkMessageId | project SenderFromAddress\"\n", ":3:52: "},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "a.yaml")
			if err := os.WriteFile(file, []byte(head+c.yaml), 0o600); err != nil {
				t.Fatal(err)
			}
			r := run(t, lint.Options{Named: []string{file}})
			if len(r.Findings) != 1 || !strings.HasPrefix(r.Findings[0].String(), file+c.want) {
				t.Errorf("found %v, want one at %s", r.Findings, c.want)
			}
		})
	}
}

func TestANamedFileIsLookedAtAsThoughItStoodInTheFolder(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	hunt := func(id string) string { return "id: " + id + "\nname: N\nquery: |\n  " + mail + "\n" }
	put("hunts/a.yaml", hunt("aaaa")+"severity: [")
	put("hunts/b.yaml", hunt("bbbb"))
	settings := put("hunts.yaml", "hunts:\n  aaaa: {slug: first}\n  bbbb: {lookback: P30M}\n")
	files := config.Files{Hunts: filepath.Join(dir, "hunts"), HuntSettings: settings}

	r := run(t, lint.Options{Files: files, Named: []string{put("new/a.yaml", hunt("aaaa"))}})
	if len(r.Findings) != 0 {
		t.Errorf("a file that takes the place of another: found %v", r.Findings)
	}
	r = run(t, lint.Options{Files: files, Named: []string{put("new/c.yaml", hunt("bbbb"))}})
	if len(r.Findings) != 1 || !strings.Contains(r.Findings[0].String(), "new/c.yaml:1:1: error: id bbbb is taken by") {
		t.Errorf("a second file with an id: found %v", r.Findings)
	}
	r = run(t, lint.Options{Files: files, Named: []string{put("new/b.yaml", hunt("bbbb"))}})
	if len(r.Findings) != 1 || !strings.Contains(r.Findings[0].String(), "hunts.yaml:3:1: error: lookback: ") {
		t.Errorf("a file whose settings are wrong: found %v", r.Findings)
	}
}

func TestABareJoinIsAnErrorInAHuntOfOurOwn(t *testing.T) {
	name := filepath.Join(t.TempDir(), "own.yaml")
	text := "id: 07329076-62FB-4685-b1bb-946aed40e339\nname: Own\nquery: |\n  EmailEvents | join EmailUrlInfo on NetworkMessageId | project SenderFromAddress\n"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := run(t, lint.Options{Named: []string{name}})
	if len(r.Findings) != 1 || !strings.HasPrefix(r.Findings[0].String(), name+":4:17: error: join without kind=") {
		t.Errorf("found %v", r.Findings)
	}
}

func TestWhatIsNotInstalledIsNamedWithHowToInstallIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := lint.FindParser(context.Background(), func(string) string { return "" })
	if err == nil || !strings.Contains(err.Error(), "npm install @kusto/language-service-next@12.4.1") {
		t.Errorf("error %v", err)
	}
}

func TestABrokenParserIsAnErrorAndNotAQueryWithoutFaults(t *testing.T) {
	p := parser(t)
	if p == nil {
		return
	}
	modules := t.TempDir()
	folder := filepath.Join(modules, lint.PackageName)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "package.json"), []byte(`{"version":"0.0.1"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	broken, err := lint.FindParser(context.Background(), func(string) string { return modules })
	if err != nil {
		t.Fatal(err)
	}
	_, err = lint.Run(context.Background(), lint.Options{Named: []string{file(t, "Mail", mail)}, Parser: broken})
	if err == nil || !strings.Contains(err.Error(), "bridge.min.js") {
		t.Errorf("error %v", err)
	}
}

func TestWhatIsUnknownWithoutTheParserIsAnErrorWithIt(t *testing.T) {
	files := config.Files{Hunts: "../testdata/corpus"}
	without := run(t, lint.Options{Files: files})
	if !slices.ContainsFunc(without.Findings, func(f lint.Finding) bool { return f.Rule == "unknown-name" }) {
		t.Fatalf("the corpus has no unknown name: %v", without)
	}
	p := parser(t)
	if p == nil {
		return
	}
	at := map[[3]any]bool{}
	for _, f := range run(t, lint.Options{Files: files, Parser: p}).Findings {
		at[[3]any{f.File, f.Line, f.Column}] = true
	}
	for _, f := range without.Findings {
		if f.Rule == "unknown-name" && !at[[3]any{f.File, f.Line, f.Column}] {
			t.Errorf("the parser has nothing against this: %s", f)
		}
	}
}
