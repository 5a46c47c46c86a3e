package suppressions

import (
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"

	"harrier/workflows/soar"
)

// costLimit bounds the evaluation of one expression over one message, in CEL's
// cost units. A shipped rule costs under 200; an expression that runs into the
// limit does not hold.
const costLimit = 20_000

// maxWhen bounds the text of one expression, in characters.
const maxWhen = 4_000

// compiler compiles expressions over the view of one message.
type compiler struct {
	env      *cel.Env
	programs map[string]cel.Program
}

func newCompiler() (*compiler, error) {
	opts := []cel.EnvOption{
		cel.ParserExpressionSizeLimit(maxWhen),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateComprehensionNestingLimit(1)),
	}
	for name, f := range fields {
		opts = append(opts, cel.VariableWithDoc(name, f.kind, f.doc))
	}
	env, err := cel.NewEnv(opts...)
	if err != nil {
		return nil, fmt.Errorf("prepare rule expressions: %w", err)
	}
	return &compiler{env, make(map[string]cel.Program)}, nil
}

// compile returns the program of an expression. The same text is compiled once.
func (c *compiler) compile(when string) (cel.Program, error) {
	if p, ok := c.programs[when]; ok {
		return p, nil
	}
	if strings.TrimSpace(when) == "" {
		return nil, errors.New(`when is missing; write a bool expression over mail.*, such as mail.subject.matches("^Report: ")`)
	}
	parsed, issues := c.env.Parse(when)
	if err := issues.Err(); err != nil {
		return nil, celErrors(issues)
	}
	reads, err := checkNames(parsed)
	if err != nil {
		return nil, err
	}
	checked, issues := c.env.Check(parsed)
	switch {
	case issues.Err() != nil:
		return nil, celErrors(issues)
	case !reads:
		return nil, errors.New("when reads nothing of the mail, so it would fit every mail; expected a condition on mail.*")
	}
	if !checked.OutputType().IsExactType(cel.BoolType) {
		return nil, fmt.Errorf("when gives %s, expected bool; compare the value, such as mail.url_count == 0", checked.OutputType())
	}
	p, err := c.env.Program(checked, cel.CostLimit(costLimit), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fmt.Errorf("when: %w", err)
	}
	c.programs[when] = p
	return p, nil
}

func celErrors(issues *cel.Issues) error {
	var errs []error
	for _, e := range issues.Errors() {
		errs = append(errs, fmt.Errorf("when, line %d column %d: %s%s", e.Location.Line(), e.Location.Column()+1, e.Message, fieldHint(e.Message)))
	}
	return errors.Join(errs...)
}

// undeclared is the type checker's word for a name that is not one of the view's.
var undeclared = regexp.MustCompile(`^undeclared reference to '([A-Za-z_][A-Za-z0-9_.]*)'`)

// fieldHint names the field that was probably meant: the right name under another
// root, or without one.
func fieldHint(message string) string {
	m := undeclared.FindStringSubmatch(message)
	if m == nil || strings.Contains(message, "did you mean") {
		return ""
	}
	return fmt.Sprintf("; did you mean %s? A condition reads %s* alone", nearest(fieldRoot+lastName(m[1]), fieldNames()), fieldRoot)
}

func lastName(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// fieldRoot begins the name of every field.
const fieldRoot = "mail."

// checkNames finds names of the view that do not exist before the type checker
// does, to say which one was probably meant. It also says whether the expression
// reads anything of the mail: one that does not would fit everything.
func checkNames(parsed *cel.Ast) (reads bool, err error) {
	rep := parsed.NativeRep()
	var errs []error
	celast.PreOrderVisit(rep.Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		path := selectPath(e)
		switch {
		case !strings.HasPrefix(path, fieldRoot):
			return
		case fields[path].read != nil:
			reads = true
		case !isPrefixOfField(path) && !extendsField(path):
			at := rep.SourceInfo().GetStartLocation(e.ID())
			errs = append(errs, fmt.Errorf("when, line %d column %d: %s does not exist; did you mean %s?",
				at.Line(), at.Column()+1, path, nearest(path, fieldNames())))
		}
	}))
	return reads, errors.Join(errs...)
}

// selectPath writes a chain of selections as a dotted name; empty for anything else.
func selectPath(e celast.Expr) string {
	switch e.Kind() {
	case celast.IdentKind:
		return e.AsIdent()
	case celast.SelectKind:
		if base := selectPath(e.AsSelect().Operand()); base != "" {
			return base + "." + e.AsSelect().FieldName()
		}
	}
	return ""
}

func isPrefixOfField(path string) bool {
	for name := range fields {
		if strings.HasPrefix(name, path+".") {
			return true
		}
	}
	return false
}

func extendsField(path string) bool {
	for name := range fields {
		if strings.HasPrefix(path, name+".") {
			return true
		}
	}
	return false
}

func fieldNames() []string {
	out := make([]string, 0, len(fields))
	for name := range fields {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// nearest is the known name with the fewest edits to the one that was written.
func nearest(got string, known []string) string {
	best, least := "", 1<<30
	for _, k := range known {
		if d := soar.EditDistance(soar.FoldASCII(got), soar.FoldASCII(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

// holds evaluates an expression over one message. An error is a condition that
// does not hold.
func holds(p cel.Program, m *soar.Message) (bool, error) {
	out, _, err := p.Eval(view{m})
	if err != nil {
		return false, err
	}
	b, ok := out.Value().(bool)
	return ok && b, nil
}
