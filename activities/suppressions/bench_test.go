package suppressions_test

import (
	"fmt"
	"testing"
	"time"

	"harrier/activities/suppressions"
	"harrier/workflows/soar"
)

// thousand are rules of different senders and expressions.
func thousand(b *testing.B) *suppressions.Set {
	rules := make([]soar.Rule, 1000)
	for i := range rules {
		r := plain()
		r.ID, r.Senders = fmt.Sprintf("backup-%04d", i), []string{fmt.Sprintf("job%04d@contoso.com", i)}
		r.When = fmt.Sprintf(`mail.subject.matches(r'^\[(Success|Failed)\] job%04d .{1,80}$')`, i)
		rules[i] = r
	}
	rules[500].Senders = []string{"backup@contoso.com"}
	rules[500].When = `mail.subject.matches(r'^\[(Success|Warning|Failed)\] .{1,120} \([0-9]{1,4} objects?\)(,? [0-9]{1,4} issues?)?$')`
	return compiled(b, rules...)
}

func BenchmarkJudgeAgainstAThousandRules(b *testing.B) {
	set := thousand(b)
	genuine := toolOf(b, "backup-veeam").finding()
	stranger := change(genuine, func(m *soar.Message) { m.P1, m.P2, m.Subject = "x@contoso.com", "x@contoso.com", "hello" })
	for name, f := range map[string]soar.Finding{"sender known": genuine, "sender unknown": stranger} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			findings := []soar.Finding{f}
			for b.Loop() {
				suppressions.Judge(set, tenant(), findings, now)
			}
		})
	}
}

// many are findings of one mail each. One in ten is of a sender that a rule knows, the
// others are strangers', for which every expression is tried: no cheaper mix is likely.
func many(n int) []soar.Finding {
	genuine := tools[0].finding()
	out := make([]soar.Finding, n)
	for i := range out {
		out[i] = change(genuine, func(m *soar.Message) {
			m.Subject = fmt.Sprintf("[Success] job%04d done", i%1000)
			if i%10 != 0 {
				m.Subject = fmt.Sprintf("Your parcel %d is on its way", i)
			}
			m.P2 = fmt.Sprintf("stranger%d@contoso.com", i)
			if i%10 == 0 {
				m.P2 = fmt.Sprintf("job%04d@contoso.com", i%1000)
			}
			m.P1 = m.P2
		})
	}
	return out
}

// Sizes of the ratio's benchmark, and how many findings are judged in one go, so that
// whatever else the machine does weighs on both sides alike.
const (
	benchFindings = 10_000
	benchChunk    = 100
)

// BenchmarkRatioToBareCEL judges 10,000 findings against 1,000 rules and evaluates the
// same programs over the same mails without anything else, in turns. x-CEL is judging
// by evaluating: it stays within 1.5.
func BenchmarkRatioToBareCEL(b *testing.B) {
	set, settings, findings := thousand(b), tenant(), many(benchFindings)
	programs := set.Programs()
	values := make([]map[string]any, len(findings))
	for i := range findings {
		values[i] = suppressions.Values(&findings[i].Evidence.Messages[0])
	}
	var bare, judging time.Duration
	for b.Loop() {
		for from := 0; from < len(findings); from += benchChunk {
			start := time.Now()
			for _, vars := range values[from : from+benchChunk] {
				for _, p := range programs {
					if _, _, err := p.Eval(vars); err != nil {
						b.Fatal(err)
					}
				}
			}
			between := time.Now()
			suppressions.Judge(set, settings, findings[from:from+benchChunk], now)
			bare, judging = bare+between.Sub(start), judging+time.Since(between)
		}
	}
	b.ReportMetric(float64(judging)/float64(bare), "x-CEL")
	b.ReportMetric(float64(judging.Microseconds())/float64(b.N*len(findings)), "us/finding")
}

// allocated is what judging one finding against n rules of other senders allocates.
func allocated(t *testing.T, n int) (allocs float64) {
	t.Helper()
	rules := make([]soar.Rule, n)
	for i := range rules {
		rules[i] = plain()
		rules[i].ID, rules[i].Senders = fmt.Sprintf("backup-%04d", i), []string{fmt.Sprintf("job%04d@contoso.com", i)}
		rules[i].When = fmt.Sprintf(`mail.subject.startsWith("job%04d")`, i)
	}
	rules[0] = plain()
	set, settings, findings := compiled(t, rules...), tenant(), []soar.Finding{toolOf(t, "backup-veeam").finding()}
	return testing.AllocsPerRun(50, func() { suppressions.Judge(set, settings, findings, now) })
}

func TestJudgingCopiesNoRules(t *testing.T) {
	few, lots := allocated(t, 1), allocated(t, 1000)
	if lots > few+1 {
		t.Errorf("%.0f allocations against one rule, %.0f against a thousand", few, lots)
	}
}
