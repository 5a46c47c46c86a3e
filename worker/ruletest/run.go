package ruletest

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"harrier/activities/suppressions"
	"harrier/workflows/soar"
)

// Result is how one test went.
type Result struct {
	Test Test
	Got  soar.Judgement
	// Wrong says what is not as expected; empty when the test passes.
	Wrong []string
}

// Run judges every test's mail by the rules of the suite.
func (s Suite) Run() ([]Result, error) {
	set, err := suppressions.Compile(s.Rules, s.Tenant)
	if err != nil {
		return nil, fmt.Errorf("run rule tests: %w", err)
	}
	if len(s.Tests) == 0 {
		return nil, errors.New("run rule tests: there are none; write them beside the rules, in <scenario>.test.yaml")
	}
	out := make([]Result, 0, len(s.Tests))
	for _, t := range s.Tests {
		got := suppressions.Judge(set, s.Tenant, []soar.Finding{t.finding(s.Tenant)}, t.Mail.Time.Add(2*time.Hour))[0]
		out = append(out, Result{t, got, t.wrong(got)})
	}
	return out, nil
}

// wrong says where a judgement is not the one that the test expects.
func (t Test) wrong(got soar.Judgement) []string {
	var out []string
	expected := func(ok bool, what string, want, have any) {
		if !ok {
			out = append(out, fmt.Sprintf("%s: expected %v, got %v", what, want, have))
		}
	}
	e, have := t.Expect, got.GuardNames()
	expected(got.Verdict == e.Verdict, "verdict", e.Verdict, got.Verdict)
	expected(got.Rule == e.Rule, "rule", e.Rule, orNone(got.Rule))
	if len(e.Guards) == 0 {
		expected(len(have) == 0, "guards", "none", joined(have))
	}
	for _, g := range e.Guards {
		expected(slices.Contains(have, g), "guards", g, joined(have))
	}
	if e.Failed != "" {
		failed := ""
		if trace, ok := t.trace(got); ok && trace.Outcome == soar.TraceFailed {
			failed, _, _ = strings.Cut(trace.Condition, ":")
		}
		expected(failed == e.Failed, "failed condition", e.Failed, orNone(failed))
	}
	return out
}

func (t Test) trace(got soar.Judgement) (soar.RuleTrace, bool) {
	for _, line := range got.Trace {
		if line.Rule == t.Expect.Rule {
			return line, true
		}
	}
	return soar.RuleTrace{}, false
}

func joined(guards []soar.Guard) string {
	names := make([]string, len(guards))
	for i, g := range guards {
		names[i] = string(g)
	}
	return orNone(strings.Join(names, ", "))
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// String is one test's line, and where it failed what came instead and why.
func (r Result) String() string {
	t := r.Test
	if len(r.Wrong) == 0 {
		return fmt.Sprintf("ok    %s: %s: %s", t.Rule.ID, t.Kind, t.Name)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "FAIL  %s:%d: %s: %s: %s", t.File, t.Line, t.Rule.ID, t.Kind, t.Name)
	for _, w := range r.Wrong {
		b.WriteString("\n      " + w)
	}
	for _, line := range r.Got.Trace {
		fmt.Fprintf(&b, "\n      trace: rule %s, %d conditions passed, %s", line.Rule, line.Passed, line.Outcome)
		if line.Condition != "" {
			b.WriteString(": " + line.Condition)
		}
	}
	for _, g := range r.Got.Guards {
		fmt.Fprintf(&b, "\n      guard: %s: %s", g.Guard, g.Detail)
	}
	b.WriteString("\n      reason: " + r.Got.Reason)
	return b.String()
}

// Print writes the tests that failed, all of them where verbose, and the counts. It
// returns how many failed.
func Print(w io.Writer, results []Result, verbose bool) (failed int) {
	for _, r := range results {
		if len(r.Wrong) > 0 {
			failed++
		}
		if verbose || len(r.Wrong) > 0 {
			fmt.Fprintln(w, r)
		}
	}
	fmt.Fprintf(w, "%d tests, %d failed\n", len(results), failed)
	return failed
}

// Missing names what a suite has no test of: for each of its rules a hit, a near miss
// and every forgery.
func (s Suite) Missing() []string {
	var out []string
	seen := map[string]bool{}
	for _, t := range s.Tests {
		seen[t.Rule.ID+"\x00"+string(t.Kind)] = true
	}
	for _, r := range s.Rules {
		for _, k := range Kinds() {
			key := r.ID + "\x00" + string(k)
			if !seen[key] {
				seen[key] = true
				out = append(out, fmt.Sprintf("%s:%d: rule %s has no test of kind %q", r.File, r.Line, r.ID, k))
			}
		}
	}
	return out
}
