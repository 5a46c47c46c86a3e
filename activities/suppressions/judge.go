package suppressions

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"harrier/workflows/soar"
)

// Judge judges findings in order. It reads nothing but its arguments and changes
// none of them. Without a set no rule applies, and the guards are still looked at.
func Judge(set *Set, tenant soar.Tenant, findings []soar.Finding, now time.Time) []soar.Judgement {
	if set == nil {
		set = &Set{thresholds: Thresholds{}.orShipped()}
	}
	protected := set.protected(tenant)
	out := make([]soar.Judgement, len(findings))
	for i := range findings {
		in := &inspection{
			finding: &findings[i], tenant: tenant, protected: protected, services: set.services, thresholds: set.thresholds, now: now,
			fits: set.fits(&findings[i], now),
		}
		out[i] = judge(in)
	}
	return out
}

// protected are the domains whose look-alikes hold: the accepted ones, and those
// at services that rules name as the tenant's own, which are no look-alikes.
func (s *Set) protected(tenant soar.Tenant) []string {
	return slices.Concat(tenant.AcceptedDomains, s.services)
}

// fits lays the rules that could concern a finding over it: those that know its
// From, or else those that know its local part or its shape.
func (s *Set) fits(f *soar.Finding, now time.Time) []fit {
	var near []*rule
	for _, from := range fromsOf(f) {
		near = appendNew(near, s.bySender[from])
	}
	if len(near) == 0 {
		for _, from := range fromsOf(f) {
			near = appendNew(near, s.byLocal[localPart(from)])
		}
		near = appendNew(near, s.ofShape(f))
	}
	out := make([]fit, 0, len(near))
	for _, r := range near {
		out = append(out, try(r, f, now))
	}
	return out
}

// ofShape are the first rules whose expression holds for a message. The same
// expression is evaluated once.
func (s *Set) ofShape(f *soar.Finding) []*rule {
	var out []*rule
	for _, r := range s.shapes {
		if len(out) < maxTrace && hasShape(r, f) {
			out = append(out, r)
		}
	}
	return out
}

func fromsOf(f *soar.Finding) []string {
	var out []string
	for _, m := range f.Evidence.Messages {
		if a := soar.NormalAddress(m.P2); a != "" && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

func appendNew(out, more []*rule) []*rule {
	for _, r := range more {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

func judge(in *inspection) soar.Judgement {
	hits := lookAll(in)
	j := soar.Judgement{Verdict: soar.VerdictTriage, Guards: hits, Path: pathLabel(in.finding)}
	j.Trace = trace(in.fits, hits)
	if r := hiding(in.fits, hits); r != nil {
		j.Verdict, j.Rule = soar.VerdictSuppressed, r.ID
		j.Reason = fmt.Sprintf("rule %s: %s", r.ID, r.Reason)
		return j
	}
	near := nearestFit(in.fits)
	if near != nil {
		j.Rule = near.rule.ID
	}
	j.Reason = reason(in, near, hits)
	j.Headline = headline(in, near, j)
	j.Facts = facts(in, near, hits)
	j.Severity = soar.SeverityOf(*in.finding, j)
	j.Rememberable, j.Unrememberable = soar.MayRemember(*in.finding, j)
	return j
}

// hiding is the rule that hides a finding: in force, every condition holds, and
// no guard does.
func hiding(fits []fit, hits []soar.GuardHit) *rule {
	if len(hits) > 0 {
		return nil
	}
	for _, f := range fits {
		if f.fits() && f.rule.Mode == soar.RuleEnforce {
			return f.rule
		}
	}
	return nil
}

// nearestFit is the rule that fits, else the one with most conditions passed;
// among equals the mail's shape tells, then the tool's name.
func nearestFit(fits []fit) *fit {
	var best *fit
	for i := range fits {
		if f := &fits[i]; best == nil || nearer(f, best) {
			best = f
		}
	}
	return best
}

func nearer(a, b *fit) bool {
	if a.fits() != b.fits() {
		return a.fits()
	}
	if a.passed != b.passed {
		return a.passed > b.passed
	}
	if a.shape != b.shape {
		return a.shape
	}
	return a.named && !b.named
}

// maxTrace bounds the rules that a judgement names.
const maxTrace = 10

func trace(fits []fit, hits []soar.GuardHit) []soar.RuleTrace {
	out := make([]soar.RuleTrace, 0, len(fits))
	for _, f := range fits {
		out = append(out, traceOf(f, hits))
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Passed > out[j].Passed })
	return out[:min(len(out), maxTrace)]
}

func traceOf(f fit, hits []soar.GuardHit) soar.RuleTrace {
	t := soar.RuleTrace{Rule: f.rule.ID, Passed: f.passed}
	switch {
	case !f.fits():
		t.Outcome, t.Condition = soar.TraceFailed, f.failed+": "+f.why
	case len(hits) > 0:
		t.Outcome, t.Condition = soar.TraceHeld, guardList(hits)
	case f.rule.Mode == soar.RuleShadow:
		t.Outcome = soar.TraceShadow
	default:
		t.Outcome = soar.TraceMatched
	}
	return t
}

func guardList(hits []soar.GuardHit) string {
	names := make([]string, len(hits))
	for i, h := range hits {
		names[i] = string(h.Guard)
	}
	return strings.Join(names, ", ")
}

// pathLabel is the path of all messages, "mixed" when they differ.
func pathLabel(f *soar.Finding) string {
	paths := pathsOf(f.Evidence.Messages)
	switch {
	case len(paths) == 1:
		return paths[0]
	case len(paths) > 1:
		return soar.PathMixed
	case f.Candidate.Scope == soar.ScopeOrphan:
		return string(soar.PathOrphan)
	}
	return ""
}
