package suppressions_test

import (
	"strings"
	"testing"
	"time"

	"harrier/activities/suppressions"
	"harrier/workflows/soar"
)

func saasPath(name string) soar.Path { return soar.Path{Kind: soar.PathSaaS, Name: name} }

// refused breaks one thing of a good rule.
var refused = []struct {
	name string
	edit func(*soar.Rule)
	want string
}{
	{"no path", func(r *soar.Rule) { r.Path = soar.Path{} }, "path is missing"},
	{"direct path", func(r *soar.Rule) { r.Path.Kind = soar.PathDirect }, "is not one that a rule can trust"},
	{"no senders", func(r *soar.Rule) { r.Senders = nil }, "senders is missing; name the exact From addresses"},
	{"a subject alone", func(r *soar.Rule) { r.Path, r.Senders = soar.Path{}, nil }, "suppress by text that the author of the mail chooses"},
	{"a bare domain", func(r *soar.Rule) { r.Senders = []string{"microsoft.com"} }, `"microsoft.com" is not an exact address`},
	{"a wildcard", func(r *soar.Rule) { r.Senders = []string{"*@contoso.com"} }, "is not an exact address"},
	{"the null sender", func(r *soar.Rule) { r.Senders = []string{"<>"} }, "is not an exact address"},
	{"a homoglyph", func(r *soar.Rule) { r.Senders = []string{"b\u0430ckup@contoso.com"} }, "non-ASCII character U+0430"},
	{"a null envelope", func(r *soar.Rule) { r.Envelopes = []string{"<>"} }, "null or wildcard envelope sender proves nothing"},
	{"a whole envelope domain on a relay", func(r *soar.Rule) { r.Envelopes = []string{"@contoso.com"} }, "only a saas rule may name"},
	{"a mailbox elsewhere", func(r *soar.Rule) { r.Path, r.Senders = soar.Path{Kind: soar.PathMailbox}, []string{"x@contosso.com"} }, "nearest accepted domain: contoso.com"},
	{"saas not aligned", func(r *soar.Rule) {
		r.Path, r.Senders, r.URLHosts = saasPath("contoso.com"), []string{"x@okta.com"}, []string{}
	}, "is not aligned with path saas:contoso.com"},
	{"a shared vendor address", func(r *soar.Rule) {
		r.Path, r.Senders, r.URLHosts = saasPath("okta.com"), []string{"noreply@okta.com"}, []string{"contoso.okta.com"}
	}, "is shared by all customers of the service"},
	{"saas without link hosts", func(r *soar.Rule) { r.Path, r.URLHosts = saasPath("contoso.com"), nil }, "url_hosts is missing"},
	{"help-desk without link hosts", func(r *soar.Rule) { r.Scenario, r.URLHosts = soar.ScenarioHelpdesk, nil }, "url_hosts is missing"},
	{"a wildcard link host", func(r *soar.Rule) { r.URLHosts = []string{"*.contoso.com"} }, "is not an exact host"},
	{"any client and another", func(r *soar.Rule) { r.ClientHosts = []string{"*", "bkp01.contoso.com"} }, `client_hosts: "*" stands alone`},
	{"any client of a mailbox", func(r *soar.Rule) { r.Path, r.ClientHosts = soar.Path{Kind: soar.PathMailbox}, []string{"*"} }, "only on a connector path"},
	{"a null host among link hosts", func(r *soar.Rule) { r.URLHosts = []string{"(nothing)"} }, "is not an exact host"},
	{"a sender with a dot behind it", func(r *soar.Rule) { r.Senders = []string{"backup@contoso.com."} }, "a dot at the end of the domain"},
	{"an unknown connector", func(r *soar.Rule) { r.Path.Name = "OnPrem Realy" }, `is not declared in the tenant settings; did you mean "OnPrem relay"?`},
	{"no reason", func(r *soar.Rule) { r.Reason = " " }, "reason is missing"},
	{"no owner", func(r *soar.Rule) { r.Owner = "" }, "owner is missing"},
	{"no expiry", func(r *soar.Rule) { r.Expires = time.Time{} }, "expires is missing"},
	{"expiry after more than a year", func(r *soar.Rule) { r.Expires = r.Created.AddDate(1, 0, 1) }, "more than one year after created; review the rule and write 2027-11-01 or earlier"},
	{"no ceiling", func(r *soar.Rule) { r.Ceiling = 0 }, "ceiling is missing"},
	{"a misspelt mode", func(r *soar.Rule) { r.Mode = "enforced" }, "did you mean enforce?"},
	{"when missing", func(r *soar.Rule) { r.When = "" }, "when is missing"},
	{"when not bool", func(r *soar.Rule) { r.When = "mail.subject" }, "when gives string, expected bool"},
	{"when dynamic", func(r *soar.Rule) { r.When = "dyn(mail.url_count == 0)" }, "when gives dyn, expected bool"},
	{"when of the wrong type", func(r *soar.Rule) { r.When = `mail.url_count == "0"` }, "no matching overload"},
	{"when that fits everything", func(r *soar.Rule) { r.When = "true" }, "reads nothing of the mail"},
	{"when with a misspelt name", func(r *soar.Rule) { r.When = "mail.url_count == 0 &&\n  mail.subjct == \"x\"" }, "line 2 column 7: mail.subjct does not exist; did you mean mail.subject?"},
	{"when with a misspelt check", func(r *soar.Rule) { r.When = `mail.auth.dmrc == "pass"` }, "did you mean mail.auth.dmarc?"},
	{"when with another root", func(r *soar.Rule) { r.When = `message.subject == "x"` }, "undeclared reference to 'message.subject' (did you mean 'mail.subject'?)"},
	{"when without the root", func(r *soar.Rule) { r.When = `mail.url_count == 0 && url_hots.size() == 0` }, "did you mean mail.url_hosts?"},
	{"when that does not parse", func(r *soar.Rule) { r.When = "mail.subject ==" }, "when, line 1"},
	{"when with a bad pattern", func(r *soar.Rule) { r.When = `mail.subject.matches("(")` }, "when, line 1"},
}

