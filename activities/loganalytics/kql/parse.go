package kql

import (
	"fmt"
	"strings"
)

// maxDepth bounds nesting so that no query can exhaust the stack.
const maxDepth = 200

type parser struct {
	src   string
	toks  []token
	i     int
	depth int
}

func parseQuery(src string) *queryNode {
	p := &parser{src: src, toks: lex(src)}
	q := p.queryUntil("")
	if p.peek().kind != tkEOF {
		p.unexpected()
	}
	return q
}

func (p *parser) fail(pos int, code, format string, a ...any) {
	panic(bailout{newError(p.src, pos, code, fmt.Sprintf(format, a...))})
}

// unexpected reports the current token in the service's words.
func (p *parser) unexpected() {
	t := p.peek()
	e := newError(p.src, t.pos, CodeSyntax, "")
	what := t.text
	if t.kind == tkEOF {
		what = "end of query"
	}
	e.Message = fmt.Sprintf("Query could not be parsed at '%s' on line [%d,%d]", what, e.Line, e.Column)
	e.Token = t.text
	panic(bailout{e})
}

func (p *parser) peek() token { return p.toks[p.i] }

func (p *parser) peekAt(n int) token {
	return p.toks[min(p.i+n, len(p.toks)-1)]
}

func (p *parser) next() token {
	t := p.toks[p.i]
	if t.kind != tkEOF {
		p.i++
	}
	return t
}

func (t token) is(text string) bool {
	return (t.kind == tkPunct || t.kind == tkIdent) && t.text == text
}

func (p *parser) accept(text string) bool {
	if !p.peek().is(text) {
		return false
	}
	p.i++
	return true
}

func (p *parser) expect(text string) token {
	if !p.peek().is(text) {
		p.unexpected()
	}
	return p.next()
}

func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.peek().pos, CodeSyntax, "query is nested more than %d levels deep", maxDepth)
	}
}

func (p *parser) leave() { p.depth-- }

// name reads an identifier or a bracketed name such as ['my column'].
func (p *parser) name() string {
	if t := p.peek(); t.kind == tkIdent && !strings.HasPrefix(t.text, "!") && !strings.HasSuffix(t.text, "~") {
		return p.next().text
	}
	if s, ok := p.bracketed(); ok {
		return s
	}
	p.unexpected()
	return ""
}

func (p *parser) bracketed() (string, bool) {
	if p.peek().is("[") && p.peekAt(1).typ == TypeString && p.peekAt(1).kind == tkLiteral && p.peekAt(2).is("]") {
		s := p.peekAt(1).val.(string)
		p.i += 3
		return s, true
	}
	return "", false
}

func (p *parser) queryUntil(end string) *queryNode {
	p.enter()
	defer p.leave()
	q := &queryNode{}
	for {
		for p.accept(";") {
		}
		if t := p.peek(); t.kind == tkEOF || end != "" && t.is(end) {
			if q.body == nil {
				p.fail(t.pos, CodeSyntax, "query has no tabular expression")
			}
			return q
		}
		if q.body != nil {
			p.unexpected()
		}
		p.statement(q)
		if t := p.peek(); !t.is(";") && t.kind != tkEOF && !(end != "" && t.is(end)) {
			p.unexpected()
		}
	}
}

func (p *parser) statement(q *queryNode) {
	switch t := p.peek(); {
	case t.is("let"):
		q.lets = append(q.lets, p.let())
	case t.is("set"):
		p.set()
	case t.is("declare") || t.is("alias") || t.is("restrict"):
		p.fail(t.pos, CodeUnsupported, "statement '%s' is not supported", t.text)
	default:
		q.body = p.pipe()
	}
}

func (p *parser) let() stmtNode {
	p.next()
	s := stmtNode{pos: p.peek().pos, name: p.name()}
	p.expect("=")
	if t := p.peek(); t.is("view") && p.peekAt(1).is("(") {
		p.next()
	}
	if p.isFunction() {
		s.fn = p.function()
		return s
	}
	s.x = p.pipe()
	return s
}

// isFunction looks past a balanced parameter list for the body's brace.
func (p *parser) isFunction() bool {
	if !p.peek().is("(") {
		return false
	}
	depth := 0
	for i := p.i; i < len(p.toks); i++ {
		switch t := p.toks[i]; {
		case t.is("("):
			depth++
		case t.is(")"):
			if depth--; depth == 0 {
				return p.toks[min(i+1, len(p.toks)-1)].is("{")
			}
		}
	}
	return false
}

