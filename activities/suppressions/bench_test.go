package suppressions_test

import (
	"fmt"
	"testing"
	"time"

	"cel.dev/cel-go/cel"

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

// BenchmarkRatioToBareCEL reports how many times the evaluation of its expression
// one whole judgement takes.
func BenchmarkRatioToBareCEL(b *testing.B) {
	env, err := cel.NewEnv(cel.Variable("mail.subject", cel.StringType))
	if err != nil {
		b.Fatal(err)
	}
	ast, issues := env.Compile(`mail.subject.matches(r'^\[(Success|Warning|Failed)\] .{1,120} \([0-9]{1,4} objects?\)(,? [0-9]{1,4} issues?)?$')`)
	if issues.Err() != nil {
		b.Fatal(issues.Err())
	}
	program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		b.Fatal(err)
	}
	f := toolOf(b, "backup-veeam").finding()
	vars := map[string]any{"mail.subject": f.Evidence.Messages[0].Subject}
	const rounds = 2000
	start := time.Now()
	for range rounds {
		if _, _, err := program.Eval(vars); err != nil {
			b.Fatal(err)
		}
	}
	bare := float64(time.Since(start).Nanoseconds()) / rounds
	set, settings, findings := thousand(b), tenant(), []soar.Finding{f}
	b.ResetTimer()
	for b.Loop() {
		suppressions.Judge(set, settings, findings, now)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/bare, "x-CEL")
}
