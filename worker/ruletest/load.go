package ruletest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"harrier/config"
	"harrier/workflows/soar"
)

// TenantFile names the tenant settings under which the tests of a folder run.
const TenantFile = "tenant" + config.RuleTestSuffix

// Suite is a folder of rules with its tests, and the tenant they run under.
type Suite struct {
	Tenant soar.Tenant
	Rules  []soar.Rule
	Tests  []Test
}

// Test is one mail and what must become of it.
type Test struct {
	Name string
	Kind Kind
	// Rule is the rule whose sender the mail has, or claims to have.
	Rule soar.Rule
	// Usual is the sender's genuine mail, Mail what came.
	Usual, Mail Mail
	// Rest is what is known beside the mail.
	Rest   Rest
	Expect Expect
	File   string
	Line   int
}

// Expect is what must come out.
type Expect struct {
	Verdict soar.Verdict `yaml:"verdict"`
	// Rule is the rule that hides the mail, or the nearest one.
	Rule string `yaml:"rule"`
	// Guards are those that must hold. Where a test names none, none may hold.
	Guards []soar.Guard `yaml:"guards"`
	// Failed is the rule's condition that does not hold, as the trace calls it.
	Failed string `yaml:"failed"`
}

// ruleBlock is the tests of one rule as a file states them.
type ruleBlock struct {
	Rule string `yaml:"rule"`
	// Path picks the sender of a tool that has several.
	Path    string      `yaml:"path"`
	Mail    yaml.Node   `yaml:"mail"`
	Past    yaml.Node   `yaml:"past"`
	Profile yaml.Node   `yaml:"profile"`
	Cases   []yaml.Node `yaml:"cases"`
}

// testBlock is one test as a file states it.
type testBlock struct {
	Name    string    `yaml:"name"`
	Kind    Kind      `yaml:"kind"`
	Mail    yaml.Node `yaml:"mail"`
	Past    yaml.Node `yaml:"past"`
	Profile yaml.Node `yaml:"profile"`
	Reports yaml.Node `yaml:"reports"`
	Expect  Expect    `yaml:"expect"`
}

// Load reads the rules and the tests of a folder. Everything that is wrong comes back
// joined, with file and line.
func Load(dir string) (Suite, error) {
	tenant, err := config.LoadTenant(filepath.Join(dir, TenantFile))
	if err != nil {
		return Suite{}, fmt.Errorf("load rule tests: %w; the tests run under the tenant settings of this file", err)
	}
	s := Suite{Tenant: tenant}
	rules, bad := config.LoadRules(dir, tenant)
	s.Rules = rules
	files, err := filepath.Glob(filepath.Join(dir, "*"+config.RuleTestSuffix))
	if err != nil {
		return s, fmt.Errorf("load rule tests: %w", err)
	}
	errs := []error{bad}
	for _, file := range files {
		if filepath.Base(file) == TenantFile {
			continue
		}
		errs = append(errs, s.read(file))
	}
	return s, errors.Join(errs...)
}

func (s *Suite) read(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	var text struct {
		Rules []yaml.Node `yaml:"rules"`
	}
	errs := []error{config.Decode(file, data, &text)}
	for i := range text.Rules {
		errs = append(errs, s.block(file, &text.Rules[i]))
	}
	return errors.Join(errs...)
}

func (s *Suite) block(file string, n *yaml.Node) error {
	var b ruleBlock
	if err := config.DecodeNode(file, n, &b); err != nil {
		return err
	}
	rule, err := s.rule(b.Rule, b.Path)
	if err != nil {
		return fmt.Errorf("%s:%d: rule: %w", file, n.Line, err)
	}
	var errs []error
	for i := range b.Cases {
		t := Test{Rule: rule, File: file, Line: b.Cases[i].Line, Usual: genuine(rule)}
		if err := overlay(file, &b.Mail, &t.Usual); err != nil {
			return err
		}
		t.Usual = t.Usual.complete()
		if err := s.test(&t, b, &b.Cases[i]); err != nil {
			errs = append(errs, err)
			continue
		}
		s.Tests = append(s.Tests, t)
	}
	return errors.Join(errs...)
}

