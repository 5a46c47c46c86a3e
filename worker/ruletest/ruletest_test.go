package ruletest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"harrier/worker/ruletest"
)

const tenantText = `accepted_domains: [contoso.com]
connectors: {relay: {cidrs: [192.0.2.16/28]}}
tools:
  veeam:
    - {path: "connector:relay", senders: [backup@contoso.com]}
    - {path: mailbox, senders: [veeam@contoso.com]}
`

const ruleText = `suppressions:
  - id: backup-veeam
    scenario: backup
    tool: veeam
    paths: [connector, mailbox]
    when: mail.subject.startsWith("[Success] ")
    reason: nightly reports
    owner: backup-team
    ticket: SEC-1
    created: 2026-11-01
    expires: 2027-10-31
    mode: enforce
    ceiling: 40
`

// suite writes a folder of one rule with the given tests.
func suite(t *testing.T, tests string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"tenant.test.yaml": tenantText, "backup.yaml": ruleText, "backup.test.yaml": tests} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func block(cases ...string) string {
	return "rules:\n  - rule: backup-veeam\n    mail: {subject: '[Success] SQL'}\n    cases:\n      - " + strings.Join(cases, "\n      - ") + "\n"
}

func TestAFailedTestSaysWhereWhatWasExpectedWhatCameAndWhy(t *testing.T) {
	s, err := ruletest.Load(suite(t, block(
		"{name: fine, kind: hit}",
		"{name: not hidden, kind: hit, mail: {subject: Hello}}",
		"{name: held by another guard, kind: other host, expect: {guards: [volume], failed: sender}}",
	)))
	if err != nil {
		t.Fatal(err)
	}
	results, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if failed := ruletest.Print(&out, results, false); failed != 2 {
		t.Errorf("%d failed; want 2", failed)
	}
	for _, want := range []string{
		"backup.test.yaml:6: backup-veeam: hit: not hidden\n      verdict: expected suppressed, got triage\n",
		"trace: rule backup-veeam, 8 conditions passed, failed: when: does not hold for a message\n",
		"backup.test.yaml:7: backup-veeam: other host: held by another guard\n      guards: expected volume, got sending client changed, new recipients, new URL host\n      failed condition: expected sender, got url_hosts\n",
		"guard: new recipients: 2 of 4 recipients never written to before\n",
		"3 tests, 2 failed\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("report\n%s\nlacks %s", out.String(), want)
		}
	}
	if strings.Contains(out.String(), "fine") {
		t.Error("a test that passes is only shown when asked for")
	}
}

func TestATestMaySayAnythingOfMailPastProfileAndReports(t *testing.T) {
	s, err := ruletest.Load(suite(t, block(
		"{name: too many mails, kind: tool forgery, past: {today: 31}, expect: {guards: [volume]}}",
		"{name: a rule of the inbox, kind: tool forgery, past: {inbox_rule_changes: ['2026-11-02 07:00 New-InboxRule']}, expect: {guards: [compromise facts]}}",
		"{name: many reports, kind: tool forgery, reports: {phish: 4, reporters: 4}, expect: {guards: [reports]}}",
		"{name: a person, kind: tool forgery, profile: {kind: person}, expect: {guards: [person or privileged account]}}",
		"{name: an unknown client, kind: tool forgery, mail: {client: ''}, expect: {guards: [sending client changed]}}",
		"{name: hosts that are not known, kind: tool forgery, mail: {url_count: 2}, expect: {failed: url_hosts, guards: [new URL host]}}",
	)))
	if err != nil {
		t.Fatal(err)
	}
	results, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if len(r.Wrong) > 0 {
			t.Error(r)
		}
	}
	missing := strings.Join(s.Missing(), "\n")
	if strings.Count(missing, "\n") != 5 || !strings.Contains(missing, `backup.yaml:2: rule backup-veeam has no test of kind "hit"`) {
		t.Errorf("missing:\n%s\nwant every kind but the tool's forgery, once", missing)
	}
}

func TestABlockPicksTheSenderOfAToolByItsPath(t *testing.T) {
	text := strings.Replace(block("{name: fine, kind: hit}"), "    mail:", "    path: mailbox\n    mail:", 1)
	s, err := ruletest.Load(suite(t, text))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Tests[0].Mail; got.From != "veeam@contoso.com" || got.Connector != "" {
		t.Errorf("mail %+v", got)
	}
}

func TestTestsThatCannotFailOrCannotBeReadAreRefused(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"nothing is expected":   {block("{name: x, kind: near miss}"), "backup.test.yaml:5: expect: say what keeps the mail from being hidden"},
		"a forgery suppressed":  {block("{name: x, kind: other host, expect: {verdict: suppressed}}"), "only a hit is suppressed"},
		"a hit with guards":     {block("{name: x, kind: hit, expect: {guards: [volume]}}"), "leave them out"},
		"no name":               {block("{kind: hit}"), "name is missing"},
		"a kind misspelt":       {block("{name: x, kind: near mis}"), `did you mean "near miss"?`},
		"a key misspelt":        {block("{name: x, kind: hit, mail: {subjct: y}}"), `backup.test.yaml:5: unknown key "subjct"; did you mean "subject"?`},
		"a rule misspelt":       {strings.Replace(block("{name: x, kind: hit}"), "rule: backup-veeam", "rule: backup-veam", 1), "did you mean backup-veeam?"},
		"a path it has not":     {strings.Replace(block("{name: x, kind: hit}"), "    mail:", "    path: saas:contoso.com\n    mail:", 1), `has no sender on path "saas:contoso.com"`},
		"an unheard-of verdict": {block("{name: x, kind: hit, expect: {verdict: hidden}}"), "write suppressed or triage"},
	} {
		_, err := ruletest.Load(suite(t, tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error is %v; want %q in it", name, err, tt.want)
		}
	}
	if _, err := ruletest.Load(t.TempDir()); err == nil || !strings.Contains(err.Error(), "tenant.test.yaml") {
		t.Errorf("a folder without a tenant: %v", err)
	}
	empty, err := ruletest.Load(suite(t, "rules: []\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := empty.Run(); err == nil || !strings.Contains(err.Error(), "there are none") {
		t.Errorf("a folder without tests: %v", err)
	}
}