// knownSettings are request properties that do not change what a query returns here.
// https://learn.microsoft.com/kusto/api/rest/request-properties
func knownSettings() []string {
	return []string{"notruncation", "truncationmaxrecords", "truncationmaxsize", "servertimeout", "query_language",
		"querytrace", "maxmemoryconsumptionperiterator", "query_results_cache_max_age", "query_datascope",
		"query_now", "norequesttimeout", "best_effort", "deferpartialqueryfailures"}
}

func (p *parser) set() {
	p.next()
	at := p.peek().pos
	name := p.name()
	known := false
	for _, k := range knownSettings() {
		known = known || strings.EqualFold(k, name)
	}
	if !known {
		p.fail(at, CodeUnsupported, "set option '%s' is not supported", name)
	}
	if p.accept("=") {
		p.next()
	}
}

func (p *parser) function() *funcNode {
	f := &funcNode{base: base{p.peek().pos}}
	p.expect("(")
	for !p.peek().is(")") {
		if len(f.params) > 0 {
			p.expect(",")
		}
		f.params = append(f.params, p.param())
	}
	p.expect(")")
	p.expect("{")
	f.body = p.queryUntil("}")
	p.expect("}")
	return f
}

func (p *parser) param() paramNode {
	pr := paramNode{pos: p.peek().pos, name: p.name()}
	p.expect(":")
	if p.peek().is("(") {
		pr.tabular = true
		p.next()
		if !p.accept("*") {
			pr.cols = p.columns(")")
		}
		p.expect(")")
		return pr
	}
	pr.typ = p.typeName()
	if p.accept("=") {
		pr.def = p.expr()
	}
	return pr
}

func (p *parser) typeName() Type {
	t := p.next()
	if t.text == string(TypeString) {
		return TypeString
	}
	typ, ok := literalType(t.text)
	if t.kind != tkIdent || !ok {
		p.fail(t.pos, CodeSyntax, "'%s' is not a type", t.text)
	}
	return typ
}

func (p *parser) columns(end string) []Column {
	var cols []Column
	for !p.peek().is(end) {
		if len(cols) > 0 {
			p.expect(",")
		}
		c := Column{Name: p.name()}
		p.expect(":")
		c.Type = p.typeName()
		cols = append(cols, c)
	}
	return cols
}

// pipe reads an expression and the operators piped after it.
func (p *parser) pipe() node {
	p.enter()
	defer p.leave()
	src := p.source()
	if !p.peek().is("|") {
		return src
	}
	n := &pipeNode{base: base{src.at()}, src: src}
	for p.accept("|") {
		n.ops = append(n.ops, p.operator())
	}
	return n
}

// source reads what a pipe may start with.
func (p *parser) source() node {
	t := p.peek()
	after := p.peekAt(1)
	switch {
	case t.is("print"):
		p.next()
		return &printNode{base{t.pos}, p.list(p.namedExpr)}
	case t.is("range") && after.kind == tkIdent:
		return p.rangeSource()
	case t.is("datatable") && after.is("("):
		return p.datatable()
	case t.is("union"):
		p.next()
		op := p.union(opBase{base{t.pos}, "union"})
		op.leading = true
		return &pipeNode{base: base{t.pos}, ops: []opNode{op}}
	case (t.is("search") || t.is("find") || t.is("externaldata") || t.is("evaluate")) && !after.is("|") && after.kind != tkEOF:
		p.fail(t.pos, CodeUnsupported, "operator '%s' is not supported", t.text)
	}
	return p.expr()
}

func (p *parser) rangeSource() node {
	r := &rangeNode{base: base{p.next().pos}, name: p.name()}
	p.expect("from")
	r.from = p.expr()
	p.expect("to")
	r.to = p.expr()
	p.expect("step")
	r.step = p.expr()
	return r
}

func (p *parser) datatable() node {
	d := &datatableNode{base: base{p.next().pos}}
	p.expect("(")
	d.cols = p.columns(")")
	p.expect(")")
	p.expect("[")
	for !p.peek().is("]") {
		if len(d.vals) > 0 {
			p.expect(",")
			if p.peek().is("]") {
				break
			}
		}
		d.vals = append(d.vals, p.expr())
	}
	p.expect("]")
	if len(d.cols) == 0 || len(d.vals)%len(d.cols) != 0 {
		p.fail(d.pos, CodeSyntax, "datatable has %d values for %d columns", len(d.vals), len(d.cols))
	}
	return d
}

func (p *parser) list(item func() node) []node {
	out := []node{item()}
	for p.accept(",") {
		out = append(out, item())
	}
	return out
}
