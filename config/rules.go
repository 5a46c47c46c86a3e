package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"harrier/workflows/soar"
)

// LoadRules reads every suppression of a folder and lays the tenant's settings
// over them: a rule that names a tool becomes one soar.Rule for each sender of
// that tool on one of the rule's paths, all with the same id. A rule whose tool
// the tenant does not have comes back once, Inactive saying so. Good rules and
// the joined errors of the others come back together.
func LoadRules(dir string, tenant soar.Tenant) ([]soar.Rule, error) {
	sources, err := readSources(dir)
	if err != nil {
		return nil, err
	}
	rules, bad := parseRules(sources, tenant)
	return rules, errors.Join(bad...)
}

// ParseRules reads the text of one suppression file as LoadRules reads those of a
// folder, with the same checks. Errors name file and line.
func ParseRules(file, text string, tenant soar.Tenant) ([]soar.Rule, error) {
	rules, bad := parseRules([]source{{file: file, data: []byte(text)}}, tenant)
	return rules, errors.Join(bad...)
}

// RuleTestSuffix ends the names of the files beside the rules that hold their tests;
// they are no rules.
const RuleTestSuffix = ".test.yaml"

// ruleFile is what one file of suppressions holds.
type ruleFile struct {
	file    string
	entries []ruleEntry
	errs    []error
}

func parseRules(sources []source, tenant soar.Tenant) ([]soar.Rule, []error) {
	var files []ruleFile
	var errs []error
	for _, s := range sources {
		f := parseRuleFile(s)
		files = append(files, f)
		errs = append(errs, f.errs...)
	}
	rules, twice := expandRules(files, tenant)
	return rules, append(errs, twice...)
}

// expandRules lays the tenant's settings over the rules of all files; of two
// rules with one id the first stands and the other is an error.
func expandRules(files []ruleFile, tenant soar.Tenant) ([]soar.Rule, []error) {
	var rules []soar.Rule
	var errs []error
	first := map[string]string{}
	for _, f := range files {
		for _, e := range f.entries {
			at := fmt.Sprintf("%s:%d", e.file, e.line)
			if other, taken := first[e.ID]; taken {
				errs = append(errs, fmt.Errorf("%s: suppression %q stands already at %s; give one of them another id", at, e.ID, other))
				continue
			}
			first[e.ID] = at
			rules = append(rules, e.expand(tenant)...)
		}
	}
	return rules, errs
}

// ruleEntry is a suppression as its file states it.
type ruleEntry struct {
	ID              string        `yaml:"id"`
	Scenario        soar.Scenario `yaml:"scenario"`
	Tool            string        `yaml:"tool"`
	Paths           []string      `yaml:"paths"`
	Path            string        `yaml:"path"`
	Senders         []string      `yaml:"senders"`
	Envelopes       []string      `yaml:"envelopes"`
	Recipients      []string      `yaml:"recipients"`
	URLHosts        []string      `yaml:"url_hosts"`
	AttachmentTypes []string      `yaml:"attachment_types"`
	ClientHosts     []string      `yaml:"client_hosts"`
	When            string        `yaml:"when"`
	Reason          string        `yaml:"reason"`
	Owner           string        `yaml:"owner"`
	Ticket          string        `yaml:"ticket"`
	Created         date          `yaml:"created"`
	Expires         date          `yaml:"expires"`
	Mode            soar.RuleMode `yaml:"mode"`
	Ceiling         int           `yaml:"ceiling"`

	file  string
	line  int
	lines map[string]int
}

// date is a day, written as 2026-11-24.
type date struct{ time.Time }

// UnmarshalText reads a day in UTC.
func (d *date) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return fmt.Errorf("%q is not a day; write it as 2026-11-24", text)
	}
	d.Time = t
	return nil
}

