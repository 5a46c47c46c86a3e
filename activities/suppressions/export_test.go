package suppressions

import (
	"cel.dev/cel-go/cel"

	"harrier/workflows/soar"
)

// Programs are the compiled expressions of a set, one a rule, for benchmarks that
// evaluate them without judging.
func (s *Set) Programs() []cel.Program {
	out := make([]cel.Program, len(s.rules))
	for i, r := range s.rules {
		out[i] = r.program
	}
	return out
}

// Values are what expressions can read of a message, read beforehand.
func Values(m *soar.Message) map[string]any {
	out := make(map[string]any, len(fields))
	for name, f := range fields {
		out[name] = f.read(m)
	}
	return out
}