// rule finds the rule of a block: on the path that it names, or its only one.
func (s *Suite) rule(id, path string) (soar.Rule, error) {
	var known []string
	for _, r := range s.Rules {
		known = append(known, r.ID)
		if r.ID != id || path != "" && r.Path.String() != path {
			continue
		}
		if r.Inactive != "" {
			return r, fmt.Errorf("%q is inactive under %s: %s", id, TenantFile, r.Inactive)
		}
		return r, nil
	}
	if slices.Contains(known, id) {
		return soar.Rule{}, fmt.Errorf("%q has no sender on path %q in %s", id, path, TenantFile)
	}
	hint := "no rule of the folder has this id"
	if near := config.Nearest(id, known); near != "" {
		hint = "did you mean " + near + "?"
	}
	return soar.Rule{}, fmt.Errorf("%q is not known; %s", id, hint)
}

func (s *Suite) test(t *Test, b ruleBlock, n *yaml.Node) error {
	var one testBlock
	if err := config.DecodeNode(t.File, n, &one); err != nil {
		return err
	}
	if err := one.Kind.Validate(); err != nil {
		return fmt.Errorf("%s:%d: %w", t.File, n.Line, err)
	}
	t.Name, t.Kind, t.Expect = one.Name, one.Kind, one.Expect
	t.Mail, t.Rest = t.Kind.forge(t.Usual, t.Rule, s.Tenant)
	parts := []struct {
		node *yaml.Node
		into any
	}{
		{&one.Mail, &t.Mail}, {&b.Past, &t.Rest.Past}, {&one.Past, &t.Rest.Past}, {&one.Reports, &t.Rest.Reports},
	}
	for _, p := range parts {
		if err := overlay(t.File, p.node, p.into); err != nil {
			return err
		}
	}
	t.Mail = t.Mail.complete()
	t.Rest.Profile = usualProfile(s.Tenant, t.Mail)
	for _, n := range []*yaml.Node{&b.Profile, &one.Profile} {
		if err := overlay(t.File, n, &t.Rest.Profile); err != nil {
			return err
		}
	}
	return t.settle()
}

func overlay(file string, n *yaml.Node, into any) error {
	if n.Kind == 0 {
		return nil
	}
	return config.DecodeNode(file, n, into)
}

// settle fills in what a test expects by its kind, and refuses one that could not fail.
func (t *Test) settle() error {
	e := &t.Expect
	if e.Verdict == "" {
		e.Verdict = soar.VerdictTriage
		if t.Kind == Hit {
			e.Verdict = soar.VerdictSuppressed
		}
	}
	if e.Rule == "" {
		e.Rule = t.Rule.ID
	}
	at := fmt.Sprintf("%s:%d", t.File, t.Line)
	switch hidden := e.Verdict == soar.VerdictSuppressed; {
	case strings.TrimSpace(t.Name) == "":
		return fmt.Errorf("%s: name is missing; say in a few words what the mail is", at)
	case e.Verdict.Validate() != nil || e.Verdict == soar.VerdictBelowCut:
		return fmt.Errorf("%s: expect.verdict: %q is not known; write suppressed or triage", at, e.Verdict)
	case hidden != (t.Kind == Hit):
		return fmt.Errorf("%s: expect.verdict: a %s is not %s; only a hit is suppressed", at, t.Kind, e.Verdict)
	case hidden && (len(e.Guards) > 0 || e.Failed != ""):
		return fmt.Errorf("%s: expect: a mail that is suppressed has no guards and no failed condition; leave them out", at)
	case !hidden && len(e.Guards) == 0 && e.Failed == "":
		return fmt.Errorf("%s: expect: say what keeps the mail from being hidden: guards, or the rule's condition that failed", at)
	}
	return nil
}