func parseRuleFile(s source) ruleFile {
	out := ruleFile{file: s.file}
	if strings.HasSuffix(s.file, RuleTestSuffix) {
		return out
	}
	root, err := s.root()
	if err != nil {
		out.errs = []error{err}
		return out
	}
	var file struct {
		Suppressions []yaml.Node `yaml:"suppressions"`
	}
	d := newDecoder(s.file)
	d.decode(root, &file)
	out.errs = d.errs
	for i := range file.Suppressions {
		e, err := parseRule(s.file, &file.Suppressions[i])
		if err != nil {
			out.errs = append(out.errs, err)
			continue
		}
		out.entries = append(out.entries, e)
	}
	return out
}

func parseRule(file string, n *yaml.Node) (ruleEntry, error) {
	e := ruleEntry{file: file, line: n.Line}
	d := newDecoder(file)
	d.decode(n, &e)
	if d.err() != nil {
		return e, d.err()
	}
	e.lines = d.lines
	c := checker{file: file, lines: d.lines, around: n.Line}
	c.rule(e)
	return e, errors.Join(c.errs...)
}

var scenarios = [...]soar.Scenario{
	soar.ScenarioBackup, soar.ScenarioMonitoring, soar.ScenarioOnboarding, soar.ScenarioHelpdesk, soar.ScenarioHealth,
}

func (c *checker) rule(e ruleEntry) {
	c.name("id", e.ID)
	if !slices.Contains(scenarios[:], e.Scenario) {
		c.fail("scenario", "%q is not known; write one of %s", e.Scenario, listed(scenarios[:]))
	}
	if err := e.Mode.Validate(); err != nil {
		c.fail("mode", "%v", err)
	}
	if e.Ceiling < 1 {
		c.fail("ceiling", "is %d; write the most mails a day of one sender that the rule may hide, 1 or more", e.Ceiling)
	}
	c.ruleWords(e)
	c.ruleDays(e)
	if e.Path != "" {
		c.rulePath(e)
	} else {
		c.ruleTool(e)
	}
}

func (c *checker) ruleWords(e ruleEntry) {
	for _, w := range []struct{ key, value, want string }{
		{"when", e.When, "write a CEL expression that holds for mail of the tool alone"},
		{"reason", e.Reason, "say why this mail is benign; cards and audit show it"},
		{"owner", e.Owner, "name who answers for the rule"},
		{"ticket", e.Ticket, "name the change or ticket that approved it"},
	} {
		if strings.TrimSpace(w.value) == "" {
			c.fail(w.key, "is missing; %s", w.want)
		}
	}
}

func (c *checker) ruleDays(e ruleEntry) {
	switch {
	case e.Created.IsZero():
		c.fail("created", "is missing; write the day as 2026-11-24")
	case e.Expires.IsZero():
		c.fail("expires", "is missing; write the day as 2027-11-24, every suppression ends and is looked at again")
	case !e.Expires.After(e.Created.Time):
		c.fail("expires", "is %s, not after created; write a later day", e.Expires.Format(time.DateOnly))
	}
}

// rulePath checks a rule that states path and senders itself.
func (c *checker) rulePath(e ruleEntry) {
	p, err := soar.ParsePath(e.Path)
	if err != nil {
		c.fail("path", "%v", err)
	}
	if len(e.Paths) > 0 {
		c.fail("paths", "goes with a tool; this rule states path itself, leave paths out")
	}
	if len(e.Senders) == 0 {
		c.fail("senders", "is missing; list the exact From addresses, a rule on text alone could be met by anyone")
	}
	if e.URLHosts == nil && (p.Kind == soar.PathSaaS || e.Scenario == soar.ScenarioHelpdesk) {
		c.fail("url_hosts", "is missing; list the hosts links may have ([] for none), part of this mail is written by strangers")
	}
	c.envelope("", envelope{p, e.Senders, e.Envelopes, e.Recipients, e.URLHosts, e.AttachmentTypes, e.ClientHosts})
}

