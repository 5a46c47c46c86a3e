package suppressions

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strings"

	"cel.dev/cel-go/cel"

	"harrier/workflows/soar"
)

// Set is a compiled set of rules, ready to judge. It is never changed, so that
// it can be read by many and replaced as a whole.
type Set struct {
	rules    []*rule
	bySender map[string][]*rule
	byLocal  map[string][]*rule
	// shapes are the rules with different expressions.
	shapes []*rule
	// services are the domains at services that rules name as the tenant's own.
	services   []string
	thresholds Thresholds
}

// rule is one rule with all that judging looks up.
type rule struct {
	soar.Rule
	path            string
	senders         map[string]bool
	envelopes       map[string]bool
	recipients      map[string]bool
	urlHosts        map[string]bool
	attachmentTypes map[string]bool
	clientFamilies  map[string]bool
	prefixes        []netip.Prefix
	program         cel.Program
	// trial says that the rule is tried before those in force.
	trial bool
}

// Compile checks and compiles rules against the tenant's settings. A rule that
// is wrong does not take the others down: the set holds every good rule, and the
// error joins what is wrong with the rest, each with file, line, rule and field.
// Inactive rules are checked as far as they go and left out of the set.
func Compile(rules []soar.Rule, tenant soar.Tenant) (*Set, error) {
	c, err := newCompiler()
	if err != nil {
		return nil, err
	}
	var errs []error
	set := newSet()
	for i := range rules {
		r, err := c.rule(rules[i], tenant)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if rules[i].Inactive == "" {
			set.add(r)
		}
	}
	set.sort()
	return set, errors.Join(errs...)
}

func newSet() *Set {
	return &Set{bySender: make(map[string][]*rule), byLocal: make(map[string][]*rule), thresholds: Thresholds{}.orShipped()}
}

func (s *Set) add(r *rule) {
	s.rules = append(s.rules, r)
	for sender := range r.senders {
		s.bySender[sender] = append(s.bySender[sender], r)
		local := localPart(sender)
		s.byLocal[local] = append(s.byLocal[local], r)
	}
}

// sort makes judging independent of the order in which files were read, and
// gathers what judging needs of all rules.
func (s *Set) sort() {
	before := func(rs []*rule) func(i, j int) bool {
		return func(i, j int) bool {
			a, b := rs[i], rs[j]
			if a.trial != b.trial {
				return a.trial
			}
			if a.ID != b.ID {
				return a.ID < b.ID
			}
			if a.path != b.path {
				return a.path < b.path
			}
			return strings.Join(a.Senders, " ") < strings.Join(b.Senders, " ")
		}
	}
	sort.SliceStable(s.rules, before(s.rules))
	seen := make(map[string]bool)
	for _, r := range s.rules {
		if !seen[r.When] {
			seen[r.When] = true
			s.shapes = append(s.shapes, r)
		}
		if r.Path.Kind == soar.PathSaaS && !slices.Contains(s.services, r.Path.Name) {
			s.services = append(s.services, r.Path.Name)
		}
	}
	for _, index := range []map[string][]*rule{s.bySender, s.byLocal} {
		for _, rs := range index {
			sort.SliceStable(rs, before(rs))
		}
	}
}

// Len counts the active rules, one for each sender block of a tool.
func (s *Set) Len() int { return len(s.rules) }

// WithThresholds is the same rules under stricter thresholds.
func (s *Set) WithThresholds(t Thresholds) *Set {
	next := *s
	next.thresholds = t.orShipped()
	return &next
}

func (c *compiler) rule(in soar.Rule, tenant soar.Tenant) (*rule, error) {
	out := &rule{Rule: in, path: in.Path.String()}
	errs := checkRule(in)
	if in.Inactive == "" {
		errs = append(errs, checkTrust(in, tenant)...)
		prefixes, err := connectorPrefixes(in.Path, tenant)
		if err != nil {
			errs = append(errs, err)
		}
		out.prefixes = prefixes
	}
	program, err := c.compile(in.When)
	if err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return nil, atRule(in, errs)
	}
	out.program = program
	out.senders = setOf(in.Senders, soar.NormalAddress)
	out.envelopes = setOf(in.Envelopes, soar.NormalAddress)
	out.recipients = setOf(in.Recipients, soar.NormalAddress)
	out.urlHosts = setOf(in.URLHosts, foldHost)
	out.attachmentTypes = setOf(in.AttachmentTypes, foldType)
	out.clientFamilies = setOf(in.ClientHosts, soar.ClientFamily)
	return out, nil
}

// atRule gives each error its place: the line of the key it begins with, else of the rule.
func atRule(r soar.Rule, errs []error) error {
	var where []error
	for _, err := range errs {
		parts := []error{err}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			parts = joined.Unwrap()
		}
		for _, part := range parts {
			where = append(where, fmt.Errorf("%s:%d: rule %q: %w", r.File, lineOf(r, part), r.ID, part))
		}
	}
	return errors.Join(where...)
}

func lineOf(r soar.Rule, err error) int {
	key := err.Error()
	if end := strings.IndexAny(key, " :,["); end > 0 {
		key = key[:end]
	}
	if line := r.Lines[key]; line > 0 {
		return line
	}
	return r.Line
}

func setOf(values []string, fold func(string) string) map[string]bool {
	out := make(map[string]bool, len(values))
	for _, v := range values {
		out[fold(v)] = true
	}
	return out
}

func foldHost(h string) string {
	return strings.TrimSuffix(soar.FoldASCII(strings.TrimSpace(h)), ".")
}

func foldType(t string) string {
	return strings.TrimPrefix(soar.FoldASCII(strings.TrimSpace(t)), ".")
}

func localPart(address string) string {
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		return address[:at]
	}
	return address
}