func TestRulesThatAreRefusedSayWhereWhatAndWhatToWrite(t *testing.T) {
	for _, tt := range refused {
		bad := plain()
		tt.edit(&bad)
		good := plain()
		good.ID = "backup-other"
		set, err := suppressions.Compile([]soar.Rule{bad, good}, tenant())
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error is %v; want %q in it", tt.name, err, tt.want)
			continue
		}
		if !strings.Contains(err.Error(), `config/suppressions/backup.yaml:12: rule "backup-veeam": `) {
			t.Errorf("%s: error does not say where: %v", tt.name, err)
		}
		if set.Len() != 1 {
			t.Errorf("%s: %d rules in force; want the good one", tt.name, set.Len())
		}
	}
}

func TestConnectorRangesThatProveNothingAreRefused(t *testing.T) {
	for _, cidrs := range [][]string{nil, {"0.0.0.0/0"}, {"192.0.0.0/7"}, {"::/0"}, {"192.0.2.1"}} {
		settings := tenant()
		settings.Connectors["OnPrem relay"] = soar.Connector{CIDRs: cidrs}
		if set, err := suppressions.Compile([]soar.Rule{plain()}, settings); err == nil || set.Len() != 0 {
			t.Errorf("cidrs %q: error is %v, %d rules in force; want it refused", cidrs, err, set.Len())
		}
	}
}

func TestEveryMistakeOfARuleIsReportedAtOnce(t *testing.T) {
	bad := plain()
	bad.Reason, bad.Owner, bad.When, bad.Path = "", "", "mail.subjct == 1 || mail.urlcount == 0", soar.Path{}
	_, err := suppressions.Compile([]soar.Rule{bad}, tenant())
	for _, want := range []string{"reason is missing", "owner is missing", "path is missing", "mail.subjct", "did you mean mail.url_count?"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v lacks %q", err, want)
		}
	}
}

func TestAnInactiveRuleIsCheckedButNeverApplies(t *testing.T) {
	r := plain()
	r.Inactive, r.Path, r.Senders = "no tool veeam", soar.Path{}, nil
	if set := compiled(t, r); set.Len() != 0 {
		t.Errorf("%d rules in force; want none", set.Len())
	}
	r.When = "mail.nothing"
	if _, err := suppressions.Compile([]soar.Rule{r}, tenant()); err == nil {
		t.Error("a broken expression of an inactive rule is not reported")
	}
}

func TestTheViewOfAMessageIsTyped(t *testing.T) {
	m := toolOf(t, "monitoring-splunk").finding()
	for _, when := range []string{
		`mail.p1 == "splunk@contoso.com" && mail.p2 == mail.p1`, `mail.direction == "Intra-org"`, `mail.connector == "OnPrem relay"`,
		`mail.ip == "192.0.2.20"`, `mail.client_host == "splunk.contoso.com" && mail.client_family == mail.client_host`,
		`mail.url_hosts.all(h, h.endsWith(".contoso.com"))`, `"csv" in mail.attachment_types`, `mail.recipients.exists(r, r == "a@contoso.com")`,
		`mail.recipient_count == 4 && mail.url_count == 1 && mail.attachment_count == 1`, `mail.display_name == ""`,
		`mail.auth.spf == "not evaluated" && mail.auth.dkim == mail.auth.spf && mail.auth.dmarc == mail.auth.compauth && mail.auth.spf != "pass"`,
		`mail.hour == 7 && mail.weekday == 2`, `size(mail.subject) < 100`,
	} {
		r := plain()
		r.ID, r.Senders, r.URLHosts, r.AttachmentTypes, r.When = "monitoring-splunk", []string{"splunk@contoso.com"}, []string{"splunk.contoso.com"}, []string{"csv"}, when
		if j := judged(compiled(t, r), m); j.Verdict != soar.VerdictSuppressed {
			t.Errorf("%s: %s", when, show(j))
		}
	}
	for _, f := range suppressions.Fields() {
		if !strings.HasPrefix(f.Name, "mail.") || f.Type == "" || f.Doc == "" {
			t.Errorf("field %+v is not documented", f)
		}
	}
}

func TestAnExpressionThatCostsTooMuchDoesNotHold(t *testing.T) {
	r := plain()
	r.When = `mail.recipients.all(a, mail.url_hosts.all(b, a + b + mail.subject + mail.subject != ""))`
	if _, err := suppressions.Compile([]soar.Rule{r}, tenant()); err == nil {
		t.Error("nested loops are not refused")
	}
	r.When = `mail.recipients.all(a, (mail.subject + a).matches("^(a|b|.)*$"))`
	f := change(toolOf(t, "backup-veeam").finding(), func(m *soar.Message) { m.Subject = strings.Repeat("ab", 100_000) })
	j := judged(compiled(t, r), f)
	if j.Verdict != soar.VerdictTriage || !strings.Contains(j.Reason, "could not be evaluated") {
		t.Errorf("%.300s", show(j))
	}
}