// ruleTool checks a rule whose senders stand in the tenant settings.
func (c *checker) ruleTool(e ruleEntry) {
	if e.Tool == "" {
		c.fail("path", "is missing; state path and senders, or name a tool of the tenant settings and its paths")
		return
	}
	c.name("tool", e.Tool)
	if len(e.Senders) > 0 {
		c.fail("senders", "needs a path; state path with it, or leave both to the tool in the tenant settings")
	}
	if len(e.Paths) == 0 {
		c.fail("paths", "is missing; list the path kinds the rule trusts: %s", listed(rulePaths[:]))
	}
	for i, p := range e.Paths {
		if !slices.Contains(rulePaths[:], soar.PathKind(p)) {
			c.fail(fmt.Sprintf("paths[%d]", i), "%q is not a path kind that a rule can trust; write one of %s", p, listed(rulePaths[:]))
		}
	}
	c.envelope("", envelope{
		path: e.onlyPath(), recipients: e.Recipients, envelopes: e.Envelopes, urlHosts: e.URLHosts,
		attachmentTypes: e.AttachmentTypes, clientHosts: e.ClientHosts,
	})
}

// onlyPath is the one path kind that a tool's rule trusts, empty when it trusts several.
func (e ruleEntry) onlyPath() soar.Path {
	if len(e.Paths) != 1 {
		return soar.Path{}
	}
	return soar.Path{Kind: soar.PathKind(e.Paths[0])}
}

var rulePaths = [...]soar.PathKind{soar.PathMailbox, soar.PathConnector, soar.PathSaaS}

func listed[T ~string](known []T) string {
	out := make([]string, len(known))
	for i, k := range known {
		out[i] = string(k)
	}
	return strings.Join(out, ", ")
}

// expand turns an entry into the rules it stands for in this tenant.
func (e ruleEntry) expand(tenant soar.Tenant) []soar.Rule {
	if e.Path != "" {
		path, _ := soar.ParsePath(e.Path)
		return []soar.Rule{e.on(path, soar.ToolSender{Senders: e.Senders})}
	}
	senders, ok := tenant.Tools[e.Tool]
	if !ok {
		return e.inactive("the tenant settings have no tool " + e.Tool + didYouMean(e.Tool, slices.Sorted(maps.Keys(tenant.Tools))))
	}
	var out []soar.Rule
	for _, s := range senders {
		path, err := soar.ParsePath(s.Path)
		if err == nil && slices.Contains(e.Paths, string(path.Kind)) {
			out = append(out, e.on(path, s))
		}
	}
	if len(out) == 0 {
		return e.inactive(fmt.Sprintf("the tenant settings have no sender of %s on %s", e.Tool, strings.Join(e.Paths, " or ")))
	}
	return out
}

func (e ruleEntry) inactive(why string) []soar.Rule {
	r := e.on(soar.Path{}, soar.ToolSender{})
	r.Inactive = why
	return []soar.Rule{r}
}

// on is the rule for one sender. What the tenant says of the sender goes before
// what the rule says of every tenant's.
func (e ruleEntry) on(path soar.Path, s soar.ToolSender) soar.Rule {
	r := soar.Rule{
		ID: e.ID, Scenario: e.Scenario, Tool: e.Tool, Path: path, Senders: s.Senders,
		Envelopes:       given(s.Envelopes, e.Envelopes),
		Recipients:      given(s.Recipients, e.Recipients),
		URLHosts:        given(s.URLHosts, e.URLHosts),
		AttachmentTypes: given(s.AttachmentTypes, e.AttachmentTypes),
		ClientHosts:     given(s.ClientHosts, e.ClientHosts),
		When:            e.When, Reason: e.Reason, Owner: e.Owner, Ticket: e.Ticket,
		Created: e.Created.Time, Expires: e.Expires.Time, Mode: e.Mode, Ceiling: e.Ceiling,
		File: e.file, Line: e.line, Lines: e.lines,
	}
	if e.Scenario == soar.ScenarioHelpdesk || path.Kind == soar.PathSaaS {
		if r.URLHosts == nil {
			r.Inactive = fmt.Sprintf("%s on %s needs url_hosts in the tenant settings ([] for none): part of this mail is written by strangers", e.Tool, path)
		}
	}
	return r
}

// given is the tenant's list where there is one, even an empty one.
func given(tenant, rule []string) []string {
	if tenant != nil {
		return tenant
	}
	return rule
}
